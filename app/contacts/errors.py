"""What contacts refuse, one function a cause, so that codes and sentences stand once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.kernel.errors import Conflict, MalformedInput, NotFound, RuleBroken
from app.kernel.text import Message, message


def contact_unknown(contact_id: int) -> NotFound:
    """No contact has this id."""
    return NotFound("contact_unknown", message("没有编号为 {id} 的往来单位。", id=contact_id))


def group_unknown(group_id: int) -> NotFound:
    """No group has this id."""
    return NotFound("contact_group_unknown", message("没有编号为 {id} 的往来单位分组。", id=group_id))


def fields_wrong(fields: Mapping[str, Message]) -> MalformedInput:
    """Several fields of one input are wrong; the sentence is the first one's."""
    return MalformedInput("fields_wrong", next(iter(fields.values())), fields=fields)


def name_taken(name: str, kinds: Sequence[str]) -> Conflict:
    """Another contact has this name."""
    sentence = message(
        "已有往来单位“{name}”（{kinds}），请直接修改它；如果是两家，请在名称里写明区别。",
        name=name,
        kinds="、".join(kinds),
    )
    return Conflict("contact_exists", sentence, fields={"name": sentence})


def name_merged(name: str, survivor: str) -> Conflict:
    """A contact of this name was merged into another."""
    sentence = message("“{name}”已合并到“{survivor}”，请直接使用后者。", name=name, survivor=survivor)
    return Conflict("contact_merged", sentence, fields={"name": sentence})


def code_taken(code: str, name: str) -> Conflict:
    """Another contact has this code."""
    sentence = message("编码“{code}”已用于“{name}”。", code=code, name=name)
    return Conflict("contact_code_taken", sentence, fields={"code": sentence})


def role_used(kind: str, name: str) -> RuleBroken:
    """A role that entries or opening balances refer to cannot be taken away."""
    sentence = message("“{name}”作为{kind}已有凭证或期初余额，不能取消这个身份。", name=name, kind=kind)
    return RuleBroken("contact_role_used", sentence, fields={"roles": sentence})


def contact_inactive(name: str) -> RuleBroken:
    """A contact out of use takes nothing new."""
    return RuleBroken("contact_inactive", message("往来单位“{name}”已停用，请先恢复使用。", name=name))


def contact_merged(name: str, survivor: str) -> RuleBroken:
    """A merged contact takes nothing new; its survivor does."""
    return RuleBroken(
        "contact_merged", message("“{name}”已合并到“{survivor}”，请改用后者。", name=name, survivor=survivor)
    )


def merge_refused(reason: Message) -> RuleBroken:
    """Two contacts cannot become one."""
    return RuleBroken("contact_merge_refused", reason)
