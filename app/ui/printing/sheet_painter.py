"""Drawing laid-out pages with Qt: on the screen as a preview, and on a printer."""

from __future__ import annotations

import base64

from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen

from app.contract.printing import PagesLayout, PrintPage, PrintPicture, PrintText

RED = QColor(190, 0, 0)
ALIGNMENT = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "centre": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}


def paint_page(painter: QPainter, page: PrintPage, layout: PagesLayout, target: QRectF, font: QFont) -> None:
    """Draw a page into a rectangle of the painter, as large as it fits without being distorted."""
    scale = min(target.width() / layout.width, target.height() / layout.height)
    painter.save()
    painter.translate(target.topLeft())
    painter.scale(scale, scale)  # from here on lengths are those of the layout
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    for picture in page.pictures:
        _paint_picture(painter, picture, layout.pictures[picture.name])
    for rule in page.rules:
        pen = QPen(Qt.GlobalColor.black, rule.weight)
        if rule.dashed:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(rule.x1, rule.y1, rule.x2, rule.y2)
    for text in page.texts:
        _paint_text(painter, text, font)
    painter.restore()


def _paint_text(painter: QPainter, text: PrintText, font: QFont) -> None:
    sized = QFont(font)
    sized.setPixelSize(text.size * 2540 // 720)
    # measured for the paper, not for the device the font would else be fitted to
    width = QFontMetrics(sized).horizontalAdvance(text.text)
    painter.setFont(sized)
    painter.setPen(RED if text.red else Qt.GlobalColor.black)
    flags = int(ALIGNMENT[text.align] | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextDontClip)
    painter.save()
    painter.translate(text.x, text.y)
    if width > text.width:
        painter.scale(text.width / width, 1)
    painter.drawText(0, 0, max(width, text.width), text.height, flags, text.text)
    painter.restore()


def _paint_picture(painter: QPainter, picture: PrintPicture, encoded: str) -> None:
    image = QImage.fromData(base64.b64decode(encoded))
    if image.isNull():
        return
    scale = min(picture.width / image.width(), picture.height / image.height())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(picture.x, picture.y, image.width() * scale, image.height() * scale), image)
