"""Sharing as the window does it: opens the wizards, closes and opens the book around a move, shows where one went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PyQt5 import sip
from PyQt5.QtCore import QObject

from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.runtime import MovedBook, MoveWish, OpenedBook, Runtime
from app.ui.sharing.notice import MovedBar
from app.ui.start.book_kinds import short_name
from app.ui.tasks import Command, Query, Runner, Topic
from app.ui.widgets.question import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.contract.book import BookInfo
    from app.contract.identity import SessionInfo
    from app.contract.serving import MoveState
    from app.kernel.checking import CheckStep
    from app.ui.main_window import MainWindow
    from app.ui.sharing.move_dialog import Report
    from app.ui.workspace import Workspace

PERMISSION = "book:book:move"


class Shell(Protocol):
    """What sharing needs of the window."""

    window: MainWindow
    runtime: Runtime
    tasks: Runner
    workspace: Workspace | None
    book: BookInfo | None
    session: SessionInfo | None
    opened: OpenedBook | None

    def leave_book(self, then: Callable[[], None]) -> None:
        """Ask what becomes of unsaved work, then go on."""

    def put_book_away(self, text: Callable[[], str]) -> None:
        """Take the pages of the book off, and show that something goes on with it."""

    def take_opened(self, opened: OpenedBook, session: str = "") -> None:
        """Go on with a book that is open."""

    def open_address(self, address: str) -> None:
        """Open a book."""

    def show_start(self) -> None:
        """Show the start page."""

    def opening_failed(self, error: ZhangfangError) -> None:
        """Show the start page, and why the book could not be opened."""


class SharingDesk(QObject):
    """One for a window. The functions that are called off its thread touch no widget."""

    def __init__(self, shell: Shell, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell
        self.bar: MovedBar | None = None
        self._opened: OpenedBook | None = None
        self._session = ""

    # --- the wizards -------------------------------------------------------------------------------------------------

    @property
    def may(self) -> bool:
        """Whether a book is open that this person may move."""
        workspace = self._shell.workspace
        return workspace is not None and workspace.context.may(PERMISSION)

    @property
    def is_local(self) -> bool:
        """Whether the open book is a file of this computer."""
        opened = self._shell.opened
        return opened is not None and "://" not in opened.address

    @property
    def title(self) -> str:
        """The name of the open book."""
        book = self._shell.book
        return book.name if book is not None else ""

    @property
    def has_logins(self) -> bool:
        """Whether anybody has a login already."""
        session = self._shell.session
        return session is not None and (session.logins or session.user.has_password)

    def ask_where(self) -> None:
        """Ask where the open book is to go."""
        from app.ui.sharing.share_dialog import ShareDialog

        if self.may:
            self._shell.leave_book(lambda: ShareDialog(self._shell.window, self).open())

    def ask_home(self) -> None:
        """Ask in which file the open book is to come home."""
        from app.ui.sharing.home_dialog import HomeDialog

        if self.may:
            self._shell.leave_book(lambda: HomeDialog(self._shell.window, self).open())

    # --- around a move -----------------------------------------------------------------------------------------------

    @property
    def ca_file(self) -> str:
        """The certificates that are trusted besides the computer's."""
        return self._shell.runtime.settings.ca_file

    def look(self, wish: MoveWish) -> Iterator[CheckStep]:
        """Look step by step at whether the book can move there (off the window's thread)."""
        opened, session = self._now()
        return self._shell.runtime.diagnose_move(opened, session, wish)

    def share(self, wish: MoveWish, report: Report) -> MovedBook:
        """Move the book to a database or a server (off the window's thread)."""
        opened, session = self._put_away()
        return self._shell.runtime.share_book(opened, session, wish, report)

    def bring_home(self, path: str, report: Report) -> MovedBook:
        """Move the book into a file (off the window's thread)."""
        opened, session = self._put_away()
        return self._shell.runtime.bring_home(opened, session, path, report)

    def put_away(self) -> None:
        """Take the pages of the open book off: it is closed while it moves."""
        self._opened, self._session = self._now()
        self._forget()
        self._shell.put_book_away(lambda: tr("正在迁移账簿…"))

    def resume(self) -> None:
        """The book did not move: open it again where it is, for whoever was logged in."""
        opened, session = self._put_away()
        runtime = self._shell.runtime
        is_served = opened.address.startswith(("http://", "https://"))
        Query(lambda _api: opened if is_served else runtime.reopen_book()).slot("open").on_done(
            lambda again: self._shell.take_opened(again, session)
        ).on_error(self._shell.opening_failed).run(self._shell.window)

    def leave(self) -> None:
        """The book has moved, and nobody wants to see it now."""
        self._shell.show_start()

    def open_moved(self, moved: MovedBook, wish: MoveWish) -> None:
        """Open the book at its new place, with the password that was typed for it."""
        if not moved.address.startswith("mysql://"):
            self._shell.open_address(moved.address)
            return
        runtime = self._shell.runtime
        self._shell.put_book_away(lambda: tr("正在打开“{name}”…", name=short_name(moved.address)))
        Query(lambda _api: runtime.open_book(moved.address, wish.password)).slot("open").on_done(
            self._shell.take_opened
        ).on_error(self._shell.opening_failed).run(self._shell.window)

    def open_address(self, address: str) -> None:
        """Open a book."""
        self._shell.open_address(address)

    def _now(self) -> tuple[OpenedBook, str]:
        opened, api = self._shell.opened, self._shell.tasks.api
        if opened is None or api is None:
            return self._put_away()
        return opened, api.transport.session

    def _put_away(self) -> tuple[OpenedBook, str]:
        if self._opened is None:
            raise RuntimeError("no book was put away")
        return self._opened, self._session

    # --- a book that has moved ---------------------------------------------------------------------------------------

    def ask_moved(self) -> None:
        """The pages of a book are shown: ask whether it moves or has moved."""
        self._forget()
        workspace = self._shell.workspace
        if workspace is not None:
            Query(lambda api: api.move_state()).slot("move").on_done(self._show).on_error(lambda _error: None).run(
                workspace
            )

    def _show(self, state: MoveState) -> None:
        workspace = self._shell.workspace
        if not state.place or workspace is None:
            return
        self.bar = bar = MovedBar(state, may_stay=self.may, parent=self._shell.window)
        bar.open_button.clicked.connect(lambda _checked: self._shell.open_address(state.place))
        bar.stay_button.clicked.connect(lambda _checked: self._ask_stay(state))
        workspace.destroyed.connect(self._forget)
        self._shell.window.add_bar(bar)

    def _ask_stay(self, state: MoveState) -> None:
        text = (
            tr("只有“{place}”那一本已经丢失或不用时才这样做：两本都继续记，就再也合不到一起了。", place=state.place)
            if state.done
            else tr("如果别人那里迁移还在进行，它会失败并撤销。那里若已有一份副本，请不要用它。")
        )
        ask(self._shell.window, tr("在这里继续用这本账"), text, tr("在这里继续用"), self._stay)

    def _stay(self) -> None:
        Command(lambda api: api.stay(), Topic.BOOK).on_done(lambda _none: self._forget()).run(self._shell.window)

    def _forget(self) -> None:
        bar, self.bar = self.bar, None
        if bar is not None and not sip.isdeleted(bar):
            bar.deleteLater()
