"""Reports on the wire: the rows and totals that `report NAME --json` prints too. Amounts are decimal strings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from app.contract.base import AmountText, Contract, DateText, PeriodText, QueryContract, RequestId

Direction = Literal["借", "贷", "平"]


class ReportQuery(QueryContract):
    """What a report covers. Without months: from the book's start to the last month in use."""

    model_config = ConfigDict(populate_by_name=True)

    from_period: PeriodText = Field("", alias="from", description="first month, such as 2026-06")
    to_period: PeriodText = Field("", alias="to", description="last month, such as 2026-06")
    include_unposted: bool = Field(False, description="complete vouchers that are not posted yet count too")
    account_code: str = Field("", max_length=40, description="this account and what is below it")
    aux: str = Field("", max_length=1000, description="`客户:甲公司`, or a kind alone")
    file: Literal["", "csv", "xlsx", "pdf"] = Field("", description="answer with the whole report as a file")


class PagedReportQuery(ReportQuery):
    """A report that lists entries comes in pages; as a file it comes whole."""

    cursor: str = Field("", max_length=1000, description="`next` of the page before")
    limit: int = Field(100, ge=1, le=1000)
    new_page: bool = Field(True, description="in print, each account of a ledger begins on a new page")


class AuxiliaryQuery(PagedReportQuery):
    """A book of auxiliaries: by account, or by item."""

    order: Literal["", "account", "item"] = Field(
        "",
        description="`account`: the items of each account; `item`: the accounts of each item. Where `aux` names one"
        " kind, an item is then one of that kind, else all auxiliaries of a line together",
    )


def _number(value: object) -> object:
    """Read a number that came as text: literals are not read from text by themselves."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 3 else value


class TrialBalanceQuery(ReportQuery):
    """A trial balance; in print it has 6, 8 or 10 columns of amounts."""

    columns: Annotated[Literal[6, 8, 10], BeforeValidator(_number)] = Field(
        8, description="of the file: 6 without year-to-date, 10 with the year's begin"
    )


class VoucherSummaryQuery(ReportQuery):
    """Which vouchers are summed up; numbers need a single month."""

    word: str = Field("", max_length=10, description="only vouchers of this word")
    from_number: int = Field(0, ge=0, le=2**31)
    to_number: int = Field(0, ge=0, le=2**31, description="0: to the last")
    level: int = Field(0, ge=0, le=20, description="accounts down to this level; 0: all")


class ReportFileRequest(Contract):
    """A report to be made as a file in the background; `query` as in its address, without cursor and limit."""

    name: str = Field(max_length=40, description="such as subsidiary-ledger")
    query: dict[str, str] = Field(default_factory=dict, description='`{"from": "2026-06", "account_code": "1002"}`')
    kind: Literal["csv", "xlsx", "pdf"]
    request_id: RequestId | None = None


class CurrencyBalance(Contract):
    """An account's signed amounts (debit positive) in one currency's own units."""

    currency: str
    opening: AmountText
    debit: AmountText
    credit: AmountText
    closing: AmountText


class TrialBalanceRow(Contract):
    """One account of the trial balance (科目余额表)."""

    code: str
    name_zh: str
    source_name: str = Field(description="full name in the file the account came from, or empty")
    level: int
    opening_debit: AmountText
    opening_credit: AmountText
    period_debit: AmountText
    period_credit: AmountText
    ytd_debit: AmountText
    ytd_credit: AmountText
    closing_debit: AmountText
    closing_credit: AmountText
    year_begin_debit: AmountText
    year_begin_credit: AmountText
    currencies: list[CurrencyBalance] | None = Field(None, description="there if it has another currency than the book")


class TrialBalance(Contract):
    """The trial balance; totals add the first level only."""

    rows: list[TrialBalanceRow]
    totals: dict[str, AmountText]


class JournalRow(Contract):
    """One line of a voucher in posting order (序时账)."""

    date: DateText
    voucher: str = Field(description="word and number, 记-12")
    line: int
    summary: str
    account_code: str
    account_name: str
    aux: str
    debit: AmountText
    credit: AmountText
    maker: str
    reviewer: str
    poster: str
    voucher_id: int
    currency: str | None = None
    foreign_amount: AmountText | None = None
    quantity: AmountText | None = None


class Journal(Contract):
    """One page of the journal; totals are those of the whole span."""

    rows: list[JournalRow]
    totals: dict[str, AmountText]
    next: str | None


class GeneralLedgerRow(Contract):
    """One line of the general ledger (总账): 上年结转, 期初余额, 本期合计 or 本年累计."""

    account_code: str
    account_name: str
    period: PeriodText
    summary: str
    debit: AmountText
    credit: AmountText
    direction: Direction
    balance: AmountText


class GeneralLedger(Contract):
    """The general ledger; totals are the turnover of the first level."""

    rows: list[GeneralLedgerRow]
    totals: dict[str, AmountText]


class SubsidiaryLedgerRow(Contract):
    """One line of a subsidiary ledger (明细账) with its running balance."""

    account_code: str
    account_name: str
    date: DateText
    voucher: str
    summary: str
    contra_accounts: str = Field(description="codes on the other side of the voucher, `1002;2202`")
    debit: AmountText
    credit: AmountText
    direction: Direction
    balance: AmountText
    kind: Literal["opening", "entry", "month", "year"]
    voucher_id: int | None = None
    line: int | None = None
    aux: str | None = None
    currency: str | None = None
    foreign_amount: AmountText | None = None
    quantity: AmountText | None = None


class SubsidiaryLedger(Contract):
    """One page of a subsidiary ledger; totals are the turnover of the whole span."""

    rows: list[SubsidiaryLedgerRow]
    totals: dict[str, AmountText]
    next: str | None


class AuxiliaryBalanceRow(Contract):
    """One account and auxiliaries (辅助核算余额表)."""

    account_code: str
    aux: str
    opening_debit: AmountText
    opening_credit: AmountText
    period_debit: AmountText
    period_credit: AmountText
    closing_debit: AmountText
    closing_credit: AmountText


class AuxiliaryBalance(Contract):
    """One page of balances by auxiliary; totals add all rows, whatever the page."""

    rows: list[AuxiliaryBalanceRow]
    totals: dict[str, AmountText]
    next: str | None


class QuantityRow(Contract):
    """One account kept in quantities (数量金额账), counted in the sense of its normal side."""

    account_code: str
    name_zh: str
    opening_qty: AmountText
    opening_amount: AmountText
    in_qty: AmountText
    in_amount: AmountText
    out_qty: AmountText
    out_amount: AmountText
    closing_qty: AmountText
    closing_amount: AmountText


class QuantityLedger(Contract):
    """Quantities beside amounts; totals add amounts only."""

    rows: list[QuantityRow]
    totals: dict[str, AmountText]


LineKind = Literal["opening", "entry", "day", "month", "year", "carried"]
"""上年结转 or 期初余额, an entry, 本日合计, 本月合计, 本年累计, 结转下年 (in print only)."""


class RunningRow(Contract):
    """What rows of all books with a running balance have; entries say which voucher they are of."""

    account_code: str
    account_name: str
    date: DateText
    voucher: str
    summary: str
    direction: Direction
    kind: LineKind
    voucher_id: int | None = None
    line: int | None = None
    aux: str | None = None
    currency: str | None = None
    foreign_amount: AmountText | None = None
    quantity: AmountText | None = None


class CashJournalRow(RunningRow):
    """One line of a journal of cash or bank (日记账); `day` rows strike the balance of a day."""

    contra_accounts: str
    debit: AmountText
    credit: AmountText
    balance: AmountText


class CashJournal(Contract):
    """One page of journals of cash and bank; totals are the turnover of the whole span."""

    rows: list[CashJournalRow]
    totals: dict[str, AmountText]
    next: str | None


class AnalysisColumn(Contract):
    """A column of a book of many columns: an account below the one asked for, on the side it normally stands on."""

    key: str
    side: Literal["debit", "credit"]
    account_code: str
    account_name: str


class ReportPage(Contract):
    """One page of any report as the window reads it: rows by the keys of their columns."""

    rows: list[dict[str, Any]]
    totals: dict[str, AmountText]
    next: str | None = None
    columns: list[AnalysisColumn] = Field(default_factory=list)


class MultiColumnRow(RunningRow):
    """One line of a book of many columns (多栏账)."""

    debit: AmountText
    credit: AmountText
    balance: AmountText
    amounts: dict[str, AmountText] = Field(description="by the key of the column; the other side is negative")


class MultiColumn(Contract):
    """One page of a book of many columns; totals are the turnover of the whole span."""

    columns: list[AnalysisColumn]
    rows: list[MultiColumnRow]
    totals: dict[str, AmountText]
    next: str | None


class QuantityLedgerRow(RunningRow):
    """One line of a ledger of quantities (数量金额明细账), counted in the sense of the account's normal side."""

    unit: str
    in_quantity: AmountText
    in_unit_price: AmountText
    in_amount: AmountText
    out_quantity: AmountText
    out_unit_price: AmountText
    out_amount: AmountText
    balance_quantity: AmountText
    balance_unit_price: AmountText
    balance_amount: AmountText


class QuantityEntries(Contract):
    """One page of ledgers of quantities; totals add amounts only."""

    rows: list[QuantityLedgerRow]
    totals: dict[str, AmountText]
    next: str | None


class AuxiliaryLedgerRow(RunningRow):
    """One line of the ledger of an account and an auxiliary item (辅助明细账); `aux` is the item."""

    contra_accounts: str
    debit: AmountText
    credit: AmountText
    balance: AmountText


class AuxiliaryLedger(Contract):
    """One page of ledgers by auxiliary; totals are the turnover of the whole span."""

    rows: list[AuxiliaryLedgerRow]
    totals: dict[str, AmountText]
    next: str | None


class VoucherSummaryRow(Contract):
    """What some vouchers come to on one account (凭证汇总表)."""

    account_code: str
    name_zh: str
    level: int
    debit: AmountText
    credit: AmountText


class VoucherSummary(Contract):
    """Vouchers summed up; totals have their number and that of their attachments besides both sides."""

    rows: list[VoucherSummaryRow]
    totals: dict[str, AmountText]


class TrialBalanceCheckRow(Contract):
    """One equality of the trial balance (试算平衡表)."""

    item: Literal["opening", "period", "ytd", "closing"]
    name_zh: str
    debit: AmountText
    credit: AmountText
    difference: AmountText
    balanced: bool


class TrialBalanceCheck(Contract):
    """The equalities of the trial balance; there is nothing to total."""

    rows: list[TrialBalanceCheckRow]
    totals: dict[str, AmountText]
