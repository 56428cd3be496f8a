"""A statement as an Excel sheet in the layout of its form, with real numbers, ready to print on one page across."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from app.contract.statements import Statement
from app.reports.sheet_name import sheet_name
from app.reports.statements.form import Cell, Form, lay_out
from app.reports.target import written

AMOUNT_FORMAT = '#,##0.00;[Red]-#,##0.00;""'
FIRST_ROW = 4


def write_form_xlsx(statement: Statement, target: Path | BinaryIO) -> None:
    """Write a statement as its form. Raises `EnvironmentFault` where the file cannot be written."""
    import xlsxwriter

    form = lay_out(statement)
    with written(target) as stream:
        book = xlsxwriter.Workbook(stream, {"in_memory": True})
        try:
            _Sheet(book, form).write()
        finally:
            book.close()


class _Sheet:
    """One form on one sheet."""

    def __init__(self, book: Any, form: Form) -> None:
        self._book = book
        self._form = form
        self._sheet = book.add_worksheet(sheet_name(form.title))
        self._formats: dict[tuple[object, ...], Any] = {}

    def write(self) -> None:
        """Write heads, rows and signatures."""
        form, sheet = self._form, self._sheet
        last = len(form.heads) - 1
        style = self._format(bold=True, font_size=16, align="center")
        sheet.merge_range(0, 0, 0, last, "", style)
        sheet.write_string(0, 0, form.title, style)  # a title somebody typed is never a formula
        sheet.write_string(1, last, form.number, self._format(align="right"))
        self._line(2, form.organisation, form.date, form.unit)
        head = self._format(bold=True, border=1, align="center", valign="vcenter", text_wrap=True)
        for place, text in enumerate(form.heads):
            sheet.set_column(place, place, form.widths[place] * 11 // 10 + 2)
            sheet.write_string(3, place, text, head)
        for number, row in enumerate(form.rows, start=FIRST_ROW):
            for place, cell in enumerate(row):
                self._cell(number, place, cell)
        if form.signatures:
            left, middle, right = form.signatures
            self._line(FIRST_ROW + len(form.rows) + 1, left, middle, right)
        sheet.freeze_panes(FIRST_ROW, 1)
        sheet.repeat_rows(3)
        sheet.set_paper(9)  # A4
        if form.wide:
            sheet.set_landscape()
        sheet.center_horizontally()
        sheet.fit_to_pages(1, 1 if len(form.rows) <= 50 else 0)

    def _line(self, row: int, left: str, middle: str, right: str) -> None:
        """Write three texts to the left, in the middle and to the right."""
        last = len(self._form.heads) - 1
        self._sheet.write_string(row, 0, left, self._format())
        if last > 1:
            self._sheet.write_string(row, (last + 1) // 2, middle, self._format(align="center"))
        self._sheet.write_string(row, last, right, self._format(align="right"))

    def _cell(self, row: int, place: int, cell: Cell) -> None:
        amount = cell.amount
        if cell.kind == "amount":
            style = self._format(border=1, bold=cell.strong, num_format=AMOUNT_FORMAT)
            if amount is None:
                self._sheet.write_blank(row, place, None, style)
            else:
                self._sheet.write_number(row, place, amount, style)
        elif cell.kind == "line" and cell.text:
            self._sheet.write_number(row, place, int(cell.text), self._format(border=1, align="center"))
        else:
            style = self._format(border=1, bold=cell.strong, indent=cell.indent)
            self._sheet.write_string(row, place, cell.text, style)

    def _format(self, **wishes: object) -> Any:
        key = tuple(sorted(wishes.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(wishes)
        return self._formats[key]
