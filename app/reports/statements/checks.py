"""Identities and cross-checks of a statement: those of its definition, and what no formula can say."""

from __future__ import annotations

from app.contract.statements import Severity, StatementCheck
from app.kernel.money import format_amount
from app.kernel.text import Message, message, spoken_language
from app.reports.statements.basis import Column
from app.reports.statements.cash_check import cash_checks
from app.reports.statements.coverage import coverage_checks
from app.reports.statements.definition import Check, Row
from app.reports.statements.formula import FUNCTIONS, Call, Formula, LineReference, Term, lines_of, parse_formula
from app.reports.statements.reading import Reading


def check_statement(reading: Reading) -> list[StatementCheck]:
    """Return all checks of a statement, each with whether it holds."""
    found = [
        _identity(reading, place, check, column)
        for place, check in enumerate(reading.definition.checks, start=1)
        for column in reading.columns
        if not check.columns or column.base in check.columns
    ]
    found.extend(coverage_checks(reading))
    if reading.definition.name == "cash-flow":
        found.extend(cash_checks(reading))
    return found


def _identity(reading: Reading, place: int, check: Check, column: Column) -> StatementCheck:
    evaluation = reading.evaluation
    name = reading.definition.name
    left_formula, right_formula = parse_formula(check.left), parse_formula(check.right)
    left = evaluation.sum(left_formula, name, column.basis, None)
    right = evaluation.sum(right_formula, name, column.basis, None)
    ok = left == right if check.relation == "=" else left >= right
    severity: Severity = "error" if check.relation == "=" else "warning"
    what = {
        "column": column.title,
        "left": _written(reading, left_formula),
        "right": _written(reading, right_formula),
    }
    if ok:
        text = (
            message("{column}：{left}等于{right}。", **what)
            if check.relation == "="
            else message("{column}：{left}不小于{right}。", **what)
        )
    else:
        what |= {
            "left_amount": format_amount(left, evaluation.digits),
            "right_amount": format_amount(right, evaluation.digits),
            "difference": format_amount(left - right, evaluation.digits),
        }
        text = (
            message("{column}：{left}是 {left_amount}，应等于{right}（{right_amount}），差 {difference}。", **what)
            if check.relation == "="
            else message("{column}：{left}是 {left_amount}，小于{right}（{right_amount}），差 {difference}。", **what)
        )
    return StatementCheck(
        code=f"{name}-{place}",
        ok=ok,
        severity=severity,
        message=str(text),
        lines=sorted(lines_of(left_formula) | lines_of(right_formula)),
        column=column.key,
        left=format_amount(left, evaluation.digits),
        right=format_amount(right, evaluation.digits),
        difference=format_amount(left - right, evaluation.digits),
    )


def _written(reading: Reading, formula: Formula) -> Message | str:
    """Return one side of a check in words: a single line with its name, a longer sum by its lines' numbers."""
    if len(formula) == 1:
        return _operand(reading, formula[0])
    lines = "".join(_signed(place, term) for place, term in enumerate(formula))
    return message("第 {lines} 行", lines=lines)


def _signed(place: int, term: Term) -> str:
    sign = "-" if term.sign < 0 else "+" if place else ""
    return sign + (str(term.operand.line) if isinstance(term.operand, LineReference) else term.text)


def _operand(reading: Reading, term: Term) -> Message | str:
    operand = term.operand
    evaluation = reading.evaluation
    if isinstance(operand, LineReference):
        row = evaluation.row(reading.definition.name, operand.line)
        return message("第 {line} 行“{name}”", line=operand.line, name=_row_name(row))
    if isinstance(operand, Call) and FUNCTIONS[operand.function].statement:
        other = FUNCTIONS[operand.function].statement
        definition = evaluation.definitions.get(other)
        title = other
        if definition is not None:
            title = definition.title_zh if spoken_language() == "zh" else definition.title_en or definition.title_zh
        name = _row_name(evaluation.row(other, operand.line))
        if operand.function == "BS_OPEN":
            return message("{title}第 {line} 行“{name}”的年初余额", title=title, line=operand.line, name=name)
        return message("{title}第 {line} 行“{name}”", title=title, line=operand.line, name=name)
    return term.text


def _row_name(row: Row | None) -> str:
    if row is None:
        return ""
    return row.name_zh if spoken_language() == "zh" else row.name_en or row.name_zh
