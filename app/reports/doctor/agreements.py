"""Where two books of the same ledger disagree: statements and their trial balance, asset cards and their accounts."""

from __future__ import annotations

from collections.abc import Iterator

from app.contract.doctor import DoctorPlace, Severity
from app.contract.statements import Statement, StatementCheck
from app.kernel.errors import UserError
from app.kernel.period import format_period
from app.kernel.text import Message, message, spoken_language
from app.ledger.queries.assets.comparing import agreement
from app.reports.doctor.finding import Ailment
from app.reports.doctor.patient import Patient
from app.reports.statements.definition import Definition
from app.reports.statements.formula import foreign_lines_of, parse_formula
from app.reports.statements.reading import StatementRequest, read_statement
from app.reports.statements.statement import shown_statement
from app.reports.statements.stored import read_definitions

BASIC = ("balance-sheet", "income-statement")
"""The statements that show every account once; only of these the program can say that they miss the ledger."""
COVERAGE = frozenset({"accounts-uncovered", "accounts-doubled"})
CASH_ENTRIES = "cash-entries"
DECEMBER = 12


def statements(patient: Patient, *, cash_is_tagged: bool) -> Iterator[Ailment]:
    """Yield the identities and cross-checks of the statements that fail at the end of the months under view.

    An identity within one form that fails although every account is counted once means that figures and ledger part:
    an error. One that fails because a formula leaves out an account, counts it twice or was changed, or because two
    forms differ (cash that is not free, a cash flow that was not entered), is for the accountant to mend. Of
    a whole book the year ends and the last month are looked at; `cash_is_tagged` says whether vouchers without a
    cash-flow line have been named already.
    """
    periods = [month for month in patient.months if month == patient.last or month % 100 == DECEMBER]
    for name, definition in read_definitions().items():
        for period in periods:
            month = format_period(period)
            try:
                made = shown_statement(read_statement(name, StatementRequest(month, month)))
            except UserError as error:  # a definition that cannot be worked out, since an account was taken away
                yield _ailment(definition, month, "warning", error.message, None)
                continue
            yield from _failed(definition, made, month, cash_is_tagged=cash_is_tagged)


def _failed(definition: Definition, made: Statement, month: str, *, cash_is_tagged: bool) -> Iterator[Ailment]:
    failed = [check for check in made.checks if not check.ok]
    codes = {check.code for check in failed}
    if CASH_ENTRIES in codes:  # the other checks of the cash flow only repeat it
        failed = [check for check in failed if check.code == CASH_ENTRIES] if cash_is_tagged else []
    is_sound = definition.name in BASIC and definition.origin == "builtin" and not codes & COVERAGE
    told: set[tuple[str, str]] = set()
    for check in failed:
        key = (check.code, check.message if check.code == CASH_ENTRIES else "")
        if key not in told:  # the same check of the other column says the same
            told.add(key)
            parts_from_ledger = is_sound and _is_own(definition, check)
            severity: Severity = "hint" if check.severity == "warning" else "error" if parts_from_ledger else "warning"
            yield _ailment(definition, month, severity, check.message, check)


def _is_own(definition: Definition, check: StatementCheck) -> bool:
    """Tell whether a check is about one statement alone: only then the ledger, and no other form, is the measure."""
    place = check.code.removeprefix(f"{definition.name}-")
    if not place.isdigit() or not 0 < int(place) <= len(definition.checks):
        return False
    known = definition.checks[int(place) - 1]
    return not any(foreign_lines_of(parse_formula(text)) for text in (known.left, known.right))


def _ailment(
    definition: Definition, month: str, severity: Severity, text: Message | str, check: StatementCheck | None
) -> Ailment:
    title = definition.title_zh if spoken_language() == "zh" else definition.title_en or definition.title_zh
    if severity == "error":
        remedy = message("报表与余额表对不上：请做完整核验，并与备份比较。")
    elif severity == "hint":
        remedy = message("明细行大于总数，可能有红字分录；请查看这几行。")
    elif definition.name == "cash-flow":
        remedy = message("请核对现金分录的现金流量项目，或期初的现金流量。")
    else:
        remedy = message("请在报表页修改公式，让每个科目只列入一次。")
    place = DoctorPlace(
        kind="statement",
        statement=definition.name,
        line=str(check.lines[0]) if check is not None and check.lines else "",
        from_period=month,
        to_period=month,
    )
    check_code = "statement_details" if severity == "hint" else "statement"
    return Ailment(check_code, severity, f"{title} {month}", text, remedy, place)


def assets(patient: Patient) -> Iterator[Ailment]:
    """Yield accounts whose balance is not what their asset cards add up to.

    In a closed month that is an error, where the account has cards at all: a firm may keep cards for its machines and
    none for its software.
    """
    period = patient.last
    for row in agreement(period):
        if row.agrees:
            continue
        severity: Severity = "error" if period in patient.closed and row.cards_minor else "warning"
        yield Ailment(
            "asset_ledger",
            severity,
            f"{row.account_code} {row.account_name}",
            message(
                "{period} 总账余额 {ledger}，资产卡片合计 {cards}，差 {difference}。",
                period=patient.named(period),
                ledger=patient.money(row.ledger_minor),
                cards=patient.money(row.cards_minor),
                difference=patient.money(row.ledger_minor - row.cards_minor),
            ),
            message("请补录或更正资产卡片，或更正凭证。"),
            DoctorPlace(kind="asset", account_code=row.account_code, page="assets"),
        )
