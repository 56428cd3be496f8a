"""The log of changes: who did what to which object, before and after. Rows are only ever added, and only here."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import BaseModel

from app.identity.actor import Actor
from app.kernel import clock
from app.storage.database import after_commit, insert_returning_id, run_unit

DONE = "done"
MASK = "***"
SECRET_FIELDS = frozenset(
    {
        "authorization",
        "cookie",
        "csrf",
        "csrf_token",
        "key",
        "new_password",
        "old_password",
        "password",
        "password_hash",
        "secret",
        "session",
        "token",
        "token_hash",
    }
)
"""Fields whose values never enter the log, at any depth."""
MAX_ROUTE_LENGTH = 100

_INSERT = (
    "INSERT INTO {audit_log} (at, user_id, user_name, action, object_type, object_id, "
    "before_value, after_value, result, duration_ms, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Occasion:
    """In which request or command a change happens: since when (monotonic ns), and from which address.

    `committed` are the numbers of the rows it has written for good.
    """

    started_ns: int
    address: str
    counted_as: str = ""
    """Under which address failed logins are counted; empty where they are not."""
    committed: list[int] = field(default_factory=list)


_occasion: ContextVar[Occasion | None] = ContextVar("audit_occasion", default=None)


@contextmanager
def occasion(address: str, counted_as: str = "") -> Iterator[None]:
    """Note where changes come from and when their request began, for all rows recorded inside."""
    token = _occasion.set(Occasion(time.monotonic_ns(), address[:60], counted_as[:60]))
    try:
        yield
    finally:
        _occasion.reset(token)


def current_address() -> str:
    """Return where the request under way comes from; empty outside any."""
    now = _occasion.get()
    return now.address if now else ""


def committed_rows() -> tuple[int, ...]:
    """Return the numbers of the rows that the request under way has written for good so far."""
    now = _occasion.get()
    return tuple(now.committed) if now else ()


def counted_address() -> str:
    """Return under which address failed logins of the request under way are counted; empty where they are not."""
    now = _occasion.get()
    return now.counted_as if now else ""


def record(
    actor: Actor | None,
    action: str,
    object_type: str,
    object_id: object,
    before: object = None,
    after: object = None,
) -> None:
    """Write one change into the log, in the transaction of the change itself.

    `before` and `after` are contract models, mappings or lists; secrets in them are masked. `actor` is `None` for what
    nobody who is logged in did, such as a failed login.
    """
    run_unit(lambda: _insert(actor, action, object_type, str(object_id), (before, after), DONE))


def record_refusal(actor: Actor | None, action: str, object_type: str, object_id: object, code: str) -> None:
    """Write into the log that something was refused or failed, under the error's code; in a transaction of its own."""
    run_unit(lambda: _insert(actor, action, object_type, str(object_id), (None, None), code))


def _insert(
    actor: Actor | None,
    action: str,
    object_type: str,
    object_id: str,
    values: tuple[object, object],
    result: str,
) -> None:
    now = _occasion.get()
    row_id = insert_returning_id(
        _INSERT,
        (
            clock.utc_ms(),
            actor.user_id if actor else None,
            actor.name if actor else "",
            action[:MAX_ROUTE_LENGTH],
            object_type,
            object_id[:100],
            _as_text(values[0]),
            _as_text(values[1]),
            result,
            (time.monotonic_ns() - now.started_ns) // 1_000_000 if now else None,
            now.address if now else "",
        ),
    )
    if now is not None:
        # only once it is there for good: a unit that failed leaves its numbers to others
        after_commit(lambda: now.committed.append(row_id))


def _as_text(value: object) -> str | None:
    return None if value is None else orjson.dumps(masked(value), default=str).decode()


def masked(value: object) -> Any:
    """Return a value as plain data in which every secret field reads `***`."""
    if isinstance(value, BaseModel):
        value = value.model_dump()
    if isinstance(value, Mapping):
        return {
            str(name): MASK if str(name).lower() in SECRET_FIELDS and item else masked(item)
            for name, item in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [masked(item) for item in value]
    return value
