"""A line that shows how far long work is, with a way to cancel it."""

from __future__ import annotations

from PyQt5.QtCore import QEvent
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from app.ui.language import tr
from app.ui.progress import Progress, ProgressStep


class ProgressStrip(QWidget):
    """Hidden until work begins: `begin(progress)`, then `show_step` as it goes on, `finish` at its end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress: Progress | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._label = QLabel(self)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._cancel = QPushButton(self)
        self._cancel.clicked.connect(self._ask_to_end)
        layout.addWidget(self._label, 2)
        layout.addWidget(self._bar, 3)
        layout.addWidget(self._cancel)
        self._retranslate()
        self.hide()

    @property
    def is_working(self) -> bool:
        """Whether work is shown."""
        return self._progress is not None

    def begin(self, progress: Progress, text: str = "") -> None:
        """Show that work has begun."""
        self._progress = progress
        self._label.setText(text)
        self._bar.setRange(0, 0)
        self._cancel.setEnabled(True)
        self.show()

    def show_step(self, step: ProgressStep) -> None:
        """Show how far it is; `total` 0 shows that it goes on, not how far."""
        if step.text:
            self._label.setText(step.text)
        # The bar counts in ints of 32 bits; bytes of large files do not fit them.
        self._bar.setRange(0, 1000 if step.total else 0)
        if step.total:
            self._bar.setValue(step.done * 1000 // step.total)

    def finish(self) -> None:
        """Work has ended, well or not."""
        self._progress = None
        self.hide()

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate the button."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._cancel.setText(tr("取消"))

    def _ask_to_end(self) -> None:
        if self._progress is not None:
            self._progress.cancel()
            self._cancel.setEnabled(False)
            self._label.setText(tr("正在取消…"))
