"""The button that saves the filtered log of changes as a file."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

from app.client.api import ApiClient
from app.client.reports import FileKind
from app.contract.identity import AuditExport, AuditQuery
from app.contract.reports import ReportQuery
from app.ui.jobs import finish_job
from app.ui.ledger.report_export import ExportButton
from app.ui.page import Page
from app.ui.progress import Progress


class LogExportButton(ExportButton):
    """Saves all that the filters leave, as a workbook or as CSV."""

    def __init__(self, filters: Callable[[], AuditQuery], page: Page) -> None:
        super().__init__("", ReportQuery, page)
        self._filters = filters
        printed = self._actions.pop("pdf")
        menu = self.menu()
        if menu is not None and printed is not None:
            menu.removeAction(printed)

    def making(self, kind: FileKind) -> Callable[[ApiClient, Progress, Path], None]:
        """Return what makes the file that is wanted now, and writes it to a path."""
        offset = datetime.datetime.now().astimezone().utcoffset() or datetime.timedelta()
        wish = AuditExport(
            filters=self._filters(),
            format="csv" if kind == "csv" else "xlsx",
            utc_offset_minutes=int(offset.total_seconds()) // 60,
        )

        def make(api: ApiClient, progress: Progress, path: Path) -> None:
            job = api.start_log_export(wish)
            finish_job(api, job, progress)
            api.download_job_file(job.id, path, lambda _done, _total: progress.check())

        return make
