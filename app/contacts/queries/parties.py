"""What documents need to know of a contact, read at once."""

from __future__ import annotations

from typing import NamedTuple

from app.contacts.errors import contact_unknown
from app.contacts.kinds import ROLE_OF
from app.contacts.queries.contacts import survivor_of
from app.contract.contacts import ContactRole
from app.storage.database import fetch_all


class Party(NamedTuple):
    """A contact as documents see it; of a merged one, what is known of who survives him. `credit_limit` is minor."""

    id: int
    name: str
    active: bool
    roles: frozenset[ContactRole]
    group_id: int | None
    terms_days: int | None
    credit_limit: int | None
    price_list_id: int | None


def party_of(contact_id: int) -> Party:
    """Return what is known of a contact. Raises `NotFound`."""
    survivor = survivor_of(contact_id)
    rows = fetch_all(
        "SELECT a.name, k.name, a.active, c.group_id, c.terms_days, c.credit_limit, c.price_list_id,"
        " r.role, r.held, i.active FROM {auxiliary} a JOIN {auxiliary_kind} k ON k.id = a.kind_id"
        " LEFT JOIN {contact} c ON c.id = a.id LEFT JOIN {contact_role} r ON r.contact_id = a.id"
        " LEFT JOIN {auxiliary} i ON i.id = r.auxiliary_id WHERE a.id = ?",
        (survivor,),
    )
    if not rows or rows[0][1] not in ROLE_OF:
        raise contact_unknown(survivor)
    name, kind, active, *details = rows[0][:7]
    held = {row[7]: bool(row[9]) for row in rows if row[8]}
    if rows[0][7] is None:  # no rows of its own yet: it is what its dimension says
        held = {ROLE_OF[kind]: bool(active)}
    numbers = [None if value is None else int(value) for value in details]
    return Party(survivor, str(name), any(held.values()), frozenset(held), *numbers)
