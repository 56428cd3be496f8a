"""Numbers of documents: per kind and month from 1, without gaps or duplicates, from a row locked till the unit ends."""

from __future__ import annotations

from app.storage.database import current_book, execute, fetch_one, lock_suffix


def take_document_number(kind: str, prefix: str, date: str) -> str:
    """Return the next number of a kind in a date's month: `QC-202606-0001`; call inside `run_unit`."""
    period = int(date[:4]) * 100 + int(date[5:7])
    last = _counter(kind, period)
    if last is None:
        verb = "INSERT OR IGNORE" if current_book().is_sqlite else "INSERT IGNORE"
        execute(f"{verb} INTO {{stock_counter}} (kind, period, last_number) VALUES (?, ?, 0)", (kind, period))
        last = _counter(kind, period) or 0
    execute("UPDATE {stock_counter} SET last_number = ? WHERE kind = ? AND period = ?", (last + 1, kind, period))
    return f"{prefix}-{period}-{last + 1:04d}"


def _counter(kind: str, period: int) -> int | None:
    row = fetch_one(
        f"SELECT last_number FROM {{stock_counter}} WHERE kind = ? AND period = ?{lock_suffix()}", (kind, period)
    )
    return None if row is None else int(row[0])
