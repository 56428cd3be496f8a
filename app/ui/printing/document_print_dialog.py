"""打印单据: on what paper, with or without prices, how it will look, and then to a printer or into a PDF."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtWidgets import QCheckBox, QComboBox, QPushButton, QWidget

from app.client.api import ApiClient
from app.contract.book import Job
from app.contract.document_printing import (
    DocumentLayout,
    DocumentLayoutQuery,
    DocumentPaper,
    DocumentPrintQuery,
    PrintSource,
)
from app.kernel.period import first_day, last_day, parse_date, period_of
from app.ui.language import tr
from app.ui.printing.document_print_settings import DocumentPrintSettingsDialog
from app.ui.printing.print_dialog import Row, SheetDialog
from app.ui.printing.print_run import Fetch, Part
from app.ui.widgets.period_picker import PeriodRangePicker

PAPERS: tuple[DocumentPaper, ...] = ("a4", "a5", "241x140")
DOCUMENTS_AT_ONCE = 10


class DocumentPrintDialog(SheetDialog[DocumentLayout]):
    """Prints documents, payments or stock documents (`ids`), or a contact's statement of account between two days."""

    def __init__(
        self,
        parent: QWidget,
        source: PrintSource,
        ids: Sequence[int],
        days: tuple[str, str] = ("", ""),
        *,
        may_edit: bool = True,
    ) -> None:
        super().__init__(parent)
        self._source: PrintSource = source
        self._ids = tuple(ids)
        self._days = days
        self.paper = QComboBox(self)
        self.with_prices = QCheckBox(self)
        self.with_prices.setChecked(True)
        self.with_prices.setVisible(source in {"document", "stock"})
        self.settings_button = QPushButton(self)
        self.settings_button.setAutoDefault(False)
        self.settings_button.setVisible(may_edit)
        self.months = self._months() if source == "statement" else None
        rows: list[Row] = [(lambda: tr("纸张"), self.paper)]
        if self.months is not None:
            rows.insert(0, (lambda: tr("月份"), self.months))
            self.months.changed.connect(lambda _first, _last: self.ask())
        self.lay_out(rows, (self.with_prices, self.settings_button))
        self.paper.currentIndexChanged.connect(lambda _index: self.ask())
        self.with_prices.toggled.connect(lambda _on: self.ask())
        self.settings_button.clicked.connect(lambda _checked: self._open_settings())
        self.retranslate()
        self.ask()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        names = {"a4": tr("A4 纵向"), "a5": tr("A5 横向"), "241x140": tr("二等分连续纸 241×140 毫米")}
        self.fill(self.paper, [names[paper] for paper in PAPERS])
        self.with_prices.setText(tr("出入库单也打印价格"))
        self.settings_button.setText(tr("抬头和文字…"))

    def _months(self) -> PeriodRangePicker:
        """Statements of account are kept by whole months, which are chosen here."""
        first, last = (period_of(parse_date(day)) for day in self._days)
        return PeriodRangePicker(first, last, self)

    def wanted(self) -> DocumentPrintQuery:
        """Return what is chosen."""
        days = self._days
        if self.months is not None:
            days = (first_day(self.months.first).isoformat(), last_day(self.months.last).isoformat())
        return DocumentPrintQuery(
            source=self._source,
            ids=",".join(map(str, self._ids)),
            from_date=days[0],
            to_date=days[1],
            paper=PAPERS[max(self.paper.currentIndex(), 0)],
            with_prices=self.with_prices.isChecked(),
        )

    def _open_settings(self) -> None:
        dialog = DocumentPrintSettingsDialog(self)
        dialog.changed.connect(self.ask)
        dialog.open()

    def title_text(self) -> str:
        """Return the title of this dialog and of the printer's."""
        return tr("打印单据")

    def file_title(self) -> str:
        """Return the name proposed for a PDF."""
        return tr("对账单") if self._source == "statement" else tr("单据")

    def count_text(self, layout: DocumentLayout, page: int, pages: str) -> str:
        """Say how many documents there are, and which page is shown of how many."""
        return tr("{documents} 张单据，第 {page} 页，共 {pages} 页", documents=layout.documents, page=page, pages=pages)

    def layout_of(self) -> Callable[[ApiClient, str], DocumentLayout]:
        """Return how pages of what is chosen now are asked for."""
        wanted = self.wanted()
        return lambda api, cursor: api.document_layout(
            DocumentLayoutQuery(**wanted.model_dump(), cursor=cursor, limit=DOCUMENTS_AT_ONCE)
        )

    def fetch(self) -> Fetch:
        """Return how a printing asks for its pages."""
        layout_of = self.layout_of()

        def part(api: ApiClient, cursor: str) -> Part:
            layout = layout_of(api, cursor)
            return Part(layout, int(layout.next or layout.documents), layout.documents)

        return part

    def start_pdf(self) -> Callable[[ApiClient], Job]:
        """Return how the PDF of what is chosen now is begun."""
        wanted = self.wanted()
        return lambda api: api.start_document_pdf(wanted)
