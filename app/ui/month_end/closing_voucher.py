"""A voucher a step proposes, to be edited before it is saved: the same grid and keys as the voucher page."""

from __future__ import annotations

import html
from collections.abc import Mapping

from PyQt5.QtCore import QEvent, Qt, pyqtSignal
from PyQt5.QtGui import QGuiApplication, QShowEvent
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.contract.ledger import Currency, VoucherInput
from app.kernel.errors import MalformedInput
from app.kernel.text import Message
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.amounts import display_amount
from app.ui.ledger.pinned_row import PinnedRow
from app.ui.ledger.shades import green_ink, red_ink
from app.ui.ledger.voucher_form import difference_text, refused_cells
from app.ui.ledger.voucher_grid import VoucherGrid
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_lookups import VoucherLookups
from app.ui.ledger.voucher_model import VoucherModel
from app.ui.ledger.voucher_sheet import VoucherSheet
from app.ui.ledger.words import is_english
from app.ui.month_end.closing_inputs import fit_rows

MOST_ROWS = 14
FOLLOWED = (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.PaletteChange)


class ProposedVoucher(QWidget):
    """One proposed voucher with its sums; what was not touched is sent as it was proposed."""

    edited = pyqtSignal()

    def __init__(
        self, number: int, voucher: VoucherInput, accounts: AccountIndex, currencies: list[Currency], parent: QWidget
    ) -> None:
        self._built = False
        super().__init__(parent)
        self._number = number
        self._proposed = voucher
        sheet = VoucherSheet(accounts, currencies)
        sheet.load_input(voucher)
        self._clean = sheet.content()
        self.model = VoucherModel(sheet, self)
        self.lookups = VoucherLookups(lambda: self.model.sheet, self)
        self.lookups.set_currencies(currencies)
        self.lookups.english = is_english()
        self.model.retranslate(english=is_english())
        self.grid = VoucherGrid(self.model, self.lookups, self)
        header = self.grid.horizontalHeader()
        assert header is not None  # noqa: S101  # every table view has one; the stubs say it may not
        self.totals = PinnedRow(header, self.grid.horizontalScrollBar(), self)
        self.caption = QLabel(self)
        self.caption.setObjectName("sectionTitle")
        self.difference = QLabel(self)
        self.difference.setTextFormat(Qt.TextFormat.RichText)
        head = QHBoxLayout()
        head.addWidget(self.caption)
        head.addStretch(1)
        head.addWidget(self.difference)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addSpacing(self.fontMetrics().height() // 3)
        layout.addWidget(self.grid)
        layout.addWidget(self.totals)
        self.model.edited.connect(self._show_sums)
        self.model.edited.connect(self.edited)
        rows = self.grid.verticalHeader()
        if rows is not None:
            rows.geometriesChanged.connect(self._align_totals)
        self._built = True
        self.retranslate()

    @property
    def is_edited(self) -> bool:
        """Whether anything was changed in it."""
        editor = self.grid.editor
        typing = editor is not None and editor.isModified()
        return typing or self.model.sheet.content() != self._clean

    def wanted(self) -> VoucherInput:
        """Return the voucher to save. Raises `MalformedInput` for a cell that cannot be read."""
        self.grid.commit()
        sheet = self.model.sheet
        for row, column, reason in sheet.unread_cells():
            self.grid.go(row, column)
            raise MalformedInput("cell_unread", reason)
        return sheet.to_input() if self.is_edited else self._proposed

    def mark_refused(self, fields: Mapping[str, Message]) -> None:
        """Mark the cells the server refused and go to the first."""
        marks = refused_cells(self.model.sheet, fields)
        self.model.set_faults(marks)
        if marks:
            self.grid.go(*min(marks))

    def retranslate(self) -> None:
        """Set every text."""
        entries = self._proposed.entries
        summary = entries[0].summary if entries else ""
        self.caption.setText(
            tr("凭证 {number}：{date}　{summary}", number=self._number, date=self._proposed.date, summary=summary)
        )
        self.grid.setAccessibleName(tr("分录"))
        self.lookups.english = is_english()
        self.model.retranslate(english=is_english())
        self._show_sums()

    def _show_sums(self) -> None:
        sheet = self.model.sheet
        debit, credit = sheet.totals()
        texts = [""] * len(Column)
        texts[Column.SUMMARY] = tr("合计")
        texts[Column.DEBIT] = display_amount(debit, sheet.base_digits)
        texts[Column.CREDIT] = display_amount(credit, sheet.base_digits)
        self.totals.show_texts(texts, left=frozenset({int(Column.SUMMARY)}))
        self._align_totals()
        theme = QGuiApplication.palette()
        ink = red_ink(theme) if sheet.difference else green_ink(theme)
        # As rich text: a palette of the label's own would be put back when the style sheet changes.
        self.difference.setText(f'<span style="color:{ink.name()}">{html.escape(difference_text(sheet))}</span>')
        fit_rows(self.grid, MOST_ROWS)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the font; the grid fits its rows itself."""
        super().changeEvent(event)
        if self._built and event is not None and event.type() in FOLLOWED:
            self._show_sums()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Only now rows and headers have their heights."""
        super().showEvent(event)
        fit_rows(self.grid, MOST_ROWS)

    def _align_totals(self) -> None:
        rows = self.grid.verticalHeader()
        if rows is not None:
            self.totals.set_indent(rows.width())
