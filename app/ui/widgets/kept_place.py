"""Where somebody is in a table, found again when its rows come anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt5.QtCore import QAbstractItemModel, QItemSelectionModel, QObject
from PyQt5.QtWidgets import QTableView


@dataclass(frozen=True)
class Place:
    """Where somebody is in a table: scrolled so far, with this row at the top, the cursor here, these rows chosen."""

    scroll: int = 0
    top: object = None
    above_top: int = 0
    row: int = -1
    column: int = 0
    current: object = None
    selected: frozenset[object] = frozenset()


class KeptPlace(QObject):
    """Remembers the place before the model's rows go, and goes there when others have come."""

    def __init__(self, table: QTableView, model: QAbstractItemModel, row_at: Callable[[int], object]) -> None:
        """Keep the place in a table of this model; `row_at` returns what is shown in a row."""
        super().__init__(table)
        self._table, self._model, self._row_at = table, model, row_at
        self._place = Place()
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)

    def _remember(self) -> None:
        table = self._table
        bar = table.verticalScrollBar()
        top = table.rowAt(0)
        current = table.currentIndex()
        self._place = Place(
            scroll=bar.value() if bar is not None else 0,
            top=self._key(top),
            above_top=table.rowViewportPosition(top) if top >= 0 else 0,
            row=current.row(),
            column=max(0, current.column()),
            current=self._key(current.row()),
            selected=frozenset(key for row in selected_places(table) if (key := self._key(row)) is not None),
        )

    def _restore(self) -> None:
        """Find the rows again by what they are: others may have added some above them."""
        table, place, found = self._table, self._place, {}
        if place.current is not None or place.selected:
            found = {key: row for row in range(self._model.rowCount()) if (key := self._key(row)) is not None}
        row = found.get(place.current, place.row)
        selection = table.selectionModel()
        if 0 <= row < self._model.rowCount() and selection is not None:
            index = self._model.index(row, min(place.column, self._model.columnCount() - 1))
            again = sorted(found[key] for key in place.selected if key in found)
            if len(again) > 1:
                selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
                flags = QItemSelectionModel.SelectionFlags(QItemSelectionModel.SelectionFlag.Select)
                flags |= QItemSelectionModel.SelectionFlag.Rows
                for chosen in again:
                    selection.select(self._model.index(chosen, 0), flags)
            else:
                table.setCurrentIndex(index)
        bar = table.verticalScrollBar()
        if bar is not None:
            bar.setValue(place.scroll)
            moved = found.get(place.top, -1)
            if moved >= 0 and place.scroll:
                bar.setValue(bar.value() + table.rowViewportPosition(moved) - place.above_top)

    def _key(self, row: int) -> object:
        """Return what tells a row from others whatever its place, None where nothing does."""
        return getattr(self._row_at(row), "id", None) if 0 <= row < self._model.rowCount() else None


def selected_places(table: QTableView) -> list[int]:
    """Return where the selected rows are, from top to bottom."""
    selection = table.selectionModel()
    return sorted(index.row() for index in selection.selectedRows()) if selection is not None else []
