"""Nobody grants a right he lacks, and nobody but an owner touches an owner."""

from __future__ import annotations

from collections.abc import Iterable

from app.identity.actor import Actor
from app.identity.queries.actors import person_as_actor
from app.identity.queries.people import rights_of_roles
from app.identity.right_names import names_of
from app.kernel.errors import MalformedInput, PermissionDenied
from app.kernel.text import message
from app.storage.database import execute, fetch_all


def require_grantable(actor: Actor, rights: Iterable[str]) -> None:
    """Raise `PermissionDenied` when the actor lacks one of the rights he is about to give."""
    if actor.is_owner:
        return
    missing = sorted(set(rights) - actor.permissions)
    if missing:
        raise PermissionDenied(
            "grant_refused",
            message("不能授予自己没有的权限：{permissions}。", permissions=names_of(missing)),
            details={"permissions": missing},
        )


def require_grantable_roles(actor: Actor, role_ids: Iterable[int]) -> None:
    """Raise `MalformedInput` for unknown roles, `PermissionDenied` for roles with rights the actor lacks."""
    wanted = sorted(set(role_ids))
    if not wanted:
        return
    places = ", ".join("?" * len(wanted))
    known = {row[0] for row in fetch_all(f"SELECT id FROM {{role}} WHERE id IN ({places})", wanted)}
    if unknown := [number for number in wanted if number not in known]:
        sentence = message("没有编号为 {number} 的角色。", number=unknown[0])
        raise MalformedInput("role_unknown", sentence, fields={"roles": sentence})
    require_grantable(actor, rights_of_roles(wanted))


def require_not_above(actor: Actor, user_id: int) -> None:
    """Raise `PermissionDenied` when the person has rights the actor lacks, deactivated or not.

    Else whoever may reset passwords or rename logins could become anybody; and a token with some of a person's rights
    could give itself all of them.
    """
    if actor.is_owner:
        return
    target = person_as_actor(user_id)
    if target is not None and (target.is_owner or not target.permissions <= actor.permissions):
        raise PermissionDenied("person_above", message("该用户的权限比您大，只有账簿所有者能改。"))


def bump_permission_version(user_ids: Iterable[int]) -> None:
    """Note that what these people may do has changed; open windows make their menus anew."""
    for user_id in user_ids:
        execute("UPDATE {user} SET permission_version = permission_version + 1 WHERE id = ?", (user_id,))
