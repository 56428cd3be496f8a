"""The whole ledger as plain tuples, for exports: every account, and every voucher with its entries, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from app.storage.database import fetch_all


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


def all_vouchers() -> Iterator[tuple[ContentVoucher, list[ContentEntry]]]:
    """Yield every voucher in order of month, word and number (unnumbered last). Call inside `read_snapshot`."""
    heads = ", ".join(ContentVoucher._fields)
    entries = ", ".join(f"e.{name}" for name in ContentEntry._fields)
    for (period,) in fetch_all("SELECT DISTINCT period FROM {voucher} ORDER BY period"):
        vouchers = fetch_all(
            f"SELECT {heads} FROM {{voucher}} WHERE period = ? ORDER BY word, number IS NULL, number, id", (period,)
        )
        lines: dict[int, list[ContentEntry]] = {row[0]: [] for row in vouchers}
        for row in fetch_all(
            f"SELECT {entries} FROM {{voucher}} v JOIN {{entry}} e ON e.voucher_id = v.id WHERE v.period = ?"
            " ORDER BY e.voucher_id, e.line",
            (period,),
        ):
            lines[row[0]].append(ContentEntry._make(row))
        for row in vouchers:
            yield ContentVoucher._make(row), lines[row[0]]
