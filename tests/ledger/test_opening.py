"""Opening balances, also in the middle of a year."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.contract.ledger import CashFlowOpening, Opening, OpeningRow
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import MalformedInput, RuleBroken
from app.ledger.queries.opening import get_opening
from app.ledger.service import opening, periods
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
    assert get_opening() == before
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
