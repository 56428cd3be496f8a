"""Reading the log of changes and the tries to log in; a right of its own each."""

from __future__ import annotations

from typing import Any

import orjson

from app.contract.identity import AuditQuery, AuditRow, LoginAttemptQuery, LoginAttemptRow
from app.identity.actor import Actor
from app.kernel.text import clean_text
from app.storage.database import fetch_all, fetch_one
from app.storage.matching import contains, ends_with


def list_audit(actor: Actor, query: AuditQuery, before_id: int | None = None) -> list[AuditRow]:
    """Return up to `query.limit` + 1 rows of the log older than an id, newest first."""
    actor.require("identity:audit:view")
    conditions: list[str] = ["1 = 1"]
    values: list[Any] = []
    for condition, value in (
        ("id < ?", before_id),
        ("user_id = ?", query.user_id),
        ("action = ?", clean_text(query.action) or None),
        ("object_type = ?", clean_text(query.object_type) or None),
        ("object_id = ?", clean_text(query.object_id) or None),
        ("at >= ?", query.from_ms),
        ("at <= ?", query.to_ms),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    if verb := clean_text(query.verb):
        conditions.append("action LIKE ? ESCAPE '!'")
        values.append(ends_with(f":{verb}"))
    if query.outcome:
        conditions.append("result = 'done'" if query.outcome == "done" else "result <> 'done'")
    rows = fetch_all(
        "SELECT id, at, user_id, user_name, action, object_type, object_id, before_value, after_value, result, "
        f"duration_ms, address FROM {{audit_log}} WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT ?",
        (*values, query.limit + 1),
    )
    return [
        AuditRow(
            id=row[0],
            at=row[1],
            user_id=row[2],
            user_name=row[3],
            action=row[4],
            object_type=row[5],
            object_id=row[6],
            before=None if row[7] is None else orjson.loads(row[7]),
            after=None if row[8] is None else orjson.loads(row[8]),
            result=row[9],
            duration_ms=row[10],
            address=row[11],
        )
        for row in rows
    ]


_OUTCOMES = {
    "ok": "a.outcome = 'ok'",
    "failed": "a.outcome NOT IN ('ok', 'unlocked')",
    "locked": "a.outcome IN ('locked', 'unlocked')",
    "unknown": "a.user_id IS NULL AND a.outcome <> 'token'",
    "token": "a.outcome = 'token'",
}


def list_login_attempts(actor: Actor, query: LoginAttemptQuery, before_id: int | None = None) -> list[LoginAttemptRow]:
    """Return up to `query.limit` + 1 tries to log in older than an id, newest first."""
    actor.require("identity:login:view")
    conditions: list[str] = ["1 = 1"]
    values: list[Any] = []
    for condition, value in (("a.id < ?", before_id), ("a.at >= ?", query.from_ms), ("a.at <= ?", query.to_ms)):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    if query.outcome:
        conditions.append(_OUTCOMES[query.outcome])
    if text := clean_text(query.q):
        conditions.append("(a.login_key LIKE ? ESCAPE '!' OR a.address LIKE ? ESCAPE '!' OR u.name LIKE ? ESCAPE '!')")
        values += [contains(text.casefold()), contains(text), contains(text)]
    rows = fetch_all(
        "SELECT a.id, a.at, a.login_key, a.user_id, a.address, a.outcome, COALESCE(u.name, '') "
        "FROM {login_attempt} a LEFT JOIN {user} u ON u.id = a.user_id "
        f"WHERE {' AND '.join(conditions)} ORDER BY a.id DESC LIMIT ?",
        (*values, query.limit + 1),
    )
    names = ("id", "at", "login_name", "user_id", "address", "outcome", "user_name")
    return [LoginAttemptRow(**dict(zip(names, row, strict=True))) for row in rows]


def last_change(object_type: str, object_id: object) -> tuple[str, int] | None:
    """Return who changed an object last, and when, for the refusal of a stale edit; not a reading of the log."""
    row = fetch_one(
        "SELECT user_name, at FROM {audit_log} WHERE object_type = ? AND object_id = ? AND result = 'done'"
        " ORDER BY id DESC LIMIT 1",
        (object_type, str(object_id)),
    )
    return (str(row[0]), int(row[1])) if row else None
