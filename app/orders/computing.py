"""What the lines of a document come to. No input or output: integers and decimals in, integers out.

With prices that include tax: net = round(gross / (1 + rate)), tax = gross - net. Without: tax = round(net × rate). Per
line, halves away from zero, once. A line's own amounts win over all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.kernel.money import QUANTITY_DIGITS

SCALE = 10**QUANTITY_DIGITS


@dataclass(frozen=True, slots=True)
class Amounts:
    """Net, tax and gross of a line or document, in minor units; gross = net + tax."""

    net: int
    tax: int
    gross: int

    def __add__(self, other: Amounts) -> Amounts:
        """Add up two."""
        return Amounts(self.net + other.net, self.tax + other.tax, self.gross + other.gross)

    def __neg__(self) -> Amounts:
        """Return the opposite, for counter-documents."""
        return Amounts(-self.net, -self.tax, -self.gross)


NOTHING = Amounts(0, 0, 0)


@dataclass(frozen=True, slots=True)
class LineFigures:
    """What a line is computed from: quantity and price × 10^8, percentages; `own` amounts are taken as they are."""

    quantity: int
    unit_price: int
    discount_percent: Decimal = Decimal(0)
    tax_rate: Decimal = Decimal(0)
    own: Amounts | None = None


def round_fraction(value: Fraction) -> int:
    """Round to an integer, halves away from zero, with any number of digits."""
    numerator, denominator = abs(value.numerator), value.denominator
    rounded = (2 * numerator + denominator) // (2 * denominator)
    return -rounded if value < 0 else rounded


def share(whole: int, part: int, total: int) -> int:
    """Return what `part` of `total` gets of an amount; all of it when the part is the total."""
    return whole if part == total else round_fraction(Fraction(whole * part, total))


def scaled_product(first: int, second: int) -> int:
    """Multiply two numbers that are both × 10^8; the result is × 10^8 again."""
    return round_fraction(Fraction(first * second, SCALE))


def list_amount(line: LineFigures, digits: int) -> int:
    """Return quantity × price less the line's discount, in minor units: the basis of the tax."""
    exact = Fraction(line.quantity * line.unit_price * 10**digits, SCALE * SCALE)
    return round_fraction(exact * (1 - Fraction(line.discount_percent) / 100))


def spread_discount(amounts: Sequence[int], discount: int) -> list[int]:
    """Return each amount's part of a discount, by what it is; the remainders reach the last ones. Negative take none.

    No part is larger than its amount. Raises `ValueError` for a discount larger than all there is to take it from.
    """
    weights = [max(amount, 0) for amount in amounts]
    whole = sum(weights)
    if not 0 <= discount <= whole:
        raise ValueError(discount)
    parts: list[int] = []
    passed = given = 0
    for weight in weights:
        passed += weight
        parts.append(discount * passed // whole - given if discount else 0)
        given += parts[-1]
    return parts


def with_tax(amount: int, tax_rate: Decimal, *, included: bool) -> Amounts:
    """Return net, tax and gross of an amount in minor units that includes tax, or does not."""
    rate = Fraction(tax_rate) / 100
    if included:
        net = round_fraction(amount / (1 + rate))
        return Amounts(net, amount - net, amount)
    tax = round_fraction(amount * rate)
    return Amounts(amount, tax, amount + tax)


def compute(lines: Sequence[LineFigures], *, includes_tax: bool, discount: int, digits: int) -> list[Amounts]:
    """Return what each line comes to after its own and the document's discount.

    The document's discount is of the same sort as the prices (with or without tax) and leaves lines with own amounts
    alone. Raises `ValueError` for a discount larger than the lines it is spread over.
    """
    lists = [0 if line.own else list_amount(line, digits) for line in lines]
    parts = spread_discount(lists, discount)
    return [
        line.own or with_tax(amount - part, line.tax_rate, included=includes_tax)
        for line, amount, part in zip(lines, lists, parts, strict=True)
    ]


def total(amounts: Sequence[Amounts]) -> Amounts:
    """Add up the lines."""
    return sum(amounts, NOTHING)
