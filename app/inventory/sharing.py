"""Sharing a value by quantity, rounded once."""

from __future__ import annotations


def share(value: int, part: int, whole: int) -> int:
    """Return `value × part ÷ whole`, rounded half away from zero."""
    product = value * part
    if whole < 0:
        product, whole = -product, -whole
    rounded = (2 * abs(product) + whole) // (2 * whole)
    return rounded if product >= 0 else -rounded
