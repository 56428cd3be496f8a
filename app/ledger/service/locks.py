"""Row locks in the one order that cannot deadlock: period, number counter, chain head, year sentinel, balances."""

from __future__ import annotations

from app.kernel.clock import utc_ms
from app.kernel.period import format_period
from app.ledger.errors import period_closed
from app.storage.book_settings import get_setting
from app.storage.database import current_book, execute, fetch_one, lock_suffix, unit_memory

YEAR_SENTINEL = 0
"""The `period` row under whose lock years get their balance rows."""
_STATES = "states of locked periods"
_YEARS = "years held"


def _locked_states() -> dict[int, str]:
    """Return the months this unit holds, with their states: a lock once taken is not asked for again."""
    states: dict[int, str] = unit_memory().setdefault(_STATES, {})
    return states


def _share_suffix() -> str:
    return "" if current_book().is_sqlite else " LOCK IN SHARE MODE"


def start_period() -> int:
    """Return the book's first month."""
    return int(get_setting("start_period"))


def period_is_open(period: int) -> bool:
    """Tell whether a month takes vouchers, and hold it so until the unit ends: closing waits for us."""
    if period < start_period():
        return False
    states = _locked_states()
    if period not in states:
        states[period] = _share_period(period)
    return states[period] == "open"


def _share_period(period: int) -> str:
    row = fetch_one(f"SELECT state FROM {{period}} WHERE period = ?{_share_suffix()}", (period,))
    if row is None:
        _add_period_row(period)
        row = fetch_one(f"SELECT state FROM {{period}} WHERE period = ?{_share_suffix()}", (period,))
    return str(row[0]) if row else ""


def require_open(period: int) -> None:
    """Raise `RuleBroken` unless the month takes vouchers."""
    if not period_is_open(period):
        raise period_closed(format_period(period))


def lock_period(period: int) -> str:
    """Lock a month for closing or reopening and return its state."""
    _add_period_row(period)
    row = fetch_one(f"SELECT state FROM {{period}} WHERE period = ?{lock_suffix()}", (period,))
    state = str(row[0]) if row else "open"
    _locked_states()[period] = state
    return state


def note_state(period: int, state: str) -> None:
    """Note that this unit gave a month it has locked another state."""
    _locked_states()[period] = state


def share_years() -> None:
    """Hold the list of years while balances change, so that nobody rolls a year forward past our change."""
    memory = unit_memory()
    if _YEARS not in memory:
        fetch_one(f"SELECT state FROM {{period}} WHERE period = ?{_share_suffix()}", (YEAR_SENTINEL,))
        memory[_YEARS] = True


def lock_years() -> None:
    """Lock the list of years to add one."""
    fetch_one(f"SELECT state FROM {{period}} WHERE period = ?{lock_suffix()}", (YEAR_SENTINEL,))


def _add_period_row(period: int) -> None:
    verb = "INSERT OR IGNORE" if current_book().is_sqlite else "INSERT IGNORE"
    execute(
        f"{verb} INTO {{period}} (period, state, changed_by, changed_at) VALUES (?, 'open', NULL, ?)",
        (period, utc_ms()),
    )
