"""A change that is based on an old state is refused, with the name of who was faster and what stands there now."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel

from app.identity.queries.log import last_change
from app.kernel.errors import Conflict
from app.kernel.text import Message, message


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
    who, at = last_change(object_type, object_id) or ("?", None)
    raise Conflict(
        "stale_version",
        message(
            "{where}已被{who}修改，您的改动没有保存；请查看最新内容后再改。",
            where=where or message("这条记录"),
            who=who or "?",
        ),
        details={"version": version, "changed_by": who, "changed_at": at, "current": current().model_dump()},
    )
