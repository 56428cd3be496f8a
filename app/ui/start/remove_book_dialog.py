"""Taking a book off its server: who may log in to it, types its name, and is told where its file lies afterwards."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QLabel, QLineEdit, QWidget

from app.kernel.errors import EnvironmentFault, MalformedInput, ZhangfangError
from app.kernel.text import clean_text, message
from app.ui.language import is_english, tr
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_length

if TYPE_CHECKING:
    from app.client.api import ApiClient
    from app.contract.serving import RemovedBook, ServedBook

_GONE = "book_unknown"
_LONGEST_LOGIN, _LONGEST_SECRET, _LONGEST_NAME = 60, 200, 200


class RemoveBookDialog(FormDialog):
    """Asks for a login of that book and for its name; nothing of the book is deleted."""

    removed = pyqtSignal(str)
    """The name the book's file has now, in the server's folder; empty where the answer that told it was lost."""

    def __init__(self, parent: QWidget, root: str, book: ServedBook, ca_file: str) -> None:
        """Take the server's address and one of its further books."""
        super().__init__(parent)
        self._root, self._book, self._ca_file = root, book, ca_file
        self._is_unanswered = False
        self._text, self._who = QLabel(self), QLabel(self)
        for label in (self._text, self._who):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            self.form.addRow(label)
        self._who.setProperty("muted", True)
        self.login, self.password, self.name = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        for field, longest in (
            (self.login, _LONGEST_LOGIN),
            (self.password, _LONGEST_SECRET),
            (self.name, _LONGEST_NAME),
        ):
            limit_length(field, longest)
        fields = (("login_name", self.login), ("password", self.password), ("name", self.name))
        self._labels = [self.add_field(name, field) for name, field in fields]
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 84)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("从服务器撤下账簿"))
        self._text.setText(
            tr(
                "“{name}”（{address}）将从服务器上撤下，所有人马上不能再用它。什么都不会删除：它的文件改个名字，"
                "留在服务器存放账簿的文件夹里，管理员改回原名就能再用。",
                name=self._book.name,
                address=self._root + self._book.path,
            )
        )
        self._who.setText(tr("要由这本账的所有者登录；已经迁走的，有“把账簿迁到别处”权限的人也可以。"))
        for label, text in zip(self._labels, (tr("登录名"), tr("密码"), tr("账簿名称")), strict=True):
            label.setText(text)
        self.login.setPlaceholderText(tr("您在这本账里的登录名"))
        self.name.setPlaceholderText(tr("请照着输入：{name}", name=self._book.name))
        self.ok_button.setText(tr("撤下"))

    def submit(self) -> None:
        """Log in to the book and take it off. Raises `MalformedInput` for what is not typed, or another name."""
        login, password = self.login.text().strip(), self.password.text()
        if not login or not password:
            empty = "password" if login else "login_name"
            sentence = message("请填写登录名和密码。")
            raise MalformedInput("field_empty", sentence, fields={empty: sentence})
        if clean_text(self.name.text()) != clean_text(self._book.name):
            sentence = message("账簿名称和“{name}”不一样，没有撤下。", name=self._book.name)
            raise MalformedInput("name_differs", sentence, fields={"name": sentence})

        def work(_api: ApiClient) -> RemovedBook:
            from app.client.api import ApiClient
            from app.client.transport import Transport

            transport = Transport(self._root + self._book.path, ca_file=self._ca_file)
            transport.language = "en" if is_english() else "zh"
            with contextlib.closing(ApiClient(transport)) as there:
                there.log_in(login, password)
                try:
                    return there.remove_book()
                except ZhangfangError:
                    with contextlib.suppress(ZhangfangError):
                        there.log_out()
                    raise

        self.send(work, done=lambda removed: self.removed.emit(removed.file), refused=self._refused)

    def _refused(self, error: ZhangfangError) -> None:
        if error.code == _GONE and self._is_unanswered:  # the first try came through, only its answer was lost
            self.removed.emit("")
            self.accept()
            return
        self._is_unanswered = self._is_unanswered or isinstance(error, EnvironmentFault)
        self.show_error(error)


def removed_text(name: str, file: str) -> str:
    """Return what is said of a book that was taken off."""
    if not file:
        return tr("“{name}”已从服务器撤下。它的文件改了名，留在服务器存放账簿的文件夹里。", name=name)
    return tr("“{name}”已从服务器撤下。它的文件现在叫 {file}，在服务器存放账簿的文件夹里。", name=name, file=file)


def why_not(book: ServedBook | None) -> str:
    """Return why a book of a server's list cannot be taken off from here; empty where it may be tried."""
    if book is None:
        return tr("请先在名单里选一本能打开的账簿。")
    return "" if book.slug else tr("这是服务器的默认账簿，不能撤下。")
