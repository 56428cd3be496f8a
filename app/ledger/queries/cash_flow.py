"""Reads of the cash-flow statement's item lines."""

from __future__ import annotations

from app.contract.voucher_work import CashFlowLine, CashFlowLineList
from app.ledger.cash_flow_form import has_cash_flow_statement, item_lines


def list_cash_flow_lines() -> CashFlowLineList:
    """Return the lines a movement of cash may be counted in; none where the book has no cash-flow statement."""
    lines = item_lines().values() if has_cash_flow_statement() else ()
    return CashFlowLineList(lines=[CashFlowLine(**line._asdict()) for line in lines])
