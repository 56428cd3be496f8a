"""A desk at which tests go through the steps of a month's close, and short ways to say what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.contract.closing import ClosingPlan, ClosingStep, StepProposal, StepRun
from app.contract.ledger import EntryInput, VoucherInput
from app.identity.actor import Actor
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service.closing import running, steps
from app.storage.database import fetch_one

Booked = tuple[str, str, str, str]
"""account code, auxiliaries, debit, credit"""


def propose(owner: Actor, period: int, step: str, parameters: Mapping[str, str] | None = None) -> StepProposal:
    """Compute a step."""
    return steps.propose(owner, period, step, parameters or {})


def run(
    owner: Actor,
    period: int,
    step: str,
    parameters: Mapping[str, str] | None = None,
    *,
    vouchers: Sequence[VoucherInput] | None = None,
    post: bool = True,
) -> ClosingStep:
    """Propose a step, and save what it proposes (or `vouchers` instead)."""
    proposal = propose(owner, period, step, parameters)
    wish = StepRun(
        vouchers=list(proposal.vouchers if vouchers is None else vouchers),
        parameters=dict(parameters or {}),
        fingerprint=proposal.fingerprint,
        post=post,
    )
    return running.run_step(owner, period, step, wish)


def state_of(owner: Actor, period: int, step: str) -> tuple[str, str]:
    """Return a step's state and note."""
    view = next(one for one in plan(owner, period).steps if one.key == step)
    return view.state, view.note


def plan(owner: Actor, period: int) -> ClosingPlan:
    """Return how far a month is."""
    return steps.plan(owner, period)


def typed(entry: EntryInput) -> Booked:
    """What a proposed line books."""
    return entry.account_code, entry.aux, entry.debit, entry.credit


def proposed(proposal: StepProposal) -> list[list[Booked]]:
    """What the proposed vouchers book, one list a voucher."""
    return [[typed(entry) for entry in voucher.entries] for voucher in proposal.vouchers]


def booked(voucher_id: int) -> list[Booked]:
    """What a stored voucher books."""
    found = []
    for entry in get_voucher(voucher_id).entries:
        debit, credit = (entry.debit, "") if entry.side == "debit" else ("", entry.credit)
        found.append((entry.account_code, entry.aux, debit, credit))
    return found


def figure(proposal: StepProposal, label: str) -> str:
    """Return the value of the computation's line of this label."""
    return next(row.value for row in proposal.rows if row.label == label)


def balance(code: str, period: int = 999912) -> int:
    """The account's posted balance in fen up to a month, debit positive; with all below it, openings included."""
    row = fetch_one(
        "SELECT SUM(CASE WHEN b.period = (SELECT MIN(year) * 100 FROM {fiscal_year}) THEN b.opening ELSE 0 END"
        " + b.debit - b.credit) FROM {balance} b JOIN {account} a ON a.id = b.account_id"
        " WHERE a.code LIKE ? AND b.layer = 0 AND b.period <= ?",
        (f"{code}%", period),
    )
    return int(row[0] or 0) if row else 0
