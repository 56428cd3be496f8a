"""The cashier's signature (出纳签字) on vouchers that move cash or bank money, before they are posted.

A switch of the book says whether such vouchers need it; it is off by default. Who keeps the cash does not review
(会计法 art. 37: 出纳不得兼任稽核): where makers may not review, cashiers may not review what they signed either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.contract.ledger import Voucher
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.errors import RuleBroken
from app.kernel.text import message
from app.ledger.errors import state_wrong
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service.facts import read_account_facts
from app.ledger.service.lines import Line, read_lines
from app.ledger.service.locks import require_open
from app.ledger.service.review_rule import review_by_other
from app.ledger.service.rules import AccountFacts
from app.ledger.service.stored import StoredVoucher, lock_stored, read_stored
from app.ledger.voucher_rules import cashier_must_sign
from app.storage.database import execute, run_unit


def sign_voucher(actor: Actor, voucher_id: int, version: int | None = None) -> Voucher:
    """Sign an unposted voucher as its cashier. Raises `RuleBroken` where there is no cash, or a signature already."""
    actor.require("ledger:voucher:sign")

    def work() -> Voucher:
        require_open(read_stored(voucher_id).period)
        stored = lock_stored(voucher_id, version)
        _require_unposted(stored)
        if stored.cashier_id is not None:
            raise state_wrong(stored.name, message("出纳已经签过字了。"))
        if stored.faults:
            raise state_wrong(stored.name, message("草稿还不完整，补全后再签字。"))
        lines = read_lines(voucher_id)
        if not moves_cash(lines, read_account_facts(ids={line.account_id for line in lines})):
            raise state_wrong(stored.name, message("没有现金或银行存款的凭证不用出纳签字。"))
        if stored.reviewer_id == actor.user_id and review_by_other():
            raise RuleBroken("sign_own_review", message("{where}由您审核，出纳要由别人签字。", where=stored.name))
        return _write(actor, stored, actor.user_id, "ledger:voucher:sign")

    return run_unit(work)


def unsign_voucher(actor: Actor, voucher_id: int, version: int | None = None) -> Voucher:
    """Take a signature back before posting; only who signed may, or the owner."""
    actor.require("ledger:voucher:sign")

    def work() -> Voucher:
        require_open(read_stored(voucher_id).period)
        stored = lock_stored(voucher_id, version)
        _require_unposted(stored)
        if stored.cashier_id is None:
            raise state_wrong(stored.name, message("出纳还没有签字。"))
        if stored.cashier_id != actor.user_id and not actor.is_owner:
            raise RuleBroken("unsign_others", message("{where}由别人签字，只有签字人能取消。", where=stored.name))
        return _write(actor, stored, None, "ledger:voucher:unsign")

    return run_unit(work)


def moves_cash(lines: Sequence[Line], accounts: Mapping[int, AccountFacts]) -> bool:
    """Tell whether a voucher has cash or bank lines."""
    return any(accounts[line.account_id].is_cash for line in lines)


def require_signature(stored: StoredVoucher, lines: Sequence[Line], accounts: Mapping[int, AccountFacts]) -> None:
    """Raise `RuleBroken` where the book wants a cashier's signature and it is missing."""
    if stored.cashier_id is None and moves_cash(lines, accounts) and cashier_must_sign():
        raise RuleBroken("cashier_missing", message("{where}要先由出纳签字，才能记账。", where=stored.name))


def refuse_own_signature(actor: Actor, stored: StoredVoucher) -> None:
    """Raise `RuleBroken` where a cashier would review what he signed and the book keeps the two apart."""
    if stored.cashier_id == actor.user_id and review_by_other():
        raise RuleBroken("review_own_signature", message("{where}由您签字出纳，须由别人审核。", where=stored.name))


def _require_unposted(stored: StoredVoucher) -> None:
    if stored.state not in ("draft", "reviewed"):
        raise state_wrong(stored.name, message("已记账或已作废的凭证不能再签字或取消签字。"))


def _write(actor: Actor, stored: StoredVoucher, cashier_id: int | None, action: str) -> Voucher:
    execute(
        "UPDATE {voucher} SET cashier_id = ?, updated_at = ?, version = version + 1 WHERE id = ?",
        (cashier_id, utc_ms(), stored.id),
    )
    after = get_voucher(stored.id)
    audit.record(
        actor,
        action,
        "voucher",
        stored.id,
        before={"cashier_id": stored.cashier_id, "version": stored.version},
        after={"cashier_id": cashier_id, "version": after.version},
    )
    return after
