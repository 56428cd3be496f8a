"""What is known of movements beside the ledger: which document made them, when they fall due, what settled them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

from app.contacts.queries.terms import terms_by_item
from app.orders.queries.origins import Origin, has_vouchers, origins_of


class Settled:
    """What documents and contacts know at the end of a day; vouchers are made known before they are asked for."""

    def __init__(self, day: str, sides: Mapping[int, int]) -> None:
        """Take the day (ISO text), and 1 for accounts that normally stand in debit, -1 for the others, by id."""
        self._day = day
        self._sides = sides
        self._terms = terms_by_item()
        self._origins: dict[int, Origin] = {}
        self._has_documents = has_vouchers()

    def learn(self, voucher_ids: Iterable[int]) -> None:
        """Read what is known of some vouchers."""
        if self._has_documents:
            self._origins |= origins_of(voucher_ids, self._day)

    def of(self, voucher_id: int, account_id: int, size: int) -> int:
        """Return how much of what a voucher moved on an account (`size`) is settled, in minor units.

        What a payment moved beside its advance, and all that a settlement moved, settles others and is settled by them.
        """
        origin = self._origins.get(voucher_id)
        if origin is None:
            return 0
        if origin.kind == "settlement":
            return size
        if origin.kind in {"collection", "payment"}:
            is_advance = self._sides.get(account_id) == (-1 if origin.kind == "collection" else 1)
            return origin.settled if is_advance else size
        return origin.settled

    def taken_back_by(self, voucher_id: int) -> int | None:
        """Return the voucher that one takes back for a document, where the ledger itself does not link them."""
        origin = self._origins.get(voucher_id)
        return None if origin is None else origin.reverses

    def number(self, voucher_id: int) -> str:
        """Return the number of the document behind a voucher, empty without one."""
        origin = self._origins.get(voucher_id)
        return "" if origin is None else origin.number

    def dates(self, voucher_id: int, contact: str, date: str) -> tuple[str, str]:
        """Return date and due date of a movement: its document's, else the voucher's date and the contact's terms."""
        origin = self._origins.get(voucher_id)
        if origin is None:
            return date, self.due_by_terms(contact, date)
        is_bill = origin.kind not in {"collection", "payment", "settlement"}
        return origin.date, origin.due or (self.due_by_terms(contact, origin.date) if is_bill else origin.date)

    def due_by_terms(self, contact: str, date: str) -> str:
        """Return when something of a date falls due by the contact's terms; without terms the same day."""
        days = self._terms.get(contact, 0)
        return (datetime.date.fromisoformat(date) + datetime.timedelta(days=days)).isoformat() if days else date
