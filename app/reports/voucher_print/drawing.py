"""Drawing a sheet: title, month and number, the table with its columns of digits, the total in capitals, the names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from app.contract.ledger import Voucher
from app.contract.printing import PrintPage, PrintRule, PrintText
from app.kernel.money import format_amount, group_thousands
from app.kernel.text import Message, message
from app.reports.voucher_print.paper import (
    DIGIT_COLUMNS,
    HEAD_HEIGHT,
    INFO_HEIGHT,
    SIGNATURE_HEIGHT,
    TITLE_HEIGHT,
    TOTAL_HEIGHT,
    PaperForm,
)
from app.reports.voucher_print.rows import PADDING, TEXT_SIZE, PrintedRow, PrintedSheet, text_width

Align = Literal["left", "centre", "right"]
PLACES = "亿千百十万千百十元角分"
TITLES = {
    "收": message("收 款 凭 证"),
    "付": message("付 款 凭 证"),
    "转": message("转 账 凭 证"),
    "现收": message("收 款 凭 证"),
    "银收": message("收 款 凭 证"),
    "现付": message("付 款 凭 证"),
    "银付": message("付 款 凭 证"),
}
TITLE_SIZE, SMALL_SIZE, DIGIT_SIZE = 150, 70, 85
THIN, THICK = 12, 30
LINE_HEIGHT = 430
STRIP_WIDTH = 620


class BookWords:
    """What is the same on every sheet: the book's name, the digits of its currency, the reader's language."""

    def __init__(self, book: str, digits: int, chief: str, catalogue: Mapping[str, str] | None) -> None:
        """Keep them."""
        self.book = book
        self.digits = digits
        self.chief = chief
        self._catalogue = catalogue

    def text(self, sentence: Message) -> str:
        """Return a text in the reader's language."""
        return sentence.render(self._catalogue)


class PageDrawing:
    """Collects the texts and rules of one page of paper, sheet after sheet."""

    def __init__(self, form: PaperForm, words: BookWords) -> None:
        """Begin an empty page."""
        self._form = form
        self._words = words
        self._texts: list[PrintText] = []
        self._rules: list[PrintRule] = []
        self._count = 0
        self._offset = 0

    @property
    def is_full(self) -> bool:
        """Tell whether no sheet fits any more."""
        return self._count == self._form.sheets

    def finish(self) -> PrintPage:
        """Return the page."""
        return PrintPage(texts=self._texts, rules=self._rules)

    def draw(self, voucher: Voucher, printed: PrintedSheet) -> None:
        """Draw one sheet below those that are there."""
        sheet = self._form.sheet
        self._offset = self._count * sheet.height
        if self._count:
            self._rule(0, 0, self._form.width, 0, THIN, dashed=True)
        self._count += 1
        left, top = sheet.left, sheet.top
        self._heading(voucher, printed, left, top)
        table = top + TITLE_HEIGHT + INFO_HEIGHT
        self._table_head(left, table)
        y = table + HEAD_HEIGHT
        for row in printed.rows:
            self._entry(row, left, y)
            y += row.height * sheet.row_height
        bottom = table + HEAD_HEIGHT + sheet.rows * sheet.row_height
        for empty in range(y + sheet.row_height, bottom, sheet.row_height):
            self._rule(left, empty, left + sheet.inner_width, empty, THIN)
        self._total(voucher, printed, left, bottom)
        self._grid(left, table, bottom)
        self._attachments(voucher, left + sheet.inner_width, table, bottom + TOTAL_HEIGHT)
        self._signatures(voucher, left, bottom + TOTAL_HEIGHT)

    # --- the parts of a sheet ----------------------------------------------------------------------------------------

    def _heading(self, voucher: Voucher, printed: PrintedSheet, left: int, top: int) -> None:
        sheet, words = self._form.sheet, self._words
        width = sheet.inner_width
        title = words.text(TITLES.get(voucher.word, message("记 账 凭 证")))
        self._text(left, top, width, TITLE_HEIGHT - 250, title, TITLE_SIZE, "centre")
        half = text_width(title, TITLE_SIZE * 2540 // 720) // 2 + 300
        middle = left + width // 2
        for lower in (200, 130):
            self._rule(middle - half, top + TITLE_HEIGHT - lower, middle + half, top + TITLE_HEIGHT - lower, THIN)
        mark = self._state_mark(voucher)
        if mark:
            self._text(left, top, width, TITLE_HEIGHT - 250, mark, TEXT_SIZE + 20, "right", red=voucher.state == "void")
        y = top + TITLE_HEIGHT
        year, month, day = voucher.date.split("-")
        date = words.text(message("{year} 年 {month} 月 {day} 日", year=year, month=month, day=day))
        number = "?" if voucher.number is None else str(voucher.number)
        if printed.sheet_count > 1:
            number = f"{number} {printed.sheet_number}/{printed.sheet_count}"
        name = words.text(message("{word}字第 {number} 号", word=voucher.word, number=number))
        book = words.text(message("核算单位：{book}", book=words.book))
        third = width // 3
        self._text(left, y, third + 800, INFO_HEIGHT, book, TEXT_SIZE, "left")
        self._text(left, y, width, INFO_HEIGHT, date, TEXT_SIZE, "centre")
        self._text(left + 2 * third, y, width - 2 * third, INFO_HEIGHT, name, TEXT_SIZE, "right")

    def _state_mark(self, voucher: Voucher) -> str:
        if voucher.state == "void":
            return self._words.text(message("作废"))
        return "" if voucher.state == "posted" else self._words.text(message("未记账"))

    def _table_head(self, left: int, top: int) -> None:
        sheet, words = self._form.sheet, self._words
        self._text(left, top, sheet.summary_width, HEAD_HEIGHT, words.text(message("摘要")), TEXT_SIZE, "centre")
        x = left + sheet.summary_width
        self._text(x, top, sheet.account_width, HEAD_HEIGHT, words.text(message("会计科目")), TEXT_SIZE, "centre")
        x += sheet.account_width
        half = HEAD_HEIGHT // 2
        for title in (message("借方金额"), message("贷方金额")):
            self._text(x, top, sheet.amount_width, half, words.text(title), TEXT_SIZE - 5, "centre")
            if self._words.digits == 2:
                for place, character in enumerate(PLACES):
                    self._text(
                        x + place * sheet.digit_width,
                        top + half,
                        sheet.digit_width,
                        half,
                        character,
                        SMALL_SIZE,
                        "centre",
                    )
            x += sheet.amount_width
        self._rule(x - 2 * sheet.amount_width, top + half, x, top + half, THIN)

    def _entry(self, row: PrintedRow, left: int, y: int) -> None:
        sheet = self._form.sheet
        height = row.height * sheet.row_height
        columns = (
            (left, sheet.summary_width, row.summary),
            (left + sheet.summary_width, sheet.account_width, row.account),
        )
        for x, width, lines in columns:
            step = min(LINE_HEIGHT, height // max(1, len(lines)))
            begin = y + (height - step * len(lines)) // 2
            for number, line in enumerate(lines):
                self._text(x + PADDING, begin + number * step, width - 2 * PADDING, step, line, TEXT_SIZE, "left")
        x = left + sheet.summary_width + sheet.account_width
        self._amount(row.debit, x, y, height)
        self._amount(row.credit, x + sheet.amount_width, y, height)
        self._rule(left, y + height, left + sheet.inner_width, y + height, THIN)

    def _amount(self, minor: int, x: int, y: int, height: int, sign: str = "") -> None:
        """Draw an amount into its columns of digits, red ones with their minus; too long ones go across them."""
        if not minor and not sign:
            return
        sheet = self._form.sheet
        text = f"{'-' if minor < 0 else ''}{sign}{abs(minor)}"
        if self._words.digits != 2 or len(text) > DIGIT_COLUMNS:
            amount = sign + group_thousands(format_amount(minor, self._words.digits))
            width = sheet.amount_width - PADDING
            self._text(x, y, width, height, amount, DIGIT_SIZE, "right", red=minor < 0)
            return
        if abs(minor) < 100:
            text = f"{'-' if minor < 0 else ''}{sign}{abs(minor):03d}"
        begin = DIGIT_COLUMNS - len(text)
        for place, character in enumerate(text, start=begin):
            self._text(
                x + place * sheet.digit_width,
                y,
                sheet.digit_width,
                height,
                character,
                DIGIT_SIZE,
                "centre",
                red=minor < 0,
            )

    def _total(self, voucher: Voucher, printed: PrintedSheet, left: int, y: int) -> None:
        sheet, words = self._form.sheet, self._words
        width = sheet.summary_width + sheet.account_width
        debit, credit = printed.debit, printed.credit
        is_last = printed.sheet_number == printed.sheet_count
        if is_last:
            debit, credit = self._whole(voucher)
            label = words.text(message("合计　{capital}", capital=voucher.capital))
        else:
            label = words.text(message("本页小计（转下页）"))
        self._text(left + PADDING, y, width - 2 * PADDING, TOTAL_HEIGHT, label, TEXT_SIZE + 5, "left")
        x = left + width
        sign = "¥" if words.digits == 2 else ""
        for amount, at in ((debit, x), (credit, x + sheet.amount_width)):
            if amount or is_last:
                self._amount(amount, at, y, TOTAL_HEIGHT, sign)

    def _whole(self, voucher: Voucher) -> tuple[int, int]:
        def minor(text: str) -> int:
            return int(text.replace(".", ""))

        return minor(voucher.debit_total), minor(voucher.credit_total)

    def _grid(self, left: int, top: int, bottom: int) -> None:
        """Draw the frame, the upright rules and, every third digit, a heavier one."""
        sheet = self._form.sheet
        right, low = left + sheet.inner_width, bottom + TOTAL_HEIGHT
        self._rule(left, top + HEAD_HEIGHT, right, top + HEAD_HEIGHT, THIN)
        for x1, y1, x2, y2 in (
            (left, top, right, top),
            (left, low, right, low),
            (left, top, left, low),
            (right, top, right, low),
        ):
            self._rule(x1, y1, x2, y2, THICK)
        self._rule(left, bottom, right, bottom, THIN)
        x = left + sheet.summary_width
        self._rule(x, top, x, bottom, THIN)
        x += sheet.account_width
        for _side in range(2):
            self._rule(x, top, x, low, THICK)
            if self._words.digits == 2:
                for place in range(1, DIGIT_COLUMNS):
                    heavy = (DIGIT_COLUMNS - 2 - place) % 3 == 0
                    at = x + place * sheet.digit_width
                    self._rule(at, top + HEAD_HEIGHT // 2, at, low, THIN + 8 if heavy else THIN // 2)
            x += sheet.amount_width

    def _attachments(self, voucher: Voucher, x: int, top: int, bottom: int) -> None:
        """Write the number of documents downwards beside the table, where the papers are stapled."""
        text = self._words.text(message("附单据{count}张", count=voucher.attachment_count or "　"))
        if not all(ord(character) > 127 or character.isdigit() for character in text):
            self._text(x - 6000, top - INFO_HEIGHT * 2, 6000, INFO_HEIGHT, text, SMALL_SIZE, "right")
            return
        parts: list[str] = []
        for character in text:
            if character.isdigit() and parts and parts[-1].isdigit():
                parts[-1] += character
            else:
                parts.append(character)
        step = LINE_HEIGHT + 60
        y = top + (bottom - top - step * len(parts)) // 2
        for number, part in enumerate(parts):
            self._text(x + 60, y + number * step, STRIP_WIDTH - 60, step, part, TEXT_SIZE, "centre")

    def _signatures(self, voucher: Voucher, left: int, y: int) -> None:
        words = self._words
        names = (
            message("会计主管：{name}", name=words.chief),
            message("记账：{name}", name=voucher.poster or ""),
            message("审核：{name}", name=voucher.reviewer or ""),
            message("出纳：{name}", name=voucher.cashier or ""),
            message("制单：{name}", name=voucher.maker),
        )
        width = self._form.sheet.inner_width // len(names)
        for place, name in enumerate(names):
            x = left + place * width
            self._text(x, y, width - PADDING, SIGNATURE_HEIGHT, words.text(name), TEXT_SIZE, "left")

    # --- pieces ------------------------------------------------------------------------------------------------------

    def _text(
        self, x: int, y: int, width: int, height: int, text: str, size: int, align: Align, *, red: bool = False
    ) -> None:
        self._texts.append(
            PrintText(x=x, y=y + self._offset, width=width, height=height, text=text, size=size, align=align, red=red)
        )

    def _rule(self, x1: int, y1: int, x2: int, y2: int, weight: int, *, dashed: bool = False) -> None:
        self._rules.append(
            PrintRule(x1=x1, y1=y1 + self._offset, x2=x2, y2=y2 + self._offset, weight=weight, dashed=dashed)
        )
