"""Who is calling: the guard says it once a request, the routes ask."""

from __future__ import annotations

from typing import Protocol

from flask import g

from app.kernel.errors import NotAuthenticated
from app.kernel.text import message


class Caller(Protocol):
    """What the routes need to know of an actor; `app.identity.actor.Actor` is one."""

    @property
    def user_id(self) -> int:
        """Return the person's immutable id."""

    @property
    def name(self) -> str:
        """Return the person's name."""

    def may(self, permission: str) -> bool:
        """Tell whether the caller has the right."""

    def require(self, permission: str) -> None:
        """Raise `PermissionDenied` unless the caller has the right."""


def set_actor(actor: Caller | None, session_token: str = "") -> None:
    """Note who is calling, and by which session; only the guard does this, before a request is handled."""
    g.actor = actor
    g.session_token = session_token


def set_window(*, is_window: bool) -> None:
    """Note whether the window on this computer calls; a served copy has none. Only the guard does this, at the door."""
    g.from_window = is_window


def is_window() -> bool:
    """Tell whether the window on this computer is calling: whoever sits before it may know where things lie on it."""
    return bool(g.get("from_window", False))


def is_at_desktop() -> bool:
    """Tell whether a desktop answers, and no served copy."""
    return "from_window" in g


def session_token() -> str:
    """Return the token of the session in which the call comes; empty without one."""
    token: str = g.get("session_token", "")
    return token


def actor_or_none() -> Caller | None:
    """Return who is calling, or `None` when nobody is logged in."""
    actor: Caller | None = g.get("actor")
    return actor


def current_actor() -> Caller:
    """Return who is calling. Raises `NotAuthenticated` when nobody is logged in."""
    actor = actor_or_none()
    if actor is None:
        raise NotAuthenticated("login_required", message("请先登录。"))
    return actor
