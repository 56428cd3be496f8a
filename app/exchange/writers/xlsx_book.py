"""Writes the whole book as an Excel file: accounts, openings, vouchers, trial balance, each a sheet.

Texts are written as texts, and what a spreadsheet could take for a formula gets an apostrophe besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.exchange.writers.content import BookContent, quantity_text
from app.identity.actor import Actor
from app.kernel.cells import guarded
from app.kernel.money import format_amount
from app.reports.request import ReportRequest
from app.reports.trial_balance import trial_balance

LAST_ROW = 1_048_575
"""The last row of a sheet, counted from 0; longer tables go on in a further sheet."""
LARGEST_EXACT = Decimal(10) ** 15
"""Excel keeps 15 digits; a longer number is written as text, so that none is lost."""

Cell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    width: int
    is_amount: bool = False


_ACCOUNTS = (
    *(_Column("科目编码", 14), _Column("上级", 12), _Column("科目名称", 28), _Column("英文名称", 28)),
    *(_Column("来源名称", 30), _Column("类别", 10), _Column("余额方向", 9), _Column("级次", 6), _Column("末级", 6)),
    *(_Column("现金类", 7), _Column("辅助核算", 20), _Column("币种", 8), _Column("数量核算", 9), _Column("单位", 8)),
    _Column("在用", 6),
)
_OPENING = (
    *(_Column("科目编码", 14), _Column("科目名称", 28), _Column("辅助核算", 28), _Column("币种", 8)),
    *(_Column("年初借方", 16, True), _Column("年初贷方", 16, True), _Column("本年累计借方", 16, True)),
    *(_Column("本年累计贷方", 16, True), _Column("期初借方", 16, True), _Column("期初贷方", 16, True)),
    *(_Column("期初原币", 16), _Column("期初数量", 14), _Column("实际损益累计", 16, True)),
)
_VOUCHERS = (
    *(_Column("日期", 11), _Column("凭证字", 7), _Column("号", 7), _Column("状态", 10), _Column("类型", 10)),
    *(_Column("附件", 6), _Column("行", 5), _Column("摘要", 36), _Column("科目编码", 14), _Column("科目名称", 28)),
    *(_Column("借方", 16, True), _Column("贷方", 16, True), _Column("辅助核算", 28), _Column("币种", 8)),
    *(
        _Column("原币金额", 16),
        _Column("汇率", 12),
        _Column("数量", 12),
        _Column("单价", 12),
        _Column("现金流量行次", 12),
    ),
)
_BALANCES = (
    *(_Column("科目编码", 14), _Column("科目名称", 28), _Column("来源名称", 30), _Column("级次", 6)),
    *(_Column("期初借方", 16, True), _Column("期初贷方", 16, True), _Column("本期借方", 16, True)),
    *(_Column("本期贷方", 16, True), _Column("本年累计借方", 16, True), _Column("本年累计贷方", 16, True)),
    *(_Column("期末借方", 16, True), _Column("期末贷方", 16, True)),
)


def write_xlsx(content: BookContent, path: Path, actor: Actor) -> None:
    """Write the workbook. The trial balance covers all months, posted vouchers only."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        writer = _SheetWriter(book)
        writer.write("科目", _ACCOUNTS, _account_rows(content))
        writer.write("期初余额", _OPENING, _opening_rows(content))
        writer.write("凭证", _VOUCHERS, _voucher_rows(content))
        writer.write("科目余额表", _BALANCES, _balance_rows(actor))


class _SheetWriter:
    def __init__(self, book: Any) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._amount = book.add_format({"num_format": "#,##0.00;[Red]-#,##0.00"})

    def write(self, name: str, columns: Sequence[_Column], rows: Iterable[Sequence[Cell]]) -> None:
        sheet: Any = None
        line, sheets = LAST_ROW, 0
        for row in _or_none(rows):
            if line == LAST_ROW:
                sheets += 1
                sheet = self._add_sheet(name if sheets == 1 else f"{name} ({sheets})", columns)
                line = 0
            if row is None:
                break
            line += 1
            for place, (cell, column) in enumerate(zip(row, columns, strict=True)):
                self._write_cell(sheet, line, place, cell, column)

    def _add_sheet(self, name: str, columns: Sequence[_Column]) -> Any:
        sheet = self._book.add_worksheet(name)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.title, self._head)
        sheet.freeze_panes(1, 0)
        return sheet

    def _write_cell(self, sheet: Any, line: int, place: int, cell: Cell, column: _Column) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, str):
            sheet.write_string(line, place, guarded(cell))
        elif -LARGEST_EXACT < cell < LARGEST_EXACT:
            sheet.write_number(line, place, cell, self._amount if column.is_amount else None)
        else:
            sheet.write_string(line, place, str(cell))


def _or_none(rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell] | None]:
    """Yield the rows, or one `None` for a table without any, so that it still gets its sheet and headings."""
    empty = True
    for row in rows:
        empty = False
        yield row
    if empty:
        yield None


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
