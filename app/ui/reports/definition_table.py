"""The grid a definition is typed into: cells by keyboard, choices as lists, results at the right."""

from __future__ import annotations

from typing import Any

from PyQt5 import sip
from PyQt5.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, Qt, pyqtSignal
from PyQt5.QtGui import QFont, QFontMetrics, QKeyEvent
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.ui.reports.definition_model import EditModel
from app.ui.widgets.paged_table import fit_table


class DefinitionTable(QTableView):
    """Enter or typing edits a cell, Tab goes on to the next."""

    moved = pyqtSignal()
    """The cursor is in another row."""

    def __init__(self, model: EditModel[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(
            QAbstractItemView.EditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
            | QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self._choices = _ChoiceDelegate(model, self)
        self.setItemDelegate(self._choices)
        header = self.horizontalHeader()
        if header is not None:
            header.setHighlightSections(False)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        model.modelReset.connect(self._fit)
        selection = self.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_rows: self.moved.emit())
        fit_table(self)
        self._fit()

    def edit_cell(self, row: int, column: int) -> None:
        """Go to a cell and begin to type."""
        index = self._model.index(row, column)
        self.setCurrentIndex(index)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edit(index)

    def finish_editing(self) -> None:
        """Take what is being typed."""
        self._choices.finish()

    def go_to_fault(self, row: int) -> None:
        """Put the cursor into the first wrong cell of a row."""
        wrong = [
            column
            for column in range(self._model.columnCount())
            if self._model.index(row, column).data(Qt.ItemDataRole.BackgroundRole) is not None
        ]
        index = self._model.index(row, wrong[0] if wrong else 0)
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_results(self, first: int) -> None:
        """Give the columns of results their width and show them."""
        for column in range(first, self._model.columnCount()):
            self.resizeColumnToContents(column)
        if self._model.columnCount() > first:
            row = max(self.currentIndex().row(), 0)
            self.scrollTo(self._model.index(row, self._model.columnCount() - 1))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Edit with Enter, as in a spreadsheet; empty a cell with Del."""
        index = self.currentIndex()
        editing = self.state() == QAbstractItemView.State.EditingState  # the field passes its own Enter on to us
        if event is not None and index.isValid() and not event.modifiers() and not editing:
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self.edit(index)
                return
            if event.key() == Qt.Key.Key_Delete and index.flags() & Qt.ItemFlag.ItemIsEditable:
                self._model.setData(index, "")
                return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow font and language."""
        super().changeEvent(event)
        if event is None:
            return
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            fit_table(self)
            self._fit()
        elif event.type() == QEvent.Type.LanguageChange:
            self._fit()
            self._model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self._model.columnCount() - 1)

    def _fit(self) -> None:
        figure = self.fontMetrics().horizontalAdvance("0")
        bold = QFont(self.font())
        bold.setBold(True)
        titles = QFontMetrics(bold)
        for place, column in enumerate(self._model.columns):
            wanted = max(figure * column.width_chars, titles.horizontalAdvance(column.title()))
            self.setColumnWidth(place, wanted + 3 * figure)


class _ChoiceDelegate(QStyledItemDelegate):
    """Offers a list where a field has few values."""

    def __init__(self, model: EditModel[Any], parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._editor: QWidget | None = None

    def finish(self) -> None:
        """Take what stands in the field that is open, and close it."""
        editor, self._editor = self._editor, None
        if editor is not None and not sip.isdeleted(editor) and editor.isVisible():
            self.commitData.emit(editor)
            self.closeEditor.emit(editor)

    def createEditor(self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget | None:
        """Return a list for a choice, else a text field."""
        choices = self._choices(index)
        if choices is None:
            self._editor = super().createEditor(parent, option, index)
            return self._editor
        editor = QComboBox(parent)
        self._editor = editor
        for value, name in choices.items():
            editor.addItem(name or "—", value)
        editor.activated.connect(lambda _place: self.commitData.emit(editor))
        return editor

    def setEditorData(self, editor: QWidget | None, index: QModelIndex) -> None:
        """Show the value."""
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(max(editor.findData(index.data(Qt.ItemDataRole.EditRole)), 0))
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget | None, model: QAbstractItemModel | None, index: QModelIndex) -> None:
        """Take the value."""
        if isinstance(editor, QComboBox):
            self._model.setData(index, editor.currentData())
        else:
            super().setModelData(editor, model, index)

    def _choices(self, index: QModelIndex) -> dict[str, str] | None:
        if index.column() >= len(self._model.columns):
            return None
        choices = self._model.columns[index.column()].choices
        return dict(choices()) if choices is not None else None
