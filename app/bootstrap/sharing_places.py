"""The places a book moves from and to: what each does in a move, and those that this program opens itself."""

from __future__ import annotations

import datetime
import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.contract.ledger import Verification
from app.contract.serving import BookMove, BookSums
from app.identity.queries.actors import actor_of
from app.kernel.errors import (
    Conflict,
    EnvironmentFault,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    ZhangfangError,
)
from app.kernel.text import message
from app.reports.doctor.proof import prove_book
from app.storage.backup import backup, disk_faults, rename_book, restore
from app.storage.copying import copy, row_counts, table_names
from app.storage.creation import make_room
from app.storage.database import Book, execute, fetch_all, open_database, run_unit
from app.storage.grants import MAKING, TAKING_BACK, WORKING, missing_rights, read_grants, rights_missing
from app.storage.lock import BookLock
from app.storage.migrate import known_migrations
from app.storage.places import refuse_network_drive
from app.storage.progress import Progress
from app.storage.schema import table_exists
from app.web import moving

if TYPE_CHECKING:
    from app.identity.actor import Actor
    from app.storage.address import BookAddress

logger = logging.getLogger(__name__)

HISTORY = "schema_migration"
"""The table of which migrations were applied; itself of none."""
SQLITE_FILES = ("", "-wal", "-shm")
MOVED_AWAY = "已迁到服务器"


class Place(ABC):
    """A book at its place: what can be proved of it, whether it lies here or on a server."""

    name = ""
    """Its address, without any password."""

    @property
    def told(self) -> str:
        """Its address as it is told to people on other computers."""
        return self.name

    @abstractmethod
    def sums(self, progress: Progress) -> BookSums:
        """Return the sums of all tables."""

    @abstractmethod
    def prove(self, progress: Progress) -> Verification:
        """Recompute every guarantee."""

    @abstractmethod
    def let_go(self) -> None:
        """Close what was opened; harmless when nothing was."""


class Source(Place):
    """Where a book moves from."""

    @abstractmethod
    def begin(self, place: str) -> None:
        """Close the book for changes: it moves to `place`."""

    @abstractmethod
    def fetch(self, file: Path, progress: Progress) -> None:
        """Write the book, as it is, into a new SQLite file."""

    @abstractmethod
    def mark(self) -> str:
        """Return a text that differs after every change."""

    @abstractmethod
    def stay(self) -> None:
        """Open the book for changes again."""

    @abstractmethod
    def finish(self, place: str) -> str:
        """Say that the book goes on at `place`; return the file in which it is kept here, if it is one."""


class Target(Place):
    """Where a book moves to. Nothing that was there before is ever touched."""

    is_closed = False
    """Whether what was made there can be changed by nobody until the move is finished."""

    @abstractmethod
    def check(self) -> None:
        """Raise what speaks against it; nothing is written."""

    def faults(self) -> Iterator[ZhangfangError]:
        """Yield everything that speaks against it, as far as one thing lets the next be seen."""
        try:
            self.check()
        except ZhangfangError as fault:
            yield fault

    @abstractmethod
    def fill(self, file: Path, progress: Progress) -> None:
        """Make the book there out of a SQLite file."""

    @abstractmethod
    def undo(self) -> None:
        """Take away what was made there."""

    def finish(self) -> None:
        """The book goes on there."""
        self.let_go()


class OpenedPlace(Place):
    """A file or a database that this program opens itself."""

    def __init__(self, address: BookAddress) -> None:
        self.address = address
        self.name = str(address)
        self.book: Book | None = None
        self._lock: BookLock | None = None

    @property
    def told(self) -> str:
        """Its address without what lies on this computer only."""
        return self.address.for_others

    def open(self) -> Book:
        """Open it, alone where it is a file. Raises `Conflict` (`book_in_use`), `EnvironmentFault`."""
        if self.book is None:
            if self.address.path is not None and self._lock is None:
                self._lock = BookLock(self.address.path).acquire(alone=True)
            self.book = open_database(self.address)
        return self.book

    def sums(self, progress: Progress) -> BookSums:
        """Return the sums of all tables."""
        with self.open().session():
            return moving.sums(progress)

    def prove(self, progress: Progress) -> Verification:
        """Recompute every guarantee."""
        with self.open().session():
            return prove_book(progress)

    def let_go(self) -> None:
        """Close the book and release its lock."""
        book, self.book = self.book, None
        if book is not None:
            book.close()
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()


class OpenedSource(OpenedPlace, Source):
    """A book that this program has open itself moves away. It keeps a file to itself as long as that takes."""

    def __init__(self, address: BookAddress, user_id: int) -> None:
        super().__init__(address)
        self._user_id = user_id

    def _actor(self) -> Actor:
        actor = actor_of(self._user_id)
        if actor is None:
            raise NotAuthenticated("login_required", message("请先登录。"))
        return actor

    def begin(self, place: str) -> None:
        """Close the book for changes."""
        with self.open().session():
            moving.make_room_for_move()
            moving.move_book(self._actor(), BookMove(place=place))

    def fetch(self, file: Path, progress: Progress) -> None:
        """Copy the book at one moment; it is proved as a whole later, not here."""
        backup(self.open(), file, verify=list, head=str, progress=progress)

    def mark(self) -> str:
        """Return a text that differs after every change."""
        with self.open().session():
            return moving.move_state().mark

    def stay(self) -> None:
        """Open the book for changes again."""
        with self.open().session():
            moving.stay(self._actor())

    def finish(self, place: str) -> str:
        """Mark the book as moved and give its file another name, so that nobody goes on in it by mistake."""
        with self.open().session():
            moving.move_book(self._actor(), BookMove(place=place, done=True))
        path = self.address.path
        if path is None:
            return ""
        book, self.book = self.book, None
        if book is not None:
            book.close()
        aside = _free_name(path)
        try:
            rename_book(path, aside)
        except EnvironmentFault as fault:  # the mark in it says the same
            logger.warning("a book that has moved keeps its name: %s", fault.details or fault.code)
            return str(path)
        return str(aside)


def _free_name(path: Path) -> Path:
    day = datetime.date.today().isoformat()  # noqa: DTZ011 - the user's own day
    number = 1
    while True:
        more = "" if number == 1 else f" {number}"
        found = path.with_name(f"{path.stem}（{MOVED_AWAY} {day}{more}）{path.suffix}")
        if not found.exists():
            return found
        number += 1


class FileTarget(OpenedPlace, Target):
    """A book comes into a new file of this computer."""

    def __init__(self, address: BookAddress) -> None:
        super().__init__(address)
        self.path = address.path or Path()
        self._made = False

    def check(self) -> None:
        """The name must be free, its folder there and open for writing."""
        refuse_network_drive(self.path)
        if not self.path.parent.is_dir():
            raise NotFound("folder_missing", message("没有文件夹“{path}”。", path=self.path.parent))
        if self.path.exists():
            sentence = message("“{path}”已存在，没有改动它；请另起一个名字。", path=self.path)
            raise Conflict("book_exists", sentence, fields={"place": sentence})
        if not os.access(self.path.parent, os.W_OK):
            raise EnvironmentFault("file_unwritable", message("不能写入文件夹“{path}”。", path=self.path.parent))

    def fill(self, file: Path, progress: Progress) -> None:
        """Make the file; it gets its name when it is whole."""
        self.check()
        restore(file, self.address, verify=list, head=str, progress=progress)
        self._made = True

    def undo(self) -> None:
        """Remove the file that was made."""
        self.let_go()
        if self._made:
            with disk_faults():
                for suffix in SQLITE_FILES:
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)


class DatabaseTarget(OpenedPlace, Target):
    """A book comes into an empty database of a server."""

    def __init__(self, address: BookAddress) -> None:
        super().__init__(address)
        self._there: set[str] | None = None
        self._begun = False

    def check(self) -> None:
        """The server must answer, and the database hold nothing."""
        book = self.open()
        with book.session():
            tables = {str(row[0]) for schema in self._schemas() for row in _tables_of(schema)}
            ours = {*table_names(), HISTORY}
            if tables - ours:
                raise self._taken()
            filled = {step.filled_table for migration in known_migrations() for step in migration.steps}
            if any(rows for table, rows in row_counts(book).items() if table not in filled):
                raise self._taken()
            self._require_rights()
            self._there = tables

    def _require_rights(self) -> None:
        """Without DROP what was made could not be taken back, so it is asked for before anything is made."""
        version = str(fetch_all("SELECT VERSION()")[0][0])
        grants = read_grants(fetch_all, version)
        for schema in self._schemas():
            lacking = missing_rights(grants, schema, WORKING + MAKING + TAKING_BACK)
            if lacking:
                sentence = rights_missing(self.address.user, schema, lacking)
                raise PermissionDenied("rights_missing", sentence, details={"rights": lacking})

    def _taken(self) -> Conflict:
        name = self.address.database
        sentence = message("数据库“{database}”里已有内容，没有改动它；请用一个空的数据库。", database=name)
        return Conflict("copy_target_not_empty", sentence, fields={"database": sentence})

    def _schemas(self) -> list[str]:
        return list(dict.fromkeys([self.address.database, *self.address.schemas.values()]))

    def fill(self, file: Path, progress: Progress) -> None:
        """Make the tables and copy all rows in one transaction, compared before it is committed."""
        self.check()
        self._begun = True  # what was there before is somebody else's, and stays when this is undone
        target = self.open()
        make_room(target)
        staged = open_database(str(file))
        try:
            copy(staged, target, progress)
        finally:
            staged.close()

    def undo(self) -> None:
        """Drop the tables that were made; empty those that were there, empty, before."""
        if self._there is None or not self._begun:
            return
        with self.open().session():
            execute("SET SESSION foreign_key_checks = 0")
            try:
                for table in (*reversed(table_names()), HISTORY):
                    if not table_exists(self.open(), table):
                        continue
                    if table == HISTORY and table in self._there:
                        continue
                    if table in self._there:
                        run_unit(lambda table=table: execute(f"DELETE FROM {{{table}}}"))  # type: ignore[misc]
                    else:
                        execute(f"DROP TABLE {{{table}}}")
            finally:
                execute("SET SESSION foreign_key_checks = 1")


def _tables_of(schema: str) -> list[Any]:
    return fetch_all("SELECT table_name FROM information_schema.tables WHERE table_schema = ?", (schema,))
