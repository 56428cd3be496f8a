"""Asset cards on the wire: fixed and biological assets, intangibles, deferred expenses. Amounts are decimal strings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import AmountText, Change, Contract, DateText, PageQuery, PeriodText, QueryContract, RequestId
from app.contract.ledger import VoucherInput

AssetKind = Literal["fixed", "biological", "intangible", "deferred"]
AssetMethod = Literal["straight_line", "double_declining", "sum_of_years"]
AssetState = Literal["in_use", "charged_in_full", "disposed"]
DisposalReason = Literal["sold", "scrapped", "shortage", "other"]


class AssetTerm(Contract):
    """What a card is charged by from a month on (empty: from the beginning), and who changed it why."""

    from_period: PeriodText
    original_value: AmountText
    residual_value: AmountText
    residual_rate: str = Field(description="per cent of the original value, empty where the amount was given")
    life_months: int
    method: AssetMethod
    expense_account_code: str
    expense_account_name: str
    expense_aux: str
    reason: str
    changed_by: str
    changed_at: int


class AssetHead(Contract):
    """A card in a list, with the terms that hold for the next month to be charged."""

    id: int
    code: str
    name: str
    kind: AssetKind
    category: str
    specification: str
    location: str
    quantity: AmountText
    unit: str
    user_aux: str = Field(description="who uses it: `部门:办公室;职员:张三`")
    acquired_on: DateText
    in_use_on: DateText
    asset_account_code: str
    asset_account_name: str
    asset_aux: str
    accumulated_account_code: str = Field(description="empty where charges are credited to the asset's own account")
    accumulated_account_name: str
    accumulated_aux: str
    expense_account_code: str
    expense_account_name: str
    expense_aux: str
    original_value: AmountText
    residual_value: AmountText
    residual_rate: str
    life_months: int
    method: AssetMethod
    opening_accumulated: AmountText
    opening_months: int
    accumulated: AmountText = Field(description="charged so far, before the book included")
    carrying: AmountText
    months_charged: int
    last_charged: PeriodText = Field(description="the last month vouchers charged, empty where none did")
    next_period: PeriodText = Field(description="the next month to be charged, empty where nothing is left")
    next_amount: AmountText
    state: AssetState
    disposed_on: DateText
    disposal_reason: DisposalReason | None
    disposal_note: str
    disposal_proceeds: AmountText
    disposal_voucher_id: int | None
    note: str
    version: int


class Asset(AssetHead):
    """A card whole: every term it was charged by, and what to mind about it."""

    terms: list[AssetTerm]
    warnings: list[str]


class AssetPage(Contract):
    """One page of cards by code, and what all that match add up to."""

    assets: list[AssetHead]
    next: str | None
    count: int
    original_value: AmountText
    accumulated: AmountText
    carrying: AmountText


class AssetQuery(PageQuery):
    """Filters of the cards; `q` finds code, name, category, specification, location or note."""

    kind: Literal["", "fixed", "biological", "intangible", "deferred"] = ""
    state: Literal["", "kept", "in_use", "charged_in_full", "disposed"] = Field("", description="`kept`: not disposed")
    q: str = Field("", max_length=100)


class AssetInput(Contract):
    """A new card. Without a code it gets the next number; without `in_use_on` it is in use since it was acquired."""

    code: str = Field("", max_length=40)
    name: str = Field(max_length=200)
    kind: AssetKind = "fixed"
    category: str = Field("", max_length=60)
    specification: str = Field("", max_length=200)
    location: str = Field("", max_length=120)
    quantity: AmountText = "1"
    unit: str = Field("", max_length=20)
    user_aux: str = Field("", max_length=1000)
    acquired_on: DateText
    in_use_on: DateText = ""
    asset_account_code: str = Field(max_length=40)
    asset_aux: str = Field("", max_length=1000)
    accumulated_account_code: str = Field("", max_length=40)
    accumulated_aux: str = Field("", max_length=1000)
    expense_account_code: str = Field(max_length=40)
    expense_aux: str = Field("", max_length=1000)
    original_value: AmountText
    residual_value: AmountText = ""
    residual_rate: str = Field("", max_length=20, description="per cent; counts where no amount is given")
    life_months: int = Field(ge=1, le=1200)
    method: AssetMethod = "straight_line"
    opening_accumulated: AmountText = Field("", description="charged before the card was kept in this book")
    opening_months: int = Field(0, ge=0, le=1200)
    note: str = Field("", max_length=500)
    request_id: RequestId | None = None


class AssetChange(Change):
    """What may change on a card; fields left out stay.

    On a card that was charged already, value, residual, life, method and expense change from `from_period` on (default:
    the first open month after the last one charged) for what is left then, and need a `reason`; dates, kind, accounts
    and what was charged before the book stay as they are.
    """

    name: str | None = Field(None, max_length=200)
    category: str | None = Field(None, max_length=60)
    specification: str | None = Field(None, max_length=200)
    location: str | None = Field(None, max_length=120)
    quantity: AmountText | None = None
    unit: str | None = Field(None, max_length=20)
    user_aux: str | None = Field(None, max_length=1000)
    note: str | None = Field(None, max_length=500)
    kind: AssetKind | None = None
    acquired_on: DateText | None = None
    in_use_on: DateText | None = None
    asset_account_code: str | None = Field(None, max_length=40)
    asset_aux: str | None = Field(None, max_length=1000)
    accumulated_account_code: str | None = Field(None, max_length=40)
    accumulated_aux: str | None = Field(None, max_length=1000)
    opening_accumulated: AmountText | None = None
    opening_months: int | None = Field(None, ge=0, le=1200)
    original_value: AmountText | None = None
    residual_value: AmountText | None = None
    residual_rate: str | None = Field(None, max_length=20)
    life_months: int | None = Field(None, ge=1, le=1200)
    method: AssetMethod | None = None
    expense_account_code: str | None = Field(None, max_length=40)
    expense_aux: str | None = Field(None, max_length=1000)
    from_period: PeriodText = ""
    reason: str = Field("", max_length=200)


class AssetMonth(Contract):
    """A month of a card's plan. `amount` is what vouchers charged, or else what is to be charged."""

    period: PeriodText
    amount: AmountText
    is_charged: bool
    made_good: AmountText = Field(description="the part for closed months before it that charged nothing")
    accumulated: AmountText
    carrying: AmountText
    explanation: str


class AssetSchedule(Contract):
    """The whole plan of a card, month by month; `opening_accumulated` is what stood before the first."""

    rows: list[AssetMonth]
    original_value: AmountText
    residual_value: AmountText
    opening_accumulated: AmountText
    warnings: list[str]


class AssetDisposal(Change):
    """A card leaves: when and why, and what was got for it without VAT, on which account."""

    date: DateText
    reason: DisposalReason = "scrapped"
    note: str = Field("", max_length=200)
    proceeds: AmountText = ""
    proceeds_account_code: str = Field("", max_length=40)
    make_voucher: bool = Field(False, description="save the proposed voucher as a draft; needs the right to add one")


class AssetDisposalQuery(QueryContract):
    """What a disposal would come to."""

    date: DateText
    reason: DisposalReason = "scrapped"
    proceeds: AmountText = ""
    proceeds_account_code: str = Field("", max_length=40)


class AssetDisposalPlan(Contract):
    """What a disposal comes to, and the voucher proposed for it."""

    original_value: AmountText
    accumulated: AmountText = Field(description="up to the last month to be charged, that month included")
    still_to_charge: AmountText = Field(description="the part of it that no voucher charged yet")
    carrying: AmountText
    gain: AmountText = Field(description="proceeds less carrying amount; a loss is negative")
    voucher: VoucherInput | None
    note: str = Field("", description="what to mind, or why no voucher can be proposed")


class AgreementRow(Contract):
    """An account that cards stand on: its balance and what the cards add up to, on its normal side."""

    account_code: str
    account_name: str
    ledger: AmountText
    cards: AmountText
    difference: AmountText


class AssetAgreement(Contract):
    """Cards against the ledger at a month's end; empty while the book keeps no card."""

    period: PeriodText
    rows: list[AgreementRow]
    agrees: bool


class AgreementQuery(QueryContract):
    """Which month's end."""

    period: PeriodText


class AssetRegisterRow(Contract):
    """A card as it stands at a month's end (固定资产台账)."""

    asset_id: int
    code: str
    name: str
    kind: str = Field(description="固定资产 生产性生物资产 无形资产 长期待摊费用")
    category: str
    account_code: str
    specification: str
    location: str
    quantity: AmountText
    unit: str
    user: str
    acquired_on: DateText
    in_use_on: DateText
    life_months: int
    method: str = Field(description="年限平均法 双倍余额递减法 年数总和法")
    original_value: AmountText
    residual_value: AmountText
    accumulated: AmountText
    carrying: AmountText


class AssetRegister(Contract):
    """The cards that are there at the end of the last month."""

    rows: list[AssetRegisterRow]
    totals: dict[str, str]


class DepreciationRow(Contract):
    """What a span charges on a card (折旧计算表)."""

    asset_id: int
    code: str
    name: str
    kind: str
    category: str
    account_code: str
    life_months: int
    months_charged: int
    method: str
    expense_account_code: str
    expense_account_name: str
    expense_aux: str
    original_value: AmountText
    residual_value: AmountText
    opening_accumulated: AmountText
    charged: AmountText = Field(description="by vouchers of the span, posted or not")
    due: AmountText = Field(description="what is still to be charged in the span")
    closing_accumulated: AmountText
    carrying: AmountText


class DepreciationTable(Contract):
    """What the span charges on each card."""

    rows: list[DepreciationRow]
    totals: dict[str, str]
