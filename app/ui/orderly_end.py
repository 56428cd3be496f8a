"""The end somebody else decides on: a signal, or the end of the person's session with the computer."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import sys
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from PyQt5 import sip
from PyQt5.QtCore import QObject, QSocketNotifier
from PyQt5.QtGui import QGuiApplication, QSessionManager
from PyQt5.QtWidgets import QApplication

if TYPE_CHECKING:
    from app.ui.workspace import Workspace

logger = logging.getLogger(__name__)


class Ending(Protocol):
    """What is ended; the shell is one."""

    workspace: Workspace | None

    def close_window(self) -> None:
        """Close the window, asking first when something typed is unsaved."""

    def stop(self) -> None:
        """End everything the window began; harmless when done already."""


class OrderlyEnd(QObject):
    """Ends the program as closing the window does when a signal comes (not on Windows) or the session ends.

    `begin()` once the window is shown, `stop()` when Qt's loop has ended.
    """

    def __init__(self, shell: Ending, application: QApplication) -> None:
        super().__init__()
        self._shell = shell
        self._application = application
        self._ends: tuple[socket.socket, socket.socket] | None = None
        self._notifier: QSocketNotifier | None = None
        self._old_handlers: dict[int, Any] = {}
        self._old_wakeup = -1

    def begin(self) -> None:
        """Take over signals and the end of the session."""
        # Qt's own way would close each window and take a window that asks first for a veto.
        QGuiApplication.setFallbackSessionManagementEnabled(False)
        self._application.commitDataRequest.connect(self.session_ends)
        # On Windows the process is ended right after this signal; on other ways out everything is done already.
        self._application.aboutToQuit.connect(self._shell.stop)
        if sys.platform != "win32":
            self._listen((signal.SIGTERM, signal.SIGHUP, signal.SIGINT))

    def stop(self) -> None:
        """Give everything back."""
        with contextlib.suppress(TypeError):  # it was not begun
            self._application.commitDataRequest.disconnect(self.session_ends)
            self._application.aboutToQuit.disconnect(self._shell.stop)
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier = None
        if self._ends is not None:
            signal.set_wakeup_fd(self._old_wakeup)
            for number, handler in self._old_handlers.items():
                signal.signal(number, handler)
            for end in self._ends:
                end.close()
            self._ends = None

    def session_ends(self, manager: QSessionManager) -> None:
        """Let the session end, unless something typed would be lost: then say so and ask, and the session goes on."""
        workspace = self._shell.workspace
        if workspace is not None and workspace.unsaved_titles() and manager.allowsInteraction():
            logger.info("the end of the session is held up by unsaved pages")
            manager.cancel()
            self._shell.close_window()

    def _listen(self, numbers: tuple[signal.Signals, ...]) -> None:
        # Python runs its handlers only between two of its own steps, and Qt's loop waits outside of them: a byte in a
        # socket wakes the loop.
        receiving, sending = socket.socketpair()
        for end in (receiving, sending):
            end.setblocking(False)
        self._ends = (receiving, sending)
        self._old_wakeup = signal.set_wakeup_fd(sending.fileno(), warn_on_full_buffer=False)
        for number in numbers:
            self._old_handlers[number] = signal.signal(number, _noted)
        self._notifier = QSocketNotifier(sip.voidptr(receiving.fileno()), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._signalled)

    def _signalled(self, _socket: object) -> None:
        if self._ends is None:
            return
        with contextlib.suppress(BlockingIOError):
            numbers = self._ends[0].recv(64)
            logger.info("ending because of signal %s", ", ".join(str(number) for number in numbers))
        self._application.quit()


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: that the signal has a handler keeps it from ending the process, and the wake-up tells of it."""
