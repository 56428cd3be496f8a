"""Which document made a voucher, when it falls due, and how much of it was settled by a day."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from app.orders.queries.loading import CHUNK, places
from app.orders.queries.payment_loading import COLLECTION, PAYMENT, SETTLEMENT
from app.storage.database import Row, fetch_all, fetch_one

BILLS = ("sales_invoice", "sales_credit", "purchase_invoice", "purchase_credit")


class Origin(NamedTuple):
    """The document behind a voucher; `settled` in minor units, of payments what of their advance was used.

    `due` is empty where nothing is known of it. `reverses` is the voucher this one takes back, if it does.
    """

    kind: str
    id: int
    number: str
    date: str
    due: str
    settled: int
    reverses: int | None


def has_vouchers() -> bool:
    """Tell whether any document ever made a voucher."""
    return fetch_one("SELECT voucher_id FROM {document_voucher} LIMIT 1") is not None


def origins_of(voucher_ids: Iterable[int], day: str) -> dict[int, Origin]:
    """Return what is known at the end of a day of the documents that made some vouchers; others are left out."""
    wanted = sorted(set(voucher_ids))
    found: dict[int, Origin] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        rows = [
            *_bills(chunk, day),
            *_payments(chunk, day),
            *_settlements(chunk),
        ]
        for voucher_id, kind, number, date, due, settled, reverses, document_id in rows:
            found[int(voucher_id)] = Origin(kind, int(document_id), number, date, due, int(settled or 0), reverses)
    return found


def _bills(voucher_ids: list[int], day: str) -> list[Row]:
    return fetch_all(
        "SELECT v.voucher_id, d.kind, d.number, d.date, d.due_date, (SELECT SUM(a.amount) FROM {allocation} a"
        " WHERE a.document_id = d.id AND a.booked = 1 AND a.date <= ?), v.reverses, d.id FROM {document_voucher} v"
        f" JOIN {{document}} d ON d.id = v.document_id WHERE v.voucher_id IN ({places(voucher_ids)})"
        f" AND v.document_kind IN ({places(BILLS)}) AND d.kind = v.document_kind",
        [day, *voucher_ids, *BILLS],
    )


def _payments(voucher_ids: list[int], day: str) -> list[Row]:
    return fetch_all(
        "SELECT v.voucher_id, p.kind, p.number, p.date, '', (SELECT SUM(a.amount) FROM {allocation} a"
        " WHERE a.advance_id = p.id AND a.booked = 1 AND a.date <= ?), v.reverses, p.id FROM {document_voucher} v"
        f" JOIN {{payment}} p ON p.id = v.document_id WHERE v.voucher_id IN ({places(voucher_ids)})"
        " AND v.document_kind IN (?, ?)",
        [day, *voucher_ids, COLLECTION, PAYMENT],
    )


def _settlements(voucher_ids: list[int]) -> list[Row]:
    return fetch_all(
        "SELECT v.voucher_id, 'settlement', s.number, s.date, '', 0, v.reverses, s.id FROM {document_voucher} v"
        f" JOIN {{settlement}} s ON s.id = v.document_id WHERE v.voucher_id IN ({places(voucher_ids)})"
        " AND v.document_kind = ?",
        [*voucher_ids, SETTLEMENT],
    )


def document_numbers(voucher_ids: Iterable[int]) -> dict[int, str]:
    """Return the numbers of the documents that made some vouchers, of stock and trade; others are left out."""
    wanted = sorted(set(voucher_ids))
    found: dict[int, str] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        rows = fetch_all(
            f"SELECT voucher_id, document_number FROM {{document_voucher}} WHERE voucher_id IN ({places(chunk)})", chunk
        )
        found |= {int(row[0]): str(row[1]) for row in rows}
    return found
