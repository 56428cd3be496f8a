"""The fields of a database server: where it is, who one is there, which database."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QCheckBox, QFormLayout, QLabel, QLineEdit, QSpinBox, QWidget

from app.settings import portable_folder
from app.ui.language import tr
from app.ui.widgets.limits import limit_length

DEFAULT_PORT = 3306
_LONGEST_LOGIN = 200


class DatabaseForm(QWidget):
    """Asks for host, port, user, password and database."""

    def __init__(self, parent: QWidget | None = None, *, wants_empty: bool = False) -> None:
        """Ask for the database of a book, or with `wants_empty` for one that holds nothing yet."""
        super().__init__(parent)
        self._wants_empty = wants_empty
        self.host, self.user, self.database = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        for field in (self.host, self.user, self.database):
            limit_length(field, _LONGEST_LOGIN)
        self.port = QSpinBox(self)
        self.port.setRange(1, 65535)
        self.port.setValue(DEFAULT_PORT)
        self.port.setGroupSeparatorShown(False)
        self.password = QLineEdit(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.remember = QCheckBox(self)
        self._query = ""
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._labels = []
        for field in (self.host, self.port, self.user, self.password, self.database):
            label = QLabel(self)
            label.setBuddy(field)
            form.addRow(label, field)
            self._labels.append(label)
        form.addRow(QLabel(self), self.remember)
        # In portable mode nothing is left in a computer's own store.
        self.remember.setVisible(portable_folder() is None)
        self.host.setText("" if wants_empty else "127.0.0.1")
        self.named: dict[str, QWidget] = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "database": self.database,
        }

    @property
    def address(self) -> str:
        """The address of what is typed, without the password."""
        host = self.host.text().strip()
        host = f"[{host}]" if ":" in host else host
        user = quote(self.user.text().strip(), safe="")
        database = quote(self.database.text().strip(), safe="")
        return f"mysql://{user}@{host}:{self.port.value()}/{database}{self._query}"

    def fill(self, address: str) -> None:
        """Show an address; the password is not part of it."""
        parts = urlsplit(address)
        self.host.setText(parts.hostname or "")
        self.port.setValue(parts.port or DEFAULT_PORT)
        self.user.setText(unquote(parts.username or ""))
        self.database.setText(unquote(parts.path.removeprefix("/")))
        self._query = f"?{parts.query}" if parts.query else ""

    def first_empty(self) -> QLineEdit | None:
        """Return the first field that must be filled and is not."""
        fields = (self.host, self.user, self.database)
        return next((field for field in fields if not field.text().strip()), None)

    def retranslate(self) -> None:
        """Set every text."""
        texts = (tr("主机"), tr("端口"), tr("用户名"), tr("密码"), tr("数据库"))
        for label, text in zip(self._labels, texts, strict=True):
            label.setText(text)
        self.host.setPlaceholderText(tr("如：192.168.1.10"))
        self.database.setPlaceholderText(
            tr("管理员已建好的空数据库的名字") if self._wants_empty else tr("服务器上已有的数据库名")
        )
        self.remember.setText(tr("把密码保存在系统的密码库里"))
