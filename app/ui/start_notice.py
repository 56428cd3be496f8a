"""The bar above everything that says, once, what a person should know about this start: how the last run ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5 import sip
from PyQt5.QtCore import QEvent, Qt, QUrl
from PyQt5.QtGui import QDesktopServices, QGuiApplication
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from app.ui.language import tr
from app.ui.runtime import StartNotice

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow


def show_notices(window: MainWindow, notices: Sequence[StartNotice], log_folder: Path) -> Callable[[str], None]:
    """Show what there is to say about this start, each in a bar that stays until it is closed.

    Returns what to call with a book's name when one was opened.
    """
    bars = [StartNoticeBar(notice, log_folder, window) for notice in notices]
    for bar in bars:
        window.add_bar(bar)

    def book_opened(name: str) -> None:
        for bar in bars:
            if not sip.isdeleted(bar):
                bar.book_opened(name)

    return book_opened


class StartNoticeBar(QFrame):
    """One notice with its details to copy; closed, it does not come back."""

    def __init__(self, notice: StartNotice, log_folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setProperty("kind", "error" if notice.kind == "crashed" else "warning")
        self.notice = notice
        self._log_folder = log_folder
        self._book = ""
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.copy_button = QPushButton(self)
        self.copy_button.clicked.connect(self.copy_details)
        self.folder_button = QPushButton(self)
        self.folder_button.clicked.connect(self.open_log_folder)
        self.folder_button.setToolTip(str(log_folder))
        self.folder_button.setVisible(notice.kind != "unwritable")
        self.close_button = QToolButton(self)
        self.close_button.setObjectName("messageClose")
        self.close_button.setText("✕")
        self.close_button.setAutoRaise(True)
        self.close_button.clicked.connect(self.deleteLater)
        layout = QHBoxLayout(self)
        layout.addWidget(self._label, 1)
        for button in (self.copy_button, self.folder_button, self.close_button):
            layout.addWidget(button)
        self._retranslate()

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._label.text()

    def book_opened(self, name: str) -> None:
        """A book was opened all right after all: say so, for that is what a person worries about."""
        self._book = name
        self._retranslate()

    def copy_details(self) -> None:
        """Put the details into the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.notice.details)

    def open_log_folder(self) -> None:
        """Show where the log lies."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_folder)))

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._label.setText(self._sentence())
        self.copy_button.setText(tr("复制详情"))
        self.folder_button.setText(tr("打开日志文件夹"))
        self.close_button.setToolTip(tr("关闭这条消息"))
        self.close_button.setAccessibleName(tr("关闭这条消息"))

    def _sentence(self) -> str:
        if self.notice.kind == "unwritable":
            return tr("数据文件夹不能写入：这次没有日志，设置也不会保存。记账不受影响。")
        if self.notice.kind == "crashed":
            text = tr("上次运行时程序意外崩溃了，已经保存的数据不受影响。如果它再次出现，请复制详情给开发者。")
        else:
            text = tr("上次运行没有正常结束（可能是断电或被强行关闭），已经保存的数据不受影响。")
        return f"{text}{tr('账簿“{name}”已经正常打开。', name=self._book)}" if self._book else text
