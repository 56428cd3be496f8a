"""Statements as reports of fixed columns: numbered lines only, as the command line prints them.

Amounts are decimal strings, zero is "0.00".
"""

from __future__ import annotations

from app.contract.base import AmountText, Contract


class BalanceSheetRow(Contract):
    """A numbered line of the balance sheet (资产负债表)."""

    line: int
    name_zh: str
    closing: AmountText
    year_begin: AmountText


class BalanceSheetReport(Contract):
    """The balance sheet's lines in official order; totals are lines of it."""

    rows: list[BalanceSheetRow]
    totals: dict[str, AmountText]


class PeriodRow(Contract):
    """A numbered line of the income statement or the cash-flow statement."""

    line: int
    name_zh: str
    ytd: AmountText
    month: AmountText


class PeriodReport(Contract):
    """The income statement's (利润表) or cash-flow statement's (现金流量表) lines in official order."""

    rows: list[PeriodRow]
    totals: dict[str, AmountText]


class AppropriationRow(Contract):
    """A numbered line of the profit appropriation (利润分配表)."""

    line: int
    name_zh: str
    current_year: AmountText


class AppropriationReport(Contract):
    """The profit appropriation's lines in official order."""

    rows: list[AppropriationRow]
    totals: dict[str, AmountText]


class NetWorthRow(Contract):
    """An account, a total or a part of the net worth of a household (净资产表)."""

    item: str
    code: str
    amount: AmountText


class NetWorthReport(Contract):
    """What a household has and owes."""

    rows: list[NetWorthRow]
    totals: dict[str, AmountText]


class IncomeExpenseRow(Contract):
    """An account or a total of a household's income and expenses (收支表)."""

    kind: str
    code: str
    name_zh: str
    amount: AmountText


class IncomeExpenseReport(Contract):
    """What a household took in and spent."""

    rows: list[IncomeExpenseRow]
    totals: dict[str, AmountText]
