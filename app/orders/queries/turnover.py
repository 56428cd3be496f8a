"""What was sold and bought over some days, by item, contact and month: invoices less credits, and what it cost.

Counter-documents count on their own day, as the opposite of what they take back, as in the ledger.
"""

from __future__ import annotations

from typing import NamedTuple

from app.orders.kinds import SALES
from app.storage.database import fetch_all

MONTH = "SUBSTR({date}, 1, 7)"


class Turnover(NamedTuple):
    """Sums of one item, contact and month; the quantity × 10^8 in the item's base unit, amounts in minor units."""

    item_id: int | None
    contact_id: int | None
    month: str
    quantity: int
    net: int
    tax: int
    gross: int
    cost: int


def read_turnover(side: str, first: str, last: str) -> list[Turnover]:
    """Return what was invoiced on a side from one day to another, and of sales what the goods that left cost."""
    found = _invoiced(side, first, last)
    return found + _costs(first, last) if side == SALES else found


def last_invoiced(side: str) -> str:
    """Return the day of a side's last invoice or credit, empty when there is none."""
    rows = fetch_all(
        "SELECT MAX(date) FROM {document} WHERE kind IN (?, ?) AND number IS NOT NULL",
        (f"{side}_invoice", f"{side}_credit"),
    )
    return str(rows[0][0] or "")


def _invoiced(side: str, first: str, last: str) -> list[Turnover]:
    invoice, credit = f"{side}_invoice", f"{side}_credit"
    month = MONTH.format(date="d.date")
    sums = ", ".join(
        f"SUM(CASE WHEN d.kind = '{credit}' THEN -l.{name} ELSE l.{name} END)"
        for name in ("base_quantity", "net", "tax", "gross")
    )
    rows = fetch_all(
        f"SELECT l.item_id, d.contact_id, {month}, {sums} FROM {{document}} d"
        " JOIN {document_line} l ON l.document_id = d.id WHERE d.kind IN (?, ?) AND d.number IS NOT NULL"
        f" AND d.state IN ('done', 'cancelled') AND d.date BETWEEN ? AND ? GROUP BY l.item_id, d.contact_id, {month}",
        (invoice, credit, first, last),
    )
    return [
        Turnover(row[0], row[1], str(row[2]), int(row[3]), int(row[4]), int(row[5]), int(row[6]), 0) for row in rows
    ]


def _costs(first: str, last: str) -> list[Turnover]:
    """Return what goods that left, less those that came back, cost; and by how much recosting changed that."""
    kinds = "('delivery', 'sales_return')"
    moved, revalued = MONTH.format(date="m.date"), MONTH.format(date="r.date")
    rows = fetch_all(
        f"SELECT m.item_id, d.contact_id, {moved}, SUM(COALESCE(m.amount, 0)) FROM {{stock_move}} m"
        " JOIN {document} d ON d.id = m.document_id"
        f" WHERE m.document_kind IN {kinds} AND m.date BETWEEN ? AND ? GROUP BY m.item_id, d.contact_id, {moved}",
        (first, last),
    )
    rows += fetch_all(
        f"SELECT m.item_id, d.contact_id, {revalued}, SUM(r.amount) FROM {{stock_revaluation}} r"
        " JOIN {stock_move} m ON m.id = r.move_id JOIN {document} d ON d.id = m.document_id"
        f" WHERE m.document_kind IN {kinds} AND r.date BETWEEN ? AND ? GROUP BY m.item_id, d.contact_id, {revalued}",
        (first, last),
    )
    return [Turnover(row[0], row[1], str(row[2]), 0, 0, 0, 0, -int(row[3])) for row in rows]
