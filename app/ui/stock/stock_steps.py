"""The buttons of the stock document's page: which step a document in which state can take, and who may take it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QMenu, QPushButton, QShortcut, QWidget

from app.contract.stock import StockDocument, StockDocumentKind
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.stock.stock_words import KINDS, kind_name

ADD, EDIT, FINISH, CANCEL = (f"inventory:document:{verb}" for verb in ("add", "edit", "finish", "cancel"))
"""The rights of stock documents."""
PRINT = "reports:document:print"


@dataclass(frozen=True)
class Step:
    """A step of the toolbar: in which states, of which kinds, who may take it (empty: who may type), its key."""

    name: str
    states: frozenset[str]
    permission: str
    keys: str = ""
    kinds: frozenset[StockDocumentKind] = frozenset(KINDS)


_NEW, _DRAFT, _DONE = frozenset({"new"}), frozenset({"draft"}), frozenset({"done"})
STEPS = (
    Step("save", _NEW | _DRAFT, "", "F8"),
    Step("finish", _NEW | _DRAFT, FINISH, "F9"),
    Step("fill", _NEW | _DRAFT, "", kinds=frozenset({"count"})),
    Step("cancel", _DONE, CANCEL),
    Step("delete", _DRAFT, EDIT),
    Step("print", frozenset({"draft", "done", "cancelled"}), PRINT, "Ctrl+P"),
)


class StockSteps(QWidget):
    """The toolbar. Steps that are not open now are hidden; the keys do what the buttons do."""

    def __init__(
        self,
        acts: Mapping[str, Callable[[], None]],
        make: Callable[[StockDocumentKind], None],
        may: Callable[[str], bool],
        page: QWidget,
    ) -> None:
        super().__init__(page)
        self._may = may
        self.add = QPushButton(self)
        self.add.setProperty("opensMenu", True)
        self.menu = QMenu(self.add)
        self._kinds = {kind: self.menu.addAction("") for kind in KINDS}
        for kind, action in self._kinds.items():
            if action is not None:
                action.triggered.connect(lambda _checked, kind=kind: make(kind))
        self.add.setMenu(self.menu)
        self.add.setVisible(may(ADD))
        self.buttons = {step.name: QPushButton(self) for step in STEPS}
        self.buttons["finish"].setProperty("primary", True)
        self.buttons["print"].setIcon(icon("print"))
        row = FlowLayout(self)
        row.addWidget(self.add)
        for step in STEPS:
            button = self.buttons[step.name]
            row.addWidget(button)
            button.clicked.connect(lambda _checked, act=acts[step.name]: act())
            if step.keys:
                shortcut = QShortcut(QKeySequence(step.keys), page)
                shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                shortcut.activated.connect(lambda name=step.name: self._by_key(name))
        self._open: frozenset[str] = frozenset()
        self._acts = acts
        self.retranslate()

    def _by_key(self, name: str) -> None:
        if name in self._open:
            self._acts[name]()

    def show_for(self, kind: StockDocumentKind, stored: StockDocument | None, *, busy: bool) -> None:
        """Show the steps a document can take now. A counter-document is not taken back in turn."""
        state = stored.state if stored is not None else "new"
        typing = EDIT if stored is not None else ADD
        fitting = [step for step in STEPS if state in step.states and kind in step.kinds]
        shown = {step.name for step in fitting if self._may(step.permission or typing)}
        if stored is not None and stored.counter_of is not None:
            shown.discard("cancel")
        for name, button in self.buttons.items():
            button.setVisible(name in shown)
            button.setEnabled(not busy)
        self._open = frozenset() if busy else frozenset(shown)

    def retranslate(self) -> None:
        """Set the buttons' words and hints."""
        self.add.setText(tr("新增"))
        for kind, action in self._kinds.items():
            if action is not None:
                action.setText(kind_name(kind))
        texts = {
            "save": (tr("保存草稿"), tr("保存草稿，不动库存（F8）")),
            "finish": (tr("完成"), tr("库存按它变动，凭证随之生成（F9）")),
            "fill": (tr("填入全部库存"), tr("把仓库里有库存的商品全部列出，实盘数量先等于账面数量")),
            "cancel": (tr("冲销…"), tr("用一张相反的单据取消这张单据")),
            "delete": (tr("删除"), tr("删除这张草稿")),
            "print": (tr("打印…"), tr("打印这张单据，或存成 PDF（Ctrl+P）")),
        }
        for name, (text, hint) in texts.items():
            self.buttons[name].setText(text)
            self.buttons[name].setToolTip(hint)
