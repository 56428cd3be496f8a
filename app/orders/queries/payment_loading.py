"""Payments, settlements and allocations as they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.kernel.text import Message, message
from app.orders.errors import payment_unknown, settlement_unknown
from app.orders.queries.loading import CHUNK, places
from app.storage.database import fetch_all, fetch_one, lock_suffix

COLLECTION, PAYMENT, SETTLEMENT = "collection", "payment", "settlement"
NAMES: dict[str, Message] = {
    COLLECTION: message("收款单"),
    PAYMENT: message("付款单"),
    SETTLEMENT: message("核销单"),
}


class StoredPayment(NamedTuple):
    """A row of `payment`; amounts in minor units."""

    id: int
    kind: str
    number: str | None
    date: str
    state: str
    contact_id: int
    account_id: int
    amount: int
    discount: int
    used: int
    reference: str
    note: str
    reason: str
    counter_of: int | None
    cancelled_by: int | None
    version: int
    created_by: int

    @property
    def side(self) -> str:
        """Return whose invoices it pays: those of sales or of purchases."""
        return "sales" if self.kind == COLLECTION else "purchase"

    @property
    def stands(self) -> bool:
        """Tell whether it is carried out and was not taken back."""
        return self.state == "done" and self.counter_of is None

    @property
    def unused(self) -> int:
        """Return what of it settles nothing yet: an advance."""
        return self.amount + self.discount - self.used if self.stands else 0

    @property
    def name(self) -> Message:
        """Return what people call it."""
        if self.number is None:
            return message("{kind}草稿（{id}）", kind=NAMES[self.kind], id=self.id)
        return message("{kind} {number}", kind=NAMES[self.kind], number=self.number)


class StoredSettlement(NamedTuple):
    """A row of `settlement`; the amount in minor units."""

    id: int
    number: str
    date: str
    state: str
    contact_id: int
    side: str
    amount: int
    note: str
    reason: str
    counter_of: int | None
    cancelled_by: int | None
    version: int
    created_by: int

    @property
    def stands(self) -> bool:
        """Tell whether it was not taken back."""
        return self.state == "done" and self.counter_of is None

    @property
    def name(self) -> Message:
        """Return what people call it."""
        return message("{kind} {number}", kind=NAMES[SETTLEMENT], number=self.number)


class StoredAllocation(NamedTuple):
    """A row of `allocation`: of which document or advance how much is used up, in minor units."""

    id: int
    payment_id: int | None
    settlement_id: int | None
    part: str
    document_id: int | None
    advance_id: int | None
    amount: int
    date: str
    booked: int


PAYMENT_COLUMNS = ", ".join(f"p.{name}" for name in StoredPayment._fields)
SETTLEMENT_COLUMNS = ", ".join(f"s.{name}" for name in StoredSettlement._fields)
ALLOCATION_COLUMNS = ", ".join(f"a.{name}" for name in StoredAllocation._fields)


def load_payment(payment_id: int) -> StoredPayment:
    """Return a payment as stored. Raises `NotFound`."""
    return load_payments([payment_id])[0]


def load_payments(ids: Sequence[int], *, lock: bool = False) -> list[StoredPayment]:
    """Return payments by ascending id, with `lock` held until the unit ends. Raises `NotFound` for a missing one."""
    wanted = sorted(set(ids))
    found: list[StoredPayment] = []
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        rows = fetch_all(
            f"SELECT {PAYMENT_COLUMNS} FROM {{payment}} p WHERE p.id IN ({places(chunk)}) ORDER BY p.id"
            f"{lock_suffix() if lock else ''}",
            chunk,
        )
        found += [StoredPayment(*row) for row in rows]
    missing = set(wanted) - {payment.id for payment in found}
    if missing:
        raise payment_unknown(min(missing))
    return found


def load_settlement(settlement_id: int, *, lock: bool = False) -> StoredSettlement:
    """Return a settlement as stored, with `lock` held until the unit ends. Raises `NotFound`."""
    row = fetch_one(
        f"SELECT {SETTLEMENT_COLUMNS} FROM {{settlement}} s WHERE s.id = ?{lock_suffix() if lock else ''}",
        (settlement_id,),
    )
    if row is None:
        raise settlement_unknown(settlement_id)
    return StoredSettlement(*row)


def allocations_of(column: str, ids: Sequence[int]) -> list[StoredAllocation]:
    """Return the allocations that payments (`payment_id`) or settlements (`settlement_id`) made, in their order."""
    wanted = sorted(set(ids))
    found: list[StoredAllocation] = []
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        rows = fetch_all(
            f"SELECT {ALLOCATION_COLUMNS} FROM {{allocation}} a WHERE a.{column} IN ({places(chunk)}) ORDER BY a.id",
            chunk,
        )
        found += [StoredAllocation(*row) for row in rows]
    return found
