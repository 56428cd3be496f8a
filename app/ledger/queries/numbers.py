"""The numbers of each month and word: which are missing, and what may still move."""

from __future__ import annotations

from app.contract.voucher_work import NumberQuery, NumberRun, NumberRunList
from app.kernel.period import format_period, parse_period
from app.storage.database import fetch_all, fetch_one

LAST_PERIOD = 999_912
MOST_MISSING = 100


def list_number_runs(query: NumberQuery) -> NumberRunList:
    """Return the numbers of the months asked for, by month and word; of all months where none is given."""
    first = parse_period(query.from_period) if query.from_period else 0
    last = parse_period(query.to_period) if query.to_period else LAST_PERIOD
    rows = fetch_all(
        "SELECT period, word, COUNT(*), MAX(number), SUM(CASE WHEN state IN ('draft', 'reviewed') THEN 1 ELSE 0 END)"
        " FROM {voucher} WHERE period BETWEEN ? AND ? AND number IS NOT NULL GROUP BY period, word"
        " ORDER BY period, word",
        (first, last),
    )
    return NumberRunList(runs=[_run(int(row[0]), row[1], int(row[2]), int(row[3]), int(row[4])) for row in rows])


def _run(period: int, word: str, count: int, last: int, unposted: int) -> NumberRun:
    missing = _missing(period, word, last) if count != last else []
    return NumberRun(
        period=format_period(period),
        word=word,
        last=last,
        missing=missing,
        unposted=unposted,
        fixed_after=fixed_after(period, word, missing[0]) if missing else "",
    )


def _missing(period: int, word: str, last: int) -> list[int]:
    rows = fetch_all(
        "SELECT number FROM {voucher} WHERE period = ? AND word = ? AND number IS NOT NULL", (period, word)
    )
    used = {row[0] for row in rows}
    return [number for number in range(1, last + 1) if number not in used][:MOST_MISSING]


def fixed_after(period: int, word: str, number: int) -> str:
    """Return what the first posted or void voucher after a number is called (`记-12`), or an empty text."""
    row = fetch_one(
        "SELECT MIN(number) FROM {voucher}"
        " WHERE period = ? AND word = ? AND number > ? AND state IN ('posted', 'void')",
        (period, word, number),
    )
    return f"{word}-{row[0]}" if row and row[0] is not None else ""
