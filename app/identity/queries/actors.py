"""Who may act: what opening a book needs of people, without the shapes on the wire, whose loading takes time."""

from __future__ import annotations

from app.identity.actor import Actor
from app.storage.database import fetch_all, fetch_one

CAN_LOG_IN = "active = 1 AND login_name IS NOT NULL AND password_hash IS NOT NULL"


def actor_of(user_id: int) -> Actor | None:
    """Return a person as he may act now, or `None` when he is unknown or deactivated."""
    return _read_actor(user_id, "AND active = 1")


def person_as_actor(user_id: int) -> Actor | None:
    """Return a person with the rights he has or, while he is deactivated, would have again; `None` when unknown."""
    return _read_actor(user_id, "")


def _read_actor(user_id: int, condition: str) -> Actor | None:
    row = fetch_one(f"SELECT name, is_owner FROM {{user}} WHERE id = ? {condition}", (user_id,))
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
