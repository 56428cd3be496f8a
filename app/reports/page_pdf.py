"""Laid-out pages as a PDF: the same texts, rules and pictures that the window's printer draws."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from app.contract.printing import PrintPage, PrintPicture, PrintText
from app.reports.pdf_font import embedded_font
from app.reports.target import written

UNITS_PER_INCH = 2540
POINTS_PER_INCH = 72


class PagesPdf:
    """A PDF of pages of one size, in hundredths of a millimetre. The same pages give the same bytes.

    `pictures` are PNG files by name, as base64. Raises `EnvironmentFault` without a font.
    """

    def __init__(self, width: int, height: int, title: str, pictures: Mapping[str, str] | None = None) -> None:
        """Begin an empty document."""
        from reportlab.lib.utils import ImageReader
        from reportlab.pdfgen.canvas import Canvas

        self._font = embedded_font()
        self._height = height
        size = (width * POINTS_PER_INCH / UNITS_PER_INCH, height * POINTS_PER_INCH / UNITS_PER_INCH)
        self._buffer = io.BytesIO()
        # invariant: no time of making and no random id, so that the same book prints the same file
        self._canvas: Any = Canvas(self._buffer, pagesize=size, pageCompression=1, invariant=1)
        self._canvas.setTitle(title)
        self._pictures: dict[str, Any] = {
            name: ImageReader(io.BytesIO(base64.b64decode(data))) for name, data in (pictures or {}).items()
        }
        self.pages = 0

    def add(self, page: PrintPage) -> None:
        """Draw one more page."""
        self._canvas.scale(POINTS_PER_INCH / UNITS_PER_INCH, POINTS_PER_INCH / UNITS_PER_INCH)
        for picture in page.pictures:
            self._draw_picture(picture)
        _draw_page(self._canvas, page, self._font, self._height)
        self._canvas.showPage()
        self.pages += 1

    def write(self, target: Path | BinaryIO) -> None:
        """Write the document. Raises `EnvironmentFault` where that fails."""
        self._canvas.save()
        with written(target) as stream:
            stream.write(self._buffer.getvalue())

    def _draw_picture(self, picture: PrintPicture) -> None:
        reader = self._pictures[picture.name]
        across, down = reader.getSize()
        scale = min(picture.width / across, picture.height / down)
        width, height = across * scale, down * scale
        self._canvas.drawImage(
            reader, picture.x, self._height - picture.y - height, width=width, height=height, mask="auto"
        )


def _draw_page(canvas: Any, page: PrintPage, font: str, height: int) -> None:
    """Draw a page; the canvas counts hundredths of a millimetre, and upwards."""
    canvas.setStrokeGray(0)
    for rule in page.rules:
        canvas.setLineWidth(rule.weight)
        canvas.setDash(*((100, 100) if rule.dashed else (1, 0)))
        canvas.line(rule.x1, height - rule.y1, rule.x2, height - rule.y2)
    for text in page.texts:
        _draw_text(canvas, text, font, height)


def _draw_text(canvas: Any, text: PrintText, font: str, height: int) -> None:
    size = text.size * UNITS_PER_INCH // (10 * POINTS_PER_INCH)
    width = canvas.stringWidth(text.text, font, size)
    squeeze = min(1, text.width / width) if width else 1
    free = round(text.width - width * squeeze)
    shift = {"left": 0, "centre": free // 2, "right": free}[text.align]
    # Chinese glyphs stand on a line about a third of their size below their middle
    y = height - text.y - text.height // 2 - size * 36 // 100
    canvas.setFillColorRGB(*((0.75, 0, 0) if text.red else (0, 0, 0)))
    line = canvas.beginText(text.x + shift, y)
    line.setFont(font, size)
    if squeeze < 1:
        line.setHorizScale(squeeze * 100)
    line.textOut(text.text)
    canvas.drawText(line)
