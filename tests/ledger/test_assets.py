"""Asset cards in the book: kept, changed from a month on, charged by vouchers that may go again, disposed of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.contract.assets import Asset, AssetChange, AssetDisposal, AssetDisposalQuery, AssetInput, AssetQuery
from app.contract.ledger import EntryInput, Reversal, VoucherInput
from app.contract.rates import ExchangeRateInput
from app.identity.actor import Actor
from app.kernel.errors import Conflict, MalformedInput, PermissionDenied, RuleBroken
from app.ledger.queries.assets import agreement
from app.ledger.queries.assets.cards import get_asset, get_schedule, list_assets
from app.ledger.queries.assets.content import all_cards, all_charges, all_rates, all_terms
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service import periods, states, vouchers
from app.ledger.service.assets.cards import change_asset, create_asset, delete_asset, preview_schedule
from app.ledger.service.assets.disposal import dispose_asset, plan_disposal, undo_disposal
from app.ledger.service.assets.due import ChargeDue, charges_due, record_charges
from app.ledger.service.rates import save_rates
from app.ledger.verify import verify_book
from app.storage.copying import copy
from app.storage.database import Book, fetch_all, open_database, run_unit
from tests.ledger.build import line, post_all, posted

VIEWER = Actor(99, "访客", frozenset({"ledger:asset:view"}), False)


def card(**more: Any) -> AssetInput:
    """A lathe of 12,000.00 without residual over 60 months: 200.00 a month from 2026-02 on."""
    values: dict[str, Any] = {
        "code": "A1",
        "name": "车床",
        "acquired_on": "2026-01-10",
        "asset_account_code": "160102",
        "accumulated_account_code": "1602",
        "expense_account_code": "410102",
        "original_value": "12000",
        "life_months": 60,
    }
    return AssetInput(**(values | more))


def software(**more: Any) -> AssetInput:
    """Software of 3,600.00 over 36 months: 100.00 a month from the month of use on."""
    values: dict[str, Any] = {
        "code": "W1",
        "name": "财务软件",
        "kind": "intangible",
        "asset_account_code": "1701",
        "accumulated_account_code": "1702",
        "expense_account_code": "560218",
        "original_value": "3600",
        "life_months": 36,
    }
    return card(**(values | more))


def rent(**more: Any) -> AssetInput:
    """A shop fitted out for 7,200.00 over 36 months, credited to 1801 itself: 200.00 a month."""
    values: dict[str, Any] = {
        "code": "C1",
        "name": "装修",
        "kind": "deferred",
        "asset_account_code": "1801",
        "accumulated_account_code": "",
        "expense_account_code": "560211",
        "original_value": "7200",
        "life_months": 36,
    }
    return card(**(values | more))


def code_of(account_id: int) -> str:
    return str(fetch_all("SELECT code FROM {account} WHERE id = ?", (account_id,))[0][0])


def charge(actor: Actor, period: int, kind: Any = "depreciation") -> int:
    """Save a month's charge as the closing does: one pair of entries a card; return the voucher."""
    due = charges_due(period, kind)
    entries: list[EntryInput] = []
    for row in due:
        amount = f"{row.amount_minor // 100}.{row.amount_minor % 100:02d}"
        entries.append(line(code_of(row.expense_account_id), amount, summary="计提"))
        entries.append(line(code_of(row.accumulated_account_id), credit=amount, summary="计提"))

    def work() -> int:
        day = f"{period // 100}-{period % 100:02d}-28"
        saved = vouchers.save_voucher(actor, VoucherInput(date=day, kind="transfer", entries=entries))
        record_charges(actor, period, saved.id, due)
        return saved.id

    return run_unit(work)


def owed(period: int, kind: Any = "depreciation") -> list[tuple[str, int]]:
    return [(row.asset_code, row.amount_minor) for row in charges_due(period, kind)]


def test_a_card_is_kept_with_what_follows_from_it(owner: Actor) -> None:
    made = create_asset(owner, card(code="", residual_rate="5", quantity="2", unit="台", user_aux="", note="一车间"))
    assert made.code == "0001"
    assert (made.residual_value, made.residual_rate) == ("600.00", "5")
    assert (made.next_period, made.next_amount, made.state) == ("2026-02", "190.00", "in_use")
    assert (made.in_use_on, made.quantity, made.carrying) == ("2026-01-10", "2", "12000.00")
    assert [term.from_period for term in made.terms] == [""]
    assert create_asset(owner, card(code="")).code == "0002"
    with pytest.raises(Conflict):
        create_asset(owner, card(code="0001"))


def test_every_wrong_field_of_a_card_is_named_at_once(owner: Actor) -> None:
    with pytest.raises(MalformedInput) as caught:
        create_asset(
            owner,
            card(
                name=" ",
                acquired_on="2026-02-30",
                asset_account_code="1601",
                accumulated_account_code="",
                expense_account_code="9999",
                original_value="0",
                quantity="0",
                residual_rate="120",
                opening_months=61,
                user_aux="部门:没有的",
            ),
        )
    assert set(caught.value.fields) == {
        "name",
        "acquired_on",
        "asset_account_code",
        "accumulated_account_code",
        "expense_account_code",
        "original_value",
        "quantity",
        "residual_rate",
        "opening_months",
        "user_aux",
    }
    with pytest.raises(MalformedInput) as caught:
        create_asset(owner, card(opening_accumulated="12000.01"))
    assert set(caught.value.fields) == {"opening_accumulated", "opening_months"}
    assert list_assets(AssetQuery()).count == 0


def test_the_plan_is_shown_before_a_card_is_kept(owner: Actor) -> None:
    plan = preview_schedule(owner, rent(life_months=24))
    assert len(plan.rows) == 24
    assert (plan.rows[0].period, plan.rows[0].amount, plan.rows[-1].carrying) == ("2026-02", "300.00", "0.00")
    assert any("3 年" in text for text in plan.warnings)
    assert preview_schedule(owner, rent()).warnings == []
    assert list_assets(AssetQuery()).count == 0


def test_what_is_due_by_kind_and_month(owner: Actor) -> None:
    for new in (card(), software(), rent()):
        create_asset(owner, new)
    assert owed(202601) == []
    assert owed(202601, "amortisation") == [("W1", 10_000)]
    assert owed(202602) == [("A1", 20_000)]
    assert owed(202602, "amortisation") == [("C1", 20_000), ("W1", 10_000)]
    found = {row.asset_code: row for row in charges_due(202602, "amortisation")}
    assert code_of(found["C1"].accumulated_account_id) == "1801"
    assert code_of(found["W1"].accumulated_account_id) == "1702"
    assert code_of(found["W1"].expense_account_id) == "560218"
    assert "7,200.00" in str(found["C1"].explanation)


def test_what_a_voucher_charged_is_not_due_again_and_an_addition_adds_the_difference(owner: Actor) -> None:
    create_asset(owner, card())
    charge(owner, 202602)
    assert owed(202602) == []
    create_asset(owner, card(code="A2", original_value="6000"))
    assert owed(202602) == [("A2", 10_000)]
    assert owed(202603) == [("A1", 20_000), ("A2", 10_000)]


@pytest.mark.parametrize("way", ["delete", "void", "reverse"])
def test_a_voucher_that_goes_gives_its_charges_back(owner: Actor, way: str) -> None:
    made = create_asset(owner, card())
    voucher_id = charge(owner, 202602)
    assert get_asset(made.id).accumulated == "200.00"
    if way == "delete":
        vouchers.delete_draft(owner, voucher_id)
    elif way == "void":
        states.void_voucher(owner, voucher_id)
    else:
        states.review_and_post(owner, voucher_id)
        red = states.reverse_voucher(owner, voucher_id, Reversal())
        assert owed(202602) == [("A1", 20_000)]
        vouchers.delete_draft(owner, red.id)
        assert owed(202602) == []
        states.reverse_voucher(owner, voucher_id, Reversal(post=True))
    assert owed(202602) == [("A1", 20_000)]
    assert get_asset(made.id).accumulated == "0.00"
    assert get_asset(made.id).last_charged == ""


def test_charges_follow_an_edited_draft_where_one_card_stands_behind_them(owner: Actor) -> None:
    made = create_asset(owner, card())
    voucher_id = charge(owner, 202602)
    seen = get_voucher(voucher_id)

    def edit(debit: str, credit: str, date: str = "2026-02-28") -> None:
        entries = [line("410102", debit), line("1602", credit=credit)]
        typed = VoucherInput(date=date, kind="transfer", entries=entries, version=get_voucher(voucher_id).version)
        vouchers.save_voucher(owner, typed, voucher_id)

    edit("230", "230")
    assert get_asset(made.id).accumulated == "230.00"
    assert owed(202602) == []
    edit("230", "231")  # the two sides disagree: nothing can be matched
    assert get_asset(made.id).accumulated == "230.00"
    edit("150", "150")
    assert owed(202602) == [("A1", 5_000)]
    edit("150", "150", "2026-03-31")
    assert owed(202602) == [("A1", 20_000)]
    assert get_asset(made.id).last_charged == "2026-03"
    assert seen.id == voucher_id


def test_charges_of_cards_that_share_an_account_follow_only_when_all_are_taken_out(owner: Actor) -> None:
    first, second = create_asset(owner, card()), create_asset(owner, card(code="A2", expense_account_code="560202"))
    create_asset(owner, card(code="A3"))
    voucher_id = charge(owner, 202602)

    def edit(*entries: EntryInput) -> None:
        typed = VoucherInput(date="2026-02-28", entries=list(entries), version=get_voucher(voucher_id).version)
        vouchers.save_voucher(owner, typed, voucher_id)

    edit(line("410102", "390"), line("560202", "210"), line("1602", credit="600"))
    assert get_asset(first.id).accumulated == "200.00"  # one of two behind 390.00: whose it is cannot be told
    assert get_asset(second.id).accumulated == "210.00"
    edit(line("560202", "210"), line("1602", credit="210"))
    assert owed(202602) == [("A1", 20_000), ("A3", 20_000)]


def test_closed_months_that_charged_nothing_are_made_good(owner: Actor) -> None:
    periods.close_period(owner, 202601)
    periods.close_period(owner, 202602)
    made = create_asset(owner, card())
    assert any("2026-02" in text for text in made.warnings)
    assert owed(202603) == [("A1", 40_000)]
    charge(owner, 202603)
    assert owed(202603) == []
    assert owed(202604) == [("A1", 20_000)]
    assert get_asset(made.id).warnings == []


def test_terms_change_from_a_month_on_with_a_reason(owner: Actor) -> None:
    made = create_asset(owner, card())
    charge(owner, 202602)
    with pytest.raises(MalformedInput) as caught:
        change_asset(owner, made.id, AssetChange(life_months=48, from_period="2026-02"))
    assert set(caught.value.fields) == {"reason", "from_period"}
    with pytest.raises(MalformedInput) as caught:
        change_asset(owner, made.id, AssetChange(life_months=1, original_value="199", reason="错"))
    assert set(caught.value.fields) == {"life_months", "original_value"}
    changed = change_asset(owner, made.id, AssetChange(life_months=41, reason="技术更新", version=made.version))
    assert [(term.from_period, term.life_months, term.reason) for term in changed.terms] == [
        ("", 60, ""),
        ("2026-03", 41, "技术更新"),
    ]
    assert owed(202603) == [("A1", 29_500)]  # (12,000.00 − 200.00) ÷ 40
    assert get_schedule(made.id).rows[0].amount == "200.00"
    rows = fetch_all("SELECT before_value, after_value FROM {audit_log} WHERE action = 'ledger:asset:edit'")
    assert len(rows) == 1
    with pytest.raises(Conflict):
        change_asset(owner, made.id, AssetChange(name="新车床", version=made.version))
    with pytest.raises(RuleBroken):
        change_asset(owner, made.id, AssetChange(in_use_on="2026-02-01"))


def test_a_card_never_charged_is_corrected_as_if_typed_so(owner: Actor) -> None:
    made = create_asset(owner, card(residual_rate="5"))
    changed = change_asset(owner, made.id, AssetChange(original_value="10000", in_use_on="2026-02-01", name="铣床"))
    assert (changed.name, changed.residual_value, changed.next_period) == ("铣床", "500.00", "2026-03")
    assert len(changed.terms) == 1
    amount = change_asset(owner, made.id, AssetChange(residual_value="400"))
    assert (amount.residual_value, amount.residual_rate) == ("400.00", "")
    same = change_asset(owner, made.id, AssetChange(location="二车间"))
    assert (same.location, same.residual_value, len(same.terms)) == ("二车间", "400.00", 1)


def test_another_department_pays_from_a_month_on(owner: Actor) -> None:
    made = create_asset(owner, card())
    charge(owner, 202602)
    change_asset(
        owner, made.id, AssetChange(expense_account_code="560202", from_period="2026-04", reason="转给管理部门")
    )
    march, april = charges_due(202603, "depreciation"), charges_due(202604, "depreciation")
    assert (code_of(march[0].expense_account_id), march[0].amount_minor) == ("410102", 20_000)
    assert (code_of(april[0].expense_account_id), april[0].amount_minor) == ("560202", 20_000)


def test_a_card_entered_by_mistake_is_deleted_and_a_charged_one_is_not(owner: Actor) -> None:
    first, second = create_asset(owner, card()), create_asset(owner, card(code="A2"))
    delete_asset(owner, second.id, second.version)
    charge(owner, 202602)
    with pytest.raises(RuleBroken):
        delete_asset(owner, first.id)
    assert [found.code for found in list_assets(AssetQuery()).assets] == ["A1"]


def test_lists_are_filtered_searched_paged_and_summed(owner: Actor) -> None:
    for number in range(5):
        create_asset(owner, card(code=f"A{number}", name=f"机器{number}", category="机器设备"))
    create_asset(owner, software())
    old = create_asset(owner, card(code="B1", acquired_on="2020-12-01", opening_accumulated="12000", opening_months=60))
    assert old.state == "charged_in_full"
    whole = list_assets(AssetQuery())
    assert (whole.count, whole.original_value, whole.accumulated) == (7, "75600.00", "12000.00")
    first = list_assets(AssetQuery(limit=3))
    assert [a.code for a in first.assets] == ["A0", "A1", "A2"]
    rest = list_assets(AssetQuery(limit=10, cursor=first.next or ""))
    assert [a.code for a in rest.assets] == ["A3", "A4", "B1", "W1"]
    assert rest.next is None
    assert [a.code for a in list_assets(AssetQuery(kind="intangible")).assets] == ["W1"]
    assert [a.code for a in list_assets(AssetQuery(state="charged_in_full")).assets] == ["B1"]
    assert [a.code for a in list_assets(AssetQuery(q="机器3")).assets] == ["A3"]
    assert list_assets(AssetQuery(state="disposed")).count == 0


def entries_of(plan: VoucherInput | None) -> list[tuple[str, str, str]]:
    return [] if plan is None else [(entry.account_code, entry.debit, entry.credit) for entry in plan.entries]


def test_a_fixed_asset_is_sold_at_a_loss_through_the_clearing_account(owner: Actor) -> None:
    made = create_asset(owner, card())
    charge(owner, 202602)
    query = AssetDisposalQuery(date="2026-03-15", reason="sold", proceeds="11000", proceeds_account_code="1002")
    plan = plan_disposal(owner, made.id, query)
    # 12,000.00 − 200.00 of February − 200.00 of March, which is still to be charged
    assert (plan.accumulated, plan.still_to_charge, plan.carrying, plan.gain) == (
        "400.00",
        "200.00",
        "11600.00",
        "-600.00",
    )
    assert "2026-03" in plan.note
    assert entries_of(plan.voucher) == [
        ("1602", "400.00", ""),
        ("1606", "11600.00", ""),
        ("160102", "", "12000.00"),
        ("1002", "11000.00", ""),
        ("1606", "", "11000.00"),
        ("571102", "600.00", ""),
        ("1606", "", "600.00"),
    ]


def test_a_gain_goes_to_non_operating_income(owner: Actor) -> None:
    made = create_asset(owner, card())
    query = AssetDisposalQuery(date="2026-01-31", reason="sold", proceeds="12500", proceeds_account_code="1002")
    plan = plan_disposal(owner, made.id, query)
    assert entries_of(plan.voucher)[-2:] == [("1606", "500.00", ""), ("530101", "", "500.00")]
    assert plan.accumulated == "0.00"


def test_intangibles_deferred_expenses_and_shortages_go_without_clearing(owner: Actor) -> None:
    intangible, deferred = create_asset(owner, software()), create_asset(owner, rent())
    machine = create_asset(owner, card())
    charge(owner, 202601, "amortisation")
    charge(owner, 202602)
    charge(owner, 202602, "amortisation")
    sold = AssetDisposalQuery(date="2026-03-10", reason="sold", proceeds="3000", proceeds_account_code="1002")
    assert entries_of(plan_disposal(owner, intangible.id, sold).voucher) == [
        ("1702", "200.00", ""),
        ("1002", "3000.00", ""),
        ("571102", "400.00", ""),
        ("1701", "", "3600.00"),
    ]
    gone = AssetDisposalQuery(date="2026-03-10", reason="other")
    assert entries_of(plan_disposal(owner, deferred.id, gone).voucher) == [
        ("560211", "6800.00", ""),
        ("1801", "", "6800.00"),
    ]
    missing = AssetDisposalQuery(date="2026-02-28", reason="shortage")
    assert entries_of(plan_disposal(owner, machine.id, missing).voucher) == [
        ("1602", "200.00", ""),
        ("190102", "11800.00", ""),
        ("160102", "", "12000.00"),
    ]


def test_a_disposal_saves_its_voucher_and_can_be_taken_back_when_that_is_gone(owner: Actor) -> None:
    made = create_asset(owner, card())
    charge(owner, 202602)
    charge(owner, 202603)
    wish = AssetDisposal(date="2026-03-31", reason="scrapped", make_voucher=True, version=made.version)
    gone = dispose_asset(owner, made.id, wish)
    assert (gone.state, gone.disposed_on, gone.next_period) == ("disposed", "2026-03-31", "")
    assert gone.disposal_voucher_id is not None
    assert get_voucher(gone.disposal_voucher_id).faults == []
    assert owed(202604) == []
    with pytest.raises(RuleBroken):
        undo_disposal(owner, made.id)
    with pytest.raises(RuleBroken):
        dispose_asset(owner, made.id, wish.model_copy(update={"version": gone.version}))
    vouchers.delete_draft(owner, gone.disposal_voucher_id)
    assert get_asset(made.id).disposal_voucher_id is None
    back = undo_disposal(owner, made.id)
    assert (back.state, back.disposed_on) == ("in_use", "")
    assert owed(202604) == [("A1", 20_000)]


def test_a_disposal_before_the_last_charge_or_in_a_closed_month_is_refused(owner: Actor) -> None:
    made = create_asset(owner, card())
    charge(owner, 202602)
    with pytest.raises(MalformedInput) as caught:
        dispose_asset(owner, made.id, AssetDisposal(date="2026-01-31"))
    assert "date" in caught.value.fields
    with pytest.raises(MalformedInput):
        plan_disposal(owner, made.id, AssetDisposalQuery(date="2026-03-31", reason="shortage", proceeds="1"))
    post_all(owner)
    states_of = [row.account_code for row in agreement(202602)]
    assert "1602" in states_of


def test_an_intangible_is_not_charged_in_the_month_it_leaves(owner: Actor) -> None:
    made = create_asset(owner, software())
    voucher_id = charge(owner, 202601, "amortisation")
    with pytest.raises(MalformedInput) as caught:
        dispose_asset(owner, made.id, AssetDisposal(date="2026-01-31"))
    assert "2026-01" in str(caught.value.fields["date"])
    vouchers.delete_draft(owner, voucher_id)
    gone = dispose_asset(owner, made.id, AssetDisposal(date="2026-01-31"))
    assert (gone.state, owed(202601, "amortisation")) == ("disposed", [])


def book_assets(owner: Actor) -> tuple[Asset, Asset]:
    machine, shop = create_asset(owner, card()), create_asset(owner, rent())
    posted(owner, "2026-01-10", line("160102", "12000"), line("1801", "7200"), line("3001", credit="19200"))
    return machine, shop


def differences(period: int) -> dict[str, tuple[int, int]]:
    return {row.account_code: (row.ledger_minor, row.cards_minor) for row in agreement(period)}


def test_cards_agree_with_the_ledger_month_by_month(owner: Actor) -> None:
    assert agreement(202601) == []
    machine, _ = book_assets(owner)
    assert differences(202601) == {"160102": (1_200_000, 1_200_000), "1602": (0, 0), "1801": (720_000, 720_000)}
    voucher_id = charge(owner, 202602)
    charge(owner, 202602, "amortisation")
    assert differences(202602)["1602"] == (20_000, 20_000)
    assert differences(202602)["1801"] == (700_000, 700_000)
    states.review_and_post(owner, voucher_id)
    states.reverse_voucher(owner, voucher_id, Reversal(date="2026-03-02", post=True))
    assert differences(202602)["1602"] == (20_000, 20_000)
    assert differences(202603)["1602"] == (0, 0)
    posted(owner, "2026-03-31", line("560202", "5"), line("1602", credit="5"))
    assert differences(202603)["1602"] == (500, 0)
    dispose_asset(owner, machine.id, AssetDisposal(date="2026-04-30", make_voucher=False))
    assert differences(202604)["160102"] == (1_200_000, 0)
    assert verify_book().findings == []


def test_agreement_of_a_book_opened_with_old_cards(owner: Actor) -> None:
    create_asset(owner, card(acquired_on="2024-12-05", opening_accumulated="2400", opening_months=12))
    found = get_schedule(list_assets(AssetQuery()).assets[0].id)
    assert (found.rows[0].period, found.rows[0].accumulated) == ("2026-01", "2600.00")
    posted(owner, "2026-01-01", line("160102", "12000"), line("1602", credit="2400"), line("3001", credit="9600"))
    assert all(row.agrees for row in agreement(202601))


def test_cards_go_along_in_a_copy_of_the_book(owner: Actor, book: Book, tmp_path: Path) -> None:
    made = create_asset(owner, card())
    charge(owner, 202602)
    change_asset(owner, made.id, AssetChange(life_months=41, reason="技术更新"))
    dispose_asset(owner, made.id, AssetDisposal(date="2026-03-31", make_voucher=True))
    save_rates(owner, [ExchangeRateInput(currency="USD", date="2026-02-27", rate="7.1")])
    before = [all_cards(), all_terms(), all_charges(), all_rates()]
    target = open_database(str(tmp_path / "copy.zhangfang"))
    try:
        rows = copy(book, target)
        assert (rows["asset"], rows["asset_term"], rows["asset_charge"], rows["exchange_rate"]) == (1, 2, 1, 1)
        with target.session():
            assert [all_cards(), all_terms(), all_charges(), all_rates()] == before
            assert verify_book().findings == []
    finally:
        target.close()


def test_cards_need_their_rights(owner: Actor) -> None:
    made = create_asset(owner, card())
    for act in (
        lambda: create_asset(VIEWER, card(code="A2")),
        lambda: change_asset(VIEWER, made.id, AssetChange(name="x")),
        lambda: delete_asset(VIEWER, made.id),
        lambda: dispose_asset(VIEWER, made.id, AssetDisposal(date="2026-03-31")),
        lambda: undo_disposal(VIEWER, made.id),
        lambda: record_charges(VIEWER, 202602, 1, list[ChargeDue]()),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert preview_schedule(VIEWER, card()).rows
