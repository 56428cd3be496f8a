"""Reads of payments: one whole, and pages of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.contacts.queries import ids_counting_as
from app.contract.orders import Allocation, DocumentLink, Payment, PaymentHead, PaymentQuery
from app.inventory.service.posting import vouchers_of
from app.kernel.money import format_amount
from app.kernel.period import parse_date
from app.kernel.text import clean_text
from app.ledger.queries.vouchers import base_digits
from app.orders.queries import naming
from app.orders.queries.loading import CHUNK, places
from app.orders.queries.payment_loading import (
    PAYMENT_COLUMNS,
    StoredAllocation,
    StoredPayment,
    allocations_of,
    load_payment,
)
from app.storage.database import fetch_all, read_snapshot
from app.storage.matching import contains


def get_payment(payment_id: int) -> Payment:
    """Return a payment whole. Raises `NotFound`."""
    with read_snapshot():
        return payment_view(load_payment(payment_id))


def payment_view(payment: StoredPayment) -> Payment:
    """Return a stored payment whole."""
    return Payment(
        **_heads([payment])[0],
        allocations=allocation_views(allocations_of("payment_id", [payment.id])),
        settlements=_settlements_of(payment.id),
        vouchers=vouchers_of(payment.kind, payment.id),
    )


def list_payments(query: PaymentQuery, after: tuple[str, int] | None = None) -> tuple[list[PaymentHead], bool]:
    """Return the payments that match, newest first, and whether there are more; `after` is date and id of the last."""
    conditions, params = _conditions(query)
    if after is not None:
        conditions.append("(p.date < ? OR (p.date = ? AND p.id < ?))")
        params += [after[0], after[0], after[1]]
    with read_snapshot():
        rows = fetch_all(
            f"SELECT {PAYMENT_COLUMNS} FROM {{payment}} p WHERE {' AND '.join(conditions)}"
            " ORDER BY p.date DESC, p.id DESC LIMIT ?",
            [*params, query.limit + 1],
        )
        found = [StoredPayment(*row) for row in rows]
        heads = [PaymentHead(**values) for values in _heads(found[: query.limit])]
    return heads, len(found) > query.limit


def _conditions(query: PaymentQuery) -> tuple[list[str], list[object]]:
    conditions, params = ["1 = 1"], list[object]()
    for column, value in (("kind", query.kind), ("state", query.state)):
        if value:
            conditions.append(f"p.{column} = ?")
            params.append(value)
    if query.contact_id is not None:
        ids = ids_counting_as(query.contact_id)
        conditions.append(f"p.contact_id IN ({places(ids)})")
        params += ids
    for text, comparison in ((query.from_date, ">="), (query.to_date, "<=")):
        if text:
            conditions.append(f"p.date {comparison} ?")
            params.append(parse_date(text).isoformat())
    if query.unallocated:
        conditions.append("p.state = 'done' AND p.counter_of IS NULL AND p.used < p.amount + p.discount")
    if query.q:
        word = contains(clean_text(query.q))
        conditions.append(
            "(p.number LIKE ? ESCAPE '!' OR p.reference LIKE ? ESCAPE '!' OR p.note LIKE ? ESCAPE '!' OR EXISTS"
            " (SELECT 1 FROM {auxiliary} a WHERE a.id = p.contact_id AND a.name LIKE ? ESCAPE '!'))"
        )
        params += [word] * 4
    return conditions, params


def _heads(payments: Sequence[StoredPayment]) -> list[dict[str, Any]]:
    digits = base_digits()
    contacts = naming.contact_names(payment.contact_id for payment in payments)
    people = naming.person_names(payment.created_by for payment in payments)
    accounts = naming.account_names(payment.account_id for payment in payments)
    return [
        {
            "id": payment.id,
            "kind": payment.kind,
            "number": payment.number or "",
            "date": payment.date,
            "state": payment.state,
            "contact_id": payment.contact_id,
            "contact": contacts.get(payment.contact_id, ""),
            "account_code": accounts[payment.account_id][0],
            "account_name": accounts[payment.account_id][1],
            "amount": format_amount(payment.amount, digits),
            "discount": format_amount(payment.discount, digits),
            "unallocated": format_amount(payment.unused, digits),
            "reference": payment.reference,
            "note": payment.note,
            "maker": people.get(payment.created_by, ""),
            "counter_of": payment.counter_of,
            "cancelled_by": payment.cancelled_by,
            "version": payment.version,
        }
        for payment in payments
    ]


def allocation_views(allocations: Sequence[StoredAllocation]) -> list[Allocation]:
    """Return allocations with the documents and payments they are of."""
    digits = base_digits()
    documents = _named("document", [row.document_id for row in allocations if row.document_id is not None])
    advances = _named("payment", [row.advance_id for row in allocations if row.advance_id is not None])
    views = []
    for row in allocations:
        used = row.document_id if row.document_id is not None else row.advance_id or 0
        kind, number, date = (documents if row.document_id is not None else advances)[used]
        views.append(
            Allocation(
                id=row.id,
                part=row.part,  # type: ignore[arg-type]  # the table allows only these
                document_kind=kind,
                document_id=used,
                document_number=number,
                document_date=date,
                amount=format_amount(row.amount, digits),
                date=row.date,
            )
        )
    return views


def _named(table: str, ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    wanted = sorted(set(ids))
    found: dict[int, tuple[str, str, str]] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        rows = fetch_all(
            f"SELECT id, kind, COALESCE(number, ''), date FROM {{{table}}} WHERE id IN ({places(chunk)})", chunk
        )
        found |= {int(row[0]): (str(row[1]), str(row[2]), str(row[3])) for row in rows}
    return found


def _settlements_of(payment_id: int) -> list[DocumentLink]:
    rows = fetch_all(
        "SELECT DISTINCT s.id, s.number, s.date, s.state FROM {allocation} a JOIN {settlement} s ON s.id ="
        " a.settlement_id WHERE a.advance_id = ? ORDER BY s.date, s.id",
        (payment_id,),
    )
    return [
        DocumentLink(kind="settlement", id=row[0], number=row[1], date=row[2], state=row[3], relation="settlement")
        for row in rows
    ]
