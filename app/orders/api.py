"""Documents of sales and purchases over HTTP: thin routes over the services.

Both sides share the routes: one of the two rights lets a person in, the service then requires the document's own.
"""

from __future__ import annotations

from app.contract.base import Change, VersionQuery
from app.contract.orders import (
    Closing,
    Document,
    DocumentInput,
    DocumentPage,
    DocumentPreview,
    DocumentQuery,
    ExampleMessage,
    ExampleOrder,
    ExampleOrderInput,
    Finishing,
    FollowerInput,
)
from app.contract.stock import Cancellation
from app.http import Routes, decode_cursor, encode_cursor
from app.http.decoding import require_version
from app.identity.actor import Actor
from app.orders.queries import documents as document_queries
from app.orders.service import cancelling, drafts, examples, finishing, following

routes = Routes("documents")

VIEW = "orders:sales:view or orders:purchase:view"
ADD = "orders:sales:add or orders:purchase:add"
EDIT = "orders:sales:edit or orders:purchase:edit"
FINISH = "orders:sales:finish or orders:purchase:finish"
CANCEL = "orders:sales:cancel or orders:purchase:cancel"


@routes.get("/api/documents", permission=VIEW, query=DocumentQuery, response=DocumentPage)
def list_documents(actor: Actor, query: DocumentQuery) -> DocumentPage:
    """List documents of sales and purchases, newest first; of the sides the caller may see."""
    after = decode_cursor(query.cursor, str, int)
    position = None if after is None else (str(after[0]), int(after[1] or 0))
    rows, more = document_queries.list_documents(actor, query, position)
    return DocumentPage(documents=rows, next=encode_cursor([rows[-1].date, rows[-1].id]) if more else None)


@routes.post("/api/documents", permission=ADD, body=DocumentInput, response=Document, status=201)
def add_document(actor: Actor, body: DocumentInput) -> Document:
    """Save a document as a draft."""
    return drafts.create_document(actor, body)


@routes.post("/api/documents/preview", permission=ADD, body=DocumentInput, response=DocumentPreview)
def preview_document(actor: Actor, body: DocumentInput) -> DocumentPreview:
    """Return what a document would come to and what speaks against finishing it; nothing is kept."""
    return drafts.preview_document(actor, body)


@routes.post("/api/documents/follower", permission=ADD, body=FollowerInput, response=DocumentInput)
def propose_follower(actor: Actor, body: FollowerInput) -> DocumentInput:
    """Return a draft that carries out the open rest of documents; nothing is kept."""
    return following.propose_follower(actor, body)


@routes.get("/api/documents/<int:id>", permission=VIEW, response=Document)
def get_document(actor: Actor, id: int) -> Document:  # noqa: A002
    """Return a document whole."""
    return document_queries.get_document(actor, id)


@routes.put("/api/documents/<int:id>", permission=EDIT, body=DocumentInput, response=Document)
def change_document(actor: Actor, id: int, body: DocumentInput) -> Document:  # noqa: A002
    """Replace a draft."""
    require_version(body)
    return drafts.change_document(actor, id, body)


@routes.delete("/api/documents/<int:id>", permission=EDIT, query=VersionQuery)
def delete_document(actor: Actor, id: int, query: VersionQuery) -> None:  # noqa: A002
    """Delete a draft."""
    drafts.delete_document(actor, id, query.version)


@routes.post("/api/documents/<int:id>/finish", permission=FINISH, body=Finishing, response=Document)
def finish_document(actor: Actor, id: int, body: Finishing) -> Document:  # noqa: A002
    """Carry a draft out, with its stock and vouchers."""
    return finishing.finish_document(actor, id, body)


@routes.post("/api/documents/<int:id>/cancel", permission=CANCEL, body=Cancellation, response=Document)
def cancel_document(actor: Actor, id: int, body: Cancellation) -> Document:  # noqa: A002
    """Take a document back; a finished one by a counter-document."""
    return cancelling.cancel_document(actor, id, body)


@routes.post("/api/documents/<int:id>/close", permission=FINISH, body=Closing, response=Document)
def close_document(actor: Actor, id: int, body: Closing) -> Document:  # noqa: A002
    """End an open order or quotation although not all of it was carried out."""
    return finishing.close_document(actor, id, body)


@routes.post("/api/documents/<int:id>/reopen", permission=FINISH, body=Change, response=Document)
def reopen_document(actor: Actor, id: int, body: Change) -> Document:  # noqa: A002
    """Take the closing of an order or quotation back."""
    return finishing.reopen_document(actor, id, body.version)


@routes.get("/orders", permission="orders:sales:view", response=list[ExampleOrder])
def list_orders(actor: Actor) -> list[ExampleOrder]:
    """List all sales orders, as a bare list."""
    return examples.list_orders(actor)


@routes.post("/orders", permission="orders:sales:add", body=ExampleOrderInput, response=ExampleMessage, status=201)
def add_order(actor: Actor, body: ExampleOrderInput) -> ExampleMessage:
    """Save a draft order of one item for a person."""
    examples.add_order(actor, body)
    return ExampleMessage(message="Order created successfully")
