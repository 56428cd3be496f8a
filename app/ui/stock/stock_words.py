"""Names of stock documents, their states and kinds, in the window's language."""

from __future__ import annotations

from app.contract.stock import StockDocumentHead, StockDocumentKind, StockDocumentState
from app.ui.language import tr

KINDS: tuple[StockDocumentKind, ...] = ("opening", "other_in", "other_out", "transfer", "count", "assembly")
STATES: tuple[StockDocumentState, ...] = ("draft", "done", "cancelled")


def kind_hint(kind: str) -> str:
    """Return what one has to know to type a document of a kind; empty where it goes without saying."""
    hints = {
        "opening": tr("期初库存不生成凭证：请在“期初余额”里把存货科目录成同样的金额。"),
        "assembly": tr("成品填正数，用掉的零件填负数；零件的成本转给成品。"),
    }
    return hints.get(kind, "")


def kind_name(kind: str) -> str:
    """Return what a document of this kind is called; those of trade stand on the stock card, too."""
    names = {
        "opening": tr("期初库存单"),
        "other_in": tr("其他入库单"),
        "other_out": tr("其他出库单"),
        "transfer": tr("调拨单"),
        "count": tr("盘点单"),
        "assembly": tr("组装单"),
        "delivery": tr("出库单"),
        "sales_return": tr("销售退货单"),
        "sales_invoice": tr("销售发票"),
        "sales_credit": tr("红字销售发票"),
        "goods_receipt": tr("入库单"),
        "purchase_return": tr("采购退货单"),
        "purchase_invoice": tr("采购发票"),
        "purchase_credit": tr("红字采购发票"),
        "stock_recost": tr("成本调整"),
        "month_costing": tr("月末结转成本"),
    }
    return names.get(kind, kind)


def state_name(state: str) -> str:
    """Return the name of a document's state."""
    names = {"draft": tr("草稿"), "done": tr("已完成"), "cancelled": tr("已冲销")}
    return names.get(state, state)


def document_name(document: StockDocumentHead) -> str:
    """Return how people call a document: its kind and number."""
    return f"{kind_name(document.kind)} {document.number}".strip()
