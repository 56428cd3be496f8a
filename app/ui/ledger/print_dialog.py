"""打印凭证: which vouchers, on what paper, how they will look, and then to a printer or into a PDF."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QLineEdit, QSpinBox, QWidget

from app.client.api import ApiClient
from app.contract.book import Job
from app.contract.printing import Paper, PrintLayout, VoucherLayoutQuery, VoucherPrintQuery
from app.kernel.period import format_period
from app.ui.language import tr
from app.ui.printing.print_dialog import PAGES_AT_ONCE, SheetDialog
from app.ui.printing.print_run import Fetch, Part
from app.ui.widgets.period_picker import PeriodPicker

PAPERS: tuple[Paper, ...] = ("240x140", "a5", "a4", "a4-3")
MOST_NUMBER = 999_999


class PrintDialog(SheetDialog[PrintLayout]):
    """Prints some vouchers (`ids`), or a month's; `period` is the month it begins with."""

    def __init__(self, parent: QWidget, period: int, ids: Sequence[int] = ()) -> None:
        super().__init__(parent)
        self._ids = tuple(ids)
        self.scope = QComboBox(self)
        self.period = PeriodPicker(period, self)
        self.word = QLineEdit(self)
        self.word.setMaxLength(10)
        self.first, self.last = self._number_box(), self._number_box()
        self.posted_only = QCheckBox(self)
        self.paper = QComboBox(self)
        self.chief = QLineEdit(self)
        self.chief.setMaxLength(30)
        numbers = QHBoxLayout()
        numbers.addWidget(self.first)
        numbers.addWidget(QLabel("–", self))
        numbers.addWidget(self.last)
        self.lay_out(
            (
                (lambda: tr("范围"), self.scope),
                (lambda: tr("月份"), self.period),
                (lambda: tr("凭证字"), self.word),
                (lambda: tr("号码"), numbers),
                (lambda: tr("纸张"), self.paper),
                (lambda: tr("会计主管"), self.chief),
            ),
            (self.posted_only,),
        )
        self._connect()
        self.retranslate()
        self._show_scope()

    def _number_box(self) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(0, MOST_NUMBER)
        return box

    def _connect(self) -> None:
        self.scope.currentIndexChanged.connect(lambda _index: self._show_scope())
        self.period.changed.connect(lambda _period: self.ask())
        self.word.editingFinished.connect(self.ask)
        self.chief.editingFinished.connect(self.ask)
        for box in (self.first, self.last):
            box.editingFinished.connect(self.ask)
        self.posted_only.toggled.connect(lambda _on: self.ask())
        self.paper.currentIndexChanged.connect(lambda _index: self.ask())

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.fill(self.scope, [tr("选中的 {count} 张", count=len(self._ids))] * bool(self._ids) + [tr("按月份和号码")])
        names = {
            "240x140": tr("凭证纸 240×140 毫米"),
            "a5": tr("A5 横向"),
            "a4": tr("A4，每页两张"),
            "a4-3": tr("A4，每页三张"),
        }
        self.fill(self.paper, [names[paper] for paper in PAPERS])
        for box in (self.first, self.last):
            box.setSpecialValueText(tr("不限"))
        self.posted_only.setText(tr("只要已记账的"))

    # --- what is printed ---------------------------------------------------------------------------------------------

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

    def title_text(self) -> str:
        """Return the title of this dialog and of the printer's."""
        return tr("打印凭证")

    def file_title(self) -> str:
        """Return the name proposed for a PDF."""
        return tr("凭证")

    def count_text(self, layout: PrintLayout, page: int, pages: str) -> str:
        """Say how many vouchers there are, and which page is shown of how many."""
        return tr("{vouchers} 张凭证，第 {page} 页，共 {pages} 页", vouchers=layout.vouchers, page=page, pages=pages)

    def layout_of(self) -> Callable[[ApiClient, str], PrintLayout]:
        """Return how pages of what is chosen now are asked for."""
        wanted = self.wanted()
        return lambda api, cursor: api.voucher_layout(
            VoucherLayoutQuery(**wanted.model_dump(), cursor=cursor, limit=PAGES_AT_ONCE)
        )

    def fetch(self) -> Fetch:
        """Return how a printing asks for its pages."""
        layout_of = self.layout_of()

        def part(api: ApiClient, cursor: str) -> Part:
            layout = layout_of(api, cursor)
            return Part(layout, int((layout.next or "0").partition(":")[0]), layout.vouchers)

        return part

    def start_pdf(self) -> Callable[[ApiClient], Job]:
        """Return how the PDF of what is chosen now is begun."""
        wanted = self.wanted()
        return lambda api: api.start_voucher_pdf(wanted)
