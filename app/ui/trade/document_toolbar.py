"""The buttons of a document's page; which of them show depends on its kind and state and on the user's rights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QAction, QMenu, QPushButton, QShortcut, QToolButton, QWidget

from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.trade.document_sheet import DocumentSheet
from app.ui.trade.words import FOLLOWERS, INVOICES, ORDERS, OWED, finish_both_name, finish_name, kind_name

NEW = "new"
"""The state of a document that is not stored yet."""
ANY_STATE = frozenset({NEW, "draft", "open", "done", "closed", "cancelled"})
DRAFT = frozenset({NEW, "draft"})


@dataclass(frozen=True)
class Step:
    """Something a button does: when it shows, the right it needs on the document's side, and the keys for it."""

    name: str
    icon: str
    verb: str
    states: frozenset[str]
    keys: str = ""
    in_menu: bool = False


STEPS = (
    Step("add", "add", "add", ANY_STATE, "Ctrl+N"),
    Step("save", "save", "", DRAFT, "F8"),
    Step("finish", "check", "finish", DRAFT, "F9"),
    Step("finish_both", "", "finish", DRAFT, "Ctrl+F9"),
    Step("settle", "", "", frozenset({"done"}), "Ctrl+M"),
    Step("cancel", "reverse", "cancel", frozenset({"open", "done"})),
    Step("close", "", "finish", frozenset({"open"})),
    Step("reopen", "", "finish", frozenset({"closed"})),
    Step("print", "print", "view", ANY_STATE - {NEW}, "Ctrl+P"),
    Step("save_new", "", "", DRAFT, "Ctrl+F8", in_menu=True),
    Step("copy", "", "add", ANY_STATE - {NEW}, in_menu=True),
    Step("offset", "", "", frozenset({"done"}), in_menu=True),
    Step("delete", "delete", "edit", frozenset({"draft"}), in_menu=True),
)


class DocumentToolbar(QWidget):
    """A row of buttons, a menu of followers and a menu of the rest."""

    def __init__(
        self,
        steps: dict[str, Callable[[], None]],
        follow: Callable[[str], None],
        may: Callable[[str], bool],
        columns_menu: QMenu,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._may = may
        self._follow = follow
        self._shown: dict[str, bool] = {}
        self._kind = ""
        self.buttons: dict[str, QPushButton | QToolButton | QAction] = {}
        self._row = FlowLayout(self)
        self._menu = QMenu(self)
        self._columns_menu = columns_menu
        self.follow_button = self._tool_button("")
        self.follow_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.follow_menu = QMenu(self.follow_button)
        self.follow_button.setMenu(self.follow_menu)
        for step in STEPS:
            self._add(step, steps[step.name])
            if step.name == "finish_both":
                self._row.addWidget(self.follow_button)
        self._menu.addSeparator()
        self._menu.addMenu(columns_menu)
        self._more = self._tool_button("")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(self._menu)
        self._row.addWidget(self._more)
        for step in STEPS:
            if step.keys:
                self._shortcut(step.keys, partial(self._press, steps, step.name), parent)
        self._shortcut("Ctrl+D", self._open_follow_menu, parent)

    def _add(self, step: Step, act: Callable[[], None]) -> None:
        if step.in_menu:
            action = self._menu.addAction(step.name)
            if action is not None:
                if step.icon:
                    action.setIcon(icon(step.icon))
                action.triggered.connect(lambda _checked: act())
                self.buttons[step.name] = action
            return
        button: QPushButton | QToolButton
        if step.name == "save":
            button = QPushButton(self)
            button.setProperty("primary", True)
        else:
            button = self._tool_button(step.icon)
        button.clicked.connect(lambda _checked: act())
        self.buttons[step.name] = button
        self._row.addWidget(button)

    def _tool_button(self, picture: str) -> QToolButton:
        button = QToolButton(self)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if picture:
            button.setIcon(icon(picture))
        return button

    def _press(self, steps: dict[str, Callable[[], None]], name: str) -> None:
        if self._shown.get(name):
            steps[name]()

    def _open_follow_menu(self) -> None:
        if self.follow_button.isVisible() and self.follow_button.isEnabled():
            self.follow_button.showMenu()

    @staticmethod
    def _shortcut(keys: str, act: Callable[[], None], page: QWidget) -> None:
        shortcut = QShortcut(QKeySequence(keys), page)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(act)

    def is_shown(self, name: str) -> bool:
        """Tell whether a step can be taken now."""
        return self._shown.get(name, False)

    def show_for(self, sheet: DocumentSheet, *, busy: bool) -> None:
        """Show the steps a document of this kind can take in this state."""
        stored = sheet.stored
        state = stored.state if stored is not None else NEW
        self._kind = sheet.kind
        is_counter = stored is not None and stored.counter_of is not None
        for step in STEPS:
            shown = state in step.states and self._allowed(step, sheet)
            if step.name == "finish_both":
                shown = shown and bool(finish_both_name(sheet.kind))
            elif step.name in {"settle", "offset"}:
                right = "orders:payment:add" if step.name == "settle" else "orders:settlement:add"
                open_amount = stored is not None and stored.settled != stored.gross
                kinds = OWED if step.name == "settle" else INVOICES
                shown = shown and sheet.kind in kinds and not is_counter and open_amount and self._may(right)
            elif step.name == "cancel":
                shown = shown and not is_counter
            elif step.name == "close":
                shown = shown and sheet.kind in ORDERS
            self._shown[step.name] = shown and not busy
            self.buttons[step.name].setVisible(shown)
            self.buttons[step.name].setEnabled(not busy)
        followers = FOLLOWERS.get(sheet.kind, ()) if state in {"open", "done"} and not is_counter else ()
        self.follow_button.setVisible(bool(followers) and self._may(f"orders:{sheet.side}:add"))
        self.follow_button.setEnabled(not busy)
        self.follow_menu.clear()
        for kind in followers:
            action = self.follow_menu.addAction(kind_name(kind))
            if action is not None:
                action.triggered.connect(lambda _checked, kind=kind: self._follow(kind))
        self.retranslate()

    def _allowed(self, step: Step, sheet: DocumentSheet) -> bool:
        if step.name in {"settle", "offset"}:
            return True
        if step.name == "print":
            return self._may("reports:document:print")
        verb = step.verb or ("edit" if sheet.stored is not None else "add")
        return self._may(f"orders:{sheet.side}:{verb}")

    def retranslate(self) -> None:
        """Set the buttons' words and hints; some are called by what the document's kind does."""
        texts = {
            "add": tr("新增"),
            "save": tr("保存草稿"),
            "save_new": tr("保存并新增"),
            "finish": finish_name(self._kind),
            "finish_both": finish_both_name(self._kind),
            "settle": tr("收款…") if self._kind.startswith("sales") else tr("付款…"),
            "offset": tr("核销…"),
            "cancel": tr("冲销…"),
            "close": tr("关闭订单…"),
            "reopen": tr("重新打开"),
            "copy": tr("复制为新单据"),
            "delete": tr("删除草稿"),
            "print": tr("打印…"),
        }
        keys = {step.name: step.keys for step in STEPS}
        for name, button in self.buttons.items():
            button.setText(texts[name])
            button.setToolTip(f"{texts[name]}  {keys[name]}".rstrip())
        self.follow_button.setText(tr("下推") + " ▾")
        self.follow_button.setToolTip(tr("由这张单据生成后续单据") + "  Ctrl+D")
        self._more.setText(tr("更多") + " ▾")
        self._columns_menu.setTitle(tr("显示列"))
