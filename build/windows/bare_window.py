"""A bare PyQt5 window that tells when it is painted: what the program's own start is compared with."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PyQt5.QtGui import QPaintEvent
from PyQt5.QtWidgets import QApplication, QLabel, QMainWindow


class BareWindow(QMainWindow):
    """A window with one text; at its first painting it writes the file that the variable PAINTED names."""

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Tell that the window is on the screen."""
        super().paintEvent(event)
        Path(os.environ["PAINTED"]).touch()


if __name__ == "__main__":
    application = QApplication(sys.argv)
    window = BareWindow()
    window.setCentralWidget(QLabel("账房", window))
    window.resize(1064, 644)
    window.show()
    sys.exit(application.exec())
