"""A printing under way: pages are fetched and painted on the worker thread, a few at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from PyQt5.QtCore import QRectF
from PyQt5.QtGui import QFont, QPainter

from app.client.api import ApiClient
from app.contract.printing import PagesLayout
from app.ui.printing.sheet_painter import paint_page
from app.ui.progress import Progress

if TYPE_CHECKING:
    from PyQt5.QtPrintSupport import QPrinter


class Part(NamedTuple):
    """Some pages of a job, and how many of its things lie before the end of them."""

    layout: PagesLayout
    done: int
    total: int


Fetch = Callable[[ApiClient, str], Part]
"""Asks the server for the pages from a cursor on; the empty one is the beginning."""


class PrintRun:
    """One printing on a worker thread, where Qt lets painters work on printers; a few pages are held at a time."""

    def __init__(self, printer: QPrinter, fetch: Fetch, font: QFont) -> None:
        self._printer = printer
        self._fetch = fetch
        self._font = QFont(font)

    def print(self, api: ApiClient, progress: Progress) -> bool:
        """Fetch and paint page after page; False when the printer does not begin. Cancelled, it takes all back."""
        painter = QPainter()
        if not painter.begin(self._printer):
            return False
        try:
            self._paint_all(painter, api, progress)
        except BaseException:
            self._printer.abort()
            raise
        finally:
            painter.end()
        return True

    def _paint_all(self, painter: QPainter, api: ApiClient, progress: Progress) -> None:
        target = QRectF(self._printer.pageLayout().fullRectPixels(self._printer.resolution()))
        cursor: str | None = ""
        first = True
        while cursor is not None:
            part = self._fetch(api, cursor)
            for page in part.layout.pages:
                progress.check()
                if not first:
                    self._printer.newPage()
                first = False
                paint_page(painter, page, part.layout, target, self._font)
            cursor = part.layout.next
            if cursor is not None:
                progress.report(part.done, part.total)
