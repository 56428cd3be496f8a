"""A report as a PDF for print: A4 across, headings repeated on each page, page numbers, Chinese glyphs embedded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from app.kernel.money import group_thousands
from app.kernel.text import message
from app.reports.catalogue import Column, ReportType
from app.reports.heading import Heading
from app.reports.pdf_font import embedded_font
from app.reports.request import Report, ReportRow
from app.reports.target import written

MARGIN = 36
SIZE = 8
LEADING = 11
PADDING = 3
"""Points, of which an inch has 72."""
WEIGHTS = {"text": 8, "integer": 4, "amount": 10, "quantity": 8, "price": 8}
WIDE = {"summary": 20, "account_name": 13, "name_zh": 13, "source_name": 13, "aux": 16, "date": 8, "direction": 4}


def write_pdf(report: Report, kind: ReportType, heading: Heading, target: Path | BinaryIO) -> None:
    """Write the report into a file or a stream. Raises `EnvironmentFault` without a font or where writing fails."""
    page = _Pages(kind, kind.columns_of(report), heading, embedded_font())
    for row in report.rows:
        page.row(row)
    page.totals(report.totals)
    with written(target) as stream:
        stream.write(page.finish())


class _Pages:
    """Draws rows downwards and begins a new page where one is full."""

    def __init__(self, kind: ReportType, columns: Sequence[Column], heading: Heading, font: str) -> None:
        import io

        from reportlab.lib.pagesizes import A4, landscape
        from reportlab.pdfgen.canvas import Canvas

        self._kind = kind
        self._columns = columns
        self._heading = heading
        self._font = font
        self._width, self._height = (int(points) for points in landscape(A4))
        self._buffer = io.BytesIO()
        self._canvas: Any = Canvas(self._buffer, pagesize=(self._width, self._height), pageCompression=1)
        self._canvas.setTitle(heading.text(kind.title))
        self._edges = self._column_edges()
        self._number = 0
        self._y = 0
        self._begin_page()

    def _column_edges(self) -> list[int]:
        weights = [WIDE.get(column.key, WEIGHTS[column.kind]) for column in self._columns]
        before = [0, *accumulate(weights)]
        return [MARGIN + (self._width - 2 * MARGIN) * weight // before[-1] for weight in before]

    def _begin_page(self) -> None:
        if self._number:
            self._canvas.showPage()
        self._number += 1
        canvas = self._canvas
        top = self._height - MARGIN
        canvas.setFillGray(0)
        canvas.setFont(self._font, 14)
        canvas.drawCentredString(self._width // 2, top - 4, self._heading.text(self._kind.title))
        canvas.setFont(self._font, SIZE)
        canvas.drawString(MARGIN, top - 20, self._heading.line)
        number = self._heading.text(message("第 {page} 页", page=self._number))
        canvas.drawRightString(self._width - MARGIN, top - 20, number)
        self._y = top - 26
        self._draw([self._heading.text(column.title) for column in self._columns], centred=True, rule=True)

    def row(self, row: ReportRow) -> None:
        """Draw one row."""
        self._draw([_shown(column, column.read(row)) for column in self._columns])

    def totals(self, totals: dict[str, str]) -> None:
        """Draw the totals under a rule."""
        if totals:
            texts = [_shown(column, totals.get(column.key, "")) for column in self._columns]
            self._draw([texts[0] or self._heading.text(message("合计")), *texts[1:]], rule=True)

    def finish(self) -> bytes:
        """Return the document."""
        self._canvas.showPage()
        self._canvas.save()
        return self._buffer.getvalue()

    def _draw(self, texts: list[str], *, centred: bool = False, rule: bool = False) -> None:
        widths = [right - left - 2 * PADDING for left, right in zip(self._edges, self._edges[1:], strict=False)]
        cells = [self._wrap(text, width) for text, width in zip(texts, widths, strict=True)]
        height = max(map(len, cells)) * LEADING + PADDING
        if self._y - height < MARGIN:
            self._begin_page()
        canvas = self._canvas
        canvas.setFont(self._font, SIZE)
        for place, (column, lines) in enumerate(zip(self._columns, cells, strict=True)):
            for number, line in enumerate(lines):
                y = self._y - LEADING * (number + 1)
                canvas.setFillColorRGB(*((0.75, 0, 0) if column.kind != "text" and line.startswith("-") else (0, 0, 0)))
                if centred:
                    canvas.drawCentredString((self._edges[place] + self._edges[place + 1]) // 2, y, line)
                elif column.kind == "text":
                    canvas.drawString(self._edges[place] + PADDING, y, line)
                else:
                    canvas.drawRightString(self._edges[place + 1] - PADDING, y, line)
        bottom = self._y - height
        canvas.setStrokeGray(0.2 if rule else 0.8)
        canvas.setLineWidth(0.7 if rule else 0.3)
        canvas.line(self._edges[0], bottom, self._edges[-1], bottom)
        self._y = bottom

    def _wrap(self, text: str, width: int) -> list[str]:
        """Break a text into lines that fit; Chinese may break anywhere."""
        if self._fits(text, width):
            return [text]
        lines, current = [], ""
        for character in text:
            if current and not self._fits(current + character, width):
                lines.append(current)
                current = ""
            current += character
        return [*lines, current]

    def _fits(self, text: str, width: int) -> bool:
        return bool(self._canvas.stringWidth(text, self._font, SIZE) <= width)


def _shown(column: Column, value: Any) -> str:
    """Write a value as print does: thousands apart, nothing for zero."""
    if column.kind in {"text", "integer"} or value == "":
        return str(value)
    return "" if not str(value).strip("-0.") else group_thousands(str(value))
