"""The whole ledger as plain tuples, for exports: every account, and every voucher with its entries, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from app.storage.database import Row, fetch_all


class ContentAccount(NamedTuple):
    """An account; `uses` holds (dimension, whether it is demanded)."""

    id: int
    code: str
    parent_id: int | None
    name_zh: str
    name_en: str
    source_name: str | None
    category: str
    normal_side: str
    level: int
    is_leaf: int
    is_cash: int
    currency_id: int | None
    has_quantity: int
    unit: str
    active: int
    uses: tuple[tuple[str, bool], ...] = ()


class ContentCurrency(NamedTuple):
    """A currency or commodity."""

    id: int
    code: str
    minor_digits: int
    is_money: int


class ContentEntry(NamedTuple):
    """An entry; amounts in minor units, foreign amount and quantity in the sense of the side used."""

    voucher_id: int
    line: int
    summary: str
    account_id: int
    auxiliary_set_id: int
    side: int
    debit: int
    credit: int
    currency_id: int
    foreign_amount: int
    rate: str
    quantity: int
    unit_price: int
    cash_flow_line: int | None
    unvalued: int


class ContentVoucher(NamedTuple):
    """A voucher's head; `faults` is empty text where it has none."""

    id: int
    period: int
    date: str
    word: str
    number: int | None
    state: str
    kind: str
    attachment_count: int
    summary: str
    faults: str


def all_accounts() -> list[ContentAccount]:
    """Return every account, by code."""
    columns = ContentAccount._fields[:-1]
    rows = fetch_all(f"SELECT {', '.join(columns)} FROM {{account}} ORDER BY code")
    uses: dict[int, list[tuple[str, bool]]] = {}
    for account_id, kind, demanded in fetch_all(
        "SELECT u.account_id, k.name, u.demanded FROM {account_auxiliary} u"
        " JOIN {auxiliary_kind} k ON k.id = u.kind_id ORDER BY u.account_id, u.kind_id"
    ):
        uses.setdefault(account_id, []).append((kind, bool(demanded)))
    return [ContentAccount._make((*row, tuple(uses.get(row[0], ())))) for row in rows]


def all_currencies() -> list[ContentCurrency]:
    """Return every currency, in the order they were made."""
    columns = ", ".join(ContentCurrency._fields)
    return [ContentCurrency(*row) for row in fetch_all(f"SELECT {columns} FROM {{currency}} ORDER BY id")]


def all_auxiliaries() -> list[tuple[str, str, str]]:
    """Return (kind, name, code) of every item that was not merged into another, in the order they were made."""
    rows = fetch_all(
        "SELECT k.name, a.name, a.code FROM {auxiliary} a JOIN {auxiliary_kind} k ON k.id = a.kind_id"
        " WHERE a.merged_into IS NULL ORDER BY k.id, a.id"
    )
    return [(row[0], row[1], row[2]) for row in rows]


def used_set_ids() -> set[int]:
    """Return the ids of all auxiliary sets."""
    return {row[0] for row in fetch_all("SELECT id FROM {auxiliary_set}")}


def count_vouchers() -> int:
    """Return how many vouchers the book has."""
    return int(fetch_all("SELECT COUNT(*) FROM {voucher}")[0][0])


Content = tuple[ContentVoucher, list[ContentEntry]]

_HEADS = ", ".join(ContentVoucher._fields)
_ENTRIES = ", ".join(ContentEntry._fields)
CHUNK = 2_000


def vouchers_by_number() -> Iterator[Content]:
    """Yield every voucher in order of month, word and number (unnumbered last). Call inside `read_snapshot`."""
    for (period,) in fetch_all("SELECT DISTINCT period FROM {voucher} ORDER BY period"):
        heads = fetch_all(
            f"SELECT {_HEADS} FROM {{voucher}} WHERE period = ? ORDER BY word, number IS NULL, number, id", (period,)
        )
        for start in range(0, len(heads), CHUNK):
            yield from _with_entries(heads[start : start + CHUNK])


def vouchers_by_chain() -> Iterator[Content]:
    """Yield every voucher in the order of the hash chain, then drafts as entered, those without a number last.

    Imported in this order the book lists them in the same order again. Call inside `read_snapshot`.
    """
    for key, condition in (
        ("chain_position", "chain_position IS NOT NULL"),
        ("id", "chain_position IS NULL AND number IS NOT NULL"),
        ("id", "chain_position IS NULL AND number IS NULL"),
    ):
        last = 0
        while heads := fetch_all(
            f"SELECT {_HEADS}, {key} FROM {{voucher}} WHERE {key} > ? AND {condition} ORDER BY {key} LIMIT ?",
            (last, CHUNK),
        ):
            last = heads[-1][-1]
            yield from _with_entries([row[:-1] for row in heads])


def _with_entries(heads: list[Row]) -> Iterator[Content]:
    lines: dict[int, list[ContentEntry]] = {row[0]: [] for row in heads}
    ids = sorted(lines)
    for start in range(0, len(ids), 500):
        wanted = ids[start : start + 500]
        places = ", ".join("?" * len(wanted))
        for row in fetch_all(
            f"SELECT {_ENTRIES} FROM {{entry}} WHERE voucher_id IN ({places}) ORDER BY voucher_id, line", wanted
        ):
            lines[row[0]].append(ContentEntry._make(row))
    for row in heads:
        yield ContentVoucher._make(row), lines[row[0]]
