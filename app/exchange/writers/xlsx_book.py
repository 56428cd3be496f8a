"""Writes the whole book as an Excel file: accounts, openings, vouchers, trial balance, each a sheet.

Texts are written as texts, and what a spreadsheet could take for a formula gets an apostrophe besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from app.exchange.writers.content import BookContent, quantity_text
from app.exchange.writers.sheet import Cell, Column, SheetWriter
from app.identity.actor import Actor
from app.kernel.money import format_amount
from app.reports.request import ReportRequest
from app.reports.trial_balance import trial_balance

_ACCOUNTS = (
    *(Column("科目编码", 14), Column("上级", 12), Column("科目名称", 28), Column("英文名称", 28)),
    *(Column("来源名称", 30), Column("类别", 10), Column("余额方向", 9), Column("级次", 6), Column("末级", 6)),
    *(Column("现金类", 7), Column("辅助核算", 20), Column("币种", 8), Column("数量核算", 9), Column("单位", 8)),
    Column("在用", 6),
)
_OPENING = (
    *(Column("科目编码", 14), Column("科目名称", 28), Column("辅助核算", 28), Column("币种", 8)),
    *(Column("年初借方", 16, True), Column("年初贷方", 16, True), Column("本年累计借方", 16, True)),
    *(Column("本年累计贷方", 16, True), Column("期初借方", 16, True), Column("期初贷方", 16, True)),
    *(Column("期初原币", 16), Column("期初数量", 14), Column("实际损益累计", 16, True)),
)
_VOUCHERS = (
    *(Column("日期", 11), Column("凭证字", 7), Column("号", 7), Column("状态", 10), Column("类型", 10)),
    *(Column("附件", 6), Column("行", 5), Column("摘要", 36), Column("科目编码", 14), Column("科目名称", 28)),
    *(Column("借方", 16, True), Column("贷方", 16, True), Column("辅助核算", 28), Column("币种", 8)),
    *(
        Column("原币金额", 16),
        Column("汇率", 12),
        Column("数量", 12),
        Column("单价", 12),
        Column("现金流量行次", 12),
    ),
)
_BALANCES = (
    *(Column("科目编码", 14), Column("科目名称", 28), Column("来源名称", 30), Column("级次", 6)),
    *(Column("期初借方", 16, True), Column("期初贷方", 16, True), Column("本期借方", 16, True)),
    *(Column("本期贷方", 16, True), Column("本年累计借方", 16, True), Column("本年累计贷方", 16, True)),
    *(Column("期末借方", 16, True), Column("期末贷方", 16, True)),
)


def write_xlsx(content: BookContent, path: Path, actor: Actor) -> None:
    """Write the workbook. The trial balance covers all months, posted vouchers only."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        writer = SheetWriter(book)
        writer.write("科目", _ACCOUNTS, _account_rows(content))
        writer.write("期初余额", _OPENING, _opening_rows(content))
        writer.write("凭证", _VOUCHERS, _voucher_rows(content))
        writer.write("科目余额表", _BALANCES, _balance_rows(actor))


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text and Decimal(text) else None


def _yes(value: object) -> str:
    return "是" if value else ""


def _account_rows(content: BookContent) -> Iterator[Sequence[Cell]]:
    for account in content.accounts.values():
        yield (
            account.code,
            "" if account.parent_id is None else content.accounts[account.parent_id].code,
            account.name_zh,
            account.name_en,
            account.source_name or "",
            account.category,
            "借" if account.normal_side == "debit" else "贷",
            account.level,
            _yes(account.is_leaf),
            _yes(account.is_cash),
            ";".join(kind for kind, _ in account.uses),
            "" if account.currency_id is None else content.currencies[account.currency_id].code,
            _yes(account.has_quantity),
            account.unit,
            _yes(account.active),
        )


def _opening_rows(content: BookContent) -> Iterator[Sequence[Cell]]:
    for row in content.opening.rows:
        yield (
            row.account_code,
            row.account_name,
            row.aux,
            row.currency,
            _number(row.year_begin_debit),
            _number(row.year_begin_credit),
            _number(row.ytd_debit),
            _number(row.ytd_credit),
            _number(row.opening_debit),
            _number(row.opening_credit),
            _number(row.opening_foreign),
            _number(row.quantity),
            _number(row.ytd_pl_actual),
        )


def _voucher_rows(content: BookContent) -> Iterator[Sequence[Cell]]:
    for voucher, entries in content.vouchers():
        for entry in entries:
            account = content.accounts[entry.account_id]
            currency = content.currencies[entry.currency_id]
            foreign = format_amount(entry.foreign_amount, currency.minor_digits)
            yield (
                voucher.date,
                voucher.word,
                voucher.number,
                voucher.state,
                voucher.kind,
                voucher.attachment_count or None,
                entry.line,
                entry.summary,
                account.code,
                account.name_zh,
                _number(content.money(entry.debit)),
                _number(content.money(entry.credit)),
                content.aux_of[entry.auxiliary_set_id],
                content.currency_code(entry.currency_id),
                _number(foreign),
                entry.rate,
                _number(quantity_text(entry.quantity)),
                _number(quantity_text(entry.unit_price)),
                entry.cash_flow_line,
            )


def _balance_rows(actor: Actor) -> Iterator[Sequence[Cell]]:
    report = trial_balance(actor, ReportRequest())
    keys = (
        *("opening_debit", "opening_credit", "period_debit", "period_credit", "ytd_debit", "ytd_credit"),
        *("closing_debit", "closing_credit"),
    )
    for row in report.rows:
        amounts = (_number(row[key]) for key in keys)
        yield (row["code"], row["name_zh"], row["source_name"], row["level"], *amounts)
    if report.totals:
        yield ("合计", "", "", "", *(_number(report.totals[key]) for key in keys))
