"""The fields of the places a book may move to, and of the login its owner gets there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QCheckBox, QFormLayout, QLabel, QLineEdit, QSpinBox, QWidget

from app.kernel.errors import MalformedInput
from app.kernel.text import message
from app.settings import portable_folder
from app.ui.language import tr
from app.ui.widgets.limits import limit_length

DEFAULT_PORT = 3306
LONGEST_LOGIN = 60
LONGEST_ADDRESS = 200
LONGEST_SLUG = 40
SHORTEST_PASSWORD = 8


class Fields(QWidget):
    """A column of labelled fields; each has the name by which errors speak of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.named: dict[str, QWidget] = {}
        self._labels: list[QLabel] = []
        self.form = QFormLayout(self)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)

    def add(self, name: str, field: QWidget) -> None:
        """Put a field into the column."""
        label = QLabel(self)
        label.setBuddy(field)
        self.form.addRow(label, field)
        self.named[name] = field
        self._labels.append(label)

    def secret(self) -> QLineEdit:
        """Return a field that hides what is typed."""
        field = QLineEdit(self)
        field.setEchoMode(QLineEdit.EchoMode.Password)
        limit_length(field, LONGEST_ADDRESS)
        return field

    def name_labels(self, texts: Sequence[str]) -> None:
        """Set the labels' texts, in order."""
        for label, text in zip(self._labels, texts, strict=True):
            label.setText(text)

    def require(self, *fields: QLineEdit) -> None:
        """Put the keyboard into the first of these that is empty, and raise `MalformedInput`."""
        for field in fields:
            if not field.text().strip():
                field.setFocus()
                raise MalformedInput("field_empty", message("请把这一页填完整。"))


class DatabaseFields(Fields):
    """An empty database on a server."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.host, self.user, self.database = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        for field in (self.host, self.user, self.database):
            limit_length(field, LONGEST_ADDRESS)
        self.port = QSpinBox(self)
        self.port.setRange(1, 65535)
        self.port.setValue(DEFAULT_PORT)
        self.port.setGroupSeparatorShown(False)
        self.password = self.secret()
        self.add("host", self.host)
        self.add("port", self.port)
        self.add("user", self.user)
        self.add("password", self.password)
        self.add("database", self.database)
        self.remember = QCheckBox(self)
        self.remember.setVisible(portable_folder() is None)
        self.form.addRow(QLabel(self), self.remember)

    @property
    def address(self) -> str:
        """The address of what is typed, without the password."""
        host = self.host.text().strip()
        host = f"[{host}]" if ":" in host else host
        user = quote(self.user.text().strip(), safe="")
        return f"mysql://{user}@{host}:{self.port.value()}/{quote(self.database.text().strip(), safe='')}"

    def check(self) -> None:
        """Raise `MalformedInput` for a field that must be filled."""
        self.require(self.host, self.user, self.database)

    def retranslate(self) -> None:
        """Set every text."""
        self.name_labels((tr("主机"), tr("端口"), tr("用户名"), tr("密码"), tr("数据库")))
        self.host.setPlaceholderText(tr("如：192.168.1.10"))
        self.database.setPlaceholderText(tr("管理员已建好的空数据库的名字"))
        self.remember.setText(tr("把密码保存在系统的密码库里"))


class ServerFields(Fields):
    """A server of ours, who puts the book there, and what it is called in addresses."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.url, self.login, self.slug = QLineEdit(self), QLineEdit(self), QLineEdit(slug_of(title), self)
        limit_length(self.url, LONGEST_ADDRESS)
        limit_length(self.login, LONGEST_LOGIN)
        limit_length(self.slug, LONGEST_SLUG)
        self.password = self.secret()
        self.add("url", self.url)
        self.add("login", self.login)
        self.add("password", self.password)
        self.add("slug", self.slug)

    @property
    def address(self) -> str:
        """The address that is typed; `http` where no other is named."""
        url = self.url.text().strip().rstrip("/")
        return url if "://" in url else f"http://{url}"

    def check(self) -> None:
        """Raise `MalformedInput` for a field that must be filled, or a name no address may hold."""
        self.require(self.url, self.login, self.slug)
        if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", self.slug.text()):
            sentence = message("网址里的名字只能用小写字母、数字和中间的连字符。")
            raise MalformedInput("slug_malformed", sentence, fields={"slug": sentence})

    def retranslate(self) -> None:
        """Set every text."""
        self.name_labels((tr("服务器地址"), tr("登录名"), tr("密码"), tr("网址里的名字")))
        self.url.setPlaceholderText(tr("如：https://books.example.com 或 192.168.1.10:5000"))
        self.login.setPlaceholderText(tr("您在这台服务器上的登录名"))


class OwnerFields(Fields):
    """The login of the owner of a book to which nobody logs in yet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.login = QLineEdit(self)
        limit_length(self.login, LONGEST_LOGIN)
        self.password, self.repeat = self.secret(), self.secret()
        self.add("owner_login", self.login)
        self.add("owner_password", self.password)
        self.add("repeat", self.repeat)

    def check(self) -> None:
        """Raise `MalformedInput` for what cannot be a login."""
        self.require(self.login, self.password, self.repeat)
        if any(sign.isspace() for sign in self.login.text().strip()):
            sentence = message("登录名里不能有空格。")
            raise MalformedInput("login_name_malformed", sentence, fields={"owner_login": sentence})
        if len(self.password.text()) < SHORTEST_PASSWORD:
            sentence = message("密码至少 {length} 个字符。", length=SHORTEST_PASSWORD)
            raise MalformedInput("password_short", sentence, fields={"owner_password": sentence})
        if self.password.text() != self.repeat.text():
            sentence = message("两次输入的密码不同。")
            raise MalformedInput("passwords_differ", sentence, fields={"repeat": sentence})

    def retranslate(self) -> None:
        """Set every text."""
        self.name_labels((tr("所有者的登录名"), tr("密码"), tr("再输一次")))


def slug_of(title: str) -> str:
    """Return what a book could be called in addresses; people may type another name."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(words)[:LONGEST_SLUG].strip("-") or "book"
