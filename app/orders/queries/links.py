"""What belongs to a document: the documents it came from and that came of it, and its vouchers."""

from __future__ import annotations

from app.contract.orders import DocumentLink
from app.contract.stock import VoucherLink
from app.inventory.queries import posting
from app.orders.queries.loading import StoredDocument
from app.orders.queries.open_items import settled_by
from app.storage.database import fetch_all

_COLUMNS = "d.kind, d.id, COALESCE(d.number, ''), d.date, d.state"
_SOURCES = (
    f"SELECT DISTINCT {_COLUMNS} FROM {{document_line}} l JOIN {{document_line}} s ON s.id = l.source_line_id"
    " JOIN {document} d ON d.id = s.document_id WHERE l.document_id = ? ORDER BY d.date, d.id"
)
_FOLLOWERS = (
    f"SELECT DISTINCT {_COLUMNS} FROM {{document_line}} s JOIN {{document_line}} l ON l.source_line_id = s.id"
    " JOIN {document} d ON d.id = l.document_id WHERE s.document_id = ? ORDER BY d.date, d.id"
)
_COUNTERS = f"SELECT {_COLUMNS} FROM {{document}} d WHERE d.id IN (?, ?) ORDER BY d.id"


def links_of(document: StoredDocument) -> list[DocumentLink]:
    """Return the neighbours of a document: sources, followers, counter-documents, what settles it."""
    pair = (document.counter_of or 0, document.cancelled_by or 0)
    found = (
        ("source", fetch_all(_SOURCES, (document.id,))),
        ("follower", fetch_all(_FOLLOWERS, (document.id,))),
        ("counter", fetch_all(_COUNTERS, pair)),
    )
    neighbours = [
        DocumentLink(kind=row[0], id=row[1], number=row[2], date=row[3], state=row[4], relation=relation)  # type: ignore[arg-type]  # one of the three above
        for relation, rows in found
        for row in rows
    ]
    return neighbours + (settled_by(document.id) if document.nature.money else [])


def vouchers_of(document: StoredDocument) -> list[VoucherLink]:
    """Return the vouchers a document made, in the order they were made."""
    return posting.vouchers_of(document.kind, document.id)
