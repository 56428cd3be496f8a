"""The quiet bar above the pages that says what to mind about a book's place or its backups, once it is open."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from PyQt5 import sip
from PyQt5.QtCore import QEvent, QObject, Qt
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from app.ui.language import tr
from app.ui.tasks import Query

if TYPE_CHECKING:
    from app.contract.book import BackupAdvice, BookInfo, KeptBackups  # they take time to import; the window is first
    from app.settings import Settings
    from app.ui.main_window import MainWindow
    from app.ui.workspace import Workspace

SAID = ("damaged", "synchronised", "trouble", "overdue", "folder_missing")
"""What is said unasked; the rest stands on the page of backups."""
PERMISSION = "book:backup:add"
PAGE = "backup"


class HasBook(Protocol):
    """Who shows a book's pages; the shell is one."""

    window: MainWindow
    workspace: Workspace | None
    book: BookInfo | None

    @property
    def settings(self) -> Settings:
        """The settings now."""

    def change_settings(self, settings: Settings) -> None:
        """Keep and follow settings."""

    def go_to(self, key: str) -> None:
        """Show a page of the open book."""


class BackupNotice(QObject):
    """Shows the weightiest thing there is to mind about a book, asked once its pages are shown."""

    def __init__(self, shell: HasBook, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell
        self.bar: NoticeBar | None = None

    def ask(self) -> None:
        """The pages of a book are shown: ask what there is to mind."""
        self._forget()
        workspace = self._shell.workspace
        if workspace is None or not workspace.context.may(PERMISSION):
            return
        # Nobody waits for this answer: where it fails, the page of backups says why when it is asked.
        Query(lambda api: api.kept_backups()).slot("backup notice").on_done(self._show).on_error(
            lambda _error: None
        ).run(workspace)

    def _show(self, listed: KeptBackups) -> None:
        advice = [one for code in SAID for one in listed.advice if one.code == code and not self._is_put_away(code)]
        workspace = self._shell.workspace
        if not advice or workspace is None:
            return
        self.bar = bar = NoticeBar(advice[0], self._shell.window)
        bar.page_button.clicked.connect(lambda _checked: self._shell.go_to(PAGE))
        bar.never_button.clicked.connect(lambda _checked: self._put_away(advice[0].code))
        workspace.destroyed.connect(self._forget)
        self._shell.window.add_bar(bar)

    def _forget(self) -> None:
        bar, self.bar = self.bar, None
        if bar is not None and not sip.isdeleted(bar):
            bar.deleteLater()

    def _name(self) -> str:
        location = self._shell.book.location if self._shell.book is not None else ""
        return "quiet-" + hashlib.sha256(location.encode()).hexdigest()[:12]

    def _is_put_away(self, code: str) -> bool:
        return code in self._shell.settings.window.get(self._name(), "").split()

    def _put_away(self, code: str) -> None:
        settings = self._shell.settings
        codes = {*settings.window.get(self._name(), "").split(), code}
        self._shell.change_settings(
            replace(settings, window={**settings.window, self._name(): " ".join(sorted(codes))})
        )
        self._forget()


class NoticeBar(QFrame):
    """One sentence, the way to the page of backups, and for what one may choose to live with, a way to put it away."""

    def __init__(self, advice: BackupAdvice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setProperty("kind", "error" if advice.code == "damaged" else "warning")
        self.advice = advice
        self.label = QLabel(advice.text, self)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.page_button, self.never_button = QPushButton(self), QPushButton(self)
        self.never_button.setVisible(advice.code == "synchronised")
        self.close_button = QToolButton(self)
        self.close_button.setObjectName("messageClose")
        self.close_button.setText("✕")
        self.close_button.setAutoRaise(True)
        self.close_button.clicked.connect(self.deleteLater)
        layout = QHBoxLayout(self)
        layout.addWidget(self.label, 1)
        for button in (self.page_button, self.never_button, self.close_button):
            layout.addWidget(button)
        self._retranslate()

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate the buttons; the sentence stays in the language it came in."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.page_button.setText(tr("查看备份"))
        self.never_button.setText(tr("这本账簿不再提醒"))
        self.close_button.setToolTip(tr("关闭这条消息"))
        self.close_button.setAccessibleName(tr("关闭这条消息"))
