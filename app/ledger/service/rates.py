"""Exchange rates of days: typed, pasted or imported; one a currency and day, every change in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.contract.rates import ExchangeRate, ExchangeRateInput, ExchangeRateList, ExchangeRateOutcome
from app.identity import audit
from app.identity.actor import Actor
from app.identity.queries.log import last_change
from app.identity.service.versions import UNKNOWN, stale_version
from app.kernel.clock import utc_ms
from app.kernel.errors import Conflict, MalformedInput, NotFound, UserError
from app.kernel.money import format_rate, parse_rate
from app.kernel.period import parse_date
from app.kernel.text import Message, clean_text, message
from app.ledger.errors import fields_wrong
from app.ledger.queries.rates import find_rate
from app.ledger.service.currencies import base_currency_id, ensure_typed_currency
from app.storage.database import current_book, execute, fetch_one, lock_suffix, run_unit


class _Rate(NamedTuple):
    currency_id: int
    currency: str
    date: str
    rate: str
    source: str


class _Stored(NamedTuple):
    rate: str
    source: str
    version: int


def save_rates(actor: Actor, typed: Sequence[ExchangeRateInput], *, source: str = "") -> ExchangeRateOutcome:
    """Keep rates, all or none; one of a currency and day that has a rate already takes its place.

    A rate is how many units of the base currency one unit of the currency is worth. `source` stands where a rate names
    none itself. Raises `MalformedInput` whose `fields` name every wrong place (`rates.3.rate`), and `Conflict` in the
    same way for rates that say which version they were made from, where another stands now.
    """
    actor.require("ledger:rate:edit")

    def work() -> ExchangeRateOutcome:
        counts = {"added": 0, "changed": 0, "same": 0}
        before: list[dict[str, object]] = []
        after: list[dict[str, object]] = []
        stale: dict[int, _Rate] = {}
        for place, rate in _read(typed, source).items():
            given = typed[place].version
            old, is_new = _stored_or_added(actor, rate, may_add=not given)
            if is_new:
                counts["added"] += 1
                after.append(rate._asdict())
            elif old is not None and (old.rate, old.source) == (rate.rate, rate.source):
                counts["same"] += 1
            elif old is None or given not in {None, old.version}:
                stale[place] = rate
            else:
                counts["changed"] += 1
                before.append(rate._replace(rate=old.rate, source=old.source)._asdict())
                _change(actor, rate, old.version)
                after.append(rate._asdict())
        if stale:
            raise _stale(stale)
        if after:
            only = _name_in_log(after[0]["currency"], after[0]["date"]) if len(after) == 1 else f"{len(after)}"
            audit.record(actor, "ledger:rate:edit", "exchange_rate", only, before=before or None, after=after)
        return ExchangeRateOutcome(**counts)

    return run_unit(work)


def delete_rate(actor: Actor, currency: str, date: str, version: int | None = None) -> None:
    """Delete the rate of a currency on a day. Raises `NotFound` when there is none, `Conflict` for a stale version."""
    actor.require("ledger:rate:edit")
    day = parse_date(date).isoformat()
    code = clean_text(currency)

    def work() -> None:
        row = fetch_one("SELECT id FROM {currency} WHERE code = ?", (code,))
        old = _stored(row[0], day) if row is not None else None
        if row is None or old is None:
            raise NotFound("rate_unknown", message("{currency} 在 {date} 没有汇率。", currency=code, date=day))
        rate = _Rate(row[0], code, day, old.rate, old.source)
        current = find_rate(row[0], day)
        if current is not None and version not in {None, old.version}:
            raise stale_version(old.version, current.changed_by, current.changed_at, current, _named([rate]))
        execute("DELETE FROM {exchange_rate} WHERE currency_id = ? AND date = ?", (row[0], day))
        audit.record(actor, "ledger:rate:edit", "exchange_rate", _name_in_log(code, day), before=rate._asdict())

    run_unit(work)


def _stale(rates: Mapping[int, _Rate]) -> Conflict:
    """Return the refusal of rates, by their places, that were not made from what stands there now."""
    standing: list[ExchangeRate] = []
    changes: list[tuple[int, str]] = []
    fields: dict[str, Message] = {}
    for place, rate in rates.items():
        found = find_rate(rate.currency_id, rate.date)
        if found is not None:
            standing.append(found)
            changes.append((found.changed_at, found.changed_by))
            sentence = message("{who}已改为 {rate}。", who=found.changed_by, rate=found.rate)
        else:
            who, at = last_change("exchange_rate", _name_in_log(rate.currency, rate.date)) or (UNKNOWN, 0)
            changes.append((at, who))
            sentence = message("{who}已删去这个汇率。", who=who)
        fields[f"rates.{place}.rate"] = sentence
    at, who = max(changes)
    version = max((rate.version for rate in standing), default=0)
    where = _named(list(rates.values()))
    return stale_version(version, who, at or None, ExchangeRateList(rates=standing), where, fields)


def _named(rates: Sequence[_Rate]) -> Message:
    if len(rates) == 1:
        return message("{currency} {date} 的汇率", currency=rates[0].currency, date=rates[0].date)
    return message("{count} 个汇率", count=len(rates))


def _name_in_log(currency: object, date: object) -> str:
    return f"{currency} {date}"


def _read(typed: Sequence[ExchangeRateInput], source: str) -> dict[int, _Rate]:
    """Return the rates by their places; the same one written twice counts once."""
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
    return {index: rates[index] for index in seen.values()}


def _stored_or_added(actor: Actor, rate: _Rate, *, may_add: bool) -> tuple[_Stored | None, bool]:
    """Return the rate of that currency and day, locked, or none and whether this one was added because none was there.

    Others may add one at the same moment: then that one is the one that was there.
    """
    old = _stored(rate.currency_id, rate.date)
    while old is None and may_add:
        if _add(actor, rate):
            return None, True
        old = _stored(rate.currency_id, rate.date)
    return old, False


def _stored(currency_id: int, date: str) -> _Stored | None:
    row = fetch_one(
        "SELECT rate, source, changed_at FROM {exchange_rate} WHERE currency_id = ? AND date = ?" + lock_suffix(),
        (currency_id, date),
    )
    return None if row is None else _Stored(str(row[0]), str(row[1]), int(row[2]))


def _add(actor: Actor, rate: _Rate) -> bool:
    """Add a rate unless its currency and day have one; tell whether it was added."""
    verb = "INSERT OR IGNORE" if current_book().is_sqlite else "INSERT IGNORE"
    added = execute(
        f"{verb} INTO {{exchange_rate}} (currency_id, date, rate, source, changed_by, changed_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (rate.currency_id, rate.date, rate.rate, rate.source, actor.user_id, utc_ms()),
    )
    return bool(added.rowcount)


def _change(actor: Actor, rate: _Rate, version: int) -> None:
    """Put a rate in the place of a version. Versions are times, so that one added anew is never taken for the old."""
    execute(
        "UPDATE {exchange_rate} SET rate = ?, source = ?, changed_by = ?, changed_at = ?"
        " WHERE currency_id = ? AND date = ?",
        (rate.rate, rate.source, actor.user_id, max(utc_ms(), version + 1), rate.currency_id, rate.date),
    )
