"""Saving and posting one voucher, and importing a csv-book, beside the plainest program that does the same."""

from __future__ import annotations

import csv
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from app.contract.ledger import EntryInput, VoucherInput
from app.exchange.importing import import_paths
from app.ledger.service import states, vouchers
from app.storage.database import open_database, run_unit
from benchmarks.measuring import Figure, time_ms
from benchmarks.synthetic import BUSIEST, EXPENSE, FIRST_YEAR, YEARS, Size, acting, leaves, make_empty_book

OVER_COMMITS_MS = 10
IMPORT_RATIO = 2
IMPORT_ROUNDS = 2
LARGE = 100_000
"""Imports smaller than this are over before their fixed costs are."""
POSTED = 200
FEW_ROWS = 1_000
PRAGMAS = (
    "PRAGMA journal_mode = wal",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = 1",
    "PRAGMA cache_size = -32000",
)


def measure_posting(size: Size, path: Path) -> Iterator[Figure]:
    """Save and post vouchers into a large book, in turn with one-row commits on the same disk."""
    month = f"{FIRST_YEAR + YEARS - 1}-12"
    other = leaves()[EXPENSE][3]
    scratch = path.with_name("one-row.sqlite")
    together: list[float] = []
    stepwise: list[float] = []
    commits: list[float] = []
    book = open_database(str(path))
    with closing(sqlite3.connect(scratch, isolation_level=None)) as plain, book.session():
        for pragma in PRAGMAS:
            plain.execute(pragma)
        plain.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, text TEXT)")
        owner = acting(book)

        def typed() -> VoucherInput:
            return VoucherInput(
                date=f"{month}-28",
                entries=[
                    EntryInput(summary="计时", account_code=other, debit="12.34"),
                    EntryInput(summary="计时", account_code=BUSIEST, credit="12.34"),
                ],
            )

        def save_and_post() -> None:
            saved = vouchers.save_voucher(owner, typed())
            states.review_and_post(owner, saved.id)

        for round_number in range(POSTED):
            commits.append(time_ms(lambda: plain.execute("INSERT INTO row (text) VALUES ('计时')")))
            together.append(time_ms(lambda: run_unit(save_and_post)))
            if round_number % 4 == 0:
                stepwise.append(time_ms(save_and_post))
    book.close()
    for left in scratch.parent.glob(scratch.name + "*"):
        left.unlink()
    commit = statistics.median(commits)
    limit = 2 * commit + OVER_COMMITS_MS
    bar = f"< 2 × one-row commit + {OVER_COMMITS_MS} ms"
    yield Figure(
        "save and post one voucher, one transaction",
        size.name,
        statistics.median(together),
        "ms",
        "one-row commit",
        commit,
        bar,
        limit,
    )
    yield Figure(
        "save, review, post: three transactions",
        size.name,
        statistics.median(stepwise),
        "ms",
        "one-row commit",
        commit,
        bar,
        limit,
    )


def measure_import(size: Size, folder: Path, scratch: Path) -> Iterator[Figure]:
    """Import a csv-book and let a plain script read and insert the same, in turn; the best of each.

    The processor's time stands beside the clock's: it is the same on a busy machine.
    """
    ours: list[Spent] = []
    plain: list[Spent] = []
    for round_number in range(IMPORT_ROUNDS):
        path = scratch / f"import-{round_number}.zhangfang"
        ours.append(_our_import(folder, path))
        plain.append(_plain_import(folder, path, scratch / f"plain-{round_number}.zhangfang"))
    for name, place in (("import of a csv-book, posted", 0), ("the same, processor time", 1)):
        best, beside = min(spent[place] for spent in ours), min(spent[place] for spent in plain)
        yield Figure(
            name,
            size.name,
            best,
            "s",
            "csv + executemany of the same rows",
            beside,
            "≤ 2 × the plain script" if size.vouchers >= LARGE else "",
            IMPORT_RATIO * beside if size.vouchers >= LARGE else None,
        )


class Spent(NamedTuple):
    """Seconds of the clock and of the processor."""

    clock_s: float
    processor_s: float

    @classmethod
    def now(cls) -> Spent:
        """Return both clocks."""
        return cls(time.perf_counter(), time.process_time())

    def since(self, start: Spent) -> Spent:
        """Return what was spent from `start` to here."""
        return Spent(self.clock_s - start.clock_s, self.processor_s - start.processor_s)


def _our_import(folder: Path, path: Path) -> Spent:
    make_empty_book(path)
    book = open_database(str(path))
    with book.session():
        owner = acting(book)
        start = Spent.now()
        import_paths(owner, [folder], post=True)
        spent = Spent.now().since(start)
    book.close()
    return spent


def _plain_import(folder: Path, finished: Path, target: Path) -> Spent:
    """Return what the plainest script spends: read the CSV, make numbers of its amounts, insert the rows.

    The rows are those the finished import left in every table it filled; reading them from there is not timed.
    """
    make_empty_book(target)
    with closing(sqlite3.connect(finished)) as source, closing(sqlite3.connect(target, isolation_level=None)) as plain:
        for pragma in PRAGMAS:
            plain.execute(pragma)
        added = {table: _new_rows(source, plain, table) for table in _tables(source)}
        start = Spent.now()
        for name in ("accounts.csv", "vouchers.csv"):
            with (folder / name).open(encoding="utf-8", newline="") as file:
                _read(csv.DictReader(file))
        plain.execute("BEGIN IMMEDIATE")
        plain.execute("PRAGMA defer_foreign_keys = 1")
        for table, rows in added.items():
            if rows:
                # only small tables, such as settings and accounts, have rows that were there already
                verb = "INSERT OR REPLACE" if len(rows) < FEW_ROWS else "INSERT"
                places = ", ".join("?" * len(rows[0]))
                plain.executemany(f'{verb} INTO "{table}" VALUES ({places})', rows)
        plain.execute("COMMIT")
        return Spent.now().since(start)


def _read(rows: Any) -> list[tuple[Any, ...]]:
    """Make of each line what a script must: numbers of amounts."""
    made = []
    for row in rows:
        debit = int(row["debit"].replace(".", "")) if row.get("debit") else 0
        credit = int(row["credit"].replace(".", "")) if row.get("credit") else 0
        made.append((*row.values(), debit, credit))
    return made


def _tables(source: sqlite3.Connection) -> list[str]:
    rows = source.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall()
    return [row[0] for row in rows]


def _new_rows(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    """Return the rows the import added or changed."""
    before = set(target.execute(f'SELECT * FROM "{table}"').fetchall())
    return [row for row in source.execute(f'SELECT * FROM "{table}"') if row not in before]
