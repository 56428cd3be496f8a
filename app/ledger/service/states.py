"""A voucher's way: draft → reviewed → posted; void; red reversal. Posted is for ever (财会〔2024〕12号 art. 21(3))."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence

from app.contract.ledger import BatchResult, BatchSelection, Reversal, Voucher, VoucherInput
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.corrections import reversal_summary
from app.kernel.errors import Conflict, RuleBroken
from app.kernel.period import format_period, parse_date, period_of
from app.kernel.text import message
from app.ledger.errors import period_closed, state_wrong
from app.ledger.models import LAYER_POSTED, LAYER_UNPOSTED
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service.cash_flow import cash_flow_faults, with_cash_flow
from app.ledger.service.document_vouchers import refuse_document_voucher
from app.ledger.service.entering import Known, judge
from app.ledger.service.facts import read_account_facts
from app.ledger.service.lines import Line, insert_lines, read_lines, reversed_line
from app.ledger.service.locks import period_is_open, require_open
from app.ledger.service.numbering import take_number
from app.ledger.service.review_rule import review_by_other
from app.ledger.service.rules import AccountFacts
from app.ledger.service.selecting import UNSIGNED_CASH, run_batch
from app.ledger.service.sets import read_set_facts
from app.ledger.service.signing import moves_cash, refuse_own_signature, require_signature, sign_voucher
from app.ledger.service.stored import StoredVoucher, lock_stored, move_balances, read_stored, seal
from app.ledger.service.vouchers import add_draft, count_draft
from app.ledger.service.words import word_faults
from app.ledger.voucher_rules import cashier_must_sign
from app.storage.database import execute, execute_many, fetch_one, insert_returning_id, run_unit
from app.storage.progress import Progress, no_progress


def review_voucher(actor: Actor, voucher_id: int, version: int | None = None) -> Voucher:
    """Review a complete draft. Raises `RuleBroken` with its faults, or when the maker may not review."""
    actor.require("ledger:voucher:review")
    return _step(actor, voucher_id, version, "ledger:voucher:review", _review)


def unreview_voucher(actor: Actor, voucher_id: int, version: int | None = None) -> Voucher:
    """Take a review back; only who reviewed may, or the owner."""
    actor.require("ledger:voucher:review")
    return _step(actor, voucher_id, version, "ledger:voucher:unreview", _unreview)


def post_voucher(actor: Actor, voucher_id: int, version: int | None = None) -> Voucher:
    """Post a reviewed voucher: into the ledgers, numbered, hashed, for ever."""
    actor.require("ledger:voucher:post")
    return _step(actor, voucher_id, version, "ledger:voucher:post", _post)


def void_voucher(actor: Actor, voucher_id: int, version: int | None = None, *, by_document: bool = False) -> Voucher:
    """Void an unposted voucher: it keeps its number, stays visible and counts nowhere.

    One that a document made is voided by its document alone (`by_document`).
    """
    actor.require("ledger:voucher:void")
    if not by_document:
        refuse_document_voucher(read_stored(voucher_id))
    return _step(actor, voucher_id, version, "ledger:voucher:void", _void)


def _step(
    actor: Actor,
    voucher_id: int,
    version: int | None,
    action: str,
    change: Callable[[Actor, StoredVoucher], None],
) -> Voucher:
    def work() -> Voucher:
        require_open(read_stored(voucher_id).period)
        stored = lock_stored(voucher_id, version)
        change(actor, stored)
        after = get_voucher(voucher_id)
        _note_state(actor, action, stored, after.state, after.version)
        return after

    return run_unit(work)


def _note_state(actor: Actor, action: str, stored: StoredVoucher, state: str, version: int) -> None:
    """Write into the log that a voucher has another state now."""
    audit.record(
        actor,
        action,
        "voucher",
        stored.id,
        before={"state": stored.state, "version": stored.version},
        after={"state": state, "version": version, "number": stored.number},
    )


def _review(actor: Actor, stored: StoredVoucher) -> None:
    _require_reviewable(actor, stored)
    lines, _ = ready_lines(stored)
    if stored.faults:
        # What was missing has since been mended elsewhere (an account made active again): from now on it counts.
        move_balances(stored, lines, from_layer=None, to_layer=LAYER_UNPOSTED)
    execute(
        "UPDATE {voucher} SET state = 'reviewed', reviewer_id = ?, faults = '', updated_at = ?, version = version + 1"
        " WHERE id = ?",
        (actor.user_id, utc_ms(), stored.id),
    )


def _require_reviewable(actor: Actor, stored: StoredVoucher) -> None:
    if stored.state != "draft":
        raise state_wrong(stored.name, message("只有草稿可以审核。"))
    if review_by_other() and stored.maker_id == actor.user_id:
        raise RuleBroken("review_own", message("{where}是您自己填制的，须由别人审核。", where=stored.name))
    refuse_own_signature(actor, stored)


def _unreview(actor: Actor, stored: StoredVoucher) -> None:
    if stored.state != "reviewed":
        raise state_wrong(stored.name, message("只有已审核、未记账的凭证可以取消审核。"))
    if stored.reviewer_id != actor.user_id and not actor.is_owner:
        raise RuleBroken("unreview_others", message("{where}由别人审核，只有审核人能取消。", where=stored.name))
    execute(
        "UPDATE {voucher} SET state = 'draft', reviewer_id = NULL, updated_at = ?, version = version + 1 WHERE id = ?",
        (utc_ms(), stored.id),
    )


def _post(actor: Actor, stored: StoredVoucher) -> None:
    if stored.state != "reviewed":
        raise state_wrong(stored.name, message("请先审核，再记账。"))
    lines, accounts = ready_lines(stored)
    require_signature(stored, lines, accounts)
    _seal_posted(actor, stored._replace(version=stored.version + 1), lines)
    move_balances(stored, lines, from_layer=stored.layer, to_layer=LAYER_POSTED)


def _seal_posted(
    actor: Actor, stored: StoredVoucher, lines: Sequence[Line], signatures: Mapping[int, str] | None = None
) -> None:
    now = utc_ms()
    posted = stored._replace(state="posted", poster_id=actor.user_id, posted_at=now, updated_at=now)
    seal(posted, lines, signatures)


def _void(_actor: Actor, stored: StoredVoucher) -> None:
    if stored.state not in ("draft", "reviewed"):
        raise state_wrong(stored.name, message("已记账或已作废的凭证不能作废；已记账的请红字冲销。"))
    if stored.number is None:
        raise state_wrong(stored.name, message("没有号的草稿不能作废，请直接删除。"))
    lines = read_lines(stored.id)
    seal(stored._replace(state="void", updated_at=utc_ms(), version=stored.version + 1), lines)
    move_balances(stored, lines, from_layer=stored.layer, to_layer=None)


def ready_lines(stored: StoredVoucher) -> tuple[list[Line], Mapping[int, AccountFacts]]:
    """Return the entries of a voucher that may be reviewed and posted now, with the facts of their accounts.

    Else raise `RuleBroken` with every fault. It is judged by the accounts and months as they are now. A draft of an
    older program gets its cash-flow lines here; the red copy of a voucher that has none stays as its original.
    """
    lines = read_lines(stored.id)
    accounts = read_account_facts(ids={line.account_id for line in lines})
    sets = read_set_facts(line.auxiliary_set_id for line in lines)
    faults = judge(lines, stored.period, period_is_open(stored.period), accounts, sets, stored.kind)
    if stored.reversal_of is None:
        faults += cash_flow_faults(lines, accounts) + word_faults(stored.word, lines, accounts)
    if faults:
        raise RuleBroken(
            "voucher_incomplete",
            message("{where}：{reason}", where=stored.name, reason=faults[0].message),
            fields={f"faults.{index}": fault.message for index, fault in enumerate(faults)},
        )
    return (lines if stored.reversal_of is not None else _with_stored_cash_flow(stored, lines, accounts)), accounts


def _with_stored_cash_flow(
    stored: StoredVoucher, lines: list[Line], accounts: Mapping[int, AccountFacts]
) -> list[Line]:
    filled = with_cash_flow(lines, accounts)
    if filled == lines:
        return lines
    execute_many(
        "UPDATE {entry} SET cash_flow_line = ? WHERE voucher_id = ? AND line = ?",
        [(line.cash_flow_line, stored.id, line.line) for line in filled],
    )
    move_balances(stored, lines, from_layer=stored.layer, to_layer=None)
    move_balances(stored, filled, from_layer=None, to_layer=stored.layer)
    return filled


def reverse_voucher(actor: Actor, voucher_id: int, wish: Reversal, *, by_document: bool = False) -> Voucher:
    """Make the red reversal of a posted voucher: a linked copy with every amount negative on its own side.

    Dated as wished, else on the original's date when its month is still open, else on the first day of the first open
    month after it. Stays a draft unless `post` is wished (which needs the rights to review and post). Raises
    `RuleBroken` for a voucher that is not posted or has been reversed already, and for one of an earlier year: its
    errors are corrected in blue (art. 51(5)); taking back an estimate of last year (暂估) is none and says so. One
    that a document made is reversed by its document alone (`by_document`).
    """
    actor.require("ledger:voucher:reverse")

    def work() -> Voucher:
        original = read_stored(voucher_id)
        if not by_document:
            refuse_document_voucher(original)
        date = parse_date(wish.date) if wish.date else _reversal_date(original)
        period = period_of(date)
        if not wish.estimate:
            require_same_year(original, period)
        if not period_is_open(period):
            raise period_closed(format_period(period))
        original = lock_stored(voucher_id, wish.version)
        if original.state != "posted":
            raise state_wrong(original.name, message("只有已记账的凭证才红字冲销；没记账的请直接修改。"))
        taken = fetch_one("SELECT id FROM {voucher} WHERE reversal_of = ? AND state <> 'void'", (voucher_id,))
        if taken:
            raise Conflict("already_reversed", message("{where}已经冲销过了。", where=original.name))
        red_id = _insert_red(actor, original, date)
        audit.record(
            actor, "ledger:voucher:reverse", "voucher", red_id, after={"reversal_of": voucher_id, "date": str(date)}
        )
        if wish.post:
            review_and_post(actor, red_id)
        return get_voucher(red_id)

    return run_unit(work)


def _reversal_date(original: StoredVoucher) -> datetime.date:
    if period_is_open(original.period):
        return parse_date(original.date)
    row = fetch_one("SELECT MAX(period) FROM {period} WHERE state = 'closed'")
    closed = int(row[0]) if row and row[0] else original.period
    year, month = divmod(closed, 100)
    return datetime.date(year + month // 12, month % 12 + 1, 1)


def _insert_red(actor: Actor, original: StoredVoucher, date: datetime.date) -> int:
    period = period_of(date)
    summary = reversal_summary(original.date, original.word, original.number, date.isoformat())
    lines = [reversed_line(line, period=period, summary=summary, number=line.line) for line in read_lines(original.id)]
    now = utc_ms()
    number = take_number(period, original.word)
    values: dict[str, object] = {
        "period": period,
        "word": original.word,
        "number": number,
        "date": date.isoformat(),
        "attachment_count": 0,
        "state": "draft",
        "kind": original.kind,
        "maker_id": actor.user_id,
        "origin": "reversal",
        "reversal_of": original.id,
        "summary": summary,
        "debit_total": sum(line.debit for line in lines),
        "faults": "",
        "created_at": now,
        "updated_at": now,
    }
    red_id = insert_returning_id(
        f"INSERT INTO {{voucher}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
    )
    insert_lines(red_id, lines)
    move_balances(read_stored(red_id), lines, from_layer=None, to_layer=LAYER_UNPOSTED)
    return red_id


def require_same_year(original: StoredVoucher, period: int) -> None:
    """Raise `RuleBroken` when a voucher of an earlier year would be corrected by red (art. 51(5))."""
    if original.period // 100 != period // 100:
        raise RuleBroken(
            "correction_prior_year",
            message("{where}是以前年度的凭证，有错要填一张蓝字更正凭证，不用红字冲销。", where=original.name),
        )


def review_and_post(actor: Actor, voucher_id: int) -> None:
    """Review, sign where the book wants it, and post in one go: what `--post` and `post` do; needs all the rights."""

    def work() -> None:
        stored = read_stored(voucher_id)
        if stored.cashier_id is None and cashier_must_sign():
            lines = read_lines(voucher_id)
            if moves_cash(lines, read_account_facts(ids={line.account_id for line in lines})):
                sign_voucher(actor, voucher_id)
        if stored.state != "draft":
            post_voucher(actor, voucher_id)
            return
        actor.require("ledger:voucher:review")
        actor.require("ledger:voucher:post")
        require_open(stored.period)
        stored = lock_stored(voucher_id, None)
        _require_reviewable(actor, stored)
        lines, accounts = ready_lines(stored)
        require_signature(stored, lines, accounts)
        _post_draft(actor, stored, lines)
        move_balances(stored, lines, from_layer=stored.layer, to_layer=LAYER_POSTED)

    run_unit(work)


def save_and_post(actor: Actor, typed: VoucherInput, *, origin: str = "", known: Known | None = None) -> Voucher:
    """Save a new voucher, review it and post it: what `save_voucher` and `review_and_post` do, with what was just read.

    One with faults stays a draft, returned with them. Returned is the voucher as it was saved.
    """
    for right in ("ledger:voucher:add", "ledger:voucher:review", "ledger:voucher:post"):
        actor.require(right)

    def work() -> Voucher:
        draft = add_draft(actor, typed, origin=origin, known=known)
        stored, new = draft.stored, draft.new
        if stored.faults or (cashier_must_sign() and moves_cash(new.lines, new.accounts)):
            count_draft(draft)
            if not stored.faults:
                review_and_post(actor, stored.id)
            return draft.view
        _require_reviewable(actor, stored)
        _post_draft(actor, stored, new.lines, new.signatures)
        move_balances(stored, new.lines, from_layer=None, to_layer=LAYER_POSTED)
        return draft.view

    return run_unit(work)


def _post_draft(
    actor: Actor, stored: StoredVoucher, lines: Sequence[Line], signatures: Mapping[int, str] | None = None
) -> None:
    """Seal a complete draft as reviewed and posted by the actor; both steps stand in the log."""
    reviewed = stored._replace(state="reviewed", reviewer_id=actor.user_id, version=stored.version + 1)
    _note_state(actor, "ledger:voucher:review", stored, "reviewed", reviewed.version)
    _note_state(actor, "ledger:voucher:post", reviewed, "posted", reviewed.version + 1)
    _seal_posted(actor, reviewed._replace(version=reviewed.version + 1), lines, signatures)


def review_batch(actor: Actor, selection: BatchSelection, progress: Progress = no_progress) -> BatchResult:
    """Review all that are ready among the selected; each on its own, the refused are listed."""
    actor.require("ledger:voucher:review")
    return run_batch(selection, ("draft",), lambda voucher_id: review_voucher(actor, voucher_id), progress)


def post_batch(
    actor: Actor, selection: BatchSelection, *, review: bool = False, progress: Progress = no_progress
) -> BatchResult:
    """Post all that are ready among the selected; with `review`, drafts are reviewed first."""
    actor.require("ledger:voucher:post")
    if review:
        actor.require("ledger:voucher:review")
        return run_batch(selection, ("draft", "reviewed"), lambda number: review_and_post(actor, number), progress)
    return run_batch(selection, ("reviewed",), lambda voucher_id: post_voucher(actor, voucher_id), progress)


def sign_batch(actor: Actor, selection: BatchSelection, progress: Progress = no_progress) -> BatchResult:
    """Sign all unsigned vouchers with cash or bank among the selected; each on its own, the refused are listed."""
    actor.require("ledger:voucher:sign")
    return run_batch(
        selection, ("draft", "reviewed"), lambda voucher_id: sign_voucher(actor, voucher_id), progress, UNSIGNED_CASH
    )
