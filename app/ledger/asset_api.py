"""Exchange rates and asset cards over HTTP: thin routes over the ledger's services and queries."""

from __future__ import annotations

from app.contract.assets import (
    AgreementQuery,
    AgreementRow,
    Asset,
    AssetAgreement,
    AssetChange,
    AssetDisposal,
    AssetDisposalPlan,
    AssetDisposalQuery,
    AssetInput,
    AssetPage,
    AssetQuery,
    AssetSchedule,
)
from app.contract.base import Change, VersionQuery
from app.contract.rates import ExchangeRateList, ExchangeRateOutcome, ExchangeRateQuery, ExchangeRatesInput
from app.http import Routes
from app.http.decoding import require_version
from app.identity.actor import Actor
from app.kernel.money import format_amount
from app.kernel.period import format_period, parse_period
from app.ledger.queries import rates as rate_queries
from app.ledger.queries.assets import agreement
from app.ledger.queries.assets import cards as card_queries
from app.ledger.queries.vouchers import base_digits
from app.ledger.service import rates
from app.ledger.service.assets import cards, disposal

routes = Routes("assets")


@routes.get("/api/exchange-rates", permission="ledger:rate:view", query=ExchangeRateQuery, response=ExchangeRateList)
def list_exchange_rates(query: ExchangeRateQuery) -> ExchangeRateList:
    """List the rates of a month, or with `date` the rate that counts on that day."""
    return rate_queries.list_rates(query)


@routes.put("/api/exchange-rates", permission="ledger:rate:edit", body=ExchangeRatesInput, response=ExchangeRateOutcome)
def save_exchange_rates(actor: Actor, body: ExchangeRatesInput) -> ExchangeRateOutcome:
    """Keep rates, all or none; one with `version` takes the place of that version only, else of any that is there."""
    return rates.save_rates(actor, body.rates)


@routes.delete("/api/exchange-rates/<currency>/<date>", permission="ledger:rate:edit", query=VersionQuery)
def delete_exchange_rate(actor: Actor, currency: str, date: str, query: VersionQuery) -> None:
    """Delete the rate of a currency on a day."""
    rates.delete_rate(actor, currency, date, query.version)


@routes.get("/api/assets", permission="ledger:asset:view", query=AssetQuery, response=AssetPage)
def list_assets(query: AssetQuery) -> AssetPage:
    """List asset cards by code, with what they add up to."""
    return card_queries.list_assets(query)


@routes.post("/api/assets", permission="ledger:asset:add", body=AssetInput, response=Asset, status=201)
def add_asset(actor: Actor, body: AssetInput) -> Asset:
    """Add an asset card."""
    return cards.create_asset(actor, body)


@routes.get("/api/assets/agreement", permission="ledger:asset:view", query=AgreementQuery, response=AssetAgreement)
def get_agreement(query: AgreementQuery) -> AssetAgreement:
    """Compare the cards with the ledger at a month's end."""
    period = parse_period(query.period)
    found, digits = agreement(period), base_digits()
    rows = [
        AgreementRow(
            account_code=row.account_code,
            account_name=row.account_name,
            ledger=format_amount(row.ledger_minor, digits),
            cards=format_amount(row.cards_minor, digits),
            difference=format_amount(row.ledger_minor - row.cards_minor, digits),
        )
        for row in found
    ]
    return AssetAgreement(period=format_period(period), rows=rows, agrees=all(row.agrees for row in found))


@routes.post("/api/assets/schedule", permission="ledger:asset:view", body=AssetInput, response=AssetSchedule)
def preview_schedule(actor: Actor, body: AssetInput) -> AssetSchedule:
    """Return the plan a card would have; nothing is kept."""
    return cards.preview_schedule(actor, body)


@routes.get("/api/assets/<int:id>", permission="ledger:asset:view", response=Asset)
def get_asset(id: int) -> Asset:  # noqa: A002
    """Return a card whole, with every term it was charged by."""
    return card_queries.get_asset(id)


@routes.patch("/api/assets/<int:id>", permission="ledger:asset:edit", body=AssetChange, response=Asset)
def change_asset(actor: Actor, id: int, body: AssetChange) -> Asset:  # noqa: A002
    """Change a card; fields left out stay, and what it is charged by changes from a month on."""
    require_version(body)
    return cards.change_asset(actor, id, body)


@routes.delete("/api/assets/<int:id>", permission="ledger:asset:edit", query=VersionQuery)
def delete_asset(actor: Actor, id: int, query: VersionQuery) -> None:  # noqa: A002
    """Delete a card that no voucher charged."""
    cards.delete_asset(actor, id, query.version)


@routes.get("/api/assets/<int:id>/schedule", permission="ledger:asset:view", response=AssetSchedule)
def get_schedule(id: int) -> AssetSchedule:  # noqa: A002
    """Return the whole plan of a card, month by month."""
    return card_queries.get_schedule(id)


@routes.get(
    "/api/assets/<int:id>/disposal",
    permission="ledger:asset:view",
    query=AssetDisposalQuery,
    response=AssetDisposalPlan,
)
def plan_disposal(actor: Actor, id: int, query: AssetDisposalQuery) -> AssetDisposalPlan:  # noqa: A002
    """Return what a disposal would come to, and the voucher proposed for it."""
    return disposal.plan_disposal(actor, id, query)


@routes.post("/api/assets/<int:id>/dispose", permission="ledger:asset:dispose", body=AssetDisposal, response=Asset)
def dispose_asset(actor: Actor, id: int, body: AssetDisposal) -> Asset:  # noqa: A002
    """Take a card out of use; with `make_voucher` its voucher is saved as a draft."""
    return disposal.dispose_asset(actor, id, body)


@routes.post("/api/assets/<int:id>/undispose", permission="ledger:asset:dispose", body=Change, response=Asset)
def undo_disposal(actor: Actor, id: int, body: Change) -> Asset:  # noqa: A002
    """Take a disposal back, once its voucher is gone."""
    return disposal.undo_disposal(actor, id, body.version)
