"""The grid of exchange rates over a `RateSheet`, and what it takes from the clipboard."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFont, QGuiApplication, QKeyEvent, QKeySequence, QPalette
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.contract.rates import ExchangeRateInput
from app.ui.language import tr
from app.ui.month_end.rate_sheet import FIELDS, RateColumn, RateSheet
from app.ui.widgets.amounts import RIGHT
from app.ui.widgets.limits import limit_length, longest
from app.ui.widgets.paged_table import fit_table

WIDTHS = {RateColumn.DATE: 13, RateColumn.CURRENCY: 10, RateColumn.RATE: 16, RateColumn.CHANGED_BY: 16}
_DATE_LENGTH = 12


class RateModel(QAbstractTableModel):
    """What the grid shows; lines that are not saved yet are bold."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.sheet = RateSheet()
        self.editable = True

    def show_sheet(self, sheet: RateSheet) -> None:
        """Show another month."""
        self.beginResetModel()
        self.sheet = sheet
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of lines, the empty one included where one may type."""
        return 0 if parent.isValid() else len(self.sheet.lines) - (0 if self.editable else 1)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(RateColumn)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        line, column = self.sheet.lines[index.row()], RateColumn(index.column())
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole}:
            return self.sheet.shown(index.row(), column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column is RateColumn.RATE else None
        if role == Qt.ItemDataRole.FontRole and line.is_changed:
            font = QFont(QGuiApplication.font())
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ForegroundRole and line.wrong is column:
            return QColor(QGuiApplication.palette().color(QPalette.ColorRole.BrightText))
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        row, column = index.row(), RateColumn(index.column())
        if str(value) == self.sheet.shown(row, column):
            return False
        if self.sheet.type(row, column, str(value)):
            self.beginInsertRows(QModelIndex(), row + 1, row + 1)
            self.endInsertRows()
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(RateColumn) - 1))
        return True

    def flags(self, index: QModelIndex) -> Qt.ItemFlags:
        """Tell which cells are for typing."""
        flags = super().flags(index)
        if self.editable and index.isValid() and self.sheet.may_type(index.row(), RateColumn(index.column())):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (tr("日期"), tr("币种"), tr("汇率"), tr("来源"), tr("登记人"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == RateColumn.RATE else Qt.AlignmentFlag.AlignLeft
            return Qt.Alignment(side) | Qt.AlignmentFlag.AlignVCenter
        return None


class _Delegate(QStyledItemDelegate):
    def createEditor(self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget | None:
        """Open a cell that takes no more than the server does."""
        del option
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAutoFillBackground(True)
        column = RateColumn(index.column())
        length = _DATE_LENGTH if column is RateColumn.DATE else longest(ExchangeRateInput, FIELDS[column])
        limit_length(editor, length)
        if column is RateColumn.RATE:
            editor.setAlignment(RIGHT)
        return editor


class RateTable(QTableView):
    """Typing begins at once; a table on the clipboard is imported whole."""

    paste_wanted = pyqtSignal(str)
    """A pasted text with more than one cell."""
    delete_wanted = pyqtSignal()

    def __init__(self, model: RateModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTriggers(QAbstractItemView.EditTrigger.AnyKeyPressed)
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setItemDelegate(_Delegate(self))
        fit_table(self)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Paste, delete; everything else types."""
        if event is not None and event.matches(QKeySequence.StandardKey.Paste):
            board = QGuiApplication.clipboard()
            text = board.text() if board is not None else ""
            if "\t" in text or "\n" in text.strip():
                self.paste_wanted.emit(text)
            elif self.currentIndex().isValid() and self.model() is not None:
                self.model().setData(self.currentIndex(), text.strip())  # type: ignore[union-attr]  # it has one
            return
        if event is not None and event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event is not None and event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            fit_table(self)
            self._fit()

    def _fit(self) -> None:
        figure = self.fontMetrics().horizontalAdvance("0")
        for column, characters in WIDTHS.items():
            self.setColumnWidth(column, figure * characters)
        header = self.horizontalHeader()
        if header is not None:
            header.setHighlightSections(False)
            header.setSectionResizeMode(RateColumn.SOURCE, QHeaderView.ResizeMode.Stretch)
