"""The columns of a stock document's lines."""

from __future__ import annotations

from collections.abc import Callable

from app.contract.inventory import ItemQuery
from app.contract.stock import StockDocumentKind, StockLineInput
from app.ui.language import tr
from app.ui.stock.stock_line import Column
from app.ui.trade.line_model import GridColumn
from app.ui.widgets.limits import longest


def stock_columns(kind: Callable[[], StockDocumentKind]) -> list[GridColumn]:
    """Return all columns from left to right; in a count (`kind()`) the quantity is what was counted."""
    return [
        GridColumn(
            Column.ITEM, lambda: tr("商品"), "SP-00001", stretch=5, longest=longest(ItemQuery, "q"), looks_up=True
        ),
        GridColumn(Column.LOT, lambda: tr("批号"), "20260630-1", longest=longest(StockLineInput, "lot"), looks_up=True),
        GridColumn(Column.EXPIRY, lambda: tr("有效期至"), "2026-06-30 0", longest=12),
        GridColumn(Column.UNIT, lambda: tr("单位"), "公斤", longest=longest(StockLineInput, "unit"), looks_up=True),
        GridColumn(Column.BOOK, lambda: tr("账面数量"), "99,999.99", is_figure=True),
        GridColumn(
            Column.QUANTITY,
            lambda: tr("实盘数量") if kind() == "count" else tr("数量"),
            "99,999.99",
            is_figure=True,
        ),
        GridColumn(Column.DIFFERENCE, lambda: tr("盘盈盘亏"), "-9,999.99", is_figure=True),
        GridColumn(Column.PRICE, lambda: tr("单价"), "9,999.9999", is_figure=True),
        GridColumn(Column.AMOUNT, lambda: tr("金额"), "9,999,999.99", is_figure=True),
        GridColumn(Column.NOTE, lambda: tr("备注"), "", stretch=3, longest=longest(StockLineInput, "note")),
    ]
