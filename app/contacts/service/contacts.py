"""Adding and changing contacts. Their names are those of their items in the ledger, in every role."""

from __future__ import annotations

from app.contacts.errors import code_taken, contact_inactive, contact_merged, fields_wrong, name_merged, name_taken
from app.contacts.kinds import KIND_OF, ROLES
from app.contacts.queries.contacts import get_contact, survivor_of
from app.contacts.service.details import keep_details, read_details
from app.contacts.service.roles import add_role, items_of, take_role
from app.contract.contacts import Contact, ContactChange, ContactInput
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.kernel.text import clean_text, message
from app.ledger.service.auxiliary_items import change_item, ensure_item, lock_item, lock_kinds
from app.storage.database import fetch_all, run_unit

OBJECT = "contact"


def create_contact(actor: Actor, new: ContactInput) -> Contact:
    """Add a contact in at least one role. Raises `MalformedInput` with fields, `Conflict` for a taken name or code."""
    actor.require("contacts:contact:add")

    def work() -> Contact:
        name, code = _read_name(new.name), clean_text(new.code)
        details = read_details(new)
        roles = [role for role in ROLES if role in new.roles]
        if not roles:
            raise fields_wrong({"roles": message("请至少选一个身份：客户、供应商或职员。")})
        lock_kinds(KIND_OF.values())
        _require_free_name(name)
        _require_free_code(code)
        contact_id = ensure_item(actor, KIND_OF[roles[0]], name, code)
        for role in roles[1:]:
            add_role(actor, get_contact(contact_id), role)
        keep_details(contact_id, details)
        view = get_contact(contact_id)
        audit.record(actor, "contacts:contact:add", OBJECT, contact_id, after=view)
        return view

    return run_unit(work)


def change_contact(actor: Actor, contact_id: int, change: ContactChange) -> Contact:
    """Change a contact; what is left out stays.

    Raises `NotFound`, `Conflict` for a stale version and for a taken name or code, `MalformedInput` with fields, and
    `RuleBroken` for a role in use that would be taken away.
    """
    actor.require("contacts:contact:edit")

    def work() -> Contact:
        if {"name", "code", "roles"} & change.model_fields_set:
            lock_kinds(KIND_OF.values())
        lock_item(contact_id)
        before = require_own(contact_id)
        check_version(change.version, before.version, OBJECT, contact_id, lambda: before)
        details = read_details(change, before)
        if change.active:
            _set_active(actor, before, active=True)
        _change_items(actor, before, change)
        if change.roles is not None:
            _change_roles(actor, get_contact(contact_id), change)
        if change.active is False:
            _set_active(actor, get_contact(contact_id), active=False)
        keep_details(contact_id, details)
        after = get_contact(contact_id)
        if after != before.model_copy(update={"version": after.version}):
            audit.record(actor, "contacts:contact:edit", OBJECT, contact_id, before=before, after=after)
        return after

    return run_unit(work)


def require_own(contact_id: int) -> Contact:
    """Return a contact that was not merged. Raises `NotFound`, `RuleBroken` naming who survives a merged one."""
    contact = get_contact(contact_id)
    survivor = survivor_of(contact_id)
    if survivor != contact_id:
        raise contact_merged(contact.name, get_contact(survivor).name)
    return contact


def require_usable(contact_id: int) -> Contact:
    """Return the contact an id stands for now, for something new. Raises `NotFound`, `RuleBroken` when out of use."""
    contact = get_contact(survivor_of(contact_id))
    if not contact.active:
        raise contact_inactive(contact.name)
    return contact


def _read_name(text: str) -> str:
    name = clean_text(text)
    if not name:
        raise fields_wrong({"name": message("请填写名称。")})
    if ";" in name or "；" in name:
        raise fields_wrong({"name": message("名称里不能有分号。")})
    return name


def _require_free_name(name: str, own_id: int = 0) -> None:
    rows = fetch_all(
        "SELECT a.id, k.name FROM {auxiliary} a JOIN {auxiliary_kind} k ON k.id = a.kind_id"
        " WHERE a.name = ? AND k.name IN (?, ?, ?) ORDER BY a.id",
        (name, *KIND_OF.values()),
    )
    kinds: list[str] = []
    for item_id, kind in rows:
        survivor = survivor_of(int(item_id))
        if survivor == own_id:
            continue
        survivor_name = get_contact(survivor).name
        if survivor_name != name:
            raise name_merged(name, survivor_name)
        kinds.append(kind)
    if kinds:
        raise name_taken(name, kinds)


def _require_free_code(code: str, own_id: int = 0) -> None:
    if not code:
        return
    rows = fetch_all(
        "SELECT a.id, a.name FROM {auxiliary} a JOIN {auxiliary_kind} k ON k.id = a.kind_id"
        " WHERE a.code = ? AND k.name IN (?, ?, ?) AND a.merged_into IS NULL",
        (code, *KIND_OF.values()),
    )
    for item_id, name in rows:
        if survivor_of(int(item_id)) != own_id:
            raise code_taken(code, name)


def _change_items(actor: Actor, before: Contact, change: ContactChange) -> None:
    """Write name and code into the items of all roles. The main one is written always: it carries the version."""
    name = before.name if change.name is None else _read_name(change.name)
    code = before.code if change.code is None else clean_text(change.code)
    if name != before.name:
        _require_free_name(name, before.id)
    if code != before.code:
        _require_free_code(code, before.id)
    items = items_of(before.id).values() if (name, code) != (before.name, before.code) else [before.id]
    for item_id in sorted({before.id, *items}):
        change_item(actor, item_id, name=name, code=code)


def _change_roles(actor: Actor, contact: Contact, change: ContactChange) -> None:
    wanted = set(change.roles or ())
    if not wanted:
        raise fields_wrong({"roles": message("请至少选一个身份：客户、供应商或职员。")})
    for role in ROLES:
        if role in wanted and role not in contact.roles:
            add_role(actor, contact, role)
    for role in ROLES:
        if role in contact.roles and role not in wanted:
            take_role(actor, contact, role)


def _set_active(actor: Actor, contact: Contact, *, active: bool) -> None:
    if contact.active == active:
        return
    for role, item_id in sorted(items_of(contact.id).items(), key=lambda pair: pair[1]):
        if role in contact.roles:
            change_item(actor, item_id, active=active)
