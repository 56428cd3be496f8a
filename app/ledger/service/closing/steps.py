"""The steps of a month: how far each is, what it proposes, saving, skipping, forgetting.

A step has a row in `closing_step` only when a person settled or skipped it. What it still lacks is computed each time,
so a row never hides a difference: `settled_for` says which proposal somebody settled for, and a later one is due again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

from app.contract.closing import ClosingPlan, ClosingStep, StepKey, StepProposal, StepState, StepVoucher
from app.identity.actor import Actor
from app.kernel.errors import NotFound, RuleBroken, UserError
from app.kernel.money import format_amount
from app.kernel.period import format_period
from app.kernel.text import Message, message
from app.ledger.queries.closing import step_voucher_ids
from app.ledger.queries.periods import get_period
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.closing import (
    charges,
    cost,
    guests,
    income_tax,
    profit_and_loss,
    revaluation,
    surcharges,
    vat,
    year_end,
)
from app.ledger.service.closing.checks import check_month
from app.ledger.service.closing.scene import Computation, Scene
from app.ledger.service.locks import start_period
from app.storage.database import fetch_all, fetch_one, read_snapshot

TITLES: dict[StepKey, Message] = {
    "checks": message("结账前检查"),
    "revaluation": message("期末调汇"),
    "depreciation": message("计提折旧"),
    "amortisation": message("摊销"),
    "stock_cost": message("结转出库成本"),
    "cost": message("结转成本"),
    "vat": message("结转增值税"),
    "surcharges": message("计提附加税费"),
    "income_tax": message("计提所得税"),
    "profit_and_loss": message("结转损益"),
    "year_end": message("年末结转"),
    "close": message("结账"),
}
COMPUTATIONS: dict[StepKey, Callable[[Scene], Computation]] = {
    "revaluation": revaluation.compute,
    "depreciation": charges.compute_depreciation,
    "amortisation": charges.compute_amortisation,
    "stock_cost": guests.compute,
    "cost": cost.compute,
    "vat": vat.compute,
    "surcharges": surcharges.compute,
    "income_tax": income_tax.compute,
    "profit_and_loss": profit_and_loss.compute,
    "year_end": year_end.compute,
}
OPTIONAL = frozenset(COMPUTATIONS) - {"profit_and_loss", "stock_cost"}


class StepRow(NamedTuple):
    """What a person said about a step."""

    state: str
    reason: str
    parameters: dict[str, str]
    settled_for: str
    changed_by: str
    changed_at: int


def step_key(text: str) -> StepKey:
    """Read a step's name. Raises `NotFound`."""
    for key in TITLES:
        if key == text:
            return key
    raise NotFound("closing_step_unknown", message("没有“{step}”这个结账步骤。", step=text))


def computing_step(text: str) -> StepKey:
    """Read the name of a step that makes vouchers. Raises `NotFound`, `RuleBroken` for checks and close."""
    key = step_key(text)
    if key not in COMPUTATIONS:
        raise RuleBroken("closing_step_fixed", message("“{step}”不生成凭证。", step=TITLES[key]))
    return key


def plan(actor: Actor, period: int) -> ClosingPlan:
    """Return how far a month is. Raises `RuleBroken` for a month before the book's start."""
    actor.require("ledger:closing:view")
    require_in_book(period)
    with read_snapshot():
        scene = Scene(period)
        checks = check_month(scene)
        state = get_period(period).state
        rows = read_rows(period)
        steps = [_view_of_checks(any(check.severity == "stop" for check in checks))]
        steps.extend(step_view(period, key, rows.get(key)) for key in _steps_of(period))
        steps.append(_view_of_close(state, steps))
    return ClosingPlan(period=format_period(period), state=state, checks=checks, steps=steps)


def _steps_of(period: int) -> list[StepKey]:
    """Return the steps that make vouchers; that of the guests only where one has something to do."""
    return [key for key in COMPUTATIONS if key != "stock_cost" or guests.concerned(period)]


def require_in_book(period: int) -> None:
    """Raise `RuleBroken` for a month before the book's start."""
    if period < start_period():
        raise RuleBroken(
            "period_before_start",
            message(
                "账簿从 {start} 开始，{period} 不能结账。",
                start=format_period(start_period()),
                period=format_period(period),
            ),
        )


def _view_of_checks(stopped: bool) -> ClosingStep:
    note = str(message("先处理列出的问题。")) if stopped else ""
    return ClosingStep(
        key="checks", title=str(TITLES["checks"]), state="blocked" if stopped else "done", note=note, optional=False
    )


def _view_of_close(state: str, steps: list[ClosingStep]) -> ClosingStep:
    title = str(TITLES["close"])
    if state == "closed":
        return ClosingStep(key="close", title=title, state="done", optional=False)
    needed = ("checks", "stock_cost", "profit_and_loss")
    waiting = [step.title for step in steps if step.key in needed and step.state in ("blocked", "due")]
    if waiting:
        note = str(message("先完成：{steps}。", steps="、".join(waiting)))
        return ClosingStep(key="close", title=title, state="blocked", note=note, optional=False)
    open_year = any(step.key == "year_end" and step.state == "due" for step in steps)
    note = str(message("年末结转还没有做完。")) if open_year else ""
    return ClosingStep(key="close", title=title, state="due", note=note, optional=False)


def step_view(period: int, key: StepKey, row: StepRow | None) -> ClosingStep:
    """Return how far a step that makes vouchers is."""
    vouchers = step_vouchers(period, key)
    note: Message | str = ""
    state: StepState
    try:
        computed = compute(period, key, row.parameters if row else {})
    except UserError as error:
        state, note = "blocked", error.message
    else:
        state, note = _state_of(computed, key, row, bool(vouchers))
    if row is not None and row.state == "skipped":
        state, note = "skipped", row.reason
    return ClosingStep(
        key=key,
        title=str(TITLES[key]),
        state=state,
        note=str(note),
        optional=key in OPTIONAL,
        vouchers=vouchers,
        changed_by=row.changed_by if row else None,
        changed_at=row.changed_at if row else None,
        version=row.changed_at if row else 0,
    )


class Computed(NamedTuple):
    """A computation with the scene it was made in and its fingerprint."""

    scene: Scene
    found: Computation
    fingerprint: str


def compute(period: int, key: StepKey, parameters: Mapping[str, str]) -> Computed:
    """Compute a step. Raises what the chart or the typed parameters lack."""
    scene = Scene(period, parameters)
    found = COMPUTATIONS[key](scene)
    scene.require_readable()
    return Computed(scene, found, _fingerprint(period, key, found))


def _fingerprint(period: int, key: StepKey, found: Computation) -> str:
    if not found.drafts:
        return ""
    vouchers = [draft.voucher().model_dump() for draft in found.drafts]
    text = json.dumps([period, key, vouchers], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _state_of(
    computed: Computed, key: StepKey, row: StepRow | None, has_vouchers: bool
) -> tuple[StepState, Message | str]:
    found = computed.found
    if found.blocked is not None:
        return "blocked", found.blocked
    if found.drafts:
        if row is not None and row.state == "settled" and row.settled_for == computed.fingerprint:
            return "done", message("按修改后的金额入账，与计算结果有差额。")
        note: Message | str = message("生成凭证后又有变化，须补差额。") if has_vouchers else ""
        return "due", note
    if has_vouchers or (key == "profit_and_loss" and row is not None):
        return "done", ""
    return "nothing", found.note or ""


def step_vouchers(period: int, key: StepKey) -> list[StepVoucher]:
    """Return the vouchers of a step, red reversals with them."""
    return step_vouchers_of(step_voucher_ids(period, key))


def step_vouchers_of(ids: list[int]) -> list[StepVoucher]:
    """Return vouchers as steps list them, in the order they were made."""
    if not ids:
        return []
    digits = base_digits()
    rows = fetch_all(
        "SELECT id, word, number, state, kind, summary, debit_total, reversal_of FROM {voucher}"
        f" WHERE id IN ({', '.join('?' * len(ids))}) ORDER BY id",
        ids,
    )
    return [
        StepVoucher(
            id=int(row[0]),
            word=row[1],
            number=row[2],
            state=row[3],
            kind=row[4],
            summary=row[5],
            amount=format_amount(int(row[6]), digits),
            is_reversal=row[7] is not None,
        )
        for row in rows
    ]


def read_rows(period: int) -> dict[str, StepRow]:
    """Return what people said about the steps of a month."""
    rows = fetch_all(
        "SELECT s.step, s.state, s.reason, s.parameters, s.settled_for, u.name, s.changed_at FROM {closing_step} s"
        " JOIN {user} u ON u.id = s.changed_by WHERE s.period = ?",
        (period,),
    )
    return {row[0]: StepRow(row[1], row[2], json.loads(row[3]), row[4], row[5], int(row[6])) for row in rows}


def propose(actor: Actor, period: int, step: str, parameters: Mapping[str, str]) -> StepProposal:
    """Compute what a step would book with these parameters; those left out keep what was typed before, if anything."""
    actor.require("ledger:closing:view")
    key = computing_step(step)
    require_in_book(period)
    with read_snapshot():
        row = read_rows(period).get(key)
        typed = {**(row.parameters if row else {}), **parameters}
        computed = compute(period, key, typed)
        state, note = _state_of(computed, key, row, bool(step_voucher_ids(period, key)))
        if row is not None and row.state == "skipped":
            state, note = "skipped", row.reason
        found = computed.found
        warnings = [*found.warnings]
        waiting = _waiting(period)
        if waiting:
            warnings.append(message("本月还有 {count} 张凭证没有记账，已按它们将会记账来计算。", count=waiting))
        return StepProposal(
            period=format_period(period),
            step=key,
            title=str(TITLES[key]),
            state=state,
            note=str(note),
            rows=found.rows,
            inputs=computed.scene.inputs,
            vouchers=[draft.voucher() for draft in found.drafts],
            warnings=[str(warning) for warning in warnings],
            fingerprint=computed.fingerprint,
        )


def _waiting(period: int) -> int:
    row = fetch_one("SELECT COUNT(*) FROM {voucher} WHERE period = ? AND state IN ('draft', 'reviewed')", (period,))
    return int(row[0]) if row else 0
