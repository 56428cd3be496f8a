"""A contact in all its roles, as the ledger's auxiliaries name them."""

from __future__ import annotations

from app.contacts.queries.terms import items_of_contact
from app.kernel.text import clean_text


def aux_of_roles(aux: str) -> list[str]:
    """Return how a contact is written in each of its roles (`客户:甲公司`, `供应商:甲公司`), the one given first."""
    if ";" in aux.replace("；", ";"):
        return [aux]
    kind, _, name = aux.replace("：", ":").partition(":")
    return items_of_contact(clean_text(kind), clean_text(name))
