"""Which reports there are: names, titles, columns and functions. The one list for HTTP, command line and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from app.identity.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.text import Message, message
from app.reports import journal, subsidiary_ledger
from app.reports.auxiliary_balance import auxiliary_balance
from app.reports.general_ledger import general_ledger
from app.reports.quantity import quantity_ledger
from app.reports.request import Report, ReportRequest
from app.reports.trial_balance import trial_balance

ColumnKind = Literal["text", "integer", "amount", "quantity"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in rows and CSV (a promise to other programs), what people read above it, and what it holds."""

    key: str
    title: Message
    kind: ColumnKind = "text"


@dataclass(frozen=True, slots=True)
class ReportType:
    """A report the program makes. `position_types` are the types of a page's position, for reports that have pages."""

    name: str
    title: Message
    permission: str
    run: Callable[[Actor, ReportRequest], Report]
    columns: tuple[Column, ...]
    position_types: tuple[type, ...] = ()

    @property
    def is_paged(self) -> bool:
        """Tell whether the report lists entries and so goes over the wire in pages."""
        return bool(self.position_types)


_ACCOUNT = (Column("account_code", message("科目编码")), Column("account_name", message("科目名称")))
_OPENING = (
    Column("opening_debit", message("期初借方"), "amount"),
    Column("opening_credit", message("期初贷方"), "amount"),
)
_PERIOD = (
    Column("period_debit", message("本期借方"), "amount"),
    Column("period_credit", message("本期贷方"), "amount"),
)
_YEAR = (
    Column("ytd_debit", message("本年累计借方"), "amount"),
    Column("ytd_credit", message("本年累计贷方"), "amount"),
)
_CLOSING = (
    Column("closing_debit", message("期末借方"), "amount"),
    Column("closing_credit", message("期末贷方"), "amount"),
)
_SIDES = (Column("debit", message("借方"), "amount"), Column("credit", message("贷方"), "amount"))
_BALANCE = (Column("direction", message("方向")), Column("balance", message("余额"), "amount"))
_SUMMARY = Column("summary", message("摘要"))
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
            Column("aux", message("辅助核算")),
            *_SIDES,
            Column("maker", message("制单人")),
            Column("reviewer", message("审核人")),
            Column("poster", message("记账人")),
        ),
        journal.POSITION_TYPES,
    ),
    ReportType(
        "general-ledger",
        message("总账"),
        "reports:general-ledger:view",
        general_ledger,
        (*_ACCOUNT, Column("period", message("期间")), _SUMMARY, *_SIDES, *_BALANCE),
    ),
    ReportType(
        "subsidiary-ledger",
        message("明细账"),
        "reports:subsidiary-ledger:view",
        subsidiary_ledger.subsidiary_ledger,
        (
            *_ACCOUNT,
            *_DATE_AND_VOUCHER,
            _SUMMARY,
            Column("contra_accounts", message("对方科目")),
            *_SIDES,
            *_BALANCE,
        ),
        subsidiary_ledger.POSITION_TYPES,
    ),
    ReportType(
        "auxiliary-balance",
        message("辅助核算余额表"),
        "reports:auxiliary-balance:view",
        auxiliary_balance,
        (_ACCOUNT[0], Column("aux", message("辅助核算")), *_OPENING, *_PERIOD, *_CLOSING),
    ),
    ReportType(
        "quantity",
        message("数量金额账"),
        "reports:quantity:view",
        quantity_ledger,
        (
            _ACCOUNT[0],
            Column("name_zh", message("科目名称")),
            Column("opening_qty", message("期初数量"), "quantity"),
            Column("opening_amount", message("期初金额"), "amount"),
            Column("in_qty", message("收入数量"), "quantity"),
            Column("in_amount", message("收入金额"), "amount"),
            Column("out_qty", message("发出数量"), "quantity"),
            Column("out_amount", message("发出金额"), "amount"),
            Column("closing_qty", message("结存数量"), "quantity"),
            Column("closing_amount", message("结存金额"), "amount"),
        ),
    ),
)

REPORTS: Mapping[str, ReportType] = {report.name: report for report in _ALL}


def report_type(name: str) -> ReportType:
    """Return a report by its name. Raises `NotFound` with the names there are."""
    found = REPORTS.get(name)
    if found is None:
        raise NotFound(
            "report_unknown", message("没有报表“{name}”，有的是：{names}。", name=name, names="、".join(REPORTS))
        )
    return found
