"""The file of a csv-book that holds what is known of contacts beside name and code; without any there is no file."""

from __future__ import annotations

from pathlib import Path

from app.contacts.queries.contacts import all_contacts
from app.contacts.queries.texts import contact_texts
from app.contract.contacts import Contact
from app.exchange.csv_book.columns import CONTACT_COLUMNS, CONTACTS_FILE
from app.exchange.writers.csv_rows import write_rows
from app.kernel.cells import guarded

_IN_AUXILIARIES = frozenset({"name", "code", "roles", "active"})


def write_contacts(folder: Path) -> None:
    """Write the contacts of which more is known than the file of auxiliaries says. Call inside `read_snapshot`."""
    rows = [
        [guarded(texts[column]) for column in CONTACT_COLUMNS]
        for contact in all_contacts()
        if _says_more(contact, texts := contact_texts(contact))
    ]
    if rows:
        write_rows(folder, CONTACTS_FILE, CONTACT_COLUMNS, rows)


def _says_more(contact: Contact, texts: dict[str, str]) -> bool:
    return (
        len(contact.roles) > 1
        or not contact.active
        or any(text for column, text in texts.items() if column not in _IN_AUXILIARIES)
    )
