"""Tables in the sheets of a workbook, of any length.

Texts are written as texts, and what a spreadsheet could take for a formula gets an apostrophe besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.kernel.cells import guarded

LAST_ROW = 1_048_575
"""The last row of a sheet, counted from 0; longer tables go on in a further sheet."""
LARGEST_EXACT = Decimal(10) ** 15
"""Excel keeps 15 digits; a longer number is written as text, so that none is lost."""

Cell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its width in characters, and whether it holds amounts."""

    title: str
    width: int
    is_amount: bool = False


class SheetWriter:
    """Writes tables into the sheets of an open workbook."""

    def __init__(self, book: Any) -> None:
        """Prepare the formats of an `xlsxwriter` workbook."""
        self._book = book
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._amount = book.add_format({"num_format": "#,##0.00;[Red]-#,##0.00"})

    def write(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
        """Write a table with its headings; a long one goes on in further sheets."""
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

    def _add_sheet(self, name: str, columns: Sequence[Column]) -> Any:
        sheet = self._book.add_worksheet(name)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.title, self._head)
        sheet.freeze_panes(1, 0)
        return sheet

    def _write_cell(self, sheet: Any, line: int, place: int, cell: Cell, column: Column) -> None:
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
