"""A book taken over in June, months closed by the old program: all three forms, worked out by hand.

Before June: sales 85,000.00 and interest 150.00 received, expenses 66,350.00 paid and 5,000.00 of depreciation. So the
year's profit so far is 85,000.00 + 150.00 − 71,350.00 = 13,800.00, and cash went from 20,000.00 to 38,800.00.
In June: a sale of 1,000.00 and an expense of 300.00.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.contract.ledger import Opening
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.ledger.service import opening
from app.ledger.service.book import set_up_ledger
from app.storage.database import Book
from tests.ledger.build import line, posted
from tests.ledger.test_opening import MID_YEAR, MONTHS_BEFORE
from tests.reports.statements.asking import failing, lines, statement


@pytest.fixture
def taken_over(book: Book) -> Iterator[Actor]:
    """The book with its openings and June."""
    with book.session():
        actor = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202606)
        opening.replace_opening(actor, Opening(rows=MID_YEAR, cash_flow=MONTHS_BEFORE))
        posted(actor, "2026-06-03", line("1002", "1000"), line("5001", credit="1000"))
        posted(actor, "2026-06-04", line("560205", "300"), line("1002", credit="300"))
        yield actor


def test_year_to_date_profit_counts_the_months_before_without_their_closing(taken_over: Actor) -> None:
    assert lines(taken_over, "income-statement", "ytd", "2026-06", "2026-06") == {
        1: "86000.00",
        14: "71650.00",
        18: "-150.00",
        19: "-150.00",
        21: "14500.00",
        30: "14500.00",
        32: "14500.00",
    }
    assert lines(taken_over, "income-statement", "month", "2026-06", "2026-06") == {
        1: "1000.00",
        14: "300.00",
        21: "700.00",
        30: "700.00",
        32: "700.00",
    }


def test_the_balance_sheet_has_the_years_begin_and_the_profit_so_far(taken_over: Actor) -> None:
    assert lines(taken_over, "balance-sheet", "year_begin", "", "2026-06") == {
        1: "20000.00",
        15: "20000.00",
        18: "60000.00",
        20: "60000.00",
        29: "60000.00",
        30: "80000.00",
        48: "80000.00",
        52: "80000.00",
        53: "80000.00",
    }
    assert lines(taken_over, "balance-sheet", "closing", "", "2026-06") == {
        1: "39500.00",
        15: "39500.00",
        18: "60000.00",
        19: "5000.00",
        20: "55000.00",
        29: "55000.00",
        30: "94500.00",
        48: "80000.00",
        51: "14500.00",
        52: "94500.00",
        53: "94500.00",
    }


def test_cash_flow_to_date_counts_the_months_before(taken_over: Actor) -> None:
    assert lines(taken_over, "cash-flow", "ytd", "2026-06", "2026-06") == {
        1: "86000.00",
        2: "150.00",
        6: "66650.00",
        7: "19500.00",
        20: "19500.00",
        21: "20000.00",
        22: "39500.00",
    }
    assert lines(taken_over, "cash-flow", "month", "2026-06", "2026-06") == {
        1: "1000.00",
        6: "300.00",
        7: "700.00",
        20: "700.00",
        21: "38800.00",
        22: "39500.00",
    }


@pytest.mark.parametrize("name", ["balance-sheet", "income-statement", "cash-flow"])
def test_nothing_is_found_wrong(taken_over: Actor, name: str) -> None:
    assert failing(statement(taken_over, name, "2026-06", "2026-06")) == []
