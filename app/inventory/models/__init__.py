"""The tables of items and stock, by subject; the slice's own rooms are the only ones that know them."""

from app.inventory.models import items, stock
from app.inventory.models.base import InventoryModel

__all__ = ["InventoryModel", "items", "stock"]
