"""Stock over HTTP: thin routes over the services and queries of stock documents, balances and posting rules."""

from __future__ import annotations

from app.contract.stock import (
    PostingRule,
    PostingRuleInput,
    PostingRuleList,
    StockSettings,
    StockSettingsInput,
)
from app.http import Routes
from app.identity.actor import Actor
from app.inventory.queries import posting as posting_queries
from app.inventory.service import posting_rules, settings

routes = Routes("stock")


@routes.get("/api/stock-settings", permission="inventory:stock:view", response=StockSettings)
def get_settings() -> StockSettings:
    """Return how the book keeps stock."""
    return settings.stock_settings()


@routes.patch(
    "/api/stock-settings", permission="inventory:settings:edit", body=StockSettingsInput, response=StockSettings
)
def change_settings(actor: Actor, body: StockSettingsInput) -> StockSettings:
    """Change how the book keeps stock; fields left out stay."""
    return settings.change_stock_settings(actor, body)


@routes.get("/api/posting-rules", permission="inventory:rule:view", response=PostingRuleList)
def list_rules() -> PostingRuleList:
    """List which account documents post to for each purpose, the program's proposals among them."""
    return posting_queries.list_rules()


@routes.put("/api/posting-rules", permission="inventory:rule:edit", body=PostingRuleInput, response=PostingRule)
def set_rule(actor: Actor, body: PostingRuleInput) -> PostingRule:
    """Set the account of a purpose, narrowed or not; an empty account takes a narrowed rule away."""
    return posting_rules.set_rule(actor, body)
