"""What stands where a list would be when there is nothing to list: what it is for, and the way to begin."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui.icons import icon


class EmptyState(QWidget):
    """A picture, a sentence and perhaps a button, in the middle."""

    def __init__(
        self, icon_name: str, parent: QWidget | None = None, *, action: Callable[[], None] | None = None
    ) -> None:
        super().__init__(parent)
        self._picture_name = icon_name
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        self._picture = QLabel(self)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text = QLabel(self)
        self._text.setObjectName("muted")
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setWordWrap(True)
        layout.addWidget(self._picture)
        layout.addWidget(self._text)
        self._button = QPushButton(self)
        self._button.setProperty("primary", True)
        self._button.setVisible(action is not None)
        if action is not None:
            self._button.clicked.connect(lambda _checked: action())
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._button)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addStretch(3)
        self._draw()

    def set_texts(self, text: str, button: str = "") -> None:
        """Set the sentence and the button's words."""
        self._text.setText(text)
        self._button.setText(button)

    def _draw(self) -> None:
        side = self.fontMetrics().height() * 3
        self._picture.setPixmap(icon(self._picture_name).pixmap(side, side))
        self._picture.setMinimumHeight(side)
