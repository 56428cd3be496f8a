"""Exchange rates on the wire. A rate is a decimal string: units of the base currency for one unit of the currency."""

from __future__ import annotations

from pydantic import Field

from app.contract.base import Contract, DateText, PeriodText, QueryContract, RequestId


class ExchangeRate(Contract):
    """The rate of a currency on a day; `changed_at` in UTC milliseconds."""

    currency: str
    date: DateText
    rate: str
    source: str = Field(description="where it comes from, such as 中国人民银行")
    changed_by: str
    changed_at: int
    version: int = Field(0, description="of this rate; 0 stands for a day that has none")


class ExchangeRateList(Contract):
    """Rates by currency and day."""

    rates: list[ExchangeRate]


class ExchangeRateQuery(QueryContract):
    """Rates of a month; or with `date` the rate that counts on that day, which may be one of some days before."""

    currency: str = Field("", max_length=24)
    period: PeriodText = ""
    date: DateText = ""


class ExchangeRateInput(Contract):
    """A rate as typed or pasted. With `version` it takes the place of that version only, else 409 `stale_version`."""

    currency: str = Field(max_length=24)
    date: DateText
    rate: str = Field(max_length=60)
    source: str = Field("", max_length=60)
    version: int | None = Field(None, description="the version it was made from, 0 where the day had no rate")


class ExchangeRatesInput(Contract):
    """Rates to keep, all or none; one of a currency and day that has one already takes its place (see `version`)."""

    rates: list[ExchangeRateInput] = Field(max_length=20_000)
    request_id: RequestId | None = None


class ExchangeRateImport(Contract):
    """A table with the columns date, currency and rate: an uploaded CSV or XLSX file, or pasted text."""

    text: str = Field("", max_length=2_000_000)
    upload_id: str = Field("", max_length=64)
    request_id: RequestId | None = None


class ExchangeRateOutcome(Contract):
    """How many rates are new, changed, and were there already as they came."""

    added: int
    changed: int
    same: int
