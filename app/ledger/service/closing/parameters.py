"""What a book computes its closes with: dated rates and choices, kept as one setting of the book."""

from __future__ import annotations

import csv
from decimal import Decimal
from functools import cache
from typing import get_args

from app.contract.closing import ClosingParameters, DatedRate, RateKey
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.kernel.errors import MalformedInput, UserError
from app.kernel.period import format_period, parse_period
from app.kernel.text import Message, clean_number_text, clean_text, message
from app.ledger.errors import fields_wrong
from app.resources import resource_path
from app.storage.book_settings import get_setting, lock_setting, set_setting
from app.storage.database import run_unit

SETTING = "closing_parameters"
OPEN_END = 999912
LARGEST_PERCENT = Decimal(100)
AMOUNT_KEYS = ("small_exempt_quarter",)


@cache
def statutory_rates() -> tuple[DatedRate, ...]:
    """Return the rates the program carries, each with the law or notice it stands in."""
    known = get_args(RateKey)
    with resource_path("tax", "closing_rates.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            DatedRate(
                key=known[known.index(row["key"])],
                since=row["since"],
                until=row["until"],
                value=row["value"],
                source=row["source"],
            )
            for row in csv.DictReader(file)
        )


def closing_parameters() -> ClosingParameters:
    """Return the book's parameters: those somebody set, else the statutory rates and the usual choices."""
    kept = get_setting(SETTING)
    if kept is not None:
        return ClosingParameters.model_validate(kept)
    return ClosingParameters(
        version=0,
        rates=list(statutory_rates()),
        surcharge_relief=get_setting("vat") == "small",
        small_low_profit=False,
    )


def read_closing_parameters(actor: Actor) -> ClosingParameters:
    """Return the book's parameters to a person."""
    actor.require("ledger:closing:view")
    return closing_parameters()


def change_closing_parameters(actor: Actor, wanted: ClosingParameters) -> ClosingParameters:
    """Replace the parameters. Raises `MalformedInput` with `rates.N.column` fields, `Conflict` for a stale version.

    A change of a method is logged with what it was before (财会〔2024〕12号 art. 20).
    """
    actor.require("ledger:closing:edit")

    def work() -> ClosingParameters:
        lock_setting(SETTING, None)
        before = closing_parameters()
        check_version(*(wanted.version, before.version, "closing_parameters", 0), lambda: before, message("结账参数"))
        after = wanted.model_copy(
            update={
                "rates": _checked_rates(wanted.rates),
                "version": (before.version or 0) + 1,
                "request_id": None,
            }
        )
        set_setting(SETTING, after.model_dump())
        audit.record(
            actor,
            "ledger:closing:edit",
            "closing_parameters",
            0,
            before=before.model_dump(),
            after=after.model_dump(),
        )
        return after

    return run_unit(work)


def _checked_rates(rates: list[DatedRate]) -> list[DatedRate]:
    wrong: dict[str, Message] = {}
    checked: list[DatedRate] = []
    for index, rate in enumerate(rates):
        place = f"rates.{index}"
        since, until, value = rate.since, rate.until, rate.value
        for field, text in (("since", rate.since), ("until", rate.until)):
            if field == "until" and not text.strip():
                until = ""
                continue
            try:
                period = format_period(parse_period(text))
            except UserError as error:
                wrong[f"{place}.{field}"] = error.message
                continue
            since, until = (period, until) if field == "since" else (since, period)
        if until and until < since:
            wrong[f"{place}.until"] = message("截止月份早于开始月份。")
        try:
            value = str(read_decimal(rate.value, Decimal(10) ** 12 if rate.key in AMOUNT_KEYS else LARGEST_PERCENT))
        except UserError as error:
            wrong[f"{place}.value"] = error.message
        checked.append(
            rate.model_copy(update={"since": since, "until": until, "value": value, "source": clean_text(rate.source)})
        )
    if wrong:
        raise fields_wrong(wrong)
    return checked


def read_decimal(text: str, largest: Decimal) -> Decimal:
    """Read a percentage or amount from 0 to `largest`. Raises `MalformedInput`."""
    cleaned = clean_number_text(text).replace("%", "").strip()
    plain = cleaned.replace(".", "", 1)
    if len(cleaned) <= 30 and plain.isascii() and plain.isdigit():
        value = Decimal(cleaned)
        if value <= largest:
            return value.normalize() + 0 if value == 0 else _plain(value)
    raise MalformedInput(
        "number_malformed", message("“{text}”不对，请填 0 到 {largest} 之间的数。", text=text, largest=str(largest))
    )


def _plain(value: Decimal) -> Decimal:
    return Decimal(format(value, "f"))


def dated_rate(parameters: ClosingParameters, key: RateKey, period: int) -> DatedRate | None:
    """Return the rate that holds in a month; of several the one that began last. `None` when none is known."""
    holding = [
        rate
        for rate in parameters.rates
        if rate.key == key
        and parse_period(rate.since) <= period <= (parse_period(rate.until) if rate.until else OPEN_END)
    ]
    return max(holding, key=lambda rate: rate.since) if holding else None
