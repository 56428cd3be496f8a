"""Tables of the slice `orders`. No rules here."""

from __future__ import annotations

from app.storage.model import SliceModel


class OrdersModel(SliceModel):
    """Base of the tables of sales, purchases and payments."""

    class Meta:
        """All of them belong to the slice `orders`."""

        slice = "orders"
