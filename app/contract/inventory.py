"""Items, warehouses, prices and stock as they cross the wire. Quantities and unit prices are decimal strings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import AmountText, Change, Contract, DateText, PageQuery, QueryContract, RequestId

Costing = Literal["moving", "monthly", "fifo", "lot"]
"""移动加权, 全月一次加权, 先进先出, 个别计价 (小企业会计准则 art. 13)."""
ItemKind = Literal["goods", "service"]
StockDocumentKind = Literal["opening", "transfer", "count", "assembly", "other_in", "other_out"]
StockDocumentState = Literal["draft", "done", "cancelled"]


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


class StockLineInput(Contract):
    """A line of a stock document.

    `quantity` is what moves in `unit` (empty: base unit); in a count it is what was counted; in an assembly positive
    lines are the product, negative ones the parts. `amount` is the value of what comes in, where there is one.
    """

    item_id: int
    quantity: AmountText
    unit: str = Field("", max_length=20)
    amount: AmountText = ""
    lot: str = Field("", max_length=60)
    expiry: DateText = ""
    note: str = Field("", max_length=200)


class StockDocumentInput(Change):
    """A stock document: opening, transfer, count, assembly, other in, other out."""

    kind: StockDocumentKind
    date: DateText
    warehouse_id: int | None = Field(None, description="empty: the usual one")
    to_warehouse_id: int | None = Field(None, description="transfers: where to")
    account_code: str = Field("", max_length=40, description="other in and out: the other side; empty: by the rule")
    aux: str = Field("", max_length=1000)
    note: str = Field("", max_length=500)
    lines: list[StockLineInput] = Field(max_length=5000)


class StockLine(Contract):
    """A line of a stock document as stored. `amount` is its cost as booked, empty while unknown."""

    line: int
    item_id: int
    item_code: str
    item_name: str
    unit: str
    quantity: AmountText
    base_quantity: AmountText
    book_quantity: AmountText = Field("", description="counts: what the book had")
    amount: AmountText
    lot: str
    expiry: DateText
    note: str


class StockDocumentHead(Contract):
    """A stock document in a list."""

    id: int
    kind: StockDocumentKind
    number: str
    date: DateText
    state: StockDocumentState
    warehouse: str
    to_warehouse: str
    note: str
    maker: str
    counter_of: int | None = Field(description="the document this one takes back")
    cancelled_by: int | None
    version: int


class VoucherLink(Contract):
    """A voucher that belongs to a document."""

    voucher_id: int
    name: str = Field(description="month, word and number")
    state: str


class StockDocument(StockDocumentHead):
    """A stock document whole."""

    warehouse_id: int
    to_warehouse_id: int | None
    account_code: str
    aux: str
    lines: list[StockLine]
    vouchers: list[VoucherLink]


class StockDocumentQuery(PageQuery):
    """Filters of the list of stock documents."""

    kind: Literal["", "opening", "transfer", "count", "assembly", "other_in", "other_out"] = ""
    state: Literal["", "draft", "done", "cancelled"] = ""
    from_date: DateText = ""
    to_date: DateText = ""
    q: str = Field("", max_length=100, description="number, note, item")


class StockDocumentPage(Contract):
    """One page of stock documents, the newest first."""

    documents: list[StockDocumentHead]
    next: str | None


class Cancellation(Change):
    """Takes a finished document back by a counter-document; the date defaults to the document's, or the first open."""

    date: DateText = ""
    reason: str = Field("", max_length=200)


class StockSettings(Contract):
    """How the book keeps stock."""

    allow_negative: bool
    post_vouchers: bool = Field(description="vouchers of documents are reviewed and posted at once where it is allowed")
    vouchers_per_document: bool = True
    version: int = 1


class StockSettingsInput(Change):
    """Changes of how the book keeps stock; fields left out stay."""

    allow_negative: bool | None = None
    post_vouchers: bool | None = None


class PostingRule(Contract):
    """Which account a document posts to for a purpose, narrowed by item category and contact group where given."""

    id: int | None = Field(description="empty: the program's proposal, not changed yet")
    purpose: str
    purpose_name: str
    category_id: int | None
    category: str
    contact_group_id: int | None
    contact_group: str
    account_code: str
    account_name: str
    used_by: str = Field(description="in words: which documents post there, on which side")
    version: int


class PostingRuleList(Contract):
    """All rules, general ones first within a purpose."""

    rules: list[PostingRule]


class PostingRuleInput(Change):
    """Sets a rule; an empty account takes a narrowed rule away."""

    purpose: str = Field(max_length=40)
    category_id: int | None = None
    contact_group_id: int | None = None
    account_code: str = Field(max_length=40)


class StockBalanceQuery(PageQuery):
    """Stock of any day."""

    date: DateText = Field("", description="the end of this day; empty: now")
    item_id: int | None = None
    warehouse_id: int | None = None
    category_id: int | None = None
    by_lot: bool = False
    q: str = Field("", max_length=100)
    include_zero: bool = False


class StockBalanceRow(Contract):
    """An item's stock; the amount is the item's whole value where no single warehouse or lot is asked for."""

    item_id: int
    item_code: str
    item_name: str
    specification: str
    unit: str
    warehouse: str
    lot: str
    expiry: DateText
    quantity: AmountText
    amount: AmountText
    unit_cost: AmountText


class StockBalancePage(Contract):
    """One page of stock balances with the totals of all of them."""

    rows: list[StockBalanceRow]
    total_amount: AmountText
    next: str | None


class MoveQuery(PageQuery):
    """The moves of an item (stock card), oldest first."""

    item_id: int
    warehouse_id: int | None = None
    from_date: DateText = ""
    to_date: DateText = ""


class StockMove(Contract):
    """A move on the stock card with the running balance after it."""

    id: int
    date: DateText
    document_kind: str
    document_id: int
    document_number: str
    warehouse: str
    lot: str
    in_quantity: AmountText
    in_amount: AmountText
    out_quantity: AmountText
    out_amount: AmountText = Field(description="empty while the month's average is not known")
    balance_quantity: AmountText
    balance_amount: AmountText


class MovePage(Contract):
    """One page of moves with the balance before the first."""

    opening_quantity: AmountText
    opening_amount: AmountText
    moves: list[StockMove]
    next: str | None


class MonthCosting(Contract):
    """What the month's cost (全月一次加权) came to: per item, and the voucher made."""

    period: str
    items: int
    amount: AmountText
    vouchers: list[VoucherLink]


class MonthCostingInput(Contract):
    """Costs the month's issues of items with 全月一次加权; run again it books only the difference."""

    period: str = Field(max_length=10)
    request_id: RequestId | None = None
