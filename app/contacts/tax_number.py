"""The number a contact is known by to the tax office: its shape, and whether its check character fits.

统一社会信用代码 has 18 characters (GB 32100-2015), of which the last is computed from the others. A person's is the
number of the identity card (GB 11643-1999), a sole trader's may have two digits behind it; older ones have 15
characters.
"""

from __future__ import annotations

import re

from app.kernel.text import clean_number_text

_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_SHAPE = re.compile(rf"[{_CREDIT_SIGNS}]{{2}}\d{{6}}[{_CREDIT_SIGNS}]{{10}}\Z")
_CARD_SHAPE = re.compile(r"\d{17}[\dX](\d\d)?\Z")
_OLD_SHAPE = re.compile(r"\d{6}[0-9A-Z]{9}\Z")
_CARD_CHECKS = "10X98765432"


def clean_tax_number(text: str) -> str:
    """Return a number as it is stored: half-width capitals without spaces and dashes."""
    return re.sub(r"[\s-]", "", clean_number_text(_half_width(text))).upper()


def _half_width(text: str) -> str:
    """Return full-width Latin letters as plain ones; digits are `clean_number_text`'s."""
    return "".join(chr(ord(c) - 0xFEE0) if "Ａ" <= c <= "ｚ" else c for c in text)


def has_shape(number: str) -> bool:
    """Tell whether a cleaned number can be a tax number at all."""
    return any(shape.match(number) for shape in (_CREDIT_SHAPE, _CARD_SHAPE, _OLD_SHAPE))


def is_doubtful(number: str) -> bool:
    """Tell whether a number's check character does not fit; those without one are taken as they are."""
    if len(number) == 18 and _CREDIT_SHAPE.match(number) and credit_check(number[:17]) == number[17]:
        return False
    if _CARD_SHAPE.match(number):
        return card_check(number[:17]) != number[17]
    return len(number) == 18


def credit_check(first: str) -> str:
    """Return the last character of a 统一社会信用代码 whose first 17 are given: Σ cᵢ·3ⁱ modulo 31, taken from 31."""
    total = sum(_CREDIT_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(first))
    return _CREDIT_SIGNS[(31 - total % 31) % 31]


def card_check(first: str) -> str:
    """Return the last character of an identity card's number whose first 17 digits are given (ISO 7064, 11-2)."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first))
    return _CARD_CHECKS[total % 11]
