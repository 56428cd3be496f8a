"""Tables of the slice `inventory`. No rules here."""

from __future__ import annotations

from app.storage.model import SliceModel


class InventoryModel(SliceModel):
    """Base of the tables of items and stock."""

    class Meta:
        """All of them belong to the slice `inventory`."""

        slice = "inventory"
