"""Payments, settlements and open items over HTTP: thin routes over the services."""

from __future__ import annotations

from app.contract.base import Change, VersionQuery
from app.contract.orders import (
    OpenItemList,
    OpenItemQuery,
    Payment,
    PaymentInput,
    PaymentPage,
    PaymentQuery,
    Settlement,
    SettlementInput,
    SettlementList,
    SettlementQuery,
)
from app.contract.stock import Cancellation
from app.http import Routes, decode_cursor, encode_cursor
from app.http.decoding import require_version
from app.identity.actor import Actor
from app.orders.queries import open_items as open_item_queries
from app.orders.queries import payments as payment_queries
from app.orders.queries import settlements as settlement_queries
from app.orders.service import payment_finishing, payments, settlements

routes = Routes("payments")


@routes.get("/api/payments", permission="orders:payment:view", query=PaymentQuery, response=PaymentPage)
def list_payments(query: PaymentQuery) -> PaymentPage:
    """List payments, newest first."""
    rows, more = payment_queries.list_payments(query, _position(query.cursor))
    return PaymentPage(payments=rows, next=encode_cursor([rows[-1].date, rows[-1].id]) if more else None)


@routes.post("/api/payments", permission="orders:payment:add", body=PaymentInput, response=Payment, status=201)
def add_payment(actor: Actor, body: PaymentInput) -> Payment:
    """Save a payment as a draft."""
    return payments.create_payment(actor, body)


@routes.get("/api/payments/<int:id>", permission="orders:payment:view", response=Payment)
def get_payment(id: int) -> Payment:  # noqa: A002
    """Return a payment whole."""
    return payment_queries.get_payment(id)


@routes.put("/api/payments/<int:id>", permission="orders:payment:edit", body=PaymentInput, response=Payment)
def change_payment(actor: Actor, id: int, body: PaymentInput) -> Payment:  # noqa: A002
    """Replace a draft."""
    require_version(body)
    return payments.change_payment(actor, id, body)


@routes.delete("/api/payments/<int:id>", permission="orders:payment:edit", query=VersionQuery)
def delete_payment(actor: Actor, id: int, query: VersionQuery) -> None:  # noqa: A002
    """Delete a draft."""
    payments.delete_payment(actor, id, query.version)


@routes.post("/api/payments/<int:id>/finish", permission="orders:payment:finish", body=Change, response=Payment)
def finish_payment(actor: Actor, id: int, body: Change) -> Payment:  # noqa: A002
    """Carry a draft out: it settles its invoices and is booked."""
    return payment_finishing.finish_payment(actor, id, body)


@routes.post("/api/payments/<int:id>/cancel", permission="orders:payment:cancel", body=Cancellation, response=Payment)
def cancel_payment(actor: Actor, id: int, body: Cancellation) -> Payment:  # noqa: A002
    """Take a payment back by a counter-document."""
    return payment_finishing.cancel_payment(actor, id, body)


@routes.get("/api/open-items", permission="orders:payment:view", query=OpenItemQuery, response=OpenItemList)
def list_open_items(query: OpenItemQuery) -> OpenItemList:
    """Return what of a contact is open on a side: invoices, credits, advances."""
    return open_item_queries.open_items(query)


@routes.get("/api/settlements", permission="orders:settlement:view", query=SettlementQuery, response=SettlementList)
def list_settlements(query: SettlementQuery) -> SettlementList:
    """List settlements, newest first."""
    rows, more = settlement_queries.list_settlements(query, _position(query.cursor))
    return SettlementList(settlements=rows, next=encode_cursor([rows[-1].date, rows[-1].id]) if more else None)


@routes.post(
    "/api/settlements", permission="orders:settlement:add", body=SettlementInput, response=Settlement, status=201
)
def add_settlement(actor: Actor, body: SettlementInput) -> Settlement:
    """Settle invoices with advances, credits or invoices of the other side, and book it."""
    return settlements.create_settlement(actor, body)


@routes.get("/api/settlements/<int:id>", permission="orders:settlement:view", response=Settlement)
def get_settlement(id: int) -> Settlement:  # noqa: A002
    """Return a settlement whole."""
    return settlement_queries.get_settlement(id)


@routes.post(
    "/api/settlements/<int:id>/cancel",
    permission="orders:settlement:cancel",
    body=Cancellation,
    response=Settlement,
)
def cancel_settlement(actor: Actor, id: int, body: Cancellation) -> Settlement:  # noqa: A002
    """Take a settlement back by a counter-document."""
    return settlements.cancel_settlement(actor, id, body)


def _position(cursor: str) -> tuple[str, int] | None:
    after = decode_cursor(cursor, str, int)
    return None if after is None else (str(after[0]), int(after[1] or 0))
