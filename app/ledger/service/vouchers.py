"""Saving and deleting drafts."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.contract.ledger import Voucher, VoucherInput
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.errors import RuleBroken
from app.kernel.text import message
from app.ledger.errors import state_wrong
from app.ledger.faults import faults_as_json
from app.ledger.models import LAYER_UNPOSTED
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service.asset_charges import follow_voucher, forget_voucher
from app.ledger.service.balancing import Deltas, apply_deltas
from app.ledger.service.belongings import drop_belongings
from app.ledger.service.document_vouchers import refuse_document_voucher
from app.ledger.service.entering import Known, TypedVoucher, read_voucher
from app.ledger.service.lines import insert_lines, read_lines
from app.ledger.service.locks import period_is_open
from app.ledger.service.numbering import give_back_number, take_number
from app.ledger.service.stored import StoredVoucher, lock_stored, move_balances, read_stored
from app.storage.database import execute, insert_returning_id, run_unit

LARGEST_TOTAL = 9_000_000_000_000_000_000


def save_voucher(
    actor: Actor,
    typed: VoucherInput,
    voucher_id: int | None = None,
    *,
    origin: str = "",
    known: Known | None = None,
) -> Voucher:
    """Save a voucher as a draft: a new one, or over the draft `voucher_id`.

    `origin` says where a new one comes from when nobody typed it (`closing:cost`); it stays with it. `known` is what
    its maker looked up for it already. Cash lines without
    a cash-flow line get the proposed one. A complete draft counts in the not-yet-posted balances; one with faults lists
    them and counts nowhere. Raises `MalformedInput` with fields, `NotFound`, `Conflict` for a stale version,
    `RuleBroken` for a voucher that is no draft any more or whose number cannot move.
    """
    actor.require("ledger:voucher:add" if voucher_id is None else "ledger:voucher:edit")
    if voucher_id is None:
        return run_unit(lambda: _add(actor, typed, origin, known))
    return run_unit(lambda: _change(actor, typed, voucher_id))


class NewDraft(NamedTuple):
    """A draft that was just written, its balances aside: its head, what was read, and what the log and people see."""

    stored: StoredVoucher
    new: TypedVoucher
    view: Voucher


def _add(actor: Actor, typed: VoucherInput, origin: str, known: Known | None) -> Voucher:
    draft = add_draft(actor, typed, origin=origin, known=known)
    count_draft(draft)
    return draft.view


def count_draft(draft: NewDraft) -> None:
    """Count a complete draft in the not-yet-posted balances."""
    if not draft.stored.faults:
        _count(draft.new, draft.stored.kind)


def add_draft(actor: Actor, typed: VoucherInput, *, origin: str, known: Known | None) -> NewDraft:
    """Write a new voucher as a numbered draft with its trace in the log; the caller counts it. Call inside a unit."""
    new = read_voucher(typed, known=known)
    is_open = period_is_open(new.period)
    _check_correction(typed)
    now = utc_ms()
    faults = faults_as_json(new.faults(period_open=is_open, kind=typed.kind))
    number = take_number(new.period, new.word) if is_open else None
    values: dict[str, Any] = {
        **_head_values(new, typed, faults, now),
        "number": number,
        "state": "draft",
        "maker_id": actor.user_id,
        "origin": origin,
        "correction_of": typed.correction_of,
        "created_at": now,
    }
    voucher_id = insert_returning_id(
        f"INSERT INTO {{voucher}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
    )
    insert_lines(voucher_id, new.lines)
    view = get_voucher(voucher_id)
    audit.record(actor, "ledger:voucher:add", "voucher", voucher_id, after=view.model_dump())
    unset: dict[str, Any] = dict.fromkeys(("reviewer_id", "poster_id", "cashier_id", "reversal_of", "posted_at"))
    heads = {name: value for name, value in values.items() if name in StoredVoucher._fields}
    return NewDraft(StoredVoucher(**unset, **heads, id=voucher_id, version=view.version), new, view)


def _change(actor: Actor, typed: VoucherInput, voucher_id: int) -> Voucher:
    old = read_stored(voucher_id)
    new = read_voucher(typed, old.word)
    open_by_period = {period: period_is_open(period) for period in sorted({old.period, new.period})}
    stored = lock_stored(voucher_id, typed.version)
    if stored.state != "draft":
        raise state_wrong(stored.name, message("只有草稿可以修改；已审核的请先取消审核，已记账的请红字冲销。"))
    refuse_document_voucher(stored)
    before = get_voucher(voucher_id)
    old_lines = read_lines(voucher_id)
    is_open = open_by_period.get(new.period, False)
    faults = faults_as_json(new.faults(period_open=is_open, kind=typed.kind))
    number = _moved_number(stored, new, is_open)
    move_balances(stored, old_lines, from_layer=stored.layer, to_layer=None)
    values: dict[str, Any] = {**_head_values(new, typed, faults, utc_ms()), "number": number, "cashier_id": None}
    execute("DELETE FROM {entry} WHERE voucher_id = ?", (voucher_id,))
    sets = ", ".join(f"{column} = ?" for column in values)
    execute(f"UPDATE {{voucher}} SET {sets}, version = version + 1 WHERE id = ?", [*values.values(), voucher_id])
    insert_lines(voucher_id, new.lines)
    follow_voucher(voucher_id, new.lines, old.period)
    if not faults:
        _count(new, typed.kind)
    after = get_voucher(voucher_id)
    audit.record(
        actor, "ledger:voucher:edit", "voucher", voucher_id, before=before.model_dump(), after=after.model_dump()
    )
    return after


def _head_values(new: TypedVoucher, typed: VoucherInput, faults: str, now: int) -> dict[str, Any]:
    debit_total = sum(line.debit for line in new.lines)
    credit_total = sum(line.credit for line in new.lines)
    if max(abs(debit_total), abs(credit_total)) > LARGEST_TOTAL:
        raise RuleBroken("amount_too_large", message("合计金额太大，账簿记不下。"))
    return {
        "period": new.period,
        "word": new.word,
        "date": new.date,
        "attachment_count": typed.attachment_count,
        "kind": typed.kind,
        "summary": new.lines[0].summary if new.lines else "",
        "debit_total": debit_total,
        "faults": faults,
        "updated_at": now,
    }


def _moved_number(stored: StoredVoucher, new: TypedVoucher, is_open: bool) -> int | None:
    """Return the number after a change: the same while month and word stay, else a new one of the new month."""
    if stored.number is not None and (stored.period, stored.word) == (new.period, new.word):
        return stored.number
    if stored.number is not None:
        execute("UPDATE {voucher} SET number = NULL WHERE id = ?", (stored.id,))
        give_back_number(stored.period, stored.word, stored.number)
    return take_number(new.period, new.word) if is_open else None


def _count(new: TypedVoucher, kind: str) -> None:
    deltas = Deltas()
    deltas.add(new.lines, closes_profit=kind == "close_pl")
    apply_deltas({(new.period, LAYER_UNPOSTED): deltas})


def _check_correction(typed: VoucherInput) -> None:
    """A blue voucher corrects a posted one (《会计基础工作规范》 art. 51(5))."""
    if typed.correction_of is not None and read_stored(typed.correction_of).state != "posted":
        raise RuleBroken("correction_of_unposted", message("只有已记账的凭证才用蓝字更正；没记账的请直接修改。"))


def delete_draft(actor: Actor, voucher_id: int, version: int | None = None) -> None:
    """Delete a draft; the drafts after it move up by one number.

    Raises `RuleBroken` when it is no draft, or when a later number is posted or void (then it can only be voided).
    """
    actor.require("ledger:voucher:remove")

    def work() -> None:
        period_is_open(read_stored(voucher_id).period)
        stored = lock_stored(voucher_id, version)
        if stored.state != "draft":
            raise state_wrong(stored.name, message("只有草稿可以删除；已记账的请红字冲销。"))
        refuse_document_voucher(stored)
        before = get_voucher(voucher_id)
        lines = read_lines(voucher_id)
        drop_belongings(voucher_id)
        execute("DELETE FROM {entry} WHERE voucher_id = ?", (voucher_id,))
        forget_voucher(voucher_id)
        execute("DELETE FROM {voucher} WHERE id = ?", (voucher_id,))
        if stored.number is not None:
            give_back_number(stored.period, stored.word, stored.number)
        move_balances(stored, lines, from_layer=stored.layer, to_layer=None)
        audit.record(actor, "ledger:voucher:remove", "voucher", voucher_id, before=before.model_dump())

    run_unit(work)
