"""Making a book from a backup: which file, where to, and how far it is."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from app.ui.language import tr
from app.ui.paths import LONGEST_PATH, file_path, home_path
from app.ui.progress import Progress
from app.ui.runtime import Runtime
from app.ui.start.book_dialogs import book_filter, documents_folder, with_suffix
from app.ui.tasks import LongCommand
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_length
from app.ui.widgets.progress_strip import ProgressStrip


class RestoreDialog(FormDialog):
    """Restores into a new file, or over a book, which is then set aside and never overwritten."""

    def __init__(
        self, parent: QWidget, runtime: Runtime, open_address: Callable[[str], None], file: str = "", place: str = ""
    ) -> None:
        super().__init__(parent)
        self._runtime, self._open_address = runtime, open_address
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self.form.addRow(self._text)
        self._backup, self._browse_backup, backup = self._file_field(self._choose_backup)
        self._place, self._browse_place, target = self._file_field(self._choose_place)
        self._labels = [self.add_field("backup", backup), self.add_field("address", target)]
        self._backup.setText(file)
        self._place.setText(place)
        self._strip = ProgressStrip(self)
        self.form.addRow(self._strip)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("从备份恢复"))
        self._text.setText(tr("恢复后会逐项检查账簿是否完好。如果目标文件已经存在，原来的账簿会改名保留，不会被覆盖。"))
        for label, text in zip(self._labels, (tr("备份文件"), tr("恢复到")), strict=True):
            label.setText(text)
        for button in (self._browse_backup, self._browse_place):
            button.setText(tr("浏览…"))
        self.ok_button.setText(tr("恢复并打开"))

    def submit(self) -> None:
        """Restore, verify and open."""
        backup, place = self._backup.text().strip(), self._place.text().strip()
        if not backup or not place:
            self.message_bar.show_warning(tr("请选择备份文件和要恢复到的地方。"))
            (self._place if backup else self._backup).setFocus()
            return
        address = str(with_suffix(file_path(place)))
        self.set_busy(True)

        def work(_api: object, progress: Progress) -> str:
            def report(done: int, total: int, text: str) -> bool:
                progress.report(done, total, text)
                return progress.cancelled

            return self._runtime.restore_book(home_path(backup), address, report)

        LongCommand(work).shown_by(self._strip, tr("正在恢复…")).on_done(self._restored).on_error(
            self.show_error
        ).always(lambda: self.set_busy(False)).run(self)

    def _restored(self, address: str) -> None:
        self._open_address(address)
        self.accept()

    def _file_field(self, choose: Callable[[], None]) -> tuple[QLineEdit, QPushButton, QWidget]:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        edit, button = QLineEdit(holder), QPushButton(holder)
        limit_length(edit, LONGEST_PATH)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked: choose())
        row.addWidget(edit, 1)
        row.addWidget(button)
        holder.setFocusProxy(edit)
        return edit, button, holder

    def _choose_backup(self) -> None:
        dialog = QFileDialog(self, tr("备份文件"), str(documents_folder()), book_filter())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._backup.setText)
        dialog.open()

    def _choose_place(self) -> None:
        dialog = QFileDialog(self, tr("恢复到"), str(documents_folder()), book_filter())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._place.setText)
        dialog.open()
