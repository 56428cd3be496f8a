"""A contact as a row of texts, as tables of contacts hold it."""

from __future__ import annotations

from app.contacts.kinds import KIND_OF
from app.contract.contacts import Contact

COLUMNS = (
    *("name", "code", "roles", "group", "tax_number", "address", "phone", "email", "bank_name", "bank_account"),
    *("terms_days", "credit_limit", "note", "active"),
)


def contact_texts(contact: Contact) -> dict[str, str]:
    """Return a contact as texts by column, as they are read again."""
    return {
        **{key: str(getattr(contact, key)) for key in COLUMNS if key not in {"roles", "terms_days", "active"}},
        "roles": "、".join(KIND_OF[role] for role in contact.roles),
        "terms_days": "" if contact.terms_days is None else str(contact.terms_days),
        "active": "Y" if contact.active else "N",
    }
