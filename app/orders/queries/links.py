"""What belongs to a document: the documents it came from and that came of it, and its vouchers."""

from __future__ import annotations

from app.contract.orders import DocumentLink
from app.contract.stock import VoucherLink
from app.inventory.queries import posting
from app.orders.queries.loading import StoredDocument
from app.orders.queries.open_items import settled_by
from app.storage.database import fetch_all

_COLUMNS = "d.kind, d.id, COALESCE(d.number, ''), d.date, d.state"
_NEIGHBOURS = (
    f"SELECT DISTINCT 'source', {_COLUMNS} FROM {{document_line}} l JOIN {{document_line}} s ON s.id = l.source_line_id"
    " JOIN {document} d ON d.id = s.document_id WHERE l.document_id = ?"
    f" UNION ALL SELECT DISTINCT 'follower', {_COLUMNS} FROM {{document_line}} s"
    " JOIN {document_line} l ON l.source_line_id = s.id"
    " JOIN {document} d ON d.id = l.document_id WHERE s.document_id = ?"
    f" UNION ALL SELECT 'counter', {_COLUMNS} FROM {{document}} d WHERE d.id IN (?, ?)"
)
_RELATIONS = ("source", "follower", "counter")


def links_of(document: StoredDocument) -> list[DocumentLink]:
    """Return the neighbours of a document: sources, followers, counter-documents, what settles it."""
    pair = (document.counter_of or 0, document.cancelled_by or 0)
    rows = fetch_all(_NEIGHBOURS, (document.id, document.id, *pair))
    rows.sort(key=lambda row: (_RELATIONS.index(row[0]), "" if row[0] == "counter" else row[4], row[2]))
    neighbours = [
        DocumentLink(relation=row[0], kind=row[1], id=row[2], number=row[3], date=row[4], state=row[5]) for row in rows
    ]
    return neighbours + (settled_by(document.id) if document.nature.money else [])


def vouchers_of(document: StoredDocument) -> list[VoucherLink]:
    """Return the vouchers a document made, in the order they were made."""
    return posting.vouchers_of(document.kind, document.id)
