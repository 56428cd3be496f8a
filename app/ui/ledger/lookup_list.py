"""The list under a cell that shows what the typed text may mean.

It never takes the keyboard: the editor keeps it and moves the highlight, so typing goes on while the list is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt5.QtCore import QModelIndex, QPoint, QRect, Qt, pyqtSignal
from PyQt5.QtWidgets import QFrame, QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

MOST_ROWS_SHOWN = 10


@dataclass(frozen=True)
class CellChoice:
    """One thing a text may mean: the text it puts into the cell, and what the list shows for it."""

    value: str
    label: str
    code: str = ""
    detail: str = ""
    new_kind: str = ""
    """Set when choosing it makes a new item of this dimension, named `value`."""


class LookupList(QFrame):
    """Choices under a cell; the first one is highlighted unless `show_choices` is told otherwise."""

    chosen = pyqtSignal(object)
    """A `CellChoice` that was clicked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("lookupList")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._choices: list[CellChoice] = []
        self._tree = QTreeWidget(self)
        self._tree.setColumnCount(3)
        self._tree.setHeaderHidden(True)
        self._tree.setRootIsDecorated(False)
        self._tree.setUniformRowHeights(True)
        self._tree.setFrameShape(QFrame.Shape.NoFrame)
        self._tree.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._tree.clicked.connect(self._clicked)
        header = self._tree.header()
        if header is not None:
            for column in (0, 1):
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
            header.setStretchLastSection(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.addWidget(self._tree)
        self.hide()

    @property
    def choices(self) -> Sequence[CellChoice]:
        """What is shown."""
        return self._choices

    def show_choices(self, choices: Sequence[CellChoice], anchor: QWidget, *, highlight: bool = True) -> None:
        """Show the choices under (or above) a widget; with none, hide."""
        self._choices = list(choices)
        self._tree.clear()
        if not self._choices:
            self.hide()
            return
        for choice in self._choices:
            self._tree.addTopLevelItem(QTreeWidgetItem([choice.code, choice.label, choice.detail]))
        self._tree.setColumnHidden(0, not any(choice.code for choice in self._choices))
        self._tree.setColumnHidden(2, not any(choice.detail for choice in self._choices))
        self._tree.setCurrentIndex(QModelIndex())
        if highlight and not self._choices[0].new_kind:
            self._tree.setCurrentItem(self._tree.topLevelItem(0))
        self._place(anchor)
        self.show()
        self.raise_()

    def current(self) -> CellChoice | None:
        """Return the highlighted choice."""
        row = self._tree.currentIndex().row()
        return self._choices[row] if self.isVisible() and 0 <= row < len(self._choices) else None

    def move_highlight(self, step: int) -> None:
        """Move the highlight down, or up for a negative step; it stops at the ends."""
        row = self._tree.currentIndex().row()
        row = 0 if row < 0 else min(max(row + step, 0), len(self._choices) - 1)
        item = self._tree.topLevelItem(row)
        if item is not None:
            self._tree.setCurrentItem(item)
            self._tree.scrollToItem(item)

    def _place(self, anchor: QWidget) -> None:
        window = self.parentWidget()
        if window is None:
            return
        self.ensurePolished()
        self._tree.doItemsLayout()
        first = self._tree.topLevelItem(0)
        row_height = self._tree.visualItemRect(first).height() if first is not None else 0
        height = max(row_height, self.fontMetrics().height()) * min(len(self._choices), MOST_ROWS_SHOWN) + 6
        metrics = self.fontMetrics()
        wide = metrics.height() * 3 + sum(
            max(metrics.horizontalAdvance(text) for text in texts) + metrics.height()
            for texts in zip(*((choice.code, choice.label, choice.detail) for choice in self._choices), strict=True)
        )
        width = min(max(wide, anchor.width()), max(window.width() - 16, 120))
        corner = anchor.mapTo(window, QPoint(0, anchor.height()))
        if corner.y() + height > window.height():
            corner = anchor.mapTo(window, QPoint(0, -height))
        left = min(corner.x(), window.width() - width - 4)
        self.setGeometry(QRect(max(left, 4), max(corner.y(), 0), width, height))

    def _clicked(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self._choices):
            self.chosen.emit(self._choices[index.row()])
