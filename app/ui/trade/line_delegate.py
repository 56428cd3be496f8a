"""How cells of a line grid look, and the editors they open; what keys mean is the grid's business."""

from __future__ import annotations

from typing import Protocol

from PyQt5.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QSize, Qt
from PyQt5.QtGui import QBrush, QKeyEvent, QPainter, QPalette
from PyQt5.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.ui.ledger.shades import fault_paper, quiet_ink, red_ink
from app.ui.trade.line_model import FAULT_ROLE, LEFT, QUIET_ROLE, RED_ROLE, GridColumn, LineModel
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


class EditorOwner(Protocol):
    """What the delegate tells about its editors."""

    line_model: LineModel

    def editor_opened(self, editor: LineEditor) -> None:
        """A cell was opened."""

    def editor_key(self, editor: LineEditor, event: QKeyEvent) -> bool:
        """A key was pressed in an editor; True when it was a key of the grid."""

    def editor_left(self, editor: LineEditor) -> None:
        """The keyboard went elsewhere."""


class LineDelegate(QStyledItemDelegate):
    """Paints red figures and faulty cells; hands every key of an editor to the grid first."""

    def __init__(self, owner: EditorOwner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._owner = owner

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        """Red figures are red, cells with a fault stand on a tinted ground."""
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
        """Leave air around the text."""
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + 12, option.fontMetrics.height() + 12)

    def createEditor(self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget | None:
        """Open a cell."""
        del option
        editor = LineEditor(index.row(), self._owner.line_model.columns[index.column()], parent)
        self._owner.editor_opened(editor)
        return editor

    def updateEditorGeometry(self, editor: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Fill the whole cell."""
        del index
        if editor is not None:
            editor.setGeometry(option.rect)

    def setEditorData(self, editor: QWidget | None, index: QModelIndex) -> None:
        """Start with what was typed before, all of it marked. An editor at work is not disturbed."""
        if isinstance(editor, LineEditor) and not editor.isModified():
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))
            editor.selectAll()

    def setModelData(self, editor: QWidget | None, model: QAbstractItemModel | None, index: QModelIndex) -> None:
        """Put the text into the sheet."""
        if isinstance(editor, LineEditor) and model is not None and editor.isModified():
            editor.setModified(False)
            model.setData(index, editor.text())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Ask the grid before Qt's own keys of editors."""
        if isinstance(watched, LineEditor) and event is not None:
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                if self._owner.editor_key(watched, event):
                    return True
            elif event.type() == QEvent.Type.FocusOut:
                self._owner.editor_left(watched)
        return super().eventFilter(watched, event)
