"""What is wrong or doubtful in opening balances being typed, each with the row it stands in; no Qt.

`grave` is what the server refuses too; the rest is for the bookkeeper to look at, and may be saved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.kernel.money import format_amount, group_thousands
from app.kernel.text import Message, message
from app.ui.ledger.opening_line import OpeningColumn, OpeningLine
from app.ui.ledger.opening_sheet import OpeningSheet

PROFIT_OF_THE_YEAR = frozenset({"本年利润", "本期结余"})
"""What the charts call the account into which profit and loss is carried."""

BOUND_NAMES = {
    OpeningColumn.YEAR_BEGIN_DEBIT: message("年初余额"),
    OpeningColumn.YTD_DEBIT: message("借方累计"),
    OpeningColumn.YTD_CREDIT: message("贷方累计"),
    OpeningColumn.OPENING_DEBIT: message("期初余额"),
}


@dataclass(frozen=True)
class Concern:
    """One thing to look at: the sentence, where the keyboard goes for it, and whether it keeps from saving."""

    text: Message
    row: int | None = None
    column: OpeningColumn = OpeningColumn.CODE
    grave: bool = False
    on_cash_flow: bool = False


def look_over(sheet: OpeningSheet, *, cash_flow: bool = True) -> list[Concern]:
    """Return all concerns, those that keep from saving first; `cash_flow` where the book has that statement."""
    found = [
        *_rows(sheet),
        *_controls(sheet),
        *_profit_and_loss(sheet),
        *(_cash(sheet) if cash_flow else ()),
    ]
    return sorted(found, key=lambda concern: not concern.grave)


def _money(sheet: OpeningSheet, amount: int) -> str:
    return group_thousands(format_amount(amount, sheet.digits))


def _rows(sheet: OpeningSheet) -> Iterator[Concern]:
    seen: set[tuple[str, str, str]] = set()
    for row, line in enumerate(sheet.lines):
        if line.empty:
            continue
        code = line.account.code
        key = (code, line.aux, line.currency)
        if key in seen:
            yield Concern(
                message("{code} 有两行的辅助核算和币种相同。", code=code), row, OpeningColumn.AUXILIARY, grave=True
            )
        seen.add(key)
        if sheet.mid_year and line.disagreement:
            yield Concern(
                message(
                    "{code} 的年初余额加借方累计减贷方累计不等于期初余额，差 {amount}。",
                    code=code,
                    amount=_money(sheet, line.disagreement),
                ),
                row,
                OpeningColumn.OPENING_DEBIT,
                grave=True,
            )
        yield from _missing(row, line)
        if (
            sheet.mid_year
            and line.currency
            and line.year_begin
            and not line.texts.get(OpeningColumn.YEAR_BEGIN_FOREIGN)
        ):
            yield Concern(
                message("{code} 年初有余额，没有填年初原币金额。", code=code), row, OpeningColumn.YEAR_BEGIN_FOREIGN
            )


def _missing(row: int, line: OpeningLine) -> Iterator[Concern]:
    account = line.account
    lacking = [use.kind for use in account.auxiliaries if use.demanded and f"{use.kind}:" not in line.aux]
    if lacking:
        yield Concern(
            message("{code} 要填{kind}。", code=account.code, kind="、".join(lacking)),
            row,
            OpeningColumn.AUXILIARY,
            grave=True,
        )
    if line.currency and line.opening and not line.texts.get(OpeningColumn.OPENING_FOREIGN):
        yield Concern(message("{code} 有余额，没有填原币金额。", code=account.code), row, OpeningColumn.OPENING_FOREIGN)
    if account.has_quantity and line.opening and not line.texts.get(OpeningColumn.QUANTITY):
        yield Concern(message("{code} 有余额，没有填数量。", code=account.code), row, OpeningColumn.QUANTITY)


def _controls(sheet: OpeningSheet) -> Iterator[Concern]:
    if not sheet.controls:
        return
    wanted = {control.code for control in sheet.controls}
    rows: dict[str, int] = {}
    sums: dict[tuple[str, OpeningColumn], int] = {}
    above_of: dict[str, list[str]] = {}
    for row, line in enumerate(sheet.lines):
        code = line.account.code
        if code not in above_of:
            above = [account.code for account in sheet.accounts.ancestors(code)]
            above_of[code] = [one for one in [*above, code] if one in wanted]
        for one in above_of[code]:
            rows.setdefault(one, row)
            for column in BOUND_NAMES:
                sums[one, column] = sums.get((one, column), 0) + _signed(line, column)
    for control in sheet.controls:
        off = sums.get((control.code, control.column), 0) - control.amount
        if off:
            yield Concern(
                message(
                    "粘贴的表里 {code} 的{name}是 {total}，它的明细加起来差 {amount}。",
                    code=control.code,
                    name=BOUND_NAMES[control.column],
                    total=_money(sheet, control.amount),
                    amount=_money(sheet, off),
                ),
                rows.get(control.code),
                control.column,
            )


def _signed(line: OpeningLine, column: OpeningColumn) -> int:
    if column is OpeningColumn.YEAR_BEGIN_DEBIT:
        return line.year_begin
    if column is OpeningColumn.OPENING_DEBIT:
        return line.opening
    return line.amount(column)


def _profit_and_loss(sheet: OpeningSheet) -> Iterator[Concern]:
    """In a book begun mid-year: is the real profit to date given, and has what was carried forward arrived?"""
    if not sheet.mid_year:
        return
    carried = arrived = 0
    has_target = has_turnover = False
    for row, line in enumerate(sheet.lines):
        if line.account.name_zh in PROFIT_OF_THE_YEAR or (line.account.source_name or "") in PROFIT_OF_THE_YEAR:
            has_target = True
            arrived -= line.turnover
        if not line.is_profit_and_loss or line.empty:
            continue
        code, actual = line.account.code, line.amount(OpeningColumn.PROFIT_TO_DATE)
        debit, credit = line.amount(OpeningColumn.YTD_DEBIT), line.amount(OpeningColumn.YTD_CREDIT)
        has_turnover = has_turnover or bool(debit or credit or actual)
        carried += line.profit_to_date + line.turnover
        if debit and debit == credit and not actual:
            yield Concern(
                message("{code} 已结转，没有填本年实际损益：利润表的本年累计会缺它。", code=code),
                row,
                OpeningColumn.PROFIT_TO_DATE,
            )
        if line.year_begin:
            yield Concern(
                message("{code} 是损益科目，年初应没有余额。", code=code), row, OpeningColumn.YEAR_BEGIN_DEBIT
            )
    if has_turnover and has_target and carried != arrived:
        yield Concern(
            message(
                "各损益科目结转了 {carried}，本年利润的累计发生额是 {arrived}，相差 {amount}。",
                carried=_money(sheet, carried),
                arrived=_money(sheet, arrived),
                amount=_money(sheet, carried - arrived),
            )
        )


def cash_at(sheet: OpeningSheet) -> tuple[int, int]:
    """Return the cash at the year's begin and at the book's start."""
    lines = [line for line in sheet.lines if line.account.is_cash]
    return sum(line.year_begin for line in lines), sum(line.opening for line in lines)


def _cash(sheet: OpeningSheet) -> Iterator[Concern]:
    if not sheet.mid_year:
        return
    begin, opening = cash_at(sheet)
    off = begin + sheet.cash.net() - opening
    if sheet.cash.empty and off:
        yield Concern(message("没有填前几个月的现金流量：现金流量表的本年累计会缺这几个月。"), on_cash_flow=True)
    elif off:
        yield Concern(
            message(
                "年初现金 {begin} 加净增加额 {net} 不等于期初现金 {opening}，差 {amount}。",
                begin=_money(sheet, begin),
                net=_money(sheet, sheet.cash.net()),
                opening=_money(sheet, opening),
                amount=_money(sheet, off),
            ),
            on_cash_flow=True,
        )
