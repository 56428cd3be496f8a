"""The line above a page that says what went wrong or what was done, without stopping the work."""

from __future__ import annotations

import re
from collections.abc import Callable

from PyQt5.QtCore import QEvent, Qt, QTimer
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from app.kernel.errors import ZhangfangError
from app.ui.language import tr, tr_message

INFO_MS = 6000
_LONG_RUN = re.compile(r"([!-~]{40})(?=[!-~])")


class MessageBar(QFrame):
    """Hidden until there is something to say; one message at a time, the newest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._error: ZhangfangError | None = None
        self._retry: Callable[[], None] | None = None
        self._offer: tuple[Callable[[], str], Callable[[], str]] | None = None
        layout = QHBoxLayout(self)
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._again = QPushButton(self)
        self._again.clicked.connect(self._run_again)
        self._close = QToolButton(self)
        self._close.setObjectName("messageClose")
        self._close.setText("✕")
        self._close.setAutoRaise(True)
        self._close.clicked.connect(self.clear)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._again)
        layout.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INFO_MS)
        self._timer.timeout.connect(self.clear)
        self._retranslate()
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown, or nothing."""
        return "" if self.isHidden() else self._label.text().replace("\u200b", "")

    @property
    def error(self) -> ZhangfangError | None:
        """The error shown, if the message is one."""
        return self._error

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Show an error until it is closed or something else is said; sentences by field follow the main one."""
        self._error, self._retry, self._offer = error, retry, None
        parts = [tr_message(error.message)]
        # a sentence the main one ends with ("delivery draft: line 1 …") is not said twice
        sentences = dict.fromkeys(tr_message(sentence) for sentence in error.fields.values())
        parts += [text for text in sentences if text not in parts[0]]
        self._show("error", "\n".join(parts))
        self._timer.stop()

    def show_offer(self, text: Callable[[], str], button: Callable[[], str], run: Callable[[], None]) -> None:
        """Show something one may look into, until it is closed; `button` names what `run` does."""
        self._error, self._retry = None, run
        self._offer = (text, button)
        self._show("info", text())
        self._timer.stop()

    def show_warning(self, text: str) -> None:
        """Show something to mind until it is closed."""
        self._error, self._retry, self._offer = None, None, None
        self._show("warning", text)
        self._timer.stop()

    def show_info(self, text: str) -> None:
        """Show that something was done; it goes away after some seconds."""
        self._error, self._retry, self._offer = None, None, None
        self._show("info", text)
        self._timer.start()

    def try_again(self) -> bool:
        """Do again what failed, if that is offered; return whether it is."""
        offered = self._error is not None and self._retry is not None
        if offered:
            self._run_again()
        return offered

    def clear(self) -> None:
        """Take the message away."""
        self._timer.stop()
        self._error, self._retry, self._offer = None, None, None
        self._label.clear()
        self.hide()

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate the buttons; a sentence from the server stays in the language it came in."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._again.setText(tr("重试") if self._offer is None else self._offer[1]())
        if self._offer is not None:
            self._label.setText(self._offer[0]())
        self._close.setToolTip(tr("关闭这条消息"))
        self._close.setAccessibleName(tr("关闭这条消息"))

    def _show(self, kind: str, text: str) -> None:
        # A run of figures without a gap would be cut off at the edge: it may be broken where nothing is seen.
        self._label.setText(_LONG_RUN.sub("\\1\u200b", text))
        self._again.setText(tr("重试") if self._offer is None else self._offer[1]())
        self._again.setVisible(self._retry is not None)
        self.setProperty("kind", kind)
        style = self.style()
        if style is not None:
            style.unpolish(self)
            style.polish(self)
        self.show()

    def _run_again(self) -> None:
        retry = self._retry
        self.clear()
        if retry is not None:
            retry()
