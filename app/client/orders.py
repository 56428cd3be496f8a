"""Endpoints of sales and purchase documents."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.contract.base import Change
from app.contract.orders import (
    Closing,
    Document,
    DocumentInput,
    DocumentPage,
    DocumentPreview,
    DocumentQuery,
    Finishing,
    FollowerInput,
)
from app.contract.stock import Cancellation


class OrderCalls(Calls):
    """The endpoints of documents. `version` is the one the caller has seen; a stale one raises `Conflict`."""

    def list_documents(self, query: DocumentQuery | None = None) -> DocumentPage:
        """Return one page of documents, newest first."""
        return self.transport.call("GET", "/api/documents", DocumentPage, query=query)

    def get_document(self, document_id: int) -> Document:
        """Return one document whole."""
        return self.transport.call("GET", f"/api/documents/{document_id}", Document)

    def add_document(self, document: DocumentInput) -> Document:
        """Save a draft and return it."""
        return self.transport.call("POST", "/api/documents", Document, body=keyed(document))

    def change_document(self, document_id: int, document: DocumentInput) -> Document:
        """Replace a draft and return it."""
        return self.transport.call("PUT", f"/api/documents/{document_id}", Document, body=keyed(document))

    def delete_document(self, document_id: int, version: int | None = None) -> None:
        """Delete a draft."""
        self.transport.send("DELETE", f"/api/documents/{document_id}", query={"version": version})

    def preview_document(self, document: DocumentInput) -> DocumentPreview:
        """Return what a document would come to, and what speaks against finishing it; nothing is kept."""
        return self.transport.call("POST", "/api/documents/preview", DocumentPreview, body=document)

    def propose_follower(self, wish: FollowerInput) -> DocumentInput:
        """Return a draft that carries out the open rest of documents; nothing is kept."""
        return self.transport.call("POST", "/api/documents/follower", DocumentInput, body=wish)

    def finish_document(self, document_id: int, wish: Finishing) -> Document:
        """Carry a draft out and return it."""
        return self.transport.call("POST", f"/api/documents/{document_id}/finish", Document, body=keyed(wish))

    def cancel_document(self, document_id: int, wish: Cancellation) -> Document:
        """Take a document back and return it."""
        return self.transport.call("POST", f"/api/documents/{document_id}/cancel", Document, body=keyed(wish))

    def close_document(self, document_id: int, wish: Closing) -> Document:
        """End an open order or quotation and return it."""
        return self.transport.call("POST", f"/api/documents/{document_id}/close", Document, body=keyed(wish))

    def reopen_document(self, document_id: int, version: int | None = None) -> Document:
        """Take a closing back and return the document."""
        body = keyed(Change() if version is None else Change(version=version))
        return self.transport.call("POST", f"/api/documents/{document_id}/reopen", Document, body=body)
