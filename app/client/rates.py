"""Endpoints of exchange rates."""

from __future__ import annotations

from urllib.parse import quote

from app.client.calls import Calls, keyed
from app.contract.rates import (
    ExchangeRateImport,
    ExchangeRateInput,
    ExchangeRateList,
    ExchangeRateOutcome,
    ExchangeRateQuery,
    ExchangeRatesInput,
)


class RateCalls(Calls):
    """The endpoints of exchange rates."""

    def list_exchange_rates(self, query: ExchangeRateQuery | None = None) -> ExchangeRateList:
        """Return the rates of a month, or those that count on a day."""
        return self.transport.call("GET", "/api/exchange-rates", ExchangeRateList, query=query)

    def save_exchange_rates(self, rates: list[ExchangeRateInput]) -> ExchangeRateOutcome:
        """Keep rates, all or none; one whose `version` is stale raises `Conflict`."""
        body = keyed(ExchangeRatesInput(rates=rates))
        return self.transport.call("PUT", "/api/exchange-rates", ExchangeRateOutcome, body=body)

    def delete_exchange_rate(self, currency: str, date: str, version: int | None = None) -> None:
        """Delete the rate of a currency on a day; a stale version raises `Conflict`."""
        path = f"/api/exchange-rates/{quote(currency, safe='')}/{quote(date, safe='')}"
        self.transport.send("DELETE", path, query={"version": version})

    def import_exchange_rates(self, wish: ExchangeRateImport) -> ExchangeRateOutcome:
        """Import pasted text, or a file that was uploaded."""
        return self.transport.call("POST", "/api/exchange-rates/import", ExchangeRateOutcome, body=keyed(wish))
