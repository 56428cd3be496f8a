"""How a step comes to its amounts, line by line; a figure of an account leads to its ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt5.QtCore import QEvent, QModelIndex, Qt
from PyQt5.QtGui import QFont, QGuiApplication
from PyQt5.QtWidgets import QWidget

from app.contract.closing import ComputationRow
from app.ui.language import tr
from app.ui.ledger.shades import red_ink, total_paper
from app.ui.month_end.closing_inputs import fit_rows, follow_font
from app.ui.widgets.paged_table import Column, Kind, PagedTable, PagedTableModel

MOST_ROWS = 12
VALUE = 1


class ComputationTable(PagedTable):
    """Label, figure, and where the figure comes from."""

    def __init__(self, parent: QWidget) -> None:
        self.rows_model = _ComputationModel(
            (
                Column(lambda: tr("项目"), lambda row: row.label, width_chars=26),
                Column(lambda: tr("金额"), lambda row: row.value, Kind.NUMBER, 16),
                Column(lambda: tr("来源"), lambda row: row.note, width_chars=30, stretch=True),
            ),
            parent,
        )
        super().__init__(self.rows_model, parent)

    def show_rows(self, rows: Sequence[ComputationRow]) -> None:
        """Show a computation, as many rows as there is need for."""
        self.rows_model.show_rows(rows)
        self.setVisible(bool(rows))
        fit_rows(self, MOST_ROWS)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the font."""
        super().changeEvent(event)
        follow_font(self, MOST_ROWS, event)


class _ComputationModel(PagedTableModel[ComputationRow]):
    """Totals stand out, negative figures are red."""

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if index.isValid():
            row = self.row(index.row())
            if role == Qt.ItemDataRole.FontRole and row.is_total:
                font = QFont()
                font.setBold(True)
                return font
            if role == Qt.ItemDataRole.BackgroundRole and row.is_total:
                return total_paper(QGuiApplication.palette())
            if role == Qt.ItemDataRole.ForegroundRole and index.column() == VALUE and row.value.startswith("-"):
                return red_ink(QGuiApplication.palette())
        return super().data(index, role)
