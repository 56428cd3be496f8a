"""General ledger, subsidiary ledger and journal."""

from __future__ import annotations

import pytest

from app.contract.ledger import Opening, OpeningRow, VoucherInput
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput
from app.ledger.service import opening, states, vouchers
from app.reports.catalogue import REPORTS
from app.reports.request import ReportRequest
from tests.ledger.build import draft, line, posted
from tests.reports.asking import Rows, ask, columns


@pytest.fixture
def trading(firm: Actor) -> Actor:
    """A firm with an opening, two months of 2026, one of 2027, and a draft."""
    rows = [
        OpeningRow(account_code="1001", year_begin_debit="100", opening_debit="100"),
        OpeningRow(account_code="3001", year_begin_credit="100", opening_credit="100"),
    ]
    opening.replace_opening(firm, Opening(rows=rows))
    posted(firm, "2026-01-09", line("560205", "30"), line("1001", credit="30"))
    posted(firm, "2026-01-05", line("1001", "50"), line("2001", credit="45"), line("3001", credit="5"))
    posted(firm, "2026-03-01", line("1001", "-1", summary="红字"), line("2001", credit="-1", summary="红字"))
    posted(firm, "2027-02-01", line("2001", "44"), line("1001", credit="44"))
    draft(firm, "2026-03-02", line("1001", "7"), line("3001", credit="7"))
    return firm


def test_the_general_ledger_goes_month_by_month(trading: Actor) -> None:
    rows, totals = ask(trading, "general-ledger", account_code="1001")
    assert columns(rows, "period", "summary", "debit", "credit", "direction", "balance") == [
        ("2026-01", "上年结转", "0.00", "0.00", "借", "100.00"),
        ("2026-01", "本期合计", "50.00", "30.00", "借", "120.00"),
        ("2026-01", "本年累计", "50.00", "30.00", "借", "120.00"),
        ("2026-03", "本期合计", "-1.00", "0.00", "借", "119.00"),
        ("2026-03", "本年累计", "49.00", "30.00", "借", "119.00"),
        ("2027-01", "上年结转", "0.00", "0.00", "借", "119.00"),
        ("2027-02", "本期合计", "0.00", "44.00", "借", "75.00"),
        ("2027-02", "本年累计", "0.00", "44.00", "借", "75.00"),
    ]
    assert totals == {"debit": "49.00", "credit": "74.00"}
    later, _ = ask(trading, "general-ledger", "2026-03", "2026-04", account_code="2001", include_unposted=True)
    assert columns(later, "summary", "credit", "direction", "balance") == [
        ("期初余额", "0.00", "贷", "45.00"),
        ("本期合计", "-1.00", "贷", "44.00"),
        ("本年累计", "44.00", "贷", "44.00"),
    ]


def test_a_balance_of_nothing_is_level(trading: Actor) -> None:
    rows, _ = ask(trading, "general-ledger", "2027-02", "2027-02", account_code="2001")
    assert columns(rows, "direction", "balance")[-1] == ("平", "0.00")


def test_the_subsidiary_ledger_runs_its_balance(trading: Actor) -> None:
    rows, totals = ask(trading, "subsidiary-ledger", "2026-01", "2026-12", account_code="1001")
    shown = columns(
        rows, "date", "voucher", "summary", "contra_accounts", "debit", "credit", "direction", "balance", "kind"
    )
    assert shown == [
        ("2026-01-01", "", "上年结转", "", "0.00", "0.00", "借", "100.00", "opening"),
        ("2026-01-05", "记-2", "业务", "2001;3001", "50.00", "0.00", "借", "150.00", "entry"),
        ("2026-01-09", "记-1", "业务", "560205", "0.00", "30.00", "借", "120.00", "entry"),
        ("2026-01-31", "", "本月合计", "", "50.00", "30.00", "借", "120.00", "month"),
        ("2026-01-31", "", "本年累计", "", "50.00", "30.00", "借", "120.00", "year"),
        ("2026-03-01", "记-1", "红字", "2001", "-1.00", "0.00", "借", "119.00", "entry"),
        ("2026-03-31", "", "本月合计", "", "-1.00", "0.00", "借", "119.00", "month"),
        ("2026-03-31", "", "本年累计", "", "49.00", "30.00", "借", "119.00", "year"),
    ]
    assert totals == {"debit": "49.00", "credit": "30.00"}


def test_a_parent_shows_the_entries_of_all_below_it(trading: Actor) -> None:
    rows, _ = ask(trading, "subsidiary-ledger", account_code="5602")
    assert [row["account_code"] for row in rows] == ["5602"] * 4
    assert columns(rows, "kind", "balance")[1] == ("entry", "30.00")


def test_drafts_come_in_when_wanted_void_vouchers_never(trading: Actor) -> None:
    voided = draft(trading, "2026-03-03", line("1001", "9"), line("3001", credit="9"))
    states.void_voucher(trading, voided.id)
    faulty = VoucherInput(date="2026-03-04", entries=[line("1001", "9"), line("3001", credit="8")])
    vouchers.save_voucher(trading, faulty)
    with_drafts, totals = ask(
        trading, "subsidiary-ledger", "2026-03", "2026-03", account_code="1001", include_unposted=True
    )
    assert columns(with_drafts, "date", "debit", "balance")[1:3] == [
        ("2026-03-01", "-1.00", "119.00"),
        ("2026-03-02", "7.00", "126.00"),
    ]
    assert totals["debit"] == "6.00"
    lines, journal_totals = ask(trading, "journal", "2026-03", "2026-03", include_unposted=True)
    assert columns(lines, "voucher", "debit") == [
        ("记-1", "-1.00"),
        ("记-1", "0.00"),
        ("记-2", "7.00"),
        ("记-2", "0.00"),
    ]
    assert journal_totals == {"debit": "6.00", "credit": "6.00"}


def test_the_journal_is_in_the_order_of_posting(firm: Actor) -> None:
    first = draft(firm, "2026-01-05", line("1001", "1"), line("3001", credit="1"))
    second = draft(firm, "2026-01-06", line("1001", "2"), line("3001", credit="2"))
    states.review_and_post(firm, second.id)
    states.review_and_post(firm, first.id)
    rows, _ = ask(firm, "journal")
    assert columns(rows, "date", "voucher", "line", "account_code", "account_name", "debit", "credit", "poster") == [
        ("2026-01-06", "记-2", "1", "1001", "库存现金", "2.00", "0.00", "王会计"),
        ("2026-01-06", "记-2", "2", "3001", "实收资本", "0.00", "2.00", "王会计"),
        ("2026-01-05", "记-1", "1", "1001", "库存现金", "1.00", "0.00", "王会计"),
        ("2026-01-05", "记-1", "2", "3001", "实收资本", "0.00", "1.00", "王会计"),
    ]
    with pytest.raises(MalformedInput, match="明细账"):
        ask(firm, "journal", account_code="1001")


def test_lines_tell_their_currency_quantity_and_auxiliaries(firm: Actor) -> None:
    customer = OpeningRow(account_code="1122", aux="客户:甲公司", year_begin_debit="1", opening_debit="1")
    capital = OpeningRow(account_code="3001", year_begin_credit="1", opening_credit="1")
    opening.replace_opening(firm, Opening(rows=[customer, capital]), make_missing=True)
    posted(
        firm,
        "2026-01-05",
        line("1122", "710", aux="客户:甲公司", currency="USD", foreign_amount="100", rate="7.1"),
        line("1001", credit="710", quantity="2.5"),
    )
    rows, _ = ask(firm, "journal")
    assert (rows[0]["aux"], rows[0]["currency"], rows[0]["foreign_amount"]) == ("客户:甲公司", "USD", "100.00")
    assert rows[1]["quantity"] == "2.5"
    assert "currency" not in rows[1]
    ledger, _ = ask(firm, "subsidiary-ledger", aux="客户:甲公司")
    assert columns(ledger, "summary", "balance") == [
        ("上年结转", "1.00"),
        ("业务", "711.00"),
        ("本月合计", "711.00"),
        ("本年累计", "711.00"),
    ]
    assert ledger[1]["aux"] == "客户:甲公司"


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("name", ["journal", "subsidiary-ledger"])
def test_pages_put_together_are_the_whole(trading: Actor, name: str, limit: int) -> None:
    whole, totals = ask(trading, name, include_unposted=True)
    pages: Rows = []
    after = None
    while True:
        wish = ReportRequest(include_unposted=True, limit=limit, after=after)
        report = REPORTS[name].run(trading, wish)
        page = [dict(row) for row in report.rows]
        assert len(page) == limit or report.next is None
        assert report.totals == totals
        pages += page
        after = report.next
        if after is None:
            break
    assert pages == whole
