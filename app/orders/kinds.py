"""What each kind of document is: its side, its number, what it does to the lines it carries out, and to stock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.contract.orders import DocumentKind, Side
from app.kernel.text import Message, message

SALES: Final = "sales"
PURCHASE: Final = "purchase"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document.

    `effect` is the column it adds to on its source lines and theirs; `stock` is +1 where goods come in and -1 where
    they go out; `money` is +1 for an invoice, -1 for a credit; `sources` are the kinds it can carry out.
    """

    code: DocumentKind
    name: Message
    side: Side
    prefix: str
    effect: str = ""
    stock: int = 0
    money: int = 0
    sources: tuple[str, ...] = ()

    @property
    def is_promise(self) -> bool:
        """Tell whether it stays open until later documents carry it out: quotations and orders."""
        return self.code in PROMISES


PROMISES = frozenset({"quotation", "sales_order", "purchase_order"})

KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("quotation", message("报价单"), SALES, "BJ"),
        Kind("sales_order", message("销售订单"), SALES, "XS", "ordered", sources=("quotation",)),
        Kind("delivery", message("出库单"), SALES, "CK", "moved", stock=-1, sources=("sales_order", "sales_invoice")),
        Kind("sales_return", message("销售退货单"), SALES, "XT", "returned", stock=1, sources=("delivery",)),
        Kind(
            "sales_invoice", message("销售发票"), SALES, "XF", "invoiced", money=1, sources=("sales_order", "delivery")
        ),
        Kind(
            "sales_credit",
            message("红字销售发票"),
            SALES,
            "XH",
            "credited",
            money=-1,
            sources=("sales_invoice", "sales_return"),
        ),
        Kind("purchase_order", message("采购订单"), PURCHASE, "CG"),
        Kind(
            "goods_receipt",
            message("入库单"),
            PURCHASE,
            "RK",
            "moved",
            stock=1,
            sources=("purchase_order", "purchase_invoice"),
        ),
        Kind(
            "purchase_return", message("采购退货单"), PURCHASE, "CT", "returned", stock=-1, sources=("goods_receipt",)
        ),
        Kind(
            "purchase_invoice",
            message("采购发票"),
            PURCHASE,
            "CF",
            "invoiced",
            money=1,
            sources=("purchase_order", "goods_receipt"),
        ),
        Kind(
            "purchase_credit",
            message("红字采购发票"),
            PURCHASE,
            "CH",
            "credited",
            money=-1,
            sources=("purchase_invoice", "purchase_return"),
        ),
    )
}

EFFECTS = ("ordered", "moved", "invoiced", "returned", "credited")


def kinds_of(side: str) -> list[str]:
    """Return the kinds of a side; of both sides for the empty text."""
    return [kind.code for kind in KINDS.values() if side in {"", kind.side}]


def kind_of_effect(side: str, effect: str) -> DocumentKind | None:
    """Return the kind that has this effect on a line of a side, `None` where there is none."""
    return next((kind.code for kind in KINDS.values() if kind.side == side and kind.effect == effect), None)
