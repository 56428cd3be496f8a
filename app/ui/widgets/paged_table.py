"""Tables over lists of any length: the model fetches the next page when the view comes near its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from PyQt5.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, Qt, pyqtSignal
from PyQt5.QtGui import QFont, QFontMetrics, QGuiApplication, QKeyEvent, QPalette, QResizeEvent
from PyQt5.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.client.api import ApiClient
from app.kernel.errors import ZhangfangError
from app.ui.errors_shown import show_error_at
from app.ui.presence.others import Others, editing_text
from app.ui.tasks import Query
from app.ui.widgets.amounts import RIGHT, amount_text, is_negative, negative_colour
from app.ui.widgets.kept_place import KeptPlace, selected_places

Row = TypeVar("Row")
PAGE_ROWS = 200
_LARGEST_PAGE = 1000
_LEFT = Qt.Alignment(Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.Alignment(Qt.AlignmentFlag.AlignCenter)


class Kind(Enum):
    """How a column is written."""

    TEXT = "text"
    CENTRE = "centre"
    NUMBER = "number"
    AMOUNT = "amount"
    """The value is a decimal text of the server."""


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column: its title in the window's language, the text of a row, and about how many characters it shows."""

    title: Callable[[], str]
    value: Callable[[Row], str]
    kind: Kind = Kind.TEXT
    width_chars: int = 12
    stretch: bool = False
    key: str = ""
    """Names the column where a page has to find it again."""


@dataclass(frozen=True)
class FetchedPage(Generic[Row]):
    """One page of rows, and the cursor of the next one or None; totals are those of all pages."""

    rows: Sequence[Row]
    next: str | None
    totals: Mapping[str, str] = field(default_factory=dict)


Fetch = Callable[[ApiClient, str, int], FetchedPage[Row]]
"""Given client, cursor and number of rows, returns a page; runs off the UI thread."""


class PagedTableModel(QAbstractTableModel, Generic[Row]):
    """Rows fetched page by page. Its parent must live below a widget with `tasks`."""

    loaded = pyqtSignal()
    """The first page of a (re)load has arrived."""
    columns_changed = pyqtSignal()
    """Other columns are shown; the rows went with the old ones."""
    failed = pyqtSignal(object)
    """A page could not be fetched; the `ZhangfangError`. What was there stays, and the sentence is shown above."""

    def __init__(self, columns: Sequence[Column[Row]], parent: QObject) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: list[Row] = []
        self._fetch: Fetch[Row] | None = None
        self._next: str | None = None
        self._fetching = False
        self._marked: tuple[Others, str, int] | None = None
        self.totals: Mapping[str, str] = {}

    @property
    def is_complete(self) -> bool:
        """Whether all rows are here."""
        return self._next is None

    @property
    def is_fetching(self) -> bool:
        """Whether a page is on its way."""
        return self._fetching

    def row(self, index: int) -> Row:
        """Return the row shown at a place."""
        return self._rows[index]

    def texts_of(self, row: Row) -> dict[str, str]:
        """Return what the columns show of a row, by their titles; the row need not be among those shown."""
        return {column.title(): column.value(row) for column in self.columns}

    def rows(self) -> Sequence[Row]:
        """Return all rows fetched so far."""
        return self._rows

    def mark_editors(self, others: Others, kind: str, place: int) -> None:
        """Say in a column who else is changing the object of a row."""
        self._marked = (others, kind, place)
        others.changed.connect(self._redraw_marks)

    def set_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Show other columns, and no rows until some are loaded."""
        self.beginResetModel()
        self.columns = tuple(columns)
        self._fetch, self._rows, self._next = None, [], None
        self.endResetModel()
        self.columns_changed.emit()

    def load(self, fetch: Fetch[Row]) -> None:
        """Show another list from its beginning; an answer to an older question is dropped."""
        self._fetch = fetch
        self._ask("", PAGE_ROWS, replace=True)

    def reload(self) -> None:
        """Ask for the same list again, as much of it as is shown."""
        if self._fetch is not None:
            wanted = max(PAGE_ROWS, min(len(self._rows), _LARGEST_PAGE))
            self._ask("", wanted, replace=True)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show rows that are here already."""
        self._fetch = None
        self._replace(FetchedPage(rows, None))

    def clear(self) -> None:
        """Show nothing."""
        self._fetch = None
        self._replace(FetchedPage((), None))

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return how many rows are here."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows; `UserRole` is the whole row."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], self.columns[index.column()]
        mark = self._mark(index) if self._marked is not None else ""
        if mark:
            if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
                return f"{mark} {column.value(row)}".rstrip()
            if role == Qt.ItemDataRole.ForegroundRole:
                return QGuiApplication.palette().color(QPalette.ColorRole.Link)
        if role == Qt.ItemDataRole.DisplayRole:
            value = column.value(row)
            return amount_text(value) if column.kind is Kind.AMOUNT else value
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column.kind)
        if role == Qt.ItemDataRole.ForegroundRole and column.kind is Kind.AMOUNT and is_negative(column.value(row)):
            return negative_colour()
        if role == Qt.ItemDataRole.ToolTipRole and column.kind is Kind.TEXT:
            return column.value(row) or None
        return row if role == Qt.ItemDataRole.UserRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(self.columns):
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].title()
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(self.columns[section].kind)
        return None

    def canFetchMore(self, parent: QModelIndex) -> bool:
        """Tell whether there is a page after the last row."""
        return not parent.isValid() and self._next is not None and not self._fetching

    def fetchMore(self, parent: QModelIndex) -> None:
        """Fetch the next page."""
        if not parent.isValid() and self._next is not None and not self._fetching:
            self._ask(self._next, PAGE_ROWS, replace=False)

    def _ask(self, cursor: str, limit: int, *, replace: bool) -> None:
        fetch = self._fetch
        if fetch is None:
            return
        self._fetching = True
        arrived = self._replace if replace else self._append
        Query(lambda api: fetch(api, cursor, limit)).slot("page").on_done(arrived).on_error(self._failed).run(self)

    def _replace(self, page: FetchedPage[Row]) -> None:
        self._fetching = False
        self.beginResetModel()
        self._rows = list(page.rows)
        self._next = page.next
        self.totals = page.totals
        self.endResetModel()
        self.loaded.emit()

    def _append(self, page: FetchedPage[Row]) -> None:
        self._fetching = False
        self._next = page.next
        if page.rows:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(page.rows) - 1)
            self._rows.extend(page.rows)
            self.endInsertRows()

    def _mark(self, index: QModelIndex) -> str:
        if self._marked is None or index.column() != self._marked[2]:
            return ""
        others, kind, _place = self._marked
        return editing_text(others.editors_of(kind, getattr(self._rows[index.row()], "id", None)))

    def _redraw_marks(self) -> None:
        if self._marked is not None and self._rows:
            place = self._marked[2]
            self.dataChanged.emit(self.index(0, place), self.index(len(self._rows) - 1, place))

    def _failed(self, error: ZhangfangError) -> None:
        self._fetching = False
        self.failed.emit(error)
        show_error_at(self, error, self.reload)


def _alignment(kind: Kind) -> Qt.Alignment:
    if kind in {Kind.AMOUNT, Kind.NUMBER}:
        return RIGHT
    return _CENTRE if kind is Kind.CENTRE else _LEFT


class PagedTable(QTableView):
    """A table for a `PagedTableModel`: whole rows, Enter or a double click opens one, the place is kept on a reload."""

    opened = pyqtSignal(object)
    """The row that was opened."""

    def __init__(self, model: PagedTableModel[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._used = 0
        self.setModel(model)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        fit_table(self)
        self.fit_columns()
        self.doubleClicked.connect(self._open)
        self._place = KeptPlace(self, model, model.row)
        model.columns_changed.connect(self.fit_columns)
        bar = self.verticalScrollBar()
        if bar is not None:
            bar.valueChanged.connect(self._fetch_ahead)

    def current_row(self) -> Any:
        """Return the row with the cursor, or None."""
        index = self.currentIndex()
        return self._model.row(index.row()) if index.isValid() else None

    def selected_rows(self) -> list[Any]:
        """Return the selected rows from top to bottom."""
        return [self._model.row(place) for place in selected_places(self)]

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Open the row with Enter."""
        if event is not None and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        """Fit rows and columns to another font, and the titles to another language."""
        super().changeEvent(event)
        if event is None:
            return
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            fit_table(self)
            self.fit_columns()
        elif event.type() == QEvent.Type.LanguageChange:
            self.fit_columns()
            self._model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._model.columns) - 1)

    def fit_columns(self) -> None:
        """Give each column the width it asks for; one that stretches takes what is left, and no less than it asks."""
        header = self.horizontalHeader()
        if header is None:
            return
        figure = self.fontMetrics().horizontalAdvance("0")
        header.setHighlightSections(False)
        bold = QFont(header.font())
        bold.setBold(True)
        titles = QFontMetrics(bold)
        used = 0
        for place, column in enumerate(self._model.columns):
            wanted = max(figure * column.width_chars, titles.horizontalAdvance(column.title())) + 3 * figure
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.Interactive)
            self.setColumnWidth(place, wanted)
            used += 0 if self.isColumnHidden(place) else wanted
        self._used = used
        self._stretch()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        self._stretch()

    def _stretch(self) -> None:
        header, viewport = self.horizontalHeader(), self.viewport()
        if header is None or viewport is None:
            return
        fits = self._used <= viewport.width()
        for place, column in enumerate(self._model.columns):
            if column.stretch:
                mode = QHeaderView.ResizeMode.Stretch if fits else QHeaderView.ResizeMode.Interactive
                if header.sectionResizeMode(place) != mode:
                    header.setSectionResizeMode(place, mode)
                    if not fits:
                        self.setColumnWidth(place, self._wanted(column))

    def _wanted(self, column: Column[Any]) -> int:
        return self.fontMetrics().horizontalAdvance("0") * (column.width_chars + 3)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self._model.row(index.row()))

    def _fetch_ahead(self, value: int) -> None:
        bar = self.verticalScrollBar()
        if bar is not None and value > bar.maximum() - 2 * bar.pageStep() and self._model.canFetchMore(QModelIndex()):
            self._model.fetchMore(QModelIndex())


def fit_table(table: QTableView) -> None:
    """Give a table's rows the height of its font, with some air."""
    vertical = table.verticalHeader()
    if vertical is not None:
        vertical.setVisible(False)
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setMinimumSectionSize(1)
        vertical.setDefaultSectionSize(int(table.fontMetrics().height() * 1.7))
