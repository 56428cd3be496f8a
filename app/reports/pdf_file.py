"""A report as a PDF for print: A4, headings repeated on each page, page numbers, Chinese glyphs embedded.

Running books carry their sums over the pages (承前页, 过次页). The same report makes the same bytes each time, for it
has no dates and no random ids. Pages are drawn one by one; how many there are is a form that is filled in last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from app.kernel.text import message
from app.reports.catalogue import ReportType
from app.reports.heading import Heading
from app.reports.pdf_font import embedded_font
from app.reports.pdf_ink import POINT, Ink
from app.reports.print_layout import MARGIN, Carried, Cell, Layout, Part, group_runs, heads_of, totals_row
from app.reports.request import Report, ReportRow
from app.reports.target import written
from app.storage.progress import Progress, no_progress

SIZE, SMALLEST, HEAD_SIZE, TITLE_SIZE = 8 * POINT, 5 * POINT, 7 * POINT, 15 * POINT
LEADING, HEAD_LEADING, PADDING, GAP = 10 * POINT, 9 * POINT, 3 * POINT, 24 * POINT
TITLE_HEIGHT, HEAD, GROUP_HEAD, FOOT = 44 * POINT, 20 * POINT, 13 * POINT, 16 * POINT
FINE, MIDDLE, BOLD = 30, 60, 80
"""Widths of lines, in hundredths of a point."""
TOTAL_FORM = "page-count"
CLOSING = "，。、；：！？）》」』”’,.;:!?)"
ROWS_A_LOOK = 50
"""After so many rows it is told how far the work is, and looked whether somebody wants it stopped."""

BLACK, RED, GREY, GREY_INK = "0 0 0", "0.75 0 0", "0.78 0.78 0.78", "0.25 0.25 0.25"


def write_pdf(
    report: Report, kind: ReportType, heading: Heading, target: Path | BinaryIO, progress: Progress = no_progress
) -> None:
    """Write the report into a file or a stream. Raises `EnvironmentFault` without a font or where writing fails.

    `progress` is told rows drawn, rows in all (0 where that is not known) and the page; it may raise `WorkCancelled`.
    """
    printer = _Printer(Layout(report, kind, heading), embedded_font())
    expected = report.expected() if report.expected is not None else 0
    for number, row in enumerate(report.rows):
        if number % ROWS_A_LOOK == 0:
            progress(number, max(expected, number) if expected else 0, message("第 {page} 页", page=printer.pages))
        printer.row(row)
    printer.end(report.totals)
    with written(target) as stream:
        stream.write(printer.document())


@dataclass(slots=True)
class _Line:
    """A row laid out: its cells broken into lines, its height, and what is ruled under it."""

    cells: list[tuple[Cell, list[str]]]
    height: int
    rule: str = ""
    title: str = ""


class _Printer:
    """Lays rows out downwards and puts a page on paper where it is full."""

    def __init__(self, layout: Layout, font: str) -> None:
        import io

        from reportlab.pdfgen.canvas import Canvas

        self._layout = layout
        self._buffer = io.BytesIO()
        self._canvas: Any = Canvas(
            self._buffer, pagesize=(layout.width // POINT, layout.height // POINT), pageCompression=1, invariant=1
        )
        self._ink = Ink(self._canvas, font)
        self._canvas.setTitle(layout.heading.text(layout.kind.title))
        self._widths = self._column_widths()
        self._lines: list[_Line] = []
        self._left = self._room()
        self._book: tuple[str, ...] | None = None
        self._book_line = ""
        self._rows_of_book = 0
        self._carried: Carried | None = None
        self.pages = 1

    def _column_widths(self) -> list[int]:
        """Return how wide each column is; one that stands on several sheets is as wide as on the narrowest."""
        widths = [self._layout.width] * len(self._layout.columns)
        for part in self._layout.parts:
            for number, place in enumerate(part.places):
                widths[place] = min(widths[place], part.edges[number + 1] - part.edges[number] - 2 * PADDING)
        return widths

    def _room(self) -> int:
        """Return how high the rows of a page may be together."""
        return self._layout.height - 2 * MARGIN - TITLE_HEIGHT - self._head_height() - FOOT

    def _head_height(self) -> int:
        return GROUP_HEAD + HEAD if self._layout.is_grouped else HEAD

    # --- rows --------------------------------------------------------------------------------------------------------

    def row(self, row: ReportRow) -> None:
        """Lay out one row, on a new page where its book begins one or this page is full."""
        key = self._layout.book_key(row)
        if key and key != self._book:
            self._begin_book(key, row)
        line = self._line(self._layout.cells(row), rule=_rule_under(row))
        reserved = LEADING + PADDING if self._carried is not None else 0
        if self._left < line.height + reserved:
            self._turn_over()
        self._put(line)
        self._rows_of_book += 1
        if self._carried is not None:
            self._carried.take(row)

    def _begin_book(self, key: tuple[str, ...], row: ReportRow) -> None:
        layout = self._layout
        if layout.begins_pages and self._book is not None:
            self._finish_page()
        self._book, self._book_line = key, layout.book_line(row)
        self._rows_of_book = 0
        self._carried = Carried(layout) if layout.kind.running else None
        if not layout.begins_pages:
            if self._left < 4 * (LEADING + PADDING):
                self._finish_page()
            self._put_title(self._book_line)

    def _turn_over(self) -> None:
        """Go on with a book on the next page: 过次页 at the foot, 承前页 at the head."""
        text = self._layout.heading.text
        if self._carried is not None and self._rows_of_book:
            self._put(self._line(self._layout.cells(self._carried.row(text(message("过次页"))))))
        self._finish_page()
        if self._book is not None and not self._layout.begins_pages:
            self._put_title(text(message("{book}（续）", book=self._book_line)))
        if self._carried is not None and self._rows_of_book:
            self._put(self._line(self._layout.cells(self._carried.row(text(message("承前页"))))))

    def _put_title(self, title: str) -> None:
        self._put(_Line([], LEADING + PADDING, "", title))

    def _put(self, line: _Line) -> None:
        self._lines.append(line)
        self._left -= line.height

    def _line(self, cells: Sequence[Cell], rule: str = "") -> _Line:
        broken = [
            (cell, [cell.text] if cell.is_number or not cell.text else self._wrap(cell.text, width))
            for cell, width in zip(cells, self._widths, strict=True)
        ]
        height = max(len(lines) for _, lines in broken) * LEADING + PADDING
        return _Line(broken, height, rule)

    def end(self, totals: dict[str, str]) -> None:
        """Draw the totals under a rule, and the last page."""
        layout = self._layout
        if totals and not layout.kind.book_keys:
            line = self._line(totals_row(layout.columns, totals, layout.heading), rule="heavy")
            if self._left < line.height:
                self._finish_page()
            self._put(line)
        if "vouchers" in totals:
            counted = message(
                "凭证 {vouchers} 张，附件 {attachments} 张",
                vouchers=totals["vouchers"],
                attachments=totals["attachments"],
            )
            self._put_title(layout.heading.text(counted))
        self._finish_page()

    # --- pages -------------------------------------------------------------------------------------------------------

    def _finish_page(self) -> None:
        """Put what is laid out on paper, part by part, and begin an empty page."""
        for part in self._layout.parts:
            self._draw_page(part)
        self._lines = []
        self._left = self._room()

    def _draw_page(self, part: Part) -> None:
        layout, ink = self._layout, self._ink
        top = layout.height - MARGIN
        ink.centre(layout.heading.text(layout.kind.title), layout.width // 2, top - 12 * POINT, TITLE_SIZE, BLACK)
        self._draw_heading(top - 34 * POINT)
        y = self._draw_heads(part, top - 40 * POINT)
        first = y
        rules: list[tuple[int, str]] = []
        titles: list[int] = []
        for line in self._lines:
            if line.title:
                titles += [y, y - line.height]
                ink.text(line.title, part.edges[0] + PADDING, y - LEADING, SIZE, BLACK)
            else:
                self._draw_cells(part, line, y)
            y -= line.height
            rules.append((y, line.rule))
        self._draw_rules(part, first, rules)
        self._draw_uprights(part, first, y, titles)
        self._draw_foot()
        ink.flush()
        self._canvas.doForm(TOTAL_FORM)
        self._canvas.showPage()
        self.pages += 1

    def _draw_heading(self, y: int) -> None:
        """Draw the line under the title: whose book or which account, which months, which unit."""
        layout, ink, heading = self._layout, self._ink, self._layout.heading
        right = layout.width - MARGIN
        ink.right(heading.unit, right, y, SIZE, BLACK)
        if layout.begins_pages and self._book_line:
            right -= ink.width(heading.unit, SIZE) + GAP
            ink.right(heading.months, right, y, SIZE, BLACK)
            room = right - ink.width(heading.months, SIZE) - GAP - MARGIN
            # a name too long for the line goes up beside the title, where there is room for a second line
            for number, text in enumerate(reversed(self._wrap(self._book_line, room)[:2])):
                ink.text(text, MARGIN, y + LEADING * number, SIZE, BLACK)
        else:
            ink.text(heading.book_name, MARGIN, y, SIZE, BLACK)
            ink.centre(heading.months, layout.width // 2, y, SIZE, BLACK)

    def _draw_foot(self) -> None:
        layout, ink = self._layout, self._ink
        if layout.begins_pages:
            ink.text(layout.heading.book_name, MARGIN, MARGIN - 4 * POINT, SIZE, BLACK)
        page = layout.heading.text(message("第 {page} 页", page=self.pages))
        ink.right(page, layout.width - MARGIN - 2 * GAP, MARGIN - 4 * POINT, SIZE, BLACK)

    def document(self) -> bytes:
        """Write how many pages there are, and return the document."""
        layout, canvas = self._layout, self._canvas
        canvas.beginForm(TOTAL_FORM, 0, 0, layout.width // POINT, layout.height // POINT)
        count = layout.heading.text(message("共 {pages} 页", pages=self.pages - 1))
        self._ink.right(count, layout.width - MARGIN, MARGIN - 4 * POINT, SIZE, BLACK)
        self._ink.flush()
        canvas.endForm()
        canvas.save()
        return self._buffer.getvalue()

    def _draw_heads(self, part: Part, top: int) -> int:
        """Draw the columns' heads, below their groups' where there are some; return where the rows begin."""
        layout = self._layout
        columns = [layout.columns[place] for place in part.places]
        bottom = top - self._head_height()
        heads = heads_of(columns, layout.heading)
        for first, last, group in group_runs(columns):
            upper = top if group is None else top - GROUP_HEAD
            for place in range(first, last + 1):
                self._head(heads[place], part.edges[place], part.edges[place + 1], upper, bottom)
            if group is not None:
                self._head(layout.heading.text(group), part.edges[first], part.edges[last + 1], top, upper)
        return bottom

    def _head(self, text: str, left: int, right: int, top: int, bottom: int) -> None:
        box = [(left, top, right, top), (left, bottom, right, bottom), (left, bottom, left, top)]
        self._ink.lines([*box, (right, bottom, right, top)], BOLD, GREY_INK)
        lines = self._wrap(text, right - left - PADDING, HEAD_SIZE)[:2]
        y = (top + bottom + (len(lines) - 1) * HEAD_LEADING) // 2 - SIZE * 35 // 100
        for line in lines:
            self._ink.centre(line, (left + right) // 2, y, HEAD_SIZE, BLACK)
            y -= HEAD_LEADING

    def _draw_cells(self, part: Part, line: _Line, top: int) -> None:
        ink = self._ink
        for number, place in enumerate(part.places):
            cell, lines = line.cells[place]
            if not cell.text:
                continue
            left, right = part.edges[number], part.edges[number + 1]
            if cell.is_number:
                size = self._fitting(cell.text, right - left - 2 * PADDING)
                ink.right(cell.text, right - PADDING, top - LEADING, size, RED if cell.is_red else BLACK)
                continue
            for at, text in enumerate(lines):
                y = top - LEADING * (at + 1)
                if cell.is_centred:
                    ink.centre(text, (left + right) // 2, y, SIZE, BLACK)
                else:
                    ink.text(text, left + PADDING, y, SIZE, BLACK)

    def _draw_rules(self, part: Part, top: int, rules: Sequence[tuple[int, str]]) -> None:
        """Draw the lines under rows: a red one under what closes a month, two under a year's end (art. 63)."""
        ink, left, right = self._ink, part.edges[0], part.edges[-1]
        ink.lines([(left, y, right, y) for y, rule in rules if not rule], FINE, GREY)
        closing = [(left, y, right, y) for y, rule in rules if rule in {"month", "year"}]
        ink.lines([*closing, *((left, y + 160, right, y + 160) for y, rule in rules if rule == "year")], MIDDLE, RED)
        heavy = [(left, y, right, y) for y, rule in rules if rule == "heavy"]
        bottom = rules[-1][0] if rules else top
        ink.lines([*heavy, (left, bottom, right, bottom)], BOLD, GREY_INK)

    def _draw_uprights(self, part: Part, top: int, bottom: int, titles: Sequence[int]) -> None:
        """Draw the lines between columns, not through the lines that name a book."""
        stops = [top, *titles, bottom]
        spans = [span for span in zip(stops[::2], stops[1::2], strict=True) if span[0] > span[1]]
        between = [(x, upper, x, lower) for x in part.edges[1:-1] for upper, lower in spans]
        self._ink.lines(between, FINE, GREY_INK)
        self._ink.lines([(x, top, x, bottom) for x in (part.edges[0], part.edges[-1])], BOLD, GREY_INK)

    # --- texts -------------------------------------------------------------------------------------------------------

    def _fitting(self, text: str, width: int) -> int:
        """Return the size at which a number fits: one that is very long is written smaller, never cut."""
        needed = self._ink.width(text, SIZE)
        return SIZE if needed <= width else max(SIZE * width // needed, SMALLEST)

    def _wrap(self, text: str, width: int, size: int = SIZE) -> list[str]:
        """Break a text into lines that fit; Chinese may break anywhere."""
        if self._ink.width(text, size) <= width:
            return [text]
        lines, current, used = [], "", 0
        for character in text:
            wide = self._ink.width(character, size)
            if current and used + wide > width:
                # no line begins with a mark that closes what stands before it
                keep = current[:-1] if character in CLOSING and len(current) > 1 else current
                lines.append(keep)
                current = current[len(keep) :]
                used = self._ink.width(current, size)
            current += character
            used += wide
        return [*lines, current]


def _rule_under(row: ReportRow) -> str:
    """Return which line is drawn under a row."""
    kind = row.get("kind", "")
    if kind == "year" and str(row["date"])[5:7] == "12":
        return "year"
    return "month" if kind in {"month", "year"} else ""
