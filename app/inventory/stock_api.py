"""Stock over HTTP: thin routes over the services and queries of stock documents, balances and posting rules."""

from __future__ import annotations

from app.contract.base import Change, VersionQuery
from app.contract.inventory import LotList, LotQuery
from app.contract.stock import (
    Cancellation,
    DocumentLink,
    MonthCosting,
    MonthCostingInput,
    MovePage,
    MoveQuery,
    PostingRule,
    PostingRuleInput,
    PostingRuleList,
    StockBalancePage,
    StockBalanceQuery,
    StockDocument,
    StockDocumentInput,
    StockDocumentPage,
    StockDocumentQuery,
    StockOnHand,
    StockSettings,
    StockSettingsInput,
    StockTake,
    StockTaken,
)
from app.http import Routes
from app.http.decoding import require_version
from app.http.paging import decode_cursor, encode_cursor
from app.identity.actor import Actor
from app.inventory.queries import posting as posting_queries
from app.inventory.queries import stock_balances, stock_documents, stock_moves
from app.inventory.service import month_costing, posting_rules, quick_issue, settings
from app.inventory.service import stock_documents as documents

routes = Routes("stock")


@routes.get(
    "/api/stock-documents",
    permission="inventory:document:view",
    query=StockDocumentQuery,
    response=StockDocumentPage,
)
def list_documents(query: StockDocumentQuery) -> StockDocumentPage:
    """List stock documents, the newest first."""
    cursor = decode_cursor(query.cursor, str, int)
    after = (str(cursor[0]), int(cursor[1] or 0)) if cursor else None
    heads, has_more = stock_documents.list_stock_documents(query, after)
    following = encode_cursor([heads[-1].date, heads[-1].id]) if has_more else None
    return StockDocumentPage(documents=heads, next=following)


@routes.post(
    "/api/stock-documents",
    permission="inventory:document:add",
    body=StockDocumentInput,
    response=StockDocument,
    status=201,
)
def add_document(actor: Actor, body: StockDocumentInput) -> StockDocument:
    """Save a new stock document as a draft."""
    return documents.save_stock_document(actor, body)


@routes.get("/api/stock-documents/<int:id>", permission="inventory:document:view", response=StockDocument)
def get_document(id: int) -> StockDocument:  # noqa: A002
    """Return a stock document whole, with its vouchers."""
    return stock_documents.get_stock_document(id)


@routes.put(
    "/api/stock-documents/<int:id>",
    permission="inventory:document:edit",
    body=StockDocumentInput,
    response=StockDocument,
)
def change_document(actor: Actor, id: int, body: StockDocumentInput) -> StockDocument:  # noqa: A002
    """Save a draft over."""
    require_version(body)
    return documents.save_stock_document(actor, body, id)


@routes.delete("/api/stock-documents/<int:id>", permission="inventory:document:edit", query=VersionQuery)
def delete_document(actor: Actor, id: int, query: VersionQuery) -> None:  # noqa: A002
    """Delete a draft."""
    documents.delete_stock_document(actor, id, query.version)


@routes.post(
    "/api/stock-documents/<int:id>/finish", permission="inventory:document:finish", body=Change, response=StockDocument
)
def finish_document(actor: Actor, id: int, body: Change) -> StockDocument:  # noqa: A002
    """Finish a draft: it gets its number, its goods move, its voucher is made."""
    return documents.finish_stock_document(actor, id, body.version)


@routes.post(
    "/api/stock-documents/<int:id>/cancel",
    permission="inventory:document:cancel",
    body=Cancellation,
    response=StockDocument,
)
def cancel_document(actor: Actor, id: int, body: Cancellation) -> StockDocument:  # noqa: A002
    """Take a finished document back by a counter-document."""
    return documents.cancel_stock_document(actor, id, body)


@routes.get("/api/stock", permission="inventory:stock:view", query=StockBalanceQuery, response=StockBalancePage)
def list_balances(query: StockBalanceQuery) -> StockBalancePage:
    """List what is in stock at the end of a day, and what it is worth."""
    return stock_balances.list_balances(query)


@routes.get("/api/stock/moves", permission="inventory:stock:view", query=MoveQuery, response=MovePage)
def list_moves(query: MoveQuery) -> MovePage:
    """List the moves of an item with the balance after each (stock card)."""
    cursor = decode_cursor(query.cursor, str, int, int, int, int)
    after = stock_moves.Place(str(cursor[0]), *(int(one or 0) for one in cursor[1:])) if cursor else None
    page, following = stock_moves.list_moves(query, after)
    return page.model_copy(update={"next": encode_cursor(following) if following else None})


@routes.get("/api/lots", permission="inventory:stock:view", query=LotQuery, response=LotList)
def list_lots(query: LotQuery) -> LotList:
    """List the lots of an item, those in stock first by expiry."""
    return stock_balances.list_lots(query)


@routes.post("/api/stock/month-costing", permission="ledger:closing:run", body=MonthCostingInput, response=MonthCosting)
def cost_month(actor: Actor, body: MonthCostingInput) -> MonthCosting:
    """Cost the month's issues of items with the month's average; run again it books only the difference."""
    return month_costing.cost_month(actor, body)


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


@routes.get("/api/vouchers/<int:id>/document", permission="ledger:voucher:view", response=DocumentLink)
def get_document_of_voucher(id: int) -> DocumentLink:  # noqa: A002
    """Return the document a voucher belongs to."""
    return posting_queries.get_document_of_voucher(id)


@routes.get("/inventory", permission="inventory:stock:view", response=list[StockOnHand])
def list_stock() -> list[StockOnHand]:
    """List every item in use with what there is of it now."""
    return stock_balances.stock_on_hand()


@routes.post("/inventory/<item>", permission="inventory:document:finish", body=StockTake, response=StockTaken)
def take_out(actor: Actor, item: str, body: StockTake) -> StockTaken:
    """Take a quantity of an item, named by code or name, out of stock."""
    return quick_issue.take_out(actor, item, body)
