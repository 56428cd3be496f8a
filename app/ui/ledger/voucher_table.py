"""The voucher grid's table: its headers, and which columns it shows how wide."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, Qt, pyqtSignal
from PyQt5.QtGui import QFont, QFontMetrics, QResizeEvent
from PyQt5.QtWidgets import QHeaderView, QTableView, QWidget

from app.ui.ledger.voucher_line import ALWAYS_SHOWN, Column
from app.ui.ledger.voucher_model import VoucherModel, column_title

WIDE_COLUMNS = (Column.SUMMARY, Column.ACCOUNT)
LEAST_WIDTH_EM = 8


class VoucherTable(QTableView):
    """Shows a `VoucherModel`; optional columns come when a row has use for them or when asked for."""

    columns_changed = pyqtSignal()

    def __init__(self, model: VoucherModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.voucher_model = model
        self._extra: frozenset[Column] = frozenset()
        self.setModel(model)
        self._set_up_headers()
        model.edited.connect(self.show_wanted_columns)
        self.show_wanted_columns()

    def _set_up_headers(self) -> None:
        header, rows = self.horizontalHeader(), self.verticalHeader()
        if header is None or rows is None:
            return
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(48)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        rows.setDefaultAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignCenter))
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._fit_to_font()

    def _fit_to_font(self) -> None:
        """Give every column the width its widest usual content takes in this font."""
        metrics = self.fontMetrics()
        widest = {
            Column.AUXILIARY: "客户:某某有限公司",
            Column.CURRENCY: "USDT",
            Column.FOREIGN: "-9,999,999.99",
            Column.RATE: "7.12345",
            Column.QUANTITY: "-9,999.99",
            Column.PRICE: "9,999.9999",
            Column.CASH_FLOW: "12 购建固定资产支付",
            Column.DEBIT: "-9,999,999.99",
            Column.CREDIT: "-9,999,999.99",
        }
        bold = QFont(self.font())
        bold.setBold(True)
        titles = QFontMetrics(bold)
        for column, text in widest.items():
            width = max(metrics.horizontalAdvance(text), titles.horizontalAdvance(column_title(column)))
            self.setColumnWidth(column, width + metrics.height())
        self._share_width()
        rows = self.verticalHeader()
        if rows is not None:
            rows.setDefaultSectionSize(metrics.height() + 14)

    def show_extra(self, columns: frozenset[Column], *, shown: bool) -> None:
        """Show optional columns, or only where a row has use for them."""
        self._extra = self._extra | columns if shown else self._extra - columns
        self.show_wanted_columns()

    def show_wanted_columns(self) -> None:
        """Show the columns some row has use for, and those asked for."""
        wanted = self.voucher_model.sheet.wanted_columns() | self._extra | ALWAYS_SHOWN
        changed = False
        for column in Column:
            hide = column not in wanted
            if hide != self.isColumnHidden(column):
                self.setColumnHidden(column, hide)
                changed = True
        if changed:
            self._share_width()
            self.columns_changed.emit()

    def _share_width(self) -> None:
        """Give summary and account what the other columns leave, but never too little to read; then it scrolls."""
        viewport = self.viewport()
        if viewport is None:
            return
        others = sum(self.columnWidth(c) for c in Column if c not in WIDE_COLUMNS and not self.isColumnHidden(c))
        left = viewport.width() - others
        least = self.fontMetrics().height() * LEAST_WIDTH_EM
        summary = max(least, left * 9 // 20)
        self.setColumnWidth(Column.SUMMARY, summary)
        self.setColumnWidth(Column.ACCOUNT, max(least, left - summary))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        self._share_width()

    def changeEvent(self, event: QEvent | None) -> None:
        """Fit to another font."""
        super().changeEvent(event)
        if event is not None and event.type() in (
            QEvent.Type.FontChange,
            QEvent.Type.StyleChange,
            QEvent.Type.LanguageChange,
        ):
            self._fit_to_font()
