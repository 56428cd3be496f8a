"""The window's composition: what is shown when, from the first paint to the last goodbye.

The window is painted before anything slow begins; a book is opened off its thread, then the server is asked who works,
then the pages appear.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt5.QtCore import QTimer, pyqtSignal
from PyQt5.QtWidgets import QApplication

from app.kernel.errors import NotAuthenticated, ZhangfangError
from app.resources import catalogue
from app.ui.application import chosen_language, zoom_of
from app.ui.closing import close_with_backup
from app.ui.collector import UiThreadCollector
from app.ui.error_dialog import ErrorHooks
from app.ui.exchange.backup_notice import BackupNotice
from app.ui.icons import app_icon
from app.ui.language import LanguageSwitch, tr
from app.ui.main_window import MainWindow
from app.ui.menus import Menus
from app.ui.program.update_dialog import UpdateOffer
from app.ui.program.update_watch import UpdateWatch
from app.ui.reconnecting import Reconnecting
from app.ui.runtime import OpenedBook, Runtime, WindowArguments
from app.ui.session_end import SessionEnd
from app.ui.sharing.desk import SharingDesk
from app.ui.shell_dialogs import ShellDialogs
from app.ui.start.book_kinds import short_name
from app.ui.start.recent_books import note_opened
from app.ui.start.start_page import StartPage
from app.ui.start.upgrade_opening import answers_refusal, open_with_progress, tell_upgraded
from app.ui.tasks import Query, Runner
from app.ui.theme import ThemeSwitch
from app.ui.watching import Watcher
from app.ui.widgets.question import ask

if TYPE_CHECKING:
    from app.contract.book import BookInfo, Health
    from app.contract.identity import SessionInfo
    from app.settings import Settings
    from app.ui.start.login_page import LoginPage
    from app.ui.workspace import Workspace

logger = logging.getLogger(__name__)


class Shell(ShellDialogs):
    """Leads the window from the start page through opening and login to the pages, and back."""

    ready = pyqtSignal()
    """The pages of a book are shown."""

    def __init__(self, runtime: Runtime, application: QApplication, tasks: Runner | None = None) -> None:
        super().__init__()
        self.runtime = runtime
        self.hooks = ErrorHooks(lambda: self.window)
        self._collector = UiThreadCollector(self)
        self._collector.start()
        self.language = LanguageSwitch(catalogue("en"), self)
        self.theme = ThemeSwitch(application)
        settings = runtime.settings
        self.language.use(chosen_language(settings.language))
        self.theme.use(settings.theme, zoom_of(settings))
        self.tasks = tasks or Runner(parent=self)
        self.window = MainWindow(self.tasks)
        self.window.setWindowIcon(app_icon())
        self.window.restore(settings.window)
        self.window.close_wanted.connect(self.close_window)
        self.watcher = Watcher(self.tasks, self.window)
        self.reconnecting = Reconnecting(self.tasks, self.window)
        self.session_end = SessionEnd(self, self)
        self.tasks.login_needed.connect(self.session_end.ask)
        self.start_page = StartPage(self.window)
        self.start_page.hide()  # until it is put into the middle; a book opened at once leaves it out
        self._connect_start_page()
        self.login_page: LoginPage | None = None
        self.workspace: Workspace | None = None
        self.book: BookInfo | None = None
        self.session: SessionInfo | None = None
        self.opened: OpenedBook | None = None
        self._book_name = ""
        self.sharing = SharingDesk(self, self)
        self.ready.connect(self.sharing.ask_moved)
        self.menus = Menus(self)
        self.updates = UpdateWatch(self, self.window)
        self.updates.found.connect(UpdateOffer(self.window, self.window.message_bar).offer)
        self.backup_notice = BackupNotice(self, self)
        self.ready.connect(self.backup_notice.ask)
        self._show_titles()

    # --- settings ----------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The settings of this person on this computer."""
        return self.runtime.settings

    def change_settings(self, settings: Settings) -> None:
        """Keep settings, and follow what they say about language, theme and size."""
        try:
            self.runtime.change_settings(settings)
        except OSError as error:
            logger.warning("settings could not be kept: %s", error)
        self.language.use(chosen_language(settings.language))
        self.theme.use(settings.theme, zoom_of(settings))
        if self.tasks.api is not None:
            self.tasks.api.transport.language = self.language.language
        self.menus.show_choices()
        self._show_titles()

    def zoom(self, percent: int) -> None:
        """Show everything at another size."""
        window = {**self.settings.window, "zoom": str(percent)}
        self.change_settings(replace(self.settings, window=window))

    # --- books --------------------------------------------------------------------------------------------------------

    def begin(self, arguments: WindowArguments) -> None:
        """Open the book asked for, or the last one, or show the start page."""
        self.updates.begin()
        address = arguments.book or self.settings.last_book
        if address:
            self.open_address(address)
        else:
            self.show_start()

    def show_start(self) -> None:
        """Show the start page."""
        self.start_page.set_recent(self.settings)
        self.window.show_middle(self.start_page)
        self.start_page.first_focus().setFocus()
        self.menus.show_choices()

    def open_address(self, address: str) -> None:
        """Open a book; where that needs a password, ask for it."""
        self.leave_book(lambda: self._close_then(lambda: self._open_now(address)))

    def take_opened(self, opened: OpenedBook, session: str = "") -> None:
        """A book is open behind a server: get to know it. `session` is the login of whoever worked in it before."""
        from app.client.api import ApiClient
        from app.client.transport import Transport

        transport = Transport(opened.url, opened.token, ca_file=opened.ca_file)
        transport.language = self.language.language
        transport.session = session
        self._drop_workspace()
        self.book = self.session = None
        self.opened = opened
        tell_upgraded(self.window, opened)
        self.tasks.connect_to(ApiClient(transport))
        self._show_busy(lambda: tr("正在打开“{name}”…", name=short_name(opened.address)))
        Query(lambda api: api.health()).on_done(self._ask_who).on_error(self._opening_failed).run(self.window)

    def leave_book(self, then: Callable[[], None]) -> None:
        """Close the book's pages, asking first when something typed is unsaved, then go on."""
        unsaved = self.workspace.unsaved_titles() if self.workspace is not None else []
        if not unsaved:
            then()
            return
        ask(
            self.window,
            tr("有内容还没有保存"),
            tr("“{pages}”里有还没有保存的内容，离开会丢失它们。", pages="、".join(unsaved)),
            tr("不保存，离开"),
            then,
        )

    def close_book(self) -> None:
        """Close the book and go back to the start page."""
        self.leave_book(self._close_now)

    def log_out(self) -> None:
        """End the session and ask who works next."""
        self.leave_book(self.log_out_now)

    def close_window(self) -> None:
        """Close the window, asking first when something typed is unsaved."""
        self.leave_book(lambda: self._close_then(self.window.allow_close))

    def stop(self) -> None:
        """End everything the window began, in reverse order; harmless when done already."""
        window = {**self.settings.window, **self.window.remember()}
        try:
            self.runtime.change_settings(replace(self.settings, window=window))
        except OSError as error:
            logger.warning("settings could not be kept: %s", error)
        self.updates.stop()
        self.reconnecting.stop()
        self.tasks.stop()
        self.watcher.close()
        self.runtime.close_book()
        self._collector.stop()

    # --- the way into a book ------------------------------------------------------------------------------------------

    def _open_now(self, address: str) -> None:
        self._drop_workspace()
        self.tasks.connect_to(None)  # what was asked of the book that is closed now is not waited for

        def failed(error: ZhangfangError) -> None:
            if self.window.is_closing:
                return  # nobody is there any more whom a dialog could ask; it would keep the program running
            self._opening_failed(error)
            if answers_refusal(error, address, self):
                self.start_page.message_bar.clear()

        open_with_progress(self.runtime, self.window, address, self.take_opened, failed)

    def _gone_back(self, sentence: str) -> None:
        self.show_start()
        self.start_page.message_bar.show_warning(sentence)

    def _opening_failed(self, error: ZhangfangError) -> None:
        self._drop_workspace()
        self.tasks.connect_to(None)
        self.show_start()
        self.start_page.show_error(error)
        self._show_titles()

    def _ask_who(self, health: Health) -> None:
        self._book_name = health.book
        Query(lambda api: (api.session(), api.book())).slot("who").on_done(
            lambda answer: self._known(*answer)
        ).on_error(self._not_known).run(self.window)

    def _not_known(self, error: ZhangfangError) -> None:
        if isinstance(error, NotAuthenticated):
            self._ask_login()
        else:
            self._opening_failed(error)

    def _ask_login(self) -> None:
        from app.ui.start.login_page import LoginPage

        if self.login_page is None:
            self.login_page = LoginPage(self.window)
            self.login_page.logged_in.connect(self._logged_in)
            self.login_page.other_book_wanted.connect(self.close_book)
        self.login_page.begin(self._book_name)
        self.window.show_middle(self.login_page)
        self.login_page.first_focus().setFocus()
        self._show_titles()

    def enter_anew(self, session: SessionInfo) -> None:
        """Somebody else logged in: the pages of the one before go, his own come, of the book that is there now."""
        self._drop_workspace()
        self.book = None
        self._logged_in(session)

    def take_rights(self, session: SessionInfo) -> None:
        """The same person goes on, perhaps with other rights: the pages follow."""
        self.session = session
        if self.workspace is not None and self.workspace.follow_rights(session):
            self.menus.list_pages()
        self._show_titles()

    def _logged_in(self, session: SessionInfo) -> None:
        self.session = session
        if session.must_change_password:
            self.change_password(forced=True)
        else:
            self._enter(session)

    def _known(self, session: SessionInfo, book: BookInfo) -> None:
        self.book = book
        self._logged_in(session)

    def _enter(self, session: SessionInfo) -> None:
        """Show the pages; after a login the book is asked for first."""
        self.session = session
        if self.workspace is not None:
            return
        if self.book is None:
            Query(lambda api: api.book()).on_done(lambda book: self._known(session, book)).on_error(
                self._opening_failed
            ).run(self.window)
            return
        self._show_workspace(session, self.book)

    def _show_workspace(self, session: SessionInfo, book: BookInfo) -> None:
        from app.ui.page import PageContext
        from app.ui.pages import FIRST_PAGE, all_pages
        from app.ui.workspace import Workspace

        context = PageContext(
            tasks=self.tasks,
            book=book,
            user_id=session.user.id,
            user_name=session.user.name,
            permissions=frozenset(session.permissions),
            is_owner=session.user.is_owner,
            open_target=lambda _target: None,
            place=self.opened.address if self.opened is not None and self.opened.is_remote else "",
        )
        self.workspace = Workspace(context, all_pages(self), self.window)
        self.workspace.search_wanted.connect(self.open_search)
        self.window.show_middle(self.workspace)
        self.menus.list_pages()
        self.watcher.begin(self.workspace.editing, session, self.opened)
        if self.opened is not None:
            now = datetime.datetime.now().astimezone()
            self.runtime.change_settings(note_opened(self.settings, self.opened.address, book.name, now))
        self._show_titles()
        first = FIRST_PAGE if any(e.key == FIRST_PAGE for e in self.workspace.entries) else ""
        if first or self.workspace.entries:
            self.workspace.show_page(first or self.workspace.entries[0].key)
        # The pages are painted before anybody who waits for them goes on.
        QTimer.singleShot(0, self.ready.emit)

    def log_out_now(self) -> None:
        """End the session without asking about anything, and ask who works next."""
        self._drop_workspace()

        def gone() -> None:
            self.book = self.session = None
            self._ask_login()

        end = Query(lambda api: api.log_out()).on_done(lambda _none: gone()).on_error(lambda _error: gone())
        self.watcher.leave(lambda: end.run(self.window))

    def _close_now(self) -> None:
        self._close_then(self.show_start)

    def put_book_away(self, text: Callable[[], str]) -> None:
        """Take the pages of the open book off, and show that something goes on with it; it is not closed here."""
        self._drop_workspace()
        self.tasks.connect_to(None)
        self.book = self.session = self.opened = None
        self._show_busy(text)
        self._show_titles()

    def opening_failed(self, error: ZhangfangError) -> None:
        """Show the start page, and why the book could not be opened."""
        self._opening_failed(error)

    def _close_then(self, then: Callable[[], None]) -> None:
        """Close the book that is open, if one is, and go on."""
        if self.opened is None:
            then()
            return
        self._drop_workspace()
        self.book = self.session = self.opened = None
        self._show_busy(lambda: tr("正在关闭…"))

        def left() -> None:
            self.tasks.connect_to(None)  # what was asked of the book is not waited for
            close_with_backup(self.runtime, self.window, then, self._opening_failed)

        self.watcher.leave(left)
        self._show_titles()

    def _drop_workspace(self) -> None:
        if self.workspace is not None:
            workspace, self.workspace = self.workspace, None
            self.watcher.stop()
            self.window.remove_middle(workspace)
            self.menus.list_pages()

    def _show_busy(self, text: Callable[[], str]) -> None:
        self.window.busy_page.set_text(text)
        self.window.show_middle(self.window.busy_page)

    def _show_titles(self) -> None:
        book, session = self.book, self.session
        program = tr("账房")
        if book is None or self.workspace is None:
            self.window.setWindowTitle(program)
            self.window.set_status("", "", "")
            return
        self.window.setWindowTitle(f"{book.name} — {program}")
        user = session.user.name if session is not None else ""
        place = self.workspace.context.place or book.location
        self.window.set_status(place, book.database, user)

    def _connect_start_page(self) -> None:
        page = self.start_page
        page.new_wanted.connect(self.new_book)
        page.open_wanted.connect(self.open_file)
        page.connect_wanted.connect(self.connect_server)
        page.restore_wanted.connect(self.restore_backup)
        page.recent_wanted.connect(self.open_address)
        page.server_books_wanted.connect(self.list_server_books)
