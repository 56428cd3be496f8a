"""断号整理 among unposted vouchers, templates, and recurring vouchers that are never made twice."""

from __future__ import annotations

import threading

import pytest

from app.contract.ledger import BatchResult
from app.contract.voucher_work import MakeDue, NumberOrder, NumberQuery, TemplateEntry, TemplateInput
from app.identity.actor import Actor
from app.kernel.errors import Conflict, MalformedInput, NotFound, PermissionDenied, RuleBroken
from app.ledger.queries.numbers import list_number_runs
from app.ledger.queries.templates import list_due, list_templates
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service import periods, states, templates, vouchers
from app.ledger.service.renumbering import order_numbers
from app.ledger.verify import verify_book
from app.storage.database import Book, execute, fetch_all
from tests.ledger.build import draft, line, posted

NOBODY = Actor(user_id=1, name="客", permissions=frozenset(), is_owner=False)


def one(owner: Actor, date: str) -> int:
    return draft(owner, date, line("560205", "1"), line("1405", credit="1")).id


def numbers(*ids: int) -> list[int | None]:
    return [get_voucher(voucher_id).number for voucher_id in ids]


def test_gaps_are_listed_and_closed_by_what_is_unposted(owner: Actor) -> None:
    first = posted(owner, "2026-01-05", line("560205", "1"), line("1405", credit="1")).id
    second, third = one(owner, "2026-01-07"), one(owner, "2026-01-06")
    execute("UPDATE {voucher} SET number = 4 WHERE id = ?", (third,))
    execute("UPDATE {voucher} SET number = 3 WHERE id = ?", (second,))
    execute("UPDATE {number_counter} SET last_number = 4")
    run = list_number_runs(NumberQuery(from_period="2026-01", to_period="2026-01")).runs[0]
    assert (run.word, run.last, run.missing, run.unposted, run.fixed_after) == ("记", 4, [2], 2, "")
    assert verify_book().findings != []
    assert order_numbers(owner, NumberOrder(period="2026-01", word="记")).moved == 2
    assert numbers(first, second, third) == [1, 2, 3]
    assert verify_book().findings == []
    assert order_numbers(owner, NumberOrder(period="2026-01", word="记")).moved == 0


def test_a_gap_before_a_posted_or_void_number_stays_and_names_it(owner: Actor) -> None:
    one(owner, "2026-01-05")
    later = one(owner, "2026-01-06")
    states.void_voucher(owner, later)
    execute("UPDATE {voucher} SET number = 3 WHERE id = ?", (later,))
    assert list_number_runs(NumberQuery()).runs[0].fixed_after == "记-3"
    with pytest.raises(RuleBroken, match=r"缺第 2 号.*记-3"):
        order_numbers(owner, NumberOrder(period="2026-01", word="记"))
    assert numbers(later) == [3]


def test_unposted_vouchers_are_ordered_by_date_around_the_posted_ones(owner: Actor) -> None:
    late, fixed, early = one(owner, "2026-01-20"), one(owner, "2026-01-10"), one(owner, "2026-01-05")
    states.review_and_post(owner, fixed)
    assert order_numbers(owner, NumberOrder(period="2026-01", word="记", by_date=True)).moved == 2
    assert numbers(early, fixed, late) == [1, 2, 3]
    assert verify_book().findings == []
    with pytest.raises(PermissionDenied):
        order_numbers(NOBODY, NumberOrder(period="2026-01", word="记"))


def test_a_closed_month_is_not_numbered_anew(owner: Actor) -> None:
    periods.close_period(owner, 202601)
    with pytest.raises(RuleBroken, match="已结账"):
        order_numbers(owner, NumberOrder(period="2026-01", word="记"))


def rent(**more: object) -> TemplateInput:
    entries = [
        TemplateEntry(summary="付{年}年{月}月房租", account_code="560205", debit="300"),
        TemplateEntry(summary="付{年}年{月}月房租", account_code="1002", credit="300"),
    ]
    values: dict[str, object] = {
        "name": "房租",
        "entries": entries,
        "every_months": 1,
        "first_period": "2026-01",
        "day": 31,
    }
    return TemplateInput.model_validate(values | more)


def test_what_is_due_is_made_once_however_often_it_is_asked_for(owner: Actor) -> None:
    template = templates.add_template(owner, rent(every_months=2, last_period="2026-05"))
    assert [due.date for due in list_due("2026-01").due] == ["2026-01-31"]
    assert list_due("2026-02").due == []
    assert list_due("2026-07").due == []
    assert templates.make_due(owner, MakeDue(period="2026-01")) == BatchResult(done=1, refused=[])
    assert templates.make_due(owner, MakeDue(period="2026-01")) == BatchResult(done=0, refused=[])
    assert templates.make_due(owner, MakeDue(period="2026-02")).done == 0
    due = list_due("2026-01").due[0]
    assert (due.voucher, due.voucher_id is None) == ("记-1", False)
    made = get_voucher(due.voucher_id or 0)
    assert (made.state, made.origin, made.summary) == ("draft", f"recurring:{template.id}", "付2026年1月房租")
    assert [entry.cash_flow_line for entry in made.entries] == [None, 6]
    assert list_templates().templates[0].last_made == "2026-01"


def test_a_deleted_draft_may_be_made_again(owner: Actor) -> None:
    templates.add_template(owner, rent())
    templates.make_due(owner, MakeDue(period="2026-02"))
    due = list_due("2026-02").due[0]
    assert due.date == "2026-02-28"
    vouchers.delete_draft(owner, due.voucher_id or 0)
    assert list_due("2026-02").due[0].voucher_id is None
    assert templates.make_due(owner, MakeDue(period="2026-02", template_ids=[due.template_id])).done == 1


@pytest.mark.usefixtures("patient_books")
def test_two_people_at_once_make_it_once(owner: Actor, book: Book) -> None:
    templates.add_template(owner, rent())
    done: list[int] = []

    def make() -> None:
        with book.session():
            done.append(templates.make_due(owner, MakeDue(period="2026-03")).done)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 0, 0, 1]
    assert len(fetch_all("SELECT id FROM {voucher}")) == 1


def test_a_closed_month_gets_none(owner: Actor) -> None:
    templates.add_template(owner, rent())
    periods.close_period(owner, 202601)
    with pytest.raises(RuleBroken, match="已结账"):
        templates.make_due(owner, MakeDue(period="2026-01"))


def test_templates_are_checked_changed_and_removed(owner: Actor) -> None:
    open_amounts = [TemplateEntry(summary="付款", account_code="560205"), TemplateEntry(account_code="1002")]
    kept = templates.add_template(owner, rent(name="付款", entries=open_amounts, every_months=0, first_period=""))
    with pytest.raises(Conflict, match="付款"):
        templates.add_template(owner, rent(name="付款"))
    for wrong, field in (
        (rent(name=" "), "name"),
        (rent(first_period=""), "first_period"),
        (rent(last_period="2025-12"), "last_period"),
        (rent(entries=open_amounts), "entries.0.debit"),
    ):
        with pytest.raises(MalformedInput) as caught:
            templates.add_template(owner, wrong)
        assert field in caught.value.fields
    changed = templates.change_template(owner, kept.id, rent(name="房租", version=kept.version))
    assert (changed.name, changed.version) == ("房租", 2)
    with pytest.raises(Conflict):
        templates.change_template(owner, kept.id, rent(version=kept.version))
    templates.make_due(owner, MakeDue(period="2026-01"))
    templates.remove_template(owner, kept.id)
    assert len(fetch_all("SELECT id FROM {voucher}")) == 1
    with pytest.raises(NotFound):
        templates.remove_template(owner, kept.id)
    with pytest.raises(PermissionDenied):
        templates.add_template(NOBODY, rent())
