"""The editors of a line grid's cells."""

from __future__ import annotations

from PyQt5.QtCore import QModelIndex, QObject
from PyQt5.QtWidgets import QLineEdit, QWidget

from app.ui.ledger.cell_delegate import CellDelegate, EditorOwner
from app.ui.trade.line_model import LEFT, GridColumn, LineModel
from app.ui.widgets.amounts import RIGHT
from app.ui.widgets.limits import limit_length


class LineEditor(QLineEdit):
    """The line of text an open cell is."""

    def __init__(self, row: int, column: GridColumn, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.row = row
        self.column = column
        self.setFrame(False)
        self.setAutoFillBackground(True)
        self.setAlignment(RIGHT if column.is_figure else LEFT)
        limit_length(self, column.longest)


class LineDelegate(CellDelegate[LineEditor]):
    """Opens the cells of a line grid; `model` tells its columns."""

    editor_type = LineEditor

    def __init__(self, owner: EditorOwner[LineEditor], model: LineModel, parent: QObject | None = None) -> None:
        super().__init__(owner, parent)
        self._line_model = model

    def make_editor(self, index: QModelIndex, parent: QWidget | None) -> LineEditor:
        """Return the editor of a cell."""
        return LineEditor(index.row(), self._line_model.columns[index.column()], parent)
