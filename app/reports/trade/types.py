"""The reports of trade as the catalogue lists them."""

from __future__ import annotations

from app.contract.trade_reports import TurnoverQuery
from app.kernel.text import message
from app.reports.report_kind import Column, ReportType
from app.reports.trade.ageing import ageing
from app.reports.trade.open_orders import open_orders
from app.reports.trade.statement_of_account import statement_of_account
from app.reports.trade.stock_types import STOCK
from app.reports.trade.turnover import purchases, sales

_ACCOUNT = (Column("account_code", message("科目编码")), Column("account_name", message("科目名称")))
_BY_DUE, _BY_AGE = message("按到期日"), message("按账龄")

_TURNOVER = (
    Column("code", message("编码")),
    Column("name", message("名称")),
    Column("unit", message("计量单位")),
    Column("quantity", message("数量"), "quantity"),
    Column("net", message("不含税金额"), "amount"),
    Column("tax", message("税额"), "amount"),
    Column("gross", message("价税合计"), "amount"),
)

TRADE = (
    ReportType(
        "ageing",
        message("账龄分析表"),
        "reports:ageing:view",
        ageing,
        (
            *_ACCOUNT,
            Column("aux", message("往来单位")),
            Column("balance", message("余额"), "amount"),
            Column("not_due", message("未到期"), "amount", _BY_DUE),
            Column("overdue_1_30", message("逾期1–30天"), "amount", _BY_DUE),
            Column("overdue_31_60", message("逾期31–60天"), "amount", _BY_DUE),
            Column("overdue_61_90", message("逾期61–90天"), "amount", _BY_DUE),
            Column("overdue_over_90", message("逾期90天以上"), "amount", _BY_DUE),
            Column("within_1_year", message("1年以内"), "amount", _BY_AGE),
            Column("years_1_2", message("1至2年"), "amount", _BY_AGE),
            Column("years_2_3", message("2至3年"), "amount", _BY_AGE),
            Column("over_3_years", message("3年以上"), "amount", _BY_AGE),
        ),
    ),
    ReportType(
        "statement-of-account",
        message("对账单"),
        "reports:statement-of-account:view",
        statement_of_account,
        (
            Column("date", message("日期")),
            Column("voucher", message("凭证字号")),
            Column("document", message("单据号")),
            Column("summary", message("摘要")),
            *_ACCOUNT,
            Column("debit", message("借方"), "amount"),
            Column("credit", message("贷方"), "amount"),
            Column("direction", message("方向")),
            Column("balance", message("余额"), "amount"),
            Column("due_date", message("到期日")),
            Column("open", message("未结金额"), "amount"),
        ),
        unprinted=frozenset({"account_name"}),
    ),
    ReportType(
        "sales",
        message("销售统计表"),
        "reports:sales:view",
        sales,
        (
            *_TURNOVER,
            Column("cost", message("销售成本"), "amount"),
            Column("margin", message("毛利"), "amount"),
            Column("margin_percent", message("毛利率%"), "price"),
        ),
        query=TurnoverQuery,
    ),
    ReportType(
        "purchases",
        message("采购统计表"),
        "reports:purchases:view",
        purchases,
        _TURNOVER,
        query=TurnoverQuery,
    ),
    ReportType(
        "open-orders",
        message("未完成订单表"),
        "reports:open-orders:view",
        open_orders,
        (
            Column("side", message("购销")),
            Column("order_number", message("订单号")),
            Column("date", message("日期")),
            Column("due_date", message("交货日期")),
            Column("contact", message("往来单位")),
            Column("item_code", message("商品编码")),
            Column("description", message("品名")),
            Column("unit", message("计量单位")),
            Column("ordered", message("订购数量"), "quantity"),
            Column("moved", message("已收发"), "quantity"),
            Column("invoiced", message("已开票"), "quantity"),
            Column("rest", message("未完成"), "quantity"),
            Column("value", message("未完成金额"), "amount"),
        ),
    ),
    *STOCK,
)
