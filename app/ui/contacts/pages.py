"""The page of contacts as the window knows it; it is built when first shown."""

from __future__ import annotations

from app.ui.language import tr
from app.ui.navigation import OpenContact
from app.ui.page import Page, PageContext, PageEntry
from app.ui.page_groups import BASICS


def contact_pages() -> list[PageEntry]:
    """Return the pages in the order of the navigation."""
    return [
        PageEntry(
            "contacts",
            lambda: tr("往来单位管理"),
            "contacts",
            _contacts,
            BASICS,
            accepts=(OpenContact,),
            permission="contacts:contact:view",
        ),
    ]


def _contacts(context: PageContext) -> Page:
    from app.ui.contacts.contacts_page import ContactsPage

    return ContactsPage(context)
