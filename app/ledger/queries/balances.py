"""Reads of the balance tables that several reports and rules share."""

from __future__ import annotations

from app.storage.database import fetch_one


def last_year_with_rows(year: int) -> int | None:
    """Return the latest year up to `year` that has balance rows, or `None` when there is none.

    A year without rows had no turnover: it opens and closes with the closing of the year found here.
    """
    row = fetch_one("SELECT MAX(year) FROM {fiscal_year} WHERE year <= ?", (year,))
    return int(row[0]) if row and row[0] is not None else None
