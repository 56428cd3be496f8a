"""The model of a grid of lines that are typed into: what it needs of the sheet behind it, and its columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, pyqtSignal

from app.kernel.text import Message
from app.ui.language import tr_message
from app.ui.ledger.voucher_model import FAULT_ROLE, QUIET_ROLE, RED_ROLE
from app.ui.widgets.amounts import RIGHT

T = TypeVar("T")
NO_PARENT = QModelIndex()
LEFT = Qt.Alignment(Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class GridColumn:
    """A column: its name in the sheet, its title, and the widest text it usually holds."""

    name: str
    title: Callable[[], str]
    widest: str
    is_figure: bool = False
    stretch: int = 0
    """How large a share of the spare width it takes."""
    longest: int = 200
    looks_up: bool = False
    """Choices are offered while one types."""


class LineSheet(Protocol):
    """What a grid shows and changes; cells are named by row and column name."""

    @property
    def editable(self) -> bool:
        """Whether anything may be typed."""

    @property
    def lines(self) -> Sequence[object]:
        """The rows."""

    def may_type(self, row: int, name: str) -> bool:
        """Tell whether a cell is for typing."""

    def shown(self, row: int, name: str) -> str:
        """Return what a cell shows."""

    def typed(self, row: int, name: str) -> str:
        """Return what an opened cell begins with."""

    def type(self, row: int, name: str, text: str) -> None:
        """Put a text into a cell."""

    def fault(self, row: int, name: str) -> Message | None:
        """Return what is wrong with a cell."""

    def insert(self, row: int) -> None:
        """Put an empty row before this one."""

    def delete(self, row: int) -> None:
        """Take a row out."""

    def next_cell(self, row: int, name: str) -> tuple[int, str]:
        """Return where Enter goes."""

    def previous_cell(self, row: int, name: str) -> tuple[int, str]:
        """Return where Shift+Enter goes."""


class LineModel(QAbstractTableModel):
    """A `LineSheet` as Qt sees it."""

    edited = pyqtSignal()
    """Something was typed."""

    def __init__(self, columns: Sequence[GridColumn], sheet: LineSheet, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.sheet = sheet
        self._rows = len(sheet.lines)

    def show_sheet(self, sheet: LineSheet) -> None:
        """Show other lines; nothing was typed."""
        self.beginResetModel()
        self.sheet = sheet
        self._rows = len(sheet.lines)
        self.endResetModel()

    def place_of(self, name: str) -> int:
        """Return where a column stands. Raises `StopIteration` for a name that is none: a bug."""
        return next(place for place, column in enumerate(self.columns) if column.name == name)

    def retranslate(self) -> None:
        """Show everything in the window's language."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        self.redraw()

    def redraw(self) -> None:
        """Draw what changed without anybody typing, such as figures the server computed."""
        self._settle_rows()
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(self._rows - 1, len(self.columns) - 1))

    def act(self, change: Callable[[], T]) -> T:
        """Let a key change the sheet within its rows, or append rows at its end."""
        result = change()
        self.redraw()
        self.edited.emit()
        return result

    def grow(self, step: Callable[[], T]) -> T:
        """Let a step of the keyboard append rows; nothing was typed."""
        result = step()
        self._settle_rows()
        return result

    def insert_row(self, row: int) -> None:
        """Put an empty row before this one."""
        self.beginInsertRows(NO_PARENT, row, row)
        self.sheet.insert(row)
        self._rows += 1
        self.endInsertRows()
        self.act(lambda: None)

    def delete_row(self, row: int) -> None:
        """Take a row out."""
        self.beginRemoveRows(NO_PARENT, row, row)
        self.sheet.delete(row)
        self._rows -= 1
        self.endRemoveRows()
        self.act(lambda: None)

    def _settle_rows(self) -> None:
        if len(self.sheet.lines) > self._rows:
            self.beginInsertRows(NO_PARENT, self._rows, len(self.sheet.lines) - 1)
            self._rows = len(self.sheet.lines)
            self.endInsertRows()

    def rowCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of columns, hidden ones too."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows, how, and what is wrong with it."""
        if not index.isValid() or not 0 <= index.row() < self._rows:
            return None
        row, column = index.row(), self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.sheet.shown(row, column.name)
        if role == Qt.ItemDataRole.EditRole:
            return self.sheet.typed(row, column.name)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.is_figure else LEFT
        return self._look(row, column, role)

    def _look(self, row: int, column: GridColumn, role: int) -> str | bool | None:
        """Return what is wrong with a cell, and whether it is red, or not for typing."""
        fault = self.sheet.fault(row, column.name)
        if role == FAULT_ROLE:
            return tr_message(fault) if fault is not None else ""
        if role == Qt.ItemDataRole.ToolTipRole:
            return (tr_message(fault) if fault is not None else self.sheet.shown(row, column.name)) or None
        if role == RED_ROLE:
            return column.is_figure and self.sheet.shown(row, column.name).startswith("-")
        if role == QUIET_ROLE:
            return self.sheet.editable and not self.sheet.may_type(row, column.name)
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed into a cell."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        row, name = index.row(), self.columns[index.column()].name
        if not self.sheet.may_type(row, name):
            return False
        if str(value) != self.sheet.typed(row, name) or self.sheet.fault(row, name) is not None:
            self.act(lambda: self.sheet.type(row, name, str(value)))
        return True

    def flags(self, index: QModelIndex) -> Qt.ItemFlags:
        """Tell which cells are for typing."""
        if not index.isValid():
            return Qt.ItemFlags(Qt.ItemFlag.NoItemFlags)
        flags = Qt.ItemFlags(Qt.ItemFlag.ItemIsEnabled) | Qt.ItemFlag.ItemIsSelectable
        typing = self.sheet.may_type(index.row(), self.columns[index.column()].name)
        return flags | Qt.ItemFlag.ItemIsEditable if typing else flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the columns' names, and the line numbers."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1)
        return self.columns[section].title() if 0 <= section < len(self.columns) else None
