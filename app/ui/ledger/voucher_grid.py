"""The voucher grid and its keys.

    Enter            next cell the row needs, after the credit the next row's summary (Shift goes back)
    Tab              next cell shown, such as an auxiliary that is only offered (Shift goes back)
    arrows           up and down at once, left and right at the end of the text
    =                balance the voucher in this cell (after a calculation: work it out)
    Space            move the amount to the other side
    .. and //        the summary above, the first summary; Enter on an empty summary takes the one above
    F7               look up what fits the cell          Ctrl+F7    balance
    Ctrl+Insert      a row before this one               Ctrl+Delete  take this row out
    Esc              leave the cell as it was; then Tab leaves the grid

Chinese input methods write `＝`, `。。`, `、、` and a full-width space for the same keys; these work alike.
"""

from __future__ import annotations

import re

from PyQt5.QtCore import QModelIndex, Qt
from PyQt5.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PyQt5.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QWidget

from app.ui.ledger.lookup_list import MOST_ROWS_SHOWN, CellChoice, LookupList
from app.ui.ledger.voucher_delegate import CellEditor, VoucherDelegate
from app.ui.ledger.voucher_line import AMOUNT_COLUMNS, SPACE_SWAPS, Column
from app.ui.ledger.voucher_lookups import VoucherLookups
from app.ui.ledger.voucher_model import VoucherModel
from app.ui.ledger.voucher_table import VoucherTable

ABOVE = ("..", "。。", "．．")
FIRST = ("//", "、、", "／／")
_BACK_KEYS = Qt.KeyboardModifiers(Qt.KeyboardModifier.ShiftModifier)
_CONTROL = Qt.KeyboardModifiers(Qt.KeyboardModifier.ControlModifier)
_CALCULATION = re.compile(r"\d\s*[-+*/()×xX÷＋－＊／]")


class VoucherGrid(VoucherTable):
    """The lines of a voucher, always ready to be typed into."""

    def __init__(self, model: VoucherModel, lookups: VoucherLookups, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._lookups = lookups
        self._list: LookupList | None = None
        self._editor: CellEditor | None = None
        self._delegate = VoucherDelegate(self, self)
        self.setItemDelegate(self._delegate)
        self.setTabKeyNavigation(False)
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
        lookups.arrived.connect(self._auxiliaries_arrived)

    # --- moving ------------------------------------------------------------------------------------------------------

    @property
    def cell(self) -> tuple[int, Column] | None:
        """The cell the keyboard is at."""
        index = self.currentIndex()
        return (index.row(), Column(index.column())) if index.isValid() else None

    @property
    def editor(self) -> CellEditor | None:
        """The open cell."""
        return self._editor

    def go(self, row: int, column: Column) -> None:
        """Go to a cell and open it."""
        self.commit()
        index = self.voucher_model.index(row, column)
        if not index.isValid():
            return
        self.setCurrentIndex(index)
        self.scrollTo(index)
        if self.voucher_model.sheet.editable and self._editor is None:
            self.edit(index)
        if column is Column.CASH_FLOW and self.isVisible():
            self._show_flow_lines()

    def _show_flow_lines(self) -> None:
        """Few know the cash-flow lines by number: they are shown at once, and Enter still leaves the cell as it is."""
        if self._editor is not None:
            sheet = self.voucher_model.sheet
            choices = self._lookups.choices(sheet, Column.CASH_FLOW, "", everything=True)
            self._show_list(choices, self._editor, highlight=False)

    def commit(self) -> None:
        """Put the text of the open cell into the sheet and close it."""
        editor = self._editor
        if editor is None:
            return
        self._hide_list()
        self._editor = None
        self.commitData(editor)
        self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def cancel(self) -> None:
        """Close the open cell and leave it as it was."""
        editor = self._editor
        self._hide_list()
        if editor is not None:
            self._editor = None
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.RevertModelCache)

    def next_cell(self, *, back: bool = False) -> None:
        """Go where Enter goes, or Shift+Enter."""
        at = self.cell
        if at is None:
            self.go(0, Column.SUMMARY)
            return
        row, column = at
        self.commit()
        if column is Column.SUMMARY and not back and self.voucher_model.sheet.editable:
            self.voucher_model.act(lambda sheet: sheet.carry_summary(row))
        step = self.voucher_model.sheet.previous_cell if back else self.voucher_model.sheet.next_cell
        to_row, to_column = self.voucher_model.act(lambda _sheet: step(row, column, self._extra))
        self.go(to_row, to_column)

    def _go_sideways(self, step: int, *, wrap: bool = False) -> bool:
        at = self.cell
        if at is None:
            return False
        self.commit()
        shown = [column for column in Column if not self.isColumnHidden(column)]
        row, place = at[0], shown.index(at[1]) + step
        if wrap and not 0 <= place < len(shown):
            row, place = row + step, 0 if step > 0 else len(shown) - 1
        if not (0 <= place < len(shown) and 0 <= row < self.voucher_model.rowCount()):
            self.go(*at)
            return False
        self.go(row, shown[place])
        return True

    def _go_to_row(self, step: int) -> None:
        at = self.cell
        if at is not None and 0 <= at[0] + step < self.voucher_model.rowCount():
            self.go(at[0] + step, at[1])

    # --- keys --------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Keys while no cell is open."""
        if event is not None and not self._grid_key(event):
            at = self.cell
            if at is not None and self._editor is None and self._sign(at[1], event.text()):
                return
            super().keyPressEvent(event)

    def editor_key(self, editor: CellEditor, event: QKeyEvent) -> bool:
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
                self._hide_list()
            else:
                self.cancel()
                self.setFocus()
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab) and listed and self._list is not None:
            choice = self._list.current()
            if choice is not None:
                self._choose(choice, go_on=True)
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
            self.next_cell(back=modifiers == _BACK_KEYS)
        elif key == Qt.Key.Key_Tab and editing:
            self._go_sideways(1, wrap=True)
        elif key == Qt.Key.Key_Backtab and editing:
            self._go_sideways(-1, wrap=True)
        elif key == Qt.Key.Key_F7 and modifiers == _CONTROL:
            self.balance()
        elif key == Qt.Key.Key_F7:
            self.look_up()
        elif key == Qt.Key.Key_Insert and modifiers == _CONTROL:
            self.insert_row()
        elif key == Qt.Key.Key_Delete and modifiers == _CONTROL:
            self.delete_row()
        else:
            return False
        return True

    def balance(self) -> None:
        """Make the voucher balance on this row (`=`, Ctrl+F7) and go to where the amount went."""
        at = self.cell
        if at is None or not self.voucher_model.sheet.editable:
            return
        row, column = at
        if column in AMOUNT_COLUMNS:
            self.cancel()
        else:
            self.commit()
        went = self.voucher_model.act(lambda sheet: sheet.balance(row, column))
        self.go(row, went if went is not None else column)

    def swap_sides(self) -> None:
        """Move the row's amount to the other side (Space) and go with it."""
        at = self.cell
        if at is None or not self.voucher_model.sheet.editable:
            return
        row, column = at
        self.commit()
        self.voucher_model.act(lambda sheet: sheet.swap_sides(row))
        other = {Column.DEBIT: Column.CREDIT, Column.CREDIT: Column.DEBIT}
        self.go(row, other.get(column, column))

    def insert_row(self) -> None:
        """Put an empty row before this one and go to it."""
        at = self.cell
        if at is not None and self.voucher_model.sheet.editable:
            self.commit()
            self.voucher_model.insert_row(at[0])
            self.go(at[0], Column.SUMMARY)

    def delete_row(self) -> None:
        """Take this row out."""
        at = self.cell
        if at is not None and self.voucher_model.sheet.editable:
            self.cancel()
            self.voucher_model.delete_row(at[0])
            self.go(min(at[0], self.voucher_model.rowCount() - 1), at[1])

    def _sign(self, column: Column, text: str) -> bool:
        """Do what a sign asks for in a cell of figures; True when it was one."""
        if text in ("=", "＝") and column in AMOUNT_COLUMNS and text:
            self.balance()
        elif text in (" ", "　") and column in SPACE_SWAPS and text:
            self.swap_sides()
        else:
            return False
        return True

    # --- what is typed into an open cell -----------------------------------------------------------------------------

    def editor_opened(self, editor: CellEditor) -> None:
        """Listen to a cell that was opened."""
        self._editor = editor
        editor.textEdited.connect(self._typed)

    def editor_left(self, editor: CellEditor) -> None:
        """Close the list when the keyboard leaves the cell."""
        if editor is self._editor:
            self._hide_list()

    def closeEditor(self, editor: QWidget | None, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Forget a cell Qt closes by itself, such as when another window is clicked."""
        if editor is self._editor:
            self._editor = None
            self._hide_list()
        super().closeEditor(editor, hint)

    def _leave_cell(self) -> None:
        """Another voucher comes: the keyboard stays in the grid, so that the next key finds it."""
        editor = self._editor
        if editor is not None:
            had_keyboard = editor.hasFocus()
            self.cancel()
            if had_keyboard:
                self.setFocus()

    def _typed(self, text: str) -> None:
        editor = self._editor
        if editor is None:
            return
        column = editor.column
        if column is Column.SUMMARY and text in ABOVE + FIRST:
            sheet = self.voucher_model.sheet
            editor.setText(sheet.first_summary() if text in FIRST else sheet.summary_above(editor.row))
            editor.setModified(True)
            self._hide_list()
            return
        if column in SPACE_SWAPS and text[-1:] in ("=", "＝", " ", "　") and text:
            self._typed_sign(editor, text)
            return
        if column in (Column.CURRENCY, Column.ACCOUNT, Column.AUXILIARY, Column.SUMMARY, Column.CASH_FLOW):
            self._show_choices(editor, everything=False)

    def _typed_sign(self, editor: CellEditor, text: str) -> None:
        rest, sign = text[:-1], text[-1]
        stored = self.voucher_model.sheet.typed(editor.row, editor.column)
        # A fresh cell has its text marked, so the sign has just replaced it: the text is still meant.
        rest = rest or stored
        editor.setText(rest)
        editor.setModified(rest != stored)
        if sign in "=＝" and _CALCULATION.search(rest):
            row, column = editor.row, editor.column
            self.commit()
            self.go(row, column)
        elif not self._sign(editor.column, sign):
            editor.setModified(True)

    # --- look-up -----------------------------------------------------------------------------------------------------

    def look_up(self) -> None:
        """Show all that fits this cell (F7)."""
        at = self.cell
        if at is None or not self.voucher_model.sheet.editable:
            return
        if self._editor is None:
            self.go(*at)
        if self._editor is not None:
            self._show_choices(self._editor, everything=True)

    def _show_choices(self, editor: CellEditor, *, everything: bool) -> None:
        text = "" if everything and not editor.isModified() else editor.text()
        if editor.column is Column.AUXILIARY:
            self._lookups.ask_auxiliaries(editor.row, text)
            return
        choices = self._lookups.choices(self.voucher_model.sheet, editor.column, text, everything=everything)
        # A summary is free text: Enter keeps what was typed unless the list was entered with the arrow keys.
        self._show_list(choices, editor, highlight=everything or editor.column is not Column.SUMMARY)

    def _auxiliaries_arrived(self, row: int, choices: list[CellChoice]) -> None:
        editor = self._editor
        if editor is not None and editor.row == row and editor.column is Column.AUXILIARY and editor.hasFocus():
            self._show_list(choices, editor, highlight=True)

    def _show_list(self, choices: list[CellChoice], editor: CellEditor, *, highlight: bool) -> None:
        if self._list is None:
            self._list = LookupList(self.window() or self)
            self._list.chosen.connect(lambda choice: self._choose(choice, go_on=False))
        self._list.show_choices(choices, editor, highlight=highlight)

    @property
    def lookup_list(self) -> LookupList | None:
        """The list, once it was needed."""
        return self._list

    def _hide_list(self) -> None:
        self._lookups.drop_question()
        if self._list is not None:
            self._list.hide()

    def _choose(self, choice: CellChoice, *, go_on: bool) -> None:
        editor = self._editor
        if editor is None:
            return
        if choice.new_kind:
            self._lookups.add_auxiliary(choice, lambda: self._put_auxiliary(choice, go_on=go_on))
        elif editor.column is Column.AUXILIARY:
            self._put_auxiliary(choice, go_on=go_on)
        else:
            editor.setText(choice.value)
            editor.setModified(True)
            self._hide_list()
            if go_on:
                self.next_cell()

    def _put_auxiliary(self, choice: CellChoice, *, go_on: bool) -> None:
        editor = self._editor
        if editor is None or editor.column is not Column.AUXILIARY:
            return
        text, complete = self._lookups.with_auxiliary(self.voucher_model.sheet, editor.row, editor.text(), choice)
        editor.setText(text)
        editor.setModified(True)
        self._hide_list()
        if not complete:
            self._lookups.ask_auxiliaries(editor.row, text)
        elif go_on:
            self.next_cell()

    # --- Qt's events -------------------------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Coming in by Tab starts at the first cell; a cell opened while the window was in the back gets the keys."""
        super().focusInEvent(event)
        if event is None:
            return
        if self._editor is not None:
            self._editor.setFocus(event.reason())
            return
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            at = self.cell or (0, Column.SUMMARY)
            self.go(*at)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """A click opens the cell."""
        super().mousePressEvent(event)
        if event is None or self._editor is not None:
            if self._editor is not None and self._editor.column is Column.CASH_FLOW:
                self._show_flow_lines()
            return
        index: QModelIndex = self.indexAt(event.pos())
        if index.isValid():
            self.go(index.row(), Column(index.column()))
