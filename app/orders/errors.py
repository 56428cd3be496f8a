"""What sales and purchases refuse, one function a cause, so that codes and sentences stand once."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.errors import MalformedInput, NotFound, RuleBroken
from app.kernel.text import Message, message


def document_unknown(document_id: int) -> NotFound:
    """No document has this id."""
    return NotFound("document_unknown", message("没有编号为 {id} 的单据，它可能已被删除。", id=document_id))


def payment_unknown(payment_id: int) -> NotFound:
    """No payment has this id."""
    return NotFound("payment_unknown", message("没有编号为 {id} 的收付款单，它可能已被删除。", id=payment_id))


def settlement_unknown(settlement_id: int) -> NotFound:
    """No settlement has this id."""
    return NotFound("settlement_unknown", message("没有编号为 {id} 的核销单。", id=settlement_id))


def fields_wrong(fields: Mapping[str, Message]) -> MalformedInput:
    """Several fields of one input are wrong; the sentence is the first one's."""
    first = next(iter(fields.values()))
    return MalformedInput("fields_wrong", first, fields=fields)


def state_wrong(where: Message, needed: Message) -> RuleBroken:
    """The document is not in the state this step needs."""
    return RuleBroken("document_state", message("{where}：{needed}", where=where, needed=needed))


def month_closed(where: Message, period: str) -> RuleBroken:
    """A closed month takes no documents."""
    return RuleBroken(
        "period_closed",
        message("{where}：{period} 已结账，不能再办理单据，请改用未结账月份的日期。", where=where, period=period),
    )
