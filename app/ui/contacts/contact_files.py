"""Tables of contacts in and out: files to choose, errors by row, a template."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFileDialog, QLabel, QMenu, QPushButton, QTableWidget, QTableWidgetItem, QWidget

from app.client.api import ApiClient
from app.client.reports import FileKind
from app.contract.contacts import ContactExport, ContactImport, ContactImportOutcome
from app.contract.reports import ReportQuery
from app.ui.icons import icon
from app.ui.jobs import finish_job
from app.ui.language import tr
from app.ui.ledger.report_export import ExportButton
from app.ui.page import Page
from app.ui.progress import Progress
from app.ui.tasks import LongCommand, Topic
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.paged_table import fit_table


class ContactExportButton(ExportButton):
    """Saves all contacts, or the template to fill in, as a workbook or as CSV."""

    def __init__(self, page: Page) -> None:
        super().__init__("", ReportQuery, page)
        self.template = False
        printed = self._actions.pop("pdf")
        menu = self.menu()
        if menu is not None and printed is not None:
            menu.removeAction(printed)

    def file_name(self) -> str:
        """Return the name proposed for the file."""
        return tr("往来单位模板") if self.template else super().file_name()

    def making(self, kind: FileKind) -> Callable[[ApiClient, Progress, Path], None]:
        """Return what makes the table that is wanted now, and writes it to a path."""
        wish = ContactExport(format="csv" if kind == "csv" else "xlsx", template=self.template)

        def make(api: ApiClient, progress: Progress, path: Path) -> None:
            job = api.start_contact_export(wish)
            finish_job(api, job, progress)
            api.download_job_file(job.id, path, lambda _done, _total: progress.check())

        return make


class ContactImportButton(QPushButton):
    """Offers to import a table or to save the template; shows its work in the strip of the button for exports."""

    def __init__(self, export: ContactExportButton, page: Page) -> None:
        super().__init__(page)
        self._export = export
        self._page = page
        self.setIcon(icon("import"))
        menu = QMenu(self)
        self._choose = menu.addAction("")
        self._template = menu.addAction("")
        for action, run in ((self._choose, self.ask_which), (self._template, self.ask_for_template)):
            if action is not None:
                action.triggered.connect(lambda _checked, run=run: run())
        self.setMenu(menu)
        self.setProperty("opensMenu", True)

    def retranslate(self) -> None:
        """Set every text."""
        self.setText(tr("导入"))
        for action, text in ((self._choose, tr("从文件导入…")), (self._template, tr("保存空白模板…"))):
            if action is not None:
                action.setText(text)

    def ask_which(self) -> None:
        """Ask for the file."""
        dialog = QFileDialog(self._page, tr("导入往来单位资料"), "", tr("往来单位表（*.xlsx *.csv *.txt）"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.take_file(Path(path)))
        dialog.open()

    def ask_for_template(self) -> None:
        """Ask where the template goes."""
        self._export.template = True
        self._export.ask_where("xlsx")

    def take_file(self, path: Path) -> None:
        """Import a file: all of it, or a list of what is wrong with it."""
        strip = self._export.strip
        if strip.is_working:
            return

        def work(api: ApiClient, progress: Progress) -> ContactImportOutcome:
            upload = api.upload_file(path, lambda _done, _total: progress.check())
            job = api.start_contact_import(ContactImport(upload_id=upload.id))
            return ContactImportOutcome.model_validate(finish_job(api, job, progress))

        LongCommand(work, Topic.CONTACTS, Topic.AUXILIARIES).shown_by(strip, tr("正在导入…")).on_done(self._done).run(
            self._page
        )

    def _done(self, outcome: ContactImportOutcome) -> None:
        if outcome.errors:
            ImportErrorsDialog(self._page, outcome).open()
            return
        self._page.show_info(
            tr(
                "新增 {added} 个往来单位，修改 {changed} 个，{same} 个没有变化。",
                added=outcome.added,
                changed=outcome.changed,
                same=outcome.same,
            )
        )


class ImportErrorsDialog(FormDialog):
    """Lists the rows of a table that cannot be taken."""

    def __init__(self, parent: QWidget, outcome: ContactImportOutcome) -> None:
        super().__init__(parent)
        self.explanation = QLabel(self)
        self.explanation.setWordWrap(True)
        self.form.addRow(self.explanation)
        self.list = QTableWidget(len(outcome.errors), 2, self)
        for place, error in enumerate(outcome.errors):
            self.list.setItem(place, 0, QTableWidgetItem(str(error.row)))
            self.list.setItem(place, 1, QTableWidgetItem(error.reason))
        self.list.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.list.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.list.setMinimumHeight(self.fontMetrics().height() * 12)
        fit_table(self.list)
        header = self.list.horizontalHeader()
        if header is not None:
            header.setDefaultAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter)
            header.setStretchLastSection(True)
            header.sectionResized.connect(lambda *_sizes: self.list.resizeRowsToContents())
        self.list.setColumnWidth(0, self.fontMetrics().averageCharWidth() * 8)
        self.list.setWordWrap(True)
        self.form.addRow(self.list)
        self.cancel_button.hide()
        self.resize(self.fontMetrics().averageCharWidth() * 90, self.fontMetrics().height() * 22)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("没有导入"))
        self.ok_button.setText(tr("关闭"))
        self.explanation.setText(tr("这些行有错，整个文件都没有导入。请改好后再导入一次。"))
        self.list.setHorizontalHeaderLabels([tr("行号"), tr("原因")])

    def submit(self) -> None:
        """There is nothing to send."""
        self.accept()
