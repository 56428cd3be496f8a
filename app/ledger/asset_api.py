"""Exchange rates and asset cards over HTTP: thin routes over the ledger's services and queries."""

from __future__ import annotations

from app.contract.rates import ExchangeRateList, ExchangeRateOutcome, ExchangeRateQuery, ExchangeRatesInput
from app.http import Routes
from app.identity.actor import Actor
from app.ledger.queries import rates as rate_queries
from app.ledger.service import rates

routes = Routes("assets")


@routes.get("/api/exchange-rates", permission="ledger:rate:view", query=ExchangeRateQuery, response=ExchangeRateList)
def list_exchange_rates(query: ExchangeRateQuery) -> ExchangeRateList:
    """List the rates of a month, or with `date` the rate that counts on that day."""
    return rate_queries.list_rates(query)


@routes.put("/api/exchange-rates", permission="ledger:rate:edit", body=ExchangeRatesInput, response=ExchangeRateOutcome)
def save_exchange_rates(actor: Actor, body: ExchangeRatesInput) -> ExchangeRateOutcome:
    """Keep rates, all or none; one of a currency and day that has a rate already takes its place."""
    return rates.save_rates(actor, body.rates)


@routes.delete("/api/exchange-rates/<currency>/<date>", permission="ledger:rate:edit")
def delete_exchange_rate(actor: Actor, currency: str, date: str) -> None:
    """Delete the rate of a currency on a day."""
    rates.delete_rate(actor, currency, date)
