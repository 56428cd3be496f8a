"""Columns of a statement: for which moment balances are taken, and over which months amounts are added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from app.contract.statements import Compare, Layout
from app.kernel.errors import NotFound
from app.kernel.period import previous_period, year_of
from app.kernel.text import message, spoken_language

COMPARED = "_compare"


class Basis(NamedTuple):
    """What a figure rests on: balances at `moment` (month 0: the year's begin), amounts from `first` to `last`."""

    moment: int
    first: int
    last: int

    @property
    def year_begin(self) -> Basis:
        """Return the basis of the year-begin column of the year the figures belong to."""
        return begin_of(year_of(self.last))

    @property
    def to_date(self) -> tuple[int, int]:
        """Return the months from January to the last one."""
        return year_of(self.last) * 100 + 1, self.last

    @property
    def reclassified_in(self) -> int:
        """Return the month whose reclassifications hold at the moment: at a year's begin those of last December."""
        return self.moment if self.moment % 100 else previous_period(self.moment + 1)


def begin_of(year: int) -> Basis:
    """Return the state at a year's begin; its amounts are those of the year before."""
    return Basis(year * 100, (year - 1) * 100 + 1, (year - 1) * 100 + 12)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a statement. `base` is its key without what makes it a comparison."""

    key: str
    title_zh: str
    title_en: str
    basis: Basis

    @property
    def base(self) -> str:
        """Return the key of the column this one compares with, or its own."""
        return self.key.removesuffix(COMPARED)

    @property
    def title(self) -> str:
        """Return the title in the language being spoken."""
        return self.title_zh if spoken_language() == "zh" else self.title_en


def columns_of(layout: Layout, first: int, last: int, compare: Compare, start: int) -> list[Column]:
    """Return the columns of a layout for the months asked for; comparisons the book knows nothing of are left out."""
    columns: list[Column] = []
    for column in _plain(layout, first, last):
        columns.append(column)
        if compare and column.key != "year_begin":
            basis = _shifted(column, compare)
            if _is_known(basis, layout, start):
                columns.append(_compared(column, basis, compare, alone=first == last))
    return columns


def column_called(columns: list[Column], key: str) -> Column:
    """Return a column by its key. Raises `NotFound`."""
    for column in columns:
        if column.key == key:
            return column
    names = "、".join(column.key for column in columns)
    raise NotFound("column_unknown", message("报表没有栏目“{key}”，有的是：{names}。", key=key, names=names))


def _plain(layout: Layout, first: int, last: int) -> list[Column]:
    to_date = Basis(last, year_of(last) * 100 + 1, last)
    span = Basis(last, first, last)
    if layout == "balance":
        begin = begin_of(year_of(last))
        return [
            Column("closing", "期末余额", "Closing balance", to_date),
            Column("year_begin", "年初余额", "Year begin", begin),
        ]
    if layout == "period":
        month = ("本月金额", "This month") if first == last else ("本期金额", "This period")
        return [
            Column("ytd", "本年累计金额", "Year to date", to_date),
            Column("month", *month, span),
        ]
    if layout == "year":
        return [Column("current_year", "本年金额", "This year", to_date)]
    return [Column("amount", "金额", "Amount", span)]


_Titles = tuple[str, str]
_COMPARED_TITLES: dict[tuple[str, Compare], _Titles] = {
    ("closing", "previous_month"): ("上月末余额", "Last month's end"),
    ("closing", "previous_year"): ("上年同期末余额", "Same month of last year"),
    ("ytd", "previous_month"): ("至上月累计金额", "Year to last month"),
    ("ytd", "previous_year"): ("上年同期累计金额", "Last year to date"),
    ("month", "previous_month"): ("上期金额", "Last period"),
    ("month", "previous_year"): ("上年同期金额", "Same period of last year"),
    ("current_year", "previous_month"): ("至上月累计金额", "Year to last month"),
    ("current_year", "previous_year"): ("上年金额", "Last year"),
    ("amount", "previous_month"): ("上期金额", "Last period"),
    ("amount", "previous_year"): ("上年同期金额", "Same period of last year"),
}


def _compared(column: Column, basis: Basis, compare: Compare, *, alone: bool) -> Column:
    title_zh, title_en = _COMPARED_TITLES[column.key, compare]
    if alone and (column.key, compare) == ("month", "previous_month"):
        title_zh, title_en = "上月金额", "Last month"
    return Column(column.key + COMPARED, title_zh, title_en, basis)


def _shifted(column: Column, compare: Compare) -> Basis:
    basis = column.basis
    if compare == "previous_year":
        return Basis(basis.moment - 100, basis.first - 100, basis.last - 100)
    if column.key in {"month", "amount"}:
        last = previous_period(basis.first)
        first = _month(_index(last) - (_index(basis.last) - _index(basis.first)))
        return Basis(last, first, last)
    last = previous_period(basis.last)
    return Basis(last, year_of(last) * 100 + 1, last)


def _index(period: int) -> int:
    return period // 100 * 12 + period % 100 - 1


def _month(index: int) -> int:
    return index // 12 * 100 + index % 12 + 1


def _is_known(basis: Basis, layout: Layout, start: int) -> bool:
    """Tell whether the book knows these months: what was before its start is known as one sum of that year only."""
    before = previous_period(start)
    if basis.last >= start:
        return True
    if layout == "balance":
        return basis.last == before
    return basis.last == before and basis.first == year_of(start) * 100 + 1
