"""Further filters of the voucher list: people, kind, origin, ranges of amounts, documents.

Heads are looked through month by month, ranges from a list of vouchers where that list is short.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.contract.ledger import VoucherQuery
from app.kernel.money import parse_amount
from app.kernel.text import clean_text
from app.ledger.queries.voucher_choices import origins
from app.ledger.queries.vouchers import base_digits
from app.storage.database import fetch_all, fetch_one

Condition = tuple[str, tuple[object, ...]]
HAND = "hand"
"""The origin of vouchers somebody typed."""
SHORT_LIST = 20_000
"""So many hits are looked up one by one; more are met soon enough while walking through the months."""
FEW = 2_000
SMALLEST, LARGEST = -(2**62), 2**62
IN_RANGE = "(debit BETWEEN ? AND ? AND debit <> 0) OR (debit = 0 AND credit BETWEEN ? AND ? AND credit <> 0)"


class HeadHolders(NamedTuple):
    """Values one of which a voucher's head must have, by their column, whose index goes on with the month."""

    column: str
    ids: Sequence[object]

    def condition(self, period: int) -> Condition:
        """Return the condition for one month: by the index where few have it there, else met while walking through."""
        places = ", ".join("?" * len(self.ids))
        few = _is_short(
            f"SELECT id FROM {{voucher}} WHERE {self.column} IN ({places}) AND period = ?", (*self.ids, period), FEW
        )
        return (f"v.{self.column} IN ({places})", tuple(self.ids)) if few else self.plain()

    def plain(self) -> Condition:
        """Return the condition for vouchers that are found some other way: no index is to be used for it."""
        places = ", ".join("?" * len(self.ids)) or "NULL"
        return f"COALESCE(v.{self.column}, '') IN ({places})", tuple(self.ids)

    def next_period(self, after: int, *, descending: bool) -> int | None:
        """Return the next month with such a voucher: one step down the index for each value."""
        return next_month("voucher", self.column, self.ids, after, descending=descending)


def next_month(table: str, column: str, values: Sequence[object], after: int, *, descending: bool) -> int | None:
    """Return the nearest month after (or before) one in which the table has one of these values."""
    pick, compare = ("MAX", "<") if descending else ("MIN", ">")
    found = []
    for value in values:
        row = fetch_one(
            f"SELECT {pick}(period) FROM {{{table}}} WHERE {column} = ? AND period {compare} ?", (value, after)
        )
        if row and row[0] is not None:
            found.append(int(row[0]))
    if not found:
        return None
    return max(found) if descending else min(found)


def head_holders(query: VoucherQuery) -> list[HeadHolders]:
    """Return what the heads of the vouchers must have."""
    holders = [
        HeadHolders(column, _people(name))
        for column, name in (
            ("maker_id", query.maker),
            ("reviewer_id", query.reviewer),
            ("poster_id", query.poster),
            ("cashier_id", query.cashier),
        )
        if name.strip()
    ]
    if query.kind:
        holders.append(HeadHolders("kind", [query.kind]))
    if query.origin:
        holders.append(HeadHolders("origin", [""] if query.origin == HAND else origins(clean_text(query.origin))))
    return holders


def further_conditions(query: VoucherQuery) -> tuple[list[Condition], bool]:
    """Return conditions on `v`, and whether one of them is a short list to start from."""
    wanted: list[Condition] = []
    listed = False
    if query.amount_from.strip() or query.amount_to.strip():
        condition, listed = _amounts(query)
        wanted.append(condition)
    if query.has_attachments:
        condition, short = _attachments(query.has_attachments == "yes")
        wanted.append(condition)
        listed = listed or short
    return wanted, listed


def _people(name: str) -> list[int]:
    return [int(row[0]) for row in fetch_all("SELECT id FROM {user} WHERE name = ?", (clean_text(name),))]


def _amounts(query: VoucherQuery) -> tuple[Condition, bool]:
    digits = base_digits()
    low = parse_amount(query.amount_from, digits) if query.amount_from.strip() else SMALLEST
    high = parse_amount(query.amount_to, digits) if query.amount_to.strip() else LARGEST
    bounds = (low, high, low, high)
    hits = (
        "SELECT voucher_id FROM {entry} WHERE debit BETWEEN ? AND ? AND debit <> 0"
        " UNION ALL SELECT voucher_id FROM {entry} WHERE debit = 0 AND credit BETWEEN ? AND ? AND credit <> 0"
    )
    if _is_short(hits, bounds):
        return (f"v.id IN ({hits})", bounds), True
    return (f"EXISTS (SELECT 1 FROM {{entry}} e WHERE e.voucher_id = v.id AND ({IN_RANGE}))", bounds), False


def _attachments(wanted: bool) -> tuple[Condition, bool]:
    if not wanted:
        return ("NOT EXISTS (SELECT 1 FROM {attachment} t WHERE t.voucher_id = v.id)", ()), False
    if _is_short("SELECT voucher_id FROM {attachment}", ()):
        return ("v.id IN (SELECT voucher_id FROM {attachment})", ()), True
    return ("EXISTS (SELECT 1 FROM {attachment} t WHERE t.voucher_id = v.id)", ()), False


def _is_short(hits: str, params: Sequence[object], limit: int | None = None) -> bool:
    most = SHORT_LIST if limit is None else limit
    row = fetch_one(f"SELECT COUNT(*) FROM (SELECT 1 FROM ({hits}) h LIMIT {most + 1}) n", list(params))
    return row is not None and int(row[0]) <= most
