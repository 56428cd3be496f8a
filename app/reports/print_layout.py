"""How a report is laid out for print: which columns, how wide, in how many parts across, and what a cell shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any, NamedTuple

from app.kernel.money import group_thousands
from app.kernel.text import Message, message
from app.reports.catalogue import YEAR_BEGIN, Column, ReportType
from app.reports.heading import Heading
from app.reports.pdf_ink import POINT
from app.reports.request import Report, ReportRow

MARGIN = 36 * POINT
A4 = (595 * POINT, 842 * POINT)
WEIGHTS = {"text": 8, "integer": 4, "amount": 11, "quantity": 8, "price": 8}
WIDE = {
    "summary": 20,
    "account_name": 14,
    "name_zh": 16,
    "aux": 18,
    "date": 9,
    "voucher": 7,
    "direction": 4,
    "contra_accounts": 11,
    "period": 8,
}
NARROWEST_ANALYSIS = 48 * POINT
"""What a column of a book of many columns takes at least across; those that do not fit go on another sheet."""
LEAD_SHARE = 130
"""Beside many columns the others take their weight of this share of the sheet at least."""
BESIDE_ANALYSIS = ("date", "voucher", "summary")
"""What the further sheets of such a book begin with."""
CARRIED_KEYS = ("debit", "credit", "in_quantity", "in_amount", "out_quantity", "out_amount")

WORDS = {
    "上年结转": message("上年结转"),
    "期初余额": message("期初余额"),
    "本日合计": message("本日合计"),
    "本期合计": message("本期合计"),
    "本月合计": message("本月合计"),
    "本年累计": message("本年累计"),
    "结转下年": message("结转下年"),
    "期末余额": message("期末余额"),
    "期初结存": message("期初结存"),
    "期末结存": message("期末结存"),
    "本期发生额": message("本期发生额"),
    "本年累计发生额": message("本年累计发生额"),
    "借": message("借"),
    "贷": message("贷"),
    "平": message("平"),
}
"""What the books themselves write into rows, for readers of another language."""


class Cell(NamedTuple):
    """What stands in a cell, and how."""

    text: str
    is_number: bool = False
    is_centred: bool = False

    @property
    def is_red(self) -> bool:
        """Tell whether a number is printed in red."""
        return self.is_number and self.text.startswith("-")


@dataclass(frozen=True, slots=True)
class Part:
    """The columns of one sheet and their edges from the left; a book of very many columns has several parts."""

    places: tuple[int, ...]
    edges: tuple[int, ...]


class Layout:
    """The printed form of one report."""

    def __init__(self, report: Report, kind: ReportType, heading: Heading) -> None:
        """Choose columns and sheets."""
        self.kind = kind
        self.heading = heading
        self.columns = tuple(
            column
            for column in amount_columns(kind, kind.columns_of(report), heading.request.columns)
            if column.key not in kind.book_keys and column.key not in kind.unprinted
        )
        self.width, self.height = A4 if kind.portrait else A4[::-1]
        self.parts = self._parts()
        self.is_grouped = any(column.group is not None for column in self.columns)

    @property
    def begins_pages(self) -> bool:
        """Tell whether each book begins on a new page; the general ledger goes on below the account before."""
        return self.kind.running and self.heading.request.new_page

    def _parts(self) -> tuple[Part, ...]:
        room = self.width - 2 * MARGIN
        analysis = [place for place, column in enumerate(self.columns) if column.analysis]
        if not analysis:
            return (self._part(tuple(range(len(self.columns))), room),)
        fixed = [place for place, column in enumerate(self.columns) if not column.analysis]
        beside = [place for place in fixed if self.columns[place].key in BESIDE_ANALYSIS]
        parts: list[Part] = []
        while analysis or not parts:
            lead = beside if parts else fixed
            weight = sum(_weight(self.columns[place]) for place in lead)
            wide = weight * room // LEAD_SHARE
            fits = max((room - wide) // NARROWEST_ANALYSIS, 1)
            taken, analysis = analysis[:fits], analysis[fits:]
            parts.append(self._part((*lead, *taken), room, wide, len(lead)))
        return tuple(parts)

    def _part(self, places: tuple[int, ...], room: int, lead_room: int = 0, lead: int = 0) -> Part:
        """Share the room by weight; with a lead, its columns share the lead's room and the others the rest alike."""
        if not lead:
            shares = [_weight(self.columns[place]) for place in places]
            before = [0, *accumulate(shares)]
            return Part(places, tuple(MARGIN + room * weight // before[-1] for weight in before))
        shares = [_weight(self.columns[place]) for place in places[:lead]]
        before = [0, *accumulate(shares)]
        rest = len(places) - lead
        each = min((room - lead_room) // max(rest, 1), NARROWEST_ANALYSIS * 3 // 2)
        edges = [MARGIN + (room - each * rest) * weight // before[-1] for weight in before]
        edges += [edges[-1] + each * number for number in range(1, rest + 1)]
        return Part(places, tuple(edges))

    def cells(self, row: ReportRow) -> list[Cell]:
        """Return the cells of a row; what the book itself wrote is in the reader's language."""
        own = row.get("kind", "entry") != "entry" or "kind" not in row
        return [self._cell(column, row, own=own) for column in self.columns]

    def _cell(self, column: Column, row: ReportRow, *, own: bool) -> Cell:
        value = column.read(row)
        if column.kind == "text":
            text = str(value)
            if column.key == "name_zh" and not text:
                text = str(row.get("source_name", ""))
            if column.key == "direction" or (own and column.key in {"summary", "name_zh"}):
                text = self.word(text)
            return Cell(text, is_centred=column.key in {"date", "voucher", "direction", "period"})
        if column.kind == "integer":
            return Cell(str(value), is_centred=True)
        if column.key in {"balance", "balance_amount"} and row.get("direction") == "平":
            return Cell(str(value), is_number=True)
        return Cell(shown_number(value), is_number=True)

    def word(self, text: str) -> str:
        """Return a word of the books in the reader's language."""
        return self.heading.text(WORDS[text]) if text in WORDS else text

    def book_key(self, row: ReportRow) -> tuple[str, ...]:
        """Return which book a row stands in."""
        return tuple(str(row[key]) for key in self.kind.book_keys)

    def book_line(self, row: ReportRow) -> str:
        """Return what stands above a book: account or item, unit of count, auxiliary item."""
        text = self.heading.text
        if "account_code" in self.kind.book_keys:
            line = text(message("科目：{code} {name}", code=row["account_code"], name=row["account_name"]))
        else:
            line = text(message("商品：{code} {name}", code=row["code"], name=row["name"]))
        if row.get("unit") and "unit" in self.kind.book_keys:
            line += "　" + text(message("计量单位：{unit}", unit=row["unit"]))
        if "aux" in self.kind.book_keys:
            line += "　" + str(row["aux"])
        return line


class Carried:
    """What a running book carries over a page: the month's sums so far, and the balance.

    《会计基础工作规范》 art. 60(8): where a book strikes the month, the sums at a page's foot are those since the month
    began, and they stand again at the head of the next page.
    """

    def __init__(self, layout: Layout) -> None:
        """Begin a book."""
        self._columns = layout.columns
        self._keys = [column for column in layout.columns if column.analysis or column.key in CARRIED_KEYS]
        self._sums: dict[str, Decimal] = {}
        self._last: ReportRow = {}
        self._month = ""

    def take(self, row: ReportRow) -> None:
        """Count a row that has been drawn."""
        self._last = row
        month = str(row["date"])[:7]
        if row["kind"] != "entry" and row["kind"] != "day":
            self._sums = {}
            return
        if month != self._month:
            self._month, self._sums = month, {}
        if row["kind"] == "entry":
            for column in self._keys:
                self._sums[column.key] = self._sums.get(column.key, Decimal(0)) + Decimal(column.read(row))

    def row(self, summary: str) -> ReportRow:
        """Return the row 过次页 or 承前页."""
        carried: dict[str, Any] = {**self._last, "kind": "page", "summary": summary, "date": "", "voucher": ""}
        amounts: dict[str, str] = {}
        for column in self._columns:
            if column.analysis:
                amounts[column.key] = str(self._sums.get(column.key, 0))
            elif column.key in CARRIED_KEYS:
                carried[column.key] = str(self._sums.get(column.key, 0))
            elif column.key in {"contra_accounts", "in_unit_price", "out_unit_price"}:
                carried[column.key] = ""
        return {**carried, "amounts": amounts}


def shown_number(value: Any) -> str:
    """Write a number as print does: thousands apart, nothing for zero."""
    text = str(value)
    return group_thousands(text) if text.strip("-0.") else ""


def _weight(column: Column) -> int:
    return WIDE.get(column.key, WEIGHTS[column.kind])


def amount_columns(kind: ReportType, columns: Sequence[Column], amounts: int) -> list[Column]:
    """Return the columns as wanted: a trial balance has six, eight or ten columns of amounts."""
    shown = list(columns)
    if kind.name != "trial-balance" or amounts == 8:
        return shown
    if amounts == 6:
        return [column for column in shown if not column.key.startswith("ytd_")]
    first = next(place for place, column in enumerate(shown) if column.kind == "amount")
    return [*shown[:first], *YEAR_BEGIN, *shown[first:]]


def heads_of(columns: Sequence[Column], heading: Heading) -> list[str]:
    """Return what stands right above each column."""
    return [heading.text(column.head) for column in columns]


def group_runs(columns: Sequence[Column]) -> list[tuple[int, int, Message | None]]:
    """Return runs of columns below the same heading: first and last place, and the heading (none: no group)."""
    runs: list[tuple[int, int, Message | None]] = []
    for place, column in enumerate(columns):
        if runs and column.group is not None and runs[-1][2] == column.group:
            runs[-1] = (runs[-1][0], place, column.group)
        else:
            runs.append((place, place, column.group))
    return runs


def totals_row(columns: Sequence[Column], totals: Mapping[str, str], heading: Heading) -> list[Cell]:
    """Return the cells of the totals; the first text column says what they are."""
    cells = [
        Cell(shown_number(totals.get(column.key, "")), is_number=True) if column.kind != "text" else Cell("")
        for column in columns
    ]
    return [Cell(heading.text(message("合计"))), *cells[1:]]
