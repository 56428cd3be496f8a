"""Reports of sales, purchases and what is owed, on the wire. Amounts are decimal strings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import AmountText, Contract, DateText
from app.contract.reports import Direction, ReportQuery


class AgeingRow(Contract):
    """What is open between the book and a contact on an account (账龄分析表), in the sense of its normal side."""

    account_code: str
    account_name: str
    aux: str = Field(description="the contact, `客户:甲公司`")
    balance: AmountText
    not_due: AmountText
    overdue_1_30: AmountText
    overdue_31_60: AmountText
    overdue_61_90: AmountText
    overdue_over_90: AmountText
    within_1_year: AmountText
    years_1_2: AmountText
    years_2_3: AmountText
    over_3_years: AmountText


class Ageing(Contract):
    """Open balances by age; totals count in the sense of the first row's account, accounts of the other side less."""

    rows: list[AgeingRow]
    totals: dict[str, AmountText]


class StatementOfAccountRow(Contract):
    """One line of what went on with a contact (对账单)."""

    date: DateText
    voucher: str
    document: str
    summary: str
    account_code: str
    account_name: str
    debit: AmountText
    credit: AmountText
    direction: Direction
    balance: AmountText
    due_date: DateText
    open: AmountText = Field(description="what of this line is still open at the end, debit positive")
    kind: str = Field(description="opening, entry, closing")
    voucher_id: int | None = None


class StatementOfAccount(Contract):
    """The opening, each entry and the closing with one contact; totals are the turnover."""

    rows: list[StatementOfAccountRow]
    totals: dict[str, AmountText]


class TurnoverQuery(ReportQuery):
    """What is sold or bought, by item, contact or month."""

    order: Literal["", "item", "contact", "month"] = Field("", description="empty: by item")


class PurchasesRow(Contract):
    """What was bought of an item, from a contact, or in a month (采购统计表)."""

    code: str
    name: str
    unit: str
    quantity: AmountText = Field(description="in the item's base unit; empty where rows are no items")
    net: AmountText
    tax: AmountText
    gross: AmountText
    item_id: int | None = None
    contact_id: int | None = None


class Purchases(Contract):
    """Purchases of a span of months; totals add all rows."""

    rows: list[PurchasesRow]
    totals: dict[str, AmountText]


class SalesRow(PurchasesRow):
    """What was sold of an item, to a contact, or in a month, and what it cost (销售统计表)."""

    cost: AmountText
    margin: AmountText
    margin_percent: AmountText = Field(description="of the net amount, to two places; empty where there is none")


class Sales(Contract):
    """Sales of a span of months; totals add all rows."""

    rows: list[SalesRow]
    totals: dict[str, AmountText]


class OpenOrdersRow(Contract):
    """A line of an order of which something waits (未完成订单表); quantities in the item's base unit."""

    side: Literal["销售", "采购"]
    order_number: str
    date: DateText
    due_date: DateText
    contact: str
    item_code: str
    description: str
    unit: str
    ordered: AmountText
    moved: AmountText = Field(description="delivered or received")
    invoiced: AmountText
    rest: AmountText
    value: AmountText = Field(description="of the rest, at the order's price, tax included")
    document_id: int


class OpenOrders(Contract):
    """Orders that wait; the total is the value of all rests."""

    rows: list[OpenOrdersRow]
    totals: dict[str, AmountText]
