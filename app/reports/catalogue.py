"""Which reports there are: names, titles, columns and functions. The one list for HTTP, command line and files."""

from __future__ import annotations

from collections.abc import Mapping

from app.contract.reports import (
    AuxiliaryQuery,
    PagedReportQuery,
    TrialBalanceQuery,
    VoucherSummaryQuery,
)
from app.kernel.errors import NotFound
from app.kernel.text import message
from app.reports import auxiliary_balance, journal, running
from app.reports.asset_tables import asset_register, depreciation
from app.reports.auxiliary_ledger import auxiliary_ledger
from app.reports.balance_check import trial_balance_check
from app.reports.general_ledger import general_ledger
from app.reports.multi_column import multi_column
from app.reports.quantity import quantity_ledger
from app.reports.quantity_entries import quantity_entries
from app.reports.report_kind import Column, ColumnKind, ReportType
from app.reports.statements.reports import STATEMENTS, own_statement
from app.reports.subsidiary_ledger import cash_journal, subsidiary_ledger
from app.reports.trade.types import TRADE
from app.reports.trial_balance import trial_balance
from app.reports.voucher_summary import voucher_summary

__all__ = ["REPORTS", "Column", "ColumnKind", "ReportType", "own_statement", "report_type"]

_ACCOUNT = (Column("account_code", message("科目编码")), Column("account_name", message("科目名称")))
_OPENING = (
    Column("opening_debit", message("期初借方"), "amount", message("期初余额"), message("借方")),
    Column("opening_credit", message("期初贷方"), "amount", message("期初余额"), message("贷方")),
)
_PERIOD = (
    Column("period_debit", message("本期借方"), "amount", message("本期发生额"), message("借方")),
    Column("period_credit", message("本期贷方"), "amount", message("本期发生额"), message("贷方")),
)
_YEAR = (
    Column("ytd_debit", message("本年累计借方"), "amount", message("本年累计"), message("借方")),
    Column("ytd_credit", message("本年累计贷方"), "amount", message("本年累计"), message("贷方")),
)
_CLOSING = (
    Column("closing_debit", message("期末借方"), "amount", message("期末余额"), message("借方")),
    Column("closing_credit", message("期末贷方"), "amount", message("期末余额"), message("贷方")),
)
YEAR_BEGIN = (
    Column("year_begin_debit", message("年初借方"), "amount", message("年初余额"), message("借方")),
    Column("year_begin_credit", message("年初贷方"), "amount", message("年初余额"), message("贷方")),
)
_SIDES = (Column("debit", message("借方"), "amount"), Column("credit", message("贷方"), "amount"))
_BALANCE = (Column("direction", message("方向")), Column("balance", message("余额"), "amount"))
_SUMMARY = Column("summary", message("摘要"))
_CONTRA = Column("contra_accounts", message("对方科目"))
_AUX = Column("aux", message("辅助核算"))
_BOOK_OF_ACCOUNT = ("account_code", "account_name")
_DATE_AND_VOUCHER = (Column("date", message("日期")), Column("voucher", message("凭证字号")))

_ALL = (
    ReportType(
        "trial-balance",
        message("科目余额表"),
        "reports:trial-balance:view",
        trial_balance,
        (
            Column("code", message("科目编码")),
            Column("name_zh", message("科目名称")),
            Column("source_name", message("来源名称")),
            Column("level", message("级次"), "integer"),
            *_OPENING,
            *_PERIOD,
            *_YEAR,
            *_CLOSING,
        ),
        query=TrialBalanceQuery,
        unprinted=frozenset({"source_name", "level"}),
    ),
    ReportType(
        "journal",
        message("序时账"),
        "reports:journal:view",
        journal.journal,
        (
            *_DATE_AND_VOUCHER,
            Column("line", message("行号"), "integer"),
            _SUMMARY,
            *_ACCOUNT,
            _AUX,
            *_SIDES,
            Column("maker", message("制单人")),
            Column("reviewer", message("审核人")),
            Column("poster", message("记账人")),
        ),
        journal.POSITION_TYPES,
        PagedReportQuery,
    ),
    ReportType(
        "general-ledger",
        message("总账"),
        "reports:general-ledger:view",
        general_ledger,
        (*_ACCOUNT, Column("period", message("期间")), _SUMMARY, *_SIDES, *_BALANCE),
        book_keys=_BOOK_OF_ACCOUNT,
        portrait=True,
    ),
    ReportType(
        "subsidiary-ledger",
        message("明细账"),
        "reports:subsidiary-ledger:view",
        subsidiary_ledger,
        (*_ACCOUNT, *_DATE_AND_VOUCHER, _SUMMARY, _CONTRA, *_SIDES, *_BALANCE),
        running.POSITION_TYPES,
        PagedReportQuery,
        book_keys=_BOOK_OF_ACCOUNT,
        running=True,
        portrait=True,
    ),
    ReportType(
        "auxiliary-balance",
        message("辅助核算余额表"),
        "reports:auxiliary-balance:view",
        auxiliary_balance.auxiliary_balance,
        (_ACCOUNT[0], _AUX, *_OPENING, *_PERIOD, *_CLOSING),
        auxiliary_balance.POSITION_TYPES,
        AuxiliaryQuery,
    ),
    ReportType(
        "quantity",
        message("数量金额总账"),
        "reports:quantity:view",
        quantity_ledger,
        (
            _ACCOUNT[0],
            Column("name_zh", message("科目名称")),
            Column("opening_qty", message("期初数量"), "quantity", message("期初结存"), message("数量")),
            Column("opening_amount", message("期初金额"), "amount", message("期初结存"), message("金额")),
            Column("in_qty", message("收入数量"), "quantity", message("收入"), message("数量")),
            Column("in_amount", message("收入金额"), "amount", message("收入"), message("金额")),
            Column("out_qty", message("发出数量"), "quantity", message("发出"), message("数量")),
            Column("out_amount", message("发出金额"), "amount", message("发出"), message("金额")),
            Column("closing_qty", message("结存数量"), "quantity", message("期末结存"), message("数量")),
            Column("closing_amount", message("结存金额"), "amount", message("期末结存"), message("金额")),
        ),
    ),
)

_IN = message("收入")
_OUT = message("发出")
_LEFT = message("结存")
_QUANTITY, _PRICE, _AMOUNT = message("数量"), message("单价"), message("金额")

_MORE = (
    ReportType(
        "cash-journal",
        message("日记账"),
        "reports:cash-journal:view",
        cash_journal,
        (
            *_ACCOUNT,
            *_DATE_AND_VOUCHER,
            _SUMMARY,
            _CONTRA,
            Column("debit", message("收入（借方）"), "amount"),
            Column("credit", message("支出（贷方）"), "amount"),
            *_BALANCE,
        ),
        running.POSITION_TYPES,
        PagedReportQuery,
        book_keys=_BOOK_OF_ACCOUNT,
        running=True,
        portrait=True,
    ),
    ReportType(
        "multi-column",
        message("多栏账"),
        "reports:multi-column:view",
        multi_column,
        (*_ACCOUNT, *_DATE_AND_VOUCHER, _SUMMARY, *_SIDES, *_BALANCE),
        running.POSITION_TYPES,
        PagedReportQuery,
        book_keys=_BOOK_OF_ACCOUNT,
        running=True,
        has_analysis=True,
    ),
    ReportType(
        "quantity-ledger",
        message("数量金额明细账"),
        "reports:quantity-ledger:view",
        quantity_entries,
        (
            *_ACCOUNT,
            Column("unit", message("计量单位")),
            *_DATE_AND_VOUCHER,
            _SUMMARY,
            Column("in_quantity", message("收入数量"), "quantity", _IN, _QUANTITY),
            Column("in_unit_price", message("收入单价"), "price", _IN, _PRICE),
            Column("in_amount", message("收入金额"), "amount", _IN, _AMOUNT),
            Column("out_quantity", message("发出数量"), "quantity", _OUT, _QUANTITY),
            Column("out_unit_price", message("发出单价"), "price", _OUT, _PRICE),
            Column("out_amount", message("发出金额"), "amount", _OUT, _AMOUNT),
            Column("direction", message("方向"), "text", _LEFT),
            Column("balance_quantity", message("结存数量"), "quantity", _LEFT, _QUANTITY),
            Column("balance_unit_price", message("结存单价"), "price", _LEFT, _PRICE),
            Column("balance_amount", message("结存金额"), "amount", _LEFT, _AMOUNT),
        ),
        running.POSITION_TYPES,
        PagedReportQuery,
        book_keys=(*_BOOK_OF_ACCOUNT, "unit"),
        running=True,
    ),
    ReportType(
        "auxiliary-ledger",
        message("辅助明细账"),
        "reports:auxiliary-ledger:view",
        auxiliary_ledger,
        (*_ACCOUNT, _AUX, *_DATE_AND_VOUCHER, _SUMMARY, _CONTRA, *_SIDES, *_BALANCE),
        running.POSITION_TYPES,
        AuxiliaryQuery,
        book_keys=(*_BOOK_OF_ACCOUNT, "aux"),
        running=True,
        portrait=True,
    ),
    ReportType(
        "voucher-summary",
        message("凭证汇总表"),
        "reports:voucher-summary:view",
        voucher_summary,
        (
            _ACCOUNT[0],
            Column("name_zh", message("科目名称")),
            Column("level", message("级次"), "integer"),
            Column("debit", message("借方合计"), "amount"),
            Column("credit", message("贷方合计"), "amount"),
        ),
        query=VoucherSummaryQuery,
        portrait=True,
        unprinted=frozenset({"level"}),
    ),
    ReportType(
        "trial-balance-check",
        message("试算平衡表"),
        "reports:trial-balance-check:view",
        trial_balance_check,
        (
            Column("item", message("代号")),
            Column("name_zh", message("项目")),
            *_SIDES,
            Column("difference", message("差额"), "amount"),
        ),
        portrait=True,
        unprinted=frozenset({"item"}),
    ),
)

_CARD = (
    Column("code", message("编号")),
    Column("name", message("名称")),
    Column("kind", message("类别")),
    Column("category", message("分类")),
)
_LIFE = Column("life_months", message("使用月数"), "integer")
_METHOD = Column("method", message("计提方法"))
_VALUES = (
    Column("original_value", message("原值"), "amount"),
    Column("residual_value", message("残值"), "amount"),
)
_CARRYING = Column("carrying", message("账面价值"), "amount")

_ASSETS = (
    ReportType(
        "asset-register",
        message("固定资产台账"),
        "reports:asset-register:view",
        asset_register,
        (
            *_CARD,
            Column("specification", message("规格型号")),
            Column("location", message("存放地点")),
            Column("quantity", message("数量"), "quantity"),
            Column("unit", message("计量单位")),
            Column("user", message("使用部门")),
            Column("in_use_on", message("启用日期")),
            _LIFE,
            _METHOD,
            *_VALUES,
            Column("accumulated", message("累计计提"), "amount"),
            _CARRYING,
        ),
    ),
    ReportType(
        "depreciation",
        message("折旧计算表"),
        "reports:depreciation:view",
        depreciation,
        (
            *_CARD,
            _LIFE,
            Column("months_charged", message("已提月数"), "integer"),
            _METHOD,
            Column("expense_account_code", message("费用科目")),
            Column("expense_aux", message("辅助核算")),
            *_VALUES,
            Column("opening_accumulated", message("期初累计"), "amount"),
            Column("charged", message("本期已提"), "amount"),
            Column("due", message("本期未提"), "amount"),
            Column("closing_accumulated", message("期末累计"), "amount"),
            _CARRYING,
        ),
    ),
)

REPORTS: Mapping[str, ReportType] = {report.name: report for report in (*_ALL, *_MORE, *STATEMENTS, *_ASSETS, *TRADE)}


def report_type(name: str) -> ReportType:
    """Return a report by its name. Raises `NotFound` with the names there are."""
    found = REPORTS.get(name)
    if found is None:
        raise NotFound(
            "report_unknown", message("没有报表“{name}”，有的是：{names}。", name=name, names="、".join(REPORTS))
        )
    return found
