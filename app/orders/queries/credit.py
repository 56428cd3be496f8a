"""How much a customer owes by his documents, for his credit limit."""

from __future__ import annotations

from app.contacts.queries import credit_limit_of, ids_counting_as, survivor_of
from app.orders.computing import share
from app.orders.queries.lineage import still_to_invoice
from app.orders.queries.loading import LINE_COLUMNS, StoredLine, places
from app.storage.database import fetch_all, fetch_one


def credit_limit(contact_id: int) -> int | None:
    """Return a customer's credit limit in minor units, `None` where none is set."""
    return credit_limit_of(contact_id)


def owed_by(contact_id: int) -> int:
    """Return what a customer owes: open invoices less open credits, and what was delivered but not invoiced yet."""
    ids = ids_counting_as(survivor_of(contact_id))
    row = fetch_one(
        "SELECT COALESCE(SUM(CASE WHEN kind = 'sales_invoice' THEN gross - settled ELSE settled - gross END), 0)"
        " FROM {document} WHERE kind IN ('sales_invoice', 'sales_credit') AND state = 'done' AND counter_of IS NULL"
        f" AND contact_id IN ({places(ids)})",
        ids,
    )
    rows = fetch_all(
        f"SELECT {LINE_COLUMNS} FROM {{document}} d JOIN {{document_line}} l ON l.document_id = d.id"
        " WHERE d.kind = 'delivery' AND d.state = 'done' AND d.counter_of IS NULL AND l.invoiced < l.base_quantity"
        f" AND d.contact_id IN ({places(ids)})",
        ids,
    )
    lines = [StoredLine(*found) for found in rows]
    delivered = sum(share(line.gross, still_to_invoice(line), line.base_quantity) for line in lines)
    return int(row[0] if row else 0) + delivered
