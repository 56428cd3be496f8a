"""Statements on the wire: figures by line, what a figure is made of, definitions an accountant may change.

Amounts are decimal strings, zero is "0.00". A figure is named by its line and the key of its column.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from app.contract.base import AmountText, Change, Contract, DateText, PeriodText, QueryContract

Side = Literal["", "asset", "liability"]
Layout = Literal["balance", "period", "year", "single"]
"""What columns a statement has: `closing` and `year_begin`; `ytd` and `month`; `current_year`; `amount`."""
RowKind = Literal["header", "item", "of_which", "subtotal", "total", "inflow", "outflow", "opening", "each"]
Compare = Literal["", "previous_month", "previous_year"]
Severity = Literal["error", "warning"]
VatPresentation = Literal["text_2011", "reclass_2016"]
Origin = Literal["builtin", "changed", "own"]

NameText = Annotated[str, StringConstraints(max_length=60)]
FormulaText = Annotated[str, StringConstraints(max_length=2000)]


class SpanQuery(QueryContract):
    """Which months. Without `to`: the last month in use; without `from`: `to` alone, beside the year."""

    model_config = ConfigDict(populate_by_name=True)

    from_period: PeriodText = Field("", alias="from", description="first month, such as 2026-04 for a quarter")
    to_period: PeriodText = Field("", alias="to", description="last month, such as 2026-06")
    include_unposted: bool = Field(False, description="complete vouchers that are not posted yet count too")
    compare: Compare = Field("", description="a column more for each: the months before, or the same of last year")


class StatementQuery(SpanQuery):
    """What a statement covers, and whether it is wanted as a file."""

    file: Literal["", "csv", "xlsx", "pdf"] = Field("", description="answer with the statement as a file")


class CellQuery(SpanQuery):
    """Which figure is to be explained."""

    line: int = Field(ge=1, le=9999)
    column: str = Field(max_length=40, description="key of a column")
    code: str = Field("", max_length=40, description="the account, in a row that is one of a list of accounts")


class CashFlowQuery(SpanQuery):
    """Which cash entries of the months: those of a cash-flow line, or with line 0 those that have none and should."""

    line: int = Field(ge=0, le=99)
    cursor: str = Field("", max_length=1000, description="`next` of the page before")
    limit: int = Field(100, ge=1, le=1000)


class StatementHead(Contract):
    """A statement that the book has."""

    name: str
    title_zh: str
    title_en: str
    form: str = Field(description="the form's official number, 会小企01表")
    origin: Origin


class StatementList(Contract):
    """The statements of the book's standard, then the book's own, and how it presents VAT."""

    statements: list[StatementHead]
    vat_presentation: VatPresentation
    settings_version: int = Field(1, description="the version a change of how VAT is presented is based on")


class StatementColumn(Contract):
    """A column of amounts."""

    key: str = Field(description="closing, year_begin, ytd, month, current_year, amount; `…_compare` beside it")
    title_zh: str
    title_en: str


class StatementRow(Contract):
    """A row as it stands in the form; headers have no line and no amounts."""

    position: int
    line: int | None
    side: Side
    indent: int
    kind: RowKind
    code: str = Field("", description="the account a row is about, where it is about one")
    group: str = Field("", description="what the rows of a list have in common, 收入")
    name_zh: str
    name_en: str
    amounts: dict[str, AmountText]


class StatementCheck(Contract):
    """An identity or cross-check. One that fails names the lines to look at and the difference."""

    code: str
    ok: bool
    severity: Severity
    message: str = Field(description="in the caller's language")
    lines: list[int]
    column: str
    left: AmountText
    right: AmountText
    difference: AmountText


class Statement(Contract):
    """A statement with its figures and checks."""

    name: str
    title_zh: str
    title_en: str
    form: str
    organisation: str
    unit: str = Field(description="currency of the amounts")
    layout: Layout
    from_period: PeriodText
    to_period: PeriodText
    columns: list[StatementColumn]
    rows: list[StatementRow]
    checks: list[StatementCheck]
    vat_reclass: bool = Field(description="debit balances of VAT stand among the assets (财会〔2016〕22号)")


class TermAccount(Contract):
    """An account (and counterparty) that a term of a formula adds, and the months of its subsidiary ledger."""

    account_code: str
    account_name: str
    aux: str
    amount: AmountText
    from_period: PeriodText
    to_period: PeriodText


class FormulaTerm(Contract):
    """One term of a formula: signed amounts of the terms add up to the figure.

    `line` with `statement` empty is another line of this statement; else a line of that statement. `cash_flow_line`
    leads to the entries of that line. Accounts beyond the largest are given as one sum.
    """

    text: str
    sign: Literal[1, -1]
    amount: AmountText = Field(description="before the sign")
    line: int | None
    statement: str = ""
    column: str = Field("", description="the column that `line` is to be looked at in")
    cash_flow_line: int | None = None
    accounts: list[TermAccount]
    more_accounts: int = 0
    more_amount: AmountText = "0.00"
    note: str = Field("", description="what the term is, in the caller's language")


class CellExplanation(Contract):
    """What a figure is made of."""

    name: str
    line: int
    column: str
    row_zh: str
    row_en: str
    amount: AmountText
    formula: str
    from_period: PeriodText
    to_period: PeriodText
    terms: list[FormulaTerm]


class CashFlowEntry(Contract):
    """A cash entry of a voucher; the amount is that of the line (an outflow is positive on an outflow line)."""

    voucher_id: int
    line: int
    date: DateText
    voucher: str = Field(description="word and number, 记-12")
    summary: str
    account_code: str
    account_name: str
    aux: str
    debit: AmountText
    credit: AmountText
    amount: AmountText
    cash_flow_line: int | None


class CashFlowEntryPage(Contract):
    """One page of cash entries; `opening_amount` is what elapsed months before the book's start brought in."""

    entries: list[CashFlowEntry]
    total: AmountText
    opening_amount: AmountText
    next: str | None


class DefinitionRow(Contract):
    """A row of a definition. A row of kind `each` lists the accounts its formula names, one row for each."""

    line: int | None = Field(None, ge=1, le=9999)
    side: Side = ""
    indent: int = Field(0, ge=0, le=9)
    kind: RowKind = "item"
    group: str = Field("", max_length=60)
    name_zh: str = Field(max_length=120)
    name_en: str = Field("", max_length=200)
    formula: FormulaText = ""
    formula_vat_reclass: FormulaText = ""
    hide_zero: bool = Field(False, description="the row is left out while all its amounts are zero")
    certainty: str = Field("", max_length=40)
    note: str = Field("", max_length=500)


class DefinitionCheck(Contract):
    """What must hold: `left` equals (=) or is not less than (>=) `right`, both in the formula language."""

    left: FormulaText
    relation: Literal["=", ">="]
    right: FormulaText
    columns: list[str] = Field(default_factory=list, max_length=10, description="empty: every column")


class DefinitionInput(Change):
    """A definition as typed: all rows and checks."""

    title_zh: str = Field(max_length=60)
    title_en: str = Field("", max_length=120)
    form: str = Field("", max_length=40)
    layout: Layout
    rows: list[DefinitionRow] = Field(max_length=500)
    checks: list[DefinitionCheck] = Field(default_factory=list, max_length=200)


class DefinitionAdd(DefinitionInput):
    """A statement of the book's own; its name is the last part of its address."""

    name: NameText = Field(min_length=1, pattern=r"^[a-z0-9][a-z0-9-]*$")


class DefinitionTrial(DefinitionAdd):
    """A definition to be worked out without being saved, over months; empty months as in `SpanQuery`."""

    from_period: PeriodText = ""
    to_period: PeriodText = ""
    include_unposted: bool = False


class StatementDefinition(Contract):
    """A definition as it stands. Version 0: built in, never changed."""

    name: str
    title_zh: str
    title_en: str
    form: str
    layout: Layout
    origin: Origin
    rows: list[DefinitionRow]
    checks: list[DefinitionCheck]
    version: int
    changed_by: str | None
    changed_at: int | None


class FormulaFunction(Contract):
    """A function of the formula language, for the window's help."""

    name: str
    arguments: str = Field(description="how it is written, DR(1001;1002)")
    meaning: str = Field(description="in the caller's language")


class DefinitionList(Contract):
    """All definitions of the book, without rows."""

    definitions: list[StatementHead]
    functions: list[FormulaFunction]


class ReclassificationQuery(QueryContract):
    """Which month's reclassifications; empty: all."""

    period: PeriodText = ""


class ReclassificationInput(Change):
    """An amount moved between lines of the balance sheet by hand, for one month's end.

    On one side it leaves `from_line` and joins `to_line`; between the sides it is added to both, so that they stay
    equal.
    """

    period: PeriodText = Field(description="the month at whose end it holds; a December also gives next year's begin")
    from_line: int = Field(ge=1, le=9999)
    to_line: int = Field(ge=1, le=9999)
    amount: AmountText
    reason: str = Field(max_length=200)


class Reclassification(Contract):
    """A reclassification as it stands."""

    id: int
    period: PeriodText
    from_line: int
    to_line: int
    amount: AmountText
    reason: str
    version: int
    changed_by: str | None
    changed_at: int | None


class ReclassificationList(Contract):
    """Reclassifications by month."""

    reclassifications: list[Reclassification]


class VatPresentationInput(Change):
    """How the book presents VAT debit balances: negative among the taxes (2011 text), or among the assets (2016)."""

    vat_presentation: VatPresentation


class StatementSettings(Contract):
    """How the book presents its statements."""

    vat_presentation: VatPresentation
    version: int = 1
