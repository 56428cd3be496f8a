"""Items, warehouses and prices over HTTP: thin routes over the slice's services and queries."""

from __future__ import annotations

from app.contract.base import VersionQuery
from app.contract.inventory import (
    Item,
    ItemCategory,
    ItemCategoryChange,
    ItemCategoryInput,
    ItemCategoryList,
    ItemChange,
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
from app.http import Routes
from app.http.decoding import require_version
from app.identity.actor import Actor
from app.inventory.queries import items as item_queries
from app.inventory.queries import prices as price_queries
from app.inventory.queries import warehouses as warehouse_queries
from app.inventory.service import categories, items, prices, warehouses

routes = Routes("inventory")


@routes.get("/api/items", permission="inventory:item:view", query=ItemQuery, response=ItemPage)
def list_items(query: ItemQuery) -> ItemPage:
    """List items by code, or look them up by code, name, barcode or pinyin initials."""
    return item_queries.list_items(query)


@routes.post("/api/items", permission="inventory:item:add", body=ItemInput, response=Item, status=201)
def add_item(actor: Actor, body: ItemInput) -> Item:
    """Add an item."""
    return items.create_item(actor, body)


@routes.get("/api/items/<int:id>", permission="inventory:item:view", response=Item)
def get_item(id: int) -> Item:  # noqa: A002
    """Return an item whole."""
    return item_queries.get_item(id)


@routes.patch("/api/items/<int:id>", permission="inventory:item:edit", body=ItemChange, response=Item)
def change_item(actor: Actor, id: int, body: ItemChange) -> Item:  # noqa: A002
    """Change an item; fields left out stay."""
    require_version(body)
    return items.change_item(actor, id, body)


@routes.delete("/api/items/<int:id>", permission="inventory:item:remove", query=VersionQuery)
def delete_item(actor: Actor, id: int, query: VersionQuery) -> None:  # noqa: A002
    """Delete an item nothing was done with."""
    items.delete_item(actor, id, query.version)


@routes.get("/api/item-categories", permission="inventory:item:view", response=ItemCategoryList)
def list_item_categories() -> ItemCategoryList:
    """List the categories of items."""
    return item_queries.list_categories()


@routes.post(
    "/api/item-categories",
    permission="inventory:category:edit",
    body=ItemCategoryInput,
    response=ItemCategory,
    status=201,
)
def add_item_category(actor: Actor, body: ItemCategoryInput) -> ItemCategory:
    """Add a category of items."""
    return categories.create_category(actor, body)


@routes.patch(
    "/api/item-categories/<int:id>",
    permission="inventory:category:edit",
    body=ItemCategoryChange,
    response=ItemCategory,
)
def change_item_category(actor: Actor, id: int, body: ItemCategoryChange) -> ItemCategory:  # noqa: A002
    """Rename a category of items or take it out of use."""
    require_version(body)
    return categories.change_category(actor, id, body)


@routes.get("/api/warehouses", permission="inventory:warehouse:view", response=WarehouseList)
def list_warehouses() -> WarehouseList:
    """List warehouses, the usual one first."""
    return warehouse_queries.list_warehouses()


@routes.post(
    "/api/warehouses", permission="inventory:warehouse:edit", body=WarehouseInput, response=Warehouse, status=201
)
def add_warehouse(actor: Actor, body: WarehouseInput) -> Warehouse:
    """Add a warehouse."""
    return warehouses.create_warehouse(actor, body)


@routes.patch(
    "/api/warehouses/<int:id>", permission="inventory:warehouse:edit", body=WarehouseChange, response=Warehouse
)
def change_warehouse(actor: Actor, id: int, body: WarehouseChange) -> Warehouse:  # noqa: A002
    """Change a warehouse; one with stock in it stays in use."""
    require_version(body)
    return warehouses.change_warehouse(actor, id, body)


@routes.get("/api/price-lists", permission="inventory:price:view", response=PriceListList)
def list_price_lists() -> PriceListList:
    """List price lists by name."""
    return price_queries.list_price_lists()


@routes.post("/api/price-lists", permission="inventory:price:edit", body=PriceListInput, response=PriceList, status=201)
def add_price_list(actor: Actor, body: PriceListInput) -> PriceList:
    """Add an empty price list."""
    return prices.create_price_list(actor, body)


@routes.patch("/api/price-lists/<int:id>", permission="inventory:price:edit", body=PriceListChange, response=PriceList)
def change_price_list(actor: Actor, id: int, body: PriceListChange) -> PriceList:  # noqa: A002
    """Rename a price list, say whether its prices hold tax, or take it out of use."""
    require_version(body)
    return prices.change_price_list(actor, id, body)


@routes.get("/api/price-lists/<int:id>/prices", permission="inventory:price:view", response=PriceRows)
def get_prices(id: int) -> PriceRows:  # noqa: A002
    """Return all prices of a list."""
    return price_queries.price_rows(id)


@routes.put("/api/price-lists/<int:id>/prices", permission="inventory:price:edit", body=PriceRows, response=PriceRows)
def replace_prices(actor: Actor, id: int, body: PriceRows) -> PriceRows:  # noqa: A002
    """Replace the prices of a list, all or none."""
    require_version(body)
    return prices.replace_prices(actor, id, body)


@routes.get("/api/prices", permission="inventory:price:view", query=PriceQuery, response=Price)
def find_price(query: PriceQuery) -> Price:
    """Return what an item costs by a price list, the quantity and the day."""
    return price_queries.find_price(query)
