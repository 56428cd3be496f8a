"""Statements over HTTP, with their checks, beside the trial balance of the same book and months."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.measuring import Figure, median_ms
from benchmarks.reading import COUNTERPARTIES_MS, GROWTH, LAST_YEAR, TRIAL_BALANCE_MS
from benchmarks.serving import served
from benchmarks.synthetic import Size

NAMES = ("balance-sheet", "income-statement", "cash-flow", "profit-appropriation")


def measure_statements(size: Size, path: Path) -> Iterator[Figure]:
    """Measure each statement of a month late in the book, the balance sheet with comparison, and one explanation."""
    limit = COUNTERPARTIES_MS if size.counterparties else TRIAL_BALANCE_MS
    if size.vouchers >= 1_000_000:
        limit *= GROWTH
    bar = f"< {limit} ms over HTTP"
    month = f"{LAST_YEAR}-12"
    with served(path) as client:
        beside = median_ms(partial(client.get, "/api/reports/trial-balance", **{"from": month, "to": month}))
        for name in NAMES:
            value = median_ms(partial(client.get, f"/api/statements/{name}", to=month))
            yield Figure(f"{name} with its checks", size.name, value, "ms", "trial balance", beside, bar, limit)
        rows = median_ms(partial(client.get, "/api/reports/balance-sheet", to=month))
        yield Figure("balance-sheet, rows only", size.name, rows, "ms", "trial balance", beside, bar, limit)
        compared = partial(client.get, "/api/statements/balance-sheet", to=month, compare="previous_year")
        yield Figure("balance-sheet beside last year's", size.name, median_ms(compared), "ms")
        cell = partial(client.get, "/api/statements/balance-sheet/cell", to=month, line=4, column="closing")
        yield Figure("what line 4 is made of", size.name, median_ms(cell), "ms")
