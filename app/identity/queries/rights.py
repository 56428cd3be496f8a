"""Reading rights, roles, departments, sessions and API tokens."""

from __future__ import annotations

from typing import Any

import orjson

from app.contract.identity import ApiToken, Department, Role, SessionRow
from app.identity.actor import Actor
from app.identity.errors import unknown
from app.identity.first_roles import FIRST_ROLES
from app.identity.permissions import Permission
from app.identity.right_names import reading_order
from app.kernel import clock
from app.kernel.text import Message, message
from app.storage.database import fetch_all, fetch_one


def list_permissions(actor: Actor) -> list[Permission]:
    """Return every right the program knows, in the order people read them; one's own to who may not look at roles."""
    found = sorted(fetch_all("SELECT code, name FROM {permission} WHERE active = 1"), key=lambda r: reading_order(r[0]))
    sees_all = actor.may("identity:role:view")
    return [Permission(code, Message(name)) for code, name in found if sees_all or actor.may(code)]


def list_roles(actor: Actor) -> list[Role]:
    """Return all roles with their rights and how many people have them."""
    actor.require("identity:role:view")
    return [read_role(row[0]) for row in fetch_all("SELECT id FROM {role} ORDER BY id")]


def read_role(role_id: int) -> Role:
    """Return a role, for services. Raises `NotFound`."""
    row = fetch_one("SELECT name, description, version FROM {role} WHERE id = ?", (role_id,))
    if row is None:
        raise unknown(message("角色"), role_id)
    rights = fetch_all(
        "SELECT rp.permission_code FROM {role_permission} rp JOIN {permission} p ON p.code = rp.permission_code "
        "WHERE rp.role_id = ? AND p.active = 1 ORDER BY rp.permission_code",
        (role_id,),
    )
    people = fetch_one("SELECT COUNT(*) FROM {user_role} WHERE role_id = ?", (role_id,))
    return Role(
        id=role_id,
        name=row[0],
        description=row[1],
        version=row[2],
        permissions=[right[0] for right in rights],
        users=people[0] if people else 0,
        built_in=row[0] in FIRST_ROLES,
    )


_DEPARTMENT = (
    "SELECT d.id, d.parent_id, d.name, d.code, d.active, d.version, "
    "(SELECT COUNT(*) FROM {user} u WHERE u.department_id = d.id) FROM {department} d"
)


def list_departments(actor: Actor) -> list[Department]:
    """Return all departments, parents before their children, children in the order they were made."""
    actor.require("identity:department:view")
    children: dict[int | None, list[Department]] = {}
    for row in fetch_all(f"{_DEPARTMENT} ORDER BY d.id"):
        department = _department(row)
        children.setdefault(department.parent_id, []).append(department)
    ordered: list[Department] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        department = waiting.pop()
        ordered.append(department)
        waiting.extend(reversed(children.get(department.id, [])))
    return ordered


def read_department(department_id: int) -> Department:
    """Return a department, for services. Raises `NotFound`."""
    row = fetch_one(f"{_DEPARTMENT} WHERE d.id = ?", (department_id,))
    if row is None:
        raise unknown(message("部门"), department_id)
    return _department(row)


def _department(row: tuple[Any, ...]) -> Department:
    return Department(
        id=row[0], parent_id=row[1], name=row[2], code=row[3], active=bool(row[4]), version=row[5], users=row[6]
    )


_SESSION_FIELDS = ("id", "user_id", "user_name", "created_at", "last_seen_at", "expires_at", "address", "program")
_SESSIONS = (
    "SELECT s.id, s.user_id, u.name, s.created_at, s.last_seen_at, s.expires_at, s.address, s.program, s.token_hash "
    "FROM {session} s JOIN {user} u ON u.id = s.user_id WHERE s.expires_at > ?"
)


def list_sessions(actor: Actor, current_hash: str = "") -> list[SessionRow]:
    """Return all logins that last, newest first; the one with that hash of its token is marked as the current one."""
    actor.require("identity:session:view")
    return _sessions(f"{_SESSIONS} ORDER BY s.id DESC", (clock.utc_ms(),), current_hash)


def list_own_sessions(actor: Actor, current_hash: str = "") -> list[SessionRow]:
    """Return one's own logins that last, as `list_sessions`."""
    return _sessions(f"{_SESSIONS} AND s.user_id = ? ORDER BY s.id DESC", (clock.utc_ms(), actor.user_id), current_hash)


def _sessions(statement: str, values: tuple[int, ...], current_hash: str) -> list[SessionRow]:
    return [
        SessionRow(
            **dict(zip(_SESSION_FIELDS, row[:-1], strict=True)), current=bool(current_hash) and row[-1] == current_hash
        )
        for row in fetch_all(statement, values)
    ]


_API_TOKENS = (
    "SELECT t.id, t.name, t.user_id, u.name, t.scope, t.created_at, t.last_used_at, t.expires_at, t.revoked_at "
    "FROM {api_token} t JOIN {user} u ON u.id = t.user_id"
)


def list_tokens(actor: Actor) -> list[ApiToken]:
    """Return API tokens, newest first: all of them with the right to see them, else one's own."""
    if actor.may("identity:token:view"):
        return [_token(row) for row in fetch_all(f"{_API_TOKENS} ORDER BY t.id DESC")]
    return [_token(row) for row in fetch_all(f"{_API_TOKENS} WHERE t.user_id = ? ORDER BY t.id DESC", (actor.user_id,))]


def read_token(token_id: int) -> ApiToken:
    """Return an API token without its secret, for services. Raises `NotFound`."""
    row = fetch_one(f"{_API_TOKENS} WHERE t.id = ?", (token_id,))
    if row is None:
        raise unknown(message("接口令牌"), token_id)
    return _token(row)


def _token(row: tuple[Any, ...]) -> ApiToken:
    return ApiToken(
        id=row[0],
        name=row[1],
        user_id=row[2],
        user_name=row[3],
        scope=None if row[4] is None else orjson.loads(row[4]),
        created_at=row[5],
        last_used_at=row[6],
        expires_at=row[7],
        revoked_at=row[8],
    )
