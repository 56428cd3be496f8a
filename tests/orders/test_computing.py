"""Amounts of documents: tax per line, discounts to the cent, own amounts as they are."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.orders.computing import SCALE, Amounts, LineFigures, compute, spread_discount, total

RATES = st.sampled_from(["0", "1", "3", "6", "9", "13", "17.5"])
LINES = st.lists(
    st.builds(
        LineFigures,
        quantity=st.integers(1, 10**6).map(lambda number: number * SCALE // 1000),
        unit_price=st.integers(0, 10**7).map(lambda number: number * SCALE // 10_000),
        discount_percent=st.integers(0, 100).map(Decimal),
        tax_rate=RATES.map(Decimal),
    ),
    min_size=1,
    max_size=12,
)


def figures(quantity: int, price: str, rate: str = "13", own: Amounts | None = None) -> LineFigures:
    return LineFigures(quantity * SCALE, int(Decimal(price) * SCALE), Decimal(0), Decimal(rate), own)


def test_tax_is_taken_out_of_a_price_that_includes_it_and_put_on_one_that_does_not() -> None:
    line = figures(1, "100")
    assert compute([line], includes_tax=True, discount=0, digits=2) == [Amounts(8850, 1150, 10000)]
    assert compute([line], includes_tax=False, discount=0, digits=2) == [Amounts(10000, 1300, 11300)]
    assert compute([figures(3, "0.335", "13")], includes_tax=False, discount=0, digits=2) == [Amounts(101, 13, 114)]


def test_a_lines_own_amounts_win_and_take_no_discount() -> None:
    own = Amounts(8849, 1151, 10000)
    lines = [figures(1, "7", own=own), figures(1, "100")]
    assert compute(lines, includes_tax=True, discount=1000, digits=2) == [own, Amounts(7965, 1035, 9000)]


def test_a_discount_is_spread_by_amounts_and_the_remainder_comes_last() -> None:
    assert spread_discount([10000, 10000, 10000], 100) == [33, 33, 34]
    assert spread_discount([1, 1, 1], 3) == [1, 1, 1]
    assert spread_discount([500, -100, 500], 10) == [5, 0, 5]
    with pytest.raises(ValueError, match="301"):
        spread_discount([100, 200], 301)


@given(LINES, st.booleans(), st.integers(0, 100), st.sampled_from([0, 2, 3]))
@settings(max_examples=60, deadline=None)
def test_lines_add_up_and_tax_is_that_of_each_line(
    lines: list[LineFigures], included: bool, percent: int, digits: int
) -> None:
    before = total(compute(lines, includes_tax=included, discount=0, digits=digits))
    basis = before.gross if included else before.net
    discount = basis * percent // 100
    amounts = compute(lines, includes_tax=included, discount=discount, digits=digits)
    whole = total(amounts)
    assert (whole.gross if included else whole.net) == basis - discount
    for line, sums in zip(lines, amounts, strict=True):
        assert sums.net + sums.tax == sums.gross
        assert min(sums.net, sums.tax, sums.gross) >= 0
        exact = sums.net * line.tax_rate / 100
        assert abs(sums.tax - exact) <= Decimal(1)
