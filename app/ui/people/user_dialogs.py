"""Forms about one person: all that is known of him, and a new password for him."""

from __future__ import annotations

import secrets
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from app.contract.identity import MAX_PASSWORD_LENGTH, Department, PasswordReset, Role, User, UserChange, UserInput
from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.people.ages import read_age
from app.ui.people.department_tree import offer_departments
from app.ui.people.role_names import role_purpose, role_title
from app.ui.tasks import Topic
from app.ui.widgets.form_dialog import FormDialog

if TYPE_CHECKING:
    from app.client.api import ApiClient

_ROLE = Qt.ItemDataRole.UserRole
NAME_LENGTH = 60
EMAIL_LENGTH = 200
AGE_LENGTH = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class UserDialog(FormDialog):
    """A new person in full, or what may change on one.

    Roles and departments that one may not see are None: there is no field for them then, and they stay as they are.
    """

    subject = "_user"

    def __init__(
        self,
        parent: QWidget,
        roles: Sequence[Role] | None,
        departments: Sequence[Department] | None,
        user: User | None,
        *,
        name: str = "",
    ) -> None:
        super().__init__(parent)
        self._user = user
        self._known_roles = roles
        self._known_departments = departments
        self._first_password: str | None = None
        self._name = QLineEdit(user.name if user else name, self)
        self._age = QLineEdit("" if user is None or user.age is None else str(user.age), self)
        self._email = QLineEdit((user.email or "") if user else "", self)
        self._login = QLineEdit((user.login_name or "") if user else "", self)
        self._password = QLineEdit(self)
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._password.setVisible(user is None)
        for field, length in (
            (self._name, NAME_LENGTH),
            (self._age, AGE_LENGTH),
            (self._email, EMAIL_LENGTH),
            (self._login, NAME_LENGTH),
            (self._password, MAX_PASSWORD_LENGTH),
        ):
            field.setMaxLength(length)
        self._roles = QListWidget(self)
        self._roles.setVisible(roles is not None)
        self._department = QComboBox(self)
        self._department.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._department.setVisible(departments is not None)
        self._list_roles(roles or [], set(user.roles) if user else set())
        fields: list[tuple[str, QWidget]] = [
            ("name", self._name),
            ("age", self._age),
            ("email", self._email),
            ("login_name", self._login),
        ]
        if user is None:
            fields.append(("password", self._password))
        if departments is not None:
            fields.append(("department_id", self._department))
        if roles is not None:
            fields.append(("roles", self._roles))
        self._labels = {key: self.add_field(key, field) for key, field in fields}
        self._chosen_department = user.department_id if user else None
        self.retranslate()

    def _list_roles(self, roles: Sequence[Role], chosen: Container[int]) -> None:
        for role in roles:
            item = QListWidgetItem(role_title(role))
            item.setToolTip(role_purpose(role))
            item.setData(_ROLE, role.id)
            item.setFlags(Qt.ItemFlags(Qt.ItemFlag.ItemIsEnabled) | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if role.id in chosen else Qt.CheckState.Unchecked)
            self._roles.addItem(item)
        self._roles.setWordWrap(True)  # a long name goes on below instead of beyond the edge
        self._roles.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._roles.setMaximumHeight(self.fontMetrics().height() * 9)

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        chosen = self._department.currentData() if self._department.count() else self._chosen_department
        offer_departments(self._department, self._known_departments or [], chosen, none=tr("（无）"))
        self.setWindowTitle(tr("添加用户") if self._user is None else tr("修改用户资料"))
        texts = {
            "name": tr("姓名"),
            "age": tr("年龄"),
            "email": tr("邮箱"),
            "login_name": tr("登录名"),
            "password": tr("初始密码"),
            "department_id": tr("部门"),
            "roles": tr("角色"),
        }
        for key, label in self._labels.items():
            label.setText(texts[key])
        self._login.setPlaceholderText(tr("不登录的人留空"))
        self._password.setPlaceholderText(tr("至少 8 个字符，首次登录时须修改"))

    def again(self, stored: User) -> UserDialog:
        """Return the form of a version of the person."""
        return UserDialog(self, self._known_roles, self._known_departments, stored)

    def submit(self) -> None:
        """Send what was typed."""
        try:
            age = read_age(self._age.text())
        except ZhangfangError as error:
            self.show_error(error)
            return
        name, email = self._name.text().strip(), self._email.text().strip() or None
        login, password = self._login.text().strip() or None, self._password.text() or None
        user = self._user
        if user is None:
            new = UserInput(
                name=name,
                age=age,
                email=email,
                login_name=login,
                password=password,
                **self._seen(),
            )
            self.save_new(new, lambda api, wish: api.add_user(wish).user, Topic.USERS)
            return
        change = UserChange(name=name, age=age, email=email, login_name=login, version=user.version, **self._seen())
        other = password if password != self._first_password else None

        def work(api: ApiClient) -> User:
            changed = api.change_user(user.id, change)
            if other is None:
                return changed
            self._user = changed  # that much is saved, also when the password is refused
            return api.reset_password(user.id, PasswordReset(password=other))

        self.send(work, Topic.USERS)

    def take_up(self, made: User, sent: UserInput) -> None:
        """Go on as the form of a person who was added after all; another first password is given as a new one."""
        self._first_password = sent.password
        super().take_up(made, sent)

    def _seen(self) -> dict[str, Any]:
        """Return roles and department as far as they are shown here: what is left out stays as it is."""
        seen: dict[str, Any] = {}
        if self._known_roles is not None:
            items = [self._roles.item(place) for place in range(self._roles.count())]
            on = Qt.CheckState.Checked
            seen["roles"] = [item.data(_ROLE) for item in items if item is not None and item.checkState() == on]
        if self._known_departments is not None:
            seen["department_id"] = self._department.currentData()
        return seen


class ResetPasswordDialog(FormDialog):
    """Gives a person a new password, which he must change at his next login."""

    def __init__(self, parent: QWidget, user: User) -> None:
        super().__init__(parent)
        self._user = user
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self.form.addRow(self._text)
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        self._password = QLineEdit(self)
        self._password.setMaxLength(MAX_PASSWORD_LENGTH)
        self._make = QPushButton(self)
        self._make.setAutoDefault(False)
        self._make.clicked.connect(lambda _checked: self._make_password())
        row.addWidget(self._password, 1)
        row.addWidget(self._make)
        holder.setFocusProxy(self._password)
        self._label = self.add_field("password", holder)
        self._must_change = QCheckBox(self)
        self._must_change.setChecked(True)
        self.form.addRow(QLabel(self), self._must_change)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("重置密码"))
        self._text.setText(tr("给“{name}”一个新密码。他现有的登录会立即失效。", name=self._user.name))
        self._label.setText(tr("新密码"))
        self._make.setText(tr("随机生成并复制"))
        self._must_change.setText(tr("下次登录时必须修改"))
        self._password.setPlaceholderText(tr("至少 8 个字符"))

    def submit(self) -> None:
        """Send the new password."""
        reset = PasswordReset(password=self._password.text(), must_change_password=self._must_change.isChecked())
        self.send(lambda api: api.reset_password(self._user.id, reset), Topic.USERS)

    def _make_password(self) -> None:
        # Letters that cannot be mistaken for each other when read out.
        password = "".join(secrets.choice(_LETTERS) for _ in range(12))
        self._password.setText(password)
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(password)
