"""Where the window can go. A page opens a target; the shell finds the page that shows it, so no page knows another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """Base of all targets."""


@dataclass(frozen=True)
class ShowPage(Target):
    """A page by its key, as it was left."""

    key: str


@dataclass(frozen=True)
class OpenVoucher(Target):
    """One voucher, to read or to go on with."""

    voucher_id: int


@dataclass(frozen=True)
class NewVoucher(Target):
    """An empty voucher, or one filled in from a template."""

    template_id: int | None = None


@dataclass(frozen=True)
class OpenVoucherList(Target):
    """The voucher list, filtered. Months as `2026-06`; empty means no limit."""

    from_period: str = ""
    to_period: str = ""
    account_code: str = ""
    aux: str = ""
    q: str = ""


@dataclass(frozen=True)
class OpenEntries(Target):
    """The entries behind a figure: an account's subsidiary ledger over months (`2026-06`)."""

    account_code: str
    from_period: str
    to_period: str
    aux: str = ""
    include_unposted: bool = False


@dataclass(frozen=True)
class OpenTrialBalance(Target):
    """The trial balance of months (`2026-06`)."""

    from_period: str
    to_period: str
    include_unposted: bool = False


@dataclass(frozen=True)
class OpenBook(Target):
    """A book by its report's name (`auxiliary-ledger`), of an account, an auxiliary or an item over months."""

    book: str
    from_period: str
    to_period: str
    account_code: str = ""
    aux: str = ""
    include_unposted: bool = False
    item: str = ""


@dataclass(frozen=True)
class OpenContact(Target):
    """A customer, supplier or employee."""

    contact_id: int


@dataclass(frozen=True)
class OpenAccount(Target):
    """An account in the chart."""

    account_code: str


@dataclass(frozen=True)
class OpenStatement(Target):
    """A statement (`balance-sheet`) of months (`2026-06`), with one of its lines in view."""

    name: str
    from_period: str = ""
    to_period: str = ""
    line: int | None = None
    include_unposted: bool = False


@dataclass(frozen=True)
class OpenClosing(Target):
    """The month's end of a month (`2026-06`); empty means the month that is due."""

    period: str = ""


SALES_KINDS = ("quotation", "sales_order", "delivery", "sales_invoice", "sales_return", "sales_credit")
STOCK_KINDS = ("opening", "transfer", "count", "assembly", "other_in", "other_out")
PURCHASE_KINDS = ("purchase_order", "goods_receipt", "purchase_invoice", "purchase_return", "purchase_credit")


@dataclass(frozen=True)
class OpenSale(Target):
    """One document of sales, to read or to go on with."""

    document_id: int


@dataclass(frozen=True)
class OpenPurchase(Target):
    """One document of purchases."""

    document_id: int


@dataclass(frozen=True)
class NewSale(Target):
    """An empty document of sales of a kind, or one that carries out the documents named."""

    kind: str = "sales_order"
    source_ids: tuple[int, ...] = ()
    copy_of: int | None = None


@dataclass(frozen=True)
class NewPurchase(Target):
    """An empty document of purchases of a kind, or one that carries out the documents named."""

    kind: str = "purchase_order"
    source_ids: tuple[int, ...] = ()
    copy_of: int | None = None


@dataclass(frozen=True)
class DocumentListTarget(Target):
    """A list of documents, filtered; a kind or nothing, dates as `2026-06-30`."""

    kind: str = ""
    contact_id: int | None = None
    item_id: int | None = None
    from_date: str = ""
    to_date: str = ""
    unfulfilled: bool = False
    unsettled: bool = False


@dataclass(frozen=True)
class OpenSalesList(DocumentListTarget):
    """The list of sales."""


@dataclass(frozen=True)
class OpenPurchaseList(DocumentListTarget):
    """The list of purchases."""


@dataclass(frozen=True)
class OpenCollection(Target):
    """One collection; none: an empty one, perhaps of a contact and for some of its invoices."""

    payment_id: int | None = None
    contact_id: int | None = None
    document_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class OpenPayment(Target):
    """One payment; none: an empty one, perhaps to a contact and for some of its invoices."""

    payment_id: int | None = None
    contact_id: int | None = None
    document_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class OpenStockDocument(Target):
    """One stock document, to read or to go on with."""

    document_id: int


@dataclass(frozen=True)
class NewStockDocument(Target):
    """An empty stock document of a kind (`count`)."""

    kind: str = "other_in"


@dataclass(frozen=True)
class OpenStockDocuments(Target):
    """The list of stock documents, of a kind and in a state or of all."""

    kind: str = ""
    state: str = ""


@dataclass(frozen=True)
class OpenStockCard(Target):
    """The moves of an item, in all warehouses or one; days as `2026-06-30`, empty means no limit."""

    item_id: int
    warehouse_id: int | None = None
    from_date: str = ""
    to_date: str = ""


def document_target(kind: str, document_id: int) -> Target | None:
    """Return where a document of a kind is shown, whichever slice it is of; None for a kind without a page."""
    if kind in SALES_KINDS:
        return OpenSale(document_id)
    if kind in PURCHASE_KINDS:
        return OpenPurchase(document_id)
    if kind in STOCK_KINDS:
        return OpenStockDocument(document_id)
    if kind == "collection":
        return OpenCollection(document_id)
    if kind == "payment":
        return OpenPayment(document_id)
    return None
