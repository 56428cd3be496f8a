"""What the window does when the server no longer knows who works: he logs in again over his pages and goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PyQt5 import sip
from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QMessageBox, QWidget

from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.tasks import Change, Query, Runner, Topic
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.question import ask

if TYPE_CHECKING:
    from app.client.api import ApiClient
    from app.contract.book import BookInfo
    from app.contract.identity import SessionInfo
    from app.ui.main_window import MainWindow
    from app.ui.workspace import Workspace


class HasSession(Protocol):
    """Who shows the pages of somebody; the shell is one."""

    window: MainWindow
    tasks: Runner
    workspace: Workspace | None
    session: SessionInfo | None
    book: BookInfo | None

    def take_rights(self, session: SessionInfo) -> None:
        """The same person goes on, perhaps with other rights."""

    def enter_anew(self, session: SessionInfo) -> None:
        """Somebody else logged in, or to another book: nothing of the pages goes on."""

    def log_out_now(self) -> None:
        """Give up the pages, and ask who works next."""

    def change_password(self, *, forced: bool = False) -> None:
        """Ask for one's own new password."""


class SessionEnd(QObject):
    """Asks for the login over the pages when a session has ended, and keeps rights up to date while one goes on."""

    def __init__(self, shell: HasSession, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell
        self.dialog: LoginAgainDialog | None = None
        self._question: QMessageBox | None = None
        self._is_first = False
        shell.tasks.changed.connect(self._note_change)

    def ask(self) -> None:
        """The server does not know the session any more: ask, unless that is asked already."""
        workspace, session = self._shell.workspace, self._shell.session
        if workspace is None or session is None or self._shell.window.middle is not workspace:
            return  # nobody is in yet: the login page asks
        if any(_is_open(asked) for asked in (self.dialog, self._question)):
            return
        api = self._shell.tasks.api
        self._is_first = not session.logins and api is not None and not api.transport.session
        self._show(session)

    def _show(self, session: SessionInfo) -> None:
        over = QApplication.activeModalWidget()
        window = self._shell.window
        parent = over if over is not None and window.isAncestorOf(over) else window
        user = session.user
        self.dialog = LoginAgainDialog(parent, user.login_name or "", user.name, is_first=self._is_first)
        self.dialog.logged_in.connect(self._logged_in)
        self.dialog.rejected.connect(self._given_up)
        self.dialog.open()

    def _logged_in(self, session: SessionInfo, name: str) -> None:
        before, book = self._shell.session, self._shell.book
        if book is not None and name != book.name:
            # What was typed belongs to the book that was here; with the same account codes this one would take it, too.
            box = ask(
                self._shell.window,
                tr("换了一本账"),
                tr(
                    "这个地址上现在是另一本账“{name}”，不是“{before}”了。页面里没有保存的内容不能存到那里，会丢失。",
                    name=name,
                    before=book.name,
                ),
                tr("打开“{name}”", name=name),
                lambda: self._shell.enter_anew(session),
            )
            box.rejected.connect(self._back_to_login)
            self._question = box
            return
        if before is None or session.user.id == before.user.id:
            self._go_on(session)
            return
        self._ask_about_typed(
            tr(
                "“{name}”登录了。换人会丢失“{before}”还没有保存的内容。",
                name=session.user.name,
                before=before.user.name,
            ),
            tr("换人，不保存"),
            lambda: self._shell.enter_anew(session),
        )

    def _go_on(self, session: SessionInfo) -> None:
        self._shell.take_rights(session)
        self._shell.tasks.ask_again()
        self._shell.tasks.changed.emit(Change(frozenset(Topic) - {Topic.USERS}))
        if session.must_change_password:
            self._shell.change_password(forced=True)

    def _given_up(self) -> None:
        self._ask_about_typed(tr("不登录就离开，会丢失还没有保存的内容。"), tr("不保存，离开"), self._shell.log_out_now)

    def _ask_about_typed(self, text: str, yes: str, then: Callable[[], None]) -> None:
        """Go on at once where nothing is unsaved; where something is, ask, and with "no" for the login again."""
        workspace = self._shell.workspace
        if workspace is None or not workspace.unsaved_titles():
            then()
            return
        box = ask(self._shell.window, tr("有内容还没有保存"), text, yes, then)
        box.rejected.connect(self._back_to_login)
        self._question = box

    def _back_to_login(self) -> None:
        transport = self._shell.tasks.api.transport if self._shell.tasks.api is not None else None
        if transport is not None:
            transport.session = ""  # whoever logged in meanwhile works no further
        if self._shell.session is not None:
            self._show(self._shell.session)

    def _note_change(self, change: Change) -> None:
        """People or roles changed: perhaps what this person may do."""
        if change.touches(Topic.USERS) and self._shell.workspace is not None:
            self._ask_rights()

    def _ask_rights(self) -> None:
        Query(lambda api: api.session()).slot("rights").on_done(self._known).on_error(self._not_known).run(
            self._shell.window
        )

    def _known(self, session: SessionInfo) -> None:
        before = self._shell.session
        if before is not None and before.user.id == session.user.id:
            self._shell.take_rights(session)

    def _not_known(self, _error: ZhangfangError) -> None:
        """Nobody waits for this answer; who has no session any more is asked through `login_needed`."""


def _is_open(dialog: QDialog | None) -> bool:
    return dialog is not None and not sip.isdeleted(dialog) and dialog.isVisible()


class LoginAgainDialog(FormDialog):
    """Name and password once more, over the pages; what is typed in them stays."""

    logged_in = pyqtSignal(object, str)
    """The new `SessionInfo`, and the name of the book it is for."""

    def __init__(self, parent: QWidget, login_name: str, person: str, *, is_first: bool = False) -> None:
        """Ask for the login of a person; `is_first` where nobody had to log in to this book until now."""
        super().__init__(parent)
        from app.contract.identity import MAX_PASSWORD_LENGTH

        self._person, self._is_first = person, is_first
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self.form.addRow(self._text)
        self.name, self.password = QLineEdit(login_name, self), QLineEdit(self)
        self.name.setMaxLength(60)
        self.password.setMaxLength(MAX_PASSWORD_LENGTH)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._labels = [self.add_field("login_name", self.name), self.add_field("password", self.password)]
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("请登录") if self._is_first else tr("请再登录一次"))
        self._text.setText(
            tr("能登录这本账的人不止一个了，从现在起每个人都要先登录。页面和没有保存的内容都还在，登录后接着工作。")
            if self._is_first
            else tr(
                "“{name}”的登录已经结束：时间到了、密码改过，或者被请下线了。"
                "页面和没有保存的内容都还在，登录后接着工作。",
                name=self._person,
            )
        )
        for label, text in zip(self._labels, (tr("登录名"), tr("密码")), strict=True):
            label.setText(text)
        self.ok_button.setText(tr("登录"))

    def submit(self) -> None:
        """Log in; a refusal leaves the name and asks for the password again."""
        name, password = self.name.text().strip(), self.password.text()
        if not name or not password:
            self.message_bar.show_warning(tr("请填写登录名和密码。"))
            (self.password if name else self.name).setFocus()
            return

        def work(api: ApiClient) -> tuple[SessionInfo, str]:
            return api.log_in(name, password), api.health().book

        self.send(work, done=lambda answer: self.logged_in.emit(*answer))

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Say why it failed, with the password ready to be typed over."""
        super().show_error(error, retry)
        self.password.setFocus()
        self.password.selectAll()
