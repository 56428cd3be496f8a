"""Depreciation and amortisation as steps of the close: cards, vouchers and ledger stay one."""

from __future__ import annotations

from app.contract.assets import AssetInput
from app.contract.ledger import Reversal
from app.identity.actor import Actor
from app.ledger.queries.assets.cards import get_asset
from app.ledger.service import states
from app.ledger.service.assets.cards import create_asset
from app.ledger.verify import verify_book
from tests.ledger.build import line, posted
from tests.ledger.closing_desk import plan, propose, proposed, run, state_of


def lathe(owner: Actor, code: str = "A1", value: str = "12000") -> int:
    """A lathe of 12,000.00 over 60 months: 200.00 a month from February on."""
    card = AssetInput(
        code=code,
        name="车床",
        acquired_on="2026-01-10",
        asset_account_code="160102",
        accumulated_account_code="1602",
        expense_account_code="410102",
        original_value=value,
        life_months=60,
    )
    return create_asset(owner, card).id


def software(owner: Actor) -> int:
    """Software of 3,600.00 over 36 months: 100.00 a month from January on."""
    card = AssetInput(
        code="W1",
        name="财务软件",
        kind="intangible",
        acquired_on="2026-01-10",
        asset_account_code="1701",
        accumulated_account_code="1702",
        expense_account_code="560218",
        original_value="3600",
        life_months=36,
    )
    return create_asset(owner, card).id


def test_depreciation_begins_the_month_after_and_amortisation_at_once(owner: Actor) -> None:
    lathe(owner)
    software(owner)
    assert state_of(owner, 202601, "depreciation") == ("nothing", "本月没有要计提的折旧。")
    assert proposed(propose(owner, 202601, "amortisation")) == [
        [("560218", "", "100.00", ""), ("1702", "", "", "100.00")]
    ]
    assert proposed(propose(owner, 202602, "depreciation")) == [
        [("410102", "", "200.00", ""), ("1602", "", "", "200.00")]
    ]


def test_cards_of_one_expense_are_one_line_and_each_is_charged(owner: Actor) -> None:
    first, second = lathe(owner), lathe(owner, "A2", "6000")
    proposal = propose(owner, 202602, "depreciation")
    assert proposed(proposal) == [[("410102", "", "300.00", ""), ("1602", "", "", "300.00")]]
    assert [(row.label, row.value) for row in proposal.rows] == [
        ("A1 车床", "200.00"),
        ("A2 车床", "100.00"),
        ("合计", "300.00"),
    ]
    assert run(owner, 202602, "depreciation").state == "done"
    assert [get_asset(one).accumulated for one in (first, second)] == ["200.00", "100.00"]
    assert propose(owner, 202602, "depreciation").vouchers == []
    assert verify_book().findings == []


def test_a_card_that_comes_later_makes_the_difference(owner: Actor) -> None:
    lathe(owner)
    run(owner, 202602, "depreciation")
    lathe(owner, "A2", "6000")
    assert proposed(propose(owner, 202602, "depreciation"))[0][0] == ("410102", "", "100.00", "")


def test_a_reversed_charge_is_due_again(owner: Actor) -> None:
    card = lathe(owner)
    made = run(owner, 202602, "depreciation").vouchers[0].id
    states.reverse_voucher(owner, made, Reversal(post=True))
    assert get_asset(card).accumulated == "0.00"
    assert proposed(propose(owner, 202602, "depreciation"))[0][0] == ("410102", "", "200.00", "")


def test_the_cards_follow_a_voucher_that_was_edited(owner: Actor) -> None:
    card = lathe(owner)
    voucher = propose(owner, 202602, "depreciation").vouchers[0]
    entries = [
        voucher.entries[0].model_copy(update={"debit": "150.00"}),
        voucher.entries[1].model_copy(update={"credit": "150.00"}),
    ]
    run(owner, 202602, "depreciation", vouchers=[voucher.model_copy(update={"entries": entries})])
    assert get_asset(card).accumulated == "150.00"
    assert verify_book().findings == []


def test_cards_that_disagree_with_the_ledger_are_named_before_closing(owner: Actor) -> None:
    lathe(owner)
    posted(owner, "2026-01-10", line("160102", "11000.00"), line("3001", credit="11000.00"))
    named = [(one.severity, one.account_code, one.message) for one in plan(owner, 202601).checks]
    assert named == [("warning", "160102", "账面 11,000.00，资产卡片 12,000.00。")]
