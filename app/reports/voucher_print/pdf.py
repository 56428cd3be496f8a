"""Printed vouchers as a PDF."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO

from app.contract.printing import PrintPage, PrintText
from app.kernel.text import message
from app.reports.pdf_font import embedded_font
from app.reports.target import written
from app.reports.voucher_print.job import PrintJob
from app.reports.voucher_print.paper import FORMS
from app.storage.progress import Progress, no_progress

UNITS_PER_INCH = 2540
POINTS_PER_INCH = 72


def write_voucher_pdf(job: PrintJob, target: Path | BinaryIO, progress: Progress = no_progress) -> int:
    """Write the vouchers of a job and return how many pages there are.

    `progress` counts vouchers and may raise to stop. Raises `EnvironmentFault` without a font or where
    writing fails. The same vouchers give the same bytes.
    """
    from reportlab.pdfgen.canvas import Canvas

    font = embedded_font()
    form = FORMS[job.query.paper]
    size = (form.width * POINTS_PER_INCH / UNITS_PER_INCH, form.height * POINTS_PER_INCH / UNITS_PER_INCH)
    buffer = io.BytesIO()
    # invariant: no time of making and no random id, so that the same book prints the same file
    canvas: Any = Canvas(buffer, pagesize=size, pageCompression=1, invariant=1)
    canvas.setTitle(job.words.text(message("记账凭证")))
    pages = 0
    for page, place in job.pages():
        canvas.scale(POINTS_PER_INCH / UNITS_PER_INCH, POINTS_PER_INCH / UNITS_PER_INCH)
        _draw_page(canvas, page, font, form.height)
        canvas.showPage()
        pages += 1
        progress(place.voucher, len(job.ids), message("正在排版凭证"))
    canvas.save()
    with written(target) as stream:
        stream.write(buffer.getvalue())
    return pages


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
