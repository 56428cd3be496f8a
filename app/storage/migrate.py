"""Bringing a book's tables to what this program knows, and refusing a book that is newer.

Every slice keeps its migrations in `app/storage/migrations/<slice>/m0001_<name>.py`, numbered from 1 without gaps.
Such a module holds one thing, `STEPS: tuple[Step, ...]`, made by the functions re-exported here:

    create_table(name, columns: Mapping[str, str], constraints: Sequence[str] = (), *, without_rowid=False)
    create_index(name, table, columns: Sequence[str], *, unique=False)
    add_column(table, column, kind)
    insert_rows(table, columns: Sequence[str], rows)
    foreign_key(columns, table, target="id") -> str        for `constraints`

Column types are `{id}`, `{int}`, `{text:n}`, `{long}`, `{blob}` followed by ordinary SQL (`NOT NULL`, `DEFAULT 0`,
`CHECK (…)`, `UNIQUE`, `PRIMARY KEY`); `{table:name}` is a qualified table name. Names in SQL
of your own stay unquoted.

On SQLite all pending migrations are one transaction: they happen or they do not. MySQL commits each change of a schema
by itself, so the steps done are counted, and an interrupted migration goes on after the last counted step.

`app.storage.upgrade` runs migrations on people's books and refuses the outcome when the book no longer holds what it
held. So a migration may rely on, and must keep to, this:

- No table, column or row goes away, and no figure of the ledger changes.
- The rows of a table may become more only where a step's `filled_table` names that table: `insert_rows` does; a step
  of your own that adds rows must say so, too. Tables made by the migration itself may hold anything.
- Afterwards the whole verification finds nothing, so derived tables are filled by the migration that makes them.
- A book of the tables it makes lands with it: `python -m tests.storage.old_book`; a test asks for it.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
import pkgutil
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from app.kernel.clock import utc_ms
from app.kernel.errors import Conflict, EnvironmentFault, MalformedInput
from app.kernel.text import message
from app.storage.address import SLICES
from app.storage.creation import make_room
from app.storage.database import Book, execute, fetch_all, fetch_one, register_table, run_unit
from app.storage.engines import APPLICATION_ID
from app.storage.progress import Progress, no_progress
from app.storage.schema import (
    Step,
    add_column,
    create_index,
    create_table,
    foreign_key,
    insert_rows,
    table_exists,
)
from app.version import VERSION

__all__ = [
    "AppliedRow",
    "Migration",
    "Step",
    "add_column",
    "applied",
    "applied_rows",
    "create_index",
    "create_table",
    "foreign_key",
    "insert_rows",
    "known_migrations",
    "last_program",
    "migrate",
    "migrator_lock",
    "missing",
    "pending",
]

logger = logging.getLogger(__name__)

MODULE_NAME = re.compile(r"m(\d{4})_([a-z0-9_]+)\Z")
LOCK_WAIT_S = 60

register_table("schema_migration", "storage")

_JOURNAL = create_table(
    "schema_migration",
    {
        "slice": "{text:40} NOT NULL",
        "number": "{int} NOT NULL",
        "name": "{text:100} NOT NULL",
        "steps_done": "{int} NOT NULL",
        "program": "{text:40} NOT NULL",
        "applied_at": "{int}",
    },
    ["PRIMARY KEY (slice, number)"],
)
"""What was applied: `applied_at` (UTC ms) is empty while it is under way, `program` is the version that ran it."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered change of a slice's tables."""

    slice: str
    number: int
    name: str
    steps: tuple[Step, ...]


class AppliedRow(NamedTuple):
    """A line of what was applied to a book."""

    slice: str
    number: int
    program: str
    """The version that applied it."""
    applied_at: int | None
    """When (UTC ms), or `None` while it is under way or interrupted."""


def known_migrations() -> tuple[Migration, ...]:
    """Return every migration this program carries, in the order in which they run."""
    return carried_migrations()


@cache
def carried_migrations() -> tuple[Migration, ...]:
    """Find the migrations among the program's modules: the same in the source tree and in the built program.

    Tests of later tables put others in its place. Raises `ValueError` for a module of another name or a gap in the
    numbers.
    """
    found: list[Migration] = []
    for slice_name in SLICES:
        try:
            package = importlib.import_module(f"app.storage.migrations.{slice_name}")
        except ModuleNotFoundError:
            continue  # a slice that has no tables yet
        modules = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
        for position, module_name in enumerate(modules, start=1):
            match = MODULE_NAME.match(module_name)
            if match is None or int(match.group(1)) != position:
                raise ValueError(f"migration {slice_name}/{module_name}: expected m{position:04}_<name>")
            module = importlib.import_module(f"{package.__name__}.{module_name}")
            steps: tuple[Step, ...] = module.STEPS
            for table in filter(None, (step.new_table for step in steps)):
                register_table(table, slice_name)
            found.append(Migration(slice_name, position, match.group(2), steps))
    return tuple(found)


def pending(book: Book) -> list[Migration]:
    """Return the migrations the book still needs; none for a book of this program's version. Changes nothing.

    Raises `Conflict` (`book_newer`) for a book that a newer program has changed.
    """
    with book.session():
        return _pending(book, known_migrations())


def applied(book: Book) -> tuple[Migration, ...]:
    """Return the migrations a book has, in order; a copy of the book gets the same.

    Raises `Conflict` (`book_newer`, or `book_half_migrated` when an interrupted migration has to be finished first),
    and `MalformedInput` (`not_a_book`) for an empty file or database.
    """
    with book.session():
        todo = _pending(book, known_migrations())
        if not table_exists(book, "schema_migration"):
            raise MalformedInput("not_a_book", message("“{path}”不是账房的账簿。", path=book.address))
        if fetch_one("SELECT 1 FROM {schema_migration} WHERE applied_at IS NULL"):
            raise Conflict("book_half_migrated", message("这本账簿的更新中断过，请先用本程序打开它，让更新完成。"))
    return tuple(migration for migration in known_migrations() if migration not in todo)


def migrate(book: Book, progress: Progress | None = None) -> None:
    """Bring the book's tables up to date; a new, empty book gets all of them.

    One migrator at a time: SQLite's write transaction, a named lock on MySQL. Raises `Conflict` (`book_newer`), and
    `EnvironmentFault` when another migrator does not finish in time.
    """
    apply_migrations(book, known_migrations(), progress or no_progress)


def apply_migrations(book: Book, migrations: tuple[Migration, ...], progress: Progress = no_progress) -> None:
    """Apply the given migrations where they are missing. `migrate` gives all known ones."""
    make_room(book)
    with book.session():
        if book.is_sqlite:
            run_unit(lambda: _apply_all(book, migrations, progress))
        else:
            with migrator_lock(book):
                _apply_all(book, migrations, progress)


def _apply_all(book: Book, migrations: tuple[Migration, ...], progress: Progress) -> None:
    todo = _pending(book, migrations)
    if not todo:
        return
    _JOURNAL.apply(book)
    if book.is_sqlite:
        execute(f"PRAGMA application_id = {APPLICATION_ID}")
    total = sum(len(migration.steps) for migration in todo)
    done = 0
    for migration in todo:
        start = _steps_done(migration)
        for position, step in enumerate(migration.steps[start:], start=start + 1):
            progress(
                done,
                total,
                message("正在更新账簿的表（{slice} {number}）。", slice=migration.slice, number=migration.number),
            )
            logger.info("migration %s %d: %s", migration.slice, migration.number, step.text)
            _apply_step(book, step, migration, position)
            done += 1
        _note(migration, len(migration.steps), utc_ms())
    progress(total, total, message("账簿的表已更新。"))


def _pending(book: Book, migrations: tuple[Migration, ...]) -> list[Migration]:
    if not table_exists(book, "schema_migration"):
        return list(migrations)
    return missing(applied_rows(), migrations)


def applied_rows() -> list[AppliedRow]:
    """Return what was applied to the current book, as it says itself."""
    rows = fetch_all("SELECT slice, number, program, applied_at FROM {schema_migration} ORDER BY number")
    return [AppliedRow(*row) for row in rows]


def missing(rows: Sequence[AppliedRow], migrations: Sequence[Migration] | None = None) -> list[Migration]:
    """Return which of these (by default all known) migrations a book with these lines lacks.

    Raises `Conflict` (`book_newer`).
    """
    wanted = known_migrations() if migrations is None else migrations
    known = {(migration.slice, migration.number) for migration in wanted}
    for row in rows:
        if (row.slice, row.number) not in known:
            raise Conflict(
                "book_newer",
                message(
                    "这本账簿已由较新的账房（{program}）更新过，本程序是 {version}，请先升级本程序。",
                    program=row.program,
                    version=VERSION,
                ),
            )
    there = {(row.slice, row.number) for row in rows if row.applied_at is not None}
    return [migration for migration in wanted if (migration.slice, migration.number) not in there]


def last_program(rows: Sequence[AppliedRow]) -> str:
    """Return the version that changed the tables last: the one the book was made for."""
    latest = max(rows, key=lambda row: row.applied_at or 0, default=None)
    return latest.program if latest is not None else "0"


def _steps_done(migration: Migration) -> int:
    row = fetch_one(
        "SELECT steps_done FROM {schema_migration} WHERE slice = ? AND number = ?", (migration.slice, migration.number)
    )
    if row is not None:
        return int(row[0])
    execute(
        "INSERT INTO {schema_migration} (slice, number, name, steps_done, program) VALUES (?, ?, ?, 0, ?)",
        (migration.slice, migration.number, migration.name, VERSION),
    )
    return 0


def _apply_step(book: Book, step: Step, migration: Migration, position: int) -> None:
    if not book.is_sqlite:
        _keep_migrator_lock(book)

    def work() -> None:
        step.apply(book)
        _note(migration, position)

    run_unit(work)


def _note(migration: Migration, steps_done: int, applied_at: int | None = None) -> None:
    execute(
        "UPDATE {schema_migration} SET steps_done = ?, applied_at = ?, program = ? WHERE slice = ? AND number = ?",
        (steps_done, applied_at, VERSION, migration.slice, migration.number),
    )


@contextmanager
def migrator_lock(book: Book) -> Iterator[None]:
    """Be the only one who changes the tables of a book on a server; may be nested.

    Needs a session of the book, which keeps the lock. Raises `EnvironmentFault` (`migration_running`).
    """
    got = fetch_one("SELECT GET_LOCK(?, ?)", (_lock_name(book), LOCK_WAIT_S))
    if got is None or got[0] != 1:
        raise EnvironmentFault("migration_running", message("另一台电脑正在更新这本账簿，请稍后再试。"))
    try:
        yield
    finally:
        execute("SELECT RELEASE_LOCK(?)", (_lock_name(book),)).fetchall()


def _keep_migrator_lock(book: Book) -> None:
    # the lock goes with its connection; a connection that was replaced meanwhile no longer holds it
    row = fetch_one("SELECT IS_USED_LOCK(?) = CONNECTION_ID()", (_lock_name(book),))
    if row is None or row[0] != 1:
        raise EnvironmentFault("database_away", message("连不上数据库服务器，请检查网络和服务器后再试。"))


def _lock_name(book: Book) -> str:
    # names of locks are global on the server and at most 64 characters long
    return "zhangfang.migrate." + hashlib.sha256(book.address.database.encode()).hexdigest()[:32]
