"""Amounts as scaled integers: read from text, written to text, converted with one rounding.

Money has the minor digits of its currency (ISO 4217); quantities, unit prices and other commodities have
`QUANTITY_DIGITS`. Rounding is half-up, once, away from zero, as tax law does it.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from app.kernel.errors import MalformedInput
from app.kernel.text import clean_number_text, message

QUANTITY_DIGITS = 8
LARGEST_MINOR = 9_000_000_000_000_000_000
"""Just below the largest BIGINT: one amount may not exceed it. Sums are checked by the ledger."""

LONGEST_TEXT = 60
"""Longer texts are no amounts; Python refuses to read thousands of digits."""

_PLAIN = re.compile(r"^([+-]?)(\d*)(?:\.(\d*))?$")
_GROUPED = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$")


def parse_amount(text: str, digits: int, *, name: str = "") -> int:
    """Read a decimal text such as `1,234.50` as an integer of `digits` minor digits.

    Full-width characters are understood. More decimals than the currency has, unless zero, are refused rather
    than rounded: money must not change silently. Raises `MalformedInput`.
    """
    if len(text) > LONGEST_TEXT:
        shown = f"{text[:LONGEST_TEXT]}…"
        raise MalformedInput("amount_too_large", message("“{text}”太大，账簿记不下。", text=shown))
    cleaned = text if text.isascii() else clean_number_text(text)
    found = _PLAIN.match(cleaned)
    if found is None and _GROUPED.match(cleaned.strip()):
        found = _PLAIN.match(cleaned.strip().replace(",", ""))
    elif found is None:
        found = _PLAIN.match(cleaned.strip())
    if found is None or not (found[2] or found[3]):
        raise MalformedInput(
            "amount_malformed", message("“{text}”不是金额，请写成 1234.50 的样子。", text=text or name)
        )
    sign, whole, fraction = found[1], found[2], found[3] or ""
    if len(fraction) > digits:
        if fraction[digits:].strip("0"):
            raise MalformedInput(
                "amount_too_precise", message("“{text}”的小数多于 {digits} 位，请改写。", text=text, digits=digits)
            )
        fraction = fraction[:digits]
    minor = int((whole or "0") + fraction.ljust(digits, "0"))
    if minor > LARGEST_MINOR:
        raise MalformedInput("amount_too_large", message("“{text}”太大，账簿记不下。", text=text))
    return -minor if sign == "-" else minor


def format_amount(minor: int, digits: int) -> str:
    """Write an integer of minor units as a decimal text with exactly `digits` decimals: `123450, 2` is `1234.50`."""
    if digits == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    text = str(abs(minor)).rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}"


def format_quantity(scaled: int, digits: int = QUANTITY_DIGITS) -> str:
    """Write a quantity or price without needless zeros: `1.5`, `3`."""
    text = format_amount(scaled, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def group_thousands(text: str) -> str:
    """Put thousands separators into a plain decimal text, for the screen and for print."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, dot, fraction = digits.partition(".")
    return f"{sign}{int(whole or '0'):,}{dot}{fraction}"


def parse_rate(text: str) -> Decimal:
    """Read an exchange rate, which is kept as text: positive, at most 12 digits before and 12 after the point."""
    try:
        rate = Decimal(clean_number_text(text))
    except InvalidOperation:
        rate = Decimal(0)
    exponent = rate.as_tuple().exponent
    if not rate.is_finite() or rate <= 0 or rate >= 10**12 or not isinstance(exponent, int) or exponent < -12:
        raise MalformedInput("rate_malformed", message("“{text}”不是汇率，请写成 7.1234 的样子。", text=text))
    return rate


def format_rate(rate: Decimal) -> str:
    """Write a rate in its one canonical form: no exponent, no needless zeros."""
    text = format(rate, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def convert(minor: int, from_digits: int, rate: Decimal, to_digits: int) -> int:
    """Convert minor units of one currency to another's at `rate`, rounding half-up once."""
    return round_half_up(Decimal(minor).scaleb(to_digits - from_digits) * rate)


def round_half_up(value: Decimal) -> int:
    """Round to an integer, halves away from zero."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿", "亿亿")


def capital_amount(minor: int) -> str:
    """Write an amount in fen as Chinese capitals, as documents require (《会计基础工作规范》 art. 52).

    Ends at 元 or 角 with 整, at 分 without; several zeros inside give one 零; a red amount leads with 负.
    """
    if minor == 0:
        return "零元整"
    yuan, cents = divmod(abs(minor), 100)
    jiao, fen = divmod(cents, 10)
    text = _capital_integer(yuan) + "元" if yuan else ""
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif fen and yuan:
        text += "零"
    text += _DIGITS[fen] + "分" if fen else "整"
    return ("负" if minor < 0 else "") + text


def _capital_integer(value: int) -> str:
    groups: list[int] = []
    while value:
        value, group = divmod(value, 10_000)
        groups.append(group)
    text = ""
    gap = False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if group == 0:
            gap = bool(text)
            continue
        if text and (gap or group < 1000):
            text += "零"
        # 万亿 shares its 亿 with the group below it: 壹万贰仟亿, but 壹万亿.
        text += _capital_group(group) + ("万" if index == 3 and groups[2] else _GROUPS[index])
        gap = False
    return text


def _capital_group(group: int) -> str:
    text = ""
    zero = False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit == 0:
            zero = bool(text)
            continue
        if zero:
            text += "零"
            zero = False
        text += _DIGITS[digit] + _PLACES[place]
    return text
