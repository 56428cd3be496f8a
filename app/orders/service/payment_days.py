"""Dates and numbers of payments and settlements."""

from __future__ import annotations

import datetime

from app.kernel.period import first_day, format_period, next_period, parse_date, period_of
from app.kernel.text import Message
from app.ledger.service.locks import period_is_open
from app.orders.errors import month_closed
from app.orders.queries.payment_loading import COLLECTION, PAYMENT, SETTLEMENT
from app.storage.database import current_book, execute, fetch_one, lock_suffix

PREFIXES = {COLLECTION: "SK", PAYMENT: "FK", SETTLEMENT: "HX"}
MOST_MONTHS = 1200


def require_open_month(date: str, where: Message) -> None:
    """Raise `RuleBroken` unless the month of a date takes documents; it stays so until the unit ends."""
    period = period_of(datetime.date.fromisoformat(date))
    if not period_is_open(period):
        raise month_closed(where, format_period(period))


def counter_date(wished: str, original: str, where: Message) -> str:
    """Return when a counter-document counts: as wished, else on the original's date, else in the first open month."""
    if wished:
        date = parse_date(wished).isoformat()
        require_open_month(date, where)
        return date
    period = period_of(datetime.date.fromisoformat(original))
    if period_is_open(period):
        return original
    for _ in range(MOST_MONTHS):
        period = next_period(period)
        if period_is_open(period):
            return first_day(period).isoformat()
    raise month_closed(where, format_period(period))


def take_number(kind: str, date: str) -> str:
    """Return the next number of a kind in the month of a date: `SK-202606-0001`. Call inside a unit."""
    period = int(date[:4]) * 100 + int(date[5:7])
    verb = "INSERT OR IGNORE" if current_book().is_sqlite else "INSERT IGNORE"
    execute(f"{verb} INTO {{document_counter}} (kind, period, last_number) VALUES (?, ?, 0)", (kind, period))
    row = fetch_one(
        f"SELECT last_number FROM {{document_counter}} WHERE kind = ? AND period = ?{lock_suffix()}", (kind, period)
    )
    last = (0 if row is None else int(row[0])) + 1
    execute("UPDATE {document_counter} SET last_number = ? WHERE kind = ? AND period = ?", (last, kind, period))
    return f"{PREFIXES[kind]}-{period}-{last:04d}"
