"""Reports of trade over HTTP."""

from __future__ import annotations

from flask import Response

from app.contract.reports import ReportQuery
from app.contract.trade_reports import Ageing, StatementOfAccount
from app.http import Routes
from app.identity.actor import Actor
from app.reports.api import answer_report
from app.reports.catalogue import REPORTS

routes = Routes("trade-reports")


@routes.get("/api/reports/ageing", permission="reports:ageing:view", query=ReportQuery, response=Ageing)
def get_ageing(actor: Actor, query: ReportQuery) -> Response:
    """Return open balances by contact, by due date and by age (账龄分析表)."""
    return answer_report(actor, REPORTS["ageing"], query)


@routes.get(
    "/api/reports/statement-of-account",
    permission="reports:statement-of-account:view",
    query=ReportQuery,
    response=StatementOfAccount,
)
def get_statement_of_account(actor: Actor, query: ReportQuery) -> Response:
    """Return what went on with one contact (对账单); `aux` names it."""
    return answer_report(actor, REPORTS["statement-of-account"], query)
