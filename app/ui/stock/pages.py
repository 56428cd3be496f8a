"""The pages of stock as the window knows them; each is built when first shown."""

from __future__ import annotations

from app.ui.language import tr
from app.ui.navigation import NewStockDocument, OpenStockCard, OpenStockDocument, OpenStockDocuments
from app.ui.page import Page, PageContext, PageEntry
from app.ui.page_groups import BASICS, STOCK


def stock_pages() -> list[PageEntry]:
    """Return the pages of stock in the order of the navigation."""
    return [
        PageEntry("stock", lambda: tr("库存余额"), "stock", _stock, STOCK, permission="inventory:stock:view"),
        PageEntry(
            "stock-card",
            lambda: tr("库存明细账"),
            "stock-card",
            _card,
            STOCK,
            accepts=(OpenStockCard,),
            permission="inventory:stock:view",
        ),
        PageEntry(
            "stock-documents",
            lambda: tr("库存单据"),
            "stock-documents",
            _documents,
            STOCK,
            accepts=(OpenStockDocuments,),
            permission="inventory:document:view",
        ),
        PageEntry(
            "stock-document",
            lambda: tr("库存单据录入"),
            "stock-document",
            _document,
            STOCK,
            accepts=(OpenStockDocument, NewStockDocument),
            permission="inventory:document:view",
        ),
        PageEntry(
            "posting-rules",
            lambda: tr("入账规则"),
            "posting-rules",
            _rules,
            BASICS,
            permission="inventory:rule:view",
        ),
    ]


def _stock(context: PageContext) -> Page:
    from app.ui.stock.stock_page import StockPage

    return StockPage(context)


def _card(context: PageContext) -> Page:
    from app.ui.stock.stock_card_page import StockCardPage

    return StockCardPage(context)


def _documents(context: PageContext) -> Page:
    from app.ui.stock.stock_documents_page import StockDocumentsPage

    return StockDocumentsPage(context)


def _document(context: PageContext) -> Page:
    from app.ui.stock.stock_entry_page import StockEntryPage

    return StockEntryPage(context)


def _rules(context: PageContext) -> Page:
    from app.ui.stock.posting_rules_page import PostingRulesPage

    return PostingRulesPage(context)
