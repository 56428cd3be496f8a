"""The ageing analysis where documents know what settled what, and when it falls due."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.contacts.service.contacts import change_contact
from app.contract.contacts import ContactChange
from app.contract.orders import AllocationInput, SettlementInput
from app.contract.stock import Cancellation
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.ledger.service.book import set_up_ledger
from app.orders.service.payment_finishing import cancel_payment
from app.orders.service.settlements import cancel_settlement, create_settlement
from app.storage.database import Book
from tests.ledger.build import line, posted
from tests.orders.books import customer, invoice
from tests.orders.test_payments import paid, parts
from tests.reports.asking import ask, columns


@pytest.fixture
def firm(book: Book) -> Iterator[Actor]:
    """The owner of a firm's book that starts in 2026-01; the book is current during the test."""
    with book.session():
        actor = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        yield actor


def open_lines(actor: Actor, last: str) -> list[tuple[str, ...]]:
    """Return which documents are open at a month's end, as the statement of account says it."""
    rows, _ = ask(actor, "statement-of-account", "2026-01", last, aux="客户:甲公司")
    return columns([row for row in rows if row["open"] != "0.00"], "account_code", "document", "due_date", "open")


def test_what_documents_settle_is_taken_out_first(firm: Actor) -> None:
    contact = customer(firm)
    old = invoice(firm, contact, "100", due="2026-02-04", number="XF-0")
    new = invoice(firm, contact, "80", date="2026-03-02", due="2026-04-01")
    made = paid(firm, contact, "90", (new, "60"), date="2026-03-10")
    rows, totals = ask(firm, "ageing", last="2026-03")
    assert columns(rows, "account_code", "balance", "not_due", "overdue_31_60", "overdue_1_30") == [
        ("1122", "120.00", "20.00", "100.00", "0.00"),  # first in, first out alone would leave 40 of the old one
        ("2203", "30.00", "30.00", "0.00", "0.00"),  # owed in goods, so no day makes it overdue
    ]
    assert totals["balance"] == "90.00"
    settlement = create_settlement(
        firm,
        SettlementInput(
            date="2026-04-05",
            contact_id=contact,
            side="sales",
            payments=[AllocationInput(document_id=made.id, amount="30")],
            invoices=parts((old, "10"), (new, "20")),
        ),
    )
    assert open_lines(firm, "2026-04") == [("1122", "XF-0", "2026-02-04", "90.00")]
    # what was settled later counts not yet
    assert columns(ask(firm, "ageing", last="2026-03")[0], "balance") == [("120.00",), ("30.00",)]
    cancel_settlement(firm, settlement.id, Cancellation(date="2026-05-06"))
    cancel_payment(firm, made.id, Cancellation(date="2026-05-07"))
    assert columns(ask(firm, "ageing", last="2026-04")[0], "balance", "overdue_61_90") == [("90.00", "90.00")]
    rows, _ = ask(firm, "ageing", last="2026-05")
    assert columns(rows, "balance", "overdue_31_60", "overdue_over_90") == [("180.00", "80.00", "100.00")]


def test_terms_of_the_contact_make_what_has_no_document_fall_due(firm: Actor) -> None:
    contact = customer(firm)
    change_contact(firm, contact, ContactChange(version=1, terms_days=30))
    posted(firm, "2026-01-31", line("1122", "5", aux="客户:甲公司"), line("5001", credit="5"))
    rows, _ = ask(firm, "ageing", last="2026-02")
    assert columns(rows, "not_due", "overdue_1_30") == [("5.00", "0.00")]
    rows, _ = ask(firm, "ageing", last="2026-03")
    assert columns(rows, "not_due", "overdue_1_30") == [("0.00", "5.00")]
