"""What the tables of the slice `inventory` have in common."""

from __future__ import annotations

from app.storage.model import SliceModel


class InventoryModel(SliceModel):
    """Base of the tables of items and stock."""

    class Meta:
        """All of them belong to the slice `inventory`."""

        slice = "inventory"
