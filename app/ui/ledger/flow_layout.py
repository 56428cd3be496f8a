"""A row of fields and buttons that goes on in the next line where the window is narrow or the text large."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, QRect, QSize, Qt
from PyQt5.QtWidgets import QLabel, QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Items from left to right, line by line. A label stays in the line of what follows it.

    Items added after `add_gap()` stand at the right while all fit into one line.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap_before: int | None = None
        self.setContentsMargins(0, 0, 0, 0)

    def add_gap(self) -> None:
        """What is added from now on stands at the right."""
        self._gap_before = len(self._items)

    def addItem(self, item: QLayoutItem | None) -> None:
        """Add at the end; Qt calls this."""
        if item is not None:
            self._items.append(item)

    def count(self) -> int:
        """Return the number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take an item out."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientations:
        """Take no more height than needed."""
        return Qt.Orientations(Qt.Orientation.Horizontal)

    def hasHeightForWidth(self) -> bool:
        """The narrower, the more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height all lines take."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Put every item into its place."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        """Return the size of one single line."""
        sizes = [item.sizeHint() for item in self._shown()]
        spacing = max(self.spacing(), 0)
        width = sum(size.width() + spacing for size in sizes) - spacing
        return QSize(max(width, 0), max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        """Return the room the widest group needs."""
        groups = self._groups()
        spacing = max(self.spacing(), 0)
        width = max((sum(i.minimumSize().width() + spacing for i in group) - spacing for group in groups), default=0)
        height = max((item.minimumSize().height() for item in self._shown()), default=0)
        return QSize(width, height)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _groups(self) -> list[list[QLayoutItem]]:
        """Return the items with each label beside its field."""
        groups: list[list[QLayoutItem]] = []
        joined = False
        for item in self._shown():
            if joined:
                groups[-1].append(item)
            else:
                groups.append([item])
            widget = item.widget()
            joined = isinstance(widget, QLabel) and widget.buddy() is not None
        return groups

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        spacing = max(self.spacing(), 0)
        lines: list[list[QLayoutItem]] = []
        used = 0
        for group in self._groups():
            wide = sum(item.sizeHint().width() + spacing for item in group)
            if not lines or used + wide - spacing > width:
                lines.append([])
                used = 0
            lines[-1].extend(group)
            used += wide
        return lines

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        spacing = max(self.spacing(), 0)
        lines = self._lines(rect.width())
        at_right = {id(item) for item in self._items[self._gap_before :]} if self._gap_before is not None else set()
        spare = max(rect.width() - self.sizeHint().width(), 0) if len(lines) == 1 else 0
        y = rect.y()
        for line in lines:
            x, height = rect.x(), max(item.sizeHint().height() for item in line)
            for item in line:
                hint = item.sizeHint()
                if id(item) in at_right:
                    x, spare = x + spare, 0
                if move:
                    size = QSize(min(hint.width(), rect.width()), hint.height())
                    item.setGeometry(QRect(QPoint(x, y + (height - hint.height()) // 2), size))
                x += hint.width() + spacing
            y += height + spacing
        return max(y - spacing - rect.y(), 0)
