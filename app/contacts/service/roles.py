"""A contact's roles: each is an item of the ledger's auxiliaries of the contact's name."""

from __future__ import annotations

from app.contacts.errors import contact_inactive, name_taken, role_used
from app.contacts.kinds import KIND_OF, role_kind_ids
from app.contacts.queries.contacts import get_contact, survivor_of
from app.contacts.queries.parties import Party, party_of
from app.contacts.service.details import fill_details
from app.contract.contacts import Contact, ContactRole
from app.identity.actor import Actor
from app.ledger.queries.auxiliaries import get_auxiliary
from app.ledger.service.auxiliary_items import change_item, ensure_item, is_item_used, lock_item
from app.ledger.service.sets import KIND_SEPARATOR
from app.storage.database import execute, fetch_all, fetch_one, run_unit


def ensure_role(contact_id: int, role: ContactRole, actor: Actor | None = None, *, party: Party | None = None) -> str:
    """Return how entries name a contact in a role (`客户:甲公司`); the item of the ledger is made when it is missing.

    A merged contact stands for who survives him; `party` is what the caller knows of him already. It asks for no right
    of its own: documents call it. Raises `NotFound`, and `RuleBroken` for a new role of a contact out of use.
    """

    def work() -> str:
        known = party or party_of(contact_id)
        if role in known.roles:
            return f"{KIND_OF[role]}{KIND_SEPARATOR}{known.name}"
        contact = get_contact(known.id)
        if role not in contact.roles:
            if not contact.active:
                raise contact_inactive(contact.name)
            add_role(actor, contact, role)
        return f"{KIND_OF[role]}{KIND_SEPARATOR}{contact.name}"

    return run_unit(work)


def items_of(contact_id: int) -> dict[ContactRole, int]:
    """Return the auxiliary item of each role a contact has or had; call it with a contact that was not merged."""
    rows = fetch_all("SELECT role, auxiliary_id FROM {contact_role} WHERE contact_id = ?", (contact_id,))
    if rows:
        return {row[0]: int(row[1]) for row in rows}
    row = fetch_one("SELECT kind_id FROM {auxiliary} WHERE id = ?", (contact_id,))
    return {} if row is None else {role_kind_ids()[int(row[0])]: contact_id}


def add_role(actor: Actor | None, contact: Contact, role: ContactRole, *, held: bool = True) -> int:
    """Let a contact be one more thing and return its item. Call inside a unit.

    An item of his name that the dimension has already becomes his, with what was known of it. A role that is not `held`
    has an item for the past only. Raises `Conflict` when the item belongs to somebody else of that name.
    """
    lock_item(contact.id)
    items = items_of(contact.id)
    if role in items:
        execute("UPDATE {contact_role} SET held = 1 WHERE auxiliary_id = ?", (items[role],))
        _set_active(actor, items[role], contact.active)
        return items[role]
    item_id = ensure_item(actor, KIND_OF[role], contact.name, contact.code)
    if fetch_one("SELECT 1 FROM {contact_role} WHERE auxiliary_id = ?", (item_id,)) or survivor_of(item_id) != item_id:
        raise name_taken(contact.name, [KIND_OF[role]])
    adopt_item(actor, contact, role, item_id, held=held)
    return item_id


def adopt_item(actor: Actor | None, contact: Contact, role: ContactRole, item_id: int, *, held: bool) -> None:
    """Make an item the contact's in a role he has none for, with what was known of it. Call inside a unit.

    It is in use as he is; where the role is not held it is not. His code is the one of all his items.
    """
    items = items_of(contact.id)
    code = contact.code or get_auxiliary(item_id).code
    for own_id in (*items.values(), item_id):
        if get_auxiliary(own_id).code != code:
            change_item(actor, own_id, code=code)
    fill_details(contact.id, item_id)
    execute("DELETE FROM {contact_role} WHERE auxiliary_id = ?", (item_id,))
    for own_role, own_id in items.items():
        _keep_role(contact.id, own_role, own_id, held=True)
    _keep_role(contact.id, role, item_id, held=held)
    _set_active(actor, item_id, held and contact.active)


def _set_active(actor: Actor | None, item_id: int, active: bool) -> None:
    if get_auxiliary(item_id).active != active:
        change_item(actor, item_id, active=active)


def _keep_role(contact_id: int, role: ContactRole, item_id: int, *, held: bool) -> None:
    if fetch_one("SELECT 1 FROM {contact_role} WHERE auxiliary_id = ?", (item_id,)) is None:
        execute(
            "INSERT INTO {contact_role} (auxiliary_id, contact_id, role, held) VALUES (?, ?, ?, ?)",
            (item_id, contact_id, role, int(held)),
        )


def take_role(actor: Actor, contact: Contact, role: ContactRole) -> None:
    """Take a role away that nothing refers to. Call inside a unit. Raises `RuleBroken` when something does."""
    item_id = items_of(contact.id)[role]
    if is_item_used(item_id):
        raise role_used(KIND_OF[role], contact.name)
    execute("UPDATE {contact_role} SET held = 0 WHERE auxiliary_id = ?", (item_id,))
    change_item(actor, item_id, active=False)
