"""Amounts: read, written, converted, and in Chinese capitals."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import MalformedInput
from app.kernel.money import (
    capital_amount,
    convert,
    format_amount,
    format_quantity,
    format_rate,
    group_thousands,
    parse_amount,
    parse_rate,
)

CAPITALS = {
    "0.00": "零元整",
    "0.05": "伍分",
    "0.50": "伍角整",
    "10.00": "壹拾元整",
    "15.20": "壹拾伍元贰角整",
    "325.04": "叁佰贰拾伍元零肆分",
    "1005.00": "壹仟零伍元整",
    "1409.50": "壹仟肆佰零玖元伍角整",
    "6007.14": "陆仟零柒元壹角肆分",
    "16409.02": "壹万陆仟肆佰零玖元零贰分",
    "107000.53": "壹拾万柒仟元伍角叁分",
    "100010000.00": "壹亿零壹万元整",
    "1000001.00": "壹佰万零壹元整",
    "-31.05": "负叁拾壹元零伍分",
    "1000000000100.00": "壹万亿零壹佰元整",
    "1234567890123456.78": "壹仟贰佰叁拾肆万伍仟陆佰柒拾捌亿玖仟零壹拾贰万叁仟肆佰伍拾陆元柒角捌分",
}


@pytest.mark.parametrize(("amount", "capitals"), CAPITALS.items())
def test_capitals(amount: str, capitals: str) -> None:
    assert capital_amount(parse_amount(amount, 2)) == capitals


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1234.50", 123450),
        ("1,234.5", 123450),
        ("１，２３４．５０", 123450),
        ("-.5", -50),
        ("7。25", 725),
        ("3.", 300),
        ("1.200", 120),
    ],
)
def test_amounts_are_read(text: str, minor: int) -> None:
    assert parse_amount(text, 2) == minor


@pytest.mark.parametrize(
    "text", ["", ".", "1.234", "12,34", "1e5", "abc", "1.2.3", "--1", "9" * 30, "9" * 5000, "NaN", "Infinity"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        parse_amount(text, 2)


@given(st.integers(-9 * 10**17, 9 * 10**17), st.integers(0, 8))
def test_written_amounts_read_back(minor: int, digits: int) -> None:
    assert parse_amount(format_amount(minor, digits), digits) == minor
    assert parse_amount(group_thousands(format_amount(minor, digits)), digits) == minor


@given(st.integers(-(10**12), 10**12), st.decimals("0.0001", "999999", places=6))
def test_conversion_rounds_half_up_once(minor: int, rate: Decimal) -> None:
    exact = Decimal(minor) * rate
    assert abs(Decimal(convert(minor, 2, rate, 2)) - exact) <= Decimal("0.5")


def test_halves_go_away_from_zero() -> None:
    assert [convert(1, 0, Decimal("0.5"), 0), convert(-1, 0, Decimal("0.5"), 0), convert(3, 0, Decimal("0.5"), 0)] == [
        1,
        -1,
        2,
    ]


def test_rates_keep_one_form() -> None:
    assert format_rate(parse_rate("7.1000")) == "7.1"
    assert format_rate(parse_rate("100")) == "100"
    for bad in ("0", "-1", "abc", "1e400", "NaN", "0.0000000000001"):
        with pytest.raises(MalformedInput):
            parse_rate(bad)


def test_quantities_drop_needless_zeros() -> None:
    assert format_quantity(150_000_000) == "1.5"
    assert format_quantity(300_000_000) == "3"
    assert format_quantity(-1) == "-0.00000001"
