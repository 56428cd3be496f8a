"""Preparing a book's people: its owner, the rights the program knows, the first roles. Idempotent."""

from __future__ import annotations

from collections.abc import Iterable

from app.identity import audit
from app.identity.actor import Actor
from app.identity.first_roles import FIRST_ROLES
from app.identity.permissions import Permission
from app.identity.queries.people import owner_actor
from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.text import clean_text, message
from app.storage.database import execute, fetch_all, insert_returning_id, run_unit

DEFAULT_OWNER_NAME = "账簿所有者"


def ensure_owner(name: str = "") -> Actor:
    """Return the book's owner; a book without people gets one, without a login."""

    def work() -> Actor:
        owner = owner_actor()
        if owner is not None:
            return owner
        if fetch_all("SELECT 1 FROM {user} LIMIT 1"):
            raise NotFound("owner_missing", message("账簿没有在用的所有者，请从备份恢复。"))
        now = clock.utc_ms()
        shown = clean_text(name)[:60] or DEFAULT_OWNER_NAME
        user_id = insert_returning_id(
            "INSERT INTO {user} (name, is_owner, created_at, updated_at) VALUES (?, 1, ?, ?)", (shown, now, now)
        )
        made = Actor(user_id, shown, is_owner=True)
        audit.record(made, "identity:user:add", "user", user_id, after={"name": shown, "is_owner": True})
        return made

    return run_unit(work)


def sync_permissions(declared: Iterable[Permission]) -> None:
    """Bring the book's list of rights to what this program's slices declare; writes only where something differs.

    Rights no longer declared are kept but do not count, so that roles have them again should they return. The first
    time, the first roles are made.
    """
    wanted = {permission.code: permission.name.source for permission in declared}
    known = {code: (name, active) for code, name, active in fetch_all("SELECT code, name, active FROM {permission}")}
    changed = {code: name for code, name in wanted.items() if known.get(code) != (name, 1)}
    gone = [code for code, (_, active) in known.items() if active and code not in wanted]
    if not changed and not gone:
        return

    def work() -> None:
        present = {row[0] for row in fetch_all("SELECT code FROM {permission}")}
        for code, name in changed.items():
            if code in present:
                execute("UPDATE {permission} SET name = ?, active = 1 WHERE code = ?", (name, code))
            else:
                execute(
                    "INSERT INTO {permission} (code, name, slice_name) VALUES (?, ?, ?)",
                    (code, name, code.split(":")[0]),
                )
        for code in gone:
            execute("UPDATE {permission} SET active = 0 WHERE code = ?", (code,))
        if not present:
            _make_first_roles(sorted(wanted))

    run_unit(work)


def _make_first_roles(codes: list[str]) -> None:
    for name, role in FIRST_ROLES.items():
        role_id = insert_returning_id(
            "INSERT INTO {role} (name, name_key, description) VALUES (?, ?, ?)",
            (name, name.casefold(), role.description),
        )
        for code in filter(role.includes, codes):
            execute("INSERT INTO {role_permission} (role_id, permission_code) VALUES (?, ?)", (role_id, code))
