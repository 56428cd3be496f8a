"""How cells of a typing grid look, and what their editors do; what keys mean is the grid's business."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from PyQt5.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QSize, Qt
from PyQt5.QtGui import QBrush, QKeyEvent, QPainter, QPalette
from PyQt5.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.ui.ledger.shades import fault_paper, quiet_ink, red_ink
from app.ui.ledger.voucher_model import FAULT_ROLE, QUIET_ROLE, RED_ROLE

Editor = TypeVar("Editor", bound=QLineEdit)
Editor_contra = TypeVar("Editor_contra", bound=QLineEdit, contravariant=True)


class EditorOwner(Protocol[Editor_contra]):
    """What the delegate tells about its editors."""

    def editor_opened(self, editor: Editor_contra) -> None:
        """A cell was opened."""

    def editor_key(self, editor: Editor_contra, event: QKeyEvent) -> bool:
        """A key was pressed in an editor; True when it was a key of the grid."""

    def editor_left(self, editor: Editor_contra) -> None:
        """The keyboard went elsewhere."""


class CellDelegate(QStyledItemDelegate, Generic[Editor]):
    """Paints red figures and faulty cells; hands every key of an editor to the grid first."""

    editor_type: type[Editor]
    """The class of the editors, set by each grid's own delegate."""

    def __init__(self, owner: EditorOwner[Editor], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._owner = owner

    def make_editor(self, index: QModelIndex, parent: QWidget | None) -> Editor:
        """Return the editor of a cell."""
        raise NotImplementedError

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
        editor = self.make_editor(index, parent)
        self._owner.editor_opened(editor)
        return editor

    def updateEditorGeometry(self, editor: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Fill the whole cell."""
        del index
        if editor is not None:
            editor.setGeometry(option.rect)

    def setEditorData(self, editor: QWidget | None, index: QModelIndex) -> None:
        """Start with what was typed before, all of it marked. An editor at work is not disturbed."""
        if isinstance(editor, self.editor_type) and not editor.isModified():
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))
            editor.selectAll()

    def setModelData(self, editor: QWidget | None, model: QAbstractItemModel | None, index: QModelIndex) -> None:
        """Put the text into the sheet."""
        if isinstance(editor, self.editor_type) and model is not None and editor.isModified():
            editor.setModified(False)
            model.setData(index, editor.text())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Ask the grid before Qt's own keys of editors."""
        if isinstance(watched, self.editor_type) and event is not None:
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                if self._owner.editor_key(watched, event):
                    return True
            elif event.type() == QEvent.Type.FocusOut:
                self._owner.editor_left(watched)
        return super().eventFilter(watched, event)
