"""What the ledger refuses, one function a cause, so that codes and sentences stand once."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.errors import MalformedInput, NotFound, RuleBroken
from app.kernel.text import Message, message


def account_unknown(code: str) -> NotFound:
    """No account has this code."""
    return NotFound("account_unknown", message("没有科目“{code}”，请先新增它或改选别的科目。", code=code))


def voucher_unknown(voucher_id: int) -> NotFound:
    """No voucher has this id."""
    return NotFound("voucher_unknown", message("没有编号为 {id} 的凭证，它可能已被删除。", id=voucher_id))


def fields_wrong(fields: Mapping[str, Message]) -> MalformedInput:
    """Several fields of one input are wrong; the sentence is the first one's."""
    first = next(iter(fields.values()))
    return MalformedInput("fields_wrong", first, fields=fields)


def state_wrong(where: Message, needed: Message) -> RuleBroken:
    """The voucher is not in the state this step needs."""
    return RuleBroken("voucher_state", message("{where}：{needed}", where=where, needed=needed))


def period_closed(period: str) -> RuleBroken:
    """A closed month takes nothing (guarantee 8)."""
    return RuleBroken("period_closed", message("{period} 已结账，不能再记入凭证。", period=period))
