"""Refusals that several of identity's use cases share."""

from __future__ import annotations

from app.kernel.errors import Conflict, NotAuthenticated, NotFound, TooManyRequests
from app.kernel.text import Message, message


def unknown(kind: Message, number: int) -> NotFound:
    """Return the refusal for an id that names nothing."""
    return NotFound("not_found", message("没有编号为 {number} 的{kind}。", number=number, kind=kind))


def taken(field: str, kind: Message) -> Conflict:
    """Return the refusal for a name that somebody else has."""
    return Conflict(
        "name_taken",
        message("这个{kind}已经有人用了，请换一个。", kind=kind),
        fields={field: message("这个{kind}已经有人用了，请换一个。", kind=kind)},
    )


def login_refused() -> NotAuthenticated:
    """Return the one refusal of a login: it does not tell which part was wrong, or whether the person exists."""
    return NotAuthenticated("login_refused", message("用户名或密码不对，或该用户不能登录。"))


def login_later(retry_after_s: int) -> TooManyRequests:
    """Return the refusal after too many failures, the same for names nobody has."""
    return TooManyRequests(
        "login_later",
        message("失败次数太多，请 {seconds} 秒后再试。", seconds=retry_after_s),
        details={"retry_after_s": retry_after_s},
    )


def address_later(retry_after_s: int) -> TooManyRequests:
    """Return the refusal of logins from an address that too many failed from; who is logged in goes on working."""
    return TooManyRequests(
        "address_later",
        message("从这个网络地址失败的登录太多，请 {seconds} 秒后再登录；已经登录的不受影响。", seconds=retry_after_s),
        details={"retry_after_s": retry_after_s},
    )
