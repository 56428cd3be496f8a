"""Closing and reopening months, in order (财会〔2024〕12号 art. 24; guarantee 8)."""

from __future__ import annotations

from app.contract.closing import ClosedPeriod
from app.contract.ledger import PeriodState
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.errors import RuleBroken
from app.kernel.money import format_amount
from app.kernel.period import format_period, next_period, year_start
from app.kernel.text import Message, message
from app.ledger.models import LAYER_POSTED
from app.ledger.queries.balances import last_year_with_rows
from app.ledger.queries.periods import get_period
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.accounts import PROFIT_AND_LOSS
from app.ledger.service.closing import guests
from app.ledger.service.closing.carrying import CarriedForward, carry_forward, open_year_note
from app.ledger.service.closing.steps import step_vouchers_of
from app.ledger.service.locks import lock_period, note_state, start_period
from app.storage.database import execute, fetch_all, fetch_one, run_unit

LONGEST_LIST = 20


def close_period(actor: Actor, period: int, *, carry: bool = False) -> ClosedPeriod:
    """Close a month: from then on it takes nothing. With `carry`, what is missing of 结转损益 is made and posted first.

    Raises `RuleBroken` when an earlier month is open, a voucher is not posted, or profit and loss is not carried
    forward; `details.list` names the offending rows. Then nothing is left behind, no carry-forward either.
    """
    actor.require("ledger:period:close")

    def work() -> ClosedPeriod:
        if period < start_period():
            raise RuleBroken(
                "period_before_start", message("账簿从 {start} 开始，{period} 不能结账。", **_names(period))
            )
        if lock_period(period) == "closed":
            raise RuleBroken("period_is_closed", message("{period} 已经结账。", period=format_period(period)))
        _require_earlier_closed(period)
        _require_all_posted(period)
        carried = carry_forward(actor, period) if carry else CarriedForward([], open_year_note(period))
        guests.require_leave(period)
        _require_profit_carried(period)
        state = _change(actor, period, "closed", "ledger:period:close")
        return ClosedPeriod(
            **state.model_dump(),
            made=step_vouchers_of(carried.voucher_ids),
            notes=[str(note) for note in carried.notes],
        )

    return run_unit(work)


def reopen_period(actor: Actor, period: int) -> PeriodState:
    """Reopen the last closed month, for new vouchers only: what is posted stays as it is. Leaves a trace."""
    actor.require("ledger:period:reopen")

    def work() -> PeriodState:
        if lock_period(period) != "closed":
            raise RuleBroken("period_is_open", message("{period} 没有结账。", period=format_period(period)))
        later = fetch_one("SELECT MAX(period) FROM {period} WHERE state = 'closed' AND period > ?", (period,))
        if later and later[0]:
            raise RuleBroken(
                "period_not_last",
                message("请先反结账后面的月份（最后结账的是 {period}）。", period=format_period(later[0])),
            )
        return _change(actor, period, "open", "ledger:period:reopen")

    return run_unit(work)


def _names(period: int) -> dict[str, str]:
    return {"start": format_period(start_period()), "period": format_period(period)}


def _change(actor: Actor, period: int, state: str, action: str) -> PeriodState:
    before = get_period(period)
    execute(
        "UPDATE {period} SET state = ?, changed_by = ?, changed_at = ? WHERE period = ?",
        (state, actor.user_id, utc_ms(), period),
    )
    note_state(period, state)
    after = get_period(period)
    audit.record(actor, action, "period", period, before=before.model_dump(), after=after.model_dump())
    return after


def _require_earlier_closed(period: int) -> None:
    if period == start_period():
        return
    row = fetch_one("SELECT MAX(period) FROM {period} WHERE state = 'closed'")
    due = next_period(int(row[0])) if row and row[0] else start_period()
    if due != period:
        raise RuleBroken(
            "period_out_of_order",
            message(
                "结账要按月份顺序，{period} 之前请先结 {due}。", due=format_period(due), period=format_period(period)
            ),
        )


def _require_all_posted(period: int) -> None:
    rows = fetch_all(
        "SELECT word, number, state FROM {voucher} WHERE period = ? AND state IN ('draft', 'reviewed')"
        " ORDER BY word, number LIMIT ?",
        (period, LONGEST_LIST + 1),
    )
    if rows:
        names = [f"{word}-{number if number is not None else '?'}" for word, number, _ in rows]
        raise RuleBroken(
            "period_has_unposted",
            message("{period} 还有没记账的凭证：{list}。", period=format_period(period), list=_joined(names)),
            details={"list": names},
        )


def _require_profit_carried(period: int) -> None:
    """Every profit-and-loss account must be nil at the month's end (ACCOUNTING: 损益结转 comes last of all)."""
    year = last_year_with_rows(period // 100)
    if year is None:
        return
    upper = period if year == period // 100 else year * 100 + 12
    places = ", ".join("?" * len(PROFIT_AND_LOSS))
    rows = fetch_all(
        "SELECT a.code, a.name_zh, SUM(b.opening + b.debit - b.credit) FROM {balance} b"
        f" JOIN {{account}} a ON a.id = b.account_id WHERE a.category IN ({places}) AND b.layer = ?"
        " AND b.period BETWEEN ? AND ? GROUP BY a.code, a.name_zh, b.currency_id, b.auxiliary_set_id"
        " HAVING SUM(b.opening + b.debit - b.credit) <> 0 ORDER BY a.code",
        (*PROFIT_AND_LOSS, LAYER_POSTED, year_start(upper), upper),
    )
    if not rows:
        return
    digits = base_digits()
    sums: dict[str, tuple[str, int]] = {}
    for code, name, amount in rows:
        sums[code] = (name, sums.get(code, (name, 0))[1] + int(amount))
    names = [f"{code} {name} {format_amount(amount, digits)}" for code, (name, amount) in sums.items()]
    raise RuleBroken(
        "profit_not_carried",
        message("{period} 的损益还没有结转：{list}。", period=format_period(period), list=_joined(names)),
        details={"list": names},
    )


def _joined(names: list[str]) -> Message | str:
    shown = "、".join(names[:LONGEST_LIST])
    return message("{shown} 等", shown=shown) if len(names) > LONGEST_LIST else shown


def latest_closed_period() -> int | None:
    """Return the last closed month, or `None`."""
    row = fetch_one("SELECT MAX(period) FROM {period} WHERE state = 'closed'")
    return int(row[0]) if row and row[0] else None


def first_open_period() -> int:
    """Return the first month that takes vouchers."""
    closed = latest_closed_period()
    return start_period() if closed is None else next_period(closed)
