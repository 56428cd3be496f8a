"""Documents of sales and purchases over HTTP: thin routes over the services.

Both sides share the routes: one of the two rights lets a person in, the service then requires the document's own.
"""

from __future__ import annotations

from app.contract.orders import Document, DocumentPage, DocumentQuery
from app.http import Routes, decode_cursor, encode_cursor
from app.identity.actor import Actor
from app.orders.queries import documents as document_queries

routes = Routes("documents")

VIEW = "orders:sales:view or orders:purchase:view"


@routes.get("/api/documents", permission=VIEW, query=DocumentQuery, response=DocumentPage)
def list_documents(actor: Actor, query: DocumentQuery) -> DocumentPage:
    """List documents of sales and purchases, newest first; of the sides the caller may see."""
    after = decode_cursor(query.cursor, str, int)
    position = None if after is None else (str(after[0]), int(after[1] or 0))
    rows, more = document_queries.list_documents(actor, query, position)
    return DocumentPage(documents=rows, next=encode_cursor([rows[-1].date, rows[-1].id]) if more else None)


@routes.get("/api/documents/<int:id>", permission=VIEW, response=Document)
def get_document(actor: Actor, id: int) -> Document:  # noqa: A002
    """Return a document whole."""
    return document_queries.get_document(actor, id)
