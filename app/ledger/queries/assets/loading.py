"""Cards with their terms and charges, read for plans, lists and comparisons in a few queries."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from app.kernel.errors import NotFound
from app.kernel.text import message
from app.ledger.asset_plan import AssetKind, CardFacts, Method, PlannedMonth, Term, make_plan
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all, fetch_one

_CHUNK = 500

STANDING_CHARGES = (
    "FROM {asset_charge} c JOIN {voucher} v ON v.id = c.voucher_id AND v.state <> 'void'"
    " WHERE NOT EXISTS (SELECT 1 FROM {voucher} r WHERE r.reversal_of = v.id AND r.state <> 'void')"
)
"""Charges count while their voucher stands: a void or reversed one, or one that is deleted, gives its charges back."""


class StoredCard(NamedTuple):
    """The columns of `asset`, in their order."""

    id: int
    code: str
    name: str
    kind: AssetKind
    category: str
    specification: str
    location: str
    quantity: int
    unit: str
    user_set_id: int
    acquired_on: str
    in_use_on: str
    asset_account_id: int
    asset_set_id: int
    accumulated_account_id: int | None
    accumulated_set_id: int
    opening_accumulated: int
    opening_months: int
    disposed_on: str | None
    disposal_reason: str | None
    disposal_note: str
    disposal_proceeds: int
    disposal_voucher_id: int | None
    note: str
    version: int
    created_by: int
    created_at: int
    updated_at: int

    def facts(self, book_start: int) -> CardFacts:
        """Return what the plan needs."""
        disposed = None if self.disposed_on is None else datetime.date.fromisoformat(self.disposed_on)
        in_use = datetime.date.fromisoformat(self.in_use_on)
        return CardFacts(self.kind, in_use, self.opening_accumulated, self.opening_months, disposed, book_start)

    @property
    def carrier(self) -> tuple[int, int]:
        """Return account and auxiliary set that charges are credited to: of their own, or the asset's itself."""
        if self.accumulated_account_id is None:
            return self.asset_account_id, self.asset_set_id
        return self.accumulated_account_id, self.accumulated_set_id


class StoredTerm(NamedTuple):
    """A row of `asset_term` with the name of who made it."""

    term: Term
    residual_rate: str
    reason: str
    changed_by: str
    changed_at: int


class LoadedCard(NamedTuple):
    """A card with all it is charged by and was charged."""

    card: StoredCard
    terms: list[StoredTerm]
    charged: dict[int, int]
    book_start: int
    closed_until: int

    def plan(self, until: int | None = None, *, closed_until: int | None = None) -> list[PlannedMonth]:
        """Return the months of the card, up to `until` or to its end."""
        return make_plan(
            self.card.facts(self.book_start),
            [stored.term for stored in self.terms],
            self.charged,
            closed_until=self.closed_until if closed_until is None else closed_until,
            until=until,
        )


CARD_COLUMNS = ", ".join(StoredCard._fields)
_TERMS = (
    "SELECT t.asset_id, t.from_period, t.original_value, t.residual_value, t.life_months, t.method,"
    " t.expense_account_id, t.expense_set_id, t.residual_rate, t.reason, u.name, t.changed_at"
    " FROM {asset_term} t JOIN {user} u ON u.id = t.changed_by"
)


def book_start() -> int:
    """Return the book's first month."""
    return int(get_setting("start_period"))


def closed_until() -> int:
    """Return the last closed month, 0 when none is."""
    row = fetch_one("SELECT MAX(period) FROM {period} WHERE state = 'closed'")
    return int(row[0]) if row and row[0] else 0


def load_cards(condition: str = "1 = 1", params: Sequence[object] = ()) -> list[LoadedCard]:
    """Return the cards that meet a condition on `asset`, by code, with their terms and charges."""
    rows = fetch_all(f"SELECT {CARD_COLUMNS} FROM {{asset}} WHERE {condition} ORDER BY code", list(params))
    cards = [StoredCard._make(row) for row in rows]
    ids = [card.id for card in cards]
    terms: dict[int, list[StoredTerm]] = {card_id: [] for card_id in ids}
    charged: dict[int, dict[int, int]] = {card_id: {} for card_id in ids}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        places = ", ".join("?" * len(chunk))
        for row in fetch_all(f"{_TERMS} WHERE t.asset_id IN ({places}) ORDER BY t.asset_id, t.from_period", chunk):
            method: Method = row[5]
            term = Term(row[1], row[2], row[3], row[4], method, row[6], row[7])
            terms[row[0]].append(StoredTerm(term, row[8], row[9], row[10], int(row[11])))
        for card_id, period, amount in fetch_all(
            f"SELECT c.asset_id, c.period, SUM(c.amount) {STANDING_CHARGES} AND c.asset_id IN ({places})"
            " GROUP BY c.asset_id, c.period",
            chunk,
        ):
            charged[card_id][int(period)] = int(amount)
    first, closed = book_start(), closed_until()
    return [LoadedCard(card, terms[card.id], charged[card.id], first, closed) for card in cards]


def load_card(asset_id: int) -> LoadedCard:
    """Return one card. Raises `NotFound`."""
    found = load_cards("id = ?", (asset_id,))
    if not found:
        raise NotFound("asset_unknown", message("没有编号为 {id} 的资产卡片，它可能已被删除。", id=asset_id))
    return found[0]
