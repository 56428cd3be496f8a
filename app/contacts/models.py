"""Tables of the slice `contacts`. No rules here."""

from __future__ import annotations

from app.storage.model import SliceModel


class ContactsModel(SliceModel):
    """Base of the tables of contacts."""

    class Meta:
        """All of them belong to the slice `contacts`."""

        slice = "contacts"
