"""The reports of stock as the catalogue lists them."""

from __future__ import annotations

from app.contract.stock_reports import StockCardQuery, StockQuery, StockSummaryQuery
from app.kernel.text import message
from app.reports.report_kind import Column, ReportType
from app.reports.trade.stock import stock, stock_card, stock_summary

_QUANTITY, _COST, _AMOUNT = message("数量"), message("单价"), message("金额")
_OPENING, _CAME, _WENT, _LEFT = message("期初结存"), message("本期入库"), message("本期出库"), message("期末结存")
_NOW = message("结存")
_CODE, _NAME = Column("code", message("商品编码")), Column("name", message("商品名称"))
_CATEGORY, _UNIT = Column("category", message("商品类别")), Column("unit", message("计量单位"))
_WAREHOUSE, _LOT = Column("warehouse", message("仓库")), Column("lot", message("批次"))

STOCK = (
    ReportType(
        "stock",
        message("库存余额表"),
        "reports:stock:view",
        stock,
        (
            *(_CODE, _NAME, Column("specification", message("规格型号")), _CATEGORY, _UNIT, _WAREHOUSE, _LOT),
            Column("expiry", message("有效期")),
            Column("quantity", _QUANTITY, "quantity"),
            Column("unit_cost", _COST, "price"),
            Column("amount", _AMOUNT, "amount"),
        ),
        query=StockQuery,
    ),
    ReportType(
        "stock-summary",
        message("收发存汇总表"),
        "reports:stock-summary:view",
        stock_summary,
        (
            *(_CODE, _NAME, _CATEGORY, _UNIT, _WAREHOUSE),
            Column("opening_quantity", message("期初数量"), "quantity", _OPENING, _QUANTITY),
            Column("opening_amount", message("期初金额"), "amount", _OPENING, _AMOUNT),
            Column("in_quantity", message("收入数量"), "quantity", _CAME, _QUANTITY),
            Column("in_amount", message("收入金额"), "amount", _CAME, _AMOUNT),
            Column("out_quantity", message("发出数量"), "quantity", _WENT, _QUANTITY),
            Column("out_amount", message("发出金额"), "amount", _WENT, _AMOUNT),
            Column("closing_quantity", message("结存数量"), "quantity", _LEFT, _QUANTITY),
            Column("closing_amount", message("结存金额"), "amount", _LEFT, _AMOUNT),
        ),
        query=StockSummaryQuery,
    ),
    ReportType(
        "stock-card",
        message("库存明细账"),
        "reports:stock-card:view",
        stock_card,
        (
            *(_CODE, _NAME, _UNIT),
            Column("date", message("日期")),
            Column("document", message("单据号")),
            Column("summary", message("摘要")),
            *(_WAREHOUSE, _LOT),
            Column("in_quantity", message("收入数量"), "quantity", _CAME, _QUANTITY),
            Column("in_unit_cost", message("收入单价"), "price", _CAME, _COST),
            Column("in_amount", message("收入金额"), "amount", _CAME, _AMOUNT),
            Column("out_quantity", message("发出数量"), "quantity", _WENT, _QUANTITY),
            Column("out_unit_cost", message("发出单价"), "price", _WENT, _COST),
            Column("out_amount", message("发出金额"), "amount", _WENT, _AMOUNT),
            Column("balance_quantity", message("结存数量"), "quantity", _NOW, _QUANTITY),
            Column("balance_unit_cost", message("结存单价"), "price", _NOW, _COST),
            Column("balance_amount", message("结存金额"), "amount", _NOW, _AMOUNT),
        ),
        query=StockCardQuery,
        book_keys=("code", "name", "unit"),
    ),
)
