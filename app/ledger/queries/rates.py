"""Reads of exchange rates: units of the base currency for one unit of a currency, as text."""

from __future__ import annotations

import datetime

from app.contract.rates import ExchangeRate, ExchangeRateList, ExchangeRateQuery
from app.kernel.errors import NotFound
from app.kernel.period import first_day, last_day, parse_date, parse_period
from app.kernel.text import clean_text, message
from app.storage.database import Row, fetch_all, fetch_one

OLDEST_DAYS = 31
"""How old a rate may be to count on a day: one typed on the first of a month serves the whole of it, and no longer."""

_SELECT = (
    "SELECT c.code, r.date, r.rate, r.source, u.name, r.changed_at FROM {exchange_rate} r"
    " JOIN {currency} c ON c.id = r.currency_id JOIN {user} u ON u.id = r.changed_by"
)


def rate_on(currency_id: int, date_iso: str) -> str | None:
    """Return the rate that counts on a day (ISO text): that day's, else the last one before it.

    One older than `OLDEST_DAYS` days counts no more; without any there is `None`.
    """
    row = fetch_one(
        "SELECT rate FROM {exchange_rate} WHERE currency_id = ? AND date BETWEEN ? AND ? ORDER BY date DESC LIMIT 1",
        (currency_id, _oldest(date_iso), date_iso),
    )
    return None if row is None else str(row[0])


def _oldest(date_iso: str) -> str:
    return (datetime.date.fromisoformat(date_iso) - datetime.timedelta(days=OLDEST_DAYS)).isoformat()


def list_rates(query: ExchangeRateQuery) -> ExchangeRateList:
    """Return the rates of a month, or those that count on a day, one a currency; by currency and day.

    Without either all rates come. Raises `NotFound` for a currency the book does not have.
    """
    conditions, params = ["1 = 1"], list[object]()
    if query.currency:
        conditions.append("r.currency_id = ?")
        params.append(_currency_id(query.currency))
    if query.date:
        date = parse_date(query.date).isoformat()
        conditions.append("r.date BETWEEN ? AND ?")
        params.extend([_oldest(date), date])
    elif query.period:
        period = parse_period(query.period)
        conditions.append("r.date BETWEEN ? AND ?")
        params.extend([first_day(period).isoformat(), last_day(period).isoformat()])
    rows = fetch_all(f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY c.code, r.date", params)
    if query.date:  # the last of each currency
        rows = list({row[0]: row for row in rows}.values())
    return ExchangeRateList(rates=[_view(row) for row in rows])


def find_rate(currency_id: int, date_iso: str) -> ExchangeRate | None:
    """Return the rate of a currency on a day, if it has one."""
    row = fetch_one(f"{_SELECT} WHERE r.currency_id = ? AND r.date = ?", (currency_id, date_iso))
    return None if row is None else _view(row)


def _currency_id(code: str) -> int:
    row = fetch_one("SELECT id FROM {currency} WHERE code = ?", (clean_text(code),))
    if row is None:
        raise NotFound("currency_unknown", message("账簿里没有币种“{code}”。", code=code))
    return int(row[0])


def _view(row: Row) -> ExchangeRate:
    return ExchangeRate(
        currency=row[0],
        date=row[1],
        rate=row[2],
        source=row[3],
        changed_by=row[4],
        changed_at=int(row[5]),
        version=int(row[5]),
    )
