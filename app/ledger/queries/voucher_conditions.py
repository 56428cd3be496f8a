"""Further filters of the voucher list: people, kind, origin, ranges of amounts, documents.

Each is an equality on an index that goes on with the month, or a list of vouchers where that list is short.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.contract.ledger import VoucherQuery
from app.kernel.money import parse_amount
from app.kernel.text import clean_text
from app.ledger.queries.voucher_choices import origins
from app.ledger.queries.vouchers import base_digits
from app.storage.database import fetch_all, fetch_one

Condition = tuple[str, tuple[object, ...]]
HAND = "hand"
"""The origin of vouchers somebody typed."""
NOTHING: Condition = ("1 = 0", ())
SHORT_LIST = 20_000
"""So many hits are looked up one by one; more are met soon enough while walking through the months."""
SMALLEST, LARGEST = -(2**62), 2**62
IN_RANGE = "(debit BETWEEN ? AND ? AND debit <> 0) OR (debit = 0 AND credit BETWEEN ? AND ? AND credit <> 0)"


def further_conditions(query: VoucherQuery) -> tuple[list[Condition], bool]:
    """Return conditions on `v`, and whether one of them is a short list to start from."""
    wanted: list[Condition] = []
    for column, name in (
        ("maker_id", query.maker),
        ("reviewer_id", query.reviewer),
        ("poster_id", query.poster),
        ("cashier_id", query.cashier),
    ):
        if name.strip():
            wanted.append(_one_of(column, _people(name)))
    if query.kind:
        wanted.append(("v.kind = ?", (query.kind,)))
    if query.origin:
        found = [""] if query.origin == HAND else origins(clean_text(query.origin))
        wanted.append(_one_of("origin", found))
    listed = False
    if query.amount_from.strip() or query.amount_to.strip():
        condition, listed = _amounts(query)
        wanted.append(condition)
    if query.has_attachments:
        condition, short = _attachments(query.has_attachments == "yes")
        wanted.append(condition)
        listed = listed or short
    return wanted, listed


def _one_of(column: str, values: Sequence[object]) -> Condition:
    if not values:
        return NOTHING
    if len(values) == 1:
        return f"v.{column} = ?", (values[0],)
    return f"v.{column} IN ({', '.join('?' * len(values))})", tuple(values)


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


def _is_short(hits: str, params: Sequence[object]) -> bool:
    row = fetch_one(f"SELECT COUNT(*) FROM (SELECT 1 FROM ({hits}) h LIMIT {SHORT_LIST + 1}) n", list(params))
    return row is not None and int(row[0]) <= SHORT_LIST
