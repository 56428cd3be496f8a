"""Reading people and what they may do."""

from __future__ import annotations

from typing import Any

from app.contract.identity import User, UserQuery
from app.identity.actor import Actor
from app.identity.errors import unknown
from app.kernel.text import clean_text, message
from app.storage.database import fetch_all, fetch_one

_COLUMNS = (
    "id, name, age, email, login_name, CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END, must_change_password, "
    "active, is_owner, department_id, permission_version, version"
)
CAN_LOG_IN = "active = 1 AND login_name IS NOT NULL AND password_hash IS NOT NULL"


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


def actor_of(user_id: int) -> Actor | None:
    """Return a person as he may act now, or `None` when he is unknown or deactivated."""
    row = fetch_one("SELECT name, is_owner FROM {user} WHERE id = ? AND active = 1", (user_id,))
    if row is None:
        return None
    rights = frozenset[str]()
    if not row[1]:
        found = fetch_all(
            "SELECT DISTINCT rp.permission_code FROM {user_role} ur "
            "JOIN {role_permission} rp ON rp.role_id = ur.role_id "
            "JOIN {permission} p ON p.code = rp.permission_code WHERE ur.user_id = ? AND p.active = 1",
            (user_id,),
        )
        rights = frozenset(right[0] for right in found)
    return Actor(user_id, row[0], rights, is_owner=bool(row[1]))


def logins_required() -> bool:
    """Tell whether people log in to this book: as soon as two can."""
    return count_logins() >= 2


def owner_actor() -> Actor | None:
    """Return the first active owner, as whom a book without logins is used; `None` in a book without people yet."""
    row = fetch_one("SELECT MIN(id) FROM {user} WHERE is_owner = 1 AND active = 1")
    return None if row is None or row[0] is None else actor_of(row[0])


def count_logins() -> int:
    """Return how many people can log in to this book."""
    row = fetch_one(f"SELECT COUNT(*) FROM {{user}} WHERE {CAN_LOG_IN}")
    return int(row[0]) if row else 0
