"""What the window does when the program is started again: it comes forward and shows the book that was asked for."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5 import sip
from PyQt5.QtCore import QObject, Qt, QTimer, pyqtSignal
from PyQt5.QtWidgets import QApplication, QDialog

from app.ui.start.book_kinds import is_server_address

if TYPE_CHECKING:
    from app.ui.shell import Shell

logger = logging.getLogger(__name__)

ANSWER_S = 1.8
"""How long the window's thread may take before it counts as hanging; whoever asks waits a little longer."""


class _Wish:
    def __init__(self, address: str) -> None:
        self.address = address
        self.done = threading.Event()


class SecondStarts(QObject):
    """Brings wishes of later starts to the window's thread; lives as long as the shell."""

    _wished = pyqtSignal(object)

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._shell = shell
        self._waiting = ""
        self._wished.connect(self._fulfil)

    def show(self, address: str) -> bool:
        """Bring the window forward and show a book, or with an empty address only the window. Called on any thread.

        Returns whether the window's thread took it up in time.
        """
        if sip.isdeleted(self):
            return False
        wish = _Wish(address)
        self._wished.emit(wish)
        return wish.done.wait(ANSWER_S)

    def _fulfil(self, wish: _Wish) -> None:
        bring_forward(self._shell)
        wish.done.set()
        if wish.address:
            self._waiting = wish.address
            self._open_when_free()

    def _open_when_free(self) -> None:
        """Open the book last asked for, as soon as no dialog waits for an answer: one question at a time."""
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog):
            dialog.finished.connect(lambda _result: QTimer.singleShot(0, self._open_when_free))
            return
        address, self._waiting = self._waiting, ""
        if address and not self._is_open(address):
            self._shell.open_address(address)

    def _is_open(self, address: str) -> bool:
        opened = self._shell.opened
        if opened is None or self._shell.window.middle is self._shell.start_page:
            return False
        if is_server_address(address) or is_server_address(opened.address):
            return address == opened.address
        return Path(address) == Path(opened.address)


def bring_forward(shell: Shell) -> None:
    """Show the window above others with the keyboard in it; where the system forbids that, its taskbar entry blinks."""
    window = shell.window
    if window.isMinimized() and window.windowState() & Qt.WindowState.WindowMaximized:
        window.showMaximized()
    elif window.isMinimized():
        window.showNormal()
    window.raise_()
    window.activateWindow()
    QApplication.alert(window)
