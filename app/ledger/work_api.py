"""What helps with vouchers, over HTTP: thin routes over services and queries."""

from __future__ import annotations

from app.contract.voucher_work import CashFlowLineList, Proposal, ProposalInput
from app.http import Routes
from app.identity.actor import Actor
from app.ledger.queries import cash_flow
from app.ledger.service import proposals

routes = Routes("voucher_work")


@routes.get("/api/cash-flow-lines", permission="ledger:account:view", response=CashFlowLineList)
def list_cash_flow_lines() -> CashFlowLineList:
    """List the lines of the cash-flow statement that cash may be counted in."""
    return cash_flow.list_cash_flow_lines()


@routes.post("/api/vouchers/proposal", permission="ledger:voucher:add", body=ProposalInput, response=Proposal)
def propose(actor: Actor, body: ProposalInput) -> Proposal:
    """Return what saving would fill in; nothing is saved."""
    return proposals.propose(actor, body)
