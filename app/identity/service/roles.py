"""Roles: named sets of rights."""

from __future__ import annotations

from app.contract.identity import Role, RoleChange, RoleInput
from app.identity import audit
from app.identity.actor import Actor
from app.identity.errors import taken
from app.identity.queries.rights import read_role
from app.identity.service.granting import bump_permission_version, require_grantable
from app.identity.service.versions import check_version, lock_row
from app.kernel.errors import MalformedInput, RuleBroken
from app.kernel.text import Message, clean_text, message
from app.storage.database import execute, fetch_all, fetch_one, insert_returning_id, run_unit


def add_role(actor: Actor, new: RoleInput) -> Role:
    """Add a role. Raises `MalformedInput`, `Conflict` for a taken name, `PermissionDenied` for rights not one's own."""
    actor.require("identity:role:add")

    def work() -> Role:
        name = _name(new.name)
        _check_name(None, name)
        rights = _known_rights(new.permissions)
        require_grantable(actor, rights)
        role_id = insert_returning_id(
            "INSERT INTO {role} (name, name_key, description) VALUES (?, ?, ?)",
            (name, name.casefold(), clean_text(new.description)),
        )
        _set_rights(role_id, rights)
        role = read_role(role_id)
        audit.record(actor, "identity:role:add", "role", role_id, after=role)
        return role

    return run_unit(work)


def change_role(actor: Actor, role_id: int, change: RoleChange) -> Role:
    """Change a role; who has it may do what it says from his next request on.

    Both the rights it had and those it gets must be the actor's own. Raises as `add_role`, and `NotFound`.
    """
    actor.require("identity:role:edit")

    def work() -> Role:
        lock_row("role", role_id)
        before = read_role(role_id)
        check_version(change.version, before.version, "role", role_id, lambda: before)
        require_grantable(actor, before.permissions)
        name = _name(change.name) if change.name is not None else before.name
        _check_name(role_id, name)
        description = clean_text(change.description) if change.description is not None else before.description
        execute(
            "UPDATE {role} SET name = ?, name_key = ?, description = ?, version = version + 1 WHERE id = ?",
            (name, name.casefold(), description, role_id),
        )
        if change.permissions is not None:
            rights = _known_rights(change.permissions)
            require_grantable(actor, rights)
            execute("DELETE FROM {role_permission} WHERE role_id = ?", (role_id,))
            _set_rights(role_id, rights)
            bump_permission_version(_people(role_id))
        after = read_role(role_id)
        audit.record(actor, "identity:role:edit", "role", role_id, before=before, after=after)
        return after

    return run_unit(work)


def delete_role(actor: Actor, role_id: int, version: int | None = None) -> None:
    """Delete a role nobody has. Raises `RuleBroken` (`role_in_use`) with the count, `NotFound`, `Conflict` (stale)."""
    actor.require("identity:role:remove")

    def work() -> None:
        lock_row("role", role_id)
        before = read_role(role_id)
        check_version(version, before.version, "role", role_id, lambda: before, _called(before))
        require_grantable(actor, before.permissions)
        if before.users:
            raise RuleBroken(
                "role_in_use",
                message("角色“{name}”还有 {count} 人在用，不能删除。", name=before.name, count=before.users),
                details={"users": before.users},
            )
        execute("DELETE FROM {role_permission} WHERE role_id = ?", (role_id,))
        execute("DELETE FROM {role} WHERE id = ?", (role_id,))
        audit.record(actor, "identity:role:remove", "role", role_id, before=before)

    run_unit(work)


def _called(role: Role) -> Message:
    return message("角色“{name}”", name=role.name)


def _name(value: str) -> str:
    name = clean_text(value)
    if not name:
        sentence = message("角色名称不能为空。")
        raise MalformedInput("name_empty", sentence, fields={"name": sentence})
    return name


def _check_name(role_id: int | None, name: str) -> None:
    if fetch_one("SELECT 1 FROM {role} WHERE name_key = ? AND id <> ?", (name.casefold(), role_id or 0)):
        raise taken("name", message("角色名称"))


def _known_rights(codes: list[str]) -> list[str]:
    known = {row[0] for row in fetch_all("SELECT code FROM {permission} WHERE active = 1")}
    if set(codes) - known:
        sentence = message("有不认识的权限。")
        raise MalformedInput("permission_unknown", sentence, fields={"permissions": sentence})
    return sorted(set(codes))


def _set_rights(role_id: int, rights: list[str]) -> None:
    for code in rights:
        execute("INSERT INTO {role_permission} (role_id, permission_code) VALUES (?, ?)", (role_id, code))


def _people(role_id: int) -> list[int]:
    return [row[0] for row in fetch_all("SELECT user_id FROM {user_role} WHERE role_id = ?", (role_id,))]
