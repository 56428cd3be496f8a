"""Reads of contacts."""

from app.contacts.queries.contacts import (
    credit_limit_of,
    get_contact,
    group_of,
    ids_counting_as,
    list_contacts,
    price_list_of,
    survivor_of,
    terms_of,
)

__all__ = [
    "credit_limit_of",
    "get_contact",
    "group_of",
    "ids_counting_as",
    "list_contacts",
    "price_list_of",
    "survivor_of",
    "terms_of",
]
