"""A page of paper on the screen."""

from __future__ import annotations

from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QPainter, QPaintEvent
from PyQt5.QtWidgets import QWidget

from app.contract.printing import PagesLayout, PrintPage
from app.ui.printing.sheet_painter import paint_page


class SheetPreview(QWidget):
    """One page as it will be printed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._layout: PagesLayout | None = None
        self._page: PrintPage | None = None
        em = self.fontMetrics().height()
        self.setMinimumSize(em * 26, em * 16)

    def show_page(self, layout: PagesLayout | None, number: int = 0) -> None:
        """Show a page, or nothing."""
        self._layout = layout
        self._page = layout.pages[number] if layout is not None and layout.pages else None
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the paper and what is on it; paper is white in dark windows, too."""
        del event
        if self._layout is None or self._page is None:
            return
        room = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        scale = min(room.width() / self._layout.width, room.height() / self._layout.height)
        paper = QRectF(0, 0, self._layout.width * scale, self._layout.height * scale)
        paper.moveCenter(room.center())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(paper, Qt.GlobalColor.white)
        painter.setPen(Qt.GlobalColor.gray)
        painter.drawRect(paper)
        paint_page(painter, self._page, self._layout, paper, self.font())
        painter.end()
