"""Shows a document: a picture as it is, of everything else what is known, and the way to the system's program."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QSize, Qt, QUrl
from PyQt5.QtGui import QDesktopServices, QImageReader, QPixmap, QResizeEvent
from PyQt5.QtWidgets import QFileDialog, QLabel, QPushButton, QScrollArea, QWidget

from app.contract.voucher_work import Attachment
from app.kernel.text import file_name
from app.ui.language import tr
from app.ui.ledger.attachment_files import IMAGES, fetch_privately, may_be_opened, size_text
from app.ui.tasks import Query
from app.ui.widgets.form_dialog import FormDialog

LARGEST_SIDE = 1600
"""A photograph is shown this large at most: larger ones are read smaller, not first as a whole."""


class AttachmentPreview(FormDialog):
    """Fetches the document into a private file first."""

    def __init__(self, parent: QWidget, attachment: Attachment) -> None:
        super().__init__(parent)
        self._attachment = attachment
        self._path: Path | None = None
        self._scroll = _PictureArea(self)
        self.picture = self._scroll.label
        self.form.addRow(self._scroll)
        self._facts = QLabel(self)
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        self._facts.setTextInteractionFlags(
            Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._facts.setWordWrap(True)
        self.form.addRow(self._facts)
        self.save_button = QPushButton(self)
        self.save_button.setAutoDefault(False)
        self.save_button.clicked.connect(lambda _checked: self._save())
        self.extra_buttons.addWidget(self.save_button)
        self._scroll.setVisible(attachment.media_type in IMAGES)
        self.ok_button.setVisible(may_be_opened(attachment))
        self.ok_button.setEnabled(False)
        self.save_button.setEnabled(False)
        self.retranslate()
        if attachment.media_type in IMAGES:
            em = self.fontMetrics().height()
            self.resize(em * 40, em * 34)
        Query(lambda api: fetch_privately(api, attachment)).slot("file").on_done(self._show).on_error(
            self.show_error
        ).run(self)

    def _show(self, path: Path) -> None:
        self._path = path
        self.ok_button.setEnabled(True)
        self.save_button.setEnabled(True)
        if self._attachment.media_type in IMAGES:
            picture = read_picture(path)
            if picture.isNull():
                self.picture.setText(tr("这张图片读不出来。"))
            else:
                self._scroll.show_picture(picture)

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        attachment = self._attachment
        self.setWindowTitle(attachment.name)
        self._facts.setText(
            tr(
                "{name}\n{type}，{size}，{who} 添加\nSHA-256 {hash}",
                name=attachment.name,
                type=attachment.media_type,
                size=size_text(attachment.size),
                who=attachment.added_by,
                hash=attachment.sha256,
            )
        )
        self.ok_button.setText(tr("用系统程序打开"))
        self.save_button.setText(tr("另存为…"))
        self.cancel_button.setText(tr("关闭"))

    def submit(self) -> None:
        """Hand the private copy to the system's program."""
        if self._path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path)))

    def _save(self) -> None:
        dialog = QFileDialog(self, tr("另存为"), file_name(self._attachment.name))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save_to)
        dialog.open()

    def save_to(self, target: str) -> None:
        """Copy the document to where the user says."""
        path = self._path
        if path is not None:
            Query(lambda _api: Path(target).write_bytes(path.read_bytes())).slot("save").on_done(
                lambda _size: self.message_bar.show_info(tr("已保存到 {path}。", path=target))
            ).on_error(self.show_error).run(self)


class _PictureArea(QScrollArea):
    """Shows a picture as large as it fits, never larger than it is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture = QPixmap()
        self.label = QLabel(self)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWidgetResizable(True)
        self.setWidget(self.label)

    def show_picture(self, picture: QPixmap) -> None:
        """Show a picture."""
        self._picture = picture
        self._fit()

    def _fit(self) -> None:
        if self._picture.isNull():
            return
        room, picture = self.maximumViewportSize() - QSize(4, 4), self._picture
        if picture.width() > room.width() or picture.height() > room.height():
            mode = Qt.TransformationMode.SmoothTransformation
            picture = picture.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, mode)
        self.label.setPixmap(picture)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """The picture follows the window."""
        super().resizeEvent(event)
        self._fit()


def read_picture(path: Path) -> QPixmap:
    """Read a picture no larger than can be looked at; a null one when it cannot be read."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > LARGEST_SIDE:
        reader.setScaledSize(size.scaled(QSize(LARGEST_SIDE, LARGEST_SIDE), Qt.AspectRatioMode.KeepAspectRatio))
    return QPixmap.fromImage(reader.read())
