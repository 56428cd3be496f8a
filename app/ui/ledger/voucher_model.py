"""The grid's model: a `VoucherSheet` as Qt sees it, with the cells the server found fault with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, pyqtSignal

from app.ui.language import tr, tr_message
from app.ui.ledger.voucher_line import AMOUNT_COLUMNS, Column
from app.ui.ledger.voucher_sheet import VoucherSheet
from app.ui.widgets.amounts import RIGHT

T = TypeVar("T")
NO_PARENT = QModelIndex()
LEFT = Qt.Alignment(Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
RED_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""True for a cell that holds a negative amount."""
FAULT_ROLE = int(Qt.ItemDataRole.UserRole) + 2
"""The sentence that says what is wrong with a cell, empty when nothing is."""
QUIET_ROLE = int(Qt.ItemDataRole.UserRole) + 3
"""True for a cell that shows a proposal nobody typed."""
FIGURES = frozenset({Column.FOREIGN, Column.RATE, Column.QUANTITY, Column.PRICE, *AMOUNT_COLUMNS})


class VoucherModel(QAbstractTableModel):
    """Rows are lines of the voucher, columns are `Column`."""

    edited = pyqtSignal()
    """Something was typed: totals, difference and wanted columns may differ."""

    def __init__(self, sheet: VoucherSheet, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sheet = sheet
        self.english = False
        self._rows = len(sheet.lines)
        self._faults: dict[tuple[int, Column], str] = {}

    def show_sheet(self, sheet: VoucherSheet) -> None:
        """Show another voucher."""
        self.beginResetModel()
        self.sheet = sheet
        self._rows = len(sheet.lines)
        self._faults = {}
        self.endResetModel()
        self.edited.emit()

    def set_faults(self, faults: Mapping[tuple[int, Column], str]) -> None:
        """Mark cells with what is wrong with them."""
        self._faults = dict(faults)
        self._all_changed()

    @property
    def faults(self) -> Mapping[tuple[int, Column], str]:
        """The marked cells."""
        return self._faults

    def retranslate(self, *, english: bool) -> None:
        """Show headers and account names in the window's language."""
        self.english = english
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
        self._all_changed()

    # --- changes by keys ---------------------------------------------------------------------------------------------

    def act(self, change: Callable[[VoucherSheet], T]) -> T:
        """Let a key change the sheet within its rows, or append rows at its end."""
        result = change(self.sheet)
        self._settle()
        return result

    def insert_row(self, row: int) -> None:
        """Put an empty row before this one."""
        self.beginInsertRows(NO_PARENT, row, row)
        self.sheet.insert(row)
        self._rows += 1
        self.endInsertRows()
        self._shift_faults(row, 1)
        self._settle()

    def delete_row(self, row: int) -> None:
        """Take a row out; the grid keeps an empty one at its end."""
        self.beginRemoveRows(NO_PARENT, row, row)
        self.sheet.delete(row)
        self._rows -= 1
        self.endRemoveRows()
        self._shift_faults(row, -1)
        self._settle()

    def _shift_faults(self, row: int, step: int) -> None:
        kept = {key: text for key, text in self._faults.items() if step > 0 or key[0] != row}
        self._faults = {(r + step if r >= row else r, column): text for (r, column), text in kept.items()}

    def _settle(self) -> None:
        if len(self.sheet.lines) > self._rows:
            self.beginInsertRows(NO_PARENT, self._rows, len(self.sheet.lines) - 1)
            self._rows = len(self.sheet.lines)
            self.endInsertRows()
        self._all_changed()
        self.edited.emit()

    def show_proposals(self) -> None:
        """Draw what was proposed meanwhile; nothing was typed."""
        self._all_changed()

    def show_rates(self) -> None:
        """Draw rates the table gave and the amounts that follow; an open cell that nobody typed into shows them."""
        self._settle()

    def _all_changed(self) -> None:
        self.dataChanged.emit(self.index(0, 0), self.index(self._rows - 1, len(Column) - 1))

    # --- what Qt asks ------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of columns, hidden ones too."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows, how, and what is wrong with it."""
        if not index.isValid() or not 0 <= index.row() < self._rows:
            return None
        row, column = index.row(), Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.sheet.shown(row, column, english=self.english)
        if role == Qt.ItemDataRole.EditRole:
            return self.sheet.typed(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column in FIGURES else LEFT
        if role == FAULT_ROLE:
            return self._fault(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._fault(row, column) or self.sheet.shown(row, column, english=self.english) or None
        return self._look(row, column, role)

    def _look(self, row: int, column: Column, role: int) -> bool | None:
        """Return whether a cell is red, or shows what nobody typed."""
        if role == RED_ROLE:
            return column in FIGURES and self.sheet.shown(row, column).startswith("-")
        if role == QUIET_ROLE:
            line = self.sheet.lines[row]
            return column is Column.CASH_FLOW and line.cash_flow_line is None and line.proposed_flow is not None
        return None

    def _fault(self, row: int, column: Column) -> str:
        unread = self.sheet.lines[row].unread.get(column)
        return tr_message(unread[1]) if unread else self._faults.get((row, column), "")

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed into a cell."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid() or not self.sheet.editable:
            return False
        row, column = index.row(), Column(index.column())
        if str(value) == self.sheet.typed(row, column) and column not in self.sheet.lines[row].unread:
            return True  # what could not be read is read again: what it names may be there by now
        self._faults.pop((row, column), None)
        self.act(lambda sheet: sheet.type(row, column, str(value)))
        return True

    def flags(self, index: QModelIndex) -> Qt.ItemFlags:
        """A draft may be typed into, everything else is for reading."""
        if not index.isValid():
            return Qt.ItemFlags(Qt.ItemFlag.NoItemFlags)
        flags = Qt.ItemFlags(Qt.ItemFlag.ItemIsEnabled) | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.sheet.editable else flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the columns' names, and the line numbers."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1)
        return column_title(Column(section)) if 0 <= section < len(Column) else None


def column_title(column: Column) -> str:
    """Return a column's name in the window's language."""
    titles = {
        Column.SUMMARY: tr("摘要"),
        Column.ACCOUNT: tr("会计科目"),
        Column.AUXILIARY: tr("辅助核算"),
        Column.CURRENCY: tr("币别"),
        Column.FOREIGN: tr("原币金额"),
        Column.RATE: tr("汇率"),
        Column.QUANTITY: tr("数量"),
        Column.PRICE: tr("单价"),
        Column.CASH_FLOW: tr("现金流量"),
        Column.DEBIT: tr("借方金额"),
        Column.CREDIT: tr("贷方金额"),
    }
    return titles[column]
