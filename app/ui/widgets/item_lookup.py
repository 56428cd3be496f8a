"""Choosing an item by code, name, barcode or pinyin initials; a scanned barcode chooses at once."""

from __future__ import annotations

from typing import Literal

from PyQt5.QtWidgets import QWidget

from app.client.api import ApiClient
from app.contract.inventory import Item, ItemQuery
from app.ui.widgets.lookup_edit import Choice, LookupEdit, ServerSource

MOST_ITEMS = 30


def item_choice(item: Item) -> Choice:
    """Return an item as a choice: its code in the field, the rest beside it; name and barcodes name it as well."""
    barcodes = (item.barcode, *(unit.barcode for unit in item.units))
    detail = "  ".join(part for part in (item.name, item.specification, item.barcode) if part)
    return Choice(item, item.code, detail, keys=(item.name, *barcodes))


def item_source(kind: Literal["", "goods", "service"] = "") -> ServerSource:
    """Return what asks the server for items of a kind."""

    def ask(api: ApiClient, typed: str) -> list[Choice]:
        page = api.list_items(ItemQuery(q=typed.strip()[:100], kind=kind, limit=MOST_ITEMS))
        return [item_choice(item) for item in page.items]

    return ask


class ItemLookup(LookupEdit):
    """A field for an item: `value` is the `Item` chosen, `chosen` tells it.

    A barcode, that of a further unit too, chooses its item at once when Enter follows it, as scanners send it;
    `scanned_unit` is then the unit the barcode stands for.
    """

    def __init__(self, parent: QWidget | None = None, *, kind: Literal["", "goods", "service"] = "") -> None:
        super().__init__(parent, server=item_source(kind))
        self._typed_text = ""
        self.textEdited.connect(self._remember)

    @property
    def item(self) -> Item | None:
        """The item chosen, or None while what is typed names none."""
        found = self.value
        return found if isinstance(found, Item) else None

    @property
    def scanned_unit(self) -> str:
        """The unit whose barcode was typed; the base unit where the item was found otherwise, empty without one."""
        item = self.item
        if item is None:
            return ""
        return next((unit.unit for unit in item.units if unit.barcode and unit.barcode == self._typed_text), item.unit)

    def set_item(self, item: Item | None) -> None:
        """Show an item without telling anybody."""
        self._typed_text = ""
        self.set_choice(item_choice(item) if item is not None else None)

    def _remember(self, text: str) -> None:
        self._typed_text = text.strip()
