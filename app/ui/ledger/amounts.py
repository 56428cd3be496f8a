"""What a typist writes into an amount cell, and how amounts stand in a grid; no Qt.

Amounts are integers of minor units. A cell takes a plain amount (`1,234.50`), full-width characters (`１２，５。`), or
a calculation (`12*3+5`), worked out with Decimal and rounded half-up once at its end.
"""

from __future__ import annotations

import re
from decimal import Decimal, DivisionByZero, InvalidOperation, localcontext

from app.kernel.errors import MalformedInput
from app.kernel.money import LARGEST_MINOR, format_amount, group_thousands, parse_amount, round_half_up
from app.kernel.text import clean_number_text, message

_TOKEN = re.compile(r"\s*(?:(\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)|([-+*/()]))")
_OPERATORS = str.maketrans("＊×xX／÷−–—", "****//---")
_LONGEST_FORMULA = 200


def display_amount(minor: int, digits: int) -> str:
    """Write an amount as grids show it: thousands separators, a minus for red, and nothing for zero."""
    return group_thousands(format_amount(minor, digits)) if minor else ""


def display_decimal_text(text: str) -> str:
    """Write an amount of the wire (`1234.50`) as grids show it; zero and nothing are blank."""
    return group_thousands(text) if text.strip("-0.") else ""


def wire_amount(minor: int, digits: int) -> str:
    """Write an amount for the server: a plain decimal text, empty for zero."""
    return format_amount(minor, digits) if minor else ""


def read_amount(text: str, digits: int) -> int:
    """Read what was typed into an amount cell; an empty cell is zero.

    A single number may not have more decimals than `digits`; the result of a calculation is rounded half-up.
    Raises `MalformedInput` with one sentence.
    """
    cleaned = clean_number_text(text).lstrip("¥￥").translate(_OPERATORS)
    if not cleaned:
        return 0
    if not re.search(r"[*/()]|\d\s*[-+]", cleaned):
        return parse_amount(cleaned, digits)
    return scaled(_Formula(cleaned, text).value(), digits, text)


def read_decimal(text: str) -> Decimal | None:
    """Read a quantity or price as typed, calculations too; None for an empty cell. Raises `MalformedInput`."""
    cleaned = clean_number_text(text).translate(_OPERATORS)
    return _Formula(cleaned, text).value() if cleaned else None


def scaled(value: Decimal, digits: int, text: str) -> int:
    """Round a number half-up to an integer of `digits` decimals. Raises `MalformedInput` when no column can hold it."""
    if abs(value) * 10**digits > LARGEST_MINOR:
        raise MalformedInput("amount_too_large", message("“{text}”太大，账簿记不下。", text=text))
    return round_half_up(value.scaleb(digits))


class _Formula:
    """One calculation: numbers, `+ - * /` and brackets, read from left to right by the usual precedence."""

    def __init__(self, cleaned: str, typed: str) -> None:
        self._typed = typed
        self._tokens = self._split(cleaned)
        self._next = 0

    def value(self) -> Decimal:
        """Return the result. Raises `MalformedInput`."""
        with localcontext() as context:
            context.prec = 60
            try:
                result = self._sum()
            except (DivisionByZero, InvalidOperation) as error:
                raise self._refusal() from error
            except RecursionError as error:
                raise self._refusal() from error
        if self._next != len(self._tokens) or not result.is_finite():
            raise self._refusal()
        return result

    def _split(self, cleaned: str) -> list[str]:
        tokens: list[str] = []
        position = 0
        text = cleaned.rstrip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None or len(text) > _LONGEST_FORMULA:
                raise self._refusal()
            tokens.append(found[1].replace(",", "") if found[1] else found[2])
            position = found.end()
        return tokens

    def _sum(self) -> Decimal:
        value = self._product()
        while (operator := self._peek()) in ("+", "-"):
            self._next += 1
            right = self._product()
            value = value + right if operator == "+" else value - right
        return value

    def _product(self) -> Decimal:
        value = self._factor()
        while (operator := self._peek()) in ("*", "/"):
            self._next += 1
            right = self._factor()
            value = value * right if operator == "*" else value / right
        return value

    def _factor(self) -> Decimal:
        sign = self._peek()
        self._next += 1
        if sign in ("+", "-"):
            value = self._factor()
            return -value if sign == "-" else value
        if sign == "(":
            value = self._sum()
            if self._peek() != ")":
                raise self._refusal()
            self._next += 1
            return value
        if not sign or sign in "*/)":
            raise self._refusal()
        return Decimal(sign)

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _refusal(self) -> MalformedInput:
        return MalformedInput(
            "amount_malformed", message("“{text}”不是金额，请写成 1234.50 的样子。", text=self._typed)
        )
