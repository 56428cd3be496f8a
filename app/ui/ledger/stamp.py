"""The stamp on a voucher that says how it stands: 草稿 carries none, 已审核, 已记账 and 作废 do."""

from __future__ import annotations

from PyQt5.QtCore import QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QSizePolicy, QWidget

TILT_DEGREES = -8


class Stamp(QWidget):
    """A word in a frame, a little askew, as from a rubber stamp."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._ink = QColor()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    @property
    def text(self) -> str:
        """The word on it."""
        return self._text

    def show_text(self, text: str, ink: QColor) -> None:
        """Stamp a word; without one there is no stamp."""
        self._text, self._ink = text, ink
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the word and its tilt."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("已记账已记"), int(metrics.height() * 2.6))

    def minimumSizeHint(self) -> QSize:
        """The same: a stamp is not squeezed."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw frame and word."""
        del event
        if not self._text:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.15)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(self._text) + metrics.height(), metrics.height() * 1.4
        painter.translate(self.width() / 2, self.height() / 2)
        scale = min(1.0, (self.width() - 4) / width)
        painter.scale(scale, scale)
        painter.rotate(TILT_DEGREES)
        frame = QRectF(-width / 2, -height / 2, width, height)
        painter.setPen(QPen(self._ink, max(metrics.height() / 12, 1.5)))
        painter.drawRoundedRect(frame, 4, 4)
        painter.drawText(frame, int(Qt.AlignmentFlag.AlignCenter), self._text)
        painter.end()
