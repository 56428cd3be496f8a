"""Carrying out a step: its vouchers saved (and posted), what people settled for or skipped kept. One unit each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from app.contract.closing import ClosingStep, StepKey, StepRun
from app.contract.ledger import Voucher, VoucherInput, VoucherKind
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.kernel.clock import utc_ms
from app.kernel.errors import Conflict, MalformedInput, RuleBroken
from app.kernel.period import format_period, parse_date, period_of
from app.kernel.text import clean_text, message
from app.ledger.asset_plan import ChargeKind
from app.ledger.queries.closing import origin_of
from app.ledger.service.asset_charges import follow_voucher
from app.ledger.service.assets.due import ChargeDue, charges_due, record_charges
from app.ledger.service.closing import guests
from app.ledger.service.closing.steps import (
    OPTIONAL,
    TITLES,
    Computed,
    StepRow,
    compute,
    computing_step,
    read_rows,
    require_in_book,
    step_view,
)
from app.ledger.service.lines import read_lines
from app.ledger.service.locks import lock_period
from app.ledger.service.states import review_and_post
from app.ledger.service.vouchers import save_voucher
from app.storage.database import execute, fetch_one, run_unit

CHARGE_STEPS: dict[StepKey, ChargeKind] = {"depreciation": "depreciation", "amortisation": "amortisation"}
YEAR_END_KINDS: tuple[VoucherKind, ...] = ("close_year", "normal")


def run_step(actor: Actor, period: int, step: str, run: StepRun) -> ClosingStep:
    """Save a step's vouchers as they were edited, post them if wished, and return how far the step is.

    Raises `Conflict` when the proposal is stale, `RuleBroken` for a closed month, a voucher outside the month or one
    that is not complete; nothing is kept then.
    """
    actor.require("ledger:closing:run")
    key = computing_step(step)
    require_in_book(period)

    def work() -> ClosingStep:
        _lock_open(period)
        row = read_rows(period).get(key)
        parameters = {**(row.parameters if row else {}), **run.parameters}
        computed = compute(period, key, parameters)
        if run.fingerprint and run.fingerprint != computed.fingerprint:
            raise Conflict(
                "closing_changed",
                message("账上有了变化，“{step}”的结果已经不同，没有保存；请重新计算。", step=TITLES[key]),
            )
        if computed.found.blocked is not None:
            raise RuleBroken("closing_step_blocked", computed.found.blocked)
        kept = _changed(period, key, parameters)
        due = charges_due(period, CHARGE_STEPS[key]) if key in CHARGE_STEPS and run.vouchers else []
        if key == "stock_cost":  # what stock costs is computed, not edited
            made = guests.carry_out(actor, period, post=run.post)
        else:
            saved = save_step(actor, period, key, run.vouchers, post=run.post)
            made = [voucher.id for voucher in saved]
            if due:
                _record(actor, period, saved, due)
        left = compute(period, key, parameters)
        _keep(actor, period, key, "settled", "", kept, left)
        audit.record(
            actor,
            "ledger:closing:run",
            "closing_step",
            f"{period}:{key}",
            after={"vouchers": made, "parameters": dict(run.parameters)},
        )
        return step_view(period, key, read_rows(period).get(key))

    return run_unit(work)


def skip_step(actor: Actor, period: int, step: str, reason: str, version: int | None = None) -> ClosingStep:
    """Leave a step out.

    Raises `RuleBroken` for one that may not be, `MalformedInput` without a reason, `Conflict` for a stale version.
    """
    actor.require("ledger:closing:run")
    key = computing_step(step)
    require_in_book(period)
    why = clean_text(reason)
    if key not in OPTIONAL:
        raise RuleBroken("closing_step_needed", message("“{step}”不能跳过。", step=TITLES[key]))
    if not why:
        raise MalformedInput("reason_missing", message("请写明跳过的原因。"))

    def work() -> ClosingStep:
        _lock_open(period)
        row = _current(period, key, version)
        _keep(actor, period, key, "skipped", why, row.parameters if row else {}, None)
        audit.record(actor, "ledger:closing:skip", "closing_step", f"{period}:{key}", after={"reason": why})
        return step_view(period, key, read_rows(period).get(key))

    return run_unit(work)


def reset_step(actor: Actor, period: int, step: str, version: int | None = None) -> ClosingStep:
    """Forget that a step was skipped or settled, and what was typed for it; its vouchers stay.

    Raises `Conflict` for a stale version.
    """
    actor.require("ledger:closing:run")
    key = computing_step(step)
    require_in_book(period)

    def work() -> ClosingStep:
        _lock_open(period)
        before = _current(period, key, version)
        execute("DELETE FROM {closing_step} WHERE period = ? AND step = ?", (period, key))
        if before is not None:
            audit.record(
                actor, "ledger:closing:reset", "closing_step", f"{period}:{key}", before={"state": before.state}
            )
        return step_view(period, key, None)

    return run_unit(work)


def save_step(
    actor: Actor, period: int, key: StepKey, vouchers: Sequence[VoucherInput], *, post: bool
) -> list[Voucher]:
    """Save a step's vouchers with its mark; part of the unit under way. Raises `RuleBroken` for one with faults."""
    saved: list[Voucher] = []
    for typed in vouchers:
        if period_of(parse_date(typed.date)) != period:
            raise RuleBroken("closing_date", message("结账凭证的日期要在 {period} 内。", period=format_period(period)))
        voucher = save_voucher(
            actor,
            typed.model_copy(update={"kind": _kind(key, typed.kind), "correction_of": None, "version": None}),
            origin=origin_of(key, period),
        )
        if voucher.faults:
            raise RuleBroken(
                "voucher_incomplete",
                message("{step}的凭证有错误：{reason}", step=TITLES[key], reason=voucher.faults[0].message),
                details={"faults": [fault.message for fault in voucher.faults]},
            )
        if post:
            review_and_post(actor, voucher.id)
        saved.append(voucher)
    return saved


def _kind(key: StepKey, typed: VoucherKind) -> VoucherKind:
    if key == "profit_and_loss":
        return "close_pl"
    if key == "year_end":
        return typed if typed in YEAR_END_KINDS else "close_year"
    return "transfer"


def _lock_open(period: int) -> None:
    if lock_period(period) == "closed":
        raise RuleBroken("period_is_closed", message("{period} 已经结账。", period=format_period(period)))


def _current(period: int, key: StepKey, version: int | None) -> StepRow | None:
    """Return what was said of a step of a locked month. Raises `Conflict` when the client has seen something else."""
    row = read_rows(period).get(key)
    now = row.changed_at if row is not None else 0
    where = message("结账步骤“{step}”", step=TITLES[key])
    check_version(version, now, "closing_step", f"{period}:{key}", lambda: step_view(period, key, row), where)
    return row


def _changed(period: int, key: StepKey, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that differ from what the step computes by itself: only those were meant.

    A client that sends every input back must not freeze computed figures, or what comes later would not be seen.
    """
    computed = {one.key: one.value for one in compute(period, key, {}).scene.inputs}
    return {name: value for name, value in parameters.items() if computed.get(name) != value}


def _record(actor: Actor, period: int, saved: Sequence[Voucher], due: Sequence[ChargeDue]) -> None:
    """Let the cards take what was charged: as computed, then as the voucher was edited."""
    record_charges(actor, period, saved[0].id, due)
    follow_voucher(saved[0].id, read_lines(saved[0].id), period)


def _keep(
    actor: Actor,
    period: int,
    key: StepKey,
    state: str,
    reason: str,
    parameters: Mapping[str, str],
    left: Computed | None,
) -> None:
    row = fetch_one("SELECT changed_at FROM {closing_step} WHERE period = ? AND step = ?", (period, key))
    version = max(utc_ms(), int(row[0]) + 1 if row is not None else 0)  # it rises, whatever the clock does
    execute("DELETE FROM {closing_step} WHERE period = ? AND step = ?", (period, key))
    execute(
        "INSERT INTO {closing_step} (period, step, state, reason, parameters, settled_for, changed_by, changed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(period, key, state, reason, json.dumps(dict(parameters), ensure_ascii=False)),
            *(left.fingerprint if left else "", actor.user_id, version),
        ),
    )
