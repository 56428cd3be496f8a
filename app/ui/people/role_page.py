"""角色: named sets of rights, which people are given."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QLabel, QPushButton, QStackedWidget, QWidget

from app.client.api import ApiClient
from app.contract.identity import PermissionInfo, PermissionList, Role
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.page import Page, PageContext
from app.ui.people.role_dialog import RoleDialog
from app.ui.people.role_names import role_purpose, role_title
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel
from app.ui.widgets.question import ask
from app.ui.widgets.shortcuts import add_shortcuts


class RolesPage(Page):
    """All roles; made, copied, changed and deleted by who may."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._rights: list[PermissionInfo] = []
        self._sought: int | None = None
        self.add_button, self.copy_button = QPushButton(self), QPushButton(self)
        self.open_button, self.delete_button = QPushButton(self), QPushButton(self)
        self.add_button.setProperty("primary", True)
        self.model: PagedTableModel[Role] = PagedTableModel(_columns(), self)
        self.table = PagedTable(self.model, self)
        self.empty = EmptyState("roles", self, action=self._add if context.may("identity:role:add") else None)
        self.stack = QStackedWidget(self)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        bar = FlowLayout()
        for button in (self.add_button, self.open_button, self.copy_button, self.delete_button):
            bar.addWidget(button)
        may = self.context.may
        self.add_button.setVisible(may("identity:role:add"))
        self.copy_button.setVisible(may("identity:role:add"))
        self.delete_button.setVisible(may("identity:role:remove"))
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self.body.addLayout(bar)
        self.body.addWidget(self.stack, 1)
        self.body.addWidget(self.hint)

    def _connect(self) -> None:
        self.add_button.clicked.connect(lambda _checked: self._add())
        self.copy_button.clicked.connect(lambda _checked: self._copy())
        self.open_button.clicked.connect(lambda _checked: self._open(self.current()))
        self.delete_button.clicked.connect(lambda _checked: self._delete())
        self.table.opened.connect(self._open)
        self.model.loaded.connect(self._show_state)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_where: self._show_steps())
        add_shortcuts(
            self,
            (QKeySequence(QKeySequence.StandardKey.New), self._add),
            (QKeySequence(Qt.Key.Key_Delete), self._delete),
            (QKeySequence(Qt.Key.Key_F2), lambda: self._open(self.current())),
        )

    # --- as a page ---------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("角色与权限")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the list."""
        return self.table

    def activate(self) -> None:
        """Ask for the roles, and for what rights are called."""

        def fetch(api: ApiClient, _cursor: str, _limit: int) -> FetchedPage[Role]:
            return FetchedPage(api.list_roles().roles, None)

        self.model.load(fetch)
        self._ask_rights()

    def refresh(self, change: Change) -> None:
        """Ask again when roles, or who has them, changed."""
        if change.touches(Topic.USERS):
            self.model.reload()

    def has_unsaved(self) -> bool:
        """A role under way would be lost."""
        return any(dialog.isVisible() and dialog.has_changes() for dialog in self.findChildren(RoleDialog))

    def retranslate(self) -> None:
        """Set every text; the server's names of rights come in the new language, too."""
        self.add_button.setText(tr("新增"))
        self.add_button.setToolTip(tr("新增角色（Ctrl+N）"))
        self.copy_button.setText(tr("复制"))
        self.open_button.setText(tr("修改") if self.context.may("identity:role:edit") else tr("查看权限"))
        self.delete_button.setText(tr("删除"))
        self.hint.setText(tr("在“用户管理”里把角色给人；一个人可以有几个角色，权限合在一起。账簿所有者有全部权限。"))
        self.empty.set_texts(
            tr("还没有角色。角色是一组权限，给了谁，谁就能做这些事。"),
            tr("新角色") if self.context.may("identity:role:add") else "",
        )
        self.table.setAccessibleName(self.title())
        if self._rights:
            self._ask_rights()

    def current(self) -> Role | None:
        """Return the role with the cursor."""
        row = self.table.current_row()
        return row if isinstance(row, Role) else None

    def _ask_rights(self) -> None:
        def known(listed: PermissionList) -> None:
            self._rights = listed.permissions
            self._show_steps()

        Query(lambda api: api.list_permissions()).slot("rights").on_done(known).run(self)

    def _show_state(self) -> None:
        self.stack.setCurrentWidget(self.table if self.model.rowCount() else self.empty)
        self._go_to_sought()
        if self.model.rowCount() and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._show_steps()

    def _go_to_sought(self) -> None:
        """Put the cursor on the role just kept, once it is listed."""
        for place, role in enumerate(self.model.rows()):
            if role.id == self._sought:
                self.table.setCurrentIndex(self.model.index(place, 0))
                self._sought = None

    def _show_steps(self) -> None:
        chosen = self.current() is not None
        self.add_button.setEnabled(bool(self._rights))
        self.copy_button.setEnabled(chosen and bool(self._rights))
        self.open_button.setEnabled(chosen and bool(self._rights))
        self.delete_button.setEnabled(chosen)

    # --- changes -----------------------------------------------------------------------------------------------------

    def _add(self) -> None:
        self._show_dialog(None)

    def _copy(self) -> None:
        role = self.current()
        if role is not None:
            self._show_dialog(None, like=role)

    def _open(self, role: Role | None) -> None:
        if role is not None:
            self._show_dialog(role)

    def _show_dialog(self, role: Role | None, *, like: Role | None = None) -> None:
        if not self._rights or (role is None and not self.context.may("identity:role:add")):
            return
        dialog = RoleDialog(self, self._rights, self.context.may, role, like=like)
        dialog.done_with.connect(self._kept)
        dialog.open()

    def _kept(self, role: Role) -> None:
        self._sought = role.id
        self._go_to_sought()
        self.show_info(tr("已保存角色“{name}”。", name=role_title(role)))

    def _delete(self) -> None:
        role = self.current()
        if role is None or not self.context.may("identity:role:remove"):
            return

        def send() -> None:
            Command(lambda api: api.delete_role(role.id, role.version), Topic.USERS).on_done(
                lambda _nothing: self.show_info(tr("已删除角色“{name}”。", name=role_title(role)))
            ).run(self)

        ask(self, tr("删除这个角色"), tr("删除角色“{name}”？", name=role_title(role)), tr("删除"), send)


def _columns() -> list[Column[Role]]:
    return [
        Column(lambda: tr("名称"), role_title, width_chars=20),
        Column(lambda: tr("用途"), role_purpose, width_chars=24, stretch=True),
        Column(lambda: tr("权限数"), lambda role: str(len(role.permissions)), Kind.NUMBER, 6),
        Column(lambda: tr("人数"), lambda role: str(role.users), Kind.NUMBER, 6),
        Column(lambda: tr("来源"), lambda role: tr("预设") if role.built_in else tr("自己建的"), Kind.CENTRE, 8),
    ]
