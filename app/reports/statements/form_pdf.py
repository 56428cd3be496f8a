"""A statement as a PDF in the layout of its form: A4, the balance sheet across with both sides, others upright."""

from __future__ import annotations

import io
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from app.contract.statements import Statement
from app.kernel.money import group_thousands
from app.kernel.text import message
from app.reports.pdf_font import embedded_font
from app.reports.statements.form import Cell, Form, lay_out
from app.reports.target import written

MARGIN = 34
HEAD = 70
FOOT = 36
"""Points that title and signatures take, of which an inch has 72."""
TALLEST, LOWEST = 20, 9
PADDING = 4
INDENT = 9
SMALLEST = 5


def write_form_pdf(statement: Statement, target: Path | BinaryIO) -> None:
    """Write a statement as its form. Raises `EnvironmentFault` without a font or where the file cannot be written."""
    content = _Sheet(lay_out(statement), embedded_font()).draw()
    with written(target) as stream:
        stream.write(content)


class _Sheet:
    """Draws a form, over as many pages as it needs."""

    def __init__(self, form: Form, font: str) -> None:
        from reportlab.lib.pagesizes import A4, landscape
        from reportlab.pdfgen.canvas import Canvas

        self._form = form
        self._font = font
        self._width, self._height = (int(points) for points in (landscape(A4) if form.wide else A4))
        self._buffer = io.BytesIO()
        self._canvas: Any = Canvas(self._buffer, pagesize=(self._width, self._height), pageCompression=1)
        self._canvas.setTitle(form.title)
        before = [0, *accumulate(form.widths)]
        self._edges = [MARGIN + (self._width - 2 * MARGIN) * share // before[-1] for share in before]
        room = self._height - 2 * MARGIN - HEAD - FOOT
        self._row_height = min(max(room // (len(form.rows) + 1), LOWEST), TALLEST)
        self._size = min(self._row_height * 7 // 10, 10)
        self._rows_a_page = max(room // self._row_height - 1, 1)

    def draw(self) -> bytes:
        """Return the document."""
        rows = self._form.rows
        pages = [rows[at : at + self._rows_a_page] for at in range(0, max(len(rows), 1), self._rows_a_page)]
        for number, page in enumerate(pages, start=1):
            y = self._head(number, len(pages))
            top = y
            y = self._row([Cell("line", head, strong=True) for head in self._form.heads], y)
            for row in page:
                y = self._row(row, y)
            self._frame(top, y)
            self._signatures(y)
            self._canvas.showPage()
        self._canvas.save()
        return self._buffer.getvalue()

    def _head(self, number: int, pages: int) -> int:
        canvas, form = self._canvas, self._form
        top = self._height - MARGIN
        middle = self._width // 2
        canvas.setFillGray(0)
        canvas.setFont(self._font, 18)
        canvas.drawCentredString(middle, top - 18, form.title)
        canvas.setFont(self._font, 9)
        canvas.drawRightString(self._width - MARGIN, top - 40, form.number)
        canvas.drawString(MARGIN, top - 56, form.organisation)
        canvas.drawCentredString(middle, top - 56, form.date)
        canvas.drawRightString(self._width - MARGIN, top - 56, form.unit)
        if pages > 1:
            text = str(message("第 {page} 页，共 {pages} 页", page=number, pages=pages))
            canvas.drawCentredString(middle, MARGIN // 2, text)
        return top - 64

    def _row(self, cells: list[Cell], y: int) -> int:
        bottom = y - self._row_height
        for place, cell in enumerate(cells):
            self._cell(cell, self._edges[place], self._edges[place + 1], bottom)
        self._canvas.setLineWidth(0.4)
        self._canvas.setStrokeGray(0.35)
        self._canvas.line(self._edges[0], bottom, self._edges[-1], bottom)
        return bottom

    def _cell(self, cell: Cell, left: int, right: int, bottom: int) -> None:
        canvas = self._canvas
        text = _shown(cell)
        indent = INDENT * cell.indent if cell.kind == "name" else 0
        size = self._fitting(text, right - left - 2 * PADDING - indent)
        canvas.setFont(self._font, size)
        canvas.setFillColorRGB(*((0.75, 0, 0) if cell.kind == "amount" and text.startswith("-") else (0, 0, 0)))
        y = bottom + (self._row_height - size) // 2 + 1
        if cell.kind == "amount":
            canvas.drawRightString(right - PADDING, y, text)
        elif cell.kind == "line":
            canvas.drawCentredString((left + right) // 2, y, text)
        else:
            canvas.drawString(left + PADDING + indent, y, text)
        if cell.strong and text:
            self._embolden(cell, text, left, right, indent, y)

    def _embolden(self, cell: Cell, text: str, left: int, right: int, indent: int, y: int) -> None:
        """Draw a strong text once more, a hair beside: the font comes in one weight."""
        hair = 0.25
        if cell.kind == "amount":
            self._canvas.drawRightString(right - PADDING + hair, y, text)
        elif cell.kind == "line":
            self._canvas.drawCentredString((left + right) // 2 + hair, y, text)
        else:
            self._canvas.drawString(left + PADDING + indent + hair, y, text)

    def _fitting(self, text: str, width: int) -> int:
        """Return the largest size in which a text fits its cell."""
        size = self._size
        while size > SMALLEST and self._canvas.stringWidth(text, self._font, size) > width:
            size -= 1
        return size

    def _frame(self, top: int, bottom: int) -> None:
        canvas = self._canvas
        canvas.setStrokeGray(0.1)
        canvas.setLineWidth(0.9)
        canvas.rect(self._edges[0], bottom, self._edges[-1] - self._edges[0], top - bottom)
        half = len(self._edges) // 2
        for place, x in enumerate(self._edges[1:-1], start=1):
            canvas.setLineWidth(0.9 if self._form.wide and place == half else 0.4)
            canvas.line(x, top, x, bottom)

    def _signatures(self, bottom: int) -> None:
        canvas = self._canvas
        canvas.setFillGray(0)
        canvas.setFont(self._font, 9)
        step = (self._width - 2 * MARGIN) // max(len(self._form.signatures), 1)
        for place, text in enumerate(self._form.signatures):
            canvas.drawString(MARGIN + place * step, bottom - 24, text)


def _shown(cell: Cell) -> str:
    """Write a cell as print does: thousands apart, nothing for zero."""
    if cell.kind != "amount" or not cell.text:
        return cell.text
    return "" if not cell.text.strip("-0.") else group_thousands(cell.text)
