"""Accounting months as integers `YYYYMM`; month 0 of a year stands for what was before its first kept month.

The fiscal year is the calendar year (会计法 art. 11). Integers sort, index and store well, so no class wraps them.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator

from app.kernel.errors import MalformedInput
from app.kernel.text import clean_number_text, message

_PERIOD = re.compile(r"^(\d{4})-?(\d{2})$")
FIRST_YEAR = 1900
LAST_YEAR = 9998


def parse_period(text: str) -> int:
    """Read `2026-06` (or `202606`) as `202606`. Raises `MalformedInput`."""
    found = _PERIOD.match(clean_number_text(text))
    if found:
        year, month = int(found[1]), int(found[2])
        if FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12:
            return year * 100 + month
    raise MalformedInput("period_malformed", message("“{text}”不是月份，请写成 2026-06 的样子。", text=text))


def format_period(period: int) -> str:
    """Write `202606` as `2026-06`."""
    return f"{period // 100:04d}-{period % 100:02d}"


def period_of(date: datetime.date) -> int:
    """Return the month a date lies in."""
    return date.year * 100 + date.month


def year_of(period: int) -> int:
    """Return the year of a month."""
    return period // 100


def year_start(period: int) -> int:
    """Return month 0 of the period's year, the key of its opening rows."""
    return period // 100 * 100


def next_period(period: int) -> int:
    """Return the month after."""
    return period + 1 if period % 100 < 12 else (period // 100 + 1) * 100 + 1


def previous_period(period: int) -> int:
    """Return the month before."""
    return period - 1 if period % 100 > 1 else (period // 100 - 1) * 100 + 12


def periods_between(first: int, last: int) -> Iterator[int]:
    """Yield every month from `first` to `last`, both included."""
    current = first
    while current <= last:
        yield current
        current = next_period(current)


def first_day(period: int) -> datetime.date:
    """Return the month's first day."""
    return datetime.date(period // 100, period % 100, 1)


def last_day(period: int) -> datetime.date:
    """Return the month's last day."""
    return datetime.date(period // 100, period % 100, calendar.monthrange(period // 100, period % 100)[1])


def parse_date(text: str) -> datetime.date:
    """Read `2026-06-30` (also `2026/6/30` and `20260630`) as a date. Raises `MalformedInput`."""
    cleaned = clean_number_text(text).replace("/", "-").replace(".", "-")
    parts = cleaned.split("-")
    if len(parts) == 1 and len(cleaned) == 8:
        parts = [cleaned[:4], cleaned[4:6], cleaned[6:]]
    if len(parts) == 3 and len(parts[0]) == 4 and all(p.isascii() and p.isdigit() for p in parts):
        try:
            date = datetime.date(int(parts[0]), int(parts[1]), int(parts[2]))
        except ValueError:
            pass
        else:
            if FIRST_YEAR <= date.year <= LAST_YEAR:
                return date
    raise MalformedInput("date_malformed", message("“{text}”不是日期，请写成 2026-06-30 的样子。", text=text))
