"""Documents of sales and purchases, payments and their settlement, as they cross the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import AmountText, Change, Contract, DateText, PageQuery, QueryContract, RequestId
from app.contract.stock import VoucherLink

DocumentKind = Literal[
    "quotation",
    "sales_order",
    "delivery",
    "sales_return",
    "sales_invoice",
    "sales_credit",
    "purchase_order",
    "goods_receipt",
    "purchase_return",
    "purchase_invoice",
    "purchase_credit",
]
"""报价单, 销售订单, 出库单, 销售退货单, 销售发票, 红字销售发票;
采购订单, 入库单, 采购退货单, 采购发票, 红字采购发票."""
DocumentState = Literal["draft", "open", "done", "closed", "cancelled"]
"""Draft; open: an order or quotation that holds; done: carried out, or wholly fulfilled; closed: ended unfulfilled;
cancelled: a draft given up, or taken back by a counter-document."""
PaymentKind = Literal["collection", "payment"]
"""收款单, 付款单."""
Side = Literal["sales", "purchase"]


class DocumentLineInput(Contract):
    """A line of a document.

    Without an item it is a text with amounts. `net`, `tax` and `gross` are computed where left empty; those given (an
    imported invoice's own) win, and all three are then given. `source_line_id` is the line it carries out.
    """

    item_id: int | None = None
    description: str = Field("", max_length=300)
    quantity: AmountText
    unit: str = Field("", max_length=20, description="empty: the item's base unit")
    unit_price: AmountText = ""
    discount_percent: AmountText = ""
    tax_rate: AmountText = Field("", description="per cent; empty: the item's, or the book's usual rate")
    net: AmountText = ""
    tax: AmountText = ""
    gross: AmountText = ""
    warehouse_id: int | None = None
    lot: str = Field("", max_length=60)
    expiry: DateText = ""
    source_line_id: int | None = None


class DocumentInput(Change):
    """A document, saved as a draft."""

    kind: DocumentKind
    date: DateText
    contact_id: int | None = None
    reference: str = Field("", max_length=100, description="the other side's number, or the invoice number")
    due_date: DateText = Field("", description="empty: by the contact's terms")
    warehouse_id: int | None = None
    prices_include_tax: bool = True
    deductible: bool = Field(
        True, description="purchase invoices: input VAT may be deducted (专用发票); else it is cost"
    )
    discount: AmountText = Field("", description="off the whole document, spread over its lines by their amounts")
    note: str = Field("", max_length=500)
    lines: list[DocumentLineInput] = Field(max_length=2000)


class DocumentLine(Contract):
    """A line as stored. `fulfilled` is how much of it later documents carried out, by their kind, in its unit."""

    id: int
    line: int
    item_id: int | None
    item_code: str
    description: str
    quantity: AmountText
    unit: str
    base_quantity: AmountText
    unit_price: AmountText
    discount_percent: AmountText
    tax_rate: AmountText
    net: AmountText
    tax: AmountText
    gross: AmountText
    own_amounts: bool
    cost: AmountText = Field("", description="deliveries and returns: the cost booked, empty while unknown")
    warehouse_id: int | None
    warehouse: str
    lot: str
    expiry: DateText
    source_line_id: int | None
    source: str = Field("", description="number of the document it carries out")
    fulfilled: dict[str, AmountText] = Field(default_factory=dict)


class DocumentHead(Contract):
    """A document in a list."""

    id: int
    kind: DocumentKind
    number: str
    date: DateText
    state: DocumentState
    contact_id: int | None
    contact: str
    person: str = Field("", description="the person an example order is for")
    reference: str
    due_date: DateText
    net: AmountText
    tax: AmountText
    gross: AmountText
    settled: AmountText = Field("", description="invoices: how much is paid or set off")
    note: str
    maker: str
    counter_of: int | None
    cancelled_by: int | None
    version: int


class DocumentLink(Contract):
    """A neighbour of a document: what it came from, what came of it, what took it back."""

    kind: str
    id: int
    number: str
    date: DateText
    state: str
    relation: Literal["source", "follower", "counter", "settlement"]


class Document(DocumentHead):
    """A document whole."""

    warehouse_id: int | None
    prices_include_tax: bool
    deductible: bool = True
    discount: AmountText
    lines: list[DocumentLine]
    vouchers: list[VoucherLink]
    links: list[DocumentLink]


class DocumentQuery(PageQuery):
    """Filters of the list of documents; all that are given must hold. Newest first."""

    side: Literal["", "sales", "purchase"] = ""
    kind: str = Field("", max_length=40, description="one kind, or several with commas")
    state: str = Field("", max_length=60, description="one state, or several with commas")
    contact_id: int | None = None
    item_id: int | None = None
    from_date: DateText = ""
    to_date: DateText = ""
    unfulfilled: bool = Field(False, description="only what still waits for delivery, receipt or invoice")
    unsettled: bool = Field(False, description="only invoices with an open amount")
    q: str = Field("", max_length=100, description="number, reference, contact, note")


class DocumentPage(Contract):
    """One page of documents."""

    documents: list[DocumentHead]
    next: str | None


class FollowerInput(Contract):
    """Asks for a draft that carries out documents: an order's delivery, a delivery's invoice. Nothing is saved."""

    kind: DocumentKind
    source_ids: list[int] = Field(min_length=1, max_length=200)
    date: DateText = ""


class DocumentPreview(Contract):
    """A document as it would be saved: computed lines and totals, and what speaks against finishing it."""

    lines: list[DocumentLine]
    net: AmountText
    tax: AmountText
    gross: AmountText
    concerns: list[str]


class Finishing(Change):
    """Carries a draft out: orders and quotations become open, the others are done.

    `with_follower` also makes and finishes the matching one: a delivery's invoice, an invoice's delivery or receipt.
    """

    with_follower: bool = False
    ignore_credit_limit: bool = False


class Closing(Change):
    """Ends an open order or quotation although not all of it was carried out."""

    reason: str = Field("", max_length=200)


class AllocationInput(Contract):
    """How much of a payment goes to which invoice (核销)."""

    document_id: int
    amount: AmountText


class PaymentInput(Change):
    """Money in or out: what is not allocated is an advance (预收, 预付)."""

    kind: PaymentKind
    date: DateText
    contact_id: int
    account_code: str = Field(max_length=40, description="the cash or bank account")
    amount: AmountText
    discount: AmountText = Field("", description="cash discount (现金折扣) granted or taken beside the amount")
    reference: str = Field("", max_length=100)
    note: str = Field("", max_length=500)
    allocations: list[AllocationInput] = Field(default_factory=list, max_length=1000)


class Allocation(Contract):
    """How much of a document a payment or settlement uses up.

    `part` says as what: an invoice that is settled, or what settles it: an advance (`document_id` is then the payment's
    id), a credit, an invoice of the other side.
    """

    id: int
    part: Literal["invoice", "advance", "credit", "other_side"] = "invoice"
    document_kind: str = ""
    document_id: int
    document_number: str
    document_date: DateText
    amount: AmountText
    date: DateText


class PaymentHead(Contract):
    """A payment in a list."""

    id: int
    kind: PaymentKind
    number: str
    date: DateText
    state: Literal["draft", "done", "cancelled"]
    contact_id: int
    contact: str
    account_code: str
    account_name: str
    amount: AmountText
    discount: AmountText
    unallocated: AmountText
    reference: str
    note: str
    maker: str
    counter_of: int | None
    cancelled_by: int | None
    version: int


class Payment(PaymentHead):
    """A payment whole; `settlements` are later uses of what it left over as an advance."""

    allocations: list[Allocation]
    settlements: list[DocumentLink] = Field(default_factory=list)
    vouchers: list[VoucherLink]


class PaymentQuery(PageQuery):
    """Filters of the list of payments, newest first."""

    kind: Literal["", "collection", "payment"] = ""
    state: Literal["", "draft", "done", "cancelled"] = ""
    contact_id: int | None = None
    from_date: DateText = ""
    to_date: DateText = ""
    unallocated: bool = False
    q: str = Field("", max_length=100)


class PaymentPage(Contract):
    """One page of payments."""

    payments: list[PaymentHead]
    next: str | None


class SettlementInput(Contract):
    """Settles invoices later: with advances of the same contact, credits, or invoices of the other side (冲账).

    Every `from_*` amount is used up against the invoices named; both sides must add up.
    """

    date: DateText
    contact_id: int
    side: Side
    payments: list[AllocationInput] = Field(
        default_factory=list, max_length=1000, description="advances: `document_id` is the payment's id"
    )
    credits: list[AllocationInput] = Field(default_factory=list, max_length=1000, description="credit invoices")
    other_side: list[AllocationInput] = Field(
        default_factory=list, max_length=1000, description="invoices of the other side (应收冲应付)"
    )
    invoices: list[AllocationInput] = Field(min_length=1, max_length=1000)
    note: str = Field("", max_length=500)
    request_id: RequestId | None = None


class Settlement(Contract):
    """A settlement as stored."""

    id: int
    number: str
    date: DateText
    state: Literal["done", "cancelled"]
    contact_id: int
    contact: str
    side: Side
    amount: AmountText
    note: str
    maker: str = ""
    counter_of: int | None = None
    cancelled_by: int | None = None
    allocations: list[Allocation]
    vouchers: list[VoucherLink]
    version: int


class SettlementQuery(PageQuery):
    """Filters of the list of settlements, newest first."""

    side: Literal["", "sales", "purchase"] = ""
    contact_id: int | None = None
    from_date: DateText = ""
    to_date: DateText = ""


class SettlementList(Contract):
    """Settlements, newest first."""

    settlements: list[Settlement]
    next: str | None


class OpenItemQuery(QueryContract):
    """What a contact still owes or is owed."""

    contact_id: int
    side: Side


class OpenItem(Contract):
    """An invoice, credit or advance with an open amount."""

    kind: str
    id: int
    number: str
    date: DateText
    due_date: DateText
    gross: AmountText
    open: AmountText


class OpenItemList(Contract):
    """Open invoices, credits and advances of a contact; `balance` is invoices less credits and advances."""

    invoices: list[OpenItem]
    credits: list[OpenItem]
    advances: list[OpenItem]
    balance: AmountText


class ExampleOrderInput(Contract):
    """The example call `POST /orders`."""

    user_id: int
    item: str = Field(max_length=300)


class ExampleOrder(Contract):
    """An order as the example call lists it."""

    id: int
    user_id: int | None
    item: str
    quantity: AmountText
    state: DocumentState
    number: str


class ExampleMessage(Contract):
    """What the example calls answer."""

    message: str
