"""Endpoints that help with vouchers: proposals, words, templates, recurring vouchers, attachments."""

from __future__ import annotations

from app.client.calls import Calls
from app.contract.voucher_work import CashFlowLineList, Proposal, ProposalInput


class VoucherWorkCalls(Calls):
    """What helps with vouchers."""

    def list_cash_flow_lines(self) -> CashFlowLineList:
        """Return the lines of the cash-flow statement; empty where the book has none."""
        return self.transport.call("GET", "/api/cash-flow-lines", CashFlowLineList)

    def propose(self, typed: ProposalInput) -> Proposal:
        """Return what saving would fill in; nothing is saved."""
        return self.transport.call("POST", "/api/vouchers/proposal", Proposal, body=typed)
