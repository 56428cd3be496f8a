"""Copying a book into another, table by table, SQLite or MySQL on either side: ids are kept, all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from app.kernel.errors import Conflict, EnvironmentFault
from app.kernel.text import message
from app.storage.database import (
    Book,
    execute,
    execute_many,
    fetch_all,
    fetch_one,
    read_snapshot,
    run_unit,
)
from app.storage.faults import driver_errors, translated_faults
from app.storage.migrate import Migration, applied, apply_migrations, known_migrations
from app.storage.progress import Cancelled, Progress, WorkCancelled, never_cancelled, no_progress
from app.storage.schema import column_names, table_exists

BATCH_ROWS = 2000
TRANSIENT_TABLES = ("upload_part", "upload", "presence")
"""Files on their way in or out: a copy leaves them behind, or each backup would hold the one fetched before it."""
CHECKSUM_MODULUS = 1 << 128


@dataclass(frozen=True, slots=True)
class TableSum:
    """What makes two copies of a table equal: how many rows, and the sum of their hashes, whatever their order."""

    rows: int
    checksum: int


def copy(
    source: Book, target: Book, progress: Progress = no_progress, cancelled: Cancelled = never_cancelled
) -> dict[str, int]:
    """Copy a book into an empty one, SQLite or MySQL on either side; return the rows by table.

    Everything is copied but files under way (`TRANSIENT_TABLES`).
    The source is read in one snapshot and the target written in one transaction. Row counts and checksums of both are
    compared before it is committed. A book of older tables is copied as it is. Raises `Conflict`
    (`copy_target_not_empty`, `book_half_migrated`, `book_newer`), `WorkCancelled`, and `EnvironmentFault`.
    """
    migrations = applied(source)
    _migrate_empty(target, migrations)
    tables = [table for table in table_names(migrations) if table not in TRANSIENT_TABLES]
    with source.session(), read_snapshot():
        totals = {table: _count(table) for table in tables}
        sequences = _sequences(source, tables)
        if not target.is_sqlite:
            _set_server_sequences(target, sequences)
        with target.session():
            return _copy_all(source, target, totals, sequences, (progress, cancelled))


def table_names(migrations: Sequence[Migration] | None = None) -> list[str]:
    """Return the tables of these (or all) migrations, in the order in which they are made."""
    steps = [
        step for migration in (known_migrations() if migrations is None else migrations) for step in migration.steps
    ]
    return [step.new_table for step in steps if step.new_table is not None]


def row_counts(book: Book) -> dict[str, int]:
    """Return how many rows each table has. Needs a session of the book."""
    return {table: _count(table) for table in table_names() if table_exists(book, table)}


def _migrate_empty(target: Book, migrations: tuple[Migration, ...]) -> None:
    """Give an empty book its tables. Raises `Conflict` (`copy_target_not_empty`) when somebody's rows are in it.

    Tables without rows, and rows that migrations put there, are what an interrupted copy leaves on MySQL.
    """
    apply_migrations(target, migrations)
    filled = {step.filled_table for migration in migrations for step in migration.steps}
    with target.session():
        rows = {table: count for table, count in row_counts(target).items() if count and table not in filled}
    if rows:
        raise Conflict(
            "copy_target_not_empty",
            message("目标“{target}”里已有账，请另选一个空的。", target=target.address),
            details={"rows": rows},
        )


def _copy_all(
    source: Book,
    target: Book,
    totals: dict[str, int],
    sequences: dict[str, int],
    watching: tuple[Progress, Cancelled],
) -> dict[str, int]:
    """Fill the target in one transaction. Called in sessions of both books, the target's being the current one."""
    progress, cancelled = watching
    all_rows = sum(totals.values())

    def work() -> dict[str, int]:
        done = 0
        for table in reversed(totals):
            execute(f"DELETE FROM {{{table}}}")
        for table, rows in totals.items():
            columns = _common_columns(source, target, table)
            written = TableSum(0, 0)
            for batch in _batches(source, table, columns):
                if cancelled():
                    raise WorkCancelled("cancelled", message("已取消。"))
                places = ", ".join("?" * len(columns))
                execute_many(f"INSERT INTO {{{table}}} ({', '.join(columns)}) VALUES ({places})", batch)
                written = add_rows(written, batch)
                done += len(batch)
                progress(done, all_rows, message("正在复制（{table}）。", table=table))
            _compare(table, TableSum(rows, written.checksum), read_sum(target, table, columns))
        if target.is_sqlite:
            _set_file_sequences(sequences)
            refuse_broken_references()
        return totals

    with _unchecked_references(target):
        return run_unit(work)


def refuse_broken_references() -> None:
    """Raise `EnvironmentFault` when a row of the current SQLite book refers to one that is not there."""
    broken = fetch_all("PRAGMA foreign_key_check")
    if broken:
        raise EnvironmentFault(
            "book_damaged",
            message("账簿文件已损坏，请从备份恢复。"),
            details={"references": [list(row) for row in broken[:20]]},
        )


@contextmanager
def _unchecked_references(target: Book) -> Iterator[None]:
    """Let rows refer to rows that come later; the references held in the source and are the same in the copy."""
    if target.is_sqlite:
        execute("PRAGMA foreign_keys = 0")
    else:
        execute("SET SESSION foreign_key_checks = 0")
    try:
        yield
    finally:
        execute("PRAGMA foreign_keys = 1" if target.is_sqlite else "SET SESSION foreign_key_checks = 1")


def _common_columns(source: Book, target: Book, table: str) -> list[str]:
    wanted = column_names(target, table)
    there = _in_session(source, lambda: column_names(source, table))
    if sorted(wanted) != sorted(there):
        raise EnvironmentFault("book_damaged", message("账簿文件已损坏，请从备份恢复。"), details={"table": table})
    return wanted


def _in_session(book: Book, work: Callable[[], list[str]]) -> list[str]:
    with book.session():
        return work()


def _batches(book: Book, table: str, columns: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield a table's rows from the connection that holds the snapshot, without reading all of them into memory."""
    sql = f"SELECT {', '.join(columns)} FROM {book.table(table)}"
    connection: Any = book.database.connection()
    with translated_faults(), driver_errors:
        if book.is_sqlite:
            cursor = connection.cursor()
        else:
            from pymysql.cursors import SSCursor

            cursor = connection.cursor(SSCursor)
        try:
            cursor.execute(sql)
            while batch := cursor.fetchmany(BATCH_ROWS):
                yield list(batch)
        finally:
            cursor.close()


def add_rows(total: TableSum, rows: Sequence[Sequence[Any]]) -> TableSum:
    """Return the sum with the hashes of further rows added."""
    checksum = total.checksum
    for row in rows:
        text = repr([bytes(value) if isinstance(value, bytearray | memoryview) else value for value in row])
        checksum += int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest())
    return TableSum(total.rows + len(rows), checksum % CHECKSUM_MODULUS)


def read_sum(book: Book, table: str, columns: Sequence[str]) -> TableSum:
    """Read a whole table and return its sum, the same on both databases. Needs a session of the book."""
    total = TableSum(0, 0)
    for batch in _batches(book, table, columns):
        total = add_rows(total, batch)
    return total


def _compare(table: str, expected: TableSum, found: TableSum) -> None:
    if expected != found:
        raise EnvironmentFault(
            "copy_differs",
            message("复制后的表“{table}”与原来的不一致，已撤销。请检查磁盘后再试。", table=table),
            details={"rows": found.rows, "expected_rows": expected.rows},
        )


def _count(table: str) -> int:
    row = fetch_one(f"SELECT count(*) FROM {{{table}}}")
    return 0 if row is None else int(row[0])


def _sequences(book: Book, tables: Sequence[str]) -> dict[str, int]:
    """Return the next id of each table that gives ids, so that the copy never gives an id that was once used."""
    if book.is_sqlite:
        rows = fetch_all("SELECT name, seq + 1 FROM sqlite_sequence")
        return {name: following for name, following in rows if name in set(tables)}
    if fetch_one("SHOW VARIABLES LIKE 'information_schema_stats_expiry'") is not None:
        execute("SET SESSION information_schema_stats_expiry = 0")  # MySQL 8 answers from a day-old cache otherwise
    found: dict[str, int] = {}
    for table in tables:
        row = fetch_one(
            "SELECT auto_increment FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
            (book.schema_of_table(table), table),
        )
        if row is not None and row[0] is not None:
            found[table] = int(row[0])
    return found


def _set_server_sequences(target: Book, sequences: dict[str, int]) -> None:
    # before the transaction: changing a table would commit it
    with target.session():
        for table, following in sequences.items():
            execute(f"ALTER TABLE {{{table}}} AUTO_INCREMENT = {int(following)}")


def _set_file_sequences(sequences: dict[str, int]) -> None:
    for table, following in sequences.items():
        execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, following - 1))
