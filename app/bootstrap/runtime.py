"""What the window asks of the program: a server behind it, opening and closing books."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.bootstrap.diagnostics import log_folder
from app.bootstrap.passwords import keep_password, with_password
from app.kernel.text import Message, message
from app.logs import hide_secret
from app.settings import Settings, load_settings, save_settings

if TYPE_CHECKING:
    from app.bootstrap.sharing import Mover
    from app.kernel.checking import CheckStep
    from app.storage.address import BookAddress
    from app.storage.database import Book
    from app.storage.upgrade.file import Upgraded
    from app.ui.runtime import KeptBook, MovedBook, MoveWish, NewBook, OpenedBook, UpgradeConsent
    from app.web.keeping import Keeper
    from app.web.opening import StopRegister

logger = logging.getLogger(__name__)


class Runtime:
    """Opens and closes books for the window; the heavy half of the program is imported with the first one.

    All but `settings` and `log_folder` block. One book is open at a time.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        """Read the settings; nothing is opened."""
        self._settings = load_settings() if settings is None else settings
        self._lock = threading.RLock()
        self._stops: StopRegister | None = None
        self._keeper: Keeper | None = None
        self._address: BookAddress | None = None

    @property
    def settings(self) -> Settings:
        """The settings of this person on this computer."""
        return self._settings

    def change_settings(self, settings: Settings) -> None:
        """Keep these settings; they count for this run even where they cannot be written."""
        self._settings = settings
        try:
            save_settings(settings)
        except OSError as error:
            logger.warning("settings could not be written: %s", error)

    def log_folder(self) -> Path:
        """Return where the log lies."""
        return log_folder()

    def open_book(
        self,
        address: str,
        password: str | None = None,
        *,
        remember_password: bool = False,
        consent: UpgradeConsent | None = None,
        report: Callable[[int, int, str], bool] | None = None,
    ) -> OpenedBook:
        """Lock, open, upgrade, start the server; a book that was open is closed first. Returns when it answers.

        `report` tells how far an upgrade is and may cancel it. Raises `UserError` and `EnvironmentFault` as
        `open_for_serving`, with `password_needed` where a server's password is neither given nor kept, `upgrade_needed`
        where a shared book needs an upgrade and `consent` is missing; what was started is stopped again.

        A book behind a server of ours (`http(s)://…`) needs nothing here: who opens it talks to that server.
        """
        from app.client.addresses import is_web_address

        if is_web_address(address):
            return self._go_to_server(address, report)
        from app.web.keeping import keeper_of
        from app.web.opening import StopRegister, open_for_serving
        from app.web.upgrading import Consent, UpgradeWish

        done: list[Upgraded] = []
        wish = UpgradeWish(
            progress=self._progress(report),
            consent=None if consent is None else Consent(consent.login, consent.password, consent.despite_others),
            done=done.append,
        )
        with self._lock:
            self.close_book(report)
            parsed = with_password(address, password)
            stops = StopRegister()
            try:
                book = open_for_serving(parsed, stops, wish)
                opened = self._serve(book, str(parsed), stops)
            except BaseException:
                stops.run()
                raise
            self._stops, self._keeper, self._address = stops, keeper_of(book), parsed
        if remember_password and password is not None:
            keep_password(parsed, password)
        return replace(opened, kept_file=done[0].kept, kept_version=done[0].old) if done else opened

    def _go_to_server(self, address: str, report: Callable[[int, int, str], bool] | None) -> OpenedBook:
        from app.client.addresses import parse_server
        from app.ui.runtime import OpenedBook

        place = str(parse_server(address))
        self.close_book(report)
        return OpenedBook(place, "", place, ca_file=self._settings.ca_file)

    def _serve(self, book: Book, address: str, stops: StopRegister) -> OpenedBook:
        import secrets

        from app.client.api import ApiClient
        from app.client.transport import Transport
        from app.ui.runtime import OpenedBook
        from app.web.factory import create_app
        from app.web.guard import DesktopGuard
        from app.web.keeping import keeper_of
        from app.web.server import LocalServer

        keeper = keeper_of(book)
        keeper.settings = lambda: self._settings
        keeper.start()
        stops.push("kept backup", keeper.at_closing)
        others = self._settings.other_programs
        server = LocalServer()
        port = server.bind(self._settings.other_programs_port if others else 0)
        stops.push("server", server.stop)
        token = secrets.token_urlsafe(32)
        hide_secret(token)
        server.start(create_app(book, DesktopGuard(port, token, other_programs=others)))
        probe = ApiClient(Transport(server.url, token))
        try:
            probe.health()
        finally:
            probe.close()
        logger.info("server answers")
        return OpenedBook(server.url, token, address)

    def create_book(self, book: NewBook, password: str | None = None, *, remember_password: bool = False) -> OpenedBook:
        """Make a book that does not exist yet and open it. Raises as `create_book` and `open_book`."""
        from app.web.opening import create_book

        with self._lock:
            create_book(
                with_password(book.address, password),
                name=book.name,
                chart=book.chart,
                start=book.start,
                vat=book.vat,
                base_currency=book.base_currency,
            )
            return self.open_book(book.address, password, remember_password=remember_password)

    def restore_book(self, backup: Path, address: str, report: Callable[[int, int, str], bool]) -> str:
        """Make a book from a backup and verify it; return its address. A book that was there is set aside."""
        from app.web.book_work import restore_book

        with self._lock:
            self.close_book(report)
            parsed = with_password(address, None)
            restore_book(backup, parsed, self._progress(report))
            return str(parsed)

    def diagnose_database(self, address: str, password: str | None) -> Iterator[CheckStep]:
        """Look at the way to a book on a database server step by step. Raises `MalformedInput`, `password_needed`."""
        from app.storage.diagnosis import diagnose

        return diagnose(with_password(address, password))

    def diagnose_move(self, opened: OpenedBook, session: str, wish: MoveWish) -> Iterator[CheckStep]:
        """Look step by step at whether the open book can move there; nothing is changed."""
        return self._mover(opened, session, wish).look()

    def share_book(
        self, opened: OpenedBook, session: str, wish: MoveWish, report: Callable[[int, int, str], bool]
    ) -> MovedBook:
        """Move the open book to a database or a server, proved equal; whatever goes wrong, it is as it was."""
        with self._lock:
            moved = self._mover(opened, session, wish).move(self.close_book, report)
        recent = tuple(address for address in self._settings.recent_books if address != opened.address)
        settings = replace(self._settings, recent_books=recent).with_book(moved.address)
        self.change_settings(settings if wish.ca_file is None else replace(settings, ca_file=wish.ca_file))
        return moved

    def bring_home(
        self, opened: OpenedBook, session: str, path: str, report: Callable[[int, int, str], bool]
    ) -> MovedBook:
        """Move the open book into a new file of this computer."""
        from app.ui.runtime import MoveWish

        return self.share_book(opened, session, MoveWish(path), report)

    def _mover(self, opened: OpenedBook, session: str, wish: MoveWish) -> Mover:
        from app.bootstrap.sharing import Mover

        served = opened.address.lower().startswith(("http://", "https://"))
        ca_file = self._settings.ca_file if wish.ca_file is None else wish.ca_file
        return Mover(opened, session, wish, None if served else self._address, self._text, ca_file)

    def reopen_book(self) -> OpenedBook:
        """Open again, without asking for its password, the book that a move closed."""
        with self._lock:
            if self._address is None:
                raise RuntimeError("no book was open")
            return self.open_book(str(self._address), self._address.password)

    def close_book(self, report: Callable[[int, int, str], bool] | None = None) -> None:
        """Stop the server, back the book up, close it, release its lock; bounded, and harmless when none is open.

        `report` tells how far the backup is, and skips it by returning True; without it there is little time for one.
        """
        with self._lock:
            stops, self._stops = self._stops, None
            keeper, self._keeper = self._keeper, None
            if keeper is not None and report is not None:
                keeper.show_closing(lambda done, total, text: report(done, total, self._text(text)))
            if stops is not None:
                stops.run()

    def kept_files(self, address: str) -> list[KeptBook]:
        """Return the files that upgrades of a book kept, the latest first; none for a book on a server."""
        from app.storage.address import parse_address
        from app.storage.upgrade.kept import kept_files
        from app.ui.runtime import KeptBook

        path = parse_address(address).path
        if path is None:
            return []
        return [KeptBook(str(kept.path), kept.version, f"{kept.at:%Y-%m-%d %H:%M}") for kept in kept_files(path)]

    def lost_by_going_back(self, address: str, kept: str) -> tuple[int, int]:
        """Return how many vouchers were made, and how many changed, since a file was kept."""
        from app.storage.upgrade.kept import loss

        found = loss(Path(address), Path(kept))
        return found.new, found.changed

    def go_back(self, address: str, kept: str) -> str:
        """Give a kept file the book's name again; return where the upgraded book was set aside."""
        from app.storage.upgrade.kept import go_back

        with self._lock:
            self.close_book()
            return str(go_back(Path(address), Path(kept)))

    def _progress(self, report: Callable[[int, int, str], bool] | None) -> Callable[[int, int, Message], None]:
        from app.storage.progress import WorkCancelled

        def progress(done: int, total: int, text: Message) -> None:
            if report is not None and report(done, total, self._text(text)):
                raise WorkCancelled("cancelled", message("已取消。"))

        return progress

    def _text(self, sentence: Message) -> str:
        from app.resources import catalogue

        return sentence.render(catalogue("en") if self._settings.language == "en" else None)
