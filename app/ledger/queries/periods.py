"""Reads of accounting months."""

from __future__ import annotations

from app.contract.ledger import PeriodList, PeriodState
from app.kernel.period import format_period, next_period, periods_between
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all, fetch_one


def get_period(period: int) -> PeriodState:
    """Return one month's state and how many vouchers it has."""
    return _states(period, period)[0]


def period_state(period: int) -> str:
    """Return one month's state alone, as it is at this moment; nothing is held."""
    row = fetch_one("SELECT state FROM {period} WHERE period = ?", (period,))
    return "open" if row is None else str(row[0])


def list_periods() -> PeriodList:
    """Return the months from the start to the last one in use or closed, and one more."""
    start = int(get_setting("start_period"))
    row = fetch_one("SELECT MAX(period) FROM {voucher}")
    closed = fetch_one("SELECT MAX(period) FROM {period} WHERE state = 'closed'")
    last = max(start, int(row[0]) if row and row[0] else 0, int(closed[0]) if closed and closed[0] else 0)
    return PeriodList(start=format_period(start), periods=_states(start, next_period(last)))


def _states(first: int, last: int) -> list[PeriodState]:
    states = {
        row[0]: row[1:]
        for row in fetch_all(
            "SELECT p.period, p.state, u.name, p.changed_at FROM {period} p LEFT JOIN {user} u ON u.id = p.changed_by"
            " WHERE p.period BETWEEN ? AND ?",
            (first, last),
        )
    }
    counts: dict[int, list[int]] = {}
    for period, state, count in fetch_all(
        "SELECT period, state, COUNT(*) FROM {voucher} WHERE period BETWEEN ? AND ? GROUP BY period, state",
        (first, last),
    ):
        sums = counts.setdefault(period, [0, 0])
        sums[0] += count
        sums[1] += count if state in ("draft", "reviewed") else 0
    rows: list[PeriodState] = []
    for period in periods_between(first, last):
        state, changed_by, changed_at = states.get(period, ("open", None, None))
        total, unposted = counts.get(period, [0, 0])
        rows.append(
            PeriodState(
                period=format_period(period),
                state=state,
                changed_by=changed_by,
                changed_at=changed_at if changed_by else None,
                vouchers=total,
                unposted=unposted,
            )
        )
    return rows
