"""The other side of a document or payment, as far as the pages need it."""

from __future__ import annotations

from dataclasses import dataclass

from app.contract.orders import DocumentHead


@dataclass(frozen=True)
class Partner:
    """A contact by id and name."""

    id: int
    name: str


def partner_of(head: DocumentHead) -> Partner | None:
    """Return the contact of a document."""
    return Partner(head.contact_id, head.contact) if head.contact_id is not None else None
