"""The reports of trade as the catalogue lists them."""

from __future__ import annotations

from app.kernel.text import message
from app.reports.report_kind import Column, ReportType
from app.reports.trade.ageing import ageing
from app.reports.trade.statement_of_account import statement_of_account

_ACCOUNT = (Column("account_code", message("科目编码")), Column("account_name", message("科目名称")))
_BY_DUE, _BY_AGE = message("按到期日"), message("按账龄")

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
)
