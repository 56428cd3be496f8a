"""The opening balances' grid as Qt sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, pyqtSignal
from PyQt5.QtGui import QGuiApplication

from app.ui.language import tr, tr_message
from app.ui.ledger.account_index import account_name
from app.ui.ledger.opening_line import PART_OF, OpeningColumn
from app.ui.ledger.opening_sheet import OpeningSheet
from app.ui.ledger.shades import fault_paper, quiet_ink, red_ink
from app.ui.ledger.words import is_english
from app.ui.widgets.amounts import RIGHT

NO_PARENT = QModelIndex()
T = TypeVar("T")


class OpeningModel(QAbstractTableModel):
    """An `OpeningSheet` as Qt sees it."""

    edited = pyqtSignal()

    def __init__(self, sheet: OpeningSheet, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sheet = sheet
        self.english = False
        self.editable = True
        self._faults: dict[tuple[int, OpeningColumn], str] = {}

    def show_sheet(self, sheet: OpeningSheet) -> None:
        """Show other balances."""
        self.beginResetModel()
        self.sheet = sheet
        self._faults = {}
        self.endResetModel()
        self.edited.emit()

    def set_faults(self, faults: Mapping[tuple[int, OpeningColumn], str]) -> None:
        """Mark cells with what is wrong with them."""
        self._faults = dict(faults)
        self._all_changed()

    def add_line(self, row: int) -> int:
        """Put another row of the same account below one."""
        self.beginInsertRows(NO_PARENT, row + 1, row + 1)
        place = self.sheet.add_line(row)
        self.endInsertRows()
        self._faults = {}
        self.edited.emit()
        return place

    def clear_line(self, row: int) -> None:
        """Empty a row, or take it out when its account has another."""
        self.beginResetModel()
        self.sheet.clear_line(row)
        self._faults = {}
        self.endResetModel()
        self.edited.emit()

    def change(self, work: Callable[[OpeningSheet], T]) -> T:
        """Let something change many cells or rows at once."""
        self.beginResetModel()
        result = work(self.sheet)
        self._faults = {}
        self.endResetModel()
        self.edited.emit()
        return result

    def retranslate(self) -> None:
        """Show headers and names in the window's language."""
        self.english = is_english()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(OpeningColumn) - 1)
        self._all_changed()

    def _all_changed(self) -> None:
        if self.sheet.lines:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(OpeningColumn) - 1))

    def rowCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self.sheet.lines)

    def columnCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of columns, hidden ones too."""
        return 0 if parent.isValid() else len(OpeningColumn)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = index.row(), OpeningColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._shown(row, column)
        if role == Qt.ItemDataRole.EditRole:
            return self.sheet.typed(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column >= OpeningColumn.YEAR_BEGIN_DEBIT else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._fault(row, column) or self._shown(row, column) or None
        return self._colour(row, column, role)

    def _shown(self, row: int, column: OpeningColumn) -> str:
        return self.sheet.shown(row, column, lambda account: account_name(account, english=self.english))

    def _fault(self, row: int, column: OpeningColumn) -> str:
        unread = self.sheet.lines[row].unread.get(column)
        return tr_message(unread[1]) if unread else self._faults.get((row, column), "")

    def _colour(self, row: int, column: OpeningColumn, role: int) -> Any:
        palette = QGuiApplication.palette()
        if role == Qt.ItemDataRole.BackgroundRole and self._fault(row, column):
            return fault_paper(palette)
        if role == Qt.ItemDataRole.ForegroundRole:
            if column >= OpeningColumn.YEAR_BEGIN_DEBIT and self._shown(row, column).startswith("-"):
                return red_ink(palette)
            part = PART_OF.get(column)
            if part is not None and self.sheet.lines[row].given and part not in self.sheet.lines[row].given:
                return quiet_ink(palette)  # it follows from what was typed
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        row, column = index.row(), OpeningColumn(index.column())
        if str(value) != self.sheet.typed(row, column):
            self._faults.pop((row, column), None)
            self.sheet.type(row, column, str(value))
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(OpeningColumn) - 1))
            self.edited.emit()
        return True

    def flags(self, index: QModelIndex) -> Qt.ItemFlags:
        """Only what is not derived and what the account has use for may be typed."""
        if not index.isValid():
            return Qt.ItemFlags(Qt.ItemFlag.NoItemFlags)
        flags = Qt.ItemFlags(Qt.ItemFlag.ItemIsEnabled) | Qt.ItemFlag.ItemIsSelectable
        if self.editable and self.sheet.may_type(index.row(), OpeningColumn(index.column())):
            return flags | Qt.ItemFlag.ItemIsEditable
        return flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the columns' names, and the accounts of the rows."""
        if orientation == Qt.Orientation.Horizontal:
            return opening_title(OpeningColumn(section)) if role == Qt.ItemDataRole.DisplayRole else None
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        account = self.sheet.lines[section].account if section < len(self.sheet.lines) else None
        if account is None:
            return None
        whole = self.sheet.accounts.full_name(account.code, english=self.english)
        name = account_name(account, english=self.english) if role == Qt.ItemDataRole.DisplayRole else whole
        return f"{account.code}  {name}"


def opening_title(column: OpeningColumn) -> str:
    """Return a column's name in the window's language, without its group's."""
    titles = {
        OpeningColumn.CODE: tr("科目编码"),
        OpeningColumn.NAME: tr("科目名称"),
        OpeningColumn.AUXILIARY: tr("辅助核算"),
        OpeningColumn.CURRENCY: tr("币种"),
        OpeningColumn.PROFIT_TO_DATE: tr("本年实际损益"),
        OpeningColumn.YEAR_BEGIN_FOREIGN: tr("年初"),
        OpeningColumn.OPENING_FOREIGN: tr("期初"),
        OpeningColumn.YEAR_BEGIN_QUANTITY: tr("年初"),
        OpeningColumn.YTD_DEBIT_QUANTITY: tr("累计借"),
        OpeningColumn.YTD_CREDIT_QUANTITY: tr("累计贷"),
        OpeningColumn.QUANTITY: tr("期初"),
    }
    return titles.get(column) or (tr("借方") if column % 2 == 0 else tr("贷方"))
