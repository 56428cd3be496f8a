"""结转损益 and closing a month with it, with figures worked out by hand."""

from __future__ import annotations

import pytest

from app.contract.closing import ClosedPeriod, StepRun
from app.contract.ledger import AccountChange, AccountInput, AuxiliaryInput, AuxiliaryUse, Entry, Reversal, Voucher
from app.identity.actor import Actor
from app.kernel.errors import PermissionDenied, RuleBroken
from app.ledger.queries.accounts import get_account
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service import accounts, periods, sets, states
from app.ledger.service.closing import profit_and_loss, running, steps
from app.ledger.verify import verify_book
from app.storage.book_settings import set_setting
from app.storage.database import fetch_all, fetch_one
from tests.ledger.build import draft, line, posted


def account_id(code: str) -> int:
    row = fetch_one("SELECT id FROM {account} WHERE code = ?", (code,))
    assert row is not None
    return int(row[0])


def balance(code: str) -> int:
    """The account's posted balance, debit positive, over all years (openings of later years left out)."""
    row = fetch_one(
        "SELECT SUM(b.debit - b.credit) FROM {balance} b JOIN {account} a ON a.id = b.account_id"
        " WHERE a.code = ? AND b.layer = 0",
        (code,),
    )
    return int(row[0] or 0) if row else 0


def brief(entry: Entry) -> tuple[str, str, str, str]:
    """What is booked where: account, aux, debit, credit."""
    debit, credit = (entry.debit, "") if entry.side == "debit" else ("", entry.credit)
    return entry.account_code, entry.aux, debit, credit


def lines(voucher: Voucher) -> list[tuple[str, str, str, str]]:
    return [brief(entry) for entry in voucher.entries]


def close(owner: Actor, period: int) -> ClosedPeriod:
    return periods.close_period(owner, period, carry=True)


def sell(owner: Actor, date: str, amount: str) -> Voucher:
    return posted(owner, date, line("1002", amount), line("5001", credit=amount))


def spend(owner: Actor, date: str, amount: str, code: str = "560204") -> Voucher:
    return posted(owner, date, line(code, amount), line("1002", credit=amount))


def test_a_month_is_carried_in_one_voucher(owner: Actor) -> None:
    sell(owner, "2026-01-05", "1000.00")
    spend(owner, "2026-01-10", "300.00")
    spend(owner, "2026-01-12", "20.50", "560304")
    done = close(owner, 202601)
    assert done.state == "closed"
    assert [(one.word, one.number, one.state, one.kind, one.amount) for one in done.made] == [
        ("记", 4, "posted", "close_pl", "1320.50")
    ]
    voucher = get_voucher(done.made[0].id)
    assert (voucher.date, voucher.origin) == ("2026-01-31", "closing:profit_and_loss:202601")
    assert lines(voucher) == [
        ("5001", "", "1000.00", ""),
        ("3103", "", "", "1000.00"),
        ("3103", "", "320.50", ""),
        ("560204", "", "", "300.00"),
        ("560304", "", "", "20.50"),
    ]
    assert {entry.summary for entry in voucher.entries} == {"结转损益"}
    assert balance("3103") == -67950
    assert verify_book().findings == []


def test_an_abnormal_balance_is_closed_in_red_on_its_usual_side(owner: Actor) -> None:
    """Interest income as a credit of 财务费用, and a month of nothing but a sales return."""
    posted(owner, "2026-01-20", line("1002", "88.00"), line("560302", credit="88.00"))
    posted(owner, "2026-01-21", line("1002", "-50.00"), line("5001", credit="-50.00"))
    voucher = get_voucher(close(owner, 202601).made[0].id)
    assert lines(voucher) == [
        ("5001", "", "-50.00", ""),
        ("3103", "", "", "-50.00"),
        ("3103", "", "-88.00", ""),
        ("560302", "", "", "-88.00"),
    ]
    assert balance("3103") == -3800


def test_income_and_expense_apart(owner: Actor) -> None:
    set_setting(
        "closing_parameters",
        {
            "rates": [],
            "surcharge_relief": False,
            "small_low_profit": False,
            "profit_vouchers": "separate",
            "version": 1,
        },
    )
    sell(owner, "2026-01-05", "10.00")
    spend(owner, "2026-01-10", "3.00")
    first, second = (get_voucher(one.id) for one in close(owner, 202601).made)
    assert lines(first) == [("5001", "", "10.00", ""), ("3103", "", "", "10.00")]
    assert lines(second) == [("3103", "", "3.00", ""), ("560204", "", "", "3.00")]


def test_a_month_without_profit_and_loss_makes_nothing(owner: Actor) -> None:
    posted(owner, "2026-01-05", line("1002", "100.00"), line("3001", credit="100.00"))
    assert close(owner, 202601).made == []
    assert close(owner, 202602).made == []


def test_what_comes_after_is_carried_as_a_difference(owner: Actor) -> None:
    sell(owner, "2026-01-05", "1000.00")
    proposal = steps.propose(owner, 202601, "profit_and_loss", {})
    step = running.run_step(
        owner,
        202601,
        "profit_and_loss",
        StepRun(vouchers=proposal.vouchers, fingerprint=proposal.fingerprint, post=True),
    )
    assert (step.state, len(step.vouchers)) == ("done", 1)
    sell(owner, "2026-01-31", "5.00")
    view = {one.key: one for one in steps.plan(owner, 202601).steps}
    assert view["profit_and_loss"].state == "due"
    made = close(owner, 202601).made
    assert [lines(get_voucher(one.id)) for one in made] == [[("5001", "", "5.00", ""), ("3103", "", "", "5.00")]]
    periods.reopen_period(owner, 202601)
    assert steps.propose(owner, 202601, "profit_and_loss", {}).vouchers == []
    assert close(owner, 202601).made == []


def test_a_reversed_carry_forward_is_carried_again(owner: Actor) -> None:
    sell(owner, "2026-01-05", "1000.00")
    first = close(owner, 202601).made[0].id
    periods.reopen_period(owner, 202601)
    states.reverse_voucher(owner, first, Reversal(post=True))
    assert balance("5001") == -100000
    again = close(owner, 202601).made
    assert lines(get_voucher(again[0].id)) == [("5001", "", "1000.00", ""), ("3103", "", "", "1000.00")]
    assert (balance("5001"), balance("3103")) == (0, -100000)


def test_auxiliaries_currency_and_quantity_come_to_nil(owner: Actor) -> None:
    for name in ("甲：乙", "丙"):
        sets.create_auxiliary(owner, AuxiliaryInput(kind="产品", name=name))
    posted(
        owner,
        "2026-01-05",
        line("1002", "70.00", currency="USD", foreign_amount="10", rate="7"),
        line("5001", credit="70.00", aux="产品:甲：乙", currency="USD", foreign_amount="10", rate="7", quantity="2"),
    )
    posted(owner, "2026-01-06", line("1002", "5.00"), line("5001", credit="5.00", aux="产品:丙", quantity="1.5"))
    voucher = get_voucher(close(owner, 202601).made[0].id)
    assert [(brief(e), e.currency, e.foreign_amount, e.quantity) for e in voucher.entries] == [
        (("5001", "产品:丙", "5.00", ""), "CNY", "", "1.5"),
        (("5001", "产品:甲：乙", "70.00", ""), "USD", "10.00", "2"),
        (("3103", "", "", "75.00"), "CNY", "", ""),
    ]
    rows = fetch_all(
        "SELECT SUM(debit - credit), SUM(foreign_debit - foreign_credit), SUM(quantity_debit - quantity_credit)"
        " FROM {balance} WHERE account_id = ? GROUP BY currency_id, auxiliary_set_id",
        (account_id("5001"),),
    )
    assert [tuple(int(value) for value in row) for row in rows] == [(0, 0, 0), (0, 0, 0)]


def test_a_balance_from_before_an_auxiliary_was_demanded_is_carried_too(owner: Actor) -> None:
    spend(owner, "2026-01-10", "3.00")
    account = get_account(account_id("560204"))
    change = AccountChange(auxiliaries=[AuxiliaryUse(kind="项目", demanded=True)], version=account.version)
    accounts.change_account(owner, account.id, change)
    assert lines(get_voucher(close(owner, 202601).made[0].id))[-1] == ("560204", "", "", "3.00")
    assert verify_book().findings == []


def test_vouchers_that_are_not_posted_are_named_and_nothing_is_left(owner: Actor) -> None:
    sell(owner, "2026-01-05", "1000.00")
    waiting = draft(owner, "2026-01-07", line("560204", "1.00"), line("1002", credit="1.00"))
    with pytest.raises(RuleBroken) as refused:
        close(owner, 202601)
    assert refused.value.code == "period_has_unposted"
    assert refused.value.details["list"] == [f"记-{waiting.number}"]
    assert fetch_all("SELECT id FROM {voucher} WHERE kind = 'close_pl'") == []


def test_without_carrying_forward_it_still_refuses(owner: Actor) -> None:
    sell(owner, "2026-01-05", "1000.00")
    with pytest.raises(RuleBroken) as refused:
        periods.close_period(owner, 202601)
    assert refused.value.code == "profit_not_carried"


def test_where_the_maker_may_not_review_nothing_carries_itself(owner: Actor) -> None:
    sell(owner, "2026-01-05", "1000.00")
    set_setting("review_by_other", "on")
    with pytest.raises(RuleBroken) as refused:
        close(owner, 202601)
    assert refused.value.code == "carry_needs_reviewer"
    assert fetch_all("SELECT id FROM {voucher} WHERE kind = 'close_pl'") == []
    set_setting("review_by_other", "off")
    assert close(owner, 202601).state == "closed"


@pytest.mark.parametrize("missing", ["ledger:voucher:add", "ledger:voucher:review", "ledger:voucher:post"])
def test_it_needs_the_rights_of_making_reviewing_and_posting(owner: Actor, missing: str) -> None:
    rights = {"ledger:period:close", "ledger:voucher:add", "ledger:voucher:review", "ledger:voucher:post"} - {missing}
    clerk = Actor(owner.user_id, "小李", frozenset(rights))
    with pytest.raises(PermissionDenied, match=missing):
        close(clerk, 202601)


def test_a_missing_account_is_named_with_what_to_do(owner: Actor) -> None:
    sell(owner, "2026-01-05", "1000.00")
    profit = get_account(account_id("3103"))
    accounts.change_account(owner, profit.id, AccountChange(active=False, version=profit.version))
    with pytest.raises(RuleBroken, match=r"本年利润.*3103") as refused:
        close(owner, 202601)
    assert refused.value.code == "closing_account_missing"


def test_a_renumbered_account_is_found_by_its_name(owner: Actor) -> None:
    sell(owner, "2026-01-05", "1000.00")
    profit = get_account(account_id("3103"))
    accounts.change_account(owner, profit.id, AccountChange(active=False, version=profit.version))
    accounts.create_account(
        owner, AccountInput(code="3105", name_zh="本年利润", category="所有者权益", normal_side="credit")
    )
    assert lines(get_voucher(close(owner, 202601).made[0].id))[-1] == ("3105", "", "", "1000.00")


def test_the_word_is_that_of_transfers_where_the_book_has_one(owner: Actor) -> None:
    set_setting("voucher_words", "收付转")
    posted(owner, "2026-01-05", line("1002", "1000.00"), line("5001", credit="1000.00"), word="收")
    assert [(one.word, one.number) for one in close(owner, 202601).made] == [("转", 1)]


def test_pieces_alone_do_not_keep_a_month_open_and_go_along_later(owner: Actor) -> None:
    """Two sold and one taken back for the same money: nothing to carry but a piece."""
    posted(owner, "2026-01-05", line("1002", "90.00"), line("5001", credit="90.00", quantity="2"))
    posted(owner, "2026-01-06", line("1002", "-90.00"), line("5001", credit="-90.00", quantity="-1"))
    assert close(owner, 202601).made == []
    sell(owner, "2026-02-05", "10.00")
    voucher = get_voucher(close(owner, 202602).made[0].id)
    assert [(brief(entry), entry.quantity) for entry in voucher.entries] == [
        (("5001", "", "10.00", ""), "1"),
        (("3103", "", "", "10.00"), ""),
    ]


def test_a_long_carry_forward_is_several_vouchers_each_balanced(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profit_and_loss, "MOST_LINES", 2)
    sell(owner, "2026-01-05", "100.00")
    for code in ("560204", "560205", "560304"):
        spend(owner, "2026-01-06", "10.00", code)
    made = [lines(get_voucher(one.id)) for one in close(owner, 202601).made]
    assert made == [
        [
            ("5001", "", "100.00", ""),
            ("3103", "", "", "100.00"),
            ("3103", "", "10.00", ""),
            ("560204", "", "", "10.00"),
        ],
        [("3103", "", "20.00", ""), ("560205", "", "", "10.00"), ("560304", "", "", "10.00")],
    ]
