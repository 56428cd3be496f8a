"""The cash-flow statement a book has: its item lines, and what is usually counted in them.

Only 小企业会计准则 has one here (会小企03表); its lines and defaults are data in `resources/charts`.
"""

from __future__ import annotations

import csv
from functools import cache
from typing import NamedTuple

from app.resources import resource_path
from app.storage.book_settings import get_setting

CHARTS = ("small_enterprise_2013",)
OTHER_INFLOW = 2
"""收到其他与经营活动有关的现金: what nothing else claims."""
OTHER_OUTFLOW = 6
"""支付其他与经营活动有关的现金: what nothing else claims."""


class ItemLine(NamedTuple):
    """A line that movements of cash are counted in; an inflow counts debit less credit of cash, an outflow the rest."""

    number: int
    name_zh: str
    name_en: str
    inflow: bool


class Usual(NamedTuple):
    """The lines in which money from and to a counter-account is usually counted, where the data says."""

    inflow: int | None
    outflow: int | None


def has_cash_flow_statement() -> bool:
    """Tell whether movements of cash in this book carry a line of a cash-flow statement."""
    return get_setting("chart") in CHARTS


@cache
def item_lines() -> dict[int, ItemLine]:
    """Return the item lines by number: 1–6, 8–12 and 14–18; the others are totals."""
    with resource_path("charts", "small_enterprise_cash_flow.csv").open(encoding="utf-8", newline="") as file:
        return {
            int(row["line"]): ItemLine(int(row["line"]), row["name_zh"], row["name_en"], row["kind"] == "inflow")
            for row in csv.DictReader(file)
            if row["kind"] in ("inflow", "outflow")
        }


@cache
def usual_lines() -> dict[str, Usual]:
    """Return the usual lines by the code of the counter-account; descendants without a row of their own follow it."""

    def number(text: str) -> int | None:
        return int(text) if text else None

    with resource_path("charts", "cash_flow_defaults.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["counter_account"]: Usual(number(row["cash_in_line"]), number(row["cash_out_line"]))
            for row in csv.DictReader(file)
        }
