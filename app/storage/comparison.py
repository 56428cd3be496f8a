"""The figures of a book that its upgrade must not change, read with SQL of the tables as they were before.

Nothing here asks a model or a query of the present program: the columns are looked up in the book before the upgrade,
and the same columns are read again afterwards. Schema changes only add, so a column that is gone is a difference, too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.kernel.text import Message, message
from app.storage.database import Book, fetch_all
from app.storage.migrate import Migration
from app.storage.progress import Progress, no_progress
from app.storage.schema import column_names

HALF = 1 << 32
"""SQLite's sum() refuses what does not fit 64 bits, so the upper and the lower half of each amount are added apart."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Sums over one table: grouped by `keys`; `states` adds the state of the voucher, which tells the layer."""

    table: str
    name: Message
    keys: tuple[str, ...]
    sums: tuple[str, ...] = ()
    states: bool = False


_PARTS = (
    _Part("voucher", message("凭证"), ("period", "state", "kind"), ("debit_total", "attachment_count")),
    _Part(
        "entry",
        message("分录"),
        ("account_id", "period", "currency_id", "side"),
        ("debit", "credit", "foreign_amount", "quantity"),
        states=True,
    ),
    _Part(
        "balance",
        message("余额"),
        ("account_id", "period", "layer", "currency_id"),
        (
            *("opening", "opening_foreign", "opening_quantity", "debit", "credit", "foreign_debit", "foreign_credit"),
            *("quantity_debit", "quantity_credit", "close_debit", "close_credit"),
        ),
    ),
    _Part(
        "opening",
        message("期初余额"),
        ("account_id", "currency_id"),
        (
            *("year_begin_debit", "year_begin_credit", "ytd_debit", "ytd_credit", "year_begin_foreign"),
            *("opening_foreign", "year_begin_quantity", "ytd_debit_quantity", "ytd_credit_quantity", "ytd_pl_actual"),
        ),
    ),
    _Part("opening_cash_flow", message("期初现金流量"), ("cash_flow_line",), ("ytd_amount",)),
    _Part("cash_flow_balance", message("现金流量"), ("period", "layer", "cash_flow_line"), ("debit", "credit")),
    _Part("period", message("月份"), ("period", "state")),
    _Part("chain_head", message("凭证链"), ("id", "last_hash"), ("count",)),
)


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of one part: which columns were read, and for each key the number of rows and the sums."""

    keys: tuple[str, ...]
    sums: tuple[str, ...]
    rows: dict[str, tuple[int, ...]]
    """Key values as one JSON text → number of rows, then a sum for each of `sums`, in smallest units."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a book holds, as far as an upgrade must not change it."""

    counts: dict[str, int]
    parts: dict[str, Sums]
    codes: dict[str, str]
    """Account ids (as texts) → codes, to name what differs."""

    def as_text(self) -> str:
        """Return everything as JSON, for an upgrade that may be interrupted and goes on elsewhere."""
        return json.dumps(asdict(self), ensure_ascii=False)


def figures_of_text(text: str) -> Figures:
    """Return what `as_text` wrote. Raises `ValueError` and `KeyError` for another text."""
    values = json.loads(text)
    parts = {
        table: Sums(
            tuple(part["keys"]),
            tuple(part["sums"]),
            {key: tuple(int(number) for number in row) for key, row in part["rows"].items()},
        )
        for table, part in values["parts"].items()
    }
    return Figures({str(table): int(count) for table, count in values["counts"].items()}, parts, dict(values["codes"]))


def read_figures(book: Book, tables: Collection[str] | None = None, progress: Progress = no_progress) -> Figures:
    """Read the figures of a book before its upgrade, from every column that is there.

    `tables` are those whose rows count, where the database may hold others too; by default all of the file.
    Needs a session of the book.
    """
    names = _file_tables() if tables is None else list(tables)
    counts = {table: _count(book, table) for table in names}
    parts = {}
    for done, part in enumerate(_PARTS):
        progress(done, len(_PARTS), message("正在读取（{part}）。", part=part.name))
        there = set(column_names(book, part.table))
        if part.table in counts and there.issuperset(part.keys):
            parts[part.table] = _sums(book, part, part.keys, tuple(name for name in part.sums if name in there))
    return Figures(counts, parts, _codes(book) if "account" in counts else {})


def differences(
    book: Book, before: Figures, migrations: Sequence[Migration], progress: Progress = no_progress
) -> list[Message]:
    """Return in sentences what the book holds now and did not hold before, or no longer holds.

    The rows of a table may have become more only where a step of `migrations` says that it fills the table.
    Needs a session of the book.
    """
    grown = {step.filled_table for migration in migrations for step in migration.steps} | {"schema_migration"}
    return [*_count_differences(book, before, grown), *_sum_differences(book, before, progress)]


def _count_differences(book: Book, before: Figures, grown: Collection[str | None]) -> Iterator[Message]:
    for table, count in before.counts.items():
        if not column_names(book, table):
            yield message("表 {table} 不见了", table=table)
            continue
        now = _count(book, table)
        if now < count or (now > count and table not in grown):
            yield message("表 {table} 原来有 {before} 行，现在有 {after} 行", table=table, before=count, after=now)


def _sum_differences(book: Book, before: Figures, progress: Progress) -> Iterator[Message]:
    for done, part in enumerate(_PARTS):
        progress(done, len(_PARTS), message("正在对照（{part}）。", part=part.name))
        old = before.parts.get(part.table)
        there = set(column_names(book, part.table))
        if old is None or not there:
            continue
        gone = [name for name in (*old.keys, *old.sums) if name not in there]
        if gone:
            yield message("表 {table} 的列 {column} 不见了", table=part.table, column=gone[0])
            continue
        new = _sums(book, part, old.keys, old.sums)
        for key in sorted({*old.rows, *new.rows}):
            was, now = old.rows.get(key), new.rows.get(key)
            if was != now:
                yield from _row_differences(part, old.sums, _place(part, old.keys, key, before.codes), (was, now))


def _row_differences(
    part: _Part, sums: Sequence[str], place: str, rows: tuple[tuple[int, ...] | None, tuple[int, ...] | None]
) -> Iterator[Message]:
    nothing = (0,) * (1 + len(sums))
    was, now = (row or nothing for row in rows)
    for name, old, new in zip(("rows", *sums), was, now, strict=True):
        if old != new:
            yield message(
                "{part}（{place}）的 {column} 原来是 {before}，现在是 {after}（最小单位）",
                part=part.name,
                place=place,
                column=name,
                before=old,
                after=new,
            )


def _place(part: _Part, keys: Sequence[str], key: str, codes: dict[str, str]) -> str:
    names = (*keys, "state") if part.states else tuple(keys)
    found = []
    for name, value in zip(names, json.loads(key), strict=True):
        if name == "account_id":
            found.append(f"account {codes.get(str(value), value)}")
        else:
            found.append(f"{name} {value}")
    return ", ".join(found)


def _file_tables() -> list[str]:
    rows = fetch_all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    return sorted(str(row[0]) for row in rows)


def _count(book: Book, table: str) -> int:
    return int(fetch_all(f"SELECT count(*) FROM {_quoted(book, table)}")[0][0])


def _codes(book: Book) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in fetch_all(f"SELECT id, code FROM {_quoted(book, 'account')}")}


def _sums(book: Book, part: _Part, keys: tuple[str, ...], sums: tuple[str, ...]) -> Sums:
    grouped = [f"t.{_column(book, name)}" for name in keys] + (["v.state"] if part.states else [])
    columns = [*grouped, "count(*)", *(text for name in sums for text in _halves(book, f"t.{_column(book, name)}"))]
    source = f"{_quoted(book, part.table)} t"
    if part.states:
        source += f" LEFT JOIN {_quoted(book, 'voucher')} v ON v.id = t.voucher_id"
    rows = fetch_all(f"SELECT {', '.join(columns)} FROM {source} GROUP BY {', '.join(grouped)}")
    return Sums(keys, sums, dict(_read_row(row, len(grouped)) for row in rows))


def _read_row(row: Sequence[Any], keys: int) -> tuple[str, tuple[int, ...]]:
    halves = [int(value or 0) for value in row[keys + 1 :]]
    whole = [high * HALF + low for high, low in zip(halves[::2], halves[1::2], strict=True)]
    return json.dumps(list(row[:keys]), ensure_ascii=False), (int(row[keys]), *whole)


def _halves(book: Book, column: str) -> tuple[str, str]:
    divided = "/" if book.is_sqlite else "DIV"
    return f"sum({column} {divided} {HALF})", f"sum({column} % {HALF})"


def _column(book: Book, name: str) -> str:
    return f'"{name}"' if book.is_sqlite else f"`{name}`"


def _quoted(book: Book, table: str) -> str:
    # a file may hold tables of a slice this program does not know; on a server only known ones are asked for
    return f'"{table}"' if book.is_sqlite else book.table(table)
