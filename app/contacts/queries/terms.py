"""What reports need of all contacts at once: terms by the ledger's items, and the items of one contact."""

from __future__ import annotations

from app.contacts.queries.contacts import contact_of_item, ids_counting_as
from app.storage.database import fetch_all

_TERMS = (
    "SELECT k.name, a.name, c.terms_days FROM {contact} c JOIN {auxiliary} a ON a.id = c.id"
    " JOIN {auxiliary_kind} k ON k.id = a.kind_id WHERE c.terms_days IS NOT NULL"
    " UNION SELECT k.name, a.name, c.terms_days FROM {contact} c JOIN {contact_role} r ON r.contact_id = c.id"
    " JOIN {auxiliary} a ON a.id = r.auxiliary_id JOIN {auxiliary_kind} k ON k.id = a.kind_id"
    " WHERE c.terms_days IS NOT NULL"
)


def terms_by_item() -> dict[str, int]:
    """Return days of credit by how entries name a contact (`客户:甲公司`), of those with whom terms were agreed."""
    return {f"{kind}:{name}": int(days) for kind, name, days in fetch_all(_TERMS)}


def items_of_contact(kind: str, name: str) -> list[str]:
    """Return every way entries name a contact now (`客户:甲公司`, `供应商:甲公司`), the given one first.

    Items merged into these need no naming of their own. A kind that is no contact's stands for itself.
    """
    own = f"{kind}:{name}"
    contact_id = contact_of_item(kind, name)
    if contact_id is None:
        return [own]
    ids = ids_counting_as(contact_id)
    rows = fetch_all(
        "SELECT k.name, a.name FROM {auxiliary} a JOIN {auxiliary_kind} k ON k.id = a.kind_id"
        f" WHERE a.merged_into IS NULL AND a.id IN ({', '.join('?' * len(ids))}) ORDER BY a.id",
        ids,
    )
    found = [f"{row[0]}:{row[1]}" for row in rows]
    return [own, *(text for text in found if text != own)] if own in found else found or [own]


def survivors() -> dict[int, int]:
    """Return for which contact an item stands now, of all items that stand for another one than themselves."""
    rows = fetch_all(
        "SELECT a.id, COALESCE(a.merged_into, c.merged_into, r.contact_id) FROM {auxiliary} a"
        " LEFT JOIN {contact_role} r ON r.auxiliary_id = a.id LEFT JOIN {contact} c ON c.id = a.id"
        " WHERE COALESCE(a.merged_into, c.merged_into, r.contact_id) IS NOT NULL"
    )
    above = {int(item): int(target) for item, target in rows if item != target}
    found: dict[int, int] = {}
    for item, first in above.items():
        target, seen = first, {item}
        while target in above and target not in seen:
            seen.add(target)
            target = above[target]
        found[item] = target
    return found
