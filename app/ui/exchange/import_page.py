"""导入: a file or folder is looked at first, then imported whole or not at all."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QDragEnterEvent, QDropEvent
from PyQt5.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from app.client.api import ApiClient
from app.contract.book import ImportRequest, ImportResult, Skipped
from app.kernel.errors import NotFound
from app.kernel.text import message
from app.ui.jobs import finish_job
from app.ui.language import tr
from app.ui.page import Page, PageContext
from app.ui.paths import LONGEST_PATH, existing_path
from app.ui.progress import Progress
from app.ui.tasks import LongCommand, Topic
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.limits import limit_length
from app.ui.widgets.paged_table import Column, PagedTable, PagedTableModel
from app.ui.widgets.progress_strip import ProgressStrip

FORMATS = ("", "csv-book", "hledger", "ledger")


class ImportPage(Page):
    """Choose, preview, import; rows that were left out are listed with their reason."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.setAcceptDrops(True)
        self._last: tuple[ImportResult, bool] | None = None
        self.body.addWidget(self._make_form())
        self._strip = ProgressStrip(self)
        self.body.addWidget(self._strip)
        self._summary = QLabel(self)
        self._summary.setObjectName("sectionTitle")
        self._summary.setWordWrap(True)
        self.body.addWidget(self._summary)
        columns: list[Column[Skipped]] = [
            Column(lambda: tr("位置"), lambda row: row.where, width_chars=28),
            Column(lambda: tr("原因"), lambda row: row.reason, width_chars=60, stretch=True),
        ]
        self._model = PagedTableModel[Skipped](columns, self)
        self._table = PagedTable(self._model, self)
        self._empty = EmptyState("import", self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._table)
        self.body.addWidget(self._stack, 1)
        self.retranslate()

    def title(self) -> str:
        """Return the page's name."""
        return tr("导入")

    def first_focus(self) -> QWidget | None:
        """Begin with the path."""
        return self._path

    def retranslate(self) -> None:
        """Set every text."""
        self._path_label.setText(tr("文件或文件夹"))
        self._path.setPlaceholderText(tr("选择文件，或把它拖到这里"))
        self._choose_file.setText(tr("选择文件…"))
        self._choose_folder.setText(tr("选择文件夹…"))
        self._format_label.setText(tr("格式"))
        names = (tr("自动识别"), tr("账簿 CSV（csv-book）"), tr("hledger 日记账"), tr("Ledger 日记账"))
        for place, name in enumerate(names):
            self._format.setItemText(place, name)
        self._post.setText(tr("导入后直接审核并记账"))
        self._renumber.setText(tr("凭证号有冲突或缺号时重新编号"))
        self._preview.setText(tr("预览"))
        self._import.setText(tr("导入"))
        self._empty.set_texts(
            tr(
                "能导入账簿 CSV（文件夹或 zip）以及 hledger、Ledger 日记账。"
                "先预览，看清楚再导入；文件有错时什么也不会写进账簿。"
            )
        )
        if self._last is not None:
            self._summary.setText(summary_text(*self._last))

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Take a file dragged here."""
        if event is not None and (mime := event.mimeData()) is not None and mime.hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Choose the file dropped here."""
        if event is not None and (mime := event.mimeData()) is not None and mime.urls():
            self._path.setText(mime.urls()[0].toLocalFile())

    def choose(self, path: Path) -> None:
        """Choose a file or folder, as if picked."""
        self._path.setText(str(path))

    def start(self, *, dry_run: bool) -> None:
        """Preview or import what is chosen."""
        if self._strip.is_working:
            return
        self.message_bar.clear()
        typed = self._path.text().strip()
        if not typed:
            self.message_bar.show_warning(tr("请先选择要导入的文件或文件夹。"))
            self._path.setFocus()
            return
        wish = ImportRequest(
            upload_id="",
            format=self._format.currentData(),
            post=self._post.isChecked(),
            renumber=self._renumber.isChecked(),
            dry_run=dry_run,
        )
        topics = () if dry_run else (Topic.ACCOUNTS, Topic.AUXILIARIES, Topic.VOUCHERS, Topic.BALANCES, Topic.PERIODS)
        sending = tr("正在读取文件…")
        self._summary.clear()
        LongCommand(lambda api, progress: import_path(api, typed, wish, progress, sending), *topics).shown_by(
            self._strip, sending
        ).on_done(lambda result: self._show_result(result, dry_run)).run(self)

    def _show_result(self, result: ImportResult, dry_run: bool) -> None:
        self._last = (result, dry_run)
        self._summary.setText(summary_text(result, dry_run))
        rows = list(result.skipped) + [Skipped(where="", reason=warning) for warning in result.warnings]
        self._model.show_rows(rows)
        self._stack.setCurrentWidget(self._table if rows else self._empty)
        if not dry_run:
            self.show_info(tr("导入完成。"))

    def _make_form(self) -> QFrame:
        card = QFrame(self)
        card.setObjectName("card")
        grid = QGridLayout(card)
        em = self.fontMetrics().height()
        grid.setContentsMargins(em, em, em, em)
        grid.setVerticalSpacing(em * 2 // 3)
        grid.setHorizontalSpacing(em * 2 // 3)
        self._path_label, self._path = QLabel(card), QLineEdit(card)
        limit_length(self._path, LONGEST_PATH)
        self._choose_file, self._choose_folder = QPushButton(card), QPushButton(card)
        self._format_label, self._format = QLabel(card), QComboBox(card)
        for name in FORMATS:
            self._format.addItem("", name)
        self._post, self._renumber = QCheckBox(card), QCheckBox(card)
        self._preview, self._import = QPushButton(card), QPushButton(card)
        self._import.setProperty("primary", True)
        self._path_label.setBuddy(self._path)
        self._format_label.setBuddy(self._format)
        self._choose_file.clicked.connect(lambda _checked: self._pick(QFileDialog.FileMode.ExistingFile))
        self._choose_folder.clicked.connect(lambda _checked: self._pick(QFileDialog.FileMode.Directory))
        self._preview.clicked.connect(lambda _checked: self.start(dry_run=True))
        self._import.clicked.connect(lambda _checked: self.start(dry_run=False))
        self._path.returnPressed.connect(lambda: self.start(dry_run=True))
        grid.addWidget(self._path_label, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self._path, 1)
        row.addWidget(self._choose_file)
        row.addWidget(self._choose_folder)
        grid.addLayout(row, 0, 1)
        grid.addWidget(self._format_label, 1, 0)
        # One below the other: in a row they would not fit where the text is large.
        grid.addWidget(self._format, 1, 1, Qt.Alignment(Qt.AlignmentFlag.AlignLeft))
        grid.addWidget(self._post, 2, 1)
        grid.addWidget(self._renumber, 3, 1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._preview)
        buttons.addWidget(self._import)
        grid.addLayout(buttons, 4, 1)
        return card

    def _pick(self, mode: QFileDialog.FileMode) -> None:
        dialog = QFileDialog(self, tr("导入"), self._path.text())
        dialog.setFileMode(mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._path.setText)
        dialog.open()


def import_path(api: ApiClient, typed: str, wish: ImportRequest, progress: Progress, sending: str) -> ImportResult:
    """Send a file up, or a folder as a zip, and import it; runs off the UI thread. Raises `NotFound` without one."""
    path = existing_path(typed)
    with tempfile.TemporaryDirectory(prefix="zhangfang-", ignore_cleanup_errors=True) as folder:
        file = zip_folder(path, Path(folder), progress) if path.is_dir() else path

        def report(done: int, total: int) -> None:
            progress.check()
            progress.report(done, total, sending)

        upload = api.upload_file(file, report)
    job = api.start_import(wish.model_copy(update={"upload_id": upload.id}))
    return ImportResult.model_validate(finish_job(api, job, progress), extra="ignore")


def zip_folder(folder: Path, target_folder: Path, progress: Progress) -> Path:
    """Return a zip of a folder's files, made in another folder."""
    target = target_folder / f"{folder.name}.zip"
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False) as archive:
            for file in files:
                progress.check()
                archive.write(file, file.relative_to(folder))
    except OSError as error:
        broken = str(error.filename or folder)
        raise NotFound("file_unreadable", message("读不了文件“{path}”。", path=broken)) from error
    return target


def summary_text(result: ImportResult, dry_run: bool) -> str:
    """Say in a sentence what an import did, or would do."""
    counts = {"vouchers": result.vouchers, "posted": result.posted, "skipped": len(result.skipped)}
    if dry_run:
        return tr("预览：将导入 {vouchers} 张凭证，其中 {posted} 张会记账；跳过 {skipped} 处。账簿没有改动。", **counts)
    return tr("已导入 {vouchers} 张凭证，其中 {posted} 张已记账；跳过 {skipped} 处。", **counts)
