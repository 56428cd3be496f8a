"""Where the papers come from: one reader for each source, over the slices' queries and with their rights."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.contacts.queries.contacts import get_contact
from app.contract.document_printing import DocumentPrintQuery, PrintSource
from app.identity.actor import Actor
from app.inventory.queries.stock_documents import get_stock_document
from app.kernel.errors import MalformedInput
from app.kernel.period import first_day, format_period, last_day, parse_date, period_of
from app.kernel.text import message
from app.ledger.queries.auxiliaries import get_auxiliary
from app.orders.queries.documents import get_document
from app.orders.queries.payments import get_payment
from app.reports.document_print.form import PrintedForm
from app.reports.document_print.forms import (
    AccountRow,
    Party,
    Words,
    document_form,
    payment_form,
    statement_form,
    stock_form,
)
from app.reports.request import ReportRequest
from app.reports.trade.statement_of_account import statement_of_account

Reader = Callable[[Actor, DocumentPrintQuery, int, Words], PrintedForm]
"""Reads one thing by its id. Raises `NotFound`, and `PermissionDenied` where the actor may not see it."""


def _document(actor: Actor, query: DocumentPrintQuery, document_id: int, words: Words) -> PrintedForm:
    document = get_document(actor, document_id)
    party = Party(document.contact or document.person) if document.contact_id is None else _party(document.contact_id)
    return document_form(document, party, words, with_prices=query.with_prices)


def _party(contact_id: int) -> Party:
    contact = get_contact(contact_id)
    bank = " ".join(part for part in (contact.bank_name, contact.bank_account) if part)
    return Party(contact.name, contact.address, contact.phone, contact.tax_number, bank)


def _payment(actor: Actor, _query: DocumentPrintQuery, payment_id: int, words: Words) -> PrintedForm:
    actor.require("orders:payment:view")
    payment = get_payment(payment_id)
    return payment_form(payment, _party(payment.contact_id), words)


def _stock(actor: Actor, query: DocumentPrintQuery, document_id: int, words: Words) -> PrintedForm:
    actor.require("inventory:document:view")
    return stock_form(get_stock_document(document_id), words, with_prices=query.with_prices)


def _statement(actor: Actor, query: DocumentPrintQuery, contact_id: int, words: Words) -> PrintedForm:
    """Whole months, for that is what the statement of account is kept by."""
    if not (query.from_date and query.to_date):
        raise MalformedInput("days_missing", message("请说明对账单从哪天到哪天。"))
    first, last = period_of(parse_date(query.from_date)), period_of(parse_date(query.to_date))
    named = get_auxiliary(contact_id)
    aux = f"{named.kind}:{named.name}"
    wanted = ReportRequest(from_period=format_period(first), to_period=format_period(last), aux=aux)
    rows = [
        AccountRow(
            date=row["date"],
            what=row["summary"],
            number=row["document"] or row["voucher"],
            debit=row["debit"] if row["kind"] == "entry" else "",
            credit=row["credit"] if row["kind"] == "entry" else "",
            direction=row["direction"],
            balance=row["balance"],
        )
        for row in statement_of_account(actor, wanted).rows
    ]
    days = (first_day(first).isoformat(), last_day(last).isoformat())
    return statement_form(rows, days, _party(contact_id), words)


READERS: Mapping[PrintSource, Reader] = {
    "document": _document,
    "payment": _payment,
    "stock": _stock,
    "statement": _statement,
}
