"""Locking documents in the one order that cannot deadlock: ascending ids, before items and before the ledger.

A line is guarded by the lock of its document. The lines of a finished document keep their sources for ever, so that all
documents a document stands on can be found first and locked together.
"""

from __future__ import annotations

from app.identity.service.versions import check_version
from app.orders.queries.lineage import Lineage
from app.orders.queries.loading import StoredDocument, load_documents, load_family_lines
from app.orders.queries.views import document_view


def lock_document(document_id: int, version: int | None) -> StoredDocument:
    """Lock one document and compare versions. Raises `NotFound` and `Conflict`."""
    document = load_documents([document_id], lock=True)[0]
    require_current(document, version)
    return document


def require_current(document: StoredDocument, version: int | None) -> None:
    """Raise `Conflict` when the client has seen another version of a locked document."""
    check_version(*(version, document.version, "document", document.id), lambda: document_view(document), document.name)


def lock_family(document_id: int, version: int | None) -> Lineage:
    """Lock a document and all documents it stands on until the unit ends.

    Raises `NotFound`, and `Conflict` for a stale version or a draft that is changed at this very moment.
    """
    ids = {line.document_id for line in load_family_lines(document_id)} | {document_id}
    documents = {document.id: document for document in load_documents(sorted(ids), lock=True)}
    document = documents[document_id]
    require_current(document, version)
    lines = load_family_lines(document_id)
    if any(line.document_id not in documents for line in lines):  # it was changed between the two readings
        require_current(document, document.version - 1)
    own = [line for line in lines if line.document_id == document_id]
    return Lineage(document, own, {line.id: line for line in lines if line.document_id != document_id}, documents)
