"""Endpoints of stock: documents, balances, moves, lots, posting rules and settings."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.contract.base import Change
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
    StockSettings,
    StockSettingsInput,
)


class StockCalls(Calls):
    """The endpoints of stock. `version` is the one the caller has seen; a stale one raises `Conflict`."""

    def list_stock_documents(self, query: StockDocumentQuery | None = None) -> StockDocumentPage:
        """Return one page of stock documents, the newest first."""
        return self.transport.call("GET", "/api/stock-documents", StockDocumentPage, query=query)

    def get_stock_document(self, document_id: int) -> StockDocument:
        """Return one stock document whole."""
        return self.transport.call("GET", f"/api/stock-documents/{document_id}", StockDocument)

    def add_stock_document(self, document: StockDocumentInput) -> StockDocument:
        """Save a new draft and return it."""
        return self.transport.call("POST", "/api/stock-documents", StockDocument, body=keyed(document))

    def change_stock_document(self, document_id: int, document: StockDocumentInput) -> StockDocument:
        """Save a draft over and return it."""
        return self.transport.call("PUT", f"/api/stock-documents/{document_id}", StockDocument, body=keyed(document))

    def delete_stock_document(self, document_id: int, version: int | None = None) -> None:
        """Delete a draft."""
        self.transport.send("DELETE", f"/api/stock-documents/{document_id}", query={"version": version})

    def finish_stock_document(self, document_id: int, version: int | None = None) -> StockDocument:
        """Finish a draft and return it with its number and vouchers."""
        body = keyed(Change() if version is None else Change(version=version))
        return self.transport.call("POST", f"/api/stock-documents/{document_id}/finish", StockDocument, body=body)

    def cancel_stock_document(self, document_id: int, wish: Cancellation) -> StockDocument:
        """Take a finished document back and return it."""
        return self.transport.call(
            "POST", f"/api/stock-documents/{document_id}/cancel", StockDocument, body=keyed(wish)
        )

    def list_stock(self, query: StockBalanceQuery | None = None) -> StockBalancePage:
        """Return one page of stock balances."""
        return self.transport.call("GET", "/api/stock", StockBalancePage, query=query)

    def list_stock_moves(self, query: MoveQuery) -> MovePage:
        """Return one page of an item's moves, oldest first."""
        return self.transport.call("GET", "/api/stock/moves", MovePage, query=query)

    def cost_month(self, period: str) -> MonthCosting:
        """Cost a month's issues of items with the month's average, and return what it came to."""
        body = keyed(MonthCostingInput(period=period))
        return self.transport.call("POST", "/api/stock/month-costing", MonthCosting, body=body)

    def list_lots(self, query: LotQuery) -> LotList:
        """Return the lots of an item."""
        return self.transport.call("GET", "/api/lots", LotList, query=query)

    def stock_settings(self) -> StockSettings:
        """Return how the book keeps stock."""
        return self.transport.call("GET", "/api/stock-settings", StockSettings)

    def change_stock_settings(self, change: StockSettingsInput) -> StockSettings:
        """Change what `change` names and return the settings."""
        return self.transport.call("PATCH", "/api/stock-settings", StockSettings, body=keyed(change))

    def list_posting_rules(self) -> PostingRuleList:
        """Return the posting rules, the program's proposals among them."""
        return self.transport.call("GET", "/api/posting-rules", PostingRuleList)

    def set_posting_rule(self, rule: PostingRuleInput) -> PostingRule:
        """Set a rule and return it; an empty account takes a narrowed one away."""
        return self.transport.call("PUT", "/api/posting-rules", PostingRule, body=keyed(rule))

    def document_of_voucher(self, voucher_id: int) -> DocumentLink:
        """Return the document a voucher belongs to. Raises `NotFound` for one that people made."""
        return self.transport.call("GET", f"/api/vouchers/{voucher_id}/document", DocumentLink)
