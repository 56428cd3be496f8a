"""Revaluation, cost and the way of a month's steps, with figures worked out by hand."""

from __future__ import annotations

import pytest

from app.contract.closing import StepRun
from app.contract.ledger import AccountChange, AuxiliaryInput, AuxiliaryUse, EntryInput, Reversal
from app.contract.rates import ExchangeRateInput
from app.identity.actor import Actor
from app.kernel.errors import Conflict, MalformedInput, NotFound, PermissionDenied, RuleBroken
from app.ledger.queries.accounts import get_account
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service import accounts, periods, sets, states, vouchers
from app.ledger.service.closing import running, steps
from app.ledger.service.closing.parameters import change_closing_parameters, closing_parameters
from app.ledger.service.rates import save_rates
from app.ledger.verify import verify_book
from app.storage.book_settings import set_setting
from app.storage.database import fetch_one
from tests.ledger.build import draft, line, posted
from tests.ledger.closing_desk import balance, booked, figure, plan, propose, proposed, run, state_of, typed


def account_id(code: str) -> int:
    row = fetch_one("SELECT id FROM {account} WHERE code = ?", (code,))
    assert row is not None
    return int(row[0])


def demand(owner: Actor, code: str, kind: str, *names: str, demanded: bool = True) -> None:
    """Let an account carry a kind of auxiliary with these items."""
    account = get_account(account_id(code))
    uses = [AuxiliaryUse(kind=kind, demanded=demanded)]
    accounts.change_account(owner, account.id, AccountChange(auxiliaries=uses, version=account.version))
    for name in names:
        sets.create_auxiliary(owner, AuxiliaryInput(kind=kind, name=name))


# --- revaluation ---


def quote(owner: Actor, date: str, rate: str, currency: str = "USD") -> None:
    save_rates(owner, [ExchangeRateInput(currency=currency, date=date, rate=rate)])


def usd(code: str, base: str, foreign: str, *, credit: bool = False, aux: str = "") -> EntryInput:
    debit_text, credit_text = ("", base) if credit else (base, "")
    return line(code, debit_text, credit_text, aux=aux, currency="USD", foreign_amount=foreign)


def test_monetary_balances_go_to_the_closing_rate(owner: Actor) -> None:
    """Bank 1,000 USD at 7.00 and owed 400 USD at 7.00, closing 7.10: gain 100.00, loss 40.00; the advance stays."""
    sets.create_auxiliary(owner, AuxiliaryInput(kind="供应商", name="Acme"))
    posted(owner, "2026-01-05", usd("1002", "7000.00", "1000"), line("3001", credit="7000.00"))
    posted(
        owner,
        "2026-01-06",
        line("1403", "2800.00"),
        usd("2202", "2800.00", "400", credit=True, aux="供应商:Acme"),
    )
    posted(owner, "2026-01-07", usd("1123", "700.00", "100", aux="供应商:Acme"), line("1002", credit="700.00"))
    assert state_of(owner, 202601, "revaluation") == (
        "blocked",
        "没有 USD 在 2026-01-31 的汇率，请在汇率表里登记，或在这里填写。",
    )
    quote(owner, "2026-01-31", "7.1")
    proposal = propose(owner, 202601, "revaluation")
    entries = proposal.vouchers[0].entries
    assert [(typed(one), one.currency, one.foreign_amount) for one in entries] == [
        (("1002", "", "100.00", ""), "USD", ""),
        (("2202", "供应商:Acme", "", "40.00"), "USD", ""),
        (("530105", "", "", "100.00"), None, ""),
        (("560303", "", "40.00", ""), None, ""),
    ]
    assert proposal.rows[0].note == "1,000.00 USD × 7.1 = 7,100.00，账面 7,000.00"
    step = run(owner, 202601, "revaluation")
    assert step.state == "done"
    assert get_voucher(step.vouchers[0].id).entries[0].foreign_amount == ""
    assert propose(owner, 202601, "revaluation").vouchers == []
    assert verify_book().findings == []


def test_a_later_movement_makes_the_gain_smaller_in_red(owner: Actor) -> None:
    """After a gain of 100.00 comes a purchase of 100 USD at 7.50: worth 710.00, so the gain shrinks by 40.00."""
    posted(owner, "2026-01-05", usd("1002", "7000.00", "1000"), line("3001", credit="7000.00"))
    quote(owner, "2026-01-31", "7.1")
    run(owner, 202601, "revaluation")
    posted(owner, "2026-01-20", usd("1002", "750.00", "100"), line("1001", credit="750.00"))
    assert proposed(propose(owner, 202601, "revaluation")) == [
        [("1002", "", "", "40.00"), ("530105", "", "", "-40.00")]
    ]
    run(owner, 202601, "revaluation")
    assert (balance("530105"), balance("560303")) == (-6000, 0)


def test_what_is_left_in_base_currency_without_foreign_money_is_written_off(owner: Actor) -> None:
    posted(owner, "2026-01-05", usd("1002", "7000.00", "1000"), line("3001", credit="7000.00"))
    posted(owner, "2026-01-06", line("1001", "7050.00"), usd("1002", "7050.00", "1000", credit=True))
    assert proposed(propose(owner, 202601, "revaluation")) == [[("1002", "", "50.00", ""), ("530105", "", "", "50.00")]]


def test_a_rate_may_be_typed_and_must_be_one(owner: Actor) -> None:
    posted(owner, "2026-01-05", usd("1002", "7000.00", "1000"), line("3001", credit="7000.00"))
    assert proposed(propose(owner, 202601, "revaluation", {"rate.USD": "6.9"})) == [
        [("1002", "", "", "100.00"), ("560303", "", "100.00", "")]
    ]
    with pytest.raises(MalformedInput) as refused:
        propose(owner, 202601, "revaluation", {"rate.USD": "-1"})
    assert list(refused.value.fields) == ["parameters.rate.USD"]


# --- cost ---


def buy(owner: Actor, date: str, quantity: str, amount: str, aux: str = "") -> None:
    posted(owner, date, line("1405", amount, quantity=quantity, aux=aux), line("1002", credit=amount))


def sell(owner: Actor, date: str, quantity: str, amount: str, aux: str = "") -> None:
    posted(owner, date, line("1002", amount), line("5001", credit=amount, quantity=quantity, aux=aux))


def test_weighted_average_keeps_the_cent_and_the_last_piece_takes_what_is_left(owner: Actor) -> None:
    """3 pieces for 100.00: two sold cost 66.67, the last 33.33."""
    buy(owner, "2026-01-05", "1", "30.00")
    buy(owner, "2026-01-06", "2", "70.00")
    sell(owner, "2026-01-10", "2", "90.00")
    proposal = propose(owner, 202601, "cost")
    assert proposed(proposal) == [[("5401", "", "66.67", ""), ("1405", "", "", "66.67")]]
    assert (proposal.vouchers[0].entries[1].quantity, proposal.rows[0].note) == ("2", "库存 100.00 ÷ 3 × 2")
    assert [(one.kind, one.value) for one in proposal.inputs] == [("quantity", "2")]
    run(owner, 202601, "cost")
    assert propose(owner, 202601, "cost").vouchers == []
    sell(owner, "2026-01-20", "1", "45.00")
    assert proposed(propose(owner, 202601, "cost")) == [[("5401", "", "33.33", ""), ("1405", "", "", "33.33")]]
    run(owner, 202601, "cost")
    assert balance("1405") == 0


def test_a_return_comes_out_red(owner: Actor) -> None:
    buy(owner, "2026-01-05", "10", "100.00")
    sell(owner, "2026-01-10", "4", "80.00")
    run(owner, 202601, "cost")
    sell(owner, "2026-01-20", "-1", "-20.00")
    proposal = propose(owner, 202601, "cost")
    assert proposed(proposal) == [[("5401", "", "-10.00", ""), ("1405", "", "", "-10.00")]]
    assert proposal.vouchers[0].entries[1].quantity == "-1"


def test_a_reversed_cost_voucher_is_proposed_again(owner: Actor) -> None:
    buy(owner, "2026-01-05", "10", "100.00")
    sell(owner, "2026-01-10", "4", "80.00")
    made = run(owner, 202601, "cost").vouchers[0].id
    states.reverse_voucher(owner, made, Reversal(post=True))
    assert proposed(propose(owner, 202601, "cost"))[0][0] == ("5401", "", "40.00", "")


def test_each_article_has_its_own_average_by_the_revenue_of_its_name(owner: Actor) -> None:
    demand(owner, "1405", "存货", "茶", "杯")
    sets.create_auxiliary(owner, AuxiliaryInput(kind="产品", name="茶"))
    buy(owner, "2026-01-05", "10", "100.00", "存货:茶")
    buy(owner, "2026-01-06", "4", "60.00", "存货:杯")
    sell(owner, "2026-01-10", "3", "90.00", "产品:茶")
    proposal = propose(owner, 202601, "cost", None)
    assert proposed(proposal) == [[("5401", "", "30.00", ""), ("1405", "存货:茶", "", "30.00")]]
    cup = next(one.key for one in proposal.inputs if "杯" in one.label)
    both = propose(owner, 202601, "cost", {cup: "4"})
    assert ("1405", "存货:杯", "", "60.00") in proposed(both)[0]
    assert "全部 4 售出，结转全部金额" in [row.note for row in both.rows]


def test_more_sold_than_there_is_warns_and_books_nothing(owner: Actor) -> None:
    buy(owner, "2026-01-05", "2", "20.00")
    sell(owner, "2026-01-10", "3", "60.00")
    proposal = propose(owner, 202601, "cost")
    assert proposal.vouchers == []
    assert proposal.warnings == ["1405 库存商品：销售 3，库存只有 2，请先补记入库或改数量。"]


def test_stock_without_quantities_is_left_alone(owner: Actor) -> None:
    posted(owner, "2026-01-05", line("1405", "100.00"), line("1002", credit="100.00"))
    assert state_of(owner, 202601, "cost") == ("nothing", "没有要结转的成本。")


def test_cost_as_an_amount_or_a_share_of_sales(owner: Actor) -> None:
    now = closing_parameters()
    buy(owner, "2026-01-05", "10", "100.00")
    sell(owner, "2026-01-10", "4", "80.00")
    change_closing_parameters(owner, now.model_copy(update={"cost_method": "typed"}))
    key = propose(owner, 202601, "cost").inputs[0].key
    assert proposed(propose(owner, 202601, "cost", {key: "41.00"})) == [
        [("5401", "", "41.00", ""), ("1405", "", "", "41.00")]
    ]
    change_closing_parameters(owner, now.model_copy(update={"cost_method": "percent", "version": 1}))
    assert proposed(propose(owner, 202601, "cost", {"percent": "60"})) == [
        [("5401", "", "48.00", ""), ("1405", "", "", "48.00")]
    ]


def test_production_takes_the_overhead_and_gives_finished_goods(owner: Actor) -> None:
    """Overhead 100.00 over 甲 200.00 and 乙 100.00: 66.67 and 33.33; 甲 finished whole: 266.67 for 10 pieces."""
    for name in ("甲", "乙"):
        sets.create_auxiliary(owner, AuxiliaryInput(kind="产品", name=name))
    posted(
        owner,
        "2026-01-05",
        line("400101", "200.00", aux="产品:甲"),
        line("400101", "100.00", aux="产品:乙"),
        line("410104", "100.00"),
        line("1002", credit="400.00"),
    )
    first = proposed(propose(owner, 202601, "cost"))
    assert first == [
        [("400101", "产品:甲", "66.67", ""), ("400101", "产品:乙", "33.33", ""), ("410104", "", "", "100.00")]
    ]
    inputs = propose(owner, 202601, "cost").inputs
    amount = next(one.key for one in inputs if one.label.startswith("完工入库成本") and "甲" in one.label)
    pieces = next(one.key for one in inputs if one.label.startswith("完工入库数量") and "甲" in one.label)
    typed_in = {amount: "266.67", pieces: "10"}
    second = propose(owner, 202601, "cost", typed_in)
    assert proposed(second)[1] == [("1405", "", "266.67", ""), ("400101", "产品:甲", "", "266.67")]
    run(owner, 202601, "cost", typed_in)
    assert (balance("4101"), balance("4001"), balance("1405")) == (0, 13333, 26667)
    assert propose(owner, 202601, "cost").vouchers == []


# --- the way of the steps ---


def test_the_plan_names_the_rows_that_keep_a_month_open(owner: Actor) -> None:
    posted(owner, "2026-02-05", line("560204", "9.00"), line("1001", credit="9.00"))
    posted(owner, "2026-02-06", line("410104", "2.00"), line("1002", credit="2.00"))
    waiting = draft(owner, "2026-02-07", line("560204", "1.00"), line("1002", credit="1.00"))
    found = plan(owner, 202602)
    named = [(one.code, one.severity, one.where, one.voucher_id, one.account_code) for one in found.checks]
    assert named == [
        ("earlier_open", "stop", "2026-01", None, ""),
        ("voucher_unposted", "stop", "记-3", waiting.id, ""),
        ("cash_negative", "warning", "1001 库存现金", None, "1001"),
        ("cash_negative", "warning", "1002 银行存款", None, "1002"),
        ("must_be_nil", "warning", "410104 水电费", None, "410104"),
    ]
    by_key = {step.key: step for step in found.steps}
    assert list(by_key) == [
        *("checks", "revaluation", "depreciation", "amortisation", "cost", "vat", "surcharges", "income_tax"),
        *("profit_and_loss", "year_end", "close"),
    ]
    assert (by_key["checks"].state, by_key["close"].state) == ("blocked", "blocked")
    assert by_key["close"].note == "先完成：结账前检查、结转损益。"


def test_a_month_can_be_left_and_gone_on_with(owner: Actor) -> None:
    sell(owner, "2026-01-10", "1", "80.00")
    step = run(owner, 202601, "profit_and_loss", post=False)
    assert (step.state, step.vouchers[0].state, step.changed_by) == ("done", "draft", "王会计")
    assert state_of(owner, 202601, "checks")[0] == "blocked"
    states.review_and_post(owner, step.vouchers[0].id)
    assert state_of(owner, 202601, "close")[0] == "due"
    periods.close_period(owner, 202601)
    assert state_of(owner, 202601, "close")[0] == "done"


def test_a_step_is_skipped_with_a_reason_and_taken_back(owner: Actor) -> None:
    skipped = running.skip_step(owner, 202601, "vat", "本月免税")
    assert (skipped.state, skipped.note) == ("skipped", "本月免税")
    assert state_of(owner, 202601, "vat") == ("skipped", "本月免税")
    with pytest.raises(Conflict, match="已被王会计修改"):
        running.reset_step(owner, 202601, "vat", 0)
    assert running.reset_step(owner, 202601, "vat", skipped.version).state == "nothing"
    with pytest.raises(RuleBroken, match="不能跳过"):
        running.skip_step(owner, 202601, "profit_and_loss", "不想")
    with pytest.raises(MalformedInput):
        running.skip_step(owner, 202601, "vat", "  ")
    with pytest.raises(NotFound):
        running.skip_step(owner, 202601, "lunch", "饿")
    with pytest.raises(RuleBroken, match="不生成凭证"):
        propose(owner, 202601, "close")


def test_an_edited_voucher_settles_the_step_until_something_changes(owner: Actor) -> None:
    posted(owner, "2026-01-05", line("1002", "1000.00"), line("22210107", credit="1000.00"))
    voucher = propose(owner, 202601, "vat").vouchers[0]
    edited = voucher.model_copy(
        update={
            "entries": [
                voucher.entries[0].model_copy(update={"debit": "900.00"}),
                voucher.entries[1].model_copy(update={"credit": "900.00"}),
            ]
        }
    )
    step = run(owner, 202601, "vat", vouchers=[edited])
    assert (step.state, step.note) == ("done", "按修改后的金额入账，与计算结果有差额。")
    posted(owner, "2026-01-06", line("1002", "1.00"), line("22210107", credit="1.00"))
    assert state_of(owner, 202601, "vat")[0] == "due"


def test_a_stale_proposal_is_refused_and_so_is_the_second_of_two(owner: Actor) -> None:
    posted(owner, "2026-01-05", line("1002", "1000.00"), line("22210107", credit="1000.00"))
    proposal = propose(owner, 202601, "vat")
    wish = StepRun(vouchers=proposal.vouchers, fingerprint=proposal.fingerprint, post=True)
    running.run_step(owner, 202601, "vat", wish)
    with pytest.raises(Conflict) as refused:
        running.run_step(owner, 202601, "vat", wish)
    assert refused.value.code == "closing_changed"
    assert balance("222102") == -100000


def test_what_a_step_saves_must_be_complete_and_of_the_month(owner: Actor) -> None:
    posted(owner, "2026-01-05", line("1002", "1000.00"), line("22210107", credit="1000.00"))
    voucher = propose(owner, 202601, "vat").vouchers[0]
    with pytest.raises(RuleBroken, match="两行分录"):
        run(owner, 202601, "vat", vouchers=[voucher.model_copy(update={"entries": voucher.entries[:1]})])
    with pytest.raises(RuleBroken, match="日期"):
        run(owner, 202601, "vat", vouchers=[voucher.model_copy(update={"date": "2026-02-28"})])
    assert state_of(owner, 202601, "vat")[0] == "due"


def test_a_deleted_draft_is_due_again(owner: Actor) -> None:
    posted(owner, "2026-01-05", line("1002", "1000.00"), line("22210107", credit="1000.00"))
    step = run(owner, 202601, "vat", post=False)
    vouchers.delete_draft(owner, step.vouchers[0].id)
    assert state_of(owner, 202601, "vat")[0] == "due"
    assert booked(run(owner, 202601, "vat").vouchers[0].id)[0] == ("22210104", "", "1000.00", "")


def test_rights(owner: Actor) -> None:
    posted(owner, "2026-01-05", line("1002", "1000.00"), line("22210107", credit="1000.00"))
    reader = Actor(owner.user_id, "看", frozenset({"ledger:closing:view"}))
    proposal = steps.propose(reader, 202601, "vat", {})
    wish = StepRun(vouchers=proposal.vouchers, post=True)
    with pytest.raises(PermissionDenied, match="ledger:closing:run"):
        running.run_step(reader, 202601, "vat", wish)
    with pytest.raises(PermissionDenied, match="ledger:closing:edit"):
        change_closing_parameters(reader, closing_parameters())
    maker = Actor(owner.user_id, "做", frozenset({"ledger:closing:run", "ledger:voucher:add"}))
    with pytest.raises(PermissionDenied, match="ledger:voucher:review"):
        running.run_step(maker, 202601, "vat", wish)
    assert running.run_step(maker, 202601, "vat", wish.model_copy(update={"post": False})).state == "done"


def test_a_closed_month_takes_no_step(owner: Actor) -> None:
    periods.close_period(owner, 202601)
    with pytest.raises(RuleBroken, match="已经结账"):
        running.run_step(owner, 202601, "vat", StepRun(vouchers=[]))
    assert figure(propose(owner, 202601, "vat"), "本月应交增值税") == "0.00"


def test_a_voucher_that_moves_cash_bears_the_word_its_lines_ask_for(owner: Actor) -> None:
    set_setting("voucher_words", "收付转")
    posted(owner, "2026-01-05", usd("1002", "7000.00", "1000"), line("3001", credit="7000.00"), word="收")
    up = propose(owner, 202601, "revaluation", {"rate.USD": "7.1"}).vouchers
    down = propose(owner, 202601, "revaluation", {"rate.USD": "6.9"}).vouchers
    assert [voucher.word for voucher in (*up, *down)] == ["收", "付"]
    assert run(owner, 202601, "revaluation", {"rate.USD": "6.9"}).vouchers[0].word == "付"


def test_cost_that_somebody_booked_is_not_booked_again(owner: Actor) -> None:
    """Bought 10 for 100.00, sold 4, cost typed by hand; then 2 more sold."""
    buy(owner, "2026-01-05", "10", "100.00")
    sell(owner, "2026-01-10", "4", "80.00")
    posted(owner, "2026-01-11", line("5401", "40.00"), line("1405", credit="40.00", quantity="4"))
    assert propose(owner, 202601, "cost").vouchers == []
    sell(owner, "2026-01-20", "2", "40.00")
    assert proposed(propose(owner, 202601, "cost")) == [[("5401", "", "20.00", ""), ("1405", "", "", "20.00")]]


def test_a_return_booked_at_its_own_cost_stands_and_sales_go_out_in_full(owner: Actor) -> None:
    """10 for 100.00; sold 5, one of an earlier month came back at 9.00: 109.00 over 11 pieces, 5 of them: 49.55."""
    buy(owner, "2026-01-05", "10", "100.00")
    sell(owner, "2026-01-10", "5", "100.00")
    sell(owner, "2026-01-12", "-1", "-20.00")
    posted(owner, "2026-01-12", line("5401", "-9.00"), line("1405", credit="-9.00", quantity="-1"))
    proposal = propose(owner, 202601, "cost")
    assert [one.value for one in proposal.inputs] == ["5"]
    assert proposed(proposal) == [[("5401", "", "49.55", ""), ("1405", "", "", "49.55")]]
