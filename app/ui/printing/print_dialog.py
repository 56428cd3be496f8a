"""What every printing dialog has: the paper to come as a preview, and then a printer or a PDF.

A dialog of its own adds the fields by which is chosen what to print, and says how it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from PyQt5.QtCore import QEvent, QSize, QSizeF, Qt
from PyQt5.QtGui import QPageLayout, QPageSize
from PyQt5.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.client.api import ApiClient
from app.contract.book import Job
from app.contract.printing import PagesLayout
from app.kernel.errors import ZhangfangError
from app.ui.jobs import finish_job
from app.ui.language import tr
from app.ui.printing.print_run import Fetch, PrintRun
from app.ui.printing.sheet_preview import SheetPreview
from app.ui.progress import Progress
from app.ui.tasks import LongCommand, Query, runner_of
from app.ui.widgets.message_bar import MessageBar
from app.ui.widgets.progress_strip import ProgressStrip

if TYPE_CHECKING:
    from PyQt5.QtPrintSupport import QPrinter

PAGES_AT_ONCE = 20
WIDE, HIGH = 62, 46  # of the dialog, in lines of text
Layout = TypeVar("Layout", bound=PagesLayout)
Row = tuple["Callable[[], str]", "QWidget | QHBoxLayout"]


class SheetDialog(QDialog, Generic[Layout]):
    """A dialog that previews and prints pages. Subclasses implement the methods that raise `NotImplementedError`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.tasks = runner_of(parent)
        self._pages: Layout | None = None
        self._shown = 0
        self.message_bar = MessageBar(self)
        self.preview = SheetPreview(self)
        self.count = QLabel(self)
        self.count.setObjectName("muted")
        self.previous_button, self.next_button = QPushButton(self), QPushButton(self)
        self.strip = ProgressStrip(self)
        self.print_button, self.pdf_button, self.close_button = QPushButton(self), QPushButton(self), QPushButton(self)
        self.print_button.setProperty("primary", True)
        self._labels: list[tuple[QLabel, Callable[[], str]]] = []

    # --- what a dialog of its own says -------------------------------------------------------------------------------

    def title_text(self) -> str:
        """Return the title of this dialog and of the printer's."""
        raise NotImplementedError

    def file_title(self) -> str:
        """Return the name proposed for a PDF, without its ending."""
        raise NotImplementedError

    def count_text(self, layout: Layout, page: int, pages: str) -> str:
        """Say how many things there are, and which page is shown of how many."""
        raise NotImplementedError

    def layout_of(self) -> Callable[[ApiClient, str], Layout]:
        """Return how pages of what is chosen now are asked for, from a cursor on."""
        raise NotImplementedError

    def fetch(self) -> Fetch:
        """Return how a printing asks for its pages; what is chosen meanwhile does not change it."""
        raise NotImplementedError

    def start_pdf(self) -> Callable[[ApiClient], Job]:
        """Return how the PDF of what is chosen now is begun."""
        raise NotImplementedError

    # --- building ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Return a size in which a page can be read, within the window the dialog stands over."""
        em = self.fontMetrics().height()
        parent = self.parentWidget()
        window = parent.window() if parent is not None else None
        room = window.size() if window is not None else QSize(em * WIDE, em * HIGH)
        return QSize(min(em * WIDE, room.width()), min(em * HIGH, room.height())).expandedTo(self.minimumSizeHint())

    def lay_out(self, rows: Sequence[Row], more: Sequence[QWidget] = ()) -> None:
        """Put the fields beside the preview; `more` stand below them without a label."""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.message_bar)
        inner = QVBoxLayout()
        margin = self.fontMetrics().height()
        inner.setContentsMargins(margin, margin, margin, margin)
        outer.addLayout(inner, 1)
        columns = QHBoxLayout()
        form = QFormLayout()
        for text, field in rows:
            label = QLabel(self)
            self._labels.append((label, text))
            form.addRow(label, field)
        for widget in more:
            form.addRow("", widget)
        first = rows[0][1] if rows else None
        if isinstance(first, QWidget):
            first.setFocus()
        columns.addLayout(form)
        side = QVBoxLayout()
        side.addWidget(self.preview, 1)
        turning = QHBoxLayout()
        turning.addWidget(self.previous_button)
        turning.addWidget(self.next_button)
        turning.addWidget(self.count, 1)
        side.addLayout(turning)
        columns.addLayout(side, 1)
        inner.addLayout(columns, 1)
        inner.addWidget(self.strip)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.close_button, self.pdf_button, self.print_button):
            button.setAutoDefault(button is self.print_button)
            buttons.addWidget(button)
        inner.addLayout(buttons)
        self.previous_button.clicked.connect(lambda _checked: self._turn(-1))
        self.next_button.clicked.connect(lambda _checked: self._turn(1))
        self.print_button.clicked.connect(lambda _checked: self._ask_printer())
        self.pdf_button.clicked.connect(lambda _checked: self._ask_file())
        self.close_button.clicked.connect(lambda _checked: self.reject())

    def retranslate(self) -> None:
        """Set every text."""
        self.setWindowTitle(self.title_text())
        for label, text in self._labels:
            label.setText(text())
        self.previous_button.setText(tr("上一页"))
        self.next_button.setText(tr("下一页"))
        self.print_button.setText(tr("打印…"))
        self.pdf_button.setText(tr("存为 PDF…"))
        self.close_button.setText(tr("关闭"))
        self._show_count()

    @staticmethod
    def fill(box: QComboBox, texts: list[str]) -> None:
        """Write the choices of a box anew; what is chosen stays."""
        chosen = max(box.currentIndex(), 0)
        box.blockSignals(True)
        box.clear()
        box.addItems(texts)
        box.setCurrentIndex(min(chosen, len(texts) - 1))
        box.blockSignals(False)

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate when the language changes."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Say what is wrong; nothing chosen is lost."""
        self.message_bar.show_error(error, retry)
        self._pages = None
        self.preview.show_page(None)
        self._show_count()

    # --- the preview -------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask for the first pages of what is chosen now."""
        layout_of = self.layout_of()

        def shown(layout: Layout) -> None:
            self.message_bar.clear()
            self._pages, self._shown = layout, 0
            self.preview.show_page(layout)
            self._show_count()

        Query(lambda api: layout_of(api, "")).slot("preview").on_done(shown).run(self)

    def _turn(self, step: int) -> None:
        if self._pages is not None:
            self._shown = min(max(self._shown + step, 0), len(self._pages.pages) - 1)
            self.preview.show_page(self._pages, self._shown)
            self._show_count()

    def _show_count(self) -> None:
        layout = self._pages
        self.print_button.setEnabled(layout is not None)
        self.pdf_button.setEnabled(layout is not None)
        pages = 0 if layout is None else len(layout.pages)
        self.previous_button.setEnabled(self._shown > 0)
        self.next_button.setEnabled(self._shown + 1 < pages)
        if layout is None:
            self.count.setText("")
            return
        more = "" if layout.next is None else "+"
        self.count.setText(self.count_text(layout, self._shown + 1, f"{pages}{more}"))

    # --- to a file ---------------------------------------------------------------------------------------------------

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, tr("存为 PDF…"), f"{self.file_title()}.pdf", "*.pdf")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.fileSelected.connect(lambda path: self.save(Path(path)))
        dialog.open()

    def save(self, path: Path) -> None:
        """Have the PDF made and write it to a file."""
        start = self.start_pdf()

        def work(api: ApiClient, progress: Progress) -> None:
            job = start(api)
            finish_job(api, job, progress)
            api.download_job_file(job.id, path, progress.report)

        LongCommand(work).shown_by(self.strip, tr("正在排版")).on_done(
            lambda _nothing: self.message_bar.show_info(tr("已导出到 {path}", path=str(path)))
        ).run(self)

    # --- to a printer ------------------------------------------------------------------------------------------------

    def _ask_printer(self) -> None:
        # loaded when first needed: on Linux it brings the printing system's libraries
        from PyQt5.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        self.set_paper(printer)
        dialog = QPrintDialog(printer, self)
        dialog.setWindowTitle(self.title_text())
        dialog.accepted.connect(lambda: self.print_on(printer))
        dialog.open()

    def set_paper(self, printer: QPrinter) -> None:
        """Tell a printer the size of the paper, without margins of its own."""
        if self._pages is None:
            return
        size = QSizeF(self._pages.width / 100, self._pages.height / 100)
        printer.setPageSize(QPageSize(size, QPageSize.Unit.Millimeter, "", match_policy()))
        printer.setPageOrientation(QPageLayout.Orientation.Portrait)
        printer.setFullPage(True)

    def print_on(self, printer: QPrinter) -> None:
        """Print all pages off the UI thread, a few at a time; it shows how far it is and may be cancelled."""
        run = PrintRun(printer, self.fetch(), self.font())
        LongCommand(run.print).shown_by(self.strip, tr("正在打印")).on_done(self._say_printed).run(self)

    def _say_printed(self, begun: bool) -> None:
        if begun:
            self.message_bar.show_info(tr("已交给打印机。"))
        else:
            self.message_bar.show_warning(tr("打印机没有响应，请检查它是否连接、有纸，然后再试。"))


def match_policy() -> QPageSize.SizeMatchPolicy:
    """Return how a size of paper is named: 210 × 148.5 mm is A5 for every printer."""
    return QPageSize.SizeMatchPolicy.FuzzyOrientationMatch
