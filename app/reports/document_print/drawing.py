"""Drawing a document onto pages: issuer and title, for whom and when, the table over as many pages as it needs, totals.

Lengths are hundredths of a millimetre, sizes of type tenths of a point, as in `app.contract.printing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from app.contract.document_printing import DocumentPaper
from app.contract.printing import PrintPage, PrintPicture, PrintRule, PrintText
from app.reports.document_print.form import Align, Column, PrintedForm
from app.reports.voucher_print.rows import text_width, wrap

LOGO = "logo"
TITLE_SIZE, NAME_SIZE, TEXT_SIZE, SMALL_SIZE = 160, 110, 85, 75
LINE = 430
"""From line to line of ordinary type."""
SMALL_LINE = 370
PADDING = 90
THIN, THICK = 12, 25
LOGO_WIDTH, LOGO_HEIGHT = 3600, 1500
TITLE_HEIGHT = 900
PAGE_FOOT = 500
SIGNATURE_HEIGHT = 800


class Sheet(NamedTuple):
    """A page of paper and what is left free around it."""

    width: int
    height: int
    side: int
    top: int
    bottom: int

    @property
    def inner_width(self) -> int:
        """Return the width of the table."""
        return self.width - 2 * self.side


SHEETS: dict[DocumentPaper, Sheet] = {
    "a4": Sheet(21000, 29700, 1600, 1400, 1300),
    "a5": Sheet(21000, 14850, 1400, 900, 800),
    "241x140": Sheet(24100, 14000, 1700, 700, 700),
}


def draw_form(form: PrintedForm, paper: DocumentPaper) -> list[PrintPage]:
    """Return the pages of a document. Nothing is cut off: what is long goes on, over lines and pages."""
    return _Drawing(form, SHEETS[paper]).draw()


class _Drawing:
    def __init__(self, form: PrintedForm, sheet: Sheet) -> None:
        self._form = form
        self._sheet = sheet
        self._pages: list[PrintPage] = []
        self._texts: list[PrintText] = []
        self._rules: list[PrintRule] = []
        self._pictures: list[PrintPicture] = []
        self._y = sheet.top
        shares = [0, *accumulate(column.share for column in form.columns)]
        self._edges = [sheet.side + sheet.inner_width * share // shares[-1] for share in shares]

    def draw(self) -> list[PrintPage]:
        self._begin_page(first=True)
        for row in self._form.rows:
            self._row(row)
        self._end_table()
        self._ending()
        self._end_page()
        return self._numbered()

    @property
    def _low(self) -> int:
        """The last height that may be written on."""
        return self._sheet.height - self._sheet.bottom - PAGE_FOOT

    # --- pages -------------------------------------------------------------------------------------------------------

    def _begin_page(self, *, first: bool, with_table: bool = True) -> None:
        self._texts, self._rules, self._pictures = [], [], []
        self._y = self._sheet.top
        if first:
            self._issuer()
        self._title()
        self._facts(first=first)
        if first and self._form.opening:
            self._paragraph(self._form.opening, TEXT_SIZE, LINE)
            self._y += 150
        if with_table:
            self._table_top = self._y
            self._row([column.head for column in self._form.columns], is_head=True)

    def _end_page(self) -> None:
        self._pages.append(PrintPage(texts=self._texts, rules=self._rules, pictures=self._pictures))

    def _numbered(self) -> list[PrintPage]:
        sheet, count = self._sheet, len(self._pages)
        y = sheet.height - sheet.bottom - PAGE_FOOT
        for number, page in enumerate(self._pages, start=1):
            text = self._form.of_pages.format(page=number, pages=count)
            page.texts.append(
                PrintText(
                    x=sheet.side,
                    y=y,
                    width=sheet.inner_width,
                    height=PAGE_FOOT,
                    text=text,
                    size=SMALL_SIZE,
                    align="centre",
                )
            )
        return self._pages

    # --- the head ----------------------------------------------------------------------------------------------------

    def _issuer(self) -> None:
        issuer, sheet = self._form.issuer, self._sheet
        left = sheet.side
        low = self._y
        if issuer.has_logo:
            self._pictures.append(PrintPicture(x=left, y=self._y, width=LOGO_WIDTH, height=LOGO_HEIGHT, name=LOGO))
            left += LOGO_WIDTH + 300
            low += LOGO_HEIGHT
        width = sheet.side + sheet.inner_width - left
        y = self._y
        for line in wrap(issuer.name, width * TEXT_SIZE // NAME_SIZE):
            self._text(left, y, width, 560, line, NAME_SIZE)
            y += 560
        for text in issuer.lines:
            for line in wrap(text, width):
                self._text(left, y, width, SMALL_LINE, line, SMALL_SIZE)
                y += SMALL_LINE
        self._y = max(y, low) + 100

    def _title(self) -> None:
        form, sheet = self._form, self._sheet
        self._text(sheet.side, self._y, sheet.inner_width, TITLE_HEIGHT, form.title, TITLE_SIZE, "centre")
        if form.mark:
            beside = text_width(form.title, TITLE_SIZE * 2540 // 720) // 2 + 400
            x = sheet.side + sheet.inner_width // 2 + beside
            self._text(x, self._y, sheet.side + sheet.inner_width - x, TITLE_HEIGHT, form.mark, 110, red=True)
        self._y += TITLE_HEIGHT + 100

    def _facts(self, *, first: bool) -> None:
        """For whom and when; further pages repeat the first line of each side, so that loose pages find each other."""
        sheet = self._sheet
        half = sheet.inner_width * 58 // 100
        left = self._fact_lines(self._form.left if first else self._form.left[:1], half - 300)
        right = self._fact_lines(self._form.right if first else self._form.right[:2], sheet.inner_width - half)
        for lines, x, width in (
            (left, sheet.side, half - 300),
            (right, sheet.side + half, sheet.inner_width - half),
        ):
            for number, line in enumerate(lines):
                self._text(x, self._y + number * LINE, width, LINE, line, TEXT_SIZE)
        self._y += max(len(left), len(right)) * LINE + 150

    @staticmethod
    def _fact_lines(facts: Sequence[tuple[str, str]], width: int) -> list[str]:
        return [line for label, value in facts for line in wrap(f"{label}{value}", width)]

    # --- the table ---------------------------------------------------------------------------------------------------

    def _row(self, cells: Sequence[str], *, is_head: bool = False) -> None:
        columns = self._form.columns
        wrapped = [
            wrap(cell, self._edges[place + 1] - self._edges[place] - 2 * PADDING) for place, cell in enumerate(cells)
        ]
        lines = max(len(cell) for cell in wrapped)
        begin = 0
        while begin < lines:
            room = (self._low - self._y - 2 * PADDING) // LINE
            if room < 1 or (begin == 0 and room < min(lines, 3) and not is_head):
                self._end_table()
                self._end_page()
                self._begin_page(first=False)
                room = max((self._low - self._y - 2 * PADDING) // LINE, 1)
            part = [cell[begin : begin + room] for cell in wrapped]
            self._row_part(columns, part, is_head=is_head)
            begin += room

    def _row_part(self, columns: Sequence[Column], cells: Sequence[Sequence[str]], *, is_head: bool) -> None:
        top = self._y
        height = max(len(cell) for cell in cells) * LINE + 2 * PADDING
        for place, cell in enumerate(cells):
            x, width = self._edges[place] + PADDING, self._edges[place + 1] - self._edges[place] - 2 * PADDING
            align: Align = "centre" if is_head else columns[place].align
            shift = (height - len(cell) * LINE) // 2
            for number, line in enumerate(cell):
                red = align == "right" and line.startswith("-")
                self._text(x, top + shift + number * LINE, width, LINE, line, TEXT_SIZE, align, red=red)
        weight = THICK if is_head else THIN
        self._rules.append(
            PrintRule(x1=self._edges[0], y1=top, x2=self._edges[-1], y2=top, weight=weight, dashed=False)
        )
        self._y = top + height

    def _end_table(self) -> None:
        """Close the frame: the last line, and the upright rules from the head down."""
        low = self._y
        self._rules.append(PrintRule(x1=self._edges[0], y1=low, x2=self._edges[-1], y2=low, weight=THICK))
        for edge in self._edges:
            outer = edge in {self._edges[0], self._edges[-1]}
            self._rules.append(PrintRule(x1=edge, y1=self._table_top, x2=edge, y2=low, weight=THICK if outer else THIN))

    # --- what comes after the table ----------------------------------------------------------------------------------

    def _ending(self) -> None:
        form, sheet = self._form, self._sheet
        self._y += 120
        if form.totals or form.capital:
            self._need(LINE * max(len(form.totals), 1))
            top = self._y
            if form.capital:
                for number, line in enumerate(wrap(form.capital, sheet.inner_width * 62 // 100)):
                    self._text(sheet.side, top + number * LINE, sheet.inner_width, LINE, line, TEXT_SIZE + 5)
                    self._y = top + (number + 1) * LINE
            width = sheet.inner_width * 36 // 100
            x = sheet.side + sheet.inner_width - width
            for number, (label, value) in enumerate(form.totals):
                y = top + number * LINE
                self._text(x, y, width, LINE, label, TEXT_SIZE)
                self._text(x, y, width, LINE, value, TEXT_SIZE, "right", red=value.startswith("-"))
                self._y = max(self._y, y + LINE)
            self._y += 150
        if form.closing:
            self._paragraph(form.closing, SMALL_SIZE, SMALL_LINE)
        if form.signatures:
            self._need(SIGNATURE_HEIGHT)
            part = sheet.inner_width // len(form.signatures)
            for number, text in enumerate(form.signatures):
                self._text(
                    sheet.side + number * part, self._y + 150, part - 200, SIGNATURE_HEIGHT - 150, text, TEXT_SIZE
                )
            self._y += SIGNATURE_HEIGHT

    def _paragraph(self, text: str, size: int, step: int) -> None:
        sheet = self._sheet
        for written in text.splitlines():
            for line in wrap(written, sheet.inner_width * TEXT_SIZE // size):
                self._need(step)
                self._text(sheet.side, self._y, sheet.inner_width, step, line, size)
                self._y += step

    def _need(self, height: int) -> None:
        if self._y + height > self._low:
            self._end_page()
            self._begin_page(first=False, with_table=False)

    def _text(
        self,
        x: int,
        y: int,
        width: int,
        height: int,
        text: str,
        size: int,
        align: Align = "left",
        *,
        red: bool = False,
    ) -> None:
        if text:
            self._texts.append(
                PrintText(x=x, y=y, width=width, height=height, text=text, size=size, align=align, red=red)
            )
