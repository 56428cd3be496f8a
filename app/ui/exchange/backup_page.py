"""备份: the backups the program keeps, a checked copy into a file of one's own, a check of the book, the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.contract.book import BackupInput
from app.contract.ledger import Finding, Verification
from app.kernel.errors import MalformedInput
from app.ui.exchange.backup_fetch import backup_from_afar, backup_into
from app.ui.exchange.kept_backups_card import BOOK_SUFFIX, KeptBackupsCard
from app.ui.jobs import finish_job
from app.ui.language import tr
from app.ui.page import Page, PageContext
from app.ui.paths import file_path
from app.ui.start.book_dialogs import documents_folder
from app.ui.tasks import LongCommand
from app.ui.widgets.limits import limit_to
from app.ui.widgets.paged_table import Column, PagedTable, PagedTableModel
from app.ui.widgets.progress_strip import ProgressStrip

BOOK_KINDS = f"*{BOOK_SUFFIX}"


class BackupPage(Page):
    """Backs up, verifies, and leads to restoring."""

    def __init__(self, context: PageContext, restore: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._titles: list[tuple[QLabel, Callable[[], str]]] = []
        self._suggested = ""
        self._made: dict[str, Any] | None = None
        self._verified: Verification | None = None
        self.kept = KeptBackupsCard(restore, self, is_remote=context.is_remote)
        self.body.addWidget(self.kept)
        self._make_backup_card()
        self._make_verify_card()
        self._make_restore_card(restore)
        self.body.addStretch(1)
        self.retranslate()

    def title(self) -> str:
        """Return the page's name."""
        return tr("备份")

    def activate(self) -> None:
        """Show what is kept now, and suggest a file of today's name."""
        self.kept.load()
        self._suggest_path()

    def _suggest_path(self) -> None:
        if self._path.text() == self._suggested:
            name = "".join("_" if letter in '\\/:*?"<>|' else letter for letter in self.context.book.name)
            day = f"{self.context.today():%Y%m%d}"
            self._suggested = str(documents_folder() / tr("{book}-备份-{day}", book=name, day=day)) + BOOK_SUFFIX
            self._path.setText(self._suggested)

    def first_focus(self) -> QWidget | None:
        """Begin with the button most come for."""
        return self.kept.keep_button

    def retranslate(self) -> None:
        """Set every text."""
        for label, text in self._titles:
            label.setText(text())
        self.kept.retranslate()
        self._browse.setText(tr("浏览…"))
        self._back_up.setText(tr("立即备份"))
        self._verify.setText(tr("检查账簿"))
        self._restore.setText(tr("从备份恢复…"))
        self._suggest_path()
        self._show_made()
        self._show_verified()

    def back_up(self) -> None:
        """Make the backup."""
        if self._backup_strip.is_working:
            return
        self.message_bar.clear()
        path = self._path.text().strip()
        if not path:
            self.message_bar.show_warning(tr("请先选择备份到哪个文件。"))
            self._path.setFocus()
            return
        try:
            target = file_path(path)
            work = backup_from_afar(target) if self.context.is_remote else backup_into(target)
        except MalformedInput as error:
            self.show_error(error)
            return
        LongCommand(work).shown_by(self._backup_strip, tr("正在备份…")).on_done(self._backed_up).run(self)

    def verify(self) -> None:
        """Check the whole book."""
        if self._verify_strip.is_working:
            return
        self.message_bar.clear()
        LongCommand(lambda api, progress: finish_job(api, api.start_verification(), progress)).shown_by(
            self._verify_strip, tr("正在检查…")
        ).on_done(self._checked).run(self)

    def _backed_up(self, result: dict[str, Any]) -> None:
        self._made = result
        self._show_made()

    def _show_made(self) -> None:
        made = self._made
        self._made_label.setVisible(made is not None)
        self._head_label.setVisible(made is not None)
        if made is None:
            return
        rows = made.get("rows") or {}
        self._made_label.setText(
            tr(
                "备份完成，并已打开检查无误：{path}（{size} KB，{vouchers} 张凭证）。",
                path=made.get("path", ""),
                size=f"{int(made.get('size', 0)) // 1024:,}",
                vouchers=f"{int(rows.get('voucher', 0)):,}",
            )
        )
        self._head_label.setText(
            tr("凭证链（可抄录留存，以后核对账簿有没有被改动）：{head}", head=made.get("head", ""))
        )

    def _checked(self, result: dict[str, Any]) -> None:
        self._verified = Verification.model_validate(result, extra="ignore")
        self._show_verified()

    def _show_verified(self) -> None:
        verified = self._verified
        self._verified_label.setVisible(verified is not None)
        self._findings.setVisible(verified is not None and bool(verified.findings))
        if verified is None:
            return
        counts = {"vouchers": f"{verified.vouchers:,}", "entries": f"{verified.entries:,}"}
        if verified.findings:
            text = tr("发现 {count} 处问题，请停止记账并联系开发者或用备份恢复。", count=len(verified.findings))
        else:
            text = tr("账簿完好：{vouchers} 张凭证、{entries} 条分录，余额、编号和凭证链都对得上。", **counts)
        self._verified_label.setText(text)
        self._model.show_rows(verified.findings)

    def _make_backup_card(self) -> None:
        column = self._card(
            lambda: tr("另存一份备份"),
            lambda: tr("备份是一个完整的账簿文件，随时可以直接打开。请存到另一块硬盘或 U 盘上。"),
        )
        row = QHBoxLayout()
        self._path = QLineEdit(self)
        limit_to(self._path, BackupInput, "path")
        self._browse, self._back_up = QPushButton(self), QPushButton(self)
        self._browse.clicked.connect(lambda _checked: self._choose_path())
        self._back_up.clicked.connect(lambda _checked: self.back_up())
        self._path.returnPressed.connect(self.back_up)
        row.addWidget(self._path, 1)
        row.addWidget(self._browse)
        row.addWidget(self._back_up)
        column.addLayout(row)
        self._backup_strip = ProgressStrip(self)
        self._made_label, self._head_label = self._result_label(), self._result_label()
        self._head_label.setObjectName("muted")
        for widget in (self._backup_strip, self._made_label, self._head_label):
            column.addWidget(widget)

    def _make_verify_card(self) -> None:
        column = self._card(
            lambda: tr("检查账簿"),
            lambda: tr("重新计算每一个余额、编号和凭证链，看账簿有没有损坏或被改动。"),
        )
        row = QHBoxLayout()
        self._verify = QPushButton(self)
        self._verify.setEnabled(self.context.may("ledger:book:verify"))
        self._verify.clicked.connect(lambda _checked: self.verify())
        row.addWidget(self._verify)
        row.addStretch(1)
        column.addLayout(row)
        self._verify_strip = ProgressStrip(self)
        self._verified_label = self._result_label()
        columns: list[Column[Finding]] = [
            Column(lambda: tr("检查项"), lambda finding: finding.check, width_chars=16),
            Column(lambda: tr("位置"), lambda finding: finding.where, width_chars=24),
            Column(lambda: tr("问题"), lambda finding: finding.message, width_chars=60, stretch=True),
        ]
        self._model = PagedTableModel[Finding](columns, self)
        self._findings = PagedTable(self._model, self)
        for widget in (self._verify_strip, self._verified_label, self._findings):
            column.addWidget(widget)

    def _make_restore_card(self, restore: Callable[[str], None]) -> None:
        column = self._card(
            lambda: tr("从备份恢复"),
            lambda: (
                tr("先关闭当前账簿，再用备份在这台电脑上建一本，并检查它是否完好。服务器上的账簿不受影响。")
                if self.context.is_remote
                else tr("先关闭当前账簿，再用备份重建一本，并检查它是否完好。原来的文件会改名保留。")
            ),
        )
        row = QHBoxLayout()
        self._restore = QPushButton(self)
        self._restore.clicked.connect(lambda _checked: restore(""))
        row.addWidget(self._restore)
        row.addStretch(1)
        column.addLayout(row)

    def _card(self, title: Callable[[], str], text: Callable[[], str]) -> QVBoxLayout:
        em = self.fontMetrics().height()
        card = QFrame(self)
        card.setObjectName("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(em, em, em, em)
        column.setSpacing(em // 2)
        heading, note = QLabel(card), QLabel(card)
        heading.setObjectName("sectionTitle")
        note.setObjectName("muted")
        note.setWordWrap(True)
        column.addWidget(heading)
        column.addWidget(note)
        self._titles += [(heading, title), (note, text)]
        self.body.addWidget(card)
        return column

    def _result_label(self) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
        return label

    def _choose_path(self) -> None:
        dialog = QFileDialog(self, tr("备份到"), self._path.text(), f"{tr('账簿')} ({BOOK_KINDS})")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(BOOK_SUFFIX.removeprefix("."))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._path.setText)
        dialog.open()
