"""The grid of prices over a `PriceSheet`."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QAbstractItemModel, QAbstractTableModel, QEvent, QModelIndex, QObject, Qt
from PyQt5.QtGui import QColor, QGuiApplication, QKeyEvent, QPalette
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.contract.inventory import Item
from app.ui.inventory.price_sheet import PriceColumn, PriceSheet
from app.ui.language import tr
from app.ui.widgets.amounts import RIGHT
from app.ui.widgets.item_lookup import ItemLookup
from app.ui.widgets.limits import limit_length
from app.ui.widgets.paged_table import fit_table

WIDTHS = {
    PriceColumn.ITEM: 16,
    PriceColumn.UNIT: 10,
    PriceColumn.FROM_QUANTITY: 16,
    PriceColumn.FROM_DATE: 14,
    PriceColumn.PRICE: 14,
}
_RIGHT = frozenset({PriceColumn.FROM_QUANTITY, PriceColumn.PRICE})
_LIMITS = {
    PriceColumn.UNIT: 20,
    PriceColumn.FROM_QUANTITY: 40,
    PriceColumn.FROM_DATE: 12,
    PriceColumn.PRICE: 40,
}


class PriceModel(QAbstractTableModel):
    """What the grid shows."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.sheet = PriceSheet()
        self.editable = True

    def show_sheet(self, sheet: PriceSheet) -> None:
        """Show another list."""
        self.beginResetModel()
        self.sheet = sheet
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of lines, the empty one included where one may type."""
        return 0 if parent.isValid() else len(self.sheet.lines) - (0 if self.editable else 1)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(PriceColumn)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        column = PriceColumn(index.column())
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole}:
            return self.sheet.shown(index.row(), column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column in _RIGHT else None
        if role == Qt.ItemDataRole.ForegroundRole and self.sheet.lines[index.row()].wrong:
            return QColor(QGuiApplication.palette().color(QPalette.ColorRole.BrightText))
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed, or the item that was chosen."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        row, column = index.row(), PriceColumn(index.column())
        if column is PriceColumn.ITEM:
            if not isinstance(value, Item):
                return False
            added = self.sheet.choose(row, value)
        elif str(value) == self.sheet.shown(row, column):
            return False
        else:
            added = self.sheet.type(row, column, str(value))
        if added:
            self.beginInsertRows(QModelIndex(), row + 1, row + 1)
            self.endInsertRows()
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(PriceColumn) - 1))
        return True

    def delete(self, row: int) -> None:
        """Take a line away."""
        if self.sheet.delete(row):
            self.beginResetModel()
            self.endResetModel()

    def flags(self, index: QModelIndex) -> Qt.ItemFlags:
        """Tell which cells are for typing."""
        flags = super().flags(index)
        if self.editable and index.isValid() and PriceColumn(index.column()) is not PriceColumn.NAME:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (tr("商品编码"), tr("名称"), tr("单位"), tr("起订数量"), tr("起始日期"), tr("价格"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = PriceColumn(section) in _RIGHT
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            return Qt.Alignment(side) | Qt.AlignmentFlag.AlignVCenter
        return None


class _Delegate(QStyledItemDelegate):
    def createEditor(self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget | None:
        """Open a cell: items are looked up, the rest is typed."""
        del option
        column = PriceColumn(index.column())
        if column is PriceColumn.ITEM:
            lookup = ItemLookup(parent)
            lookup.setFrame(False)
            lookup.setAutoFillBackground(True)
            lookup.chosen.connect(lambda item: self._chosen(lookup, item))
            return lookup
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAutoFillBackground(True)
        limit_length(editor, _LIMITS[column])
        if column in _RIGHT:
            editor.setAlignment(RIGHT)
        return editor

    def setModelData(self, editor: QWidget | None, model: QAbstractItemModel | None, index: QModelIndex) -> None:
        """Hand over the item itself, not its code."""
        if isinstance(editor, ItemLookup):
            if model is not None and editor.item is not None:
                model.setData(index, editor.item)
            return
        super().setModelData(editor, model, index)

    def _chosen(self, editor: ItemLookup, item: object) -> None:
        if item is not None:
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.EditNextItem)


class PriceTable(QTableView):
    """Typing begins at once; Delete takes a line away."""

    def __init__(self, model: PriceModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._prices = model
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
        """Delete takes the line away; everything else types."""
        if event is not None and event.key() == Qt.Key.Key_Delete and self._prices.editable:
            self._prices.delete(self.currentIndex().row())
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
            header.setSectionResizeMode(PriceColumn.NAME, QHeaderView.ResizeMode.Stretch)
