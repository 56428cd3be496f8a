"""Short ways to ask for reports in tests."""

from __future__ import annotations

from typing import Any

from app.identity.actor import Actor
from app.reports.catalogue import REPORTS
from app.reports.request import ReportRequest

Rows = list[dict[str, Any]]


def ask(actor: Actor, name: str, first: str = "", last: str = "", **wishes: Any) -> tuple[Rows, dict[str, str]]:
    """Return a report's rows and totals."""
    report = REPORTS[name].run(actor, ReportRequest(from_period=first, to_period=last, **wishes))
    return [dict(row) for row in report.rows], report.totals


def figures(actor: Actor, first: str = "", last: str = "", **wishes: Any) -> dict[str, str]:
    """Return a trial balance's amounts by code, in the order of its columns, zero as a dash."""
    rows, totals = ask(actor, "trial-balance", first, last, **wishes)
    keys = [column.key for column in REPORTS["trial-balance"].columns if column.kind == "amount"]
    shown = {row["code"]: " ".join(_dash(row[key]) for key in keys) for row in rows}
    return {**shown, "": " ".join(_dash(totals[key]) for key in keys)}


def columns(rows: Rows, *keys: str) -> list[tuple[str, ...]]:
    """Return some columns of the rows."""
    return [tuple(str(row[key]) for key in keys) for row in rows]


def _dash(amount: str) -> str:
    return "-" if amount == "0.00" else amount
