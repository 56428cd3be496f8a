"""Merging duplicates: the duplicate counts as its survivor from now on, and its history stays."""

from __future__ import annotations

from app.contacts.errors import merge_refused
from app.contacts.kinds import KIND_OF, ROLES
from app.contacts.queries.contacts import get_contact
from app.contacts.service.contacts import OBJECT, require_own
from app.contacts.service.details import fill_details
from app.contacts.service.roles import add_role, adopt_item, items_of
from app.contract.contacts import Contact, ContactMerge
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.kernel.text import message
from app.ledger.service.auxiliary_items import lock_item, lock_kinds, merge_item
from app.storage.database import execute, fetch_one, run_unit


def merge_contact(actor: Actor, contact_id: int, merge: ContactMerge) -> Contact:
    """Merge a duplicate into another contact and return that one, with what was known only of the duplicate.

    Entries keep what they were made with; balances, ledgers and open documents count with the survivor. Raises
    `NotFound`, `Conflict` for a stale version, `RuleBroken` for itself, for merged ones and for two tax numbers.
    """
    actor.require("contacts:contact:merge")

    def work() -> Contact:
        if contact_id == merge.into_id:
            raise merge_refused(message("不能把往来单位合并到它自己。"))
        lock_kinds(KIND_OF.values())
        for item_id in sorted((contact_id, merge.into_id)):
            lock_item(item_id)
        duplicate, survivor = require_own(contact_id), require_own(merge.into_id)
        check_version(merge.version, duplicate.version, OBJECT, contact_id, lambda: duplicate)
        _require_one_body(duplicate, survivor)
        _move_roles(actor, duplicate, survivor)
        fill_details(survivor.id, duplicate.id)
        after = get_contact(survivor.id)
        audit.record(
            actor,
            "contacts:contact:merge",
            OBJECT,
            contact_id,
            before=duplicate,
            after={"merged_into": survivor.id, "name": after.name},
        )
        return after

    return run_unit(work)


def _require_one_body(duplicate: Contact, survivor: Contact) -> None:
    if duplicate.tax_number and survivor.tax_number and duplicate.tax_number != survivor.tax_number:
        raise merge_refused(
            message(
                "“{name}”和“{survivor}”的税号不同（{number}、{other}），是两家单位，不能合并；如果税号填错了，请先更正。",
                name=duplicate.name,
                survivor=survivor.name,
                number=duplicate.tax_number,
                other=survivor.tax_number,
            )
        )
    if not survivor.active:
        raise merge_refused(message("“{name}”已停用，请先恢复使用，再把别的合并到它。", name=survivor.name))


def _move_roles(actor: Actor, duplicate: Contact, survivor: Contact) -> None:
    """Point the duplicate and each of its items at the survivor and his items, those of roles taken away, too."""
    for role, item_id in sorted(items_of(duplicate.id).items(), key=lambda pair: ROLES.index(pair[0])):
        held = role in duplicate.roles
        own = items_of(survivor.id)
        if role not in own and duplicate.name == survivor.name:
            adopt_item(actor, survivor, role, item_id, held=held)
        elif held and role not in get_contact(survivor.id).roles:
            merge_item(actor, item_id, add_role(actor, get_contact(survivor.id), role))
        elif role in own:
            merge_item(actor, item_id, own[role])
        else:
            merge_item(actor, item_id, add_role(actor, get_contact(survivor.id), role, held=False))
    _mark_merged(duplicate.id, survivor.id)


def _mark_merged(duplicate_id: int, survivor_id: int) -> None:
    row = fetch_one("SELECT contact_id FROM {contact_role} WHERE auxiliary_id = ?", (duplicate_id,))
    if row is None or int(row[0]) == duplicate_id:
        if fetch_one("SELECT 1 FROM {contact} WHERE id = ?", (duplicate_id,)) is None:
            execute("INSERT INTO {contact} (id) VALUES (?)", (duplicate_id,))
        execute("UPDATE {contact} SET merged_into = ? WHERE id = ?", (survivor_id, duplicate_id))
    execute("UPDATE {contact} SET merged_into = ? WHERE merged_into = ?", (survivor_id, duplicate_id))
