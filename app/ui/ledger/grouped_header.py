"""A table header of two floors: pairs of columns such as 借方 and 贷方 under one heading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt5.QtCore import QRect, QSize, Qt
from PyQt5.QtGui import QPainter, QPalette
from PyQt5.QtWidgets import QHeaderView, QStyle, QStyleOptionHeader, QWidget

from app.ui.ledger.shades import quiet_ink


@dataclass(frozen=True)
class HeaderGroup:
    """Columns `first` to `last` under a heading in the window's language."""

    first: int
    last: int
    title: Callable[[], str]


class GroupedHeader(QHeaderView):
    """Paints columns of a group on the lower floor and their heading above; other columns take both floors."""

    def __init__(self, groups: tuple[HeaderGroup, ...], parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._groups = groups
        self.setDefaultAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignCenter))
        self.setHighlightSections(False)
        self.setSectionsClickable(False)
        # A heading spans several sections, so scrolling and resizing one must repaint the others.
        self.sectionResized.connect(lambda *_sizes: self._repaint())

    def set_groups(self, groups: tuple[HeaderGroup, ...]) -> None:
        """Show other headings; without any the header has one floor."""
        self._groups = groups
        self.updateGeometry()
        self._repaint()

    def _repaint(self) -> None:
        viewport = self.viewport()
        if viewport is not None:
            viewport.update()

    def sectionSizeFromContents(self, logical: int) -> QSize:
        """Two floors high where there are groups."""
        size = super().sectionSizeFromContents(logical)
        return QSize(size.width(), self._floor() * self._floors())

    def sizeHint(self) -> QSize:
        """Two floors high where there are groups."""
        return QSize(super().sizeHint().width(), self._floor() * self._floors())

    def _floors(self) -> int:
        return 2 if self._groups else 1

    def paintSection(self, painter: QPainter | None, rect: QRect, logical: int) -> None:
        """Draw a column, and its part of the heading."""
        group = next((g for g in self._groups if g.first <= logical <= g.last), None)
        if painter is None or not rect.isValid():
            return
        if group is None:
            self._draw(painter, rect, self._title(logical))
            return
        half = rect.height() // 2
        lower = QRect(rect.left(), rect.top() + half, rect.width(), rect.height() - half)
        self._draw(painter, lower, self._title(logical))
        left = self.sectionViewportPosition(group.first)
        right = self.sectionViewportPosition(group.last) + self.sectionSize(group.last)
        upper = QRect(left, rect.top(), right - left, half)
        # Whole each time: every section of the group paints the heading's ground anew.
        self._draw(painter, upper, group.title())

    def _title(self, logical: int) -> str:
        model = self.model()
        text = model.headerData(logical, Qt.Orientation.Horizontal) if model is not None else None
        return str(text or "")

    def _floor(self) -> int:
        return int(self.fontMetrics().height() * 1.7)

    def _draw(self, painter: QPainter, rect: QRect, text: str) -> None:
        option = QStyleOptionHeader()
        self.initStyleOption(option)
        option.rect = rect
        option.text = ""
        option.textAlignment = Qt.Alignment(Qt.AlignmentFlag.AlignCenter)
        option.position = QStyleOptionHeader.SectionPosition.Middle
        style = self.style()
        if style is None:
            return
        painter.save()
        style.drawControl(QStyle.ControlElement.CE_Header, option, painter, self)
        painter.restore()  # the style leaves a clip behind
        painter.save()
        # Written by hand: the style's padding would cut off letters that reach below the line of a single floor.
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(quiet_ink(self.palette()))
        painter.drawText(rect.adjusted(2, 0, -2, 0), int(Qt.AlignmentFlag.AlignCenter), text)
        painter.setPen(self.palette().color(QPalette.ColorRole.Midlight))
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()
