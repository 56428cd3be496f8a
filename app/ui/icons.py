"""Line icons that take the colour of the text around them, in any theme and at any scale."""

from __future__ import annotations

from functools import lru_cache

from PyQt5.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PyQt5.QtGui import QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PyQt5.QtSvg import QSvgRenderer

from app.resources import resource_path


def icon(name: str) -> QIcon:
    """Return an icon of `resources/icons`; it is drawn in the colours of the palette at the time of painting."""
    return QIcon(LineIcon(name))


def app_icon() -> QIcon:
    """Return the program's own icon."""
    return QIcon(str(resource_path("icons", "app.svg")))


class LineIcon(QIconEngine):
    """Draws one line icon; selected and disabled states follow the palette."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def clone(self) -> QIconEngine:
        """Return another engine for the same icon."""
        return LineIcon(self._name)

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw into a rectangle."""
        del state
        if painter is None:
            return
        palette = QGuiApplication.palette()
        if mode == QIcon.Mode.Disabled:
            colour = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
        elif mode == QIcon.Mode.Selected:
            colour = palette.color(QPalette.ColorRole.HighlightedText)
        else:
            colour = palette.color(QPalette.ColorRole.WindowText)
        side = min(rect.width(), rect.height())
        square = QRectF(rect.x() + (rect.width() - side) / 2, rect.y() + (rect.height() - side) / 2, side, side)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _renderer(self._name, colour.name()).render(painter, square)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return a picture of that size in device pixels."""
        if size.isEmpty():
            return QPixmap()
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return picture


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    drawing = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8").replace("$line", colour)
    return QSvgRenderer(QByteArray(drawing.encode()))
