"""How cells of the voucher grid look, and the editors they open; what keys mean is `VoucherGrid`'s business."""

from __future__ import annotations

from typing import Protocol

from PyQt5.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QSize, Qt
from PyQt5.QtGui import QBrush, QKeyEvent, QPainter, QPalette
from PyQt5.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.contract.ledger import AccountInput, EntryInput
from app.ui.ledger.shades import fault_paper, quiet_ink, red_ink
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_model import FAULT_ROLE, FIGURES, LEFT, QUIET_ROLE, RED_ROLE
from app.ui.widgets.amounts import RIGHT
from app.ui.widgets.limits import limit_length, longest

LONGEST = {
    Column.SUMMARY: longest(EntryInput, "summary"),
    Column.ACCOUNT: longest(AccountInput, "name_zh"),
    Column.AUXILIARY: longest(EntryInput, "aux"),
    Column.CURRENCY: longest(EntryInput, "currency"),
}
LONGEST_FIGURE = 200
"""A calculation may be longer than the amount it comes to."""


class CellEditor(QLineEdit):
    """The line of text an open cell is."""

    def __init__(self, column: Column, row: int, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.column = column
        self.row = row
        self.setFrame(False)
        self.setAutoFillBackground(True)
        self.setAlignment(RIGHT if column in FIGURES else LEFT)
        limit_length(self, LONGEST.get(column, LONGEST_FIGURE))


class EditorOwner(Protocol):
    """What the delegate tells about its editors."""

    def editor_opened(self, editor: CellEditor) -> None:
        """A cell was opened."""

    def editor_key(self, editor: CellEditor, event: QKeyEvent) -> bool:
        """A key was pressed in an editor; True when it was a key of the grid."""

    def editor_left(self, editor: CellEditor) -> None:
        """The keyboard went elsewhere."""


class VoucherDelegate(QStyledItemDelegate):
    """Paints red amounts and faulty cells; hands every key of an editor to the grid first."""

    def __init__(self, owner: EditorOwner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._owner = owner

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        """Red amounts are red, cells with a fault stand on a tinted ground."""
        super().initStyleOption(option, index)
        if option is None:
            return
        option.textElideMode = Qt.TextElideMode.ElideRight
        if index.data(FAULT_ROLE):
            option.backgroundBrush = QBrush(fault_paper(option.palette))
        if index.data(QUIET_ROLE):
            option.palette.setColor(QPalette.ColorRole.Text, quiet_ink(option.palette))
        if index.data(RED_ROLE):
            option.palette.setColor(QPalette.ColorRole.Text, red_ink(option.palette))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw the cell, and a line under one with a fault, for eyes that do not see the tint."""
        super().paint(painter, option, index)
        if painter is not None and index.data(FAULT_ROLE):
            painter.save()
            painter.setPen(red_ink(option.palette))
            rect = option.rect.adjusted(2, 0, -2, -2)
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())
            painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Leave air around the text, as the printed form does."""
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + 12, option.fontMetrics.height() + 12)

    def createEditor(self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget | None:
        """Open a cell."""
        del option
        editor = CellEditor(Column(index.column()), index.row(), parent)
        self._owner.editor_opened(editor)
        return editor

    def updateEditorGeometry(self, editor: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Fill the whole cell."""
        del index
        if editor is not None:
            editor.setGeometry(option.rect)

    def setEditorData(self, editor: QWidget | None, index: QModelIndex) -> None:
        """Start with what was typed before, all of it marked. An editor at work is not disturbed."""
        if isinstance(editor, CellEditor) and not editor.isModified():
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))
            editor.selectAll()

    def setModelData(self, editor: QWidget | None, model: QAbstractItemModel | None, index: QModelIndex) -> None:
        """Put the text into the sheet."""
        if isinstance(editor, CellEditor) and model is not None and editor.isModified():
            editor.setModified(False)
            model.setData(index, editor.text())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Ask the grid before Qt's own keys of editors."""
        if isinstance(watched, CellEditor) and event is not None:
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                if self._owner.editor_key(watched, event):
                    return True
            elif event.type() == QEvent.Type.FocusOut:
                self._owner.editor_left(watched)
        return super().eventFilter(watched, event)
