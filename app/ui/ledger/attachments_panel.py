"""The documents of the voucher shown: added by choosing or dropping files, looked at by a double click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QDragEnterEvent, QDropEvent
from PyQt5.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.client.api import ApiClient
from app.contract.ledger import Voucher
from app.contract.voucher_work import AttachInput, Attachment, AttachmentList
from app.kernel.errors import PermissionDenied, ZhangfangError
from app.kernel.ids import new_request_id
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.attachment_files import size_text
from app.ui.ledger.attachment_preview import AttachmentPreview
from app.ui.progress import Progress
from app.ui.tasks import Command, LongCommand, Query, Topic
from app.ui.widgets.progress_strip import ProgressStrip
from app.ui.widgets.question import ask

ROWS_SHOWN = 3


class AttachmentsPanel(QFrame):
    """Hidden for a voucher that is not stored and for people without the right."""

    changed = pyqtSignal(object)
    """The `AttachmentList` after a file was added or removed."""
    failed = pyqtSignal(object)
    """A `ZhangfangError`."""

    def __init__(self, may: Callable[[str], bool], parent: QWidget) -> None:
        super().__init__(parent)
        self._may = may
        self._voucher: Voucher | None = None
        self.title = QLabel(self)
        self.title.setObjectName("muted")
        self.add_button = QPushButton(icon("add"), "", self)
        self.add_button.setProperty("flat", True)
        self.add_button.clicked.connect(lambda _checked: self.choose())
        self.remove_button = QPushButton(icon("delete"), "", self)
        self.remove_button.setProperty("flat", True)
        self.remove_button.clicked.connect(lambda _checked: self.remove_current())
        self.list = QListWidget(self)
        self.list.setFlow(QListWidget.Flow.LeftToRight)
        self.list.setWrapping(True)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.itemActivated.connect(self._preview)
        self.list.currentRowChanged.connect(lambda _row: self._show_buttons())
        self.strip = ProgressStrip(self)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.add_button)
        head.addWidget(self.remove_button)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.list)
        column.addWidget(self.strip)
        self.setAcceptDrops(True)
        self.hide()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_voucher(self, voucher: Voucher | None) -> None:
        """Show a voucher's documents; nothing for one that is not stored yet."""
        before = self._voucher
        self._voucher = voucher
        self.setVisible(voucher is not None and self._may("ledger:attachment:view"))
        if voucher is None or before is None or before.id != voucher.id:
            self._fill([])
        if voucher is not None and self._may("ledger:attachment:view"):
            voucher_id = voucher.id
            Query(lambda api: api.list_attachments(voucher_id)).slot("attachments").on_done(
                lambda found: self._fill(found.attachments)
            ).on_error(self._refused).run(self)

    def _refused(self, error: ZhangfangError) -> None:
        if not isinstance(error, PermissionDenied):
            self.failed.emit(error)

    def attachments(self) -> list[Attachment]:
        """Return what is listed."""
        return [self.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.list.count())]  # type: ignore[union-attr]

    def _fill(self, attachments: Sequence[Attachment]) -> None:
        self.list.clear()
        for attachment in attachments:
            item = QListWidgetItem(icon("file"), f"{attachment.name}  {size_text(attachment.size)}")
            item.setToolTip(f"{attachment.media_type}\nSHA-256 {attachment.sha256}")
            item.setData(Qt.ItemDataRole.UserRole, attachment)
            self.list.addItem(item)
        self.list.setVisible(bool(attachments))
        row = self.list.sizeHintForRow(0) if attachments else 0
        self.list.setFixedHeight(max(row, self.fontMetrics().height()) * min(ROWS_SHOWN, 1 + len(attachments) // 4) + 8)
        self._show_buttons()
        self.retranslate()

    def _show_buttons(self) -> None:
        voucher = self._voucher
        self.add_button.setVisible(
            voucher is not None and voucher.state != "void" and self._may("ledger:attachment:add")
        )
        self.remove_button.setVisible(
            voucher is not None
            and voucher.state == "draft"
            and self.list.currentRow() >= 0
            and self._may("ledger:attachment:remove")
        )

    def retranslate(self) -> None:
        """Set every text."""
        count = self.list.count()
        self.title.setText(tr("附件 {count} 个", count=count) if count else tr("没有附件"))
        self.add_button.setText(tr("添加…"))
        self.add_button.setToolTip(tr("添加附件，也可以把文件拖到这里"))
        self.remove_button.setText(tr("删除"))
        self.list.setAccessibleName(tr("附件"))

    # --- what is done ------------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Let the user choose files to attach."""
        if self._voucher is None:
            return
        dialog = QFileDialog(self, tr("添加附件"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.add([Path(name) for name in names]))
        dialog.open()

    def add(self, paths: Sequence[Path]) -> None:
        """Send files up and attach them, one after another; what is attached when one is refused stays."""
        voucher = self._voucher
        if voucher is None or not paths:
            return

        def work(api: ApiClient, progress: Progress) -> AttachmentList:
            attached: AttachmentList | None = None
            for path in paths:

                def report(done: int, total: int, name: str = path.name) -> None:
                    progress.check()
                    progress.report(done, total, name)

                upload = api.upload_file(path, report)
                wish = AttachInput(upload_id=upload.id, request_id=new_request_id())
                attached = api.attach(voucher.id, wish)
            return attached or api.list_attachments(voucher.id)

        LongCommand(work, Topic.VOUCHERS).shown_by(self.strip, tr("正在上传附件")).on_done(self._changed).on_error(
            self._failed_adding
        ).run(self)

    def _failed_adding(self, error: ZhangfangError) -> None:
        self.failed.emit(error)
        self.show_voucher(self._voucher)

    def _changed(self, documents: AttachmentList) -> None:
        self._fill(documents.attachments)
        self.changed.emit(documents)

    def remove_current(self) -> None:
        """Take the document with the cursor away, after a question."""
        item = self.list.currentItem()
        if item is None:
            return
        attachment: Attachment = item.data(Qt.ItemDataRole.UserRole)

        def remove() -> None:
            Command(lambda api: api.remove_attachment(attachment.id), Topic.VOUCHERS).on_done(self._changed).on_error(
                self.failed.emit
            ).run(self)

        ask(self, tr("删除附件"), tr("删除附件“{name}”？", name=attachment.name), tr("删除"), remove)

    def _preview(self, item: QListWidgetItem) -> None:
        AttachmentPreview(self, item.data(Qt.ItemDataRole.UserRole)).open()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Take files that are dragged here."""
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None and data.hasUrls() and not self.add_button.isHidden():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Attach the files dropped."""
        data = event.mimeData() if event is not None else None
        if data is not None:
            self.add([Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()])
