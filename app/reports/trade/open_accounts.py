"""Which accounts are kept by open items: receivables, payables and advances of both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from app.reports.chart import Chart, ReportAccount, read_chart
from app.storage.database import fetch_all

OPEN_CODES = frozenset({"1122", "1123", "2202", "2203"})
"""应收账款, 预付账款, 应付账款, 预收账款: the same codes in both standards."""
OPEN_LINES = frozenset({"4|34", "5|33", "33|5", "34|4"})
"""`bs_line` of accounts that a balance sheet shows as receivable, payable or advance, by the side they stand on."""
ADVANCE_CODES, ADVANCE_LINES = frozenset({"1123", "2203"}), frozenset({"5|33", "34|4"})
CONTACT_KINDS = ("客户", "供应商", "职员", "往来")
"""Dimensions that name whom something is owed to or by, in the order in which they decide."""


def open_accounts(chart: Chart | None = None) -> list[ReportAccount]:
    """Return the leaves, and used parents, that are kept by open items, in the order of the chart."""
    tree = chart or read_chart()
    chosen = _with_children(tree, OPEN_CODES, OPEN_LINES)
    return [account for account in tree.accounts if account.id in chosen]


def advance_accounts(chart: Chart) -> set[int]:
    """Return the ids of 预付账款 and 预收账款: what stands there is owed in goods, so no day makes it overdue."""
    return _with_children(chart, ADVANCE_CODES, ADVANCE_LINES)


def _with_children(chart: Chart, codes: frozenset[str], lines: frozenset[str]) -> set[int]:
    attributes = {int(row[0]): _read(row[1]) for row in fetch_all("SELECT id, attributes FROM {account}")}
    chosen: set[int] = set()
    for account in chart.accounts:  # parents come before their children
        own = account.code in codes or attributes.get(account.id, {}).get("bs_line") in lines
        if own or account.parent_id in chosen:
            chosen.add(account.id)
    return chosen


def contact_of(aux: str) -> str:
    """Return the part of `客户:甲公司;项目:新楼` that names the contact; the whole text where none does."""
    parts = aux.split(";")
    for kind in CONTACT_KINDS:
        for part in parts:
            if part.startswith(f"{kind}:"):
                return part
    return aux


def sides(accounts: Sequence[ReportAccount]) -> Mapping[int, int]:
    """Return 1 for accounts that normally stand in debit, -1 for the others, by id."""
    return {account.id: 1 if account.normal_side == "debit" else -1 for account in accounts}


def _read(text: str) -> Mapping[str, object]:
    try:
        found = json.loads(text or "{}")
    except ValueError:  # altered behind the program's back: then it says nothing
        return {}
    return found if isinstance(found, dict) else {}
