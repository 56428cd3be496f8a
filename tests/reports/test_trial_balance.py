"""The trial balance: figures worked out by hand, on both databases."""

from __future__ import annotations

import pytest

from app.contract.ledger import AccountInput, Opening, OpeningRow, Reversal
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput, NotFound, PermissionDenied, RuleBroken
from app.ledger.service import opening, states
from app.ledger.service.accounts import create_account
from tests.ledger.build import draft, line, posted
from tests.reports.asking import ask, figures

JANUARY = [
    OpeningRow(account_code="1001", year_begin_debit="100", opening_debit="100"),
    OpeningRow(account_code="3001", year_begin_credit="100", opening_credit="100"),
]


def test_an_empty_book_has_no_rows(firm: Actor) -> None:
    assert ask(firm, "trial-balance")[0] == []
    assert figures(firm) == {"": "- - - - - - - -"}


def test_opening_turnover_year_to_date_and_closing(firm: Actor) -> None:
    opening.replace_opening(firm, Opening(rows=JANUARY))
    posted(firm, "2026-01-05", line("560205", "30"), line("1001", credit="30"))
    posted(firm, "2026-02-05", line("560205", "20.5"), line("1001", credit="20.5"))
    assert figures(firm, "2026-02", "2026-02") == {
        "1001": "70.00 - - 20.50 - 50.50 49.50 -",
        "3001": "- 100.00 - - - - - 100.00",
        "5602": "30.00 - 20.50 - 50.50 - 50.50 -",
        "560205": "30.00 - 20.50 - 50.50 - 50.50 -",
        "": "100.00 100.00 20.50 20.50 50.50 50.50 100.00 100.00",
    }
    assert figures(firm, "2026-01", "2026-02")["1001"] == "100.00 - - 50.50 - 50.50 49.50 -"
    assert figures(firm, "2026-03", "2026-03")["1001"] == "49.50 - - - - 50.50 49.50 -"


def test_without_months_the_whole_book_is_covered(firm: Actor) -> None:
    posted(firm, "2026-01-05", line("1001", "1"), line("3001", credit="1"))
    posted(firm, "2027-03-05", line("1001", "2"), line("3001", credit="2"))
    assert figures(firm)["1001"] == "- - 3.00 - 2.00 - 3.00 -"
    assert figures(firm, "2027-03")["1001"] == "1.00 - 2.00 - 2.00 - 3.00 -"
    assert figures(firm, last="2026-12")["1001"] == "- - 1.00 - 1.00 - 1.00 -"


def test_a_parent_adds_turnover_and_nets_balances(firm: Actor) -> None:
    """222101 has a debit balance below and a credit balance beside it; the parent shows the net on its side."""
    posted(firm, "2026-01-05", line("22210101", "13"), line("1001", credit="13"))
    posted(firm, "2026-01-06", line("1001", "20"), line("222102", credit="20"))
    shown = figures(firm, "2026-01", "2026-01")
    assert shown["22210101"] == "- - 13.00 - 13.00 - 13.00 -"
    assert shown["222102"] == "- - - 20.00 - 20.00 - 20.00"
    assert shown["2221"] == "- - 13.00 20.00 13.00 20.00 - 7.00"
    assert shown[""] == "- - 33.00 33.00 33.00 33.00 7.00 7.00"


def test_red_entries_stay_on_their_side_and_a_cancelled_account_stays_in_sight(firm: Actor) -> None:
    voucher = posted(firm, "2026-01-05", line("560205", "30"), line("1001", credit="30"))
    posted(firm, "2026-01-06", line("560205", "8"), line("2001", credit="8"))
    states.reverse_voucher(firm, voucher.id, Reversal(date="2026-01-07", post=True))
    shown = figures(firm, "2026-01", "2026-01")
    assert shown["560205"] == "- - 8.00 - 8.00 - 8.00 -"
    assert shown["1001"] == "- - - - - - - -"
    assert "1001" not in figures(firm, "2027-01", "2027-01")


def test_unposted_vouchers_count_only_when_asked_for(firm: Actor) -> None:
    posted(firm, "2026-01-05", line("1001", "5"), line("3001", credit="5"))
    draft(firm, "2026-01-06", line("1001", "7"), line("3001", credit="7"))
    draft(firm, "2026-01-07", line("1001", "100"), line("3001", credit="99"))  # faulty: counts nowhere
    assert figures(firm, "2026-01", "2026-01")["1001"] == "- - 5.00 - 5.00 - 5.00 -"
    assert figures(firm, "2026-01", "2026-01", include_unposted=True)["1001"] == "- - 12.00 - 12.00 - 12.00 -"
    assert figures(firm, "2027-01", "2027-01", include_unposted=True)["1001"] == "12.00 - - - - - 12.00 -"


def test_years_roll_over_also_where_a_year_has_no_rows(firm: Actor) -> None:
    posted(firm, "2026-12-31", line("1001", "10"), line("3001", credit="10"))
    posted(firm, "2029-02-01", line("1001", "1"), line("3001", credit="1"))
    assert figures(firm, "2027-01", "2027-12") == {
        "1001": "10.00 - - - - - 10.00 -",
        "3001": "- 10.00 - - - - - 10.00",
        "": "10.00 10.00 - - - - 10.00 10.00",
    }
    assert figures(firm, "2027-05", "2029-02")["1001"] == "10.00 - 1.00 - 1.00 - 11.00 -"
    assert figures(firm, "2029-03", "2029-03")["1001"] == "11.00 - - - 1.00 - 11.00 -"
    posted(firm, "2026-11-30", line("1001", "100"), line("3001", credit="100"))
    assert figures(firm, "2029-01", "2029-01")["1001"] == "110.00 - - - - - 110.00 -"


def test_a_start_in_mid_year(june_firm: Actor) -> None:
    rows = [
        OpeningRow(account_code="1001", opening_debit="150", ytd_debit="100", ytd_credit="50"),
        OpeningRow(account_code="3001", opening_credit="150", ytd_credit="50"),
    ]
    opening.replace_opening(june_firm, Opening(rows=rows))
    posted(june_firm, "2026-06-10", line("1001", "1"), line("3001", credit="1"))
    june = "150.00 - 1.00 - 101.00 50.00 151.00 -"
    assert figures(june_firm, "2026-06", "2026-06")["1001"] == june
    assert figures(june_firm)["1001"] == june
    # from January the elapsed months are known as one sum; from March they are not, so the span begins at the start
    assert figures(june_firm, "2026-01", "2026-06")["1001"] == "100.00 - 101.00 50.00 101.00 50.00 151.00 -"
    assert figures(june_firm, "2025-07", "2026-06")["1001"] == "100.00 - 101.00 50.00 101.00 50.00 151.00 -"
    assert figures(june_firm, "2026-03", "2026-06")["1001"] == june
    assert figures(june_firm, "2026-07", "2026-07")["1001"] == "151.00 - - - 101.00 50.00 151.00 -"
    assert figures(june_firm, "2027-01", "2027-01")["1001"] == "151.00 - - - - - 151.00 -"
    with pytest.raises(RuleBroken, match="2026-06"):
        ask(june_firm, "trial-balance", "2026-01", "2026-05")


def test_other_currencies_stand_beside_the_base_amounts(firm: Actor) -> None:
    posted(
        firm,
        "2026-01-05",
        line("1002", "710", currency="USD", foreign_amount="100", rate="7.1"),
        line("3001", credit="710"),
    )
    posted(firm, "2026-02-05", line("1002", "5"), line("3001", credit="5"))
    rows = {row["code"]: row for row in ask(firm, "trial-balance", "2026-02", "2026-02")[0]}
    assert rows["1002"]["closing_debit"] == "715.00"
    assert rows["1002"]["currencies"] == [
        {"currency": "CNY", "opening": "0.00", "debit": "5.00", "credit": "0.00", "closing": "5.00"},
        {"currency": "USD", "opening": "100.00", "debit": "0.00", "credit": "0.00", "closing": "100.00"},
    ]
    assert "currencies" not in rows["3001"]


def test_one_account_or_one_customer(firm: Actor) -> None:
    customer = OpeningRow(account_code="1122", aux="客户:甲公司", year_begin_debit="40", opening_debit="40")
    other = OpeningRow(account_code="1122", aux="客户:乙公司", year_begin_debit="2", opening_debit="2")
    capital = OpeningRow(account_code="3001", year_begin_credit="42", opening_credit="42")
    opening.replace_opening(firm, Opening(rows=[customer, other, capital]), make_missing=True)
    assert figures(firm, account_code="1122") == {"1122": "42.00 - - - - - 42.00 -", "": "42.00 - - - - - 42.00 -"}
    assert list(figures(firm, aux="客户:甲公司").values()) == ["40.00 - - - - - 40.00 -"] * 2
    with pytest.raises(NotFound, match="没有科目"):
        ask(firm, "trial-balance", account_code="9999")
    with pytest.raises(NotFound, match="丙公司"):
        ask(firm, "trial-balance", aux="客户:丙公司")
    with pytest.raises(MalformedInput):
        ask(firm, "trial-balance", aux=":甲公司")


def test_codes_need_not_follow_their_parents(firm: Actor) -> None:
    """Children stand below their parent, whatever their code sorts like."""
    create_account(firm, AccountInput(code="9", name_zh="网店", parent_code="1012"))
    posted(firm, "2026-01-05", line("9", "5"), line("3001", credit="5"))
    rows, _ = ask(firm, "trial-balance")
    assert [(row["code"], row["level"]) for row in rows] == [("1012", 1), ("9", 2), ("3001", 1)]


def test_what_is_refused(firm: Actor) -> None:
    with pytest.raises(MalformedInput, match="晚于"):
        ask(firm, "trial-balance", "2026-03", "2026-02")
    with pytest.raises(MalformedInput, match="不是月份"):
        ask(firm, "trial-balance", "2026-13", "2026-13")
    stranger = Actor(firm.user_id, "路人")
    for name in ("trial-balance", "journal", "general-ledger", "subsidiary-ledger", "auxiliary-balance", "quantity"):
        with pytest.raises(PermissionDenied, match=f"reports:{name}:view"):
            ask(stranger, name)
