"""Whether a book file needs an upgrade, seen without changing it and without loading what an upgrade needs."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from app.storage.migrate import AppliedRow, Migration, known_migrations, missing
from app.storage.upgrade.swap import is_unfinished


def file_needs_upgrade(path: Path) -> bool:
    """Tell whether a book file lacks tables of this program, or waits for a swap of files to be finished.

    The caller holds the book's lock, for a log left by a crash is folded in, as any opening does. A file that cannot
    be read now, or is no book, needs none: who opens it next says what is wrong with it. Raises `Conflict`
    (`book_newer`).
    """
    if is_unfinished(path):
        return True
    rows: list[AppliedRow] = []
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(writable_uri(path), uri=True)) as connection,
    ):
        rows = applied_rows_of(connection)
    return bool(lacking(rows))


def lacking(rows: Sequence[AppliedRow]) -> list[Migration]:
    """Return what a book with these lines lacks; nothing for one that never got its first tables.

    Raises `Conflict` (`book_newer`).
    """
    todo = missing(rows)
    return [] if len(todo) == len(known_migrations()) else todo


def applied_rows_of(connection: sqlite3.Connection) -> list[AppliedRow]:
    """Return what a file says was applied to it; nothing where it has no such table. Raises `sqlite3.Error`."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_migration'").fetchone():
        return []
    found = connection.execute("SELECT slice, number, program, applied_at FROM schema_migration")
    return [AppliedRow(*row) for row in found]


def writable_uri(path: Path) -> str:
    """Return what `sqlite3.connect(…, uri=True)` takes to open a file that must be there already."""
    return f"{path.absolute().as_uri()}?mode=rw"
