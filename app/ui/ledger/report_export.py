"""The button that saves a report as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt5.QtWidgets import QFileDialog, QMenu, QPushButton

from app.client.api import ApiClient
from app.client.reports import FileKind
from app.contract.reports import ReportQuery
from app.kernel.errors import EnvironmentFault
from app.kernel.text import message
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.page import Page
from app.ui.tasks import Query

KINDS: tuple[FileKind, ...] = ("xlsx", "csv", "pdf")


class ExportButton(QPushButton):
    """Offers the kinds of file, asks where to, and writes off the UI thread."""

    def __init__(self, report: str, query: Callable[[], ReportQuery], page: Page) -> None:
        super().__init__(page)
        self._report = report
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

    def fetching(self, kind: FileKind) -> Callable[[ApiClient], bytes]:
        """Return what fetches the file that is wanted now."""
        query = self._query()
        return lambda api: api.report_file(self._report, query, kind)

    def ask_where(self, kind: FileKind) -> None:
        """Ask for the file's name and place."""
        dialog = QFileDialog(self._page, tr("导出"), f"{self.file_name()}.{kind}", f"*.{kind}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)
        dialog.fileSelected.connect(lambda path: self.save(kind, Path(path)))
        dialog.open()

    def save(self, kind: FileKind, path: Path) -> None:
        """Fetch the report and write it."""
        fetch = self.fetching(kind)

        def work(api: ApiClient) -> None:
            content = fetch(api)
            try:
                path.write_bytes(content)
            except OSError as error:
                raise EnvironmentFault(
                    "file_not_written",
                    message("写不了文件 {path}：{reason}", path=str(path), reason=error.strerror or str(error)),
                ) from error

        Query(work).slot("export").on_done(
            lambda _nothing: self._page.show_info(tr("已导出到 {path}", path=str(path)))
        ).run(self._page)
