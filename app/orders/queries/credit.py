"""How much a customer owes by his documents, for his credit limit."""

from __future__ import annotations

from collections.abc import Sequence

from app.contacts.kinds import KIND_OF
from app.contacts.queries import credit_limit_of, group_of, ids_counting_as, survivor_of
from app.inventory.queries.posting_accounts import account_for
from app.ledger.queries.balances import balance_for, keeps_apart
from app.orders.computing import share
from app.orders.queries.lineage import still_to_invoice
from app.orders.queries.loading import LINE_COLUMNS, StoredLine, places
from app.storage.database import fetch_all, fetch_one, lock_suffix


def credit_limit(contact_id: int) -> int | None:
    """Return a customer's credit limit in minor units, `None` where none is set."""
    return credit_limit_of(contact_id)


def owed_by(contact_id: int) -> int:
    """Return what a customer owes: what the ledger says, and what was delivered but not invoiced yet.

    The ledger knows of opening balances, of vouchers made by hand and of advances. Where its account of receivables
    does not keep customers apart, open invoices less open credits and advances stand for it.
    """
    ids = ids_counting_as(survivor_of(contact_id))
    return _receivable(contact_id, ids) + _delivered(ids)


def _receivable(contact_id: int, ids: Sequence[int]) -> int:
    group = group_of(contact_id)
    receivable = account_for("receivable", contact_group_id=group)
    if keeps_apart(receivable, KIND_OF["customer"]):
        return balance_for([receivable, account_for("advance_received", contact_group_id=group)], ids)
    row = fetch_one(
        "SELECT COALESCE(SUM(CASE WHEN kind = 'sales_invoice' THEN gross - settled ELSE settled - gross END), 0)"
        " FROM {document} WHERE kind IN ('sales_invoice', 'sales_credit') AND state = 'done' AND counter_of IS NULL"
        f" AND contact_id IN ({places(ids)})",
        ids,
    )
    advances = fetch_one(
        "SELECT COALESCE(SUM(amount + discount - used), 0) FROM {payment} WHERE kind = 'collection' AND state = 'done'"
        f" AND counter_of IS NULL AND contact_id IN ({places(ids)})",
        ids,
    )
    return int(row[0] if row else 0) - int(advances[0] if advances else 0)


def _delivered(ids: Sequence[int]) -> int:
    rows = fetch_all(
        f"SELECT {LINE_COLUMNS} FROM {{document}} d JOIN {{document_line}} l ON l.document_id = d.id"
        " WHERE d.kind = 'delivery' AND d.state = 'done' AND d.counter_of IS NULL AND l.invoiced < l.base_quantity"
        f" AND d.contact_id IN ({places(ids)})",
        ids,
    )
    lines = [StoredLine(*found) for found in rows]
    return sum(share(line.gross, still_to_invoice(line), line.base_quantity) for line in lines)


def lock_credit(contact_id: int) -> int | None:
    """Hold a customer's limit until the unit ends, so that two documents at once do not pass it together; return it."""
    row = fetch_one(f"SELECT credit_limit FROM {{contact}} WHERE id = ?{lock_suffix()}", (survivor_of(contact_id),))
    return None if row is None or row[0] is None else int(row[0])
