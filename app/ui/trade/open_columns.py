"""The columns of open invoices, credits and advances."""

from __future__ import annotations

from app.ui.language import tr
from app.ui.trade.line_model import GridColumn
from app.ui.trade.payment_sheet import AMOUNT


def open_columns() -> list[GridColumn]:
    """Return the columns from left to right."""
    return [
        GridColumn("number", lambda: tr("单号"), "XF-202606-0001", stretch=2),
        GridColumn("date", lambda: tr("日期"), "2026-06-30"),
        GridColumn("due_date", lambda: tr("到期日"), "2026-06-30"),
        GridColumn("gross", lambda: tr("金额"), "9,999,999.99", is_figure=True),
        GridColumn("open", lambda: tr("未结清"), "9,999,999.99", is_figure=True),
        GridColumn(AMOUNT, lambda: tr("本次核销"), "9,999,999.99", is_figure=True),
    ]
