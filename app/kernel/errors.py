"""The families of error: what a user did, what the world did; anything else is a bug.

A `UserError` is shown as it is. Its `category` decides HTTP status and exit code, in one table each, at the edges.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from app.kernel.text import Message


class Category(Enum):
    """What kind of refusal an error is; the HTTP edge maps each to one status."""

    MALFORMED = "malformed"  # 400
    UNAUTHENTICATED = "unauthenticated"  # 401
    FORBIDDEN = "forbidden"  # 403
    NOT_FOUND = "not_found"  # 404
    CONFLICT = "conflict"  # 409
    TOO_LARGE = "too_large"  # 413
    BROKEN_RULE = "broken_rule"  # 422
    TOO_MANY = "too_many"  # 429
    UNAVAILABLE = "unavailable"  # 503


class ZhangfangError(Exception):
    """Base of every error the program raises on purpose."""

    category = Category.BROKEN_RULE

    def __init__(
        self,
        code: str,
        message: Message,
        *,
        fields: Mapping[str, Message] | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        """Keep a stable `code`, the sentence, and per-field sentences (`entries.0.debit` style paths)."""
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.fields: dict[str, Message] = dict(fields or {})
        self.details: dict[str, object] = dict(details or {})

    @property
    def logged(self) -> str:
        """The code, with the paths and addresses in the sentence, which not everybody gets to read."""
        places = self.message.whereabouts()
        return f"{self.code} ({', '.join(places)})" if places else self.code


class UserError(ZhangfangError):
    """Something the user can put right: shown as it is, nothing was changed."""


class MalformedInput(UserError):
    """The input cannot be read: a missing field, a number that is none."""

    category = Category.MALFORMED


class NotAuthenticated(UserError):
    """Nobody is logged in, or the token or password is wrong."""

    category = Category.UNAUTHENTICATED


class PermissionDenied(UserError):
    """The actor lacks the right."""

    category = Category.FORBIDDEN


class NotFound(UserError):
    """The thing named does not exist."""

    category = Category.NOT_FOUND


class Conflict(UserError):
    """Somebody else was first: a stale version, a reused request id, a duplicate name."""

    category = Category.CONFLICT


class TooLarge(UserError):
    """A body or file is over its limit."""

    category = Category.TOO_LARGE


class RuleBroken(UserError):
    """The input is readable but breaks a rule of bookkeeping."""

    category = Category.BROKEN_RULE


class TooManyRequests(UserError):
    """A limit on attempts was reached; the sentence says when to try again."""

    category = Category.TOO_MANY


class EnvironmentFault(ZhangfangError):
    """The world's fault: disk full, database away, file locked. The sentence says what to do; trying again may work."""

    category = Category.UNAVAILABLE


def leaves_open(error: ZhangfangError) -> bool:
    """Tell whether an error says nothing of what became of an earlier try of the same order.

    Nobody answered; or the answer came before the order was looked at: log in first, not so fast.
    """
    return isinstance(error, EnvironmentFault | NotAuthenticated | TooManyRequests)
