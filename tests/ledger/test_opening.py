"""Opening balances, also in the middle of a year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.contract.ledger import AccountInput, CashFlowOpening, Opening, OpeningRow
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import MalformedInput, PermissionDenied, RuleBroken
from app.ledger.queries.opening import get_opening
from app.ledger.service import opening, periods
from app.ledger.service.accounts import create_account
from app.ledger.service.book import set_up_ledger
from app.ledger.verify import verify_book
from app.storage.database import Book, fetch_all
from tests.ledger.build import line, posted


@pytest.fixture
def june(book: Book) -> Iterator[Actor]:
    """A firm's book that starts in June."""
    with book.session():
        actor = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202606)
        yield actor


ROWS = [
    OpeningRow(account_code="1001", opening_debit="150.00", ytd_debit="100", ytd_credit="50"),
    OpeningRow(account_code="1122", aux="客户:甲", year_begin_debit="30", ytd_debit="20", opening_debit="50.00"),
    OpeningRow(account_code="3001", year_begin_credit="130", ytd_credit="70", opening_credit="200"),
    OpeningRow(account_code="5001", ytd_debit="500", ytd_credit="500", ytd_pl_actual="500"),
]


def test_year_begin_is_derived_and_counts_as_month_zero(june: Actor) -> None:
    flows = [CashFlowOpening(cash_flow_line=1, ytd_amount="80"), CashFlowOpening(cash_flow_line=3, ytd_amount="30")]
    opening.replace_opening(june, Opening(rows=ROWS, cash_flow=flows), make_missing=True)
    rows = fetch_all(
        "SELECT a.code, b.period, b.opening, b.debit, b.credit, b.close_debit FROM {balance} b"
        " JOIN {account} a ON a.id = b.account_id ORDER BY a.code"
    )
    assert rows == [
        ("1001", 202600, 10000, 10000, 5000, 0),
        ("1122", 202600, 3000, 2000, 0, 0),
        ("3001", 202600, -13000, 0, 7000, 0),
        ("5001", 202600, 0, 50000, 50000, 50000),
    ]
    flow_rows = fetch_all("SELECT cash_flow_line, debit, credit FROM {cash_flow_balance} ORDER BY cash_flow_line")
    assert flow_rows == [(1, 8000, 0), (3, 0, 3000)]
    stored = {row.account_code: row for row in get_opening().rows}
    assert stored["1001"].year_begin_debit == "100.00"
    assert (stored["3001"].opening_debit, stored["3001"].opening_credit) == ("", "200.00")
    assert verify_book().findings == []


def test_what_is_read_can_be_entered_again(june: Actor) -> None:
    opening.replace_opening(june, Opening(rows=ROWS), make_missing=True)
    posted(june, "2027-02-01", line("1001", "5"), line("560205", credit="5"))
    before = get_opening()
    balances = fetch_all("SELECT * FROM {balance} ORDER BY period, layer, account_id, auxiliary_set_id")
    opening.replace_opening(june, Opening(rows=before.rows, cash_flow=before.cash_flow))
    assert get_opening() == before.model_copy(update={"version": (before.version or 0) + 1})
    assert fetch_all("SELECT * FROM {balance} ORDER BY period, layer, account_id, auxiliary_set_id") == balances
    assert verify_book().findings == []


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (OpeningRow(account_code="1001", year_begin_debit="1", opening_debit="3"), "rows.0.opening_debit"),
        (OpeningRow(account_code="1012", year_begin_debit="1"), "rows.0.account_code"),
        (OpeningRow(account_code="1122", year_begin_debit="1"), "rows.0.aux"),
        (OpeningRow(account_code="1001", year_begin_debit="1", year_begin_credit="1"), "rows.0.year_begin_credit"),
        (OpeningRow(account_code="1001", year_begin_debit="x"), "rows.0.year_begin_debit"),
        (OpeningRow(account_code="1001", ytd_pl_actual="1"), "rows.0.ytd_pl_actual"),
        (OpeningRow(account_code="77", year_begin_debit="1"), "rows.0.account_code"),
        (OpeningRow(account_code="1405", year_begin_quantity="2", quantity="3", opening_debit="1"), "rows.0.quantity"),
        (OpeningRow(account_code="1001", opening_debit="7", opening_foreign="1"), "rows.0.opening_foreign"),
    ],
)
def test_wrong_rows_are_named_and_nothing_changes(june: Actor, row: OpeningRow, field: str) -> None:
    with pytest.raises(MalformedInput) as caught:
        opening.replace_opening(june, Opening(rows=[row]))
    assert field in caught.value.fields
    assert get_opening().rows == []


def test_unbalanced_openings_are_refused(june: Actor) -> None:
    with pytest.raises(RuleBroken, match=r"差额 1\.00"):
        opening.replace_opening(june, Opening(rows=[OpeningRow(account_code="1001", year_begin_debit="1")]))


def test_openings_are_frozen_by_the_first_close(june: Actor) -> None:
    periods.close_period(june, 202606)
    with pytest.raises(RuleBroken, match="不能再改"):
        opening.replace_opening(june, Opening(rows=[]))


MID_YEAR = [
    OpeningRow(account_code="1002", opening_debit="38,800.00", ytd_debit="85150", ytd_credit="66350"),
    OpeningRow(account_code="160102", opening_debit="60000.00"),
    OpeningRow(account_code="1602", opening_credit="5000.00", ytd_credit="5000.00"),
    OpeningRow(account_code="3001", opening_credit="80000.00"),
    OpeningRow(account_code="3103", opening_credit="13800.00", ytd_debit="71350.00", ytd_credit="85150.00"),
    OpeningRow(account_code="5001", ytd_debit="85000", ytd_credit="85000", ytd_pl_actual="85000"),
    OpeningRow(account_code="560205", ytd_debit="71350", ytd_credit="71350", ytd_pl_actual="71350"),
    # interest earned stood on the credit side of an expense account, and the closing took it out on the debit side
    OpeningRow(account_code="560302", ytd_debit="150", ytd_credit="150", ytd_pl_actual="-150"),
]
MONTHS_BEFORE = [
    CashFlowOpening(cash_flow_line=1, ytd_amount="85000.00"),
    CashFlowOpening(cash_flow_line=2, ytd_amount="150.00"),
    CashFlowOpening(cash_flow_line=6, ytd_amount="66350.00"),
]


def to_date(code: str) -> int:
    """Profit and loss of month 0 as statements read it: credit less debit, without what the closing moved."""
    row = fetch_all(
        "SELECT SUM(b.credit - b.debit), SUM(b.close_credit - b.close_debit) FROM {balance} b"
        " JOIN {account} a ON a.id = b.account_id WHERE a.code = ? AND b.period = 202600",
        (code,),
    )[0]
    return int(row[0]) - int(row[1])


def test_real_profit_and_loss_to_date_is_what_is_left_without_the_closing(june: Actor) -> None:
    opening.replace_opening(june, Opening(rows=MID_YEAR, cash_flow=MONTHS_BEFORE))
    assert to_date("5001") == 8500000
    assert to_date("560205") == -7135000
    assert to_date("560302") == 15000
    begins = {row.account_code: (row.year_begin_debit, row.year_begin_credit) for row in get_opening().rows}
    assert begins["1002"] == ("20000.00", "")
    assert begins["3001"] == ("", "80000.00")
    assert begins["3103"] == ("", "")
    assert begins["5001"] == ("", "")
    assert verify_book().findings == []


def test_profit_and_loss_never_closed_counts_as_it_stands(june: Actor) -> None:
    rows = [
        OpeningRow(account_code="1002", opening_debit="300", ytd_debit="500", ytd_credit="200"),
        OpeningRow(account_code="5001", opening_credit="500", ytd_credit="500"),
        OpeningRow(account_code="560205", opening_debit="200", ytd_debit="200", ytd_pl_actual="200"),
    ]
    opening.replace_opening(june, Opening(rows=rows))
    assert (to_date("5001"), to_date("560205")) == (50000, -20000)


def test_profit_and_loss_closed_up_to_a_quarter_keeps_what_is_open(june: Actor) -> None:
    rows = [
        OpeningRow(account_code="1002", opening_debit="900", ytd_debit="900"),
        OpeningRow(account_code="3103", opening_credit="600", ytd_credit="600"),
        OpeningRow(account_code="5001", opening_credit="300", ytd_debit="600", ytd_credit="900", ytd_pl_actual="900"),
    ]
    opening.replace_opening(june, Opening(rows=rows))
    assert to_date("5001") == 90000


def test_the_side_of_a_year_begin_that_follows_is_that_of_the_amount(june: Actor) -> None:
    rows = [
        OpeningRow(account_code="1002", opening_debit="200.00", opening_credit="0.00", ytd_debit="70"),
        OpeningRow(account_code="3001", opening_debit="0.00", opening_credit="200.00", ytd_credit="70"),
    ]
    opening.replace_opening(june, Opening(rows=rows))
    stored = {row.account_code: row for row in get_opening().rows}
    assert (stored["3001"].year_begin_debit, stored["3001"].year_begin_credit) == ("", "130.00")
    assert (stored["3001"].opening_debit, stored["3001"].opening_credit) == ("", "200.00")


def test_what_the_months_before_need_is_refused_in_a_book_that_starts_in_january(owner: Actor) -> None:
    row = OpeningRow(account_code="1001", opening_debit="5", ytd_debit="5")
    with pytest.raises(MalformedInput, match="没有本年累计") as caught:
        opening.replace_opening(owner, Opening(rows=[row]))
    assert list(caught.value.fields) == ["rows.0.ytd_debit"]
    with pytest.raises(MalformedInput, match="没有前几个月"):
        opening.replace_opening(
            owner, Opening(rows=[], cash_flow=[CashFlowOpening(cash_flow_line=1, ytd_amount="1.00")])
        )
    zeros = OpeningRow(account_code="1001", ytd_debit="0.00", ytd_credit="0.00", opening_debit="0.00")
    opening.replace_opening(owner, Opening(rows=[zeros]))


@pytest.mark.parametrize(
    ("flows", "field"),
    [
        ([CashFlowOpening(cash_flow_line=7, ytd_amount="1")], "cash_flow.0.cash_flow_line"),
        ([CashFlowOpening(cash_flow_line=20, ytd_amount="1")], "cash_flow.0.cash_flow_line"),
        ([CashFlowOpening(cash_flow_line=1, ytd_amount="1")] * 2, "cash_flow.1.cash_flow_line"),
        ([CashFlowOpening(cash_flow_line=1, ytd_amount="x")], "cash_flow.0.ytd_amount"),
    ],
)
def test_cash_flow_lines_that_are_no_entries_are_named(june: Actor, flows: list[CashFlowOpening], field: str) -> None:
    with pytest.raises(MalformedInput) as caught:
        opening.replace_opening(june, Opening(rows=[], cash_flow=flows))
    assert list(caught.value.fields) == [field]
    assert get_opening().cash_flow == []


def test_unknown_auxiliary_items_are_made_when_asked_for_by_who_may(june: Actor) -> None:
    rows = [
        OpeningRow(account_code="1122", aux="客户:新客户", opening_debit="30"),
        OpeningRow(account_code="3001", opening_credit="30"),
    ]
    with pytest.raises(MalformedInput, match="新客户"):
        opening.replace_opening(june, Opening(rows=rows))
    clerk = replace(june, is_owner=False, permissions=frozenset({"ledger:opening:edit"}))
    with pytest.raises(PermissionDenied):
        opening.replace_opening(clerk, Opening(rows=rows, make_missing=True))
    assert get_opening().rows == []
    opening.replace_opening(june, Opening(rows=rows, make_missing=True))
    assert get_opening().rows[0].aux == "客户:新客户"


def test_a_foreign_account_takes_its_own_currency_only(june: Actor) -> None:
    create_account(june, AccountInput(code="100209", parent_code="1002", name_zh="美元户", currency="USD"))
    rows = [
        OpeningRow(account_code="100209", opening_debit="7100", opening_foreign="1000"),
        OpeningRow(account_code="3001", opening_credit="7100"),
    ]
    opening.replace_opening(june, Opening(rows=rows))
    stored = get_opening().rows[0]
    assert (stored.currency, stored.opening_foreign, stored.year_begin_foreign) == ("USD", "1000.00", "1000.00")
    wrong = [rows[0].model_copy(update={"currency": "EUR"}), rows[1]]
    with pytest.raises(MalformedInput) as caught:
        opening.replace_opening(june, Opening(rows=wrong))
    assert list(caught.value.fields) == ["rows.0.currency"]


def test_the_answer_says_when_openings_are_frozen(june: Actor) -> None:
    assert not get_opening().frozen
    periods.close_period(june, 202606)
    assert get_opening().frozen
