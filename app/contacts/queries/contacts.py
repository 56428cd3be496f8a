"""Reads of contacts: who they are, what is known of them, and by whom a merged one is survived."""

from __future__ import annotations

from app.contacts.errors import contact_unknown
from app.contacts.kinds import KIND_OF, ROLES, role_kind_ids
from app.contacts.tax_number import is_doubtful
from app.contract.contacts import Contact, ContactPage, ContactQuery, ContactRole
from app.kernel.money import format_amount
from app.ledger.queries.auxiliaries import cursor_after, read_cursor
from app.ledger.queries.auxiliary_names import ItemKey, find_items
from app.ledger.queries.vouchers import base_digits
from app.storage.database import Row, fetch_all, fetch_one

_SELECT = (
    "SELECT a.id, a.kind_id, a.name, a.code, a.active, a.pinyin_initials, a.pinyin_sort, a.version,"
    " c.group_id, g.name, c.tax_number, c.address, c.phone, c.email, c.bank_name, c.bank_account, c.terms_days,"
    " c.credit_limit, c.price_list_id, c.note, COALESCE(c.merged_into, a.merged_into)"
    " FROM {auxiliary} a LEFT JOIN {contact} c ON c.id = a.id LEFT JOIN {contact_group} g ON g.id = c.group_id"
)


def survivor_of(contact_id: int) -> int:
    """Return the contact an id stands for now: itself, or the one it was merged into. Unknown ids stay as they are."""
    current, seen = contact_id, set[int]()
    while current not in seen:
        seen.add(current)
        row = fetch_one(
            "SELECT r.contact_id, c.merged_into, a.merged_into FROM {auxiliary} a"
            " LEFT JOIN {contact_role} r ON r.auxiliary_id = a.id LEFT JOIN {contact} c ON c.id = a.id"
            " WHERE a.id = ?",
            (current,),
        )
        if row is None:
            return current
        owner = current if row[0] is None else int(row[0])
        current = int(row[1] or row[2] or owner) if owner == current else owner
    return current


def same_contact(one: int, other: int) -> bool:
    """Tell whether two ids stand for one contact now."""
    return one == other or survivor_of(one) == survivor_of(other)


def ids_counting_as(contact_id: int) -> list[int]:
    """Return every contact id that stands for a contact now, his own first: those merged into him and into these."""
    found = [contact_id]
    for item_id in found:
        rows = fetch_all(
            "SELECT auxiliary_id FROM {contact_role} WHERE contact_id = ? UNION"
            " SELECT id FROM {contact} WHERE merged_into = ? UNION"
            " SELECT id FROM {auxiliary} WHERE merged_into = ?",
            (item_id, item_id, item_id),
        )
        found.extend(row[0] for row in rows if row[0] not in found)
    return found


def get_contact(contact_id: int) -> Contact:
    """Return a contact; one that was merged says into whom. Raises `NotFound`."""
    kinds = role_kind_ids()
    row = fetch_one(f"{_SELECT} WHERE a.id = ?", (contact_id,))
    if row is None or int(row[1]) not in kinds:
        raise contact_unknown(contact_id)
    contact = _views([row], kinds)[0]
    owner = fetch_one("SELECT contact_id FROM {contact_role} WHERE auxiliary_id = ?", (contact_id,))
    if contact.merged_into is None and owner and int(owner[0]) == contact_id:
        return contact
    survivor = survivor_of(contact_id)
    return contact if survivor == contact_id else contact.model_copy(update={"merged_into": survivor})


def contact_of_item(kind: str, name: str) -> int | None:
    """Return the contact an auxiliary item (`客户`, `甲公司`) stands for now, or `None` where there is none."""
    if kind not in KIND_OF.values():
        return None
    row = fetch_one(
        "SELECT a.id FROM {auxiliary} a JOIN {auxiliary_kind} k ON k.id = a.kind_id WHERE k.name = ? AND a.name = ?",
        (kind, name),
    )
    return None if row is None else survivor_of(int(row[0]))


def group_of(contact_id: int) -> int | None:
    """Return the group of a contact, or `None`; a merged one has the group of who survives him."""
    return _detail(contact_id, "group_id")


def credit_limit_of(contact_id: int) -> int | None:
    """Return how much a contact may owe, in minor units of the base currency, or `None` for no limit."""
    return _detail(contact_id, "credit_limit")


def _detail(contact_id: int, column: str) -> int | None:
    row = fetch_one(f"SELECT {column} FROM {{contact}} WHERE id = ?", (survivor_of(contact_id),))
    return None if row is None or row[0] is None else int(row[0])


def list_contacts(query: ContactQuery) -> ContactPage:
    """Return one page of contacts in pinyin order whose name contains, or whose code or initials start with, the words.

    Merged ones are left out, and so are those out of use unless asked for.
    """
    kinds = role_kind_ids()
    wanted = [kind_id for kind_id, role in kinds.items() if query.role in {"", role}]
    only = None if query.group_id is None else _items_of_group(query.group_id)
    most = query.limit * max(len(wanted), 1) + 1  # a contact has an item for each of his roles
    after = read_cursor(query.cursor)
    shown: dict[int, ItemKey] = {}
    more = True
    while more and len(shown) <= query.limit:
        keys = find_items(
            kind_ids=wanted,
            word=query.q,
            after=after,
            limit=most,
            only=only,
            active_only=not query.include_inactive,
        )
        more = len(keys) == most
        after = keys[-1] if keys else None
        shown |= _contacts_at(keys, query)
    page = list(shown.items())[: query.limit]
    return ContactPage(
        contacts=_read_contacts([contact_id for contact_id, _ in page], kinds),
        next=cursor_after(page[-1][1]) if len(shown) > query.limit else None,
    )


def _items_of_group(group_id: int) -> set[int]:
    rows = fetch_all(
        "SELECT c.id, r.auxiliary_id FROM {contact} c LEFT JOIN {contact_role} r ON r.contact_id = c.id"
        " WHERE c.group_id = ?",
        (group_id,),
    )
    return {item_id for row in rows for item_id in row if item_id is not None}


def _contacts_at(keys: list[ItemKey], query: ContactQuery) -> dict[int, ItemKey]:
    """Return the contacts that items stand for, each at one place: in a list of all roles, at that of his main item.

    A role that was taken away stands for nobody; where the main one was, the first that is left has the place.
    """
    rows = _roles_of_items([key.id for key in keys])
    owner = {item_id: contact_id for contact_id, items in rows.items() for item_id in items}
    found: dict[int, ItemKey] = {}
    for key in keys:
        contact_id = owner.get(key.id, key.id)
        items = rows.get(contact_id, {})
        held = [
            item_id
            for item_id, (is_held, is_active) in items.items()
            if is_held and (is_active or query.include_inactive)
        ]
        place = min(held, key=lambda item_id: (item_id != contact_id, item_id), default=0)
        if not items or (key.id in held if query.role else key.id == place):
            found[contact_id] = key
    return found


def _roles_of_items(item_ids: list[int]) -> dict[int, dict[int, tuple[bool, bool]]]:
    """Return, by contact, the items of those contacts that have several: whether each is held, and in use."""
    if not item_ids:
        return {}
    rows = fetch_all(
        "SELECT DISTINCT r.contact_id, r.auxiliary_id, r.held, a.active FROM {contact_role} o"
        " JOIN {contact_role} r ON r.contact_id = o.contact_id JOIN {auxiliary} a ON a.id = r.auxiliary_id"
        f" WHERE o.auxiliary_id IN ({', '.join('?' * len(item_ids))})",
        item_ids,
    )
    found: dict[int, dict[int, tuple[bool, bool]]] = {}
    for contact_id, item_id, held, active in rows:
        found.setdefault(int(contact_id), {})[int(item_id)] = (bool(held), bool(active))
    return found


def _read_contacts(contact_ids: list[int], kinds: dict[int, ContactRole]) -> list[Contact]:
    if not contact_ids:
        return []
    rows = fetch_all(f"{_SELECT} WHERE a.id IN ({', '.join('?' * len(contact_ids))})", contact_ids)
    by_id = {row[0]: row for row in rows}
    return _views([by_id[contact_id] for contact_id in contact_ids if contact_id in by_id], kinds)


def all_contacts() -> list[Contact]:
    """Return every contact that was not merged, those out of use too, in the order they were made."""
    kinds = role_kind_ids()
    if not kinds:
        return []
    rows = fetch_all(
        f"{_SELECT} WHERE a.kind_id IN ({', '.join('?' * len(kinds))}) AND a.merged_into IS NULL"
        " AND c.merged_into IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM {contact_role} r WHERE r.auxiliary_id = a.id AND r.contact_id <> a.id)"
        " ORDER BY a.id",
        list(kinds),
    )
    return _views(rows, kinds)


def _views(rows: list[Row], kinds: dict[int, ContactRole]) -> list[Contact]:
    held = _held_roles([row[0] for row in rows])
    digits = base_digits()
    return [_view(row, kinds, held.get(row[0]), digits) for row in rows]


def _view(row: Row, kinds: dict[int, ContactRole], held: dict[ContactRole, bool] | None, digits: int) -> Contact:
    tax_number = row[10] or ""
    return Contact(
        id=row[0],
        name=row[2],
        code=row[3],
        roles=[kinds[row[1]]] if held is None else [role for role in ROLES if role in held],
        group_id=row[8],
        group=row[9] or "",
        tax_number=tax_number,
        tax_number_doubtful=is_doubtful(tax_number),
        address=row[11] or "",
        phone=row[12] or "",
        email=row[13] or "",
        bank_name=row[14] or "",
        bank_account=row[15] or "",
        terms_days=row[16],
        credit_limit="" if row[17] is None else format_amount(int(row[17]), digits),
        price_list_id=row[18],
        note=row[19] or "",
        pinyin=row[5],
        active=bool(row[4]) if held is None else any(held.values()),
        merged_into=row[20],
        version=row[7],
    )


def _held_roles(contact_ids: list[int]) -> dict[int, dict[ContactRole, bool]]:
    """Return the roles that contacts with rows of their own hold, each with whether its item is in use."""
    found: dict[int, dict[ContactRole, bool]] = {}
    for start in range(0, len(contact_ids), 500):
        chunk = contact_ids[start : start + 500]
        rows = fetch_all(
            "SELECT r.contact_id, r.role, r.held, a.active FROM {contact_role} r"
            f" JOIN {{auxiliary}} a ON a.id = r.auxiliary_id WHERE r.contact_id IN ({', '.join('?' * len(chunk))})",
            chunk,
        )
        for contact_id, role, held, active in rows:
            roles = found.setdefault(contact_id, {})
            if held:
                roles[role] = bool(active)
    return found
