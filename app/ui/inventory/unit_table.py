"""The further units of an item as they are typed: unit, how many base units one is, barcode."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from app.contract.inventory import ItemUnit
from app.kernel.text import clean_text
from app.ui.language import tr
from app.ui.widgets.amounts import RIGHT
from app.ui.widgets.paged_table import fit_table

UNIT, FACTOR, BARCODE = range(3)


class UnitTable(QTableWidget):
    """One line a unit; below them always an empty one to type into. Delete empties a line."""

    def __init__(self, units: Sequence[ItemUnit], parent: QWidget) -> None:
        super().__init__(0, 3, parent)
        fit_table(self)
        self.setTabKeyNavigation(False)
        header = self.horizontalHeader()
        if header is not None:
            header.setHighlightSections(False)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setMinimumHeight(self.fontMetrics().height() * 8)
        for unit in units:
            self._add(unit.unit, unit.factor, unit.barcode)
        self._add()
        self.cellChanged.connect(lambda _row, _column: self._keep_one_empty())

    def units(self) -> list[ItemUnit]:
        """Return what was typed, without empty lines."""
        lines = [[self._text(row, column) for column in range(3)] for row in range(self.rowCount())]
        return [
            ItemUnit(unit=line[UNIT][:20], factor=line[FACTOR][:40], barcode=line[BARCODE][:60])
            for line in lines
            if any(line)
        ]

    def retranslate(self) -> None:
        """Set the titles."""
        self.setHorizontalHeaderLabels([tr("单位"), tr("折合基本单位"), tr("条码")])

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Take a line away with Delete."""
        if event is not None and event.key() == Qt.Key.Key_Delete and self.currentRow() >= 0:
            self.removeRow(self.currentRow())
            self._keep_one_empty()
            return
        super().keyPressEvent(event)

    def _text(self, row: int, column: int) -> str:
        item = self.item(row, column)
        return clean_text(item.text()) if item is not None else ""

    def _add(self, *texts: str) -> None:
        row = self.rowCount()
        self.blockSignals(True)
        self.insertRow(row)
        for column in range(3):
            cell = QTableWidgetItem(texts[column] if texts else "")
            if column == FACTOR:
                cell.setTextAlignment(RIGHT)
            self.setItem(row, column, cell)
        self.blockSignals(False)

    def _keep_one_empty(self) -> None:
        last = self.rowCount() - 1
        if last < 0 or any(self._text(last, column) for column in range(3)):
            self._add()
