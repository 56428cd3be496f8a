"""The button that saves a report as a file."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from PyQt5.QtWidgets import QFileDialog, QMenu, QPushButton

from app.client.api import ApiClient
from app.client.reports import FileKind
from app.contract.reports import ReportFileRequest, ReportQuery
from app.kernel.errors import EnvironmentFault
from app.kernel.text import file_name_of, message
from app.ui.icons import icon
from app.ui.jobs import finish_job
from app.ui.language import tr
from app.ui.page import Page
from app.ui.progress import Progress
from app.ui.tasks import LongCommand
from app.ui.widgets.progress_strip import ProgressStrip

KINDS: tuple[FileKind, ...] = ("xlsx", "csv", "pdf")


class ExportButton(QPushButton):
    """Offers the kinds of file, asks where to, and has the file made on the server.

    Its page shows `strip`, where one sees how far it is and can cancel it.
    """

    def __init__(self, report: str, query: Callable[[], ReportQuery], page: Page) -> None:
        super().__init__(page)
        self.report = report
        self.strip = ProgressStrip(page)
        self._query = query
        self._page = page
        self.setIcon(icon("file"))
        menu = QMenu(self)
        self._actions = {kind: menu.addAction("") for kind in KINDS}
        for kind, action in self._actions.items():
            if action is not None:
                action.triggered.connect(lambda _checked, kind=kind: self.ask_where(kind))
        self.setMenu(menu)
        self.setProperty("opensMenu", True)

    def retranslate(self) -> None:
        """Set every text."""
        self.setText(tr("导出"))
        names = {"xlsx": tr("Excel 文件（.xlsx）"), "csv": tr("CSV 文件（.csv）"), "pdf": tr("PDF 文件（.pdf）")}
        for kind, action in self._actions.items():
            if action is not None:
                action.setText(names[kind])

    def file_name(self) -> str:
        """Return the name proposed for the file, without its kind."""
        return self._page.title()

    def making(self, kind: FileKind) -> Callable[[ApiClient, Progress, Path], None]:
        """Return what makes the file that is wanted now, and writes it to a path."""
        query = self._query().model_dump(by_alias=True, exclude_defaults=True, exclude={"file"}, mode="json")
        wish = ReportFileRequest(name=self.report, query={key: _text(value) for key, value in query.items()}, kind=kind)

        def make(api: ApiClient, progress: Progress, path: Path) -> None:
            job = api.start_report_file(wish)
            finish_job(api, job, progress)
            api.download_job_file(job.id, path, lambda _done, _total: progress.check())

        return make

    def ask_where(self, kind: FileKind) -> None:
        """Ask for the file's name and place."""
        dialog = QFileDialog(self._page, tr("导出"), f"{file_name_of(self.file_name())}.{kind}", f"*.{kind}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)
        dialog.fileSelected.connect(lambda path: self.save(kind, Path(path)))
        dialog.open()

    def save(self, kind: FileKind, path: Path) -> None:
        """Have the file made, and put it where it was wanted once it is whole."""
        if self.strip.is_working:
            return
        make = self.making(kind)

        def work(api: ApiClient, progress: Progress) -> None:
            draft = path.with_name(f"{path.name}.part")
            try:
                make(api, progress, draft)
                draft.replace(path)
            except OSError as error:
                raise EnvironmentFault(
                    "file_not_written",
                    message("写不了文件 {path}：{reason}", path=str(path), reason=error.strerror or str(error)),
                ) from error
            finally:
                with contextlib.suppress(OSError):
                    draft.unlink(missing_ok=True)

        LongCommand(work).shown_by(self.strip, tr("正在导出…")).on_done(
            lambda _nothing: self._page.show_info(tr("已导出到 {path}", path=str(path)))
        ).run(self._page)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
