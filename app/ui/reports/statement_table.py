"""The table of a statement: every figure can be walked to with the arrows and opened."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, QModelIndex, Qt, pyqtSignal
from PyQt5.QtGui import QFont, QFontMetrics, QKeyEvent, QResizeEvent
from PyQt5.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.contract.statements import StatementRow
from app.ui.reports.statement_model import KEY_ROLE, StatementModel
from app.ui.widgets.paged_table import fit_table


class StatementTable(QTableView):
    """Enter or a double click on a figure asks what it is made of."""

    opened = pyqtSignal(object, str)
    """The `StatementRow` and the key of the column."""

    def __init__(self, model: StatementModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setShowGrid(True)
        self.setWordWrap(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        header = self.horizontalHeader()
        if header is not None:
            header.setHighlightSections(False)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.doubleClicked.connect(self._open)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        self._place = (-1, -1)
        fit_table(self)

    def go_to(self, index: QModelIndex) -> None:
        """Put the cursor on a figure and show it."""
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def fit_columns(self) -> None:
        """Give lines and amounts the width they need, and the names what is left."""
        metrics, em = self.fontMetrics(), self.fontMetrics().height()
        bold_font = QFont(self.font())
        bold_font.setBold(True)
        bold = QFontMetrics(bold_font)
        names: list[int] = []
        used = 0
        for column, place in enumerate(self._model.places):
            title = str(self._model.headerData(column, Qt.Orientation.Horizontal) or "")
            if place.what == "name":
                names.append(column)
                continue
            texts = [str(self._model.index(row, column).data() or "") for row in range(self._model.rowCount())]
            longest = bold.horizontalAdvance(max(texts, key=len, default=""))
            smallest = metrics.horizontalAdvance("000,000.00") if place.what == "amount" else 0
            width = max(longest, smallest, bold.horizontalAdvance(title)) + em * 3 // 2
            self.setColumnWidth(column, width)
            used += width
        viewport = self.viewport()
        left = (viewport.width() if viewport is not None else 0) - used
        for column in names:
            self.setColumnWidth(column, max(left // len(names), em * 8))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Open a figure with Enter."""
        if event is not None and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Share another width among the columns."""
        super().resizeEvent(event)
        self.fit_columns()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow font and language."""
        super().changeEvent(event)
        if event is not None and event.type() in {
            QEvent.Type.FontChange,
            QEvent.Type.StyleChange,
            QEvent.Type.LanguageChange,
        }:
            fit_table(self)
            self.fit_columns()

    def _open(self, index: QModelIndex) -> None:
        """Ask for a figure; on a name or a line number, for the first of its row."""
        row = self._model.row_at(index)
        if not isinstance(row, StatementRow) or row.line is None:
            return
        key = str(index.data(KEY_ROLE) or "") or next(iter(row.amounts), "")
        if key in row.amounts:
            self.opened.emit(row, key)

    def _remember(self) -> None:
        index = self.currentIndex()
        self._place = (index.row(), index.column())

    def _restore(self) -> None:
        self.fit_columns()
        index = self._model.index(*self._place) if min(self._place) >= 0 else QModelIndex()
        self.go_to(index if index.isValid() else self._model.first_amount())
