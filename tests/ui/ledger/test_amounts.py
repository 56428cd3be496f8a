from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import MalformedInput
from app.ui.ledger.amounts import display_amount, display_decimal_text, read_amount, read_decimal, wire_amount

WHOLE = st.integers(min_value=-(10**15), max_value=10**15)


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("", 0),
        ("12", 1200),
        ("1,234.5", 123450),
        ("１，２３４。５６", 123456),
        ("-31.05", -3105),
        ("－31.05", -3105),
        ("¥100", 10000),
        ("12*3+5", 4100),
        ("12×3＋5", 4100),
        ("(1+2)*3", 900),
        ("100/3", 3333),
        ("200/3", 6667),
        ("10-2-3", 500),
        ("-5+2", -300),
        ("1,000+1", 100100),
        (".5+.5", 100),
        ("2*-3", -600),
    ],
)
def test_an_amount_cell_reads_plain_amounts_full_width_signs_and_calculations(typed: str, minor: int) -> None:
    assert read_amount(typed, 2) == minor


@pytest.mark.parametrize(
    "typed", ["abc", "1..2", "1+", "(1", "1)", "1/0", "1.234", "1**2", "9" * 30, "1*" + "9" * 30, "("]
)
def test_what_is_no_amount_is_refused_with_one_sentence(typed: str) -> None:
    with pytest.raises(MalformedInput) as refused:
        read_amount(typed, 2)
    assert typed[:5] in str(refused.value)


def test_a_very_deep_calculation_is_refused_and_does_not_crash() -> None:
    with pytest.raises(MalformedInput):
        read_amount("(" * 199 + "1", 2)
    with pytest.raises(MalformedInput):
        read_amount("(" * 5000 + "1", 2)


@given(WHOLE)
def test_an_amount_shown_can_be_read_again(minor: int) -> None:
    assert read_amount(display_amount(minor, 2), 2) == minor
    assert read_amount(wire_amount(minor, 2), 2) == minor


@given(WHOLE, WHOLE)
def test_a_sum_typed_is_the_sum(first: int, second: int) -> None:
    typed = f"{wire_amount(first, 2) or 0}+{wire_amount(abs(second), 2) or 0}"
    assert read_amount(typed, 2) == first + abs(second)


def test_quantities_and_rates_are_decimals() -> None:
    assert read_decimal("1.5*2") == Decimal("3.0")
    assert read_decimal("") is None


def test_zero_is_blank_on_the_screen() -> None:
    assert display_amount(0, 2) == ""
    assert display_decimal_text("0.00") == ""
    assert display_decimal_text("-1234.50") == "-1,234.50"
