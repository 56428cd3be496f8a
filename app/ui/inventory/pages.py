"""The pages of items, warehouses and prices as the window knows them; each is built when first shown."""

from __future__ import annotations

from app.ui.language import tr
from app.ui.page import Page, PageContext, PageEntry
from app.ui.page_groups import STOCK


def inventory_pages() -> list[PageEntry]:
    """Return the pages in the order of the navigation."""
    return [
        PageEntry("items", lambda: tr("商品资料"), "items", _items, STOCK, permission="inventory:item:view"),
        PageEntry(
            "warehouses", lambda: tr("仓库资料"), "warehouse", _warehouses, STOCK, permission="inventory:warehouse:view"
        ),
        PageEntry(
            "price-lists", lambda: tr("价格管理"), "price-list", _price_lists, STOCK, permission="inventory:price:view"
        ),
    ]


def _items(context: PageContext) -> Page:
    from app.ui.inventory.items_page import ItemsPage

    return ItemsPage(context)


def _warehouses(context: PageContext) -> Page:
    from app.ui.inventory.warehouses_page import WarehousesPage

    return WarehousesPage(context)


def _price_lists(context: PageContext) -> Page:
    from app.ui.inventory.price_lists_page import PriceListsPage

    return PriceListsPage(context)
