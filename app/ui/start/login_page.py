"""Logging in, once a book has people who can."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QEvent, pyqtSignal
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.contract.identity import MAX_PASSWORD_LENGTH, PasswordChange, SessionInfo
from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.tasks import Query
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.message_bar import MessageBar


class LoginPage(QWidget):
    """Asks for login name and password."""

    logged_in = pyqtSignal(object)
    """A `SessionInfo`."""
    other_book_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        em = self.fontMetrics().height()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addStretch(2)
        card = QFrame(self)
        card.setObjectName("card")
        card.setFixedWidth(self.fontMetrics().averageCharWidth() * 52)
        inner = QVBoxLayout(card)
        inner.setContentsMargins(em * 3 // 2, em * 3 // 2, em * 3 // 2, em * 3 // 2)
        inner.setSpacing(em // 2)
        self._heading = QLabel(card)
        self._heading.setObjectName("heading")
        self._book = QLabel(card)
        self._book.setObjectName("muted")
        self.message_bar = MessageBar(card)
        self._name_label, self._name = QLabel(card), QLineEdit(card)
        self._password_label, self._password = QLabel(card), QLineEdit(card)
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._password.setMaxLength(MAX_PASSWORD_LENGTH)
        self._name.setMaxLength(60)
        for label, field in ((self._name_label, self._name), (self._password_label, self._password)):
            label.setBuddy(field)
        self._log_in = QPushButton(card)
        self._log_in.setProperty("primary", True)
        self._other = QPushButton(card)
        self._other.setProperty("flat", True)
        self._other.clicked.connect(lambda _checked: self.other_book_wanted.emit())
        self._log_in.clicked.connect(lambda _checked: self._send())
        self._name.returnPressed.connect(self._password.setFocus)
        self._password.returnPressed.connect(self._send)
        for widget in (self._heading, self._book, self.message_bar, self._name_label, self._name):
            inner.addWidget(widget)
        inner.addWidget(self._password_label)
        inner.addWidget(self._password)
        inner.addSpacing(em // 2)
        inner.addWidget(self._log_in)
        inner.addWidget(self._other)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card)
        row.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(3)
        self.retranslate()

    def begin(self, book_name: str) -> None:
        """Ask anew for a book."""
        self._book.setText(book_name)
        self._password.clear()
        self._log_in.setEnabled(True)

    def first_focus(self) -> QWidget:
        """Return the field to type into."""
        return self._password if self._name.text() else self._name

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Say why it failed; the name stays, the password is selected to be typed over."""
        self.message_bar.show_error(error, retry)
        self._password.selectAll()

    def retranslate(self) -> None:
        """Set every text."""
        self._heading.setText(tr("登录"))
        self._name_label.setText(tr("登录名"))
        self._password_label.setText(tr("密码"))
        self._log_in.setText(tr("登录"))
        self._other.setText(tr("打开别的账簿"))

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate when the language changes."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def _send(self) -> None:
        name, password = self._name.text().strip(), self._password.text()
        if not self._log_in.isEnabled():
            return
        self.message_bar.clear()
        if not name or not password:
            self.message_bar.show_warning(tr("请填写登录名和密码。"))
            (self._name if not name else self._password).setFocus()
            return
        self._log_in.setEnabled(False)
        Query(lambda api: api.log_in(name, password)).slot("login").on_done(self._done).always(self._enable).run(self)

    def _done(self, session: SessionInfo) -> None:
        self._password.clear()
        self.logged_in.emit(session)

    def _enable(self) -> None:
        self._log_in.setEnabled(True)


class PasswordDialog(FormDialog):
    """Changing one's own password; forced after a login with one that somebody else gave."""

    changed = pyqtSignal(object)
    """The new `SessionInfo`."""

    def __init__(self, parent: QWidget, *, forced: bool = False, has_password: bool = True) -> None:
        super().__init__(parent)
        self._forced = forced
        self._reason = QLabel(self)
        self._reason.setWordWrap(True)
        self._reason.setVisible(forced)
        self.form.addRow(self._reason)
        self._old, self._new, self._again = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        for field in (self._old, self._new, self._again):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setMaxLength(MAX_PASSWORD_LENGTH)
        self._labels = [
            self.add_field("old_password", self._old),
            self.add_field("new_password", self._new),
            self.add_field("again", self._again),
        ]
        self._old.setVisible(has_password)
        self._labels[0].setVisible(has_password)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("修改密码"))
        self._reason.setText(tr("您的密码是别人设置的，请换成只有您自己知道的密码。"))
        for label, text in zip(self._labels, (tr("原密码"), tr("新密码"), tr("再输入一次")), strict=True):
            label.setText(text)
        self._new.setPlaceholderText(tr("至少 8 个字符"))

    def submit(self) -> None:
        """Send the change."""
        if self._new.text() != self._again.text():
            self.message_bar.show_warning(tr("两次输入的新密码不一样。"))
            self._again.setFocus()
            return
        change = PasswordChange(old_password=self._old.text(), new_password=self._new.text())
        self.send(lambda api: api.change_own_password(change), done=self.changed.emit)
