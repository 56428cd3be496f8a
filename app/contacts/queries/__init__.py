"""Reads of contacts."""

from app.contacts.queries.contacts import (
    credit_limit_of,
    get_contact,
    group_of,
    ids_counting_as,
    list_contacts,
    same_contact,
    survivor_of,
)
from app.contacts.queries.parties import Party, party_of

__all__ = [
    "Party",
    "credit_limit_of",
    "get_contact",
    "group_of",
    "ids_counting_as",
    "list_contacts",
    "party_of",
    "same_contact",
    "survivor_of",
]
