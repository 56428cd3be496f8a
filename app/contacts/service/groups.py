"""Groups of contacts."""

from __future__ import annotations

from app.contacts.queries.groups import get_group
from app.contract.contacts import ContactGroup, ContactGroupChange, ContactGroupInput
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version, lock_row
from app.kernel.errors import Conflict, MalformedInput
from app.kernel.text import clean_text, message
from app.storage.database import current_book, execute, fetch_one, insert_returning_id, run_unit

_OBJECT = "contact_group"


def add_group(actor: Actor, new: ContactGroupInput) -> ContactGroup:
    """Add a group. Raises `Conflict` for a taken name, `MalformedInput` for none."""
    actor.require("contacts:group:edit")

    def work() -> ContactGroup:
        name = _free_name(new.name)
        # somebody else may add it at the same moment
        tail = "" if current_book().is_sqlite else " ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)"
        group_id = insert_returning_id(
            f"INSERT INTO {{contact_group}} (name, active, version) VALUES (?, 1, 1){tail}", (name,)
        )
        view = get_group(group_id)
        audit.record(actor, "contacts:group:edit", _OBJECT, group_id, after=view)
        return view

    return run_unit(work)


def change_group(actor: Actor, group_id: int, change: ContactGroupChange) -> ContactGroup:
    """Rename a group, or let it be chosen or not. Raises `NotFound`, `Conflict`, `MalformedInput`."""
    actor.require("contacts:group:edit")

    def work() -> ContactGroup:
        lock_row("contact_group", group_id)
        before = get_group(group_id)
        check_version(change.version, before.version, _OBJECT, group_id, lambda: before)
        name = before.name if change.name is None else _free_name(change.name, group_id)
        active = before.active if change.active is None else change.active
        execute(
            "UPDATE {contact_group} SET name = ?, active = ?, version = version + 1 WHERE id = ?",
            (name, int(active), group_id),
        )
        after = get_group(group_id)
        audit.record(actor, "contacts:group:edit", _OBJECT, group_id, before=before, after=after)
        return after

    return run_unit(work)


def _free_name(text: str, own_id: int = 0) -> str:
    name = clean_text(text)
    if not name:
        sentence = message("请填写分组名称。")
        raise MalformedInput("fields_wrong", sentence, fields={"name": sentence})
    if fetch_one("SELECT 1 FROM {contact_group} WHERE name = ? AND id <> ?", (name, own_id)):
        sentence = message("已有分组“{name}”。", name=name)
        raise Conflict("contact_group_exists", sentence, fields={"name": sentence})
    return name
