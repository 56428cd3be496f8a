"""What a month still has to charge on the cards, and keeping what a voucher charged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.identity.actor import Actor
from app.kernel.text import Message
from app.ledger.asset_plan import KINDS_OF, ChargeKind
from app.ledger.queries.assets.explaining import explain
from app.ledger.queries.assets.loading import load_cards
from app.ledger.queries.vouchers import base_digits
from app.storage.database import execute, upsert_add


class ChargeDue(NamedTuple):
    """What a card still has to be charged for a month: debit the expense, credit what accumulates.

    Where nothing accumulates on an account of its own (长期待摊费用), the accumulated account is the asset's itself.
    """

    asset_id: int
    asset_code: str
    asset_name: str
    amount_minor: int
    expense_account_id: int
    expense_set_id: int
    accumulated_account_id: int
    accumulated_set_id: int
    explanation: Message


def charges_due(period: int, kind: ChargeKind) -> list[ChargeDue]:
    """Return what is still missing for a month, by the cards' codes: wanted less what standing vouchers charged.

    Nothing for cards that were charged in full, or above it by hand. What closed months before it left out comes with
    it, and the explanation says so.
    """
    kinds = KINDS_OF[kind]
    digits = base_digits()
    places = ", ".join("?" * len(kinds))
    due: list[ChargeDue] = []
    for loaded in load_cards(f"kind IN ({places})", kinds):
        closed = min(loaded.closed_until, period - 1)
        plan = loaded.plan(period, closed_until=closed)
        if not plan or plan[-1].period != period:
            continue
        month = plan[-1]
        missing = month.wanted - month.charged
        if missing <= 0:
            continue
        card = loaded.card
        account_id, set_id = card.carrier
        due.append(
            ChargeDue(
                card.id,
                card.code,
                card.name,
                missing,
                month.term.expense_account_id,
                month.term.expense_set_id,
                account_id,
                set_id,
                explain(month, digits),
            )
        )
    return due


def record_charges(actor: Actor, period: int, voucher_id: int, charges: Sequence[ChargeDue]) -> None:
    """Keep what a voucher charges on the cards for a month, in the caller's unit, which also saves that voucher.

    Deleting, voiding or reversing the voucher gives the charges back.
    """
    actor.require("ledger:voucher:add")
    statement = upsert_add("asset_charge", ["asset_id", "period", "voucher_id"], ["amount"])
    for charge in charges:
        execute(statement, (charge.asset_id, period, voucher_id, charge.amount_minor))
