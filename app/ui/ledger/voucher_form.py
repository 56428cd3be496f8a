"""The form of a voucher as bookkeepers know it from paper: head, lines, total in capitals, names, stamp."""

from __future__ import annotations

import datetime
import html
from collections.abc import Mapping, Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QFont, QPainter, QPaintEvent
from PyQt5.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from app.contract.ledger import Fault, VoucherInput
from app.kernel.money import format_amount, group_thousands
from app.kernel.period import parse_date
from app.kernel.text import Message
from app.ui.language import tr, tr_message
from app.ui.ledger.amounts import display_amount
from app.ui.ledger.date_field import DateField
from app.ui.ledger.pinned_row import PinnedRow
from app.ui.ledger.shades import green_ink, quiet_ink, red_ink
from app.ui.ledger.stamp import Stamp
from app.ui.ledger.voucher_grid import VoucherGrid
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_lookups import VoucherLookups
from app.ui.ledger.voucher_model import VoucherModel
from app.ui.ledger.voucher_sheet import VoucherSheet
from app.ui.widgets.form_dialog import mark_wrong
from app.ui.widgets.limits import limit_to

WORDS = ("记", "收", "付", "转")
FAULT_COLUMNS: Mapping[str, Column] = {
    "summary_empty": Column.SUMMARY,
    "account_not_leaf": Column.ACCOUNT,
    "account_inactive": Column.ACCOUNT,
    "auxiliary_missing": Column.AUXILIARY,
    "auxiliary_not_offered": Column.AUXILIARY,
    "auxiliary_inactive": Column.AUXILIARY,
    "currency_mismatch": Column.CURRENCY,
    "cash_flow_within_cash": Column.CASH_FLOW,
    "cash_flow_not_cash": Column.CASH_FLOW,
}


class VoucherForm(QWidget):
    """Shows one `VoucherSheet` and lets it be typed into; knows nothing of the server."""

    edited = pyqtSignal()
    voucher_wanted = pyqtSignal(int)
    """The id of a voucher this one is linked to."""

    def __init__(self, today: datetime.date, user_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._user_name = user_name
        self._filling = False
        self.model = VoucherModel(VoucherSheet(), self)
        self.lookups = VoucherLookups(lambda: self.model.sheet, self)
        self.grid = VoucherGrid(self.model, self.lookups, self)
        self.title = QLabel(self)
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.kind = QLabel(self)
        self.kind.setTextFormat(Qt.TextFormat.RichText)
        self.kind.linkActivated.connect(lambda link: self.voucher_wanted.emit(int(link)))
        self.stamp = Stamp(self)
        self.word = QComboBox(self)
        self.word.setEditable(True)
        self.word.addItems(WORDS)
        word = self.word.lineEdit()
        if word is not None:
            limit_to(word, VoucherInput, "word")
        self.number = QLabel(self)
        self.date = DateField(today, self)
        self.attachments = QSpinBox(self)
        self.attachments.setRange(0, 9999)
        self.attachments.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.attachments.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._labels = {
            name: QLabel(self) for name in ("word", "number", "number_end", "date", "attachments", "sheets")
        }
        self.faults = QLabel(self)
        self.faults.setWordWrap(True)
        self.faults.setTextFormat(Qt.TextFormat.RichText)
        self.faults.linkActivated.connect(self._go_to_fault)
        self.faults.hide()
        header, sideways = self.grid.horizontalHeader(), self.grid.horizontalScrollBar()
        assert header is not None  # noqa: S101  # every table view has one; the stubs say it may not
        self.totals = PinnedRow(header, sideways, self)
        self.difference = QLabel(self)
        self.people = {name: QLabel(self) for name in ("maker", "reviewer", "poster", "cashier")}
        self._lay_out()
        self._connect()
        self._size_title()

    def _lay_out(self) -> None:
        head = QGridLayout()
        head.setVerticalSpacing(0)
        head.setColumnStretch(0, 1)
        head.setColumnStretch(2, 1)
        left, right = QHBoxLayout(), QHBoxLayout()
        left.addWidget(self.kind)
        left.addStretch(1)
        right.addStretch(1)
        right.addWidget(self.stamp)
        rule = _DoubleRule(self)
        head.addLayout(left, 0, 0)
        head.addWidget(self.title, 0, 1)
        head.addLayout(right, 0, 2)
        head.addWidget(rule, 1, 1)
        facts = QHBoxLayout()
        for widget in (
            self._labels["word"],
            self.word,
            self._labels["number"],
            self.number,
            self._labels["number_end"],
        ):
            facts.addWidget(widget)
        facts.addStretch(1)
        facts.addWidget(self._labels["date"])
        facts.addWidget(self.date)
        facts.addStretch(1)
        for widget in (self._labels["attachments"], self.attachments, self._labels["sheets"]):
            facts.addWidget(widget)
        foot = QHBoxLayout()
        for label in self.people.values():
            label.setTextFormat(Qt.TextFormat.PlainText)
            foot.addWidget(label, 1)
        foot.addWidget(self.difference)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(self.grid, 1)
        lines.addWidget(self.totals)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(head)
        outer.addLayout(facts)
        outer.addWidget(self.faults)
        outer.addLayout(lines, 1)
        outer.addLayout(foot)
        self._labels["word"].setBuddy(self.word)
        self._labels["date"].setBuddy(self.date)
        self._labels["attachments"].setBuddy(self.attachments)
        for before, after in ((self.word, self.date), (self.date, self.attachments), (self.attachments, self.grid)):
            QWidget.setTabOrder(before, after)

    def _connect(self) -> None:
        self.model.edited.connect(self._show_sums)
        self.model.edited.connect(self.edited)
        self.date.date_changed.connect(self._head_edited)
        self.word.currentTextChanged.connect(self._word_chosen)
        self.attachments.valueChanged.connect(self._head_edited)
        rows = self.grid.verticalHeader()
        if rows is not None:
            rows.geometriesChanged.connect(self._align_totals)

    def _size_title(self) -> None:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.6)
        font.setBold(True)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 140)
        self.title.setFont(font)

    # --- showing a voucher -------------------------------------------------------------------------------------------

    @property
    def sheet(self) -> VoucherSheet:
        """The voucher shown."""
        return self.model.sheet

    def show_sheet(self, sheet: VoucherSheet) -> None:
        """Show a voucher, new or stored."""
        self._filling = True
        try:
            self.date.set_date(parse_date(sheet.date))
            self._show_word(sheet.word)
            self.attachments.setValue(sheet.attachment_count)
        finally:
            self._filling = False
        for widget in (self.date, self.attachments):
            widget.setReadOnly(not sheet.editable)
            widget.setEnabled(True)
        self.word.setEnabled(sheet.editable)
        self.model.show_sheet(sheet)
        self.show_state()

    def show_state(self) -> None:
        """Show number, stamp, names and faults of the voucher as stored."""
        stored = self.sheet.stored
        numbered = stored is not None and stored.number is not None
        self.number.setText(str(stored.number) if stored is not None and numbered else tr("（待编）"))
        palette = self.palette()
        stamps = {
            "reviewed": (tr("已审核"), palette.color(palette.Link)),
            "posted": (tr("已记账"), green_ink(palette)),
            "void": (tr("作废"), red_ink(palette)),
        }
        text, ink = stamps.get(stored.state if stored else "draft", ("", red_ink(palette)))
        self.stamp.show_text(text, ink)
        self.kind.setText("   ".join(self._notes()))
        names = {
            "maker": (tr("制单："), stored.maker if stored else self._user_name),
            "reviewer": (tr("审核："), stored.reviewer if stored else ""),
            "poster": (tr("记账："), stored.poster if stored else ""),
            "cashier": (tr("出纳："), stored.cashier if stored else ""),
        }
        for name, (title, person) in names.items():
            self.people[name].setText(f"{title} {person or ''}".rstrip())
        self.show_faults(stored.faults if stored and stored.state == "draft" else [])
        self._show_sums()

    def _notes(self) -> list[str]:
        """Return what is special about the voucher; notes about another voucher lead to it."""
        stored = self.sheet.stored
        kinds = {"transfer": tr("转账凭证"), "close_pl": tr("损益结转"), "close_year": tr("年末结转")}
        links = [
            (tr("红字冲销"), stored.reversal_of if stored else None),
            (tr("更正凭证"), self.sheet.correction_of),
            (tr("已被冲销"), stored.reversed_by if stored else None),
        ]
        notes = [f'<a href="{other}">{html.escape(text)}</a>' for text, other in links if other is not None]
        kind = kinds.get(self.sheet.kind, "")
        return [html.escape(kind), *notes] if kind else notes

    def show_faults(self, faults: Sequence[Fault]) -> None:
        """List why a draft cannot be reviewed yet, each a way to its row, and mark the cells."""
        used = self.sheet.used
        marks: dict[tuple[int, Column], str] = {}
        places: list[str] = []
        for fault in faults:
            text = html.escape(fault.message)
            if fault.line is not None and 1 <= fault.line <= len(used):
                row, column = used[fault.line - 1], FAULT_COLUMNS.get(fault.code, Column.SUMMARY)
                column = Column.ACCOUNT if self.grid.isColumnHidden(column) else column
                marks[row, column] = fault.message
                text = f'<a href="{row}:{int(column)}">{text}</a>'
            places.append(text)
        self.model.set_faults(marks)
        self.faults.setVisible(bool(places))
        self.faults.setText(f"{html.escape(tr('草稿还不完整：'))}{' '.join(places)}" if places else "")

    def mark_cells(self, marks: Mapping[tuple[int, Column], str]) -> None:
        """Mark cells the server refused and go to the first."""
        self.model.set_faults(marks)
        if marks:
            self.grid.go(*min(marks))

    def _go_to_fault(self, link: str) -> None:
        row, _, column = link.partition(":")
        self.grid.go(int(row), Column(int(column)))

    # --- typing ------------------------------------------------------------------------------------------------------

    def collect(self) -> VoucherSheet:
        """Close the open cell, read the head, and return the sheet."""
        self.grid.commit()
        self._read_head()
        return self.sheet

    def _read_head(self) -> None:
        sheet = self.sheet
        if sheet.editable:
            sheet.date = self.date.wire
            sheet.word = self.word.currentText().strip()
            sheet.attachment_count = self.attachments.value()

    def show_attachment_count(self, count: int) -> None:
        """Show a number of documents the server has; nothing was typed."""
        self._filling = True
        try:
            self.attachments.setValue(count)
            self.sheet.attachment_count = count
        finally:
            self._filling = False

    def set_words(self, words: Sequence[str], *, only: bool) -> None:
        """Offer the book's words; `only` these where the book judges words."""
        self._filling = True
        try:
            shown = self.word.currentText()
            self.word.clear()
            self.word.addItems(list(dict.fromkeys([*words, *([] if only else WORDS)])))
            self.word.setEditable(not only)
            self._show_word(shown if shown in words or self.sheet.chose_word else words[0] if words else shown)
        finally:
            self._filling = False

    def show_proposed_word(self, word: str) -> None:
        """Show the word the lines ask for, unless the user said one."""
        if not self.sheet.chose_word and self.sheet.stored is None:
            self._filling = True
            try:
                self._show_word(word)
            finally:
                self._filling = False

    def _show_word(self, word: str) -> None:
        if not self.word.isEditable() and self.word.findText(word) < 0:
            self.word.addItem(word)
        self.word.setCurrentText(word)

    def _word_chosen(self, _text: str) -> None:
        if not self._filling:
            self.sheet.chose_word = True
            self._head_edited()

    def _head_edited(self, *_value: object) -> None:
        if not self._filling:
            self._read_head()
            self.edited.emit()

    def mark_head(self, fields: Mapping[str, object]) -> None:
        """Mark the head's fields the server refused."""
        for name, widget in (("date", self.date), ("word", self.word), ("attachment_count", self.attachments)):
            mark_wrong(widget, name in fields)

    # --- sums --------------------------------------------------------------------------------------------------------

    def _show_sums(self) -> None:
        sheet = self.sheet
        debit, credit = sheet.totals()
        texts = [""] * len(Column)
        texts[Column.SUMMARY] = tr("合计：{capital}", capital=sheet.capital()) if sheet.capital() else tr("合计")
        texts[Column.DEBIT] = display_amount(debit, sheet.base_digits)
        texts[Column.CREDIT] = display_amount(credit, sheet.base_digits)
        self.totals.show_texts(texts, left=frozenset({Column.SUMMARY}))
        self.totals.clearSpans()
        self.totals.setSpan(0, Column.SUMMARY, 1, Column.DEBIT)
        self._align_totals()
        self.difference.setText(difference_text(sheet))
        palette = self.difference.palette()
        ink = red_ink(self.palette()) if sheet.difference else green_ink(self.palette())
        if not debit and not credit:
            ink = quiet_ink(self.palette())
        palette.setColor(palette.WindowText, ink)
        self.difference.setPalette(palette)

    def _align_totals(self) -> None:
        rows = self.grid.verticalHeader()
        if rows is not None:
            self.totals.set_indent(rows.width())

    def retranslate(self, *, english: bool) -> None:
        """Set every text in the window's language."""
        self.lookups.english = english
        self.title.setText(tr("记账凭证"))
        self._labels["word"].setText(tr("凭证字"))
        self._labels["number"].setText(tr("第"))
        self._labels["number_end"].setText(tr("号"))
        # English says "No. 12" and "Attachments 3", with nothing after the figure.
        self._labels["number_end"].setHidden(english)
        self._labels["sheets"].setHidden(english)
        self._labels["date"].setText(tr("日期"))
        self._labels["attachments"].setText(tr("附单据"))
        self._labels["sheets"].setText(tr("张"))
        self.grid.setAccessibleName(tr("分录"))
        self.model.retranslate(english=english)
        self.show_state()


class _DoubleRule(QFrame):
    """The double line under the title of the printed form."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedHeight(4)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw both lines."""
        del event
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.palette().WindowText))
        painter.drawLine(0, 0, self.width(), 0)
        painter.drawLine(0, 3, self.width(), 3)
        painter.end()


def difference_text(sheet: VoucherSheet) -> str:
    """Say whether the voucher balances, and which side lacks how much."""
    debit, credit = sheet.totals()
    if not debit and not credit and not any(line.amount for line in sheet.lines):
        return ""
    difference = sheet.difference
    if not difference:
        return tr("✓ 借贷平衡")
    amount = group_thousands(format_amount(abs(difference), sheet.base_digits))
    return tr("贷方少 {amount}", amount=amount) if difference > 0 else tr("借方少 {amount}", amount=amount)


def refused_cells(sheet: VoucherSheet, fields: Mapping[str, Message]) -> dict[tuple[int, Column], str]:
    """Return the cells the server's error paths point at, with their sentences."""
    marks: dict[tuple[int, Column], str] = {}
    for path, text in fields.items():
        cell = sheet.cell_of(path)
        if cell is not None:
            marks[cell] = tr_message(text)
    return marks
