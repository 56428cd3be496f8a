"""VAT, surcharges and income tax of a month, with figures worked out by hand."""

from __future__ import annotations

import pytest

from app.contract.closing import ClosingParameters
from app.contract.ledger import Reversal
from app.identity.actor import Actor
from app.kernel.errors import Conflict, MalformedInput
from app.ledger.service import states
from app.ledger.service.closing.parameters import change_closing_parameters, closing_parameters
from app.storage.book_settings import set_setting
from app.storage.database import execute
from tests.ledger.build import line, posted
from tests.ledger.closing_desk import balance, figure, propose, proposed, run, state_of

SALE = ("2026-01-05", "10000.00", "1300.00")


def sell(owner: Actor, date: str, net: str, tax: str) -> None:
    posted(owner, date, line("1002", both(net, tax)), line("5001", credit=net), line("22210107", credit=tax))


def buy(owner: Actor, date: str, net: str, tax: str) -> None:
    posted(owner, date, line("560204", net), line("22210101", tax), line("1002", credit=both(net, tax)))


def both(*amounts: str) -> str:
    """Add amounts of two decimals."""
    fen = sum(int(amount.replace(".", "")) for amount in amounts)
    return f"{fen // 100}.{fen % 100:02d}"


def change(owner: Actor, **values: object) -> ClosingParameters:
    now = closing_parameters()
    return change_closing_parameters(owner, now.model_copy(update=values))


# --- VAT of a general taxpayer ---


def test_what_is_owed_is_transferred_out(owner: Actor) -> None:
    sell(owner, *SALE)
    buy(owner, "2026-01-08", "4000.00", "520.00")
    proposal = propose(owner, 202601, "vat")
    assert proposed(proposal) == [[("22210104", "", "780.00", ""), ("222102", "", "", "780.00")]]
    assert figure(proposal, "本月应交增值税") == "780.00"
    assert proposal.vouchers[0].kind == "transfer"
    assert run(owner, 202601, "vat").state == "done"
    assert (balance("222101"), balance("222102")) == (0, -78000)
    assert propose(owner, 202601, "vat").vouchers == []


def test_an_addition_makes_the_difference_and_a_reduction_comes_out_red(owner: Actor) -> None:
    sell(owner, *SALE)
    run(owner, 202601, "vat")
    sell(owner, "2026-01-20", "100.00", "13.00")
    assert state_of(owner, 202601, "vat") == ("due", "生成凭证后又有变化，须补差额。")
    assert proposed(propose(owner, 202601, "vat")) == [[("22210104", "", "13.00", ""), ("222102", "", "", "13.00")]]
    run(owner, 202601, "vat")
    buy(owner, "2026-01-25", "1000.00", "130.00")
    assert proposed(propose(owner, 202601, "vat")) == [[("22210104", "", "-130.00", ""), ("222102", "", "", "-130.00")]]
    run(owner, 202601, "vat")
    assert balance("222102") == -118300


def test_a_reversed_transfer_counts_as_reversed(owner: Actor) -> None:
    sell(owner, *SALE)
    first = run(owner, 202601, "vat").vouchers[0].id
    states.reverse_voucher(owner, first, Reversal(post=True))
    proposal = propose(owner, 202601, "vat")
    assert proposed(proposal) == [[("22210104", "", "1300.00", ""), ("222102", "", "", "1300.00")]]
    step = run(owner, 202601, "vat")
    assert [(one.amount, one.is_reversal) for one in step.vouchers] == [
        ("1300.00", False),
        ("-1300.00", True),
        ("1300.00", False),
    ]


def test_an_excess_of_input_stays_without_a_voucher_and_lowers_the_next_month(owner: Actor) -> None:
    buy(owner, "2026-01-08", "4000.00", "520.00")
    proposal = propose(owner, 202601, "vat")
    assert (proposal.vouchers, proposal.state) == ([], "nothing")
    assert figure(proposal, "留抵税额") == "520.00"
    sell(owner, "2026-02-05", "10000.00", "1300.00")
    assert proposed(propose(owner, 202602, "vat"))[0][0] == ("22210104", "", "780.00", "")


def test_what_was_paid_beyond_the_month_is_transferred_as_overpaid(owner: Actor) -> None:
    """Owed 1,300.00, paid for this month 1,500.00, input 100.00: overpaid 300.00; no input is left over."""
    sell(owner, *SALE)
    buy(owner, "2026-01-08", "769.23", "100.00")
    posted(owner, "2026-01-15", line("22210103", "1500.00"), line("1002", credit="1500.00"))
    proposal = propose(owner, 202601, "vat")
    assert proposed(proposal) == [[("222102", "", "300.00", ""), ("22210110", "", "", "300.00")]]
    run(owner, 202601, "vat")
    assert (balance("222101"), balance("222102")) == (0, 30000)


def test_an_input_excess_beside_a_payment_is_told_apart(owner: Actor) -> None:
    """Input 520.00 over nothing sold, and 200.00 paid: 200.00 overpaid, 520.00 stays."""
    buy(owner, "2026-01-08", "4000.00", "520.00")
    posted(owner, "2026-01-15", line("22210103", "200.00"), line("1002", credit="200.00"))
    proposal = propose(owner, 202601, "vat")
    assert proposed(proposal) == [[("222102", "", "200.00", ""), ("22210110", "", "", "200.00")]]
    assert figure(proposal, "留抵税额") == "520.00"


# --- surcharges ---


def test_surcharges_on_what_vat_is_owed(owner: Actor) -> None:
    """780.00 of VAT: 54.60 + 23.40 + 15.60."""
    sell(owner, *SALE)
    buy(owner, "2026-01-08", "4000.00", "520.00")
    run(owner, 202601, "vat")
    proposal = propose(owner, 202601, "surcharges")
    assert proposed(proposal) == [
        [
            ("540302", "", "54.60", ""),
            ("222113", "", "", "54.60"),
            ("540309", "", "23.40", ""),
            ("222114", "", "", "23.40"),
            ("540310", "", "15.60", ""),
            ("222115", "", "", "15.60"),
        ]
    ]
    assert [row.note for row in proposal.rows][-3:] == ["780.00 × 7%", "780.00 × 3%", "780.00 × 2%"]
    assert run(owner, 202601, "surcharges").state == "done"
    assert propose(owner, 202601, "surcharges").vouchers == []


def test_surcharges_halved_in_a_county_round_each_on_its_own(owner: Actor) -> None:
    """33.33 of VAT at 5 %, 3 %, 2 %, half: 0.83325, 0.49995, 0.3333."""
    change(owner, city_location="county", surcharge_relief=True)
    sell(owner, "2026-01-05", "256.38", "33.33")
    run(owner, 202601, "vat")
    booked = proposed(propose(owner, 202601, "surcharges"))[0]
    assert [line[2] for line in booked if line[2]] == ["0.83", "0.50", "0.33"]


def test_the_relief_ends_when_its_notice_ends(owner: Actor) -> None:
    change(owner, surcharge_relief=True)
    sell(owner, "2028-01-05", "10000.00", "1300.00")
    run(owner, 202801, "vat")
    assert proposed(propose(owner, 202801, "surcharges"))[0][0] == ("540302", "", "91.00", "")


def test_what_somebody_accrued_by_hand_is_not_accrued_again(owner: Actor) -> None:
    sell(owner, *SALE)
    run(owner, 202601, "vat")
    posted(owner, "2026-01-31", line("540302", "91.00"), line("222113", credit="91.00"))
    assert [one[0] for one in proposed(propose(owner, 202601, "surcharges"))[0]] == [
        "540309",
        "222114",
        "540310",
        "222115",
    ]
    whole = propose(owner, 202601, "surcharges", {"city_elsewhere": "0"})
    assert proposed(whole)[0][0] == ("540302", "", "91.00", "")


def test_a_rate_can_be_changed_for_once(owner: Actor) -> None:
    sell(owner, *SALE)
    run(owner, 202601, "vat")
    proposal = propose(owner, 202601, "surcharges", {"city_rate": "1"})
    assert proposed(proposal)[0][0] == ("540302", "", "13.00", "")
    with pytest.raises(MalformedInput) as refused:
        propose(owner, 202601, "surcharges", {"city_rate": "viel"})
    assert list(refused.value.fields) == ["parameters.city_rate"]


# --- income tax ---


def test_income_tax_by_quarter_on_the_year_so_far(owner: Actor) -> None:
    """Q1 profit 10,000.00 at 25 %: 2,500.00; by June 16,000.00: 4,000.00, less 2,500.00; by September a loss: red."""
    posted(owner, "2026-01-05", line("1002", "12000.00"), line("5001", credit="12000.00"))
    posted(owner, "2026-02-05", line("560204", "2000.00"), line("1002", credit="2000.00"))
    assert state_of(owner, 202602, "income_tax") == ("nothing", "企业所得税按季度计提，本月不是季末。")
    assert proposed(propose(owner, 202603, "income_tax")) == [
        [("5801", "", "2500.00", ""), ("222111", "", "", "2500.00")]
    ]
    run(owner, 202603, "income_tax")
    assert propose(owner, 202603, "income_tax").vouchers == []
    run(owner, 202603, "profit_and_loss")
    posted(owner, "2026-05-05", line("1002", "6000.00"), line("5001", credit="6000.00"))
    assert proposed(propose(owner, 202606, "income_tax"))[0][0] == ("5801", "", "1500.00", "")
    run(owner, 202606, "income_tax")
    posted(owner, "2026-08-05", line("560204", "20000.00"), line("1002", credit="20000.00"))
    assert proposed(propose(owner, 202609, "income_tax")) == [
        [("5801", "", "-4000.00", ""), ("222111", "", "", "-4000.00")]
    ]


def test_small_low_profit_firms_and_adjustments(owner: Actor) -> None:
    change(owner, small_low_profit=True)
    posted(owner, "2026-01-05", line("1002", "10000.00"), line("5001", credit="10000.00"))
    proposal = propose(owner, 202603, "income_tax", {"adjustment": "-400.00"})
    assert proposed(proposal)[0][0] == ("5801", "", "480.00", "")
    assert figure(proposal, "应纳税所得额") == "9,600.00"


def test_adjustments_hold_for_the_rest_of_the_year(owner: Actor) -> None:
    """10,000.00 and −400.00 in March: 2,400.00; 4,000.00 more until June: 13,600.00 at 25 % less 2,400.00."""
    posted(owner, "2026-01-05", line("1002", "10000.00"), line("5001", credit="10000.00"))
    run(owner, 202603, "income_tax", {"adjustment": "-400.00"})
    posted(owner, "2026-04-05", line("1002", "4000.00"), line("5001", credit="4000.00"))
    assert proposed(propose(owner, 202606, "income_tax"))[0][0] == ("5801", "", "1000.00", "")
    posted(owner, "2027-03-05", line("1002", "100.00"), line("5001", credit="100.00"))
    assert figure(propose(owner, 202703, "income_tax"), "纳税调整") == "0.00"


def test_inputs_sent_back_as_they_came_freeze_nothing(owner: Actor) -> None:
    posted(owner, "2026-01-05", line("1002", "10000.00"), line("5001", credit="10000.00"))
    echoed = {one.key: one.value for one in propose(owner, 202603, "income_tax").inputs}
    assert echoed["profit"] == "10000.00"
    run(owner, 202603, "income_tax", echoed)
    posted(owner, "2026-03-31", line("1002", "100.00"), line("5001", credit="100.00"))
    assert proposed(propose(owner, 202603, "income_tax"))[0][0] == ("5801", "", "25.00", "")


# --- small-scale taxpayers ---


@pytest.fixture
def small(owner: Actor) -> Actor:
    """The firm as a small-scale taxpayer whose chart has 应交增值税 as a leaf."""
    set_setting("vat", "small")
    execute("DELETE FROM {account} WHERE code LIKE '222101__'")
    execute("UPDATE {account} SET is_leaf = 1 WHERE code = '222101'")
    return owner


def sell_small(owner: Actor, date: str, net: str, tax: str) -> None:
    posted(owner, date, line("1002", both(net, tax)), line("5001", credit=net), line("222101", credit=tax))


def test_a_quarter_below_the_threshold_is_exempt(small: Actor) -> None:
    sell_small(small, "2026-01-05", "100000.00", "1000.00")
    sell_small(small, "2026-03-05", "50000.00", "500.00")
    assert state_of(small, 202601, "vat")[0] == "nothing"
    assert proposed(propose(small, 202603, "vat")) == [[("222101", "", "1500.00", ""), ("530111", "", "", "1500.00")]]
    run(small, 202603, "vat")
    assert (balance("222101"), balance("530111")) == (0, -150000)
    assert propose(small, 202603, "vat").vouchers == []
    assert propose(small, 202603, "surcharges").vouchers == []


def test_above_the_threshold_nothing_is_exempt_and_surcharges_are_halved(small: Actor) -> None:
    sell_small(small, "2026-01-05", "300000.01", "3000.00")
    assert propose(small, 202603, "vat").vouchers == []
    booked = proposed(propose(small, 202603, "surcharges"))[0]
    assert [one for one in booked if one[2]] == [
        ("540302", "", "105.00", ""),
        ("540309", "", "45.00", ""),
        ("540310", "", "30.00", ""),
    ]


def test_what_was_sold_with_a_special_invoice_is_not_exempt(small: Actor) -> None:
    sell_small(small, "2026-02-05", "20000.00", "200.00")
    proposal = propose(small, 202603, "vat", {"special_tax": "50.00"})
    assert proposed(proposal)[0][0] == ("222101", "", "150.00", "")


# --- parameters ---


def test_parameters_are_dated_data_with_their_source(owner: Actor) -> None:
    now = closing_parameters()
    city = next(rate for rate in now.rates if rate.key == "city_maintenance_city")
    assert (city.value, city.source) == ("7", "城市维护建设税法（2021-09-01 起施行，此前为暂行条例）第四条")
    later = city.model_copy(update={"since": "2026-02", "value": "6", "source": "虚构"})
    after = change(owner, rates=[*now.rates, later])
    assert after.version == 1
    with pytest.raises(Conflict):
        change_closing_parameters(owner, now)
    sell(owner, *SALE)
    sell(owner, "2026-02-05", "10000.00", "1300.00")
    for period, wanted in ((202601, "91.00"), (202602, "78.00")):
        run(owner, period, "vat")
        assert proposed(propose(owner, period, "surcharges"))[0][0] == ("540302", "", wanted, "")


def test_a_rate_that_makes_no_sense_is_named(owner: Actor) -> None:
    now = closing_parameters()
    wrong = now.rates[0].model_copy(update={"value": "107", "since": "2026-13", "until": ""})
    with pytest.raises(MalformedInput) as refused:
        change(owner, rates=[wrong])
    assert set(refused.value.fields) == {"rates.0.value", "rates.0.since"}
