"""The statements in the list of reports: their promised columns, and those of the book's own statements."""

from __future__ import annotations

from app.kernel.text import Message, message
from app.reports.report_kind import Column, ReportType
from app.reports.statements.fixed import own_columns, statement_report

_LINE_AND_NAME = (Column("line", message("行次"), "integer"), Column("name_zh", message("项目")))
_YTD_AND_MONTH = (
    Column("ytd", message("本年累计金额"), "amount"),
    Column("month", message("本月金额"), "amount"),
)


def _statement(name: str, title: Message, *columns: Column) -> ReportType:
    view = "reports:statement:view"
    return ReportType(name, title, view, statement_report(name), columns, is_statement=True)


STATEMENTS = (
    _statement(
        "balance-sheet",
        message("资产负债表"),
        *_LINE_AND_NAME,
        Column("closing", message("期末余额"), "amount"),
        Column("year_begin", message("年初余额"), "amount"),
    ),
    _statement("income-statement", message("利润表"), *_LINE_AND_NAME, *_YTD_AND_MONTH),
    _statement("cash-flow", message("现金流量表"), *_LINE_AND_NAME, *_YTD_AND_MONTH),
    _statement(
        "profit-appropriation",
        message("利润分配表"),
        *_LINE_AND_NAME,
        Column("current_year", message("本年金额"), "amount"),
    ),
    _statement(
        "net-worth",
        message("净资产表"),
        Column("item", message("项目")),
        Column("code", message("科目编码")),
        Column("amount", message("金额"), "amount"),
    ),
    _statement(
        "income-expense",
        message("收支表"),
        Column("kind", message("类别")),
        Column("code", message("科目编码")),
        Column("name_zh", message("科目名称")),
        Column("amount", message("金额"), "amount"),
    ),
)


def own_statement(name: str) -> ReportType | None:
    """Return a statement of the current book's own as a report; `None` where the book has none of this name."""
    found = own_columns(name)
    if found is None:
        return None
    title, columns = found
    amounts = tuple(Column(key, Message("{name}", {"name": text}), "amount") for key, text in columns)
    return _statement(name, Message("{name}", {"name": title}), *_LINE_AND_NAME, *amounts)
