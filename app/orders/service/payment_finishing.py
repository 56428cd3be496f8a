"""Carrying payments out, and taking them back by a counter-document."""

from __future__ import annotations

from collections.abc import Sequence

from app.contract.base import Change
from app.contract.orders import Payment
from app.contract.stock import Cancellation
from app.identity import audit
from app.identity.actor import Actor
from app.inventory.service.posting import DocumentRef, reverse_vouchers
from app.kernel.clock import utc_ms
from app.kernel.errors import RuleBroken
from app.kernel.text import clean_text, message
from app.orders.errors import state_wrong
from app.orders.queries.loading import StoredDocument, load_documents
from app.orders.queries.open_items import KINDS_OF_SIDE
from app.orders.queries.payment_loading import (
    COLLECTION,
    NAMES,
    StoredAllocation,
    StoredPayment,
    allocations_of,
    load_payment,
)
from app.orders.queries.payments import payment_view
from app.orders.service.allocating import Use, book_uses, check_documents, take_back
from app.orders.service.payment_days import counter_date, require_open_month, take_number
from app.orders.service.payment_posting import payment_ref, post_payment
from app.orders.service.payments import lock_payment, refuse_finished
from app.storage.database import execute, fetch_one, insert_returning_id, run_unit


def finish_payment(actor: Actor, payment_id: int, change: Change | None = None) -> Payment:
    """Carry a draft out: it gets its number, settles its invoices, and is booked; the rest of it is an advance.

    Raises `NotFound`, `Conflict` for a stale version, `RuleBroken` when an invoice has less open than it is to settle,
    the month is closed, or the voucher cannot be made.
    """
    actor.require("orders:payment:finish")

    def work() -> Payment:
        documents, payment, planned = _locked(payment_id, None if change is None else change.version)
        refuse_finished(payment)
        require_open_month(payment.date, payment.name)
        uses = [
            Use(row.part, row.document_id or 0, row.amount, f"allocations.{place}.amount")
            for place, row in enumerate(planned)
        ]
        check_documents(uses, documents, settled_kinds(payment.kind), payment.contact_id)
        own = KINDS_OF_SIDE[payment.side][0]
        settled = sum(use.amount for use in uses if documents[use.id].kind == own)
        refunded = sum(use.amount for use in uses) - settled
        number = take_number(payment.kind, payment.date)
        execute(
            "UPDATE {payment} SET state = 'done', number = ?, used = ?, updated_at = ?, version = version + 1"
            " WHERE id = ?",
            (number, settled + refunded, utc_ms(), payment_id),
        )
        book_uses(uses, payment_id=payment_id, settlement_id=None, date=payment.date)
        post_payment(actor, load_payment(payment_id), settled=settled, refunded=refunded)
        view = payment_view(load_payment(payment_id))
        audit.record(actor, "orders:payment:finish", "payment", payment_id, after=view)
        return view

    return run_unit(work)


def settled_kinds(kind: str) -> tuple[str, str]:
    """Return what a payment settles: invoices of its side, and credits of the other, which it pays out."""
    return ("sales_invoice", "purchase_credit") if kind == COLLECTION else ("purchase_invoice", "sales_credit")


def cancel_payment(actor: Actor, payment_id: int, wish: Cancellation) -> Payment:
    """Take a payment back by a counter-document, which opens its invoices again and reverses its voucher.

    Raises `NotFound`, `Conflict` for a stale version, `RuleBroken` for one that is not carried out, or whose advance
    was used: that settlement is taken back first. Returns the payment.
    """
    actor.require("orders:payment:cancel")

    def work() -> Payment:
        _, payment, allocations = _locked(payment_id, wish.version)
        if not payment.stands:
            raise state_wrong(payment.name, message("只有已办理、没有撤销的收付款可以撤销；草稿请直接删除。"))
        _refuse_used(payment, allocations)
        date = counter_date(wish.date, payment.date, payment.name)
        counter = _insert_counter(actor, payment, date, clean_text(wish.reason))
        take_back(allocations, payment_id=counter.id, settlement_id=None, date=date)
        execute(
            "UPDATE {payment} SET state = 'cancelled', cancelled_by = ?, reason = ?, updated_at = ?,"
            " version = version + 1 WHERE id = ?",
            (counter.id, clean_text(wish.reason), utc_ms(), payment_id),
        )
        reverse_vouchers(actor, payment_ref(payment), counter, date)
        view = payment_view(load_payment(payment_id))
        audit.record(actor, "orders:payment:cancel", "payment", payment_id, after=view)
        return view

    return run_unit(work)


def _locked(
    payment_id: int, version: int | None
) -> tuple[dict[int, StoredDocument], StoredPayment, list[StoredAllocation]]:
    """Lock the documents of a payment, then the payment; return both, and its allocations."""
    before = load_payment(payment_id)
    ids = _document_ids(payment_id)
    documents = {document.id: document for document in load_documents(ids, lock=True)}
    # a draft that was changed between the two readings may name other documents: as for any stale edit
    payment = lock_payment(payment_id, before.version if version is None else version)
    return documents, payment, allocations_of("payment_id", [payment_id])


def _document_ids(payment_id: int) -> Sequence[int]:
    return [row.document_id or 0 for row in allocations_of("payment_id", [payment_id])]


def _refuse_used(payment: StoredPayment, allocations: Sequence[StoredAllocation]) -> None:
    if payment.used == sum(row.amount for row in allocations):
        return
    row = fetch_one(
        "SELECT s.number FROM {allocation} a JOIN {settlement} s ON s.id = a.settlement_id WHERE a.advance_id = ?"
        " AND s.state = 'done' AND s.counter_of IS NULL ORDER BY s.id",
        (payment.id,),
    )
    raise RuleBroken(
        "advance_used",
        message(
            "{payment}多出的款已由核销单 {number} 用去，请先撤销那张核销单。",
            payment=payment.name,
            number="" if row is None else row[0],
        ),
    )


def _insert_counter(actor: Actor, payment: StoredPayment, date: str, reason: str) -> DocumentRef:
    """Write the exact opposite of a payment and return it."""
    number = take_number(payment.kind, date)
    now = utc_ms()
    values = {
        "kind": payment.kind,
        "number": number,
        "date": date,
        "state": "done",
        "contact_id": payment.contact_id,
        "account_id": payment.account_id,
        "amount": -payment.amount,
        "discount": -payment.discount,
        "used": -payment.used,
        "reference": payment.reference,
        "note": str(message("撤销{kind} {number}", kind=NAMES[payment.kind], number=payment.number or "")),
        "reason": reason,
        "counter_of": payment.id,
        "created_by": actor.user_id,
        "created_at": now,
        "updated_at": now,
    }
    counter_id = insert_returning_id(
        f"INSERT INTO {{payment}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
    )
    return DocumentRef(payment.kind, counter_id, number)
