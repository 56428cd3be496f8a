"""Reading people and what they may do."""

from __future__ import annotations

from typing import Any

from app.contract.identity import User, UserQuery
from app.identity.actor import Actor
from app.identity.errors import unknown
from app.identity.queries.actors import CAN_LOG_IN, actor_of, count_logins, logins_required, owner_actor
from app.kernel.text import clean_text, message
from app.storage.database import fetch_all, fetch_one

__all__ = [
    "CAN_LOG_IN",
    "actor_of",
    "count_logins",
    "get_user",
    "list_users",
    "logins_required",
    "owner_actor",
    "read_user",
    "rights_of_roles",
    "roles_of",
]

_COLUMNS = (
    "id, name, age, email, login_name, CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END, must_change_password, "
    "active, is_owner, department_id, permission_version, version"
)


def list_users(actor: Actor, query: UserQuery, after_id: int = 0) -> list[User]:
    """Return up to `query.limit` + 1 people after an id, so that the caller sees whether there are more."""
    actor.require("identity:user:view")
    conditions, values = ["id > ?"], [after_id]
    wanted: list[Any] = list(values)
    if not query.include_inactive:
        conditions.append("active = 1")
    if text := clean_text(query.q):
        part = "%" + "".join("!" + c if c in "!%_" else c for c in text) + "%"
        conditions.append("(name LIKE ? ESCAPE '!' OR login_name LIKE ? ESCAPE '!' OR email LIKE ? ESCAPE '!')")
        wanted += [part, part, part]
    rows = fetch_all(
        f"SELECT {_COLUMNS} FROM {{user}} WHERE {' AND '.join(conditions)} ORDER BY id LIMIT ?",
        (*wanted, query.limit + 1),
    )
    roles = roles_of([row[0] for row in rows])
    return [_user(row, roles.get(row[0], [])) for row in rows]


def get_user(actor: Actor, user_id: int) -> User:
    """Return a person. Everybody may see himself. Raises `NotFound`."""
    if actor.user_id != user_id:
        actor.require("identity:user:view")
    return read_user(user_id)


def read_user(user_id: int) -> User:
    """Return a person, without asking for a right: for services. Raises `NotFound`."""
    row = fetch_one(f"SELECT {_COLUMNS} FROM {{user}} WHERE id = ?", (user_id,))
    if row is None:
        raise unknown(message("用户"), user_id)
    return _user(row, roles_of([user_id]).get(user_id, []))


def _user(row: tuple[Any, ...], roles: list[int]) -> User:
    return User(
        id=row[0],
        name=row[1],
        age=row[2],
        email=row[3],
        login_name=row[4],
        has_password=bool(row[5]),
        must_change_password=bool(row[6]),
        active=bool(row[7]),
        is_owner=bool(row[8]),
        department_id=row[9],
        permission_version=row[10],
        version=row[11],
        roles=roles,
    )


def roles_of(user_ids: list[int]) -> dict[int, list[int]]:
    """Return the role ids of people."""
    found: dict[int, list[int]] = {}
    for start in range(0, len(user_ids), 500):
        part = user_ids[start : start + 500]
        places = ", ".join("?" * len(part))
        for user_id, role_id in fetch_all(
            f"SELECT user_id, role_id FROM {{user_role}} WHERE user_id IN ({places}) ORDER BY user_id, role_id",
            part,
        ):
            found.setdefault(user_id, []).append(role_id)
    return found


def rights_of_roles(role_ids: list[int]) -> frozenset[str]:
    """Return the rights that roles give together; rights no slice declares any more do not count."""
    if not role_ids:
        return frozenset()
    places = ", ".join("?" * len(role_ids))
    rows = fetch_all(
        "SELECT DISTINCT rp.permission_code FROM {role_permission} rp "
        "JOIN {permission} p ON p.code = rp.permission_code "
        f"WHERE p.active = 1 AND rp.role_id IN ({places})",
        role_ids,
    )
    return frozenset(row[0] for row in rows)
