"""Statements over HTTP: figures, explanations, definitions, and the reports of fixed columns."""

from __future__ import annotations

import io
from typing import Any

from flask import Response

from app.contract.base import VersionQuery
from app.contract.statement_reports import (
    AppropriationReport,
    BalanceSheetReport,
    IncomeExpenseReport,
    NetWorthReport,
    PeriodReport,
)
from app.contract.statements import (
    CashFlowEntryPage,
    CashFlowQuery,
    CellExplanation,
    CellQuery,
    DefinitionAdd,
    DefinitionInput,
    DefinitionList,
    DefinitionTrial,
    Reclassification,
    ReclassificationInput,
    ReclassificationList,
    ReclassificationQuery,
    SpanQuery,
    Statement,
    StatementDefinition,
    StatementList,
    StatementQuery,
    StatementSettings,
    VatPresentationInput,
)
from app.http import Routes, decode_cursor, encode_cursor
from app.http.encoding import json_response
from app.identity.actor import Actor
from app.reports.file_response import file_response
from app.reports.request import ReportRequest
from app.reports.statements import cash_entries, changing, explanation, reclassifications, statement
from app.reports.statements.files import csv_of, write_file
from app.reports.statements.fixed import statement_report
from app.reports.statements.reading import StatementRequest

routes = Routes("statements")
VIEW, EDIT = "reports:statement:view", "reports:statement:edit"


@routes.get("/api/statements", permission=VIEW, response=StatementList)
def list_statements(actor: Actor) -> StatementList:
    """List the statements of the book's standard and its own."""
    return statement.list_statements(actor)


@routes.get("/api/statements/<name>", permission=VIEW, query=StatementQuery, response=Statement)
def get_statement(actor: Actor, name: str, query: StatementQuery) -> Statement | Response:
    """Return a statement with its figures and checks, or as a file in the form's layout."""
    found = statement.get_statement(actor, name, _request(query), checked=not query.file)
    return _file(found, query.file) if query.file else found


@routes.get("/api/statements/<name>/cell", permission=VIEW, query=CellQuery, response=CellExplanation)
def explain_cell(actor: Actor, name: str, query: CellQuery) -> CellExplanation:
    """Return what one figure of a statement is made of."""
    return explanation.explain_cell(actor, name, query.line, query.column, _request(query), code=query.code)


@routes.get("/api/cash-flow-entries", permission=VIEW, query=CashFlowQuery, response=CashFlowEntryPage)
def list_cash_flow_entries(actor: Actor, query: CashFlowQuery) -> CashFlowEntryPage:
    """Return one page of the cash entries of a cash-flow line, or (line 0) of those without one."""
    after = decode_cursor(query.cursor, *cash_entries.POSITION_TYPES)
    page, position = cash_entries.cash_flow_entries(actor, query.line, _request(query), limit=query.limit, after=after)
    return page if position is None else page.model_copy(update={"next": encode_cursor(position)})


# --- definitions ---


@routes.get("/api/statement-definitions", permission=VIEW, response=DefinitionList)
def list_definitions(actor: Actor) -> DefinitionList:
    """List the definitions of statements and the functions formulas may use."""
    return changing.list_definitions(actor)


@routes.post(
    "/api/statement-definitions", permission=EDIT, body=DefinitionAdd, response=StatementDefinition, status=201
)
def add_definition(actor: Actor, body: DefinitionAdd) -> StatementDefinition:
    """Add a statement of the book's own."""
    return changing.add_definition(actor, body)


@routes.post("/api/statement-definitions/trial", permission=EDIT, body=DefinitionTrial, response=Statement)
def try_definition(actor: Actor, body: DefinitionTrial) -> Statement:
    """Return what a definition works out to, without saving it."""
    return changing.try_definition(actor, body)


@routes.get("/api/statement-definitions/<name>", permission=VIEW, response=StatementDefinition)
def get_definition(actor: Actor, name: str) -> StatementDefinition:
    """Return a definition with its rows and checks."""
    return changing.get_definition(actor, name)


@routes.get("/api/statement-definitions/<name>/builtin", permission=VIEW, response=StatementDefinition)
def get_builtin_definition(actor: Actor, name: str) -> StatementDefinition:
    """Return a definition as it was built in."""
    return changing.get_builtin(actor, name)


@routes.put("/api/statement-definitions/<name>", permission=EDIT, body=DefinitionInput, response=StatementDefinition)
def change_definition(actor: Actor, name: str, body: DefinitionInput) -> StatementDefinition:
    """Replace a definition; what cannot be worked out is refused with the row that is wrong."""
    return changing.change_definition(actor, name, body)


@routes.delete("/api/statement-definitions/<name>", permission=EDIT, query=VersionQuery)
def reset_definition(actor: Actor, name: str, query: VersionQuery) -> None:
    """Take back the changes of a built-in definition, or remove one of the book's own."""
    changing.reset_definition(actor, name, query.version)


@routes.put("/api/statement-settings", permission=EDIT, body=VatPresentationInput, response=StatementSettings)
def set_vat_presentation(actor: Actor, body: VatPresentationInput) -> StatementSettings:
    """Choose how the balance sheet presents VAT debit balances; `version` says which choice the change is based on."""
    return changing.set_vat_presentation(actor, body)


# --- reclassifications ---


@routes.get("/api/reclassifications", permission=VIEW, query=ReclassificationQuery, response=ReclassificationList)
def list_reclassifications(actor: Actor, query: ReclassificationQuery) -> ReclassificationList:
    """List amounts moved by hand between lines of the balance sheet."""
    return reclassifications.list_reclassifications(actor, query.period)


@routes.post(
    "/api/reclassifications", permission=EDIT, body=ReclassificationInput, response=Reclassification, status=201
)
def add_reclassification(actor: Actor, body: ReclassificationInput) -> Reclassification:
    """Move an amount between two lines at a month's end."""
    return reclassifications.add_reclassification(actor, body)


@routes.put("/api/reclassifications/<int:id>", permission=EDIT, body=ReclassificationInput, response=Reclassification)
def change_reclassification(actor: Actor, id: int, body: ReclassificationInput) -> Reclassification:  # noqa: A002
    """Replace a reclassification."""
    return reclassifications.change_reclassification(actor, id, body)


@routes.delete("/api/reclassifications/<int:id>", permission=EDIT, query=VersionQuery)
def remove_reclassification(actor: Actor, id: int, query: VersionQuery) -> None:  # noqa: A002
    """Remove a reclassification."""
    reclassifications.remove_reclassification(actor, id, query.version)


# --- reports of fixed columns ---


@routes.get("/api/reports/balance-sheet", permission=VIEW, query=StatementQuery, response=BalanceSheetReport)
def get_balance_sheet(actor: Actor, query: StatementQuery) -> Response:
    """Return the balance sheet (资产负债表)."""
    return _report(actor, "balance-sheet", query)


@routes.get("/api/reports/income-statement", permission=VIEW, query=StatementQuery, response=PeriodReport)
def get_income_statement(actor: Actor, query: StatementQuery) -> Response:
    """Return the income statement (利润表)."""
    return _report(actor, "income-statement", query)


@routes.get("/api/reports/cash-flow", permission=VIEW, query=StatementQuery, response=PeriodReport)
def get_cash_flow(actor: Actor, query: StatementQuery) -> Response:
    """Return the cash-flow statement (现金流量表)."""
    return _report(actor, "cash-flow", query)


@routes.get("/api/reports/profit-appropriation", permission=VIEW, query=StatementQuery, response=AppropriationReport)
def get_profit_appropriation(actor: Actor, query: StatementQuery) -> Response:
    """Return the profit appropriation (利润分配表)."""
    return _report(actor, "profit-appropriation", query)


@routes.get("/api/reports/net-worth", permission=VIEW, query=StatementQuery, response=NetWorthReport)
def get_net_worth(actor: Actor, query: StatementQuery) -> Response:
    """Return the net worth of a household (净资产表)."""
    return _report(actor, "net-worth", query)


@routes.get("/api/reports/income-expense", permission=VIEW, query=StatementQuery, response=IncomeExpenseReport)
def get_income_expense(actor: Actor, query: StatementQuery) -> Response:
    """Return a household's income and expenses (收支表)."""
    return _report(actor, "income-expense", query)


def _request(query: SpanQuery) -> StatementRequest:
    return StatementRequest(query.from_period, query.to_period, query.include_unposted, query.compare)


def _report(actor: Actor, name: str, query: StatementQuery) -> Response:
    if query.file in {"xlsx", "pdf"}:
        return _file(statement.get_statement(actor, name, _request(query), checked=False), query.file)
    report = statement_report(name)(
        actor,
        ReportRequest(
            from_period=query.from_period, to_period=query.to_period, include_unposted=query.include_unposted
        ),
    )
    if query.file:
        return file_response(name, query.file, csv_of(report.rows).encode("utf-8"))
    answer: dict[str, Any] = {"rows": list(report.rows), "totals": report.totals}
    return json_response(answer)


def _file(found: Statement, kind: str) -> Response:
    stream = io.BytesIO()
    write_file(found, kind, stream)
    return file_response(found.name, kind, stream.getvalue())
