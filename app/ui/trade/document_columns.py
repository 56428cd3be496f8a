"""The columns of a document's lines."""

from __future__ import annotations

from app.contract.orders import DocumentLineInput
from app.ui.language import tr
from app.ui.trade import document_line as cell
from app.ui.trade.line_model import GridColumn
from app.ui.widgets.limits import longest


def document_columns() -> list[GridColumn]:
    """Return all columns from left to right; the form shows those the document has use for."""
    return [
        GridColumn(cell.ITEM, lambda: tr("商品编码"), "SP-00001", stretch=2, longest=100, looks_up=True),
        GridColumn(
            cell.DESCRIPTION,
            lambda: tr("品名规格"),
            "",
            stretch=5,
            longest=longest(DocumentLineInput, "description"),
        ),
        GridColumn(cell.WAREHOUSE, lambda: tr("仓库"), "成品仓库", longest=100, looks_up=True),
        GridColumn(
            cell.LOT, lambda: tr("批号"), "20260630-1", longest=longest(DocumentLineInput, "lot"), looks_up=True
        ),
        GridColumn(cell.EXPIRY, lambda: tr("有效期至"), "2026-06-30", longest=12),
        GridColumn(cell.UNIT, lambda: tr("单位"), "公斤", longest=longest(DocumentLineInput, "unit")),
        GridColumn(cell.QUANTITY, lambda: tr("数量"), "9,999.9", is_figure=True),
        GridColumn(cell.PRICE, lambda: tr("单价"), "9,999.99", is_figure=True),
        GridColumn(cell.DISCOUNT, lambda: tr("折扣%"), "12.5", is_figure=True),
        GridColumn(cell.TAX_RATE, lambda: tr("税率%"), "13", is_figure=True),
        GridColumn(cell.NET, lambda: tr("不含税金额"), "9,999,999.9", is_figure=True),
        GridColumn(cell.TAX, lambda: tr("税额"), "999,999.999", is_figure=True),
        GridColumn(cell.GROSS, lambda: tr("价税合计"), "9,999,999.9", is_figure=True),
        GridColumn(cell.COST, lambda: tr("成本"), "99,999.99", is_figure=True),
        GridColumn(cell.SOURCE, lambda: tr("来源单据"), "XD-202606-001"),
        GridColumn(cell.FULFILLED, lambda: tr("执行情况"), "", stretch=3),
    ]
