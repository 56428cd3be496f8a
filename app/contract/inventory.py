"""Items, lots, warehouses and prices as they cross the wire. Quantities and unit prices are decimal strings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import AmountText, Change, Contract, DateText, PageQuery, QueryContract, RequestId

Costing = Literal["moving", "monthly", "fifo", "lot"]
"""移动加权, 全月一次加权, 先进先出, 个别计价 (小企业会计准则 art. 13)."""
ItemKind = Literal["goods", "service"]


class ItemUnit(Contract):
    """A further unit of an item: one of it is `factor` base units."""

    unit: str = Field(max_length=20)
    factor: AmountText
    barcode: str = Field("", max_length=60)


class ItemInput(Contract):
    """A new item."""

    code: str = Field(max_length=40)
    name: str = Field(max_length=200)
    specification: str = Field("", max_length=200)
    barcode: str = Field("", max_length=60)
    kind: ItemKind = "goods"
    category_id: int | None = None
    unit: str = Field("", max_length=20, description="the base unit, in which stock is counted")
    units: list[ItemUnit] = Field(default_factory=list, max_length=20)
    costing: Costing = "moving"
    tracks_lots: bool = False
    tracks_expiry: bool = False
    tax_rate: AmountText = Field("", description="per cent, such as 13; empty: the book's usual rate")
    sales_price: AmountText = Field("", description="per base unit, before price lists")
    purchase_price: AmountText = ""
    reorder_level: AmountText = ""
    note: str = Field("", max_length=500)
    request_id: RequestId | None = None


class ItemChange(Change):
    """What may change on an item; fields left out stay. A change of costing is logged and holds from now on."""

    code: str | None = Field(None, max_length=40)
    name: str | None = Field(None, max_length=200)
    specification: str | None = Field(None, max_length=200)
    barcode: str | None = Field(None, max_length=60)
    category_id: int | None = None
    unit: str | None = Field(None, max_length=20)
    units: list[ItemUnit] | None = Field(None, max_length=20)
    costing: Costing | None = None
    tracks_lots: bool | None = None
    tracks_expiry: bool | None = None
    tax_rate: AmountText | None = None
    sales_price: AmountText | None = None
    purchase_price: AmountText | None = None
    reorder_level: AmountText | None = None
    note: str | None = Field(None, max_length=500)
    active: bool | None = None


class Item(Contract):
    """An item as stored."""

    id: int
    code: str
    name: str
    specification: str
    barcode: str
    kind: ItemKind
    category_id: int | None
    category: str
    unit: str
    units: list[ItemUnit]
    costing: Costing
    tracks_lots: bool
    tracks_expiry: bool
    tax_rate: AmountText
    sales_price: AmountText
    purchase_price: AmountText
    reorder_level: AmountText
    note: str
    pinyin: str
    active: bool
    version: int
    quantity: AmountText = Field("", description="in stock now, all warehouses; empty where it was not asked for")


class ItemQuery(PageQuery):
    """Look-up of items by code, name, barcode or pinyin initials."""

    q: str = Field("", max_length=100)
    category_id: int | None = None
    kind: Literal["", "goods", "service"] = ""
    include_inactive: bool = False
    with_quantity: bool = False
    below_reorder_level: bool = False


class ItemPage(Contract):
    """One page of items."""

    items: list[Item]
    next: str | None


class ItemImport(Contract):
    """An uploaded CSV or XLSX table of items; with `dry_run` it is only checked."""

    upload_id: str = Field(max_length=64)
    dry_run: bool = False
    request_id: RequestId | None = None


class ItemImportError(Contract):
    """A line of the table that cannot be taken, and why."""

    row: int
    reason: str


class ItemImportOutcome(Contract):
    """How many items are new, changed, and were there as they came; nothing is kept when there are errors."""

    added: int
    changed: int
    same: int
    errors: list[ItemImportError]


class ItemExport(Contract):
    """Which kind of file: `xlsx`, or `csv` in UTF-8 with a byte order mark; the template holds the headings only."""

    format: Literal["xlsx", "csv"] = "xlsx"
    template: bool = False
    request_id: RequestId | None = None


class ItemCategoryInput(Contract):
    """A category of items; accounts by category stand in the posting rules."""

    name: str = Field(max_length=100)
    parent_id: int | None = None
    request_id: RequestId | None = None


class ItemCategoryChange(Change):
    """What may change on a category."""

    name: str | None = Field(None, max_length=100)
    active: bool | None = None


class ItemCategory(Contract):
    """A category of items."""

    id: int
    name: str
    parent_id: int | None
    items: int = Field(description="how many items are in it")
    active: bool
    version: int


class ItemCategoryList(Contract):
    """All categories, by name."""

    categories: list[ItemCategory]


class WarehouseInput(Contract):
    """A new warehouse."""

    code: str = Field("", max_length=40)
    name: str = Field(max_length=100)
    address: str = Field("", max_length=300)
    request_id: RequestId | None = None


class WarehouseChange(Change):
    """What may change on a warehouse; exactly one is the usual one."""

    code: str | None = Field(None, max_length=40)
    name: str | None = Field(None, max_length=100)
    address: str | None = Field(None, max_length=300)
    active: bool | None = None
    is_usual: bool | None = None


class Warehouse(Contract):
    """A warehouse as stored."""

    id: int
    code: str
    name: str
    address: str
    is_usual: bool
    active: bool
    version: int


class WarehouseList(Contract):
    """All warehouses, the usual one first."""

    warehouses: list[Warehouse]


class PriceListInput(Contract):
    """A named list of prices, such as 批发价."""

    name: str = Field(max_length=100)
    includes_tax: bool = True
    request_id: RequestId | None = None


class PriceListChange(Change):
    """What may change on a price list."""

    name: str | None = Field(None, max_length=100)
    includes_tax: bool | None = None
    active: bool | None = None


class PriceList(Contract):
    """A list of prices as stored."""

    id: int
    name: str
    includes_tax: bool
    active: bool
    version: int


class PriceListList(Contract):
    """All price lists."""

    price_lists: list[PriceList]


class PriceRow(Contract):
    """A price of an item in a list: from a quantity on, from a day on."""

    item_id: int
    item_code: str = ""
    item_name: str = ""
    unit: str = Field("", max_length=20, description="empty: the base unit")
    from_quantity: AmountText = "0"
    from_date: DateText = ""
    price: AmountText


class PriceRows(Change):
    """All prices of a list; a `PUT` replaces them."""

    rows: list[PriceRow] = Field(max_length=100_000)


class PriceQuery(QueryContract):
    """What an item costs a contact: by his price list, the quantity and the day."""

    item_id: int
    price_list_id: int | None = None
    unit: str = Field("", max_length=20)
    quantity: AmountText = "1"
    date: DateText = ""
    side: Literal["sales", "purchase"] = Field("sales", description="which price of the item itself counts")


class Price(Contract):
    """The price found; `price` is empty where there is none."""

    price: AmountText
    includes_tax: bool
    source: str = Field(description="name of the price list, or empty for the item's own price")


class Lot(Contract):
    """A lot (批次) of an item with what is left of it."""

    id: int
    item_id: int
    number: str
    expiry: DateText
    quantity: AmountText


class LotQuery(QueryContract):
    """Lots of an item, those in stock first by expiry."""

    item_id: int
    warehouse_id: int | None = None
    include_empty: bool = False


class LotList(Contract):
    """Lots of an item."""

    lots: list[Lot]
