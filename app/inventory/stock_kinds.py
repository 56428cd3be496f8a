"""What each kind of stock document is: its name, the letters its numbers begin with, and the sense of its lines."""

from __future__ import annotations

from typing import Literal, NamedTuple

from app.contract.stock import StockDocumentKind
from app.kernel.text import Message, message

Sense = Literal["in", "out", "move", "count", "both"]


class StockKind(NamedTuple):
    """A kind of stock document."""

    name: Message
    prefix: str
    sense: Sense


STOCK_KINDS: dict[StockDocumentKind, StockKind] = {
    "opening": StockKind(message("期初库存"), "QK", "in"),
    "transfer": StockKind(message("调拨"), "DB", "move"),
    "count": StockKind(message("盘点"), "PD", "count"),
    "assembly": StockKind(message("组装"), "ZZ", "both"),
    "other_in": StockKind(message("其他入库"), "QR", "in"),
    "other_out": StockKind(message("其他出库"), "QC", "out"),
}
