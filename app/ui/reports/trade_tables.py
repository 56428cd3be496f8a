"""The columns of the books of trade, and where their rows lead."""

from __future__ import annotations

from app.ui.language import tr
from app.ui.navigation import OpenBook, Target, document_target
from app.ui.reports.book_columns import Columns, Row, amount_column, text_column
from app.ui.widgets.paged_table import Kind


def ageing_columns() -> Columns:
    """Return the columns of the ageing analysis."""
    return (
        text_column("account_code", lambda: tr("科目编码"), 7),
        text_column("aux", lambda: tr("往来单位"), 18),
        amount_column("balance", lambda: tr("余额"), 12),
        amount_column("not_due", lambda: tr("未到期")),
        amount_column("overdue_1_30", lambda: tr("逾期1–30天"), 11),
        amount_column("overdue_31_60", lambda: tr("逾期31–60天"), 11),
        amount_column("overdue_61_90", lambda: tr("逾期61–90天"), 11),
        amount_column("overdue_over_90", lambda: tr("逾期90天以上"), 12),
        amount_column("within_1_year", lambda: tr("1年以内")),
        amount_column("years_1_2", lambda: tr("1至2年")),
        amount_column("years_2_3", lambda: tr("2至3年")),
        amount_column("over_3_years", lambda: tr("3年以上")),
    )


def statement_columns() -> Columns:
    """Return the columns of a statement of account."""
    return (
        text_column("date", lambda: tr("日期"), 10, Kind.CENTRE),
        text_column("voucher", lambda: tr("凭证字号"), 7),
        text_column("document", lambda: tr("单据号"), 13),
        text_column("summary", lambda: tr("摘要"), 16),
        text_column("account_name", lambda: tr("科目名称"), 9),
        amount_column("debit", lambda: tr("借方")),
        amount_column("credit", lambda: tr("贷方")),
        text_column("direction", lambda: tr("方向"), 4, Kind.CENTRE),
        amount_column("balance", lambda: tr("余额")),
        text_column("due_date", lambda: tr("到期日"), 10, Kind.CENTRE),
        amount_column("open", lambda: tr("未结金额")),
    )


def sales_columns() -> Columns:
    """Return the columns of sales by item, contact or month."""
    return (
        *purchases_columns(),
        amount_column("cost", lambda: tr("销售成本"), 12),
        amount_column("margin", lambda: tr("毛利"), 12),
        amount_column("margin_percent", lambda: tr("毛利率%"), 8),
    )


def purchases_columns() -> Columns:
    """Return the columns of purchases by item, contact or month."""
    return (
        text_column("code", lambda: tr("编码"), 12),
        text_column("name", lambda: tr("名称"), 20),
        text_column("unit", lambda: tr("计量单位"), 6, Kind.CENTRE),
        amount_column("quantity", lambda: tr("数量")),
        amount_column("net", lambda: tr("不含税金额"), 13),
        amount_column("tax", lambda: tr("税额"), 11),
        amount_column("gross", lambda: tr("价税合计"), 13),
    )


def open_orders_columns() -> Columns:
    """Return the columns of orders that wait."""
    return (
        text_column("order_number", lambda: tr("订单号"), 14),
        text_column("date", lambda: tr("日期"), 10, Kind.CENTRE),
        text_column("due_date", lambda: tr("交货日期"), 10, Kind.CENTRE),
        text_column("contact", lambda: tr("往来单位"), 14),
        text_column("item_code", lambda: tr("商品编码"), 8),
        text_column("description", lambda: tr("品名"), 14),
        text_column("unit", lambda: tr("计量单位"), 6, Kind.CENTRE),
        amount_column("ordered", lambda: tr("订购数量")),
        amount_column("moved", lambda: tr("已收发")),
        amount_column("invoiced", lambda: tr("已开票")),
        amount_column("rest", lambda: tr("未完成")),
        amount_column("value", lambda: tr("未完成金额"), 13),
    )


def trade_target(name: str, row: Row, first: str, last: str, *, include_unposted: bool) -> Target | None:
    """Return where a row leads: an order that waits, or the statement of the contact whose ages it shows."""
    if name == "open-orders":
        kind = "sales_order" if row["side"] == "销售" else "purchase_order"
        return document_target(kind, int(row["document_id"]))
    return OpenBook("statement-of-account", first, last, "", str(row["aux"]), include_unposted=include_unposted)
