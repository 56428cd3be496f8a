"""The period close on the wire: how far a month is, what each step proposes, and the rates it computes with.

A month is closed by going through the steps of `StepKey` in their order. Each step computes the *difference* between
what the month needs and what vouchers of this step hold already, so it can be run again after something was added.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import AmountText, Change, Contract, PeriodText, RequestId
from app.contract.ledger import PeriodState, VoucherInput, VoucherKind, VoucherState

StepKey = Literal[
    "checks",
    "revaluation",
    "depreciation",
    "amortisation",
    "stock_cost",
    "cost",
    "vat",
    "surcharges",
    "income_tax",
    "profit_and_loss",
    "year_end",
    "close",
]
"""The steps in the order in which a month is closed. `checks` and `close` make no vouchers."""

StepState = Literal["done", "due", "nothing", "skipped", "blocked"]
"""`due`: something is missing and can be proposed. `nothing`: this month needs nothing here. `done`: vouchers of this
step hold all that is needed (or the user settled for what they hold). `skipped`: left out on purpose, with a reason.
`blocked`: something must be mended first; the note says what."""

InputKind = Literal["amount", "quantity", "percent", "rate", "switch", "choice"]
RateKey = Literal[
    "city_maintenance_city",
    "city_maintenance_county",
    "city_maintenance_other",
    "education_surcharge",
    "local_education_surcharge",
    "surcharge_relief",
    "income_tax",
    "small_profit_income_tax",
    "legal_reserve",
    "legal_reserve_limit",
    "small_exempt_quarter",
]


class PreCheck(Contract):
    """One offending row found before closing. A `stop` keeps the month from being closed, a `warning` does not."""

    code: str = Field(description="stable, such as voucher_unposted, number_gap, cash_negative")
    severity: Literal["stop", "warning"]
    message: str
    where: str = Field(description="what people call the row: a voucher's name, an account's code and name")
    voucher_id: int | None = None
    account_code: str = ""
    aux: str = ""


class StepVoucher(Contract):
    """A voucher that belongs to a step."""

    id: int
    word: str
    number: int | None
    state: VoucherState
    kind: VoucherKind
    summary: str
    amount: AmountText
    is_reversal: bool = Field(False, description="the red reversal of an earlier voucher of this step")


class ClosingStep(Contract):
    """How far one step of a month is."""

    key: StepKey
    title: str
    state: StepState
    note: str = Field("", description="why it is so: what is missing, the reason of a skip, what to mend first")
    optional: bool = Field(description="whether it may be skipped; profit and loss and the close may not")
    vouchers: list[StepVoucher] = Field(default_factory=list)
    changed_by: str | None = None
    changed_at: int | None = Field(None, description="UTC milliseconds")
    version: int = Field(0, description="of what a person said of the step; 0 where nobody did")


class ClosingPlan(Contract):
    """A month on its way to being closed."""

    period: PeriodText
    state: Literal["open", "closed"]
    checks: list[PreCheck]
    steps: list[ClosingStep]


class ComputationRow(Contract):
    """One line of a computation as it is shown: every figure with where it comes from."""

    label: str
    value: str
    note: str = ""
    is_total: bool = False
    account_code: str = Field("", description="the account whose ledger shows the figure, if there is one")
    aux: str = ""


class StepInput(Contract):
    """A parameter of a computation that may be changed before saving, with its present value."""

    key: str = Field(description="what to send back in `parameters`")
    label: str
    kind: InputKind
    value: str = Field(description="a decimal string; a switch is `on` or `off`; a choice is one of `choices`")
    choices: list[str] = Field(default_factory=list, description="values of a choice, with `choice_labels` beside them")
    choice_labels: list[str] = Field(default_factory=list)
    note: str = ""
    group: str = Field("", description="rows of one group are shown together, such as one article of stock")


class StepProposal(Contract):
    """What a step proposes now: the computation, the inputs it was made with, and vouchers to edit and save.

    No vouchers means that nothing is due. `fingerprint` goes back with the saving, so that a proposal that has become
    stale (somebody posted something meanwhile) is refused with 409 instead of booked.
    """

    period: PeriodText
    step: StepKey
    title: str
    state: StepState
    note: str = ""
    rows: list[ComputationRow]
    inputs: list[StepInput]
    vouchers: list[VoucherInput]
    warnings: list[str] = Field(default_factory=list)
    fingerprint: str


class ProposalWish(Contract):
    """The parameters to compute a proposal with; those left out keep their present values. Writes nothing."""

    parameters: dict[str, str] = Field(default_factory=dict, max_length=20_000)


class StepRun(Contract):
    """Saving a step: its vouchers as edited, and the parameters they were computed with.

    With `post` the vouchers are reviewed and posted at once, which needs those rights. Without vouchers the step is
    marked as settled with what is there.
    """

    vouchers: list[VoucherInput] = Field(max_length=200)
    parameters: dict[str, str] = Field(default_factory=dict, max_length=20_000)
    post: bool = False
    fingerprint: str = Field("", max_length=64)
    request_id: RequestId | None = None


class StepSkip(Change):
    """Leaving a step out on purpose."""

    reason: str = Field(max_length=200)


class StepReset(Change):
    """Forgetting that a step was skipped or settled, and its typed parameters. Its vouchers stay."""


class DatedRate(Contract):
    """A rate that holds from one month to another; where several hold, the one that begins last counts."""

    key: RateKey
    since: PeriodText
    until: PeriodText = Field("", description="the last month it holds, empty while no end is known")
    value: AmountText = Field(description="percent; `small_exempt_quarter` is an amount of sales")
    source: str = Field("", max_length=300, description="the law or notice it stands in")


class ClosingParameters(Change):
    """What a book computes its closes with. A `PUT` replaces all of it."""

    rates: list[DatedRate] = Field(max_length=200)
    city_location: Literal["city", "county", "other"] = Field(
        "city", description="7 % in a city, 5 % in a county town, 1 % elsewhere (城市维护建设税法 art. 4)"
    )
    surcharge_relief: bool = Field(description="the halving for small-scale taxpayers and small low-profit firms")
    small_low_profit: bool = Field(description="compute income tax with `small_profit_income_tax`")
    income_tax_method: Literal["quarterly", "yearly", "none"] = "quarterly"
    profit_vouchers: Literal["one", "separate"] = Field(
        "one", description="结转损益 as one voucher, or income and expense separately"
    )
    cost_method: Literal["average", "typed", "percent", "none"] = Field(
        "average",
        description="how the cost of what was sold is found: weighted average at month end, typed, % of sales",
    )
    vat_exempt: bool = Field(True, description="small-scale: exempt when the quarter's sales stay below the threshold")


class CloseWish(Change):
    """Closing a month; with `carry_forward` profit and loss is carried first, in December the year-end too."""

    carry_forward: bool = False


class ClosedPeriod(PeriodState):
    """A month after closing it: the vouchers the closing made, and what it wants to say about them."""

    made: list[StepVoucher] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
