"""The dialogs that lead from one book to another, and those that are the same on every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, Qt

from app.client.addresses import is_web_address
from app.ui.navigation import ShowPage
from app.ui.start.book_kinds import is_server_address

if TYPE_CHECKING:
    from app.contract.identity import SessionInfo
    from app.kernel.errors import ZhangfangError
    from app.ui.main_window import MainWindow
    from app.ui.runtime import OpenedBook, Runtime
    from app.ui.start.start_page import StartPage
    from app.ui.workspace import Workspace


class ShellDialogs(QObject):
    """The half of the shell that opens dialogs; what comes of them the other half does."""

    runtime: Runtime
    window: MainWindow
    start_page: StartPage
    workspace: Workspace | None
    session: SessionInfo | None
    opened: OpenedBook | None

    def show_start(self) -> None:
        """Show the start page."""
        raise NotImplementedError

    def open_address(self, address: str) -> None:
        """Open a book."""
        raise NotImplementedError

    def take_opened(self, opened: OpenedBook) -> None:
        """Go on with a book that is open behind a server."""
        raise NotImplementedError

    def leave_book(self, then: Callable[[], None]) -> None:
        """Close the pages, asking first, and go on."""
        raise NotImplementedError

    def log_out_now(self) -> None:
        """End the session without asking."""
        raise NotImplementedError

    def _close_then(self, then: Callable[[], None]) -> None:
        raise NotImplementedError

    def _enter(self, session: SessionInfo) -> None:
        raise NotImplementedError

    def _gone_back(self, sentence: str) -> None:
        raise NotImplementedError

    def _opening_failed(self, error: ZhangfangError) -> None:
        raise NotImplementedError

    def new_book(self) -> None:
        """Ask what book to make."""
        from app.ui.start.book_dialogs import NewBookDialog

        self.leave_book(lambda: NewBookDialog(self.window, self.runtime, self.take_opened).open())

    def open_file(self) -> None:
        """Ask which file to open."""
        from app.ui.start.book_dialogs import choose_book_file

        choose_book_file(self.window, self.open_address)

    def connect_server(self, address: str = "", *, begin: bool = False) -> None:
        """Ask where the server is; with `begin`, ask this one at once."""
        from app.ui.start.connect_dialog import ConnectDialog

        def ask() -> None:
            ConnectDialog(self.window, self.runtime, self.take_opened, address=address, begin=begin).open()

        self.leave_book(ask)

    def list_server_books(self, address: str = "") -> None:
        """Show which books a server has, by default that of the open book, to open one of them."""
        at = address or (self.opened.address if self.opened is not None else "")
        if is_web_address(at):
            self.connect_server(at, begin=True)

    def restore_backup(self, file: str = "") -> None:
        """Ask which backup becomes a book, and where; for a given one, in the place of the book that is open."""
        from app.ui.start.restore_dialog import RestoreDialog

        address = self.opened.address if file and self.opened is not None else ""
        place = "" if is_server_address(address) else address

        def choose() -> None:
            self.show_start()
            RestoreDialog(self.window, self.runtime, self.open_address, file, place).open()

        self.leave_book(lambda: self._close_then(choose))

    def go_back(self) -> None:
        """Ask which book becomes again what it was before its upgrade."""
        from app.ui.start.upgrade_back import ask_to_go_back

        ends = (self._gone_back, self._opening_failed)
        ask_to_go_back(self.runtime, self.window, lambda then: self.leave_book(lambda: self._close_then(then)), *ends)

    def change_password(self, *, forced: bool = False) -> None:
        """Ask for one's own new password."""
        from app.ui.start.login_page import PasswordDialog

        session = self.session
        if session is None:
            return
        dialog = PasswordDialog(self.window, forced=forced, has_password=session.user.has_password)
        dialog.changed.connect(self._enter)
        if forced:
            dialog.rejected.connect(self.log_out_now)
        dialog.open()

    def open_search(self) -> None:
        """Open the palette that finds everything."""
        if self.workspace is not None:
            from app.ui.search_palette import SearchPalette

            workspace = self.workspace
            palette = SearchPalette(workspace.context, workspace.entries, workspace.open_target, workspace)
            palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            palette.open_over(self.window)

    def open_manual(self) -> None:
        """Open the manual at the chapter that explains the page in front."""
        from app.ui.manual.manual_window import ManualWindow

        there = self.window.findChildren(ManualWindow)
        shown = there[0] if there else ManualWindow(self.window)
        shown.show_page_help(self.workspace.current_key if self.workspace is not None else "start")
        shown.show()
        shown.raise_()
        shown.activateWindow()

    def go_to(self, key: str) -> None:
        """Show a page of the open book."""
        if self.workspace is not None:
            self.workspace.open_target(ShowPage(key))
