"""打印凭证: which vouchers, on what paper, how they will look, and then to a printer or into a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QEvent, QRectF, QSizeF, Qt
from PyQt5.QtGui import QFont, QPageLayout, QPageSize, QPainter, QPaintEvent
from PyQt5.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.client.api import ApiClient
from app.contract.printing import Paper, PrintLayout, PrintPage, VoucherLayoutQuery, VoucherPrintQuery
from app.kernel.errors import ZhangfangError
from app.kernel.period import format_period
from app.ui.jobs import finish_job
from app.ui.language import tr
from app.ui.ledger.sheet_painter import paint_page
from app.ui.progress import Progress
from app.ui.tasks import LongCommand, Query, runner_of
from app.ui.widgets.message_bar import MessageBar
from app.ui.widgets.period_picker import PeriodPicker
from app.ui.widgets.progress_strip import ProgressStrip

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt5.QtPrintSupport import QPrinter

PAPERS: tuple[Paper, ...] = ("240x140", "a5", "a4", "a4-3")
PAGES_AT_ONCE = 20
MOST_NUMBER = 999_999


class SheetPreview(QWidget):
    """One page as it will be printed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._layout: PrintLayout | None = None
        self._page: PrintPage | None = None
        em = self.fontMetrics().height()
        self.setMinimumSize(em * 26, em * 16)

    def show_page(self, layout: PrintLayout | None, number: int = 0) -> None:
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


class PrintDialog(QDialog):
    """Prints some vouchers (`ids`), or a month's; `period` is the month it begins with."""

    def __init__(self, parent: QWidget, period: int, ids: Sequence[int] = ()) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.tasks = runner_of(parent)
        self._ids = tuple(ids)
        self._pages: PrintLayout | None = None
        self._shown = 0
        self.message_bar = MessageBar(self)
        self.scope = QComboBox(self)
        self.period = PeriodPicker(period, self)
        self.word = QLineEdit(self)
        self.word.setMaxLength(10)
        self.first, self.last = self._number_box(), self._number_box()
        self.posted_only = QCheckBox(self)
        self.paper = QComboBox(self)
        self.chief = QLineEdit(self)
        self.chief.setMaxLength(30)
        self.preview = SheetPreview(self)
        self.count = QLabel(self)
        self.count.setObjectName("muted")
        self.previous_button, self.next_button = QPushButton(self), QPushButton(self)
        self.strip = ProgressStrip(self)
        self.print_button, self.pdf_button, self.close_button = QPushButton(self), QPushButton(self), QPushButton(self)
        self.print_button.setProperty("primary", True)
        self._labels: list[tuple[QLabel, Callable[[], str]]] = []
        self._lay_out()
        self._connect()
        self.retranslate()
        self._show_scope()

    def _number_box(self) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(0, MOST_NUMBER)
        return box

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.message_bar)
        inner = QVBoxLayout()
        margin = self.fontMetrics().height()
        inner.setContentsMargins(margin, margin, margin, margin)
        outer.addLayout(inner, 1)
        columns = QHBoxLayout()
        form = QFormLayout()
        numbers = QHBoxLayout()
        numbers.addWidget(self.first)
        numbers.addWidget(QLabel("–", self))
        numbers.addWidget(self.last)
        rows: tuple[tuple[Callable[[], str], QWidget | QHBoxLayout], ...] = (
            (lambda: tr("范围"), self.scope),
            (lambda: tr("月份"), self.period),
            (lambda: tr("凭证字"), self.word),
            (lambda: tr("号码"), numbers),
            (lambda: tr("纸张"), self.paper),
            (lambda: tr("会计主管"), self.chief),
        )
        for text, field in rows:
            label = QLabel(self)
            self._labels.append((label, text))
            form.addRow(label, field)
        form.addRow("", self.posted_only)
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

    def _connect(self) -> None:
        self.scope.currentIndexChanged.connect(lambda _index: self._show_scope())
        self.period.changed.connect(lambda _period: self.ask())
        self.word.editingFinished.connect(self.ask)
        self.chief.editingFinished.connect(self.ask)
        for box in (self.first, self.last):
            box.editingFinished.connect(self.ask)
        self.posted_only.toggled.connect(lambda _on: self.ask())
        self.paper.currentIndexChanged.connect(lambda _index: self.ask())
        self.previous_button.clicked.connect(lambda _checked: self._turn(-1))
        self.next_button.clicked.connect(lambda _checked: self._turn(1))
        self.print_button.clicked.connect(lambda _checked: self._ask_printer())
        self.pdf_button.clicked.connect(lambda _checked: self._ask_file())
        self.close_button.clicked.connect(lambda _checked: self.reject())

    def retranslate(self) -> None:
        """Set every text."""
        self.setWindowTitle(tr("打印凭证"))
        for label, text in self._labels:
            label.setText(text())
        self._fill(self.scope, [tr("选中的 {count} 张", count=len(self._ids))] * bool(self._ids) + [tr("按月份和号码")])
        names = {
            "240x140": tr("凭证纸 240×140 毫米"),
            "a5": tr("A5 横向"),
            "a4": tr("A4，每页两张"),
            "a4-3": tr("A4，每页三张"),
        }
        self._fill(self.paper, [names[paper] for paper in PAPERS])
        for box in (self.first, self.last):
            box.setSpecialValueText(tr("不限"))
        self.posted_only.setText(tr("只要已记账的"))
        self.previous_button.setText(tr("上一页"))
        self.next_button.setText(tr("下一页"))
        self.print_button.setText(tr("打印…"))
        self.pdf_button.setText(tr("存为 PDF…"))
        self.close_button.setText(tr("关闭"))
        self._show_count()

    def _fill(self, box: QComboBox, texts: list[str]) -> None:
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

    def _show_scope(self) -> None:
        by_month = not self._named()
        for widget in (self.period, self.word, self.first, self.last, self.posted_only):
            widget.setEnabled(by_month)
        self.ask()

    def _named(self) -> bool:
        return bool(self._ids) and self.scope.currentIndex() == 0

    def wanted(self) -> VoucherPrintQuery:
        """Return what is chosen."""
        paper = PAPERS[max(self.paper.currentIndex(), 0)]
        if self._named():
            return VoucherPrintQuery(ids=",".join(map(str, self._ids)), paper=paper, chief=self.chief.text())
        return VoucherPrintQuery(
            period=format_period(self.period.period),
            word=self.word.text(),
            from_number=self.first.value() or None,
            to_number=self.last.value() or None,
            posted_only=self.posted_only.isChecked(),
            paper=paper,
            chief=self.chief.text(),
        )

    def ask(self) -> None:
        """Ask for the first pages of what is chosen now."""
        query = self._layout_query(self.wanted(), "")

        def shown(layout: PrintLayout) -> None:
            self.message_bar.clear()
            self._pages, self._shown = layout, 0
            self.preview.show_page(layout)
            self._show_count()

        Query(lambda api: api.voucher_layout(query)).slot("preview").on_done(shown).run(self)

    def _layout_query(self, wanted: VoucherPrintQuery, cursor: str) -> VoucherLayoutQuery:
        return VoucherLayoutQuery(**wanted.model_dump(), cursor=cursor, limit=PAGES_AT_ONCE)

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
        self.count.setText(
            tr(
                "{vouchers} 张凭证，第 {page} 页，共 {pages} 页",
                vouchers=layout.vouchers,
                page=self._shown + 1,
                pages=f"{pages}{more}",
            )
        )

    # --- to a file ---------------------------------------------------------------------------------------------------

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, tr("存为 PDF…"), f"{tr('凭证')}.pdf", "*.pdf")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.fileSelected.connect(lambda path: self.save(Path(path)))
        dialog.open()

    def save(self, path: Path) -> None:
        """Have the PDF made and write it to a file."""
        wanted = self.wanted()

        def work(api: ApiClient, progress: Progress) -> None:
            job = api.start_voucher_pdf(wanted)
            finish_job(api, job, progress)
            api.download_job_file(job.id, path, progress.report)

        LongCommand(work).shown_by(self.strip, tr("正在排版凭证")).on_done(
            lambda _nothing: self.message_bar.show_info(tr("已导出到 {path}", path=str(path)))
        ).run(self)

    # --- to a printer ------------------------------------------------------------------------------------------------

    def _ask_printer(self) -> None:
        # loaded when first needed: on Linux it brings the printing system's libraries
        from PyQt5.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        self.set_paper(printer)
        dialog = QPrintDialog(printer, self)
        dialog.setWindowTitle(tr("打印凭证"))
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
        run = _PrintRun(printer, self.wanted(), self.font())
        LongCommand(run.print).shown_by(self.strip, tr("正在打印")).on_done(self._say_printed).run(self)

    def _say_printed(self, begun: bool) -> None:
        if begun:
            self.message_bar.show_info(tr("已交给打印机。"))
        else:
            self.message_bar.show_warning(tr("打印机没有响应，请检查它是否连接、有纸，然后再试。"))


def match_policy() -> QPageSize.SizeMatchPolicy:
    """Return how a size of paper is named: 210 × 148.5 mm is A5 for every printer."""
    return QPageSize.SizeMatchPolicy.FuzzyOrientationMatch


class _PrintRun:
    """One printing on a worker thread, where Qt lets painters work on printers; a few pages are held at a time."""

    def __init__(self, printer: QPrinter, wanted: VoucherPrintQuery, font: QFont) -> None:
        self._printer = printer
        self._wanted = wanted
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
            query = VoucherLayoutQuery(**self._wanted.model_dump(), cursor=cursor, limit=PAGES_AT_ONCE)
            part = api.voucher_layout(query)
            for page in part.pages:
                progress.check()
                if not first:
                    self._printer.newPage()
                first = False
                paint_page(painter, page, part, target, self._font)
            cursor = part.next
            if cursor is not None:
                progress.report(int(cursor.partition(":")[0]), part.vouchers)
