"""The card of the backups the program keeps: when, why, what is in them, what proof they passed, and the way back."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QEvent, Qt, QUrl
from PyQt5.QtGui import QDesktopServices
from PyQt5.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.client.api import ApiClient
from app.contract.book import Job, KeptBackup, KeptBackups
from app.kernel.clock import CHINA_OFFSET
from app.ui.exchange.backup_fetch import Work, kept_from_afar
from app.ui.jobs import finish_job
from app.ui.language import tr
from app.ui.start.book_dialogs import documents_folder
from app.ui.tasks import LongCommand, Query
from app.ui.widgets.paged_table import Column, Kind, PagedTable, PagedTableModel
from app.ui.widgets.progress_strip import ProgressStrip

SHOWN_ROWS = 9
MEGABYTE = 1_000_000
BOOK_SUFFIX = ".zhangfang"


def reason_name(reason: str) -> str:
    """Return why a backup was made, in the window's language."""
    names = {
        "session": tr("关闭账簿时"),
        "daily": tr("每日"),
        "start": tr("打开时补做"),
        "import": tr("导入前"),
        "opening": tr("改期初前"),
        "upgrade": tr("更新前"),
        "manual": tr("手工"),
    }
    return names.get(reason, tr("自行放入"))


def proof_name(kept: KeptBackup) -> str:
    """Return what proof a backup passed, or what is wrong with it."""
    if kept.damage:
        return kept.damage
    names = {"quick": tr("已打开核对"), "full": tr("已完整检查")}
    return names.get(kept.proof, tr("还没有检查"))


def moment(ms: int) -> str:
    """Return a time as people write it, in China as in the files' names."""
    return f"{datetime.datetime.fromtimestamp(ms / 1000, CHINA_OFFSET):%Y-%m-%d %H:%M:%S}"


def size_text(size: int) -> str:
    """Return a size in the unit people know from their folders."""
    return f"{size / MEGABYTE:,.1f} MB" if size < 1000 * MEGABYTE else f"{size / MEGABYTE / 1000:,.1f} GB"


class KeptBackupsCard(QFrame):
    """Lists them, makes one, checks them, and leads to restoring one."""

    def __init__(
        self, restore: Callable[[str], None], parent: QWidget | None = None, *, is_remote: bool = False
    ) -> None:
        """Show what the server keeps; a server elsewhere has folder and files where this window cannot open them."""
        super().__init__(parent)
        self.setObjectName("card")
        self._restore_file = restore
        self._listed: KeptBackups | None = None
        self._note, self._title, self._advice, self._done = (QLabel(self) for _ in range(4))
        self._title.setObjectName("sectionTitle")
        self._note.setObjectName("muted")
        for label in (self._note, self._advice, self._done):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
        self._done.hide()
        self.keep_button, self.check_button, self.folder_button, self.restore_button, self.fetch_button = (
            QPushButton(self) for _ in range(5)
        )
        self.keep_button.setProperty("primary", True)
        self._strip = ProgressStrip(self)
        columns: list[Column[KeptBackup]] = [
            Column(lambda: tr("时间"), lambda kept: moment(kept.made_at), width_chars=19),
            Column(lambda: tr("原因"), lambda kept: reason_name(kept.reason), width_chars=18),
            Column(lambda: tr("大小"), lambda kept: size_text(kept.size), Kind.NUMBER, width_chars=10),
            Column(
                lambda: tr("凭证数"),
                lambda kept: "" if kept.vouchers is None else f"{kept.vouchers:,}",
                Kind.NUMBER,
                width_chars=9,
            ),
            Column(lambda: tr("检查"), proof_name, width_chars=24, stretch=True),
            Column(lambda: tr("凭证链"), lambda kept: kept.head, width_chars=18),
        ]
        self._model = PagedTableModel[KeptBackup](columns, self)
        self.table = PagedTable(self._model, self)
        self._lay_out()
        self._is_remote = is_remote
        self.folder_button.setVisible(not is_remote)
        self.restore_button.setVisible(not is_remote)
        self.fetch_button.setVisible(is_remote)
        self.keep_button.clicked.connect(lambda _checked: self.keep())
        self.check_button.clicked.connect(lambda _checked: self.check())
        self.folder_button.clicked.connect(lambda _checked: self._open_folder())
        self.restore_button.clicked.connect(lambda _checked: self._restore(self.table.current_row()))
        self.fetch_button.clicked.connect(lambda _checked: self._choose_target())
        self._model.modelReset.connect(self._follow_selection)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentChanged.connect(lambda *_: self._follow_selection())
        self._follow_selection()

    def load(self) -> None:
        """Ask for the list."""
        Query(lambda api: api.kept_backups()).slot("kept").on_done(self.show_list).run(self)

    def show_list(self, listed: KeptBackups) -> None:
        """Show the list and what there is to mind."""
        self._listed = listed
        self._model.show_rows(listed.backups)
        if listed.backups and not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        self.retranslate()
        self._follow_selection()

    def retranslate(self) -> None:
        """Set every text; sentences of the server stay in the language they came in."""
        self._title.setText(tr("程序保留的备份"))
        self._note.setText(self._place_text())
        self.keep_button.setText(tr("现在备份"))
        self.check_button.setText(tr("全部检查"))
        self.folder_button.setText(tr("打开文件夹"))
        self.restore_button.setText(tr("从这份恢复…"))
        self.fetch_button.setText(tr("下载这份…"))
        advice = self._listed.advice if self._listed is not None else []
        self._advice.setText("\n".join(f"• {one.text}" for one in advice))
        self._advice.setVisible(bool(advice))

    def changeEvent(self, event: QEvent | None) -> None:
        """Ask again for the sentences in another language."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange and self._listed is not None:
            self.load()  # Qt's queue brings this, so the client speaks the new language by now

    def keep(self) -> None:
        """Keep a backup now."""
        self._run(lambda api: api.start_keeping(), tr("正在备份…"), self._kept)

    def check(self) -> None:
        """Look through all of them."""
        self._run(lambda api: api.start_backup_check(), tr("正在检查备份…"), self._checked)

    def fetch(self, kept: KeptBackup, target: Path) -> None:
        """Fetch one of a server elsewhere into a file of this computer."""
        self._work(kept_from_afar(kept.name, target), tr("正在下载…"), self._fetched)

    def _run(self, start: Callable[[ApiClient], Job], text: str, done: Callable[[dict[str, Any]], None]) -> None:
        self._work(lambda api, progress: finish_job(api, start(api), progress), text, done)

    def _work(self, work: Work, text: str, done: Callable[[dict[str, Any]], None]) -> None:
        if self._strip.is_working:
            return
        self._done.hide()
        LongCommand(work).shown_by(self._strip, text).on_done(done).always(self.load).run(self)

    def _fetched(self, result: dict[str, Any]) -> None:
        self._say(tr("已下载到这台电脑：{path}", path=result.get("path", "")))

    def _choose_target(self) -> None:
        kept = self.table.current_row()
        if kept is None:
            return
        suggested = str(documents_folder() / kept.name)
        dialog = QFileDialog(self, tr("下载备份"), suggested, f"{tr('账簿')} (*{BOOK_SUFFIX})")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(BOOK_SUFFIX.removeprefix("."))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.fetch(kept, Path(path)))
        dialog.open()

    def _kept(self, result: dict[str, Any]) -> None:
        self._say(tr("备份完成，并已打开检查无误：{path}", path=result.get("path", "")))

    def _checked(self, result: dict[str, Any]) -> None:
        damaged = result.get("damaged") or []
        if damaged:
            self._say(tr("{count} 份备份里有 {damaged} 份不能用。", count=result["checked"], damaged=len(damaged)))
        else:
            self._say(tr("{count} 份备份都完好，可以放心恢复。", count=result.get("checked", 0)))

    def _say(self, text: str) -> None:
        self._done.setText(text)
        self._done.show()

    def _place_text(self) -> str:
        rule = tr(
            "每次关闭账簿、导入和改期初之前，有改动就自动备份一份，写完再打开核对。"
            "当天的全部保留，以后每天、每月、每年各留一份。"
        )
        if self._listed is None:
            return rule
        if self._is_remote:
            place = tr(
                "存在服务器的“{folder}”，共 {used}，上限 {limit}；要恢复其中一份，请在服务器上用 restore 命令。",
                folder=self._listed.folder,
                used=size_text(self._listed.total_bytes),
                limit=size_text(self._listed.limit_bytes),
            )
            return f"{rule}\n{place}"
        place = tr(
            "存在“{folder}”，共 {used}，上限 {limit}。",
            folder=self._listed.folder,
            used=size_text(self._listed.total_bytes),
            limit=size_text(self._listed.limit_bytes),
        )
        return f"{rule}\n{place}"

    def _follow_selection(self) -> None:
        row = self.table.current_row() if self._model.rowCount() else None
        self.restore_button.setEnabled(row is not None)
        self.fetch_button.setEnabled(row is not None and not row.damage)
        self.folder_button.setEnabled(bool(self._listed and self._listed.backups))
        self.check_button.setEnabled(bool(self._listed and self._listed.backups))

    def _restore(self, kept: KeptBackup | None) -> None:
        if kept is not None:
            self._restore_file(kept.path)

    def _open_folder(self) -> None:
        if self._listed is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(self._listed.folder))

    def _lay_out(self) -> None:
        em = self.fontMetrics().height()
        column = QVBoxLayout(self)
        column.setContentsMargins(em, em, em, em)
        column.setSpacing(em // 2)
        buttons = QHBoxLayout()
        for button in (self.keep_button, self.check_button, self.folder_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.restore_button)
        buttons.addWidget(self.fetch_button)
        self.table.setMinimumHeight(int(em * 1.7 * SHOWN_ROWS))
        for widget in (self._title, self._note, self._advice):
            column.addWidget(widget)
        column.addLayout(buttons)
        for widget in (self._strip, self._done, self.table):
            column.addWidget(widget)
