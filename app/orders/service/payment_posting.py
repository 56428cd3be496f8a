"""What payments and settlements mean in the ledger.

小企业会计准则: money of customers before the invoice is 预收账款, money to suppliers 预付账款; a cash discount
(现金折扣) is finance cost when granted (art. 60) and lowers it when taken.
"""

from __future__ import annotations

from app.contacts.queries import group_of
from app.contacts.service.roles import ensure_role
from app.identity.actor import Actor
from app.inventory.service.posting import DocumentRef, PostingLine, account_for, post_document
from app.kernel.text import message
from app.orders.queries.naming import contact_names
from app.orders.queries.payment_loading import COLLECTION, SETTLEMENT, StoredPayment
from app.storage.database import fetch_one


def payment_ref(payment: StoredPayment) -> DocumentRef:
    """Return a payment as vouchers are linked to it."""
    return DocumentRef(payment.kind, payment.id, payment.number or "")


def settlement_ref(settlement_id: int, number: str) -> DocumentRef:
    """Return a settlement as vouchers are linked to it."""
    return DocumentRef(SETTLEMENT, settlement_id, number)


def post_payment(actor: Actor, payment: StoredPayment, *, settled: int, refunded: int) -> int | None:
    """Book a finished payment: money against invoices (`settled`), credits paid out (`refunded`), and the advance.

    `settled` went to invoices of its own side, `refunded` to credits of the other; amounts in minor units.
    """
    advance = payment.amount + payment.discount - settled - refunded
    make = _collected if payment.kind == COLLECTION else _paid
    lines = make(actor, payment, settled, refunded, advance)
    told = {"contact": contact_names([payment.contact_id])[payment.contact_id], "number": payment.number}
    summary = message("收款 {contact} {number}", **told)
    if payment.kind != COLLECTION:
        summary = message("付款 {contact} {number}", **told)
    kept = [line for line in lines if line.amount_minor]
    return post_document(actor, payment_ref(payment), payment.date, kept, summary=str(summary))


def _collected(actor: Actor, payment: StoredPayment, settled: int, refunded: int, advance: int) -> list[PostingLine]:
    group = group_of(payment.contact_id)
    aux = ensure_role(payment.contact_id, "customer", actor)
    supplier = ensure_role(payment.contact_id, "supplier", actor) if refunded else ""
    return [
        PostingLine("debit", payment.amount, account_code=_account_code(payment.account_id), aux_text=aux),
        PostingLine("debit", payment.discount, "cash_discount_granted", contact_group_id=group),
        PostingLine("credit", settled, "receivable", aux_text=aux, contact_group_id=group),
        PostingLine("credit", advance, "advance_received", aux_text=aux, contact_group_id=group),
        PostingLine("credit", refunded, "payable", aux_text=supplier, contact_group_id=group),
    ]


def _paid(actor: Actor, payment: StoredPayment, settled: int, refunded: int, advance: int) -> list[PostingLine]:
    group = group_of(payment.contact_id)
    aux = ensure_role(payment.contact_id, "supplier", actor)
    customer = ensure_role(payment.contact_id, "customer", actor) if refunded else ""
    return [
        PostingLine("debit", settled, "payable", aux_text=aux, contact_group_id=group),
        PostingLine("debit", advance, "advance_paid", aux_text=aux, contact_group_id=group),
        PostingLine("debit", refunded, "receivable", aux_text=customer, contact_group_id=group),
        *([_discount_taken(payment.discount, group)] if payment.discount else []),
        PostingLine("credit", payment.amount, account_code=_account_code(payment.account_id), aux_text=aux),
    ]


def _discount_taken(amount: int, group: int | None) -> PostingLine:
    """Return the line of a cash discount that was taken.

    It lowers finance cost: a red debit, so that the year's turnover shows what it came to; on an account of income it
    is a credit.
    """
    code = account_for("cash_discount_taken", contact_group_id=group)
    row = fetch_one("SELECT normal_side FROM {account} WHERE code = ?", (code,))
    if row is not None and row[0] == "debit":
        return PostingLine("debit", -amount, account_code=code)
    return PostingLine("credit", amount, account_code=code)


def post_settlement(
    actor: Actor, document: DocumentRef, date: str, *, side: str, contact_id: int, advances: int, other_side: int
) -> int | None:
    """Book a settlement: advances and the other side against invoices; credits stand on their account already."""
    group = group_of(contact_id)
    customer = ensure_role(contact_id, "customer", actor) if side == "sales" or other_side else ""
    supplier = ensure_role(contact_id, "supplier", actor) if side == "purchase" or other_side else ""
    if account_for("advance_received" if side == "sales" else "advance_paid", contact_group_id=group) == account_for(
        "receivable" if side == "sales" else "payable", contact_group_id=group
    ):
        advances = 0  # a book without accounts of advances keeps them where the invoices are
    if side == "sales":
        lines = [
            PostingLine("debit", advances, "advance_received", aux_text=customer, contact_group_id=group),
            PostingLine("debit", other_side, "payable", aux_text=supplier, contact_group_id=group),
            PostingLine("credit", advances + other_side, "receivable", aux_text=customer, contact_group_id=group),
        ]
    else:
        lines = [
            PostingLine("debit", advances + other_side, "payable", aux_text=supplier, contact_group_id=group),
            PostingLine("credit", advances, "advance_paid", aux_text=supplier, contact_group_id=group),
            PostingLine("credit", other_side, "receivable", aux_text=customer, contact_group_id=group),
        ]
    who = contact_names([contact_id])[contact_id]
    summary = str(message("核销 {contact} {number}", contact=who, number=document.number))
    return post_document(actor, document, date, [line for line in lines if line.amount_minor], summary=summary)


def _account_code(account_id: int) -> str:
    row = fetch_one("SELECT code FROM {account} WHERE id = ?", (account_id,))
    return "" if row is None else str(row[0])
