"""Reports of trade over HTTP."""

from __future__ import annotations

from flask import Response

from app.contract.reports import ReportQuery
from app.contract.stock_reports import (
    StockCard,
    StockCardQuery,
    StockQuery,
    StockReport,
    StockSummary,
    StockSummaryQuery,
)
from app.contract.trade_reports import Ageing, OpenOrders, Purchases, Sales, StatementOfAccount, TurnoverQuery
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


@routes.get("/api/reports/sales", permission="reports:sales:view", query=TurnoverQuery, response=Sales)
def get_sales(actor: Actor, query: TurnoverQuery) -> Response:
    """Return what was sold by item, contact or month, with margins (销售统计表)."""
    return answer_report(actor, REPORTS["sales"], query)


@routes.get("/api/reports/purchases", permission="reports:purchases:view", query=TurnoverQuery, response=Purchases)
def get_purchases(actor: Actor, query: TurnoverQuery) -> Response:
    """Return what was bought by item, contact or month (采购统计表)."""
    return answer_report(actor, REPORTS["purchases"], query)


@routes.get("/api/reports/open-orders", permission="reports:open-orders:view", query=ReportQuery, response=OpenOrders)
def get_open_orders(actor: Actor, query: ReportQuery) -> Response:
    """Return what of orders is still to be delivered, received or invoiced (未完成订单表)."""
    return answer_report(actor, REPORTS["open-orders"], query)


@routes.get("/api/reports/stock", permission="reports:stock:view", query=StockQuery, response=StockReport)
def get_stock(actor: Actor, query: StockQuery) -> Response:
    """Return what is in stock at the end of a day (库存余额表)."""
    return answer_report(actor, REPORTS["stock"], query)


@routes.get(
    "/api/reports/stock-summary",
    permission="reports:stock-summary:view",
    query=StockSummaryQuery,
    response=StockSummary,
)
def get_stock_summary(actor: Actor, query: StockSummaryQuery) -> Response:
    """Return what months began with, what came in, went out and is left (收发存汇总表)."""
    return answer_report(actor, REPORTS["stock-summary"], query)


@routes.get("/api/reports/stock-card", permission="reports:stock-card:view", query=StockCardQuery, response=StockCard)
def get_stock_card(actor: Actor, query: StockCardQuery) -> Response:
    """Return every move of one item with the balance after it (库存明细账)."""
    return answer_report(actor, REPORTS["stock-card"], query)
