"""What helps with vouchers, on the wire: proposals while typing, words, templates, recurring vouchers, attachments."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.contract.base import AmountText, Change, Contract, DateText, PeriodText, QueryContract, RequestId


class CashFlowLine(Contract):
    """A line of the cash-flow statement that movements of cash are counted in."""

    number: int
    name_zh: str
    name_en: str
    inflow: bool = Field(description="counts money received (debit less credit of cash), else money paid")


class CashFlowLineList(Contract):
    """The item lines of the book's cash-flow statement; empty where its standard has none."""

    lines: list[CashFlowLine]


class ProposalEntry(Contract):
    """A line of a voucher as far as it is typed; what cannot be read yet counts as empty."""

    account_code: str = Field("", max_length=40)
    debit: AmountText = ""
    credit: AmountText = ""
    cash_flow_line: int | None = None


class ProposalInput(Contract):
    """A voucher that is being typed."""

    entries: list[ProposalEntry] = Field(max_length=2000)
    request_id: RequestId | None = None


class Proposal(Contract):
    """What the rules would fill in: the word, and for each entry its cash-flow line, or null where it has none."""

    word: str
    cash_flow_lines: list[int | None]


ReviewSwitch = Literal["auto", "on", "off"]
WordRule = Literal["记", "收付转", "custom"]
Word = Annotated[str, StringConstraints(min_length=1, max_length=10)]


class VoucherSettings(Contract):
    """How this book writes vouchers."""

    word_rule: WordRule = Field(description="one word 记; 收 付 转 by what the lines do; or words of the book's own")
    words: list[Word] = Field(description="the words a new voucher may bear, the usual one first")
    cashier_must_sign: bool = Field(description="vouchers with cash or bank are signed by a cashier before posting")
    review_by_other: ReviewSwitch = Field(description="the maker may not review: on, off, or auto (several people)")
    version: int = 1


class VoucherSettingsInput(Change):
    """New settings; `words` counts with the rule `custom` only."""

    word_rule: WordRule
    words: list[Word] = Field(default_factory=list, max_length=12)
    cashier_must_sign: bool = False
    review_by_other: ReviewSwitch = "auto"


class CorrectAmount(Contract):
    """The amount a line of a posted voucher should have had, on the side it stands on."""

    line: int = Field(ge=1)
    amount: AmountText


class DifferenceInput(Change):
    """Correct amounts of a posted voucher whose accounts are right; lines left out were right."""

    date: DateText
    amounts: list[CorrectAmount] = Field(min_length=1, max_length=2000)


class NumberRun(Contract):
    """The numbers of one month and word."""

    period: PeriodText
    word: str
    last: int
    missing: list[int] = Field(description="numbers no voucher has, the first hundred")
    unposted: int = Field(description="vouchers whose number may still change")
    fixed_after: str = Field(description="a posted or void voucher after the first gap, which keeps it open")


class NumberRunList(Contract):
    """Number runs of some months."""

    runs: list[NumberRun]


class NumberQuery(QueryContract):
    """Which months to look through."""

    from_period: PeriodText = ""
    to_period: PeriodText = ""


class NumberOrder(Contract):
    """How to number the unposted vouchers of a month and word anew."""

    period: PeriodText
    word: str = Field(max_length=10)
    by_date: bool = Field(False, description="also bring them into the order of their dates")
    request_id: RequestId | None = None


class NumberOrdered(Contract):
    """How many vouchers got another number."""

    moved: int


class TemplateEntry(Contract):
    """A line of a template; amounts may be left open. Summaries may hold `{年}` and `{月}`."""

    summary: str = Field("", max_length=200)
    account_code: str = Field("", max_length=40)
    debit: AmountText = ""
    credit: AmountText = ""
    aux: str = Field("", max_length=1000)
    currency: str | None = Field(None, max_length=24)
    foreign_amount: AmountText = ""
    rate: str = Field("", max_length=30)
    quantity: AmountText = ""
    unit_price: AmountText = ""
    cash_flow_line: int | None = Field(None, ge=1, le=99)


class TemplateInput(Change):
    """A voucher to be kept as a template. With `every_months` it comes due by itself from `first_period` on."""

    name: str = Field(max_length=60)
    word: str = Field("", max_length=10)
    entries: list[TemplateEntry] = Field(min_length=1, max_length=2000)
    every_months: int = Field(0, ge=0, le=120, description="0: only when asked for")
    day: int = Field(1, ge=1, le=31, description="of the month; in shorter months the last day")
    first_period: PeriodText = ""
    last_period: PeriodText = ""


class Template(Contract):
    """A template as it stands."""

    id: int
    name: str
    word: str
    entries: list[TemplateEntry]
    every_months: int
    day: int
    first_period: PeriodText
    last_period: PeriodText
    last_made: PeriodText = Field(description="the last month it was made for by itself")
    version: int


class TemplateList(Contract):
    """All templates by name."""

    templates: list[Template]


class DueVoucher(Contract):
    """A recurring voucher of a month, and the voucher it was made into, if it was."""

    template_id: int
    name: str
    date: DateText
    voucher_id: int | None
    voucher: str = Field(description="what the made voucher is called")


class DueVoucherList(Contract):
    """What comes due in a month."""

    period: PeriodText
    due: list[DueVoucher]


class DueQuery(QueryContract):
    """The month asked for."""

    period: PeriodText


class MakeDue(Contract):
    """Make the due vouchers of a month: those named, or all that are not made yet."""

    period: PeriodText
    template_ids: list[int] | None = Field(None, max_length=1000)
    request_id: RequestId | None = None


class Attachment(Contract):
    """A document of a voucher."""

    id: int
    voucher_id: int
    name: str
    media_type: str = Field(description="by its content")
    size: int
    sha256: str
    added_by: str
    added_at: int


class AttachmentList(Contract):
    """The documents of a voucher; head facts follow, for adding a file to a draft changes them."""

    attachments: list[Attachment]
    attachment_count: int
    version: int


class AttachInput(Contract):
    """An uploaded file to be attached."""

    upload_id: str = Field(max_length=64)
    request_id: RequestId | None = None


class VoucherChoices(Contract):
    """What the filters of the voucher list offer."""

    people: list[str]
    words: list[str]
    origins: list[str]


class BatchWork(Contract):
    """Vouchers to review, post or sign in the background: those named, or all that are ready in the months."""

    act: Literal["review", "post", "sign"]
    ids: list[int] | None = Field(default=None, max_length=100_000)
    from_period: PeriodText = ""
    to_period: PeriodText = ""
    request_id: RequestId | None = None
