"""Stock documents, balances, moves and posting rules as they cross the wire. Quantities are decimal strings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import AmountText, Change, Contract, DateText, PageQuery, RequestId

StockDocumentKind = Literal["opening", "transfer", "count", "assembly", "other_in", "other_out"]
StockDocumentState = Literal["draft", "done", "cancelled"]


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
    by_category: bool = Field(False, description="whether the purpose may be narrowed by item category")
    by_group: bool = Field(False, description="whether the purpose may be narrowed by contact group")
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


class StockOnHand(Contract):
    """An item with what there is of it now, as `GET /inventory` lists it."""

    item: str = Field(description="the item's code")
    name: str
    unit: str
    quantity: AmountText


class StockTake(Contract):
    """How much to take out of stock, in base units."""

    quantity: int | AmountText
    request_id: RequestId | None = None


class StockTaken(Contract):
    """What `POST /inventory/<item>` answers."""

    message: str
    number: str = Field("", description="the document of other issues that was made")
    quantity: AmountText = Field("", description="what is left")


class DocumentLink(Contract):
    """The document a voucher belongs to."""

    kind: str
    id: int
    number: str
