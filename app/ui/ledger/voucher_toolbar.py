"""The buttons of the voucher page; which of them show depends on the voucher's state and the user's rights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QAction, QMenu, QPushButton, QShortcut, QToolButton, QWidget

from app.contract.ledger import Voucher
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout


@dataclass(frozen=True)
class Step:
    """Something a button does: when it shows, and the keys for it."""

    name: str
    icon: str
    permission: str
    states: frozenset[str]
    keys: str = ""
    in_menu: bool = False


NEW = "new"
"""The state of a voucher that is not stored yet."""
STORED = frozenset({"draft", "reviewed", "posted", "void"})
ANY_STATE = STORED | {NEW}
STEPS = (
    Step("add", "voucher-new", "ledger:voucher:add", ANY_STATE, "Ctrl+N"),
    Step("save", "save", "", frozenset({NEW, "draft"}), "F8"),
    Step("save_new", "", "", frozenset({NEW, "draft"}), "Ctrl+F8", in_menu=True),
    Step("review", "review", "ledger:voucher:review", frozenset({NEW, "draft"}), "F9"),
    Step("unreview", "review", "ledger:voucher:review", frozenset({"reviewed"}), "F9"),
    Step("sign", "key", "ledger:voucher:sign", frozenset({NEW, "draft", "reviewed"})),
    Step("unsign", "key", "ledger:voucher:sign", frozenset({"draft", "reviewed"}), in_menu=True),
    Step("post", "post", "ledger:voucher:post", frozenset({"reviewed"}), "Ctrl+F9"),
    Step("reverse", "reverse", "ledger:voucher:reverse", frozenset({"posted"})),
    Step("correct", "", "ledger:voucher:add", frozenset({"posted"})),
    Step("difference", "", "ledger:voucher:add", frozenset({"posted"}), in_menu=True),
    Step("attach", "file", "ledger:attachment:add", ANY_STATE - {"void"}, "Ctrl+Shift+A", in_menu=True),
    Step("from_template", "", "ledger:template:view", ANY_STATE, "Ctrl+T", in_menu=True),
    Step("template", "", "ledger:template:add", STORED, in_menu=True),
    Step("copy", "", "ledger:voucher:add", STORED, in_menu=True),
    Step("void", "void", "ledger:voucher:void", frozenset({"draft", "reviewed"}), in_menu=True),
    Step("delete", "delete", "ledger:voucher:remove", frozenset({"draft"}), in_menu=True),
    Step("print", "print", "reports:voucher:print", STORED, "Ctrl+P", in_menu=True),
    Step("keys", "", "ledger:voucher:view", ANY_STATE, "Shift+F1", in_menu=True),
)


def step_text(name: str) -> str:
    """Return what a button says."""
    texts = {
        "add": tr("新增"),
        "save": tr("保存"),
        "save_new": tr("保存并新增"),
        "review": tr("审核"),
        "unreview": tr("取消审核"),
        "post": tr("记账"),
        "sign": tr("出纳签字"),
        "unsign": tr("取消出纳签字"),
        "difference": tr("填差额更正凭证…"),
        "attach": tr("添加附件…"),
        "from_template": tr("从模板填制…"),
        "template": tr("存为模板…"),
        "reverse": tr("红字冲销"),
        "correct": tr("填更正凭证"),
        "copy": tr("复制为新凭证"),
        "void": tr("作废"),
        "delete": tr("删除草稿"),
        "print": tr("打印…"),
        "keys": tr("按键一览"),
        "previous": tr("上一张"),
        "next": tr("下一张"),
    }
    return texts[name]


class VoucherToolbar(QWidget):
    """A row of buttons and a menu; `steps` maps the names to what they do."""

    def __init__(
        self,
        steps: dict[str, Callable[[], None]],
        may: Callable[[str], bool],
        columns_menu: QMenu,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._may = may
        self._shown: dict[str, bool] = {}
        self.buttons: dict[str, QPushButton | QToolButton | QAction] = {}
        self._row = FlowLayout(self)
        self._menu = QMenu(self)
        self._columns_menu = columns_menu
        for step in STEPS:
            self._add(step, steps[step.name])
        self._menu.addSeparator()
        self._menu.addMenu(columns_menu)
        self._more = self._tool_button("")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(self._menu)
        self._row.addWidget(self._more)
        self._row.add_gap()
        for name, picture, keys in (
            ("previous", "chevron-left", "Ctrl+PgUp"),
            ("next", "chevron-right", "Ctrl+PgDown"),
        ):
            button = self._tool_button(picture)
            button.clicked.connect(steps[name])
            self._shortcut(keys, steps[name], parent)
            self.buttons[name] = button
            self._row.addWidget(button)
        self._keys_for_states(steps, parent)

    def _add(self, step: Step, act: Callable[[], None]) -> None:
        if step.in_menu:
            action = self._menu.addAction(step_text(step.name))
            if action is None:
                return
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

    def _keys_for_states(self, steps: dict[str, Callable[[], None]], page: QWidget) -> None:
        """One shortcut for each key; of two steps on one key the one that shows is done."""
        for keys in dict.fromkeys(step.keys for step in STEPS if step.keys):
            names = [step.name for step in STEPS if step.keys == keys]

            def act(names: list[str] = names) -> None:
                for name in names:
                    if self._shown.get(name):
                        steps[name]()
                        return

            self._shortcut(keys, act, page)

    def _shortcut(self, keys: str, act: Callable[[], None], page: QWidget) -> None:
        shortcut = QShortcut(QKeySequence(keys), page)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(act)

    def show_for(self, voucher: Voucher | None, *, busy: bool) -> None:
        """Show the steps a voucher in this state can take."""
        state = voucher.state if voucher is not None else NEW
        self._shown = {}
        for step in STEPS:
            saving = "ledger:voucher:edit" if voucher is not None else "ledger:voucher:add"
            permission = step.permission or saving
            shown = state in step.states and self._may(permission)
            if step.name == "delete" and voucher is None:
                shown = False
            if step.name == "reverse" and voucher is not None and voucher.reversed_by is not None:
                shown = False
            if step.name in ("sign", "unsign"):
                shown = shown and self.sign_wanted(voucher, signed=step.name == "unsign")
            self._shown[step.name] = shown and not busy
            button = self.buttons[step.name]
            button.setVisible(shown)
            button.setEnabled(not busy)

    @staticmethod
    def sign_wanted(voucher: Voucher | None, *, signed: bool) -> bool:
        """Tell whether a cashier has something to sign, or to take back."""
        if voucher is None or not any(entry.is_cash for entry in voucher.entries):
            return False
        return (voucher.cashier is not None) == signed

    def retranslate(self) -> None:
        """Set the buttons' words and hints."""
        keys = {step.name: step.keys for step in STEPS} | {"previous": "Ctrl+PgUp", "next": "Ctrl+PgDn"}
        for name, button in self.buttons.items():
            text = step_text(name)
            button.setText(text)
            button.setToolTip(f"{text}  {keys[name]}".rstrip())
        self._more.setText(tr("更多") + " ▾")
        self._columns_menu.setTitle(tr("显示列"))
