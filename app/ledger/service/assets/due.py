"""What a month still has to charge on the cards, and keeping what a voucher charged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.identity.actor import Actor
from app.kernel.money import format_amount, group_thousands
from app.kernel.text import Message, message
from app.ledger.asset_plan import KINDS_OF, YEAR, ChargeKind, PlannedMonth
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


def explain(month: PlannedMonth, digits: int) -> Message:
    """Return how a month's charge comes about."""

    def money(minor: int) -> str:
        return group_thousands(format_amount(minor, digits))

    leg = month.leg
    index = month.months - 1 - leg.offset
    params = {"base": money(leg.base), "residual": money(leg.residual), "months": leg.months}
    if index >= leg.months - 1:
        text = message("最后一个月，提足余下的金额")
    elif leg.method == "straight_line":
        text = message("直线法：({base} − {residual}) ÷ {months} 个月", **params)
    elif leg.method == "sum_of_years":
        text = message(
            "年数总和法第 {year} 年：({base} − {residual}) 按 {months} 个月的年数总和分摊，再按月平均",
            year=index // YEAR + 1,
            **params,
        )
    else:
        text = message(
            "双倍余额递减法第 {year} 年：年初账面价值 × 2 ÷ {months} 个月（最后两年平均）",
            year=index // YEAR + 1,
            months=leg.months,
        )
    if month.made_good:
        text = message("{text}；含补提以前月份 {amount}", text=text, amount=money(month.made_good))
    if month.charged:
        text = message("{text}；已计提 {amount}", text=text, amount=money(month.charged))
    return text
