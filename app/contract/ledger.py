"""The ledger on the wire: accounts, auxiliaries, vouchers, periods, openings. Amounts are decimal strings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import AmountText, Change, Contract, DateText, PageQuery, PeriodText, QueryContract, RequestId

Side = Literal["debit", "credit"]
VoucherState = Literal["draft", "reviewed", "posted", "void"]
VoucherKind = Literal["normal", "transfer", "close_pl", "close_year"]


class AuxiliaryUse(Contract):
    """An auxiliary dimension an account offers, and whether each entry must carry it."""

    kind: str = Field(max_length=60)
    demanded: bool = True


class Account(Contract):
    """An account (会计科目) as it stands."""

    id: int
    code: str
    parent_code: str | None
    level: int
    name_zh: str
    name_en: str
    source_name: str | None
    category: str = Field(description="资产 负债 共同 所有者权益 成本 损益; households: 资产 负债 净资产 收入 支出")
    normal_side: Side
    is_leaf: bool
    is_cash: bool
    currency: str | None = Field(description="the only currency it takes, or null for any")
    has_quantity: bool
    unit: str
    auxiliaries: list[AuxiliaryUse]
    pinyin: str = Field(description="initials of the Chinese name, for look-up")
    active: bool
    version: int


class AccountList(Contract):
    """All accounts, ordered by code."""

    accounts: list[Account]


class AccountQuery(QueryContract):
    """Look-up by code, name or pinyin initials; best first."""

    q: str = Field("", max_length=100)
    leaf_only: bool = False
    include_inactive: bool = True
    limit: int = Field(10_000, ge=1, le=10_000)


class AccountInput(Contract):
    """A new account. Under a parent, category and side default to the parent's."""

    code: str = Field(max_length=40)
    name_zh: str = Field(max_length=120)
    name_en: str = Field("", max_length=120)
    parent_code: str | None = Field(None, max_length=40)
    category: str | None = Field(None, max_length=16)
    normal_side: Side | None = None
    is_cash: bool | None = None
    currency: str | None = Field(None, max_length=24)
    has_quantity: bool = False
    unit: str = Field("", max_length=20)
    auxiliaries: list[AuxiliaryUse] = Field(default_factory=list, max_length=10)
    request_id: RequestId | None = None


class AccountChange(Change):
    """What may change on an account; fields left out stay."""

    name_zh: str | None = Field(None, max_length=120)
    name_en: str | None = Field(None, max_length=120)
    unit: str | None = Field(None, max_length=20)
    has_quantity: bool | None = None
    is_cash: bool | None = None
    auxiliaries: list[AuxiliaryUse] | None = Field(None, max_length=10)
    active: bool | None = None


class AuxiliaryKind(Contract):
    """A dimension: 客户, 供应商, 职员, 部门, 项目, 存货 or one of the book's own."""

    id: int
    name: str
    name_en: str


class Auxiliary(Contract):
    """An item of a dimension, such as a customer."""

    id: int
    kind: str
    name: str
    code: str
    pinyin: str
    active: bool
    merged_into: int | None
    version: int


class AuxiliaryInput(Contract):
    """A new item of a dimension; an unknown dimension is made."""

    kind: str = Field(max_length=60)
    name: str = Field(max_length=200)
    code: str = Field("", max_length=40)
    request_id: RequestId | None = None


class AuxiliaryQuery(PageQuery):
    """Look-up of items by name, code or pinyin initials; with `active_only` those out of use are left out."""

    kind: str = Field("", max_length=60)
    q: str = Field("", max_length=100)
    active_only: bool = False


class AuxiliaryPage(Contract):
    """One page of items and all dimensions."""

    kinds: list[AuxiliaryKind]
    auxiliaries: list[Auxiliary]
    next: str | None


class Currency(Contract):
    """A currency or commodity; its minor digits never change."""

    id: int
    code: str
    name_zh: str
    minor_digits: int
    is_base: bool


class CurrencyList(Contract):
    """All currencies of the book, the base currency first."""

    currencies: list[Currency]


class EntryInput(Contract):
    """A line of a voucher as typed. One side is used; a red entry is negative on its side."""

    summary: str = Field("", max_length=200)
    account_code: str = Field(max_length=40)
    debit: AmountText = ""
    credit: AmountText = ""
    aux: str = Field("", max_length=1000, description="`客户:甲公司;部门:一车间`")
    currency: str | None = Field(None, max_length=24)
    foreign_amount: AmountText = ""
    rate: str = Field("", max_length=30)
    quantity: AmountText = ""
    unit_price: AmountText = ""
    cash_flow_line: int | None = Field(None, ge=1, le=99)


class VoucherInput(Change):
    """A voucher as typed: saved as a draft that lists its faults, or as a complete draft."""

    date: DateText
    word: str = Field("", max_length=10, description="left empty: the word of the book that its lines ask for")
    attachment_count: int = Field(0, ge=0, le=9999)
    kind: VoucherKind = "normal"
    entries: list[EntryInput] = Field(max_length=2000)
    correction_of: int | None = Field(None, description="the posted voucher this blue one corrects")


class Fault(Contract):
    """Why a draft cannot be posted yet."""

    code: str
    message: str
    line: int | None = None


class Entry(Contract):
    """A line of a voucher as stored."""

    line: int
    summary: str
    account_id: int
    account_code: str
    account_name: str
    side: Side
    debit: AmountText
    credit: AmountText
    aux: str
    currency: str
    foreign_amount: AmountText
    rate: str
    quantity: AmountText
    unit_price: AmountText
    cash_flow_line: int | None
    unvalued: bool
    is_cash: bool = False


class VoucherHead(Contract):
    """A voucher in a list."""

    id: int
    period: PeriodText
    date: DateText
    word: str
    number: int | None
    state: VoucherState
    kind: VoucherKind
    summary: str
    debit_total: AmountText
    attachment_count: int
    maker: str
    reviewer: str | None
    poster: str | None
    cashier: str | None
    origin: str
    reversal_of: int | None
    correction_of: int | None
    reversed_by: int | None
    has_faults: bool
    version: int


class Voucher(VoucherHead):
    """A voucher whole."""

    credit_total: AmountText
    capital: str = Field(description="the debit total in Chinese capitals (大写)")
    faults: list[Fault]
    entries: list[Entry]


class VoucherQuery(PageQuery):
    """Filters of the voucher list; all that are given must hold."""

    from_period: PeriodText = ""
    to_period: PeriodText = ""
    from_date: DateText = ""
    to_date: DateText = ""
    state: Literal["", "draft", "reviewed", "posted", "void"] = ""
    word: str = Field("", max_length=10)
    number: int | None = None
    account_code: str = Field("", max_length=40)
    aux: str = Field("", max_length=260)
    amount: AmountText = ""
    q: str = Field("", max_length=100, description="words in summaries")
    newest_first: bool = False
    amount_from: AmountText = Field(
        "", description="some entry has at least this amount on a side; red ones are negative"
    )
    amount_to: AmountText = Field("", description="some entry has at most this amount on a side")
    maker: str = Field("", max_length=60, description="the person's name")
    reviewer: str = Field("", max_length=60)
    poster: str = Field("", max_length=60)
    cashier: str = Field("", max_length=60)
    kind: Literal["", "normal", "transfer", "close_pl", "close_year"] = ""
    origin: str = Field("", max_length=200, description="import, reversal, …; `hand` for those somebody typed")
    currency: str = Field("", max_length=24)
    cash_flow_line: int | None = None
    has_attachments: Literal["", "yes", "no"] = Field("", description="files, whatever the number of documents says")


class VoucherPage(Contract):
    """One page of vouchers."""

    vouchers: list[VoucherHead]
    next: str | None


class Reversal(Change):
    """Red reversal of a posted voucher: the date of the red one (default: the original's, or the first open day)."""

    date: DateText = ""
    post: bool = False
    estimate: bool = Field(
        default=False,
        description="takes back an estimate (暂估) of an earlier year; errors of one are not reversed",
    )


class BatchSelection(Contract):
    """Vouchers to review or post together: those named, or without `ids` all that are ready in the month or book.

    An empty list names none: a caller whose selection came out empty must not post the whole book.
    """

    ids: list[int] | None = Field(default=None, max_length=10_000)
    period: PeriodText = ""
    request_id: RequestId | None = None


class BatchRefusal(Contract):
    """One voucher that was not ready, and why."""

    id: int
    where: str
    reason: str


class BatchResult(Contract):
    """How many were done, and which were not and why."""

    done: int
    refused: list[BatchRefusal]


class PeriodState(Contract):
    """A month: open or closed, by whom and when (UTC milliseconds)."""

    period: PeriodText
    state: Literal["open", "closed"]
    changed_by: str | None
    changed_at: int | None
    vouchers: int
    unposted: int


class PeriodList(Contract):
    """The months from the book's start to the last one in use, and one more."""

    start: PeriodText
    periods: list[PeriodState]


class OpeningRow(Contract):
    """Opening of one account × auxiliary × currency; the columns of csv-book's `opening.csv`."""

    account_code: str = Field(max_length=40)
    account_name: str = Field("", max_length=120)
    aux: str = Field("", max_length=1000)
    quantity: AmountText = ""
    year_begin_debit: AmountText = ""
    year_begin_credit: AmountText = ""
    ytd_debit: AmountText = ""
    ytd_credit: AmountText = ""
    opening_debit: AmountText = ""
    opening_credit: AmountText = ""
    ytd_pl_actual: AmountText = ""
    currency: str = Field("", max_length=24)
    opening_foreign: AmountText = ""
    year_begin_foreign: AmountText = ""
    year_begin_quantity: AmountText = ""
    ytd_debit_quantity: AmountText = ""
    ytd_credit_quantity: AmountText = ""


class CashFlowOpening(Contract):
    """Year-to-date amount of a cash-flow line in the months before the book's start."""

    cash_flow_line: int = Field(ge=1, le=99)
    ytd_amount: AmountText


class Opening(Contract):
    """All opening balances. A `PUT` replaces them; refused after the first close, which answers show as `frozen`.

    A change carries the `version` it is based on; without one it replaces whatever is there.
    """

    rows: list[OpeningRow] = Field(max_length=200_000)
    cash_flow: list[CashFlowOpening] = Field(default_factory=list, max_length=99)
    make_missing: bool = Field(default=False, description="add items of auxiliaries that are not known yet")
    frozen: bool = Field(default=False, description="answers only: a month is closed, nothing may be replaced")
    version: int | None = Field(None, description="the version the change is based on; a stale one answers 409")
    request_id: RequestId | None = None


class Finding(Contract):
    """One thing `verify` found wrong: which guarantee, which row, what is expected."""

    check: str
    where: str
    message: str


class Verification(Contract):
    """The outcome of `verify`: clean when there are no findings."""

    vouchers: int
    entries: int
    balances: int
    chain_count: int
    chain_hash: str
    findings: list[Finding]
    warnings: list[Finding] = Field(
        default_factory=list, description="what an accountant should see; no broken guarantee"
    )
