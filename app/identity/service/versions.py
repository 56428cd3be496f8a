"""A change that is based on an old state is refused, with the name of who was faster."""

from __future__ import annotations

from app.identity.queries.log import last_actor_name
from app.kernel.errors import Conflict
from app.kernel.text import message


def check_version(given: int | None, current: int, object_type: str, object_id: int) -> None:
    """Raise `Conflict` when a change is based on another version than the current one; none given is not checked."""
    if given is None or given == current:
        return
    who = last_actor_name(object_type, object_id) or ""
    raise Conflict(
        "stale_version",
        message("这条记录已被“{who}”修改，请重新读取后再改。", who=who),
        details={"version": current, "changed_by": who},
    )
