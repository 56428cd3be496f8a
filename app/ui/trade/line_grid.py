"""A grid of lines that is always ready to be typed into, and its keys.

Enter            next cell the row needs, at its end the next row (Shift goes back)
Tab              next cell shown (Shift goes back)
arrows           up and down at once, left and right at the end of the text
F7               look up what fits the cell
Ctrl+Insert      a row before this one               Ctrl+Delete  take this row out
Esc              leave the cell as it was; then Tab leaves the grid
"""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QEvent, QModelIndex, Qt, pyqtSignal
from PyQt5.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QResizeEvent
from PyQt5.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QHeaderView, QTableView, QWidget

from app.ui.ledger.lookup_list import MOST_ROWS_SHOWN, CellChoice, LookupList
from app.ui.trade.line_delegate import LineDelegate, LineEditor
from app.ui.trade.line_model import LineModel

_BACK_KEYS = Qt.KeyboardModifiers(Qt.KeyboardModifier.ShiftModifier)
_CONTROL = Qt.KeyboardModifiers(Qt.KeyboardModifier.ControlModifier)
_NARROWEST_EM = 6


class LineGrid(QTableView):
    """Shows a `LineModel`; who offers choices listens to `choices_wanted` and answers with `show_choices`."""

    choices_wanted = pyqtSignal(int, str, str)
    """Row, column and the text typed so far: something may be looked up."""
    looked_into = pyqtSignal(int, str)
    """Row and column of a cell that is not for typing and was double-clicked, or entered: what is it made of?"""
    chosen = pyqtSignal(int, str, object)
    """Row, column and the `CellChoice` taken."""

    def __init__(self, model: LineModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line_model = model
        self._editor: LineEditor | None = None
        self._list: LookupList | None = None
        self.setModel(model)
        self.setItemDelegate(LineDelegate(self, self.line_model, self))
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTriggers(QAbstractItemView.EditTrigger.CurrentChanged)
            | QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.SelectedClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        model.modelAboutToBeReset.connect(self._leave_cell)
        self.doubleClicked.connect(self._double_clicked)
        self._fit()

    # --- moving ------------------------------------------------------------------------------------------------------

    @property
    def cell(self) -> tuple[int, str] | None:
        """The cell the keyboard is at."""
        index = self.currentIndex()
        return (index.row(), self.line_model.columns[index.column()].name) if index.isValid() else None

    @property
    def editor(self) -> LineEditor | None:
        """The open cell."""
        return self._editor

    @property
    def lookup_list(self) -> LookupList | None:
        """The list of choices, once it was needed."""
        return self._list

    def go(self, row: int, name: str) -> None:
        """Go to a cell and open it where it is for typing."""
        self.commit()
        index = self.line_model.index(row, self.line_model.place_of(name))
        if not index.isValid():
            return
        self.setCurrentIndex(index)
        self.scrollTo(index)
        if self._editor is None and self.line_model.sheet.may_type(row, name):
            self.edit(index)

    def commit(self) -> None:
        """Put the text of the open cell into the sheet and close it."""
        editor = self._editor
        if editor is not None:
            self.hide_choices()
            self._editor = None
            self.commitData(editor)
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def cancel(self) -> None:
        """Close the open cell and leave it as it was."""
        editor = self._editor
        self.hide_choices()
        if editor is not None:
            self._editor = None
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.RevertModelCache)

    def next_cell(self, *, back: bool = False) -> None:
        """Go where Enter goes, or Shift+Enter."""
        at = self.cell
        if at is None:
            return
        self.commit()
        sheet = self.line_model.sheet
        step = sheet.previous_cell if back else sheet.next_cell
        row, name = self.line_model.grow(lambda: step(*at))
        self.go(row, name)

    def _shown_names(self) -> list[str]:
        columns = self.line_model.columns
        return [column.name for place, column in enumerate(columns) if not self.isColumnHidden(place)]

    def _go_sideways(self, step: int, *, wrap: bool = False) -> bool:
        at = self.cell
        if at is None:
            return False
        self.commit()
        names = self._shown_names()
        row, place = at[0], names.index(at[1]) + step
        if wrap and not 0 <= place < len(names):
            row, place = row + step, 0 if step > 0 else len(names) - 1
        if not (0 <= place < len(names) and 0 <= row < self.line_model.rowCount()):
            self.go(*at)
            return False
        self.go(row, names[place])
        return True

    def _go_to_row(self, step: int) -> None:
        at = self.cell
        if at is not None and 0 <= at[0] + step < self.line_model.rowCount():
            self.go(at[0] + step, at[1])

    # --- keys --------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Keys while no cell is open."""
        if event is not None and not self._grid_key(event):
            super().keyPressEvent(event)

    def editor_key(self, editor: LineEditor, event: QKeyEvent) -> bool:
        """Keys while a cell is open; True when it was one of the grid's."""
        key = event.key()
        listed = self._list is not None and self._list.isVisible()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            step = 1 if key in (Qt.Key.Key_Down, Qt.Key.Key_PageDown) else -1
            if listed and self._list is not None:
                paging = key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
                self._list.move_highlight(step * (MOST_ROWS_SHOWN if paging else 1))
            else:
                self._go_to_row(step)
            return True
        if key == Qt.Key.Key_Escape:
            if listed:
                self.hide_choices()
            else:
                self.cancel()
                self.setFocus()
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab) and listed and self._list is not None:
            choice = self._list.current()
            if choice is not None:
                self.take_choice(choice)
                return True
        if key == Qt.Key.Key_Left and not event.modifiers() and not editor.hasSelectedText():
            return editor.cursorPosition() == 0 and self._go_sideways(-1)
        if key == Qt.Key.Key_Right and not event.modifiers() and not editor.hasSelectedText():
            return editor.cursorPosition() == len(editor.text()) and self._go_sideways(1)
        return self._grid_key(event)

    def _grid_key(self, event: QKeyEvent) -> bool:
        key, modifiers = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        editing = self._editor is not None
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and modifiers in (Qt.KeyboardModifier.NoModifier, _BACK_KEYS):
            if self.line_model.sheet.editable or not self._look_into():
                self.next_cell(back=modifiers == _BACK_KEYS)
        elif key == Qt.Key.Key_Tab and editing:
            self._go_sideways(1, wrap=True)
        elif key == Qt.Key.Key_Backtab and editing:
            self._go_sideways(-1, wrap=True)
        elif key == Qt.Key.Key_F7:
            self.look_up()
        elif key == Qt.Key.Key_Insert and modifiers == _CONTROL:
            self.insert_row()
        elif key == Qt.Key.Key_Delete and modifiers == _CONTROL:
            self.delete_row()
        else:
            return False
        return True

    def _double_clicked(self, _index: QModelIndex) -> None:
        self._look_into()

    def _look_into(self) -> bool:
        at = self.cell
        if at is None or self._editor is not None or self.line_model.sheet.may_type(*at):
            return False
        self.looked_into.emit(*at)
        return True

    def insert_row(self) -> None:
        """Put an empty row before this one and go to it."""
        at = self.cell
        if at is not None and self.line_model.sheet.editable:
            self.commit()
            self.line_model.insert_row(at[0])
            self.go(at[0], self.line_model.columns[0].name)

    def delete_row(self) -> None:
        """Take this row out."""
        at = self.cell
        if at is not None and self.line_model.sheet.editable:
            self.cancel()
            self.line_model.delete_row(at[0])
            self.go(min(at[0], self.line_model.rowCount() - 1), at[1])

    # --- choices -----------------------------------------------------------------------------------------------------

    def look_up(self) -> None:
        """Ask for all that fits this cell (F7)."""
        at = self.cell
        if at is None or not self.line_model.sheet.may_type(*at):
            return
        if self._editor is None:
            self.go(*at)
        if self._editor is not None:
            self.choices_wanted.emit(*at, self._editor.text() if self._editor.isModified() else "")

    def show_choices(self, row: int, name: str, choices: Sequence[CellChoice], *, highlight: bool = True) -> None:
        """Show choices under a cell, if it is still the open one."""
        editor = self._editor
        if editor is None or (editor.row, editor.column.name) != (row, name) or not editor.hasFocus():
            return
        if self._list is None:
            self._list = LookupList(self.window() or self)
            self._list.chosen.connect(self.take_choice)
        self._list.show_choices(choices, editor, highlight=highlight)

    def hide_choices(self) -> None:
        """Take the list away."""
        if self._list is not None:
            self._list.hide()

    def take_choice(self, choice: CellChoice) -> None:
        """Put a choice into the open cell and go on."""
        editor = self._editor
        if editor is None:
            return
        row, name = editor.row, editor.column.name
        self.cancel()
        self.chosen.emit(row, name, choice)
        self.next_cell()

    def editor_opened(self, editor: LineEditor) -> None:
        """Listen to a cell that was opened."""
        self._editor = editor
        if editor.column.looks_up:
            editor.textEdited.connect(lambda text: self.choices_wanted.emit(editor.row, editor.column.name, text))

    def editor_left(self, editor: LineEditor) -> None:
        """Close the list when the keyboard leaves the cell."""
        if editor is self._editor:
            self.hide_choices()

    def closeEditor(self, editor: QWidget | None, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Forget a cell Qt closes by itself, such as when another window is clicked."""
        if editor is self._editor:
            self._editor = None
            self.hide_choices()
        super().closeEditor(editor, hint)

    def _leave_cell(self) -> None:
        """Other lines come: the keyboard stays in the grid, so that the next key finds it."""
        editor = self._editor
        if editor is not None:
            had_keyboard = editor.hasFocus()
            self.cancel()
            if had_keyboard:
                self.setFocus()

    # --- looks -------------------------------------------------------------------------------------------------------

    def show_columns(self, wanted: frozenset[str]) -> None:
        """Show these columns and no others."""
        for place, column in enumerate(self.line_model.columns):
            self.setColumnHidden(place, column.name not in wanted)
        self._share_width()

    def _fit(self) -> None:
        header, rows = self.horizontalHeader(), self.verticalHeader()
        if header is None or rows is None:
            return
        metrics = self.fontMetrics()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        rows.setDefaultAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignCenter))
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(metrics.height() + 14)
        bold = QFont(self.font())
        bold.setBold(True)
        titles = QFontMetrics(bold)
        for place, column in enumerate(self.line_model.columns):
            # as wide as in bold, for the totals below stand in it
            wide = max(titles.horizontalAdvance(column.widest), titles.horizontalAdvance(column.title()))
            self.setColumnWidth(place, wide + metrics.height() * 5 // 4)
        self._share_width()

    def _share_width(self) -> None:
        viewport = self.viewport()
        if viewport is None:
            return
        shown = [(p, c) for p, c in enumerate(self.line_model.columns) if not self.isColumnHidden(p)]
        spare = viewport.width() - sum(self.columnWidth(place) for place, column in shown if not column.stretch)
        shares = sum(column.stretch for _, column in shown)
        least = self.fontMetrics().height() * _NARROWEST_EM
        for place, column in shown:
            if column.stretch:
                self.setColumnWidth(place, max(least, spare * column.stretch // shares))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        self._share_width()

    def changeEvent(self, event: QEvent | None) -> None:
        """Fit to another font or language."""
        super().changeEvent(event)
        kinds = (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.LanguageChange)
        if event is not None and event.type() in kinds:
            self._fit()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """A click opens the cell."""
        super().mousePressEvent(event)
        if event is not None and self._editor is None:
            index: QModelIndex = self.indexAt(event.pos())
            if index.isValid():
                self.go(index.row(), self.line_model.columns[index.column()].name)
