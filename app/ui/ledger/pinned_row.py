"""A row of totals that stays below a table and follows its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt5.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, Qt
from PyQt5.QtGui import QBrush, QFont, QPalette
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QScrollBar,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.ui.ledger.shades import red_ink, total_paper
from app.ui.widgets.amounts import RIGHT


class _Cells(QAbstractTableModel):
    def __init__(self, columns: int, parent: QObject) -> None:
        super().__init__(parent)
        self.texts = [""] * columns
        self.left: frozenset[int] = frozenset()
        self.heading = ""

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else 1

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self.texts)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        del section
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self.heading if orientation == Qt.Orientation.Vertical else ""

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        text = self.texts[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return text or None
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() not in self.left:
            return RIGHT
        return None


class _TotalDelegate(QStyledItemDelegate):
    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        super().initStyleOption(option, index)
        if option is None:
            return
        font = QFont(option.font)
        font.setBold(True)
        option.font = font
        option.backgroundBrush = QBrush(total_paper(option.palette))
        if (option.text or "").startswith("-"):
            option.palette.setColor(QPalette.ColorRole.Text, red_ink(option.palette))


class PinnedRow(QTableView):
    """One row below a table (or tree) whose `header` it follows; it never takes the keyboard."""

    def __init__(self, header: QHeaderView, sideways: QScrollBar | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._header = header
        self._cells = _Cells(header.count(), self)
        self.setModel(self._cells)
        self.setItemDelegate(_TotalDelegate(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(False)
        own, rows = self.horizontalHeader(), self.verticalHeader()
        if own is not None and rows is not None:
            own.hide()
            own.setMinimumSectionSize(0)
            rows.hide()
            rows.setMinimumSectionSize(1)
            rows.setSectionsClickable(False)
        header.sectionResized.connect(self.follow)
        header.geometriesChanged.connect(self.follow)
        if sideways is not None:
            sideways.valueChanged.connect(self._scroll)
            sideways.rangeChanged.connect(lambda *_range: self._scroll(sideways.value()))
        self._fit()

    def set_indent(self, width: int) -> None:
        """Leave room at the left, where the table has row numbers."""
        rows = self.verticalHeader()
        if rows is not None:
            rows.setFixedWidth(max(width, 1))
            rows.setVisible(width > 0)

    def show_texts(self, texts: Sequence[str], *, left: frozenset[int] = frozenset(), heading: str = "") -> None:
        """Show one text a column; those in `left` are not figures. `heading` stands at the left, in the indent."""
        self._cells.beginResetModel()
        self._cells.texts = list(texts)
        self._cells.left = left
        self._cells.heading = heading
        self._cells.endResetModel()
        self.follow()

    def text(self, column: int) -> str:
        """Return what a column shows."""
        return self._cells.texts[column]

    def follow(self) -> None:
        """Take the widths of the table's columns."""
        for column in range(min(self._header.count(), len(self._cells.texts))):
            self.setColumnHidden(column, self._header.isSectionHidden(column))
            self.setColumnWidth(column, self._header.sectionSize(column))

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        height = self.fontMetrics().height() + 14
        self.setRowHeight(0, height)
        self.setFixedHeight(height + 2 * self.frameWidth())

    def _scroll(self, value: int) -> None:
        bar = self.horizontalScrollBar()
        if bar is not None:
            bar.setValue(value)
