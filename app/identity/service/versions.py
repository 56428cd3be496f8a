"""A change that is based on an old state is refused, with the name of who was faster and what stands there now."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import BaseModel

from app.identity.queries.log import last_change
from app.kernel.errors import Conflict
from app.kernel.text import Message, message
from app.storage.database import fetch_one, lock_suffix

UNKNOWN = "?"
"""Who changed something the log does not tell of."""


def check_version(
    given: int | None,
    version: int | None,
    object_type: str,
    object_id: object,
    current: Callable[[], BaseModel],
    where: Message | None = None,
) -> None:
    """Raise `Conflict` when a change is based on another version than the present one; none given is not checked.

    The refusal carries the whole thing as it is now (`current`), who changed it last and when: what a window needs to
    show both versions side by side. `object_type` and `object_id` are those of the log; `where` names the thing.
    """
    if given is None or given == version:
        return
    who, at = last_change(object_type, object_id) or (UNKNOWN, None)
    raise stale_version(version, who, at, current(), where)


def lock_row(table: str, row_id: int) -> None:
    """Keep others from changing a row until the unit ends: comes before its version is read to be compared."""
    fetch_one(f"SELECT id FROM {{{table}}} WHERE id = ?{lock_suffix()}", (row_id,))


def stale_version(
    version: int | None,
    who: str,
    at_ms: int | None,
    current: BaseModel,
    where: Message | None = None,
    fields: Mapping[str, Message] | None = None,
) -> Conflict:
    """Return the refusal itself; `fields` name the places of the body that are stale, where it changes many things."""
    return Conflict(
        "stale_version",
        message(
            "{where}已被{who}修改，您的改动没有保存；请查看最新内容后再改。",
            where=where or message("这条记录"),
            who=who or UNKNOWN,
        ),
        fields=fields,
        details={"version": version, "changed_by": who, "changed_at": at_ms, "current": current.model_dump()},
    )
