"""Money in and out: what it settles, what is left as an advance, what it books, and taking it back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.contract.base import Change
from app.contract.orders import (
    AllocationInput,
    OpenItemQuery,
    Payment,
    PaymentInput,
    PaymentQuery,
    Settlement,
    SettlementInput,
    SettlementQuery,
)
from app.contract.stock import Cancellation
from app.contract.voucher_work import VoucherSettingsInput
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import Conflict, MalformedInput, NotFound, PermissionDenied, RuleBroken, UserError
from app.ledger.service import periods
from app.ledger.service.book import set_up_ledger
from app.ledger.service.voucher_settings import change_voucher_settings
from app.orders.queries.open_items import open_items
from app.orders.queries.payments import get_payment, list_payments
from app.orders.queries.settlements import get_settlement, list_settlements
from app.orders.service.payment_finishing import cancel_payment, finish_payment
from app.orders.service.payments import change_payment, create_payment, delete_payment
from app.orders.service.settlements import cancel_settlement, create_settlement
from app.storage.database import Book, execute, fetch_all
from tests.orders.books import balance, customer, invoice, supplier


@pytest.fixture
def firm(book: Book) -> Iterator[Actor]:
    """The owner of a firm's book that starts in 2026-01; the book is current during the test."""
    with book.session():
        actor = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        yield actor


@pytest.fixture
def file_firm(sqlite_book: Book) -> Iterator[Actor]:
    """As `firm`, in a file, where the database does not matter."""
    with sqlite_book.session():
        actor = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        yield actor


def parts(*pairs: tuple[int, str]) -> list[AllocationInput]:
    return [AllocationInput(document_id=document_id, amount=amount) for document_id, amount in pairs]


def typed(contact: int, amount: str, *pairs: tuple[int, str], **more: Any) -> PaymentInput:
    values = {"kind": "collection", "date": "2026-01-20", "account_code": "1002", **more}
    return PaymentInput(contact_id=contact, amount=amount, allocations=parts(*pairs), **values)


def paid(actor: Actor, contact: int, amount: str, *pairs: tuple[int, str], **more: Any) -> Payment:
    return finish_payment(actor, create_payment(actor, typed(contact, amount, *pairs, **more)).id)


def settled_of(document_id: int) -> int:
    return int(fetch_all("SELECT settled FROM {document} WHERE id = ?", (document_id,))[0][0])


def entries_of(payment: Any) -> list[tuple[str, str, int, int]]:
    return [
        (row[0], row[1], int(row[2]), int(row[3]))
        for row in fetch_all(
            "SELECT a.code, e.summary, e.debit, e.credit FROM {entry} e JOIN {account} a ON a.id = e.account_id"
            " WHERE e.voucher_id = ? ORDER BY e.line",
            (payment.vouchers[0].voucher_id,),
        )
    ]


def test_one_payment_settles_several_invoices_and_the_rest_is_an_advance(firm: Actor) -> None:
    contact = customer(firm)
    first, second = invoice(firm, contact, "100"), invoice(firm, contact, "50", due="2026-02-04")
    made = paid(firm, contact, "180", (first, "100"), (second, "30"))
    assert (made.number, made.state, made.unallocated) == ("SK-202601-0001", "done", "50.00")
    assert (settled_of(first), settled_of(second)) == (10000, 3000)
    assert entries_of(made) == [
        ("1002", "收款 甲公司 SK-202601-0001", 18000, 0),
        ("1122", "收款 甲公司 SK-202601-0001", 0, 13000),
        ("2203", "收款 甲公司 SK-202601-0001", 0, 5000),
    ]
    assert made.vouchers[0].state == "posted"
    flows = fetch_all("SELECT cash_flow_line FROM {entry} WHERE voucher_id = ?", (made.vouchers[0].voucher_id,))
    assert [row[0] for row in flows] == [1, None, None]
    found = open_items(OpenItemQuery(contact_id=contact, side="sales"))
    assert [(item.id, item.open, item.due_date) for item in found.invoices] == [(second, "20.00", "2026-02-04")]
    assert [(item.kind, item.open) for item in found.advances] == [("collection", "50.00")]
    assert found.balance == "-30.00"


def test_a_supplier_is_paid_with_a_cash_discount_that_lowers_finance_cost(firm: Actor) -> None:
    contact = supplier(firm)
    bill = invoice(firm, contact, "100", kind="purchase_invoice")
    made = paid(firm, contact, "98", (bill, "100"), kind="payment", discount="2")
    assert [row[:1] + row[2:] for row in entries_of(made)] == [
        ("2202", 10000, 0),
        ("560305", -200, 0),
        ("1002", 0, 9800),
    ]
    buyer = customer(firm)
    sold = invoice(firm, buyer, "100")
    granted = paid(firm, buyer, "97", (sold, "100"), discount="3")
    assert [row[:1] + row[2:] for row in entries_of(granted)] == [
        ("1002", 9700, 0),
        ("560305", 300, 0),
        ("1122", 0, 10000),
    ]


def test_a_credit_is_paid_out(file_firm: Actor) -> None:
    contact = customer(file_firm)
    credit = invoice(file_firm, contact, "40", kind="sales_credit")
    made = paid(file_firm, contact, "40", (credit, "40"), kind="payment")
    assert made.unallocated == "0.00"
    assert balance("1122") == 0
    assert balance("1123") == 0


def test_drafts_are_changed_and_deleted_and_count_nowhere(file_firm: Actor) -> None:
    contact = customer(file_firm)
    bill = invoice(file_firm, contact, "100")
    draft = create_payment(file_firm, typed(contact, "10", (bill, "10")))
    assert (draft.state, draft.number, draft.unallocated) == ("draft", "", "0.00")
    assert settled_of(bill) == 0
    changed = change_payment(
        file_firm, draft.id, typed(contact, "20", (bill, "15")).model_copy(update={"version": draft.version})
    )
    assert [(row.document_id, row.amount) for row in changed.allocations] == [(bill, "15.00")]
    with pytest.raises(Conflict):
        finish_payment(file_firm, draft.id, Change(version=draft.version))
    delete_payment(file_firm, draft.id, changed.version)
    with pytest.raises(NotFound):
        get_payment(draft.id)
    made = paid(file_firm, contact, "10", (bill, "10"))
    assert made.number == "SK-202601-0001"
    for wrong in (
        lambda: delete_payment(file_firm, made.id),
        lambda: finish_payment(file_firm, made.id),
        lambda: change_payment(file_firm, made.id, typed(contact, "20")),
    ):
        with pytest.raises(RuleBroken):
            wrong()


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "1.234"}, "amount"),
        ({"date": "2026-13-01"}, "date"),
        ({"account_code": "9999"}, "account_code"),
        ({"account_code": "5603"}, "account_code"),
        ({"discount": "-1"}, "discount"),
        ({"discount": "1"}, "discount"),
        ({"contact_id": 10**6}, "contact_id"),
    ],
)
def test_wrong_fields_are_named(file_firm: Actor, wish: dict[str, Any], field: str) -> None:
    contact = customer(file_firm)
    with pytest.raises(MalformedInput) as refused:
        create_payment(file_firm, typed(contact, "10").model_copy(update=wish))
    assert field in refused.value.fields


def test_allocations_stay_within_the_payment_and_name_a_document_once(file_firm: Actor) -> None:
    contact = customer(file_firm)
    bill = invoice(file_firm, contact, "100")
    for pairs, field in (
        ([(bill, "11")], "allocations"),
        ([(bill, "5"), (bill, "5")], "allocations.1.document_id"),
        ([(bill, "0")], "allocations.0.amount"),
    ):
        with pytest.raises(MalformedInput) as refused:
            create_payment(file_firm, typed(contact, "10", *pairs))
        assert field in refused.value.fields


def test_only_open_invoices_of_the_contact_are_settled(file_firm: Actor) -> None:
    contact, other = customer(file_firm), customer(file_firm, "丙公司")
    bill, others = invoice(file_firm, contact, "100"), invoice(file_firm, other, "100")
    credit = invoice(file_firm, contact, "100", kind="sales_credit")
    for pairs in ([(bill, "100.01")], [(others, "1")], [(credit, "1")]):
        draft = create_payment(file_firm, typed(contact, "500", *pairs))
        with pytest.raises(RuleBroken) as refused:
            finish_payment(file_firm, draft.id)
        assert "allocations.0.amount" in refused.value.fields
    with pytest.raises(NotFound):
        create_payment(file_firm, typed(contact, "500", (10**6, "1")))
    execute("UPDATE {auxiliary} SET merged_into = ? WHERE id = ?", (contact, other))
    assert paid(file_firm, contact, "500", (others, "1")).unallocated == "499.00"


def test_a_closed_month_takes_no_payment_and_a_late_cancellation_goes_into_the_first_open_one(firm: Actor) -> None:
    contact = supplier(firm)
    made = paid(firm, contact, "10", kind="payment")
    late = create_payment(firm, typed(contact, "10", kind="payment"))
    periods.close_period(firm, 202601)
    with pytest.raises(RuleBroken, match="2026-01"):
        finish_payment(firm, late.id)
    gone = cancel_payment(firm, made.id, Cancellation(reason="付错"))
    assert gone.state == "cancelled"
    counter = get_payment(gone.cancelled_by or 0)
    assert (counter.date, counter.amount, counter.number) == ("2026-02-01", "-10.00", "FK-202602-0001")
    assert counter.vouchers[0].state == "posted"
    assert (balance("1123"), balance("1002")) == (0, 0)


def test_taking_everything_back_in_reverse_brings_all_back_to_where_it_began(firm: Actor) -> None:
    contact = customer(firm)
    first, second = invoice(firm, contact, "100"), invoice(firm, contact, "70")
    before = (balance("1122"), balance("2203"), balance("1002"))
    made = paid(firm, contact, "120", (first, "100"))
    settlement = create_settlement(
        firm,
        SettlementInput(
            date="2026-01-25",
            contact_id=contact,
            side="sales",
            payments=parts((made.id, "20")),
            invoices=parts((second, "20")),
        ),
    )
    assert (settlement.number, settlement.amount) == ("HX-202601-0001", "20.00")
    assert [row[:1] + row[2:] for row in entries_of(settlement)] == [("2203", 2000, 0), ("1122", 0, 2000)]
    assert get_payment(made.id).unallocated == "0.00"
    assert [link.number for link in get_payment(made.id).settlements] == ["HX-202601-0001"]
    with pytest.raises(RuleBroken, match="HX-202601-0001"):
        cancel_payment(firm, made.id, Cancellation())
    gone = cancel_settlement(firm, settlement.id, Cancellation())
    assert (gone.state, get_settlement(gone.cancelled_by or 0).amount) == ("cancelled", "-20.00")
    assert get_payment(made.id).unallocated == "20.00"
    with pytest.raises(RuleBroken):
        cancel_settlement(firm, settlement.id, Cancellation())
    cancel_payment(firm, made.id, Cancellation())
    with pytest.raises(RuleBroken):
        cancel_payment(firm, made.id, Cancellation())
    assert (settled_of(first), settled_of(second)) == (0, 0)
    assert (balance("1122"), balance("2203"), balance("1002")) == before
    assert open_items(OpenItemQuery(contact_id=contact, side="sales")).balance == "170.00"


def test_credits_and_the_other_side_settle_without_money(firm: Actor) -> None:
    contact = customer(firm)
    bill = invoice(firm, contact, "100")
    credit = invoice(firm, contact, "30", kind="sales_credit")
    only_credit = create_settlement(
        firm,
        SettlementInput(
            date="2026-01-25",
            contact_id=contact,
            side="sales",
            credits=parts((credit, "30")),
            invoices=parts((bill, "30")),
        ),
    )
    assert only_credit.vouchers == []  # both stand on the same account and contact
    purchase = invoice(firm, supplier(firm, "甲公司"), "50", kind="purchase_invoice")
    execute("UPDATE {document} SET contact_id = ? WHERE id = ?", (contact, purchase))
    both = create_settlement(
        firm,
        SettlementInput(
            date="2026-01-26",
            contact_id=contact,
            side="sales",
            other_side=parts((purchase, "50")),
            invoices=parts((bill, "50")),
        ),
    )
    assert [row[:1] + row[2:] for row in entries_of(both)] == [("2202", 5000, 0), ("1122", 0, 5000)]
    assert (balance("1122", "甲公司"), balance("2202", "甲公司")) == (2000, 0)
    assert (settled_of(bill), settled_of(credit), settled_of(purchase)) == (8000, 3000, 5000)


def test_both_sides_of_a_settlement_are_equal(file_firm: Actor) -> None:
    contact = customer(file_firm)
    bill = invoice(file_firm, contact, "100")
    advance = paid(file_firm, contact, "60")
    wish = SettlementInput(
        date="2026-01-25",
        contact_id=contact,
        side="sales",
        payments=parts((advance.id, "60")),
        invoices=parts((bill, "50")),
    )
    with pytest.raises(MalformedInput, match="两边要相等"):
        create_settlement(file_firm, wish)
    too_much = wish.model_copy(update={"payments": parts((advance.id, "61")), "invoices": parts((bill, "61"))})
    with pytest.raises(RuleBroken, match=r"60\.00"):
        create_settlement(file_firm, too_much)
    wrong_side = wish.model_copy(update={"side": "purchase", "invoices": parts((bill, "60"))})
    with pytest.raises(RuleBroken):
        create_settlement(file_firm, wrong_side)


def test_lists_go_newest_first_in_pages(file_firm: Actor) -> None:
    contact = customer(file_firm)
    bill = invoice(file_firm, contact, "100")
    made = [paid(file_firm, contact, "10", date=f"2026-01-{day}") for day in (11, 12, 13)]
    rows, more = list_payments(PaymentQuery(limit=2))
    assert ([row.id for row in rows], more) == ([made[2].id, made[1].id], True)
    rows, more = list_payments(PaymentQuery(limit=2), (rows[-1].date, rows[-1].id))
    assert ([row.id for row in rows], more) == ([made[0].id], False)
    create_settlement(
        file_firm,
        SettlementInput(
            date="2026-01-25",
            contact_id=contact,
            side="sales",
            payments=parts((made[0].id, "10")),
            invoices=parts((bill, "10")),
        ),
    )
    open_ones, _ = list_payments(PaymentQuery(unallocated=True, q="甲公司", from_date="2026-01-12"))
    assert [row.unallocated for row in open_ones] == ["10.00", "10.00"]
    assert list_payments(PaymentQuery(kind="payment"))[0] == []
    settlements, _ = list_settlements(SettlementQuery(contact_id=contact))
    assert [(row.part, row.document_number) for row in settlements[0].allocations] == [
        ("invoice", fetch_all("SELECT number FROM {document} WHERE id = ?", (bill,))[0][0]),
        ("advance", "SK-202601-0001"),
    ]


def test_each_step_needs_its_right(file_firm: Actor) -> None:
    contact = customer(file_firm)
    draft = create_payment(file_firm, typed(contact, "10"))
    nobody = Actor(file_firm.user_id, "无权", frozenset())
    wish = SettlementInput(date="2026-01-25", contact_id=contact, side="sales", invoices=parts((1, "10")))
    for act in (
        lambda: create_payment(nobody, typed(contact, "10")),
        lambda: change_payment(nobody, draft.id, typed(contact, "10")),
        lambda: delete_payment(nobody, draft.id),
        lambda: finish_payment(nobody, draft.id),
        lambda: cancel_payment(nobody, draft.id, Cancellation()),
        lambda: create_settlement(nobody, wish),
        lambda: cancel_settlement(nobody, 1, Cancellation()),
    ):
        with pytest.raises(PermissionDenied):
            act()
    cashier = Actor(file_firm.user_id, "出纳", frozenset({"orders:payment:finish"}))
    assert finish_payment(cashier, draft.id).vouchers[0].state == "posted"


def at_once(book: Book, works: list[Callable[[], object]]) -> list[UserError | None]:
    """Do several things at the same moment, each in a session of its own; return how each ended."""
    ends: list[UserError | None] = [None] * len(works)
    ready = threading.Barrier(len(works))

    def run(place: int, work: Callable[[], object]) -> None:
        with book.session():
            ready.wait()
            try:
                work()
            except UserError as refusal:
                ends[place] = refusal

    threads = [threading.Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.mark.usefixtures("patient_books")
def test_two_people_never_settle_the_same_cent(book: Book) -> None:
    with book.session():
        actor = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        contact = customer(actor)
        bill = invoice(actor, contact, "100")
        advance = paid(actor, contact, "70", date="2026-01-10")
        drafts = [create_payment(actor, typed(contact, "40", (bill, "40"))) for _ in range(3)]
        wish = SettlementInput(
            date="2026-01-25",
            contact_id=contact,
            side="sales",
            payments=parts((advance.id, "40")),
            invoices=parts((bill, "40")),
        )
    works: list[Callable[[], object]] = [
        *(lambda one=draft: finish_payment(actor, one.id) for draft in drafts),
        *(lambda: create_settlement(actor, wish) for _ in range(3)),
    ]
    ends = at_once(book, works)
    assert [type(end) for end in ends if end is not None] == [RuleBroken] * 4
    with book.session():
        assert settled_of(bill) == 8000
        used = fetch_all("SELECT SUM(used) FROM {payment} WHERE id = ?", (advance.id,))[0][0]
        booked = fetch_all("SELECT SUM(amount) FROM {allocation} WHERE booked = 1 AND document_id = ?", (bill,))[0][0]
        assert int(used) <= 7000
        assert int(booked) == 8000
        assert balance("1122") == 2000


def test_vouchers_bear_the_word_that_money_asks_for(file_firm: Actor) -> None:
    buyer, seller = customer(file_firm), supplier(file_firm)
    bill = invoice(file_firm, buyer, "100")
    change_voucher_settings(file_firm, VoucherSettingsInput(word_rule="收付转"))
    advance = paid(file_firm, buyer, "10")
    settlement = create_settlement(
        file_firm,
        SettlementInput(
            date="2026-01-25",
            contact_id=buyer,
            side="sales",
            payments=parts((advance.id, "10")),
            invoices=parts((bill, "10")),
        ),
    )
    made: list[Payment | Settlement] = [advance, paid(file_firm, seller, "10", kind="payment"), settlement]
    assert [one.vouchers[0].name.split(" ")[1].split("-")[0] for one in made] == ["收", "付", "转"]


def test_where_another_person_reviews_vouchers_stay_drafts_until_then(firm: Actor) -> None:
    change_voucher_settings(firm, VoucherSettingsInput(word_rule="记", review_by_other="on"))
    contact = customer(firm)
    first, second = paid(firm, contact, "10"), paid(firm, contact, "20")
    assert [one.vouchers[0].state for one in (first, second)] == ["draft", "draft"]
    assert balance("2203") == -3000
    assert cancel_payment(firm, first.id, Cancellation()).vouchers[0].state == "void"
    late = cancel_payment(firm, second.id, Cancellation(date="2026-02-03"))
    assert late.vouchers[0].state == "draft"
    assert get_payment(late.cancelled_by or 0).vouchers[0].state == "draft"
    assert balance("2203") == 0
