"""The fields of a database server: where it is, who one is there, which database, how the way there is guarded."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QLineEdit, QSpinBox, QWidget

from app.settings import portable_folder
from app.ui.language import tr
from app.ui.reaching.ca_field import CaField
from app.ui.widgets.limits import limit_length

DEFAULT_PORT = 3306
PREFERRED, REQUIRED, VERIFY, OFF = TLS_MODES = ("preferred", "required", "verify", "off")
"""As addresses name them; the first is what one without any means."""
_LONGEST_LOGIN = 200


class DatabaseForm(QWidget):
    """Asks for host, port, user, password, database and encryption."""

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
        self.tls, self.trusted = QComboBox(self), CaField("", self)
        for mode in TLS_MODES:
            self.tls.addItem("", mode)
        self.tls.currentIndexChanged.connect(lambda _index: self._show_trusted())
        self._others: list[tuple[str, str]] = []
        """What the address says besides and no field shows, such as schemas."""
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._labels = []
        for field in (self.host, self.port, self.user, self.password, self.database, self.tls, self.trusted):
            label = QLabel(self)
            label.setBuddy(field)
            form.addRow(label, field)
            self._labels.append(label)
            if field is self.database:
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
            "tls": self.tls,
            "tls_ca": self.trusted.path,
        }
        self._show_trusted()

    @property
    def address(self) -> str:
        """The address of what is typed, without the password."""
        host = self.host.text().strip()
        host = f"[{host}]" if ":" in host else host
        user = quote(self.user.text().strip(), safe="")
        database = quote(self.database.text().strip(), safe="")
        mode, ca_file = self.tls.currentData(), self.trusted.ca_file
        parts = [*self._others, *([("tls", mode)] if mode != PREFERRED else [])]
        parts += [("tls_ca", ca_file)] if mode == VERIFY and ca_file else []
        query = f"?{urlencode(parts, safe='/', quote_via=quote)}" if parts else ""
        return f"mysql://{user}@{host}:{self.port.value()}/{database}{query}"

    def fill(self, address: str) -> None:
        """Show an address; the password is not part of it."""
        parts = urlsplit(address)
        self.host.setText(parts.hostname or "")
        self.port.setValue(parts.port or DEFAULT_PORT)
        self.user.setText(unquote(parts.username or ""))
        self.database.setText(unquote(parts.path.removeprefix("/")))
        said = parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True)
        self._others = [(name, value) for name, value in said if name not in {"tls", "tls_ca"}]
        ca_file = dict(said).get("tls_ca", "")
        self.trusted.path.setText(ca_file)
        mode = dict(said).get("tls", VERIFY if ca_file else PREFERRED).lower()
        self.tls.setCurrentIndex(TLS_MODES.index(mode) if mode in TLS_MODES else TLS_MODES.index(VERIFY))

    def first_empty(self) -> QLineEdit | None:
        """Return the first field that must be filled and is not."""
        fields = (self.host, self.user, self.database)
        return next((field for field in fields if not field.text().strip()), None)

    def retranslate(self) -> None:
        """Set every text."""
        texts = (tr("主机"), tr("端口"), tr("用户名"), tr("密码"), tr("数据库"), tr("加密"), tr("CA 证书"))
        for label, text in zip(self._labels, texts, strict=True):
            label.setText(text)
        self.host.setPlaceholderText(tr("如：192.168.1.10"))
        self.database.setPlaceholderText(
            tr("管理员已建好的空数据库的名字") if self._wants_empty else tr("服务器上已有的数据库名")
        )
        self.remember.setText(tr("把密码保存在系统的密码库里"))
        modes = (tr("服务器提供时加密"), tr("必须加密"), tr("加密并核对证书"), tr("不加密"))
        for index, text in enumerate(modes):
            self.tls.setItemText(index, text)
        self.trusted.retranslate()

    def _show_trusted(self) -> None:
        self.trusted.setEnabled(self.tls.currentData() == VERIFY)
