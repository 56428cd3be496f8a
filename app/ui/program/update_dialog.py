"""What a new version brings and where it is to be had; and the quiet word in the window's bar that leads here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtCore import QEvent, Qt, QTimer, QUrl
from PyQt5.QtGui import QDesktopServices
from PyQt5.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui.language import is_english, tr
from app.ui.program.update_texts import notice_sentence
from app.version import VERSION

if TYPE_CHECKING:
    from app.client.update_notice import VersionNotice
    from app.ui.widgets.message_bar import MessageBar

OFFER_AGAIN_MS = 60_000


class UpdateDialog(QDialog):
    """Shows the notice; the link is opened only by its button. Nothing is downloaded or installed from here."""

    def __init__(self, parent: QWidget, notice: VersionNotice) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._notice = notice
        em = self.fontMetrics().height()
        column = QVBoxLayout(self)
        column.setContentsMargins(em * 3 // 2, em * 3 // 2, em * 3 // 2, em)
        column.setSpacing(em * 2 // 3)
        self._heading, self._changes, self._link, self._note = (self._label() for _place in range(4))
        self._heading.setObjectName("sectionTitle")
        self._note.setObjectName("muted")
        for label in (self._heading, self._changes, self._link, self._note):
            column.addWidget(label)
        column.addStretch(1)
        buttons = QHBoxLayout()
        self.open_button, self.close_button = QPushButton(self), QPushButton(self)
        self.open_button.setVisible(bool(notice.link))
        self.open_button.clicked.connect(self._open_link)
        self.open_button.setAutoDefault(False)
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.accept)
        buttons.addWidget(self.open_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column.addLayout(buttons)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 64)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        notice = self._notice
        self.setWindowTitle(tr("新版本"))
        self._heading.setText(notice_sentence(notice))
        self._changes.setText("\n".join(f"•  {line}" for line in notice.changes["en" if is_english() else "zh"]))
        self._link.setText(notice.link or tr("请向提供程序的人索取新版本。"))
        self._note.setText(
            tr(
                "您用的是 {version}。程序不会自己下载或安装；取得新版本后，请按 SHA256SUMS 核对文件。"
                "升级时账簿和设置都会留下。",
                version=VERSION,
            )
        )
        self.open_button.setText(tr("在浏览器里打开"))
        self.close_button.setText(tr("关闭"))

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate when the language changes."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def _open_link(self, _checked: bool) -> None:
        QDesktopServices.openUrl(QUrl(self._notice.link))

    def _label(self) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
        return label


class UpdateOffer(QTimer):
    """Says quietly in the window's bar that there is a new version; what already stands there is not pushed away."""

    def __init__(self, window: QWidget, bar: MessageBar) -> None:
        super().__init__(bar)
        self._window, self._bar = window, bar
        self._notice: VersionNotice | None = None
        self.setSingleShot(True)
        self.setInterval(OFFER_AGAIN_MS)
        self.timeout.connect(self._show)

    def offer(self, notice: VersionNotice) -> None:
        """Say it now, or once there is room."""
        self._notice = notice
        self._show()

    def _show(self) -> None:
        notice, window = self._notice, self._window
        if notice is None:
            return
        if self._bar.text:
            self.start()
            return
        self._bar.show_offer(
            lambda: notice_sentence(notice), lambda: tr("查看…"), lambda: UpdateDialog(window, notice).open()
        )
