"""What documents say is open by contact, for comparison with the ledger, and whether their own sums agree."""

from __future__ import annotations

from collections.abc import Collection

from app.contacts.queries.terms import survivors
from app.kernel.text import Message, message
from app.orders.kinds import KINDS, SALES
from app.orders.queries.open_items import KINDS_OF_SIDE
from app.orders.queries.payment_loading import NAMES
from app.storage.database import Row, fetch_all, fetch_one

_BILLS = (
    "SELECT contact_id, SUM(CASE WHEN kind = ? THEN gross - settled ELSE settled - gross END) FROM {document}"
    " WHERE kind IN (?, ?) AND state = 'done' AND counter_of IS NULL GROUP BY contact_id"
)
_ADVANCES = (
    "SELECT contact_id, -SUM(amount + discount - used) FROM {payment}"
    " WHERE kind = ? AND state = 'done' AND counter_of IS NULL GROUP BY contact_id"
)
_ESTIMATES = (
    "SELECT d.contact_id, SUM(CASE WHEN d.kind = 'goods_receipt' THEN l.estimate ELSE -l.estimate END)"
    " FROM {document} d JOIN {document_line} l ON l.document_id = d.id"
    " WHERE d.kind IN ('goods_receipt', 'purchase_invoice', 'purchase_return') AND d.state = 'done'"
    " AND d.counter_of IS NULL AND l.estimate <> 0 GROUP BY d.contact_id"
)


def has_documents() -> bool:
    """Tell whether anything was ever traded or paid by documents."""
    return any(fetch_one(f"SELECT 1 FROM {{{table}}} LIMIT 1") for table in ("document", "payment"))


def open_by_contact(side: str) -> dict[int, int]:
    """Return what is open by contact on a side now: of sales what they owe, of purchases what is owed to them.

    Invoices less credits and advances, in minor units; goods received and not invoiced yet (暂估) count too. Contacts
    with documents that are all settled are there with 0.
    """
    invoice, credit, payment = KINDS_OF_SIDE[side]
    rows: list[Row] = [*fetch_all(_BILLS, (invoice, invoice, credit)), *fetch_all(_ADVANCES, (payment,))]
    if side != SALES:
        rows += fetch_all(_ESTIMATES)
    standing = survivors()
    found: dict[int, int] = {}
    for contact_id, amount in rows:
        if contact_id is not None:
            owner = standing.get(int(contact_id), int(contact_id))
            found[owner] = found.get(owner, 0) + int(amount)
    return found


def nameless_accounts(side: str, account_ids: Collection[int]) -> list[tuple[str, str]]:
    """Return which of these accounts documents of a side booked on although they say nothing of whom: code, name."""
    rows = fetch_all(
        "SELECT a.id, a.code, a.name_zh FROM {account} a WHERE NOT EXISTS (SELECT 1 FROM {account_auxiliary} u"
        " JOIN {auxiliary_kind} k ON k.id = u.kind_id WHERE u.account_id = a.id AND k.name IN ('客户', '供应商'))"
        " ORDER BY a.code"
    )
    kinds = sorted([kind.code for kind in KINDS.values() if kind.side == side] + [KINDS_OF_SIDE[side][2]])
    booked = (
        "SELECT 1 FROM {entry} e JOIN {document_voucher} d ON d.voucher_id = e.voucher_id"
        f" WHERE e.account_id = ? AND d.document_kind IN ({', '.join('?' * len(kinds))}) LIMIT 1"
    )
    wanted = set(account_ids)
    return [(row[1], row[2]) for row in rows if int(row[0]) in wanted and fetch_one(booked, (row[0], *kinds))]


def wrong_sums() -> list[tuple[Message, int, int]]:
    """Return documents and payments whose kept sum is not what their allocations add up to: name, kept, sum."""
    documents = fetch_all(
        "SELECT d.kind, d.number, d.settled, COALESCE((SELECT SUM(a.amount) FROM {allocation} a"
        " WHERE a.document_id = d.id AND a.booked = 1), 0) AS added FROM {document} d WHERE d.settled <> 0"
        " OR d.id IN (SELECT document_id FROM {allocation} WHERE booked = 1 AND document_id IS NOT NULL)"
    )
    payments = fetch_all(
        "SELECT p.kind, p.number, p.used, COALESCE((SELECT SUM(a.amount) FROM {allocation} a WHERE a.booked = 1"
        " AND (a.payment_id = p.id OR a.advance_id = p.id)), 0) AS added FROM {payment} p WHERE p.state = 'done'"
    )
    return [
        (message("{kind} {number}", kind=_name(kind), number=number or ""), int(kept), int(added))
        for kind, number, kept, added in (*documents, *payments)
        if int(kept) != int(added)
    ]


def _name(kind: str) -> Message:
    return NAMES[kind] if kind in NAMES else KINDS[kind].name
