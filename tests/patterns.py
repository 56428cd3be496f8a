"""States of a book that many tests begin with: made by the program once in each process, then copied into fresh books.

Owner, rights and chart of accounts take as long as most tests; a copy takes a tenth of that.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.ledger.service.book import set_up_ledger
from app.storage.database import Book, execute, fetch_all, fetch_one, run_unit


@dataclass(frozen=True)
class _File:
    kept: sqlite3.Connection

    def copy(self, book: Book) -> None:
        self.kept.backup(_connection(book))


@dataclass(frozen=True)
class _Tables:
    database: str
    by_name: dict[str, bool]
    """Tables with other rows than in an empty book; whether that has rows there, too."""

    def copy(self, book: Book) -> None:
        def work() -> None:
            execute("SET foreign_key_checks = 0, sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
            for name, has_rows in self.by_name.items():
                if has_rows:
                    execute(f"DELETE FROM `{name}`")
                execute(f"INSERT INTO `{name}` SELECT * FROM `{self.database}`.`{name}`")

        modes = fetch_one("SELECT @@sql_mode")
        assert modes is not None
        run_unit(work)
        execute("SET foreign_key_checks = 1, sql_mode = ?", modes)


_kept: dict[Hashable, _File | _Tables] = {}
_numbers = itertools.count(1)


def begin_with(book: Book, what: Hashable, make: Callable[[], object]) -> None:
    """Bring a fresh book to where `make` brings it; call in its session. A book in use is left to `make` itself."""
    in_use = fetch_one("SELECT 1 FROM {user} LIMIT 1") or fetch_one("SELECT 1 FROM {account} LIMIT 1")
    if in_use or book.address.schemas:
        make()
        return
    key = (what, *_form(book))
    if key in _kept:
        _kept[key].copy(book)
        return
    before = {} if book.is_sqlite else _rows()
    make()
    _kept[key] = _keep_file(book) if book.is_sqlite else _keep_tables(before)


def begin_firm(book: Book, start_period: int = 202601) -> Actor:
    """Make a fresh book a firm's ledger from a month on; call in its session. Returns the owner."""

    def make() -> None:
        ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=start_period)

    begin_with(book, ("firm", start_period), make)
    return ensure_owner()


def _form(book: Book) -> tuple[Any, ...]:
    """Return what tells books with other tables, or on another server, apart."""
    migrations = tuple(fetch_all("SELECT * FROM {schema_migration}"))
    if book.is_sqlite:
        return len(migrations), fetch_one("PRAGMA schema_version")
    return len(migrations), book.address.host, book.address.port


def _connection(book: Book) -> sqlite3.Connection:
    found = book.database.connection()
    assert isinstance(found, sqlite3.Connection)
    return found


def _keep_file(book: Book) -> _File:
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    _connection(book).backup(kept)
    return _File(kept)


def _rows() -> dict[str, int]:
    """Return by table with rows what tells those rows from others."""
    tables = ", ".join(f"`{row[0]}`" for row in fetch_all("SHOW TABLES"))
    return {
        str(name).split(".")[-1]: int(checksum) for name, checksum in fetch_all(f"CHECKSUM TABLE {tables}") if checksum
    }


def _keep_tables(before: dict[str, int]) -> _Tables:
    database = f"pattern_{next(_numbers)}"
    execute(f"CREATE DATABASE {database} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    after = _rows()
    by_name = {name: name in before for name in sorted(after) if after[name] != before.get(name)}
    for name in by_name:
        execute(f"CREATE TABLE `{database}`.`{name}` AS SELECT * FROM `{name}`")
    return _Tables(database, by_name)
