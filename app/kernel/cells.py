"""Text cells of CSV files that spreadsheets may open: kept from being taken for formulas, and back."""

from __future__ import annotations

_RISKY = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """Return a text cell that no spreadsheet takes for a formula; `unguarded` gives the text back.

    An apostrophe goes before `= + - @`, and before apostrophes that stand before one of these.
    """
    return "'" + text if text.lstrip("'")[:1] in _RISKY else text


def unguarded(text: str) -> str:
    """Return the text that `guarded` made safe; any other text stays as it is."""
    return text[1:] if text[:1] == "'" and text.lstrip("'")[:1] in _RISKY else text
