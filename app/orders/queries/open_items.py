"""What is still open between the book and a contact: invoices, credits, and payments that settle nothing yet."""

from __future__ import annotations

from collections.abc import Sequence

from app.contacts.queries import ids_counting_as
from app.contract.orders import DocumentLink, OpenItem, OpenItemList, OpenItemQuery
from app.kernel.money import format_amount
from app.ledger.queries.vouchers import base_digits
from app.orders.queries.loading import places
from app.orders.queries.payment_loading import COLLECTION, PAYMENT
from app.storage.database import Row, fetch_all, read_snapshot

KINDS_OF_SIDE = {
    "sales": ("sales_invoice", "sales_credit", COLLECTION),
    "purchase": ("purchase_invoice", "purchase_credit", PAYMENT),
}
"""Invoice, credit and payment of each side."""


def open_items(query: OpenItemQuery) -> OpenItemList:
    """Return what of a contact is open on a side, by due date; the balance is invoices less credits and advances."""
    invoice, credit, payment = KINDS_OF_SIDE[query.side]
    ids = ids_counting_as(query.contact_id)
    digits = base_digits()
    with read_snapshot():
        invoices, credits_ = (_documents(kind, ids) for kind in (invoice, credit))
        advances = _advances(payment, ids)
    balance = sum(row[6] for row in invoices) - sum(row[6] for row in (*credits_, *advances))
    return OpenItemList(
        invoices=[_view(row, digits) for row in invoices],
        credits=[_view(row, digits) for row in credits_],
        advances=[_view(row, digits) for row in advances],
        balance=format_amount(balance, digits),
    )


def _documents(kind: str, contact_ids: Sequence[int]) -> list[Row]:
    return fetch_all(
        "SELECT kind, id, number, date, due_date, gross, gross - settled FROM {document} WHERE kind = ?"
        f" AND contact_id IN ({places(contact_ids)}) AND state = 'done' AND counter_of IS NULL AND gross <> settled"
        " ORDER BY CASE WHEN due_date = '' THEN date ELSE due_date END, date, id",
        [kind, *contact_ids],
    )


def _advances(kind: str, contact_ids: Sequence[int]) -> list[Row]:
    return fetch_all(
        "SELECT kind, id, number, date, '', amount + discount, amount + discount - used FROM {payment} WHERE kind = ?"
        f" AND contact_id IN ({places(contact_ids)}) AND state = 'done' AND counter_of IS NULL"
        " AND used < amount + discount ORDER BY date, id",
        [kind, *contact_ids],
    )


def _view(row: Row, digits: int) -> OpenItem:
    return OpenItem(
        kind=row[0],
        id=row[1],
        number=row[2],
        date=row[3],
        due_date=row[4],
        gross=format_amount(row[5], digits),
        open=format_amount(row[6], digits),
    )


def settled_by(document_id: int) -> list[DocumentLink]:
    """Return the payments and settlements that use up a document, in order of their dates."""
    rows = fetch_all(
        "SELECT p.kind, p.id, COALESCE(p.number, ''), p.date, p.state FROM {allocation} a JOIN {payment} p"
        " ON p.id = a.payment_id WHERE a.document_id = ? AND a.booked = 1 UNION"
        " SELECT 'settlement', s.id, s.number, s.date, s.state FROM {allocation} a JOIN {settlement} s"
        " ON s.id = a.settlement_id WHERE a.document_id = ?",
        (document_id, document_id),
    )
    return [
        DocumentLink(kind=row[0], id=row[1], number=row[2], date=row[3], state=row[4], relation="settlement")
        for row in sorted(rows, key=lambda row: (row[3], row[1]))
    ]
