"""What a finished document does to stock and to the ledger, and how that is undone."""

from __future__ import annotations

from app.identity.actor import Actor
from app.orders.queries.lineage import Lineage
from app.orders.queries.loading import StoredDocument


def book(actor: Actor, lineage: Lineage, number: str) -> None:
    """Move the stock of a document that was just finished and post its voucher."""
    raise NotImplementedError(actor, lineage, number)


def unbook(actor: Actor, lineage: Lineage, counter: StoredDocument) -> None:
    """Undo stock and vouchers of a document for its counter-document."""
    raise NotImplementedError(actor, lineage, counter)
