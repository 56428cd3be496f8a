"""The button that saves one of the reports of stock as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from app.client.api import ApiClient
from app.client.reports import FileKind
from app.contract.reports import ReportFileRequest, ReportQuery
from app.ui.jobs import finish_job
from app.ui.ledger.report_export import ExportButton
from app.ui.page import Page
from app.ui.progress import Progress


class StockExport(ExportButton):
    """Saves what the page shows; the reports of stock take days, warehouses and items instead of months."""

    def __init__(self, report: str, query: Callable[[], Mapping[str, str]], page: Page) -> None:
        super().__init__(report, ReportQuery, page)
        self._stock_query = query

    def making(self, kind: FileKind) -> Callable[[ApiClient, Progress, Path], None]:
        """Return what has the file made, and writes it to a path."""
        wish = ReportFileRequest(name=self.report, query=dict(self._stock_query()), kind=kind)

        def make(api: ApiClient, progress: Progress, path: Path) -> None:
            job = api.start_report_file(wish)
            finish_job(api, job, progress)
            api.download_job_file(job.id, path, lambda _done, _total: progress.check())

        return make
