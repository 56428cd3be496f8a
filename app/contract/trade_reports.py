"""Reports of sales, purchases and what is owed, on the wire. Amounts are decimal strings."""

from __future__ import annotations

from pydantic import Field

from app.contract.base import AmountText, Contract, DateText
from app.contract.reports import Direction


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
