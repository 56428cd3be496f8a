"""Reports of stock on the wire. Quantities and amounts are decimal strings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import AmountText, Contract, DateText
from app.contract.reports import ReportQuery


class StockCardQuery(ReportQuery):
    """Whose moves: one item, over months."""

    item: str = Field("", max_length=60, description="code or barcode")
    warehouse: str = Field("", max_length=100, description="name or code")


class StockQuery(StockCardQuery):
    """What is in stock at the end of a day, by item or parted further."""

    date: DateText = Field("", description="2026-06-15; empty: the end of the last month, else of all that is booked")
    category: str = Field("", max_length=100, description="this category and those below it")
    order: Literal["", "item", "warehouse", "lot"] = Field("", description="empty: by item")


class StockSummaryQuery(StockCardQuery):
    """What months began with, what came in, went out and is left."""

    category: str = Field("", max_length=100, description="this category and those below it")
    order: Literal["", "item", "warehouse", "category"] = Field("", description="empty: by item")


class StockReportRow(Contract):
    """What is in stock of an item, in a warehouse or of a lot where it was asked for (库存余额表)."""

    code: str
    name: str
    specification: str
    category: str
    unit: str
    warehouse: str
    lot: str
    expiry: DateText
    quantity: AmountText
    unit_cost: AmountText = Field(description="for the eye: nothing is computed with it")
    amount: AmountText = Field(description="of a warehouse or lot its share of what the item is worth")
    item_id: int


class StockReport(Contract):
    """Stock at the end of a day; the total is what it is worth."""

    rows: list[StockReportRow]
    totals: dict[str, AmountText]


class StockSummaryRow(Contract):
    """What an item (in a warehouse), or a category, began with, what came in, went out and is left (收发存汇总表)."""

    code: str
    name: str
    category: str
    unit: str
    warehouse: str
    opening_quantity: AmountText = Field(description="quantities are empty by category")
    opening_amount: AmountText = Field(description="amounts are empty in single warehouses")
    in_quantity: AmountText
    in_amount: AmountText
    out_quantity: AmountText
    out_amount: AmountText
    closing_quantity: AmountText
    closing_amount: AmountText
    item_id: int | None


class StockSummary(Contract):
    """What came in and went out in months; totals add all amounts."""

    rows: list[StockSummaryRow]
    totals: dict[str, AmountText]


class StockCardRow(Contract):
    """A move of an item and the balance after it (库存明细账)."""

    code: str
    name: str
    unit: str
    date: DateText
    document: str
    summary: str
    warehouse: str
    lot: str
    in_quantity: AmountText
    in_unit_cost: AmountText
    in_amount: AmountText
    out_quantity: AmountText
    out_unit_cost: AmountText
    out_amount: AmountText = Field(description="empty while the month's average is not known")
    balance_quantity: AmountText
    balance_unit_cost: AmountText
    balance_amount: AmountText = Field(description="empty in a single warehouse")
    kind: str = Field(description="opening, entry, closing")
    document_kind: str
    document_id: int | None


class StockCard(Contract):
    """The opening, each move and the closing of an item."""

    rows: list[StockCardRow]
    totals: dict[str, AmountText]
