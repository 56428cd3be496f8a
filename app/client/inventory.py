"""Endpoints of items, warehouses and prices."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.contract.book import Job
from app.contract.inventory import (
    Item,
    ItemCategory,
    ItemCategoryChange,
    ItemCategoryInput,
    ItemCategoryList,
    ItemChange,
    ItemExport,
    ItemImport,
    ItemInput,
    ItemPage,
    ItemQuery,
    Price,
    PriceList,
    PriceListChange,
    PriceListInput,
    PriceListList,
    PriceQuery,
    PriceRows,
    Warehouse,
    WarehouseChange,
    WarehouseInput,
    WarehouseList,
)


class InventoryCalls(Calls):
    """Items, warehouses, prices. `version` is the one the caller has seen; a stale one raises `Conflict`."""

    def list_items(self, query: ItemQuery | None = None) -> ItemPage:
        """Return one page of items by code."""
        return self.transport.call("GET", "/api/items", ItemPage, query=query)

    def get_item(self, item_id: int) -> Item:
        """Return one item whole."""
        return self.transport.call("GET", f"/api/items/{item_id}", Item)

    def add_item(self, item: ItemInput) -> Item:
        """Add an item and return it."""
        return self.transport.call("POST", "/api/items", Item, body=keyed(item))

    def change_item(self, item_id: int, change: ItemChange) -> Item:
        """Change what `change` names and return the item."""
        return self.transport.call("PATCH", f"/api/items/{item_id}", Item, body=keyed(change))

    def delete_item(self, item_id: int, version: int | None = None) -> None:
        """Delete an item nothing was done with."""
        self.transport.send("DELETE", f"/api/items/{item_id}", query={"version": version})

    def start_item_import(self, wish: ItemImport) -> Job:
        """Import an uploaded table; the job's result is an `ItemImportOutcome`."""
        return self.transport.call("POST", "/api/items/import", Job, body=keyed(wish))

    def start_item_export(self, wish: ItemExport) -> Job:
        """Write the table of items or its template; its file is fetched when the job is done."""
        return self.transport.call("POST", "/api/items/export", Job, body=keyed(wish))

    def list_item_categories(self) -> ItemCategoryList:
        """Return all categories by name."""
        return self.transport.call("GET", "/api/item-categories", ItemCategoryList)

    def add_item_category(self, category: ItemCategoryInput) -> ItemCategory:
        """Add a category and return it."""
        return self.transport.call("POST", "/api/item-categories", ItemCategory, body=keyed(category))

    def change_item_category(self, category_id: int, change: ItemCategoryChange) -> ItemCategory:
        """Change a category and return it."""
        return self.transport.call("PATCH", f"/api/item-categories/{category_id}", ItemCategory, body=keyed(change))

    def list_warehouses(self) -> WarehouseList:
        """Return all warehouses, the usual one first."""
        return self.transport.call("GET", "/api/warehouses", WarehouseList)

    def add_warehouse(self, warehouse: WarehouseInput) -> Warehouse:
        """Add a warehouse and return it."""
        return self.transport.call("POST", "/api/warehouses", Warehouse, body=keyed(warehouse))

    def change_warehouse(self, warehouse_id: int, change: WarehouseChange) -> Warehouse:
        """Change a warehouse and return it."""
        return self.transport.call("PATCH", f"/api/warehouses/{warehouse_id}", Warehouse, body=keyed(change))

    def list_price_lists(self) -> PriceListList:
        """Return all price lists by name."""
        return self.transport.call("GET", "/api/price-lists", PriceListList)

    def add_price_list(self, price_list: PriceListInput) -> PriceList:
        """Add an empty price list and return it."""
        return self.transport.call("POST", "/api/price-lists", PriceList, body=keyed(price_list))

    def change_price_list(self, price_list_id: int, change: PriceListChange) -> PriceList:
        """Change the head of a price list and return it."""
        return self.transport.call("PATCH", f"/api/price-lists/{price_list_id}", PriceList, body=keyed(change))

    def get_prices(self, price_list_id: int) -> PriceRows:
        """Return all prices of a list."""
        return self.transport.call("GET", f"/api/price-lists/{price_list_id}/prices", PriceRows)

    def replace_prices(self, price_list_id: int, rows: PriceRows) -> PriceRows:
        """Replace the prices of a list and return them."""
        return self.transport.call("PUT", f"/api/price-lists/{price_list_id}/prices", PriceRows, body=keyed(rows))

    def find_price(self, query: PriceQuery) -> Price:
        """Return what an item costs."""
        return self.transport.call("GET", "/api/prices", Price, query=query)
