"""用户: people with name and age, and those who log in with their roles."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from app.client.api import ApiClient
from app.contract.identity import (
    Department,
    DepartmentList,
    Role,
    RoleList,
    User,
    UserChange,
    UserInput,
    UserQuery,
    UserStatus,
)
from app.kernel.errors import MalformedInput, ZhangfangError
from app.kernel.text import message
from app.ui.language import tr
from app.ui.page import Page, PageContext
from app.ui.people.ages import read_age
from app.ui.people.department_tree import short_names
from app.ui.people.role_names import role_title
from app.ui.people.user_dialogs import AGE_LENGTH, NAME_LENGTH, ResetPasswordDialog, UserDialog
from app.ui.presence.others import joined
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.form_dialog import mark_wrong
from app.ui.widgets.limits import limit_to
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel
from app.ui.widgets.pending_save import PendingSave
from app.ui.widgets.question import ask
from app.ui.widgets.stale import change_known


class UsersPage(Page):
    """Adds people, lists them, and changes what may be changed by who works."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._roles: dict[int, Role] | None = None
        self._departments: list[Department] | None = None
        self._department_names: dict[int, str] = {}
        self._pending: PendingSave[UserInput, User] = PendingSave(
            lambda api, new: api.add_user(new).user,
            lambda api, made, new: api.change_user(
                made.id, UserChange(name=new.name, age=new.age, version=made.version)
            ),
        )
        self._buttons: list[tuple[QPushButton, Callable[[], str], str]] = []
        self._model = PagedTableModel[User](self._columns(), self)
        self._table = PagedTable(self._model, self)
        self._department_column = next(at for at, column in enumerate(self._model.columns) if column.key)
        self._table.setColumnHidden(self._department_column, True)
        self._table.fit_columns()
        self._make_adding()
        self._make_toolbar()
        self._table.opened.connect(self._edit)
        self._empty = EmptyState("users", self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._table)
        self._stack.addWidget(self._empty)
        self.body.addWidget(self._stack, 1)
        self._model.loaded.connect(self._show_state)
        selection = self._table.selectionModel()
        if selection is not None:
            selection.selectionChanged.connect(lambda _on, _off: self._show_state())
        self.retranslate()
        self._show_state()

    def title(self) -> str:
        """Return the page's name."""
        return tr("用户管理")

    def activate(self) -> None:
        """Ask for people, and for the roles and departments they may have."""
        self._reload()
        self._ask_choices()

    def refresh(self, change: Change) -> None:
        """Ask again when people, roles or departments changed."""
        if change.touches(Topic.USERS):
            self._model.reload()
            self._ask_choices()

    def has_unsaved(self) -> bool:
        """A name typed and not added would be lost."""
        return bool(self._name.text().strip())

    def first_focus(self) -> QWidget | None:
        """Type a name at once."""
        return self._name if self._may_add else self._table

    def retranslate(self) -> None:
        """Set every text."""
        self._name_label.setText(tr("姓名"))
        self._age_label.setText(tr("年龄"))
        self._add.setText(tr("添加"))
        self._name.setPlaceholderText(tr("新用户的姓名"))
        self._filter.setPlaceholderText(tr("按姓名、登录名查找"))
        for button, text, _permission in self._buttons:
            button.setText(text())
        self._empty.set_texts(tr("没有找到这样的用户。"))

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Mark the field the error names; what was typed stays."""
        super().show_error(error, retry)
        for name, field in (("age", self._age), ("name", self._name)):
            wrong = name in error.fields
            mark_wrong(field, wrong)
            if wrong:
                field.setFocus()

    # --- building ----------------------------------------------------------------------------------------------------

    @property
    def _may_add(self) -> bool:
        return self.context.may("identity:user:add")

    def _make_adding(self) -> None:
        row = QHBoxLayout()
        self._name_label, self._name = QLabel(self), QLineEdit(self)
        self._age_label, self._age = QLabel(self), QLineEdit(self)
        self._age.setMaximumWidth(self.fontMetrics().horizontalAdvance("0") * 10)
        self._name.setMaxLength(NAME_LENGTH)
        self._age.setMaxLength(AGE_LENGTH)
        self._age.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._name.setMaximumWidth(self.fontMetrics().averageCharWidth() * 34)
        self._add = QPushButton(self)
        self._add.setProperty("primary", True)
        self._add.clicked.connect(lambda _checked: self._add_user())
        self._name.returnPressed.connect(self._add_user)
        self._age.returnPressed.connect(self._add_user)
        for label, field in ((self._name_label, self._name), (self._age_label, self._age)):
            label.setBuddy(field)
            row.addWidget(label)
            row.addWidget(field)
            label.setVisible(self._may_add)
            field.setVisible(self._may_add)
        row.addWidget(self._add)
        self._add.setVisible(self._may_add)
        row.addStretch(1)
        self.body.addLayout(row)

    def _make_toolbar(self) -> None:
        row = QHBoxLayout()
        self._filter = QLineEdit(self)
        self._filter.setClearButtonEnabled(True)
        limit_to(self._filter, UserQuery, "q")
        self._filter.textChanged.connect(lambda _text: self._reload())
        self._filter.setMaximumWidth(self.fontMetrics().averageCharWidth() * 34)
        self._filter.setMinimumWidth(self.fontMetrics().averageCharWidth() * 20)
        row.addWidget(self._filter, 1)
        row.addStretch(1)
        self._button(row, lambda: tr("添加可登录的用户…"), "identity:user:add", self._add_in_full, always=True)
        self._button(row, lambda: tr("修改…"), "identity:user:edit", lambda: self._edit(self._table.current_row()))
        self._button(row, self._status_words, "identity:user:changeStatus", self._change_status)
        self._button(row, lambda: tr("重置密码…"), "identity:user:resetPwd", self._reset_password)
        self.body.addLayout(row)

    def _button(
        self,
        row: QHBoxLayout,
        text: Callable[[], str],
        permission: str,
        run: Callable[[], None],
        *,
        always: bool = False,
    ) -> None:
        button = QPushButton(self)
        button.clicked.connect(lambda _checked: run())
        button.setVisible(self.context.may(permission))
        row.addWidget(button)
        self._buttons.append((button, text, "" if always else permission))

    def _columns(self) -> list[Column[User]]:
        return [
            Column(lambda: tr("编号"), lambda user: str(user.id), Kind.NUMBER, 5),
            Column(lambda: tr("姓名"), lambda user: user.name, width_chars=18),
            Column(lambda: tr("年龄"), lambda user: "" if user.age is None else str(user.age), Kind.NUMBER, 5),
            Column(lambda: tr("登录名"), lambda user: user.login_name or "", width_chars=16),
            Column(lambda: tr("部门"), self._department_name, width_chars=16, key="department"),
            Column(lambda: tr("角色"), self._role_names, width_chars=24, stretch=True),
            Column(lambda: tr("状态"), _status, Kind.CENTRE, 16),
        ]

    # --- what happens -------------------------------------------------------------------------------------------------

    def _reload(self) -> None:
        text = self._filter.text().strip()

        def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[User]:
            page = api.list_users(UserQuery(q=text, cursor=cursor, limit=limit))
            return FetchedPage(page.users, page.next)

        self._model.load(fetch)

    def _ask_choices(self) -> None:
        if self.context.may("identity:role:view"):
            Query(lambda api: api.list_roles()).slot("roles").on_done(self._know_roles).run(self)
        if self.context.may("identity:department:view"):
            question = Query(lambda api: api.list_departments()).slot("departments")
            question.on_done(self._know_departments).run(self)

    def _know_roles(self, roles: RoleList) -> None:
        self._roles = {role.id: role for role in roles.roles}
        self._redraw()

    def _know_departments(self, found: DepartmentList) -> None:
        self._departments = found.departments
        self._department_names = short_names(found.departments)
        self._table.setColumnHidden(self._department_column, not found.departments)
        self._table.fit_columns()
        self._redraw()

    def _redraw(self) -> None:
        viewport = self._table.viewport()
        if viewport is not None:
            viewport.update()

    def _role_names(self, user: User) -> str:
        if user.is_owner:
            return tr("账簿所有者")
        roles = self._roles or {}
        return joined([role_title(roles[number]) for number in user.roles if number in roles])

    def _department_name(self, user: User) -> str:
        return self._department_names.get(user.department_id or 0, "")

    def _show_state(self) -> None:
        nothing = not self._model.rowCount() and bool(self._filter.text().strip())
        self._stack.setCurrentWidget(self._empty if nothing else self._table)
        chosen = self._table.current_row() is not None
        for button, text, permission in self._buttons:
            button.setEnabled(chosen or not permission)
            button.setText(text())

    def _add_user(self) -> None:
        if not self._may_add or not self._add.isEnabled():
            return
        try:
            user = UserInput(name=self._name.text().strip(), age=read_age(self._age.text()))
        except ZhangfangError as error:
            self.show_error(error)
            return
        if not user.name:
            text = message("请填写姓名。")
            self.show_error(MalformedInput("name_missing", text, fields={"name": text}))
            return
        self._add.setEnabled(False)
        work = self._pending.work(None, user)
        Command(work, Topic.USERS).on_done(self._added).on_error(self._not_added).always(
            lambda: self._add.setEnabled(True)
        ).run(self)

    def _added(self, user: User) -> None:
        self._pending.settled()
        for field in (self._name, self._age):
            field.clear()
            mark_wrong(field, False)
        self._name.setFocus()
        self.show_info(tr("已添加“{name}”。", name=user.name))

    def _not_added(self, error: ZhangfangError) -> None:
        self._pending.refused(error)
        self.show_error(error)

    def _add_in_full(self) -> None:
        self._show_dialog(None)

    def _edit(self, user: User | None) -> None:
        if user is not None and self.context.may("identity:user:edit"):
            self._show_dialog(user)

    def _show_dialog(self, user: User | None) -> None:
        roles = None if self._roles is None else list(self._roles.values())
        UserDialog(self, roles, self._departments, user, name=self._name.text()).open()

    def _status_words(self) -> str:
        user: User | None = self._table.current_row()
        return tr("启用") if user is not None and not user.active else tr("停用")

    def _change_status(self) -> None:
        user: User | None = self._table.current_row()
        if user is None:
            return

        def send() -> None:
            change_known(
                self,
                user,
                UserStatus(active=not user.active),
                lambda api, status: api.set_user_active(user.id, status),
                Topic.USERS,
                what=user.name,
                texts=self._model.texts_of,
                take=lambda _theirs: self._model.reload(),
            )

        if user.active:
            text = tr("停用后，“{name}”不能再登录；他做过的记录都保留。", name=user.name)
            ask(self, tr("停用用户"), text, tr("停用"), send)
        else:
            send()

    def _reset_password(self) -> None:
        user: User | None = self._table.current_row()
        if user is not None:
            ResetPasswordDialog(self, user).open()


def _status(user: User) -> str:
    if not user.active:
        return tr("已停用")
    return tr("可登录") if user.login_name and user.has_password else tr("不登录")
