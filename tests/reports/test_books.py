"""Books worked out by hand: journals struck daily, many columns, quantities, auxiliaries, voucher summaries."""

from __future__ import annotations

from typing import Any

import pytest

from app.contract.ledger import AccountChange, AuxiliaryInput, AuxiliaryUse, Opening, OpeningRow, VoucherInput
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput
from app.ledger.queries.accounts import account_id_of
from app.ledger.service import opening, states, vouchers
from app.ledger.service.accounts import change_account
from app.ledger.service.sets import create_auxiliary
from app.reports.catalogue import REPORTS
from app.reports.request import ReportRequest
from tests.ledger.build import draft, line, posted
from tests.reports.asking import Rows, ask, columns

THREE = ("date", "voucher", "summary", "debit", "credit", "direction", "balance", "kind")


@pytest.fixture
def bank(firm: Actor) -> Actor:
    """Money that comes and goes on several days, several times a day, in two years."""
    rows = [
        OpeningRow(account_code="1002", year_begin_debit="1000", opening_debit="1000"),
        OpeningRow(account_code="3001", year_begin_credit="1000", opening_credit="1000"),
    ]
    opening.replace_opening(firm, Opening(rows=rows))
    posted(firm, "2026-01-05", line("1002", "300", summary="收货款"), line("5001", credit="300", summary="收货款"))
    posted(firm, "2026-01-05", line("560205", "120", summary="电费"), line("1002", credit="120", summary="电费"))
    posted(firm, "2026-01-09", line("1001", "80", summary="提现"), line("1002", credit="80", summary="提现"))
    posted(firm, "2026-01-09", line("1002", "-10", summary="更正"), line("5001", credit="-10", summary="更正"))
    posted(firm, "2026-02-01", line("1002", "5", summary="利息"), line("560302", "-5", summary="利息"))
    posted(firm, "2027-01-03", line("560205", "95", summary="电费"), line("1002", credit="95", summary="电费"))
    return firm


def test_the_journal_of_the_bank_is_struck_each_day(bank: Actor) -> None:
    rows, totals = ask(bank, "cash-journal", account_code="1002")
    assert columns(rows, *THREE) == [
        ("2026-01-01", "", "上年结转", "0.00", "0.00", "借", "1000.00", "opening"),
        ("2026-01-05", "记-1", "收货款", "300.00", "0.00", "借", "1300.00", "entry"),
        ("2026-01-05", "记-2", "电费", "0.00", "120.00", "借", "1180.00", "entry"),
        ("2026-01-05", "", "本日合计", "300.00", "120.00", "借", "1180.00", "day"),
        ("2026-01-09", "记-3", "提现", "0.00", "80.00", "借", "1100.00", "entry"),
        ("2026-01-09", "记-4", "更正", "-10.00", "0.00", "借", "1090.00", "entry"),
        ("2026-01-09", "", "本日合计", "-10.00", "80.00", "借", "1090.00", "day"),
        ("2026-01-31", "", "本月合计", "290.00", "200.00", "借", "1090.00", "month"),
        ("2026-01-31", "", "本年累计", "290.00", "200.00", "借", "1090.00", "year"),
        ("2026-02-01", "记-1", "利息", "5.00", "0.00", "借", "1095.00", "entry"),
        ("2026-02-01", "", "本日合计", "5.00", "0.00", "借", "1095.00", "day"),
        ("2026-02-28", "", "本月合计", "5.00", "0.00", "借", "1095.00", "month"),
        ("2026-02-28", "", "本年累计", "295.00", "200.00", "借", "1095.00", "year"),
        ("2027-01-01", "", "上年结转", "0.00", "0.00", "借", "1095.00", "opening"),
        ("2027-01-03", "记-1", "电费", "0.00", "95.00", "借", "1000.00", "entry"),
        ("2027-01-03", "", "本日合计", "0.00", "95.00", "借", "1000.00", "day"),
        ("2027-01-31", "", "本月合计", "0.00", "95.00", "借", "1000.00", "month"),
        ("2027-01-31", "", "本年累计", "0.00", "95.00", "借", "1000.00", "year"),
    ]
    assert totals == {"debit": "295.00", "credit": "295.00"}
    assert rows[1]["contra_accounts"] == "5001"


def test_without_an_account_each_of_cash_and_bank_has_its_journal(bank: Actor) -> None:
    rows, totals = ask(bank, "cash-journal", "2026-01", "2026-01")
    assert list(dict.fromkeys(row["account_code"] for row in rows)) == ["1001", "1002"]
    assert totals == {"debit": "370.00", "credit": "200.00"}
    with pytest.raises(MalformedInput, match="没有日记账") as refused:
        ask(bank, "cash-journal", account_code="560205")
    assert refused.value.code == "account_not_cash"


def test_a_printed_book_carries_the_year_over(bank: Actor) -> None:
    rows, _ = ask(bank, "subsidiary-ledger", "2026-01", "2027-02", account_code="1002", year_ends=True)
    carried = [row for row in rows if row["kind"] == "carried"]
    assert columns(carried, *THREE) == [("2026-12-31", "", "结转下年", "0.00", "0.00", "借", "1095.00", "carried")]
    place = rows.index(carried[0])
    assert (rows[place - 1]["summary"], rows[place + 1]["summary"]) == ("本年累计", "上年结转")
    until_autumn, _ = ask(bank, "subsidiary-ledger", "2026-01", "2026-11", account_code="1002", year_ends=True)
    assert until_autumn[-1]["summary"] == "本年累计"
    until_december, _ = ask(bank, "subsidiary-ledger", "2026-01", "2026-12", account_code="1002", year_ends=True)
    assert until_december[-1]["summary"] == "结转下年"
    general, _ = ask(bank, "general-ledger", "2026-01", "2026-12", account_code="1002", year_ends=True)
    assert columns(general, "period", "summary", "balance")[-1] == ("2026-12", "结转下年", "1095.00")
    level, _ = ask(bank, "general-ledger", "2026-01", "2026-12", account_code="5603", year_ends=True)
    assert level[-1]["summary"] == "结转下年"  # a red debit of 5 is a balance of 5 on the other side
    assert level[-1]["direction"] == "贷"


# --- many columns ----------------------------------------------------------------------------------------------------


def test_expenses_stand_in_columns_with_credits_in_red(firm: Actor) -> None:
    posted(firm, "2026-01-05", line("560205", "100"), line("560206", "50"), line("1001", credit="150"))
    posted(firm, "2026-01-20", line("1001", "20"), line("560205", credit="20"))
    posted(firm, "2026-01-31", line("3103", "130"), line("560205", credit="80"), line("560206", credit="50"))
    report = REPORTS["multi-column"].run(firm, ReportRequest(account_code="5602"))
    assert [(column.key, column.account_name) for column in report.analysis] == [
        ("debit_560205", "水电费"),
        ("debit_560206", "差旅费"),
    ]
    rows = [dict(row) for row in report.rows]
    shown = [(*(row[key] for key in THREE[1:7]), *row["amounts"].values()) for row in rows]
    assert shown == [
        ("", "上年结转", "0.00", "0.00", "平", "0.00", "0.00", "0.00"),
        ("记-1", "业务", "100.00", "0.00", "借", "100.00", "100.00", "0.00"),
        ("记-1", "业务", "50.00", "0.00", "借", "150.00", "0.00", "50.00"),
        ("记-2", "业务", "0.00", "20.00", "借", "130.00", "-20.00", "0.00"),
        ("记-3", "业务", "0.00", "80.00", "借", "50.00", "-80.00", "0.00"),
        ("记-3", "业务", "0.00", "50.00", "平", "0.00", "0.00", "-50.00"),
        ("", "本月合计", "150.00", "150.00", "平", "0.00", "0.00", "0.00"),
        ("", "本年累计", "150.00", "150.00", "平", "0.00", "0.00", "0.00"),
    ]
    assert report.totals == {"debit": "150.00", "credit": "150.00"}


def test_vat_columns_keep_their_balances_while_the_account_nets_to_nothing(firm: Actor) -> None:
    posted(firm, "2026-01-05", line("1403", "1000"), line("22210101", "130"), line("1002", credit="1130"))
    posted(firm, "2026-01-10", line("1002", "2260"), line("5001", credit="2000"), line("22210107", credit="260"))
    posted(firm, "2026-01-31", line("22210104", "130"), line("222102", credit="130"))
    posted(firm, "2026-02-03", line("1002", "113"), line("5001", credit="100"), line("22210107", credit="13"))
    posted(firm, "2026-02-04", line("1002", "-22.6"), line("5001", credit="-20"), line("22210107", credit="-2.6"))
    report = REPORTS["multi-column"].run(firm, ReportRequest(from_period="2026-02", account_code="222101"))
    assert [(column.key, column.side) for column in report.analysis] == [
        ("debit_22210101", "debit"),
        ("debit_22210104", "debit"),
        ("credit_22210107", "credit"),
    ]
    rows = [dict(row) for row in report.rows]
    shown = [(*(row[key] for key in THREE[1:7]), *row["amounts"].values()) for row in rows]
    assert shown == [
        ("", "期初余额", "0.00", "0.00", "平", "0.00", "130.00", "130.00", "260.00"),
        ("记-1", "业务", "0.00", "13.00", "贷", "13.00", "0.00", "0.00", "13.00"),
        ("记-2", "业务", "0.00", "-2.60", "贷", "10.40", "0.00", "0.00", "-2.60"),
        ("", "本月合计", "0.00", "10.40", "贷", "10.40", "0.00", "0.00", "10.40"),
        ("", "本年累计", "260.00", "270.40", "贷", "10.40", "130.00", "130.00", "270.40"),
    ]


@pytest.mark.parametrize("code", ["", "560205"])
def test_many_columns_need_an_account_with_others_below_it(firm: Actor, code: str) -> None:
    with pytest.raises(MalformedInput, match="有下级的科目") as refused:
        ask(firm, "multi-column", account_code=code)
    assert refused.value.code == "account_without_children"


# --- quantities ------------------------------------------------------------------------------------------------------


def test_quantities_have_prices_that_are_worked_out(firm: Actor) -> None:
    change_account(firm, account_id_of("1403"), AccountChange(has_quantity=True, unit="千克", auxiliaries=[]))
    rows = [
        OpeningRow(account_code="1403", year_begin_debit="100", opening_debit="100", quantity="10"),
        OpeningRow(account_code="3001", year_begin_credit="100", opening_credit="100"),
    ]
    opening.replace_opening(firm, Opening(rows=rows))
    posted(firm, "2026-01-05", line("1403", "56", quantity="5", unit_price="11.2"), line("1001", credit="56"))
    posted(firm, "2026-01-06", line("560205", "72.8"), line("1403", credit="72.8", quantity="7"))
    posted(firm, "2026-01-07", line("1403", "-11.2", quantity="-1"), line("1001", credit="-11.2"))
    posted(firm, "2026-02-05", line("560205", "72"), line("1403", credit="72", quantity="7"))
    keys = ("in_quantity", "in_unit_price", "in_amount", "out_quantity", "out_unit_price", "out_amount")
    shown, totals = ask(firm, "quantity-ledger")
    assert columns(shown, "summary", *keys) == [
        ("上年结转", "0", "", "0.00", "0", "", "0.00"),
        ("业务", "5", "11.2", "56.00", "0", "", "0.00"),
        ("业务", "0", "", "0.00", "7", "10.4", "72.80"),
        ("业务", "-1", "11.2", "-11.20", "0", "", "0.00"),
        ("本月合计", "4", "11.2", "44.80", "7", "10.4", "72.80"),
        ("本年累计", "4", "11.2", "44.80", "7", "10.4", "72.80"),
        ("业务", "0", "", "0.00", "7", "10.2857", "72.00"),
        ("本月合计", "0", "", "0.00", "7", "10.2857", "72.00"),
        ("本年累计", "4", "11.2", "44.80", "14", "10.3429", "144.80"),
    ]
    assert columns(shown, "direction", "balance_quantity", "balance_unit_price", "balance_amount") == [
        ("借", "10", "10", "100.00"),
        ("借", "15", "10.4", "156.00"),
        ("借", "8", "10.4", "83.20"),
        ("借", "7", "10.2857", "72.00"),
        ("借", "7", "10.2857", "72.00"),
        ("借", "7", "10.2857", "72.00"),
        ("平", "0", "", "0.00"),
        ("平", "0", "", "0.00"),
        ("平", "0", "", "0.00"),
    ]
    assert shown[0]["unit"] == "千克"
    assert totals == {"in_amount": "44.80", "out_amount": "144.80"}


# --- auxiliaries -----------------------------------------------------------------------------------------------------


@pytest.fixture
def customers(firm: Actor) -> Actor:
    """Two customers on two accounts, one of them with a department besides."""
    for code in ("1122", "2203"):
        uses = [AuxiliaryUse(kind="客户", demanded=True), AuxiliaryUse(kind="部门", demanded=False)]
        change_account(firm, account_id_of(code), AccountChange(auxiliaries=uses))
    for kind, name in (("客户", "甲公司"), ("客户", "乙公司"), ("部门", "一部")):
        create_auxiliary(firm, AuxiliaryInput(kind=kind, name=name))
    rows = [
        OpeningRow(account_code="1122", aux="客户:甲公司", year_begin_debit="40", opening_debit="40"),
        OpeningRow(account_code="3001", year_begin_credit="40", opening_credit="40"),
    ]
    opening.replace_opening(firm, Opening(rows=rows))
    posted(firm, "2026-01-05", line("1122", "10", aux="客户:乙公司"), line("5001", credit="10"))
    posted(firm, "2026-01-06", line("1122", "6", aux="客户:甲公司;部门:一部"), line("5001", credit="6"))
    posted(firm, "2026-01-07", line("1001", "15"), line("2203", credit="15", aux="客户:甲公司"))
    posted(firm, "2026-01-08", line("1001", "40"), line("1122", credit="40", aux="客户:甲公司"))
    return firm


def test_a_ledger_goes_through_the_items_of_each_account(customers: Actor) -> None:
    rows, totals = ask(customers, "auxiliary-ledger", aux="客户")
    keys = ("account_code", "aux", "date", "summary", "debit", "credit", "direction", "balance")
    assert columns([row for row in rows if row["kind"] in {"opening", "entry", "year"}], *keys) == [
        ("1122", "客户:乙公司", "2026-01-01", "上年结转", "0.00", "0.00", "平", "0.00"),
        ("1122", "客户:乙公司", "2026-01-05", "业务", "10.00", "0.00", "借", "10.00"),
        ("1122", "客户:乙公司", "2026-01-31", "本年累计", "10.00", "0.00", "借", "10.00"),
        ("1122", "客户:甲公司", "2026-01-01", "上年结转", "0.00", "0.00", "借", "40.00"),
        ("1122", "客户:甲公司", "2026-01-06", "业务", "6.00", "0.00", "借", "46.00"),
        ("1122", "客户:甲公司", "2026-01-08", "业务", "0.00", "40.00", "借", "6.00"),
        ("1122", "客户:甲公司", "2026-01-31", "本年累计", "6.00", "40.00", "借", "6.00"),
        ("2203", "客户:甲公司", "2026-01-01", "上年结转", "0.00", "0.00", "平", "0.00"),
        ("2203", "客户:甲公司", "2026-01-07", "业务", "0.00", "15.00", "贷", "15.00"),
        ("2203", "客户:甲公司", "2026-01-31", "本年累计", "0.00", "15.00", "贷", "15.00"),
    ]
    assert totals == {"debit": "16.00", "credit": "55.00"}
    assert rows[1]["contra_accounts"] == "5001"


def test_or_through_the_accounts_of_each_item(customers: Actor) -> None:
    rows, _ = ask(customers, "auxiliary-ledger", aux="客户", order="item")
    books = list(dict.fromkeys((row["aux"], row["account_code"]) for row in rows))
    assert books == [("客户:乙公司", "1122"), ("客户:甲公司", "1122"), ("客户:甲公司", "2203")]
    one, totals = ask(customers, "auxiliary-ledger", aux="客户:甲公司", order="item")
    assert list(dict.fromkeys(row["account_code"] for row in one)) == ["1122", "2203"]
    assert totals == {"debit": "6.00", "credit": "55.00"}
    whole, _ = ask(customers, "auxiliary-ledger")
    assert list(dict.fromkeys(row["aux"] for row in whole)) == [
        "客户:乙公司",
        "客户:甲公司",
        "客户:甲公司;部门:一部",
    ]
    with pytest.raises(MalformedInput, match="account 或 item"):
        ask(customers, "auxiliary-ledger", order="sideways")


def test_balances_come_in_both_orders(customers: Actor) -> None:
    keys = ("account_code", "aux", "opening_debit", "period_debit", "period_credit", "closing_debit", "closing_credit")
    by_account, totals = ask(customers, "auxiliary-balance", aux="客户", order="account")
    expected = [
        ("1122", "客户:乙公司", "0.00", "10.00", "0.00", "10.00", "0.00"),
        ("1122", "客户:甲公司", "40.00", "6.00", "40.00", "6.00", "0.00"),
        ("2203", "客户:甲公司", "0.00", "0.00", "15.00", "0.00", "15.00"),
    ]
    assert columns(by_account, *keys) == expected
    by_item, same = ask(customers, "auxiliary-balance", aux="客户", order="item")
    assert sorted(columns(by_item, *keys)) == expected
    assert [row["aux"] for row in by_item] == ["客户:乙公司", "客户:甲公司", "客户:甲公司"]
    assert totals == same
    assert totals["closing_debit"] == "16.00"
    by_set, _ = ask(customers, "auxiliary-balance", aux="客户")
    assert [row["aux"] for row in by_set] == ["客户:乙公司", "客户:甲公司", "客户:甲公司;部门:一部", "客户:甲公司"]


def test_a_customer_of_a_book_that_opens_in_june_has_the_half_year_before(june_firm: Actor) -> None:
    create_auxiliary(june_firm, AuxiliaryInput(kind="客户", name="甲公司"))
    rows = [
        OpeningRow(account_code="1122", aux="客户:甲公司", opening_debit="150", ytd_debit="100", ytd_credit="50"),
        OpeningRow(account_code="3001", opening_credit="150", ytd_credit="50"),
    ]
    opening.replace_opening(june_firm, Opening(rows=rows))
    posted(june_firm, "2026-06-05", line("1122", "20", aux="客户:甲公司"), line("5001", credit="20"))
    keys = ("opening_debit", "period_debit", "period_credit", "closing_debit")
    for first, expected in (
        ("2026-01", ("100.00", "120.00", "50.00", "170.00")),
        ("2026-06", ("150.00", "20.00", "0.00", "170.00")),
        ("2027-03", ("170.00", "0.00", "0.00", "170.00")),
    ):
        last = max(first, "2026-06")
        by_item, _ = ask(june_firm, "auxiliary-balance", first, last)
        assert columns(by_item, *keys) == [expected]
        whole, _ = ask(june_firm, "trial-balance", first, last, aux="客户:甲公司")
        assert columns(whole, *keys) == [expected]
    ledger, _ = ask(june_firm, "auxiliary-ledger", "2026-06", "2026-06")
    assert columns(ledger, "summary", "debit", "credit", "balance") == [
        ("期初余额", "0.00", "0.00", "150.00"),
        ("业务", "20.00", "0.00", "170.00"),
        ("本月合计", "20.00", "0.00", "170.00"),
        ("本年累计", "120.00", "50.00", "170.00"),
    ]


# --- vouchers summed up, and the equalities --------------------------------------------------------------------------


def attached(actor: Actor, date: str, attachments: int, word: str, amount: str) -> None:
    entries = [line("560205", amount), line("1001", credit=amount)]
    wish = VoucherInput(date=date, word=word, attachment_count=attachments, entries=entries)
    states.review_and_post(actor, vouchers.save_voucher(actor, wish).id)


def test_vouchers_are_summed_up_by_account(firm: Actor) -> None:
    for amount, attachments in (("10", 1), ("20", 2), ("30", 3)):
        attached(firm, "2026-01-05", attachments, "记", amount)
    attached(firm, "2026-01-06", 4, "转", "500")
    draft(firm, "2026-01-07", line("1001", "7"), line("3001", credit="7"))
    voided = draft(firm, "2026-01-08", line("1001", "9"), line("3001", credit="9"))
    states.void_voucher(firm, voided.id)
    keys = ("account_code", "name_zh", "level", "debit", "credit")
    rows, totals = ask(firm, "voucher-summary", "2026-01", "2026-01")
    assert columns(rows, *keys) == [
        ("1001", "库存现金", "1", "0.00", "560.00"),
        ("5602", "管理费用", "1", "560.00", "0.00"),
        ("560205", "水电费", "2", "560.00", "0.00"),
    ]
    assert totals == {"debit": "560.00", "credit": "560.00", "vouchers": "4", "attachments": "10"}
    some, totals = ask(firm, "voucher-summary", "2026-01", "2026-01", word="记", from_number=2, to_number=3, level=1)
    assert columns(some, *keys) == [
        ("1001", "库存现金", "1", "0.00", "50.00"),
        ("5602", "管理费用", "1", "50.00", "0.00"),
    ]
    assert totals == {"debit": "50.00", "credit": "50.00", "vouchers": "2", "attachments": "5"}
    _, totals = ask(firm, "voucher-summary", "2026-01", "2026-01", word="记", from_number=4, include_unposted=True)
    assert totals == {"debit": "7.00", "credit": "7.00", "vouchers": "1", "attachments": "0"}
    _, totals = ask(firm, "voucher-summary", "2026-01", "2026-01", include_unposted=True)
    assert (totals["debit"], totals["vouchers"]) == ("567.00", "5")
    nothing, totals = ask(firm, "voucher-summary", "2026-02", "2026-02")
    assert (nothing, totals["vouchers"]) == ([], "0")


def test_numbers_need_a_single_month(firm: Actor) -> None:
    with pytest.raises(MalformedInput, match="只选一个月") as refused:
        ask(firm, "voucher-summary", "2026-01", "2026-02", from_number=1)
    assert refused.value.code == "numbers_need_a_month"


def test_the_equalities_of_a_book_that_opens_in_june(june_firm: Actor) -> None:
    rows = [
        OpeningRow(account_code="1001", opening_debit="150", ytd_debit="100", ytd_credit="50"),
        OpeningRow(account_code="3001", opening_credit="150", ytd_credit="50"),
    ]
    opening.replace_opening(june_firm, Opening(rows=rows))
    posted(june_firm, "2026-06-05", line("1001", "20"), line("3001", credit="20"))
    checked, totals = ask(june_firm, "trial-balance-check", "2026-06", "2026-06")
    assert columns(checked, "item", "name_zh", "debit", "credit", "difference", "balanced") == [
        ("opening", "期初余额", "150.00", "150.00", "0.00", "True"),
        ("period", "本期发生额", "20.00", "20.00", "0.00", "True"),
        ("ytd", "本年累计发生额", "120.00", "120.00", "0.00", "True"),
        ("closing", "期末余额", "170.00", "170.00", "0.00", "True"),
    ]
    assert totals == {}


def test_ten_columns_begin_with_the_year(june_firm: Actor) -> None:
    rows = [
        OpeningRow(account_code="1001", opening_debit="150", ytd_debit="100", ytd_credit="50"),
        OpeningRow(account_code="3001", opening_credit="150", ytd_credit="50"),
    ]
    opening.replace_opening(june_firm, Opening(rows=rows))
    posted(june_firm, "2027-02-05", line("1001", "20"), line("3001", credit="20"))
    keys = ("code", "year_begin_debit", "year_begin_credit", "ytd_debit", "closing_debit")
    first_year, totals = ask(june_firm, "trial-balance", "2026-06", "2026-06")
    assert columns(first_year, *keys) == [
        ("1001", "100.00", "0.00", "100.00", "150.00"),
        ("3001", "0.00", "100.00", "0.00", "0.00"),
    ]
    assert (totals["year_begin_debit"], totals["year_begin_credit"]) == ("100.00", "100.00")
    next_year, _ = ask(june_firm, "trial-balance", "2027-02", "2027-02")
    assert columns(next_year, *keys)[0] == ("1001", "150.00", "0.00", "20.00", "170.00")


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("name", "wish"),
    [
        ("cash-journal", {}),
        ("multi-column", {"account_code": "5602"}),
        ("auxiliary-ledger", {"aux": "客户"}),
        ("auxiliary-ledger", {"order": "item"}),
        ("auxiliary-balance", {"order": "item"}),
        ("auxiliary-balance", {}),
        ("quantity-ledger", {}),
    ],
)
def test_pages_put_together_are_the_whole(customers: Actor, name: str, wish: dict[str, Any], limit: int) -> None:
    change_account(customers, account_id_of("1403"), AccountChange(has_quantity=True, auxiliaries=[]))
    for day in ("05", "05", "06"):
        posted(customers, f"2026-02-{day}", line("1403", "9", quantity="3"), line("1001", credit="9"))
        posted(customers, f"2026-02-{day}", line("560205", "1"), line("560206", "2"), line("1001", credit="3"))
    posted(customers, "2027-03-05", line("560205", "3", quantity="1"), line("1403", credit="3", quantity="1"))
    whole, totals = ask(customers, name, **wish)
    assert len(whole) > 3
    pages: Rows = []
    after = None
    while True:
        report = REPORTS[name].run(customers, ReportRequest(limit=limit, after=after, **wish))
        page = [dict(row) for row in report.rows]
        assert len(page) == limit or report.next is None
        assert report.totals == totals
        pages += page
        after = report.next
        if after is None:
            break
        assert tuple(type(value) for value in after) == REPORTS[name].position_types
    assert pages == whole
