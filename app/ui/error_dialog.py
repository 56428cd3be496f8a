"""Errors nobody foresaw: logged, shown with their details, and the window goes on."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

from PyQt5.QtCore import (
    PYQT_VERSION_STR,
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    pyqtSignal,
    qInstallMessageHandler,
)
from PyQt5.QtGui import QFontDatabase, QGuiApplication
from PyQt5.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.kernel.errors import ZhangfangError
from app.logs import mask_secrets
from app.ui.errors_shown import show_error_at, told
from app.ui.language import tr
from app.version import PROGRAM_NAME_EN, VERSION

logger = logging.getLogger(__name__)
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_HARMLESS = (
    "EnableNonClientDpiScaling() failed",
    "QPixmap::fromWinHICON()",
    "QWindowsWindow::setGeometry: Unable",
    "QStandardPaths: XDG_RUNTIME_DIR not set",
)
"""What Qt says on Wine, whose title bars do not grow with the screen's resolution and which has not all system icons,
on Windows of a window that just grew by a line of text, and on Linux outside a desktop session."""


class ErrorDialog(QDialog):
    """Says that something went wrong that should not have, with details to copy."""

    def __init__(self, details: str, parent: QWidget | None = None, *, fatal: str = "") -> None:
        """Show the details; `fatal` is the sentence for an error after which there is no going on."""
        super().__init__(parent)
        self.setWindowTitle(tr("程序出错了"))
        layout = QVBoxLayout(self)
        going_on = tr("程序遇到了没有料到的错误。已经保存的数据不受影响，您可以继续工作。")
        heading = QLabel(fatal or going_on, self)
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setWordWrap(True)
        advice = QLabel(tr("如果它再次出现，请把下面的内容复制给开发者。"), self)
        advice.setObjectName("muted")
        advice.setWordWrap(True)
        self._details = QPlainTextEdit(details, self)
        self._details.setReadOnly(True)
        self._details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        copy = QPushButton(tr("复制详情"), self)
        copy.clicked.connect(self.copy_details)
        close = QPushButton(tr("关闭") if fatal else tr("继续工作"), self)
        close.setProperty("primary", True)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(copy)
        buttons.addStretch(1)
        buttons.addWidget(close)
        for widget in (heading, advice, self._details):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        em = self.fontMetrics().height()
        self.resize(em * 36, em * 20)

    @property
    def details(self) -> str:
        """What can be copied."""
        return self._details.toPlainText()

    def add(self, details: str) -> None:
        """Add another error that came while this one is shown."""
        self._details.appendPlainText("\n" + details)

    def copy_details(self) -> None:
        """Put the details into the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.details)


class ErrorHooks(QObject):
    """Catches what would otherwise end the process: PyQt aborts when a slot raises and no hook is set.

    `install()` before the first widget, `remove()` after the last.
    """

    caught = pyqtSignal(str)
    """An unforeseen error, described."""
    foreseen = pyqtSignal(object)
    """A refusal, a `ZhangfangError`, that nobody showed where it arose."""

    def __init__(self, parent_window: Callable[[], QWidget | None]) -> None:
        super().__init__()
        self._parent_window = parent_window
        self._dialog: ErrorDialog | None = None
        self.caught.connect(self._show)
        self.foreseen.connect(self._say)
        self._old = (sys.excepthook, threading.excepthook)

    @property
    def dialog(self) -> ErrorDialog | None:
        """The dialog shown now, if any."""
        return self._dialog

    def install(self) -> None:
        """Take over the hooks."""
        self._old = (sys.excepthook, threading.excepthook)
        sys.excepthook = self.handle
        threading.excepthook = self._handle_thread
        take_qt_messages()

    def remove(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._old
        qInstallMessageHandler(None)
        if self._dialog is not None:
            self._dialog.close()

    def handle(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Log an error and show it; an interrupt from the keyboard ends the program as usual."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        refusal = told(error)
        if isinstance(refusal, ZhangfangError):
            # It should have been shown where it arose; a person is better served with its sentence than with a trace.
            logger.warning("a refusal nobody showed: %s", refusal.code, exc_info=(kind, error, trace))
            self.foreseen.emit(refusal)
            return
        logger.error("unforeseen error", exc_info=(kind, error, trace))
        self.caught.emit(describe(kind, error, trace))

    def _handle_thread(self, given: threading.ExceptHookArgs) -> None:
        if given.exc_value is not None and not issubclass(given.exc_type, SystemExit):
            self.handle(given.exc_type, given.exc_value, given.exc_traceback)

    def _say(self, refusal: ZhangfangError) -> None:
        place = QApplication.focusWidget() or self._parent_window()
        try:
            if place is not None:
                show_error_at(place, refusal)
        except ZhangfangError:  # nothing above it shows sentences
            self._show(str(refusal))

    def _show(self, details: str) -> None:
        if self._dialog is not None:
            self._dialog.add(details)
            return
        dialog = ErrorDialog(details, self._parent_window())
        dialog.finished.connect(self._forget)
        self._dialog = dialog
        dialog.open()

    def _forget(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None


def describe(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    """Return what a developer wants to know, without secrets."""
    import platform  # some milliseconds, and the window is not up yet

    python = f"Python {platform.python_version()}, PyQt {PYQT_VERSION_STR}"
    head = f"{PROGRAM_NAME_EN} {VERSION}, {python}, {platform.platform()}"
    return mask_secrets(head + "\n" + "".join(traceback.format_exception(kind, error, trace)))


def take_qt_messages() -> None:
    """Send what Qt says to the log from now on: before the application is made, for why it cannot be is said so."""
    qInstallMessageHandler(_log_qt_message)


def _log_qt_message(level: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
    # The handler may be called while the interpreter shuts down; nothing may escape it.
    with contextlib.suppress(Exception):
        weight = _QT_LEVELS.get(level, logging.WARNING)
        if text is not None and text.startswith(_HARMLESS):
            weight = logging.INFO
        logging.getLogger("qt").log(weight, "%s %s", context.category or "", text or "")
        if level == QtMsgType.QtFatalMsg:  # the process ends after this
            sys.stderr.write(f"{text}\n")
