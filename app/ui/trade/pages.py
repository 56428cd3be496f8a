"""The pages of sales and purchases as the window knows them; each is built when first shown."""

from __future__ import annotations

from app.ui.language import tr
from app.ui.navigation import (
    NewPurchase,
    NewSale,
    OpenCollection,
    OpenPayment,
    OpenPurchase,
    OpenPurchaseList,
    OpenSale,
    OpenSalesList,
)
from app.ui.page import Page, PageContext, PageEntry
from app.ui.page_groups import PURCHASES, SALES


def trade_pages() -> list[PageEntry]:
    """Return the pages of sales and purchases in the order of the navigation."""
    return [
        PageEntry(
            "sales",
            lambda: tr("销售单据"),
            "sales",
            _sales,
            SALES,
            accepts=(OpenSalesList,),
            permission="orders:sales:view",
        ),
        PageEntry(
            "sales-document",
            lambda: tr("销售开单"),
            "sales-new",
            _sales_document,
            SALES,
            accepts=(OpenSale, NewSale),
            permission="orders:sales:view",
        ),
        PageEntry(
            "collections",
            lambda: tr("收款单据"),
            "collections",
            _collections,
            SALES,
            accepts=(OpenCollection,),
            permission="orders:payment:view",
        ),
        PageEntry(
            "purchases",
            lambda: tr("采购单据"),
            "purchases",
            _purchases,
            PURCHASES,
            accepts=(OpenPurchaseList,),
            permission="orders:purchase:view",
        ),
        PageEntry(
            "purchase-document",
            lambda: tr("采购开单"),
            "purchases-new",
            _purchase_document,
            PURCHASES,
            accepts=(OpenPurchase, NewPurchase),
            permission="orders:purchase:view",
        ),
        PageEntry(
            "payments",
            lambda: tr("付款单据"),
            "payments",
            _payments,
            PURCHASES,
            accepts=(OpenPayment,),
            permission="orders:payment:view",
        ),
    ]


def _sales(context: PageContext) -> Page:
    from app.ui.trade.document_list_page import SalesPage

    return SalesPage(context)


def _sales_document(context: PageContext) -> Page:
    from app.ui.trade.document_page import SalesDocumentPage

    return SalesDocumentPage(context)


def _purchases(context: PageContext) -> Page:
    from app.ui.trade.document_list_page import PurchasesPage

    return PurchasesPage(context)


def _purchase_document(context: PageContext) -> Page:
    from app.ui.trade.document_page import PurchaseDocumentPage

    return PurchaseDocumentPage(context)


def _collections(context: PageContext) -> Page:
    from app.ui.trade.payments_page import CollectionsPage

    return CollectionsPage(context)


def _payments(context: PageContext) -> Page:
    from app.ui.trade.payments_page import PaymentsOutPage

    return PaymentsOutPage(context)
