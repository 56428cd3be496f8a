"""Importing a table of items and exporting one: the buttons of the page of items, and what they do."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PyQt5.QtWidgets import QFileDialog, QMenu, QPushButton

from app.client.api import ApiClient
from app.contract.inventory import ItemExport, ItemImport, ItemImportOutcome
from app.kernel.errors import EnvironmentFault
from app.kernel.text import file_name_of, message
from app.ui.icons import icon
from app.ui.jobs import finish_job
from app.ui.language import tr
from app.ui.page import Page
from app.ui.progress import Progress
from app.ui.tasks import LongCommand, Topic
from app.ui.widgets.progress_strip import ProgressStrip
from app.ui.widgets.row_report import RowReport

WISHES = (ItemExport(format="xlsx"), ItemExport(format="csv"), ItemExport(format="xlsx", template=True))


class ItemFiles:
    """Its page shows the two buttons, `strip` while something is under way, and `report` when rows were refused."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.import_button, self.export_button = QPushButton(page), QPushButton(page)
        self.import_button.setIcon(icon("import"))
        self.export_button.setIcon(icon("file"))
        self.export_button.setProperty("opensMenu", True)
        self.strip = ProgressStrip(page)
        self.report = RowReport(page)
        menu = QMenu(self.export_button)
        self._actions = [menu.addAction("") for _ in WISHES]
        for wish, action in zip(WISHES, self._actions, strict=True):
            if action is not None:
                action.triggered.connect(lambda _checked, wish=wish: self._ask_where(wish))
        self.export_button.setMenu(menu)
        self.import_button.clicked.connect(lambda _checked: self._choose_file())

    def retranslate(self) -> None:
        """Set every text."""
        self.import_button.setText(tr("导入…"))
        self.export_button.setText(tr("导出"))
        names = (tr("Excel 文件（.xlsx）"), tr("CSV 文件（.csv）"), tr("空白模板（.xlsx）"))
        for action, name in zip(self._actions, names, strict=True):
            if action is not None:
                action.setText(name)
        self.report.retranslate()

    def _choose_file(self) -> None:
        dialog = QFileDialog(self._page, tr("导入商品"), "", tr("商品表（*.xlsx *.csv *.txt）"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.take_file(Path(path)))
        dialog.open()

    def take_file(self, path: Path) -> None:
        """Import a table; when rows are refused nothing is kept, and they are listed."""
        if self.strip.is_working:
            return
        self._page.message_bar.clear()
        self.report.show_rows([])

        def work(api: ApiClient, progress: Progress) -> ItemImportOutcome:
            upload = api.upload_file(path, lambda _done, _total: progress.check())
            job = api.start_item_import(ItemImport(upload_id=upload.id))
            return ItemImportOutcome.model_validate(finish_job(api, job, progress))

        LongCommand(work, Topic.ITEMS).shown_by(self.strip, tr("正在读取文件…")).on_done(self._told).run(self._page)

    def _told(self, outcome: ItemImportOutcome) -> None:
        if outcome.errors:
            self.report.show_rows([(error.row, error.reason) for error in outcome.errors])
            return
        self._page.show_info(
            tr(
                "新增 {added} 种商品，修改 {changed} 种，{same} 种没有变化。",
                added=outcome.added,
                changed=outcome.changed,
                same=outcome.same,
            )
        )

    def _ask_where(self, wish: ItemExport) -> None:
        name = tr("商品模板") if wish.template else self._page.title()
        dialog = QFileDialog(self._page, tr("导出"), f"{file_name_of(name)}.{wish.format}", f"*.{wish.format}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(wish.format)
        dialog.fileSelected.connect(lambda path: self.save(wish, Path(path)))
        dialog.open()

    def save(self, wish: ItemExport, path: Path) -> None:
        """Have the table made, and put it where it was wanted once it is whole."""
        if self.strip.is_working:
            return

        def work(api: ApiClient, progress: Progress) -> None:
            draft = path.with_name(f"{path.name}.part")
            try:
                job = api.start_item_export(wish)
                finish_job(api, job, progress)
                api.download_job_file(job.id, draft, lambda _done, _total: progress.check())
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
