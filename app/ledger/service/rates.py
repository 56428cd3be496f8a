"""Exchange rates of days: typed, pasted or imported; one a currency and day, every change in the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.contract.rates import ExchangeRateInput, ExchangeRateOutcome
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.errors import MalformedInput, NotFound, UserError
from app.kernel.money import format_rate, parse_rate
from app.kernel.period import parse_date
from app.kernel.text import Message, clean_text, message
from app.ledger.errors import fields_wrong
from app.ledger.service.currencies import base_currency_id, ensure_typed_currency
from app.storage.database import current_book, execute, fetch_one, run_unit


class _Rate(NamedTuple):
    currency_id: int
    currency: str
    date: str
    rate: str
    source: str


def save_rates(actor: Actor, typed: Sequence[ExchangeRateInput], *, source: str = "") -> ExchangeRateOutcome:
    """Keep rates, all or none; one of a currency and day that has a rate already takes its place.

    A rate is how many units of the base currency one unit of the currency is worth. `source` stands where a rate names
    none itself. Raises `MalformedInput` whose `fields` name every wrong place (`rates.3.rate`).
    """
    actor.require("ledger:rate:edit")

    def work() -> ExchangeRateOutcome:
        counts = {"added": 0, "changed": 0, "same": 0}
        before: list[dict[str, str]] = []
        after: list[dict[str, str]] = []
        for rate in _read(typed, source):
            old = _stored(rate)
            if old == (rate.rate, rate.source):
                counts["same"] += 1
                continue
            counts["added" if old is None else "changed"] += 1
            if old is not None:
                before.append(rate._replace(rate=old[0], source=old[1])._asdict())
            _write(actor, rate)
            after.append(rate._asdict())
        if after:
            only = f"{after[0]['currency']} {after[0]['date']}" if len(after) == 1 else f"{len(after)}"
            audit.record(actor, "ledger:rate:edit", "exchange_rate", only, before=before or None, after=after)
        return ExchangeRateOutcome(**counts)

    return run_unit(work)


def delete_rate(actor: Actor, currency: str, date: str) -> None:
    """Delete the rate of a currency on a day. Raises `NotFound` when there is none."""
    actor.require("ledger:rate:edit")
    day = parse_date(date).isoformat()
    code = clean_text(currency)

    def work() -> None:
        row = fetch_one(
            "SELECT r.currency_id, r.rate, r.source FROM {exchange_rate} r JOIN {currency} c ON c.id = r.currency_id"
            " WHERE c.code = ? AND r.date = ?",
            (code, day),
        )
        if row is None:
            raise NotFound("rate_unknown", message("{currency} 在 {date} 没有汇率。", currency=code, date=day))
        execute("DELETE FROM {exchange_rate} WHERE currency_id = ? AND date = ?", (row[0], day))
        before = _Rate(row[0], code, day, row[1], row[2])._asdict()
        audit.record(actor, "ledger:rate:edit", "exchange_rate", f"{code} {day}", before=before)

    run_unit(work)


def _read(typed: Sequence[ExchangeRateInput], source: str) -> list[_Rate]:
    wrong: dict[str, Message] = {}
    base = base_currency_id()
    ids: dict[str, int] = {}
    seen: dict[tuple[int, str], int] = {}
    rates: list[_Rate] = []
    for index, row in enumerate(typed):
        place = f"rates.{index}"
        code, currency_id, date, rate = clean_text(row.currency), 0, "", ""
        try:
            if code not in ids:
                ids[code] = ensure_typed_currency(code)
            currency_id = ids[code]
            if currency_id == base:
                raise MalformedInput("rate_of_base", message("{code} 是本位币，不需要汇率。", code=code))
        except UserError as error:
            wrong[f"{place}.currency"] = error.message
        try:
            date = parse_date(row.date).isoformat()
        except UserError as error:
            wrong[f"{place}.date"] = error.message
        try:
            rate = format_rate(parse_rate(row.rate))
        except UserError as error:
            wrong[f"{place}.rate"] = error.message
        first = seen.setdefault((currency_id, date), index)
        if currency_id and date and first != index and rates[first].rate != rate:
            wrong[f"{place}.rate"] = message("{currency} 在 {date} 有两个不同的汇率。", currency=code, date=date)
        rates.append(_Rate(currency_id, code, date, rate, clean_text(row.source) or clean_text(source)))
    if wrong:
        raise fields_wrong(wrong)
    return [rates[index] for index in seen.values()]


def _stored(rate: _Rate) -> tuple[str, str] | None:
    row = fetch_one(
        "SELECT rate, source FROM {exchange_rate} WHERE currency_id = ? AND date = ?", (rate.currency_id, rate.date)
    )
    return None if row is None else (str(row[0]), str(row[1]))


def _write(actor: Actor, rate: _Rate) -> None:
    columns = ("rate", "source", "changed_by", "changed_at")
    if current_book().is_sqlite:
        tail = "ON CONFLICT (currency_id, date) DO UPDATE SET " + ", ".join(f"{c} = excluded.{c}" for c in columns)
    else:
        tail = "ON DUPLICATE KEY UPDATE " + ", ".join(f"{c} = VALUES({c})" for c in columns)
    execute(
        "INSERT INTO {exchange_rate} (currency_id, date, rate, source, changed_by, changed_at)"
        f" VALUES (?, ?, ?, ?, ?, ?) {tail}",
        (rate.currency_id, rate.date, rate.rate, rate.source, actor.user_id, utc_ms()),
    )
