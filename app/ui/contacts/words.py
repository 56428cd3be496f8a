"""What the window calls things about contacts."""

from __future__ import annotations

from app.contract.contacts import Contact, ContactRole
from app.ui.language import is_english
from app.ui.widgets.contact_lookup import role_name

ROLES: tuple[ContactRole, ...] = ("customer", "supplier", "employee")
KINDS: dict[ContactRole, str] = {"customer": "客户", "supplier": "供应商", "employee": "职员"}
"""The dimension of the ledger each role is; part of what auxiliaries are called, whatever the window's language."""


def roles_text(contact: Contact) -> str:
    """Return all roles of a contact."""
    return (", " if is_english() else "、").join(role_name(role) for role in contact.roles)
