"""Words the pages of sales and purchases share, in the window's language."""

from __future__ import annotations

from app.ui.language import tr

FOLLOWERS: dict[str, tuple[str, ...]] = {
    "quotation": ("sales_order",),
    "sales_order": ("delivery", "sales_invoice"),
    "delivery": ("sales_invoice", "sales_return"),
    "sales_invoice": ("delivery", "sales_credit"),
    "sales_return": ("sales_credit",),
    "purchase_order": ("goods_receipt", "purchase_invoice"),
    "goods_receipt": ("purchase_invoice", "purchase_return"),
    "purchase_invoice": ("goods_receipt", "purchase_credit"),
    "purchase_return": ("purchase_credit",),
}
"""Which documents carry out or take back one of a kind."""
ORDERS = frozenset({"quotation", "sales_order", "purchase_order"})
"""Kinds that become open and are closed, instead of being done at once."""
INVOICES = frozenset({"sales_invoice", "sales_credit", "purchase_invoice", "purchase_credit"})
OWED = frozenset({"sales_invoice", "purchase_invoice"})
"""Kinds that money is collected or paid for; credits are set off."""
MOVING = frozenset({"delivery", "sales_return", "goods_receipt", "purchase_return"})
"""Kinds that move stock."""


def kind_name(kind: str) -> str:
    """Return the name of a kind of document or payment."""
    names = {
        "quotation": tr("报价单"),
        "sales_order": tr("销售订单"),
        "delivery": tr("出库单"),
        "sales_invoice": tr("销售发票"),
        "sales_return": tr("销售退货单"),
        "sales_credit": tr("红字销售发票"),
        "purchase_order": tr("采购订单"),
        "goods_receipt": tr("入库单"),
        "purchase_invoice": tr("采购发票"),
        "purchase_return": tr("采购退货单"),
        "purchase_credit": tr("红字采购发票"),
        "collection": tr("收款单"),
        "payment": tr("付款单"),
        "settlement": tr("核销单"),
    }
    return names.get(kind, kind)


def fulfilled_word(kind: str) -> str:
    """Return the short word for what a later document of a kind did to a line."""
    words = {
        "sales_order": tr("已订"),
        "delivery": tr("已出"),
        "goods_receipt": tr("已入"),
        "sales_invoice": tr("已开票"),
        "purchase_invoice": tr("已收票"),
        "sales_return": tr("已退"),
        "purchase_return": tr("已退"),
        "sales_credit": tr("已冲"),
        "purchase_credit": tr("已冲"),
    }
    return words.get(kind, kind)


def state_name(state: str, kind: str = "") -> str:
    """Return the name of a document's or payment's state; an order that is done was carried out wholly."""
    if state == "done" and kind in ORDERS:
        return tr("已执行完")
    names = {
        "draft": tr("草稿"),
        "open": tr("执行中"),
        "done": tr("已完成"),
        "closed": tr("已关闭"),
        "cancelled": tr("已作废"),
    }
    return names.get(state, state)


def finish_name(kind: str) -> str:
    """Return what finishing a document of a kind is called."""
    names = {
        "quotation": tr("报价生效"),
        "sales_order": tr("订单生效"),
        "purchase_order": tr("订单生效"),
        "delivery": tr("出库"),
        "goods_receipt": tr("入库"),
        "sales_invoice": tr("开票"),
        "purchase_invoice": tr("收票"),
        "sales_return": tr("退货入库"),
        "purchase_return": tr("退货出库"),
        "sales_credit": tr("冲红"),
        "purchase_credit": tr("冲红"),
    }
    return names.get(kind, tr("完成"))


def finish_both_name(kind: str) -> str:
    """Return what finishing a document together with its follower is called; empty where that is not offered."""
    names = {
        "delivery": tr("出库并开票"),
        "sales_invoice": tr("开票并出库"),
        "goods_receipt": tr("入库并收票"),
        "purchase_invoice": tr("收票并入库"),
    }
    return names.get(kind, "")


def contact_word(side: str) -> str:
    """Return what the other side is called."""
    return tr("客户") if side == "sales" else tr("供应商")


def within(name: str) -> str:
    """Return a name as it stands within a sentence: without the capital letter English begins titles with."""
    return name[:1].lower() + name[1:]


def plain(text: str) -> str:
    """Write a decimal text of the server without needless zeros: `12.50000000` is `12.5`."""
    return text.rstrip("0").rstrip(".") if "." in text else text
