"""A statement as it is asked for: which months, which columns, and the figures behind them."""

from __future__ import annotations

from dataclasses import dataclass

from app.contract.statements import Compare, Layout
from app.kernel.period import year_of
from app.reports.request import ReportRequest, resolve_span
from app.reports.statements.accounts import read_accounts
from app.reports.statements.basis import Column, columns_of
from app.reports.statements.definition import Definition, book_chart
from app.reports.statements.evaluation import Evaluation
from app.reports.statements.reclassifying import read_moves
from app.reports.statements.stored import definition_called, read_definitions, vat_presentation
from app.storage.book_settings import get_setting


@dataclass(frozen=True, slots=True)
class StatementRequest:
    """The wishes of a caller. Months as `2026-06`; empty: the last month in use, and that month alone."""

    from_period: str = ""
    to_period: str = ""
    include_unposted: bool = False
    compare: Compare = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A statement of one book at one time."""

    definition: Definition
    columns: list[Column]
    first: int
    last: int
    start: int
    evaluation: Evaluation


def read_statement(name: str, request: StatementRequest, trial: Definition | None = None) -> Reading:
    """Read what a statement needs. Read its figures inside the same snapshot. A `trial` stands in for the definition.

    Raises `NotFound` for a statement the book's standard does not have, `MalformedInput` and `RuleBroken` for months.
    """
    definitions = read_definitions()
    if trial is not None:
        definitions[name] = trial
    definition = definition_called(name, definitions)
    start = int(get_setting("start_period"))
    first, last, layers = _months(request, definition.layout)
    reclass = vat_presentation() == "reclass_2016"
    evaluation = Evaluation(
        definitions,
        read_accounts(book_chart()),
        layers,
        vat_reclass=reclass,
        moves=read_moves(definitions.get("balance-sheet")),
        digits=int(get_setting("base_digits", 2)),
    )
    columns = columns_of(definition.layout, first, last, request.compare, start)
    formulas = _text_of(definition)
    if "DRP(" in formulas or "CRP(" in formulas:
        evaluation.balances.prepare_splits({column.basis.moment for column in columns})
    return Reading(definition, columns, first, last, start, evaluation)


def _months(request: StatementRequest, layout: Layout) -> tuple[int, int, tuple[int, ...]]:
    """Return the first and last month and the layers that count."""
    span = resolve_span(
        ReportRequest(
            from_period=request.from_period or request.to_period,
            to_period=request.to_period,
            include_unposted=request.include_unposted,
        ),
        whole_year=True,
    )
    if request.from_period:
        return span.first, span.last, span.layers
    alone = year_of(span.last) * 100 + 1 if layout == "single" else span.last
    return alone, span.last, span.layers


def _text_of(definition: Definition) -> str:
    return ";".join(row.formula + row.formula_vat_reclass for row in definition.rows)
