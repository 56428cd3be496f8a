"""The statements as reports: rows of fixed columns for the command line and programs, numbered lines only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.contract.statements import Statement, StatementRow
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput
from app.kernel.text import message
from app.reports.request import Report, ReportRequest
from app.reports.statements.basis import columns_of
from app.reports.statements.reading import StatementRequest
from app.reports.statements.statement import get_statement
from app.reports.statements.stored import read_definitions

SAMPLE_MONTH = 200001
"""Any month: the keys of a layout's columns are the same in all."""


def statement_report(name: str) -> Callable[[Actor, ReportRequest], Report]:
    """Return the function that makes a statement's report: its promised columns, no totals beside its own lines."""

    def run(actor: Actor, request: ReportRequest) -> Report:
        actor.require("reports:statement:view")
        statement = get_statement(actor, name, wanted(request), checked=False)
        return Report([_row_of(statement, row) for row in statement.rows if row.amounts])

    return run


def wanted(request: ReportRequest) -> StatementRequest:
    """Return what a report's request asks of a statement. Raises `MalformedInput` for an account or auxiliary."""
    if request.account_code or request.aux:
        raise MalformedInput("statement_unfiltered", message("报表按整本账编制，不能只看一个科目或辅助核算。"))
    return StatementRequest(request.from_period, request.to_period, request.include_unposted)


def _row_of(statement: Statement, row: StatementRow) -> Mapping[str, Any]:
    make = _ROWS.get(statement.name)
    if make:
        return make(row)
    return {"line": "" if row.line is None else row.line, "name_zh": row.name_zh, **row.amounts}


def own_columns(name: str) -> tuple[str, list[tuple[str, str]]] | None:
    """Return the title of a statement of the book's own and its columns' keys and titles; `None` for any other name."""
    definition = read_definitions().get(name)
    if definition is None or definition.origin != "own":
        return None
    columns = columns_of(definition.layout, SAMPLE_MONTH, SAMPLE_MONTH, "", SAMPLE_MONTH)
    return definition.title_zh, [(column.key, column.title) for column in columns]


def _net_worth(row: StatementRow) -> Mapping[str, Any]:
    return {"item": row.name_zh, "code": row.code, **row.amounts}


def _income_expense(row: StatementRow) -> Mapping[str, Any]:
    if row.group:
        return {"kind": row.group, "code": row.code, "name_zh": row.name_zh, **row.amounts}
    return {"kind": row.name_zh, "code": "", "name_zh": "", **row.amounts}


_ROWS: Mapping[str, Callable[[StatementRow], Mapping[str, Any]]] = {
    "net-worth": _net_worth,
    "income-expense": _income_expense,
}
