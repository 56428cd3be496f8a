"""Numbers of documents: per kind and month from 1 without gaps, given when a document is finished."""

from __future__ import annotations

from app.kernel.period import parse_date, period_of
from app.orders.kinds import Kind
from app.storage.database import current_book, execute, fetch_one, lock_suffix


def take_number(nature: Kind, date: str) -> str:
    """Give the next number of a kind in a date's month, such as `XS-202606-0001`; its counter stays locked."""
    period = period_of(parse_date(date))
    last = _lock_counter(nature.code, period)
    execute(
        "UPDATE {document_counter} SET last_number = ? WHERE kind = ? AND period = ?", (last + 1, nature.code, period)
    )
    return f"{nature.prefix}-{period}-{last + 1:04d}"


def lock_number(nature: Kind, date: str) -> None:
    """Lock the counter of a kind before items are locked, for a document that is made on the way."""
    _lock_counter(nature.code, period_of(parse_date(date)))


def _lock_counter(kind: str, period: int) -> int:
    last = _counter(kind, period)
    if last is None:
        verb = "INSERT OR IGNORE" if current_book().is_sqlite else "INSERT IGNORE"
        execute(f"{verb} INTO {{document_counter}} (kind, period, last_number) VALUES (?, ?, 0)", (kind, period))
        last = _counter(kind, period) or 0
    return last


def _counter(kind: str, period: int) -> int | None:
    row = fetch_one(
        f"SELECT last_number FROM {{document_counter}} WHERE kind = ? AND period = ?{lock_suffix()}", (kind, period)
    )
    return None if row is None else int(row[0])
