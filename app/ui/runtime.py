"""What the window asks of the program that started it; `app.bootstrap` provides it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from app.kernel.checking import CheckStep
    from app.settings import Settings


@dataclass(frozen=True)
class OpenedBook:
    """A book that is open behind a server: where to call it and what to remember it by."""

    url: str
    """`http://127.0.0.1:<port>`, or the address of a server of ours with the path of one of its books; no slash at the
    end."""
    token: str
    """The secret of this run; it proves that a call comes from this window. A server elsewhere has none: it asks who
    one is."""
    address: str
    """What `open_book` takes to open it again: a path, `mysql://user@host:port/database` or
    `http(s)://host[:port][/books/<slug>]`, never with a password."""
    kept_file: str = ""
    """Where the book as it was lies, when this opening upgraded it; empty otherwise."""
    kept_version: str = ""
    """The version of the program that file is for."""
    ca_file: str = ""
    """A file with certificates that are trusted besides the computer's; of interest for `https://` only."""

    @property
    def is_remote(self) -> bool:
        """Whether the book is behind a server that runs elsewhere, or at least without this window."""
        return not self.token


@dataclass(frozen=True)
class KeptBook:
    """A file that an upgrade of a book kept."""

    path: str
    version: str
    """The version of the program it is for."""
    at: str
    """When it was kept, `2026-07-31 09:30`."""


@dataclass(frozen=True)
class UpgradeConsent:
    """The yes to the upgrade of a shared book; login and password of its owner where people log in."""

    login: str = ""
    password: str = field(default="", repr=False)
    despite_others: bool = False
    """Also while other programs are connected to it."""


@dataclass(frozen=True)
class NewBook:
    """A book to be made."""

    address: str
    name: str
    chart: str
    start: str
    """First month, `2026-06`."""
    vat: str
    """`general` or `small`."""
    base_currency: str = "CNY"


@dataclass(frozen=True)
class MoveWish:
    """Where a book is to go. Passwords stand beside it, never in the address."""

    place: str
    """A path, `mysql://user@host:port/database`, or the address of a server of ours, `http(s)://host:port`."""
    password: str = field(default="", repr=False)
    """Of the database, or of whoever logs in at the server."""
    login: str = ""
    """Who puts the book on the server."""
    slug: str = ""
    """What the book is called in the server's addresses."""
    owner_login: str = ""
    """The login its owner gets, where nobody logs in yet; empty: none."""
    owner_password: str = field(default="", repr=False)
    remember_password: bool = False
    ca_file: str | None = None
    """Certificates that are trusted besides the computer's, kept for later; None: those of the settings."""


@dataclass(frozen=True)
class MovedBook:
    """A book that has moved, and what was proved of it."""

    address: str
    vouchers: int
    chain_count: int
    chain_hash: str
    rows: int
    """Rows of all tables that were compared."""
    kept_file: str = ""
    """Where the file it came from lies now; empty when it came from a server."""
    people: int = 0
    """How many can log in to it."""


class Runtime(Protocol):
    """Opens and closes books. All but `settings` block: the window calls them off its own thread.

    They raise `UserError` or `EnvironmentFault` with a sentence for the user. A MySQL address without a password, where
    the system's keyring has none either, raises one with the code `password_needed`.
    """

    @property
    def settings(self) -> Settings:
        """The settings of this person on this computer."""

    def change_settings(self, settings: Settings) -> None:
        """Keep these settings."""

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

        For the address of a server of ours nothing is started: it is only read.

        `report(done, total, text)` tells how far an upgrade is and returns True when the user has cancelled. A shared
        book that needs an upgrade is refused with `upgrade_needed` until there is a `consent`.
        """

    def create_book(self, book: NewBook, password: str | None = None, *, remember_password: bool = False) -> OpenedBook:
        """Make a book that does not exist yet and open it."""

    def restore_book(self, backup: Path, address: str, report: Callable[[int, int, str], bool]) -> str:
        """Make a book from a backup and verify it; return its address. A book that was there is set aside.

        `report(done, total, text)` returns True when the user has cancelled.
        """

    def kept_files(self, address: str) -> list[KeptBook]:
        """Return the files that upgrades of a book kept, the latest first."""

    def lost_by_going_back(self, address: str, kept: str) -> tuple[int, int]:
        """Return how many vouchers were made, and how many changed, since a file was kept."""

    def go_back(self, address: str, kept: str) -> str:
        """Give a kept file the book's name again; return where the upgraded book was set aside. Closes the book."""

    def diagnose_database(self, address: str, password: str | None) -> Iterator[CheckStep]:
        """Look at the way to a book on a database server step by step; nothing is made or changed there."""

    def diagnose_move(self, opened: OpenedBook, session: str, wish: MoveWish) -> Iterator[CheckStep]:
        """Look step by step at whether the open book can move there; nothing is changed. `session` is the login."""

    def share_book(
        self, opened: OpenedBook, session: str, wish: MoveWish, report: Callable[[int, int, str], bool]
    ) -> MovedBook:
        """Move the open book to a database or a server; both are proved to be equal. The book is closed then.

        `report(done, total, text)` returns True when the user has cancelled. Whatever goes wrong, the book is as it was
        and nothing is left at the other place; `reopen_book` opens it again.
        """

    def bring_home(
        self, opened: OpenedBook, session: str, path: str, report: Callable[[int, int, str], bool]
    ) -> MovedBook:
        """Move the open book into a new file of this computer, in the same way."""

    def reopen_book(self) -> OpenedBook:
        """Open again, without asking for its password, the book that a move closed."""

    def close_book(self, report: Callable[[int, int, str], bool] | None = None) -> None:
        """Stop the server, back the book up, close it and release its lock; harmless when none is open. Bounded.

        `report(done, total, text)` returns True when the user does not want to wait for the backup.
        """

    def log_folder(self) -> Path:
        """Return where the log lies, for the report of an error."""


@dataclass(frozen=True)
class StartNotice:
    """Something a person should know about this start, said once."""

    kind: Literal["crashed", "cut_off", "unwritable"]
    """The last run crashed; it was killed or lost power; nothing can be written to the data folder."""
    details: str
    """For developers: English, without secrets."""


@dataclass(frozen=True)
class WindowArguments:
    """How the window is to start."""

    book: str = ""
    """Address of the book to open; empty: the last one, or the start page."""
    notices: tuple[StartNotice, ...] = ()
    """What to say about this start."""
