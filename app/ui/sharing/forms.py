"""What a move asks besides the address of its place: who puts the book there, its name, its owner's login."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFormLayout, QLabel, QLineEdit, QWidget

from app.client.addresses import parse_server
from app.kernel.errors import MalformedInput
from app.kernel.text import message
from app.ui.language import tr
from app.ui.reaching.server_form import ServerForm
from app.ui.widgets.limits import limit_length

LONGEST_LOGIN = 60
LONGEST_SECRET = 200
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

    def name_labels(self, texts: Sequence[str]) -> None:
        """Set the labels' texts, in order."""
        for label, text in zip(self._labels, texts, strict=True):
            label.setText(text)


def require_filled(*fields: QLineEdit) -> None:
    """Put the keyboard into the first of these that is empty, and raise `MalformedInput`."""
    for field in fields:
        if not field.text().strip():
            field.setFocus()
            raise MalformedInput("field_empty", message("请把这一页填完整。"))


class TargetForm(ServerForm):
    """A server of ours, who puts the book there, and what it is called in addresses."""

    def __init__(self, title: str, ca_file: str, parent: QWidget | None = None) -> None:
        super().__init__(ca_file, parent)
        self.login, self.password, self.slug = QLineEdit(self), QLineEdit(self), QLineEdit(slug_of(title), self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        for field, longest in ((self.login, LONGEST_LOGIN), (self.password, LONGEST_SECRET), (self.slug, LONGEST_SLUG)):
            limit_length(field, longest)
        self.named: dict[str, QWidget] = {
            "url": self.url,
            "login": self.login,
            "password": self.password,
            "slug": self.slug,
        }
        self._more_labels = []
        for field in (self.login, self.password, self.slug):
            label = QLabel(self)
            label.setBuddy(field)
            self.form.addRow(label, field)
            self._more_labels.append(label)

    @property
    def address(self) -> str:
        """The address of the server that is typed, without any of its books. Raises `MalformedInput`."""
        return parse_server(self.url.text()).root

    def check(self) -> None:
        """Raise `MalformedInput` for a field that must be filled, or a name no address may hold."""
        from app.contract.serving import (
            SLUG_PATTERN,  # here, for contracts take time to import; the window is up by now
        )

        require_filled(self.url, self.login, self.slug)
        if not re.fullmatch(SLUG_PATTERN, self.slug.text()):
            sentence = message("网址里的名字只能用小写字母、数字和中间的连字符。")
            raise MalformedInput("slug_malformed", sentence, fields={"slug": sentence})

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        for label, text in zip(self._more_labels, (tr("登录名"), tr("密码"), tr("网址里的名字")), strict=True):
            label.setText(text)
        self.login.setPlaceholderText(tr("您在这台服务器上的登录名"))


class OwnerFields(Fields):
    """The login of the owner of a book to which nobody logs in yet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.login = QLineEdit(self)
        limit_length(self.login, LONGEST_LOGIN)
        self.password, self.repeat = QLineEdit(self), QLineEdit(self)
        for field in (self.password, self.repeat):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            limit_length(field, LONGEST_SECRET)
        self.add("owner_login", self.login)
        self.add("owner_password", self.password)
        self.add("repeat", self.repeat)

    def check(self) -> None:
        """Raise `MalformedInput` for what cannot be a login."""
        require_filled(self.login, self.password, self.repeat)
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
