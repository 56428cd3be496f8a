"""Departments: a tree, in which nothing is ever left hanging."""

from __future__ import annotations

from typing import NoReturn

from app.contract.identity import Department, DepartmentChange, DepartmentInput
from app.identity import audit
from app.identity.actor import Actor
from app.identity.errors import taken
from app.identity.queries.rights import read_department
from app.identity.service.versions import check_version, lock_row
from app.kernel.errors import MalformedInput, RuleBroken
from app.kernel.text import Message, clean_text, message
from app.storage.database import execute, fetch_one, insert_returning_id, run_unit

MAX_DEPTH = 20


def add_department(actor: Actor, new: DepartmentInput) -> Department:
    """Add a department. Raises `MalformedInput`, `Conflict` for a name its parent has already."""
    actor.require("identity:department:add")

    def work() -> Department:
        name = _name(new.name)
        _check_parent(None, new.parent_id)
        _check_name(None, new.parent_id, name)
        department_id = insert_returning_id(
            "INSERT INTO {department} (parent_id, parent_key, name, code) VALUES (?, ?, ?, ?)",
            (new.parent_id, new.parent_id or 0, name, clean_text(new.code)),
        )
        department = read_department(department_id)
        audit.record(actor, "identity:department:add", "department", department_id, after=department)
        return department

    return run_unit(work)


def change_department(actor: Actor, department_id: int, change: DepartmentChange) -> Department:
    """Rename or move a department; not under itself. Raises as `add_department`, and `NotFound`."""
    actor.require("identity:department:edit")

    def work() -> Department:
        lock_row("department", department_id)
        before = read_department(department_id)
        check_version(change.version, before.version, "department", department_id, lambda: before)
        name = _name(change.name) if change.name is not None else before.name
        parent_id = change.parent_id if "parent_id" in change.model_fields_set else before.parent_id
        _check_parent(department_id, parent_id)
        _check_name(department_id, parent_id, name)
        execute(
            "UPDATE {department} SET parent_id = ?, parent_key = ?, name = ?, code = ?, active = ?, "
            "version = version + 1 WHERE id = ?",
            (
                parent_id,
                parent_id or 0,
                name,
                clean_text(change.code) if change.code is not None else before.code,
                int(before.active if change.active is None else change.active),
                department_id,
            ),
        )
        after = read_department(department_id)
        audit.record(actor, "identity:department:edit", "department", department_id, before=before, after=after)
        return after

    return run_unit(work)


def delete_department(actor: Actor, department_id: int, version: int | None = None) -> None:
    """Delete a department without people and departments in it.

    Raises `RuleBroken` with the counts, `NotFound`, `Conflict` for a stale version.
    """
    actor.require("identity:department:remove")

    def work() -> None:
        lock_row("department", department_id)
        before = read_department(department_id)
        where = message("部门“{name}”", name=before.name)
        check_version(version, before.version, "department", department_id, lambda: before, where)
        row = fetch_one("SELECT COUNT(*) FROM {department} WHERE parent_id = ?", (department_id,))
        children = row[0] if row else 0
        if children or before.users:
            raise RuleBroken(
                "department_in_use",
                message(
                    "部门“{name}”还有 {children} 个下级部门和 {users} 人，不能删除。",
                    name=before.name,
                    children=children,
                    users=before.users,
                ),
                details={"children": children, "users": before.users},
            )
        execute("DELETE FROM {department} WHERE id = ?", (department_id,))
        audit.record(actor, "identity:department:remove", "department", department_id, before=before)

    run_unit(work)


def _name(value: str) -> str:
    name = clean_text(value)
    if not name:
        sentence = message("部门名称不能为空。")
        raise MalformedInput("name_empty", sentence, fields={"name": sentence})
    return name


def _check_parent(department_id: int | None, parent_id: int | None) -> None:
    """Walk up from the new parent: it exists, is not below the department itself, and the tree stays flat enough."""
    depth = 0
    above = parent_id
    while above is not None:
        row = fetch_one("SELECT parent_id FROM {department} WHERE id = ?", (above,))
        depth += 1
        if row is None:
            _refuse_parent("parent_unknown", message("没有编号为 {number} 的部门。", number=above))
        if above == department_id:
            _refuse_parent("parent_below", message("部门不能放到自己的下级里。"))
        if depth >= MAX_DEPTH:
            _refuse_parent("tree_too_deep", message("部门最多 {depth} 级。", depth=MAX_DEPTH))
        above = row[0]


def _refuse_parent(code: str, sentence: Message) -> NoReturn:
    raise MalformedInput(code, sentence, fields={"parent_id": sentence})


def _check_name(department_id: int | None, parent_id: int | None, name: str) -> None:
    if fetch_one(
        "SELECT 1 FROM {department} WHERE parent_key = ? AND name = ? AND id <> ?",
        (parent_id or 0, name, department_id or 0),
    ):
        raise taken("name", message("部门名称"))
