"""Where the papers come from: one reader for each source, over the slices' queries and with their rights."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.contacts.queries.contacts import get_contact
from app.contract.document_printing import DocumentPrintQuery, PrintSource
from app.identity.actor import Actor
from app.orders.queries.documents import get_document
from app.reports.document_print.form import PrintedForm
from app.reports.document_print.forms import Party, Words, document_form

Reader = Callable[[Actor, DocumentPrintQuery, int, Words], PrintedForm]
"""Reads one thing by its id. Raises `NotFound`, and `PermissionDenied` where the actor may not see it."""


def _document(actor: Actor, query: DocumentPrintQuery, document_id: int, words: Words) -> PrintedForm:
    document = get_document(actor, document_id)
    party = Party(document.contact or document.person) if document.contact_id is None else _party(document.contact_id)
    return document_form(document, party, words, with_prices=query.with_prices)


def _party(contact_id: int) -> Party:
    contact = get_contact(contact_id)
    bank = " ".join(part for part in (contact.bank_name, contact.bank_account) if part)
    return Party(contact.name, contact.address, contact.phone, contact.tax_number, bank)


READERS: Mapping[PrintSource, Reader] = {"document": _document}
