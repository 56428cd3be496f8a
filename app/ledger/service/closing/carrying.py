"""结转损益 and the year's transfers as part of closing a month: made and posted in the closing's own unit."""

from __future__ import annotations

from typing import NamedTuple

from app.contract.closing import StepKey
from app.identity.actor import Actor
from app.kernel.errors import RuleBroken
from app.kernel.text import Message, message
from app.ledger.service.closing import guests, profit_and_loss, year_end
from app.ledger.service.closing.running import save_step
from app.ledger.service.closing.scene import Computation, Scene
from app.ledger.service.review_rule import review_by_other

DECEMBER = 12


class CarriedForward(NamedTuple):
    """The vouchers a closing made, in order, and what it wants to say."""

    voucher_ids: list[int]
    notes: list[Message]


def carry_forward(actor: Actor, period: int) -> CarriedForward:
    """Make and post what is missing of 结转损益, in December of the year's transfers too; part of the closing's unit.

    The reserve and dividends are decisions and are not booked; a note says when no reserve was set aside. Raises
    `RuleBroken` when vouchers are due and the book wants another person to review them, `PermissionDenied`.
    """
    for right in ("ledger:voucher:add", "ledger:voucher:review", "ledger:voucher:post"):
        actor.require(right)
    made = _guests_part(actor, period)
    made += _make(actor, period, "profit_and_loss", profit_and_loss.compute(Scene(period)))
    notes: list[Message] = []
    if period % 100 == DECEMBER:
        notes.extend(_reserve_note(period))
        made += _make(actor, period, "year_end", year_end.transfers(Scene(period)))
    return CarriedForward(made, notes)


def open_year_note(period: int) -> list[Message]:
    """Say after a December was closed without it that 本年利润 still has to go to 未分配利润."""
    if period % 100 != DECEMBER:
        return []
    scene = Scene(period)
    profit = scene.chart.find("profit_of_year")
    left = -sum(key.base for key in scene.balances(scene.chart.leaves(profit)))
    if profit is None or not left:
        return []
    return [
        message("{account} 还有余额 {amount}，年末应转入未分配利润。", account=profit.title, amount=scene.shown(left))
    ]


def _guests_part(actor: Actor, period: int) -> list[int]:
    """Book what upper slices still owe the month, such as the cost of what left stock."""
    if not guests.concerned(period):
        return []
    found = guests.compute(Scene(period))
    if not found.drafts and found.blocked is None:
        return []
    if review_by_other():
        raise _needs_reviewer()
    return guests.carry_out(actor, period, post=True)


def _needs_reviewer() -> RuleBroken:
    return RuleBroken(
        "carry_needs_reviewer",
        message("本账簿规定制单人不能审核自己的凭证，不能自动结转；请先生成结转凭证，由别人审核记账，再结账。"),
    )


def _make(actor: Actor, period: int, key: StepKey, found: Computation) -> list[int]:
    if found.blocked is not None:
        raise RuleBroken("closing_step_blocked", found.blocked)
    if not found.drafts:
        return []
    if review_by_other():
        raise _needs_reviewer()
    saved = save_step(actor, period, key, [draft.voucher() for draft in found.drafts], post=True)
    return [voucher.id for voucher in saved]


def _reserve_note(period: int) -> list[Message]:
    scene = Scene(period)
    if scene.is_household:
        return []
    due = year_end.reserve_due(scene)
    if due is None or due.set_aside or due.wanted <= 0:
        return []
    return [
        message(
            "本年净利润 {profit}，还没有提取法定盈余公积（应提 {wanted}）；提取与分配须作决议，请在期末结账里办理。",
            profit=scene.shown(due.profit),
            wanted=scene.shown(due.wanted),
        )
    ]
