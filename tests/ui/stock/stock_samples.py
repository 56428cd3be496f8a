"""Items and documents the tests of stock's pages type with."""

from __future__ import annotations

from typing import Any

from app.client.api import ApiClient
from app.contract.inventory import Item, ItemInput, ItemUnit
from app.contract.stock import StockBalanceRow, StockDocument, StockDocumentInput, StockLineInput
from app.ui.stock.stock_line import ONE, ItemFacts


def paper(*, lots: bool = False) -> ItemFacts:
    """An item counted in 包, ten of which are a 箱."""
    factors = {"包": ONE, "箱": 10 * ONE}
    return ItemFacts(1, "A001", "打印纸", "A4 70克", "包", factors, tracks_lots=lots, tracks_expiry=lots)


def in_stock(item_id: int, quantity: str, lot: str = "") -> StockBalanceRow:
    """What a warehouse has of an item."""
    return StockBalanceRow(
        item_id=item_id,
        item_code=f"A00{item_id}",
        item_name="货",
        specification="",
        unit="包",
        warehouse="",
        lot=lot,
        expiry="",
        quantity=quantity,
        amount="",
        unit_cost="",
    )


def add_paper(api: ApiClient, code: str = "A001", name: str = "打印纸", **more: Any) -> Item:
    """Add an item of 包 and 箱 to a book."""
    box = ItemUnit(unit="箱", factor="10", barcode=f"69{code}")
    return api.add_item(ItemInput(code=code, name=name, unit="包", units=[box], **more))


def take_in(api: ApiClient, item: Item, quantity: str, amount: str, date: str = "2026-05-01") -> StockDocument:
    """Put something into stock on a day."""
    lines = [StockLineInput(item_id=item.id, quantity=quantity, amount=amount)]
    draft = api.add_stock_document(StockDocumentInput(kind="other_in", date=date, lines=lines))
    return api.finish_stock_document(draft.id, draft.version)
