"""The steps of a diagnosis as they come: each with its mark and its sentence."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QEvent, Qt
from PyQt5.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QWidget

from app.kernel.checking import CheckStep
from app.ui.language import tr, tr_message

MARKS = {"ok": "✓", "warning": "!", "offer": "→", "failed": "✗"}
SHOWN_LINES = 6


class StepList(QScrollArea):
    """Shows what was looked at so far; while it goes on, the last line says so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(self.fontMetrics().lineSpacing() * SHOWN_LINES)
        self.steps: list[CheckStep] = []
        self._busy = False
        self._make_rows()
        self.hide()

    @property
    def texts(self) -> list[str]:
        """The sentences shown, each behind its mark."""
        return [f"{MARKS[step.outcome]} {tr_message(step.text)}" for step in self.steps]

    def begin(self) -> None:
        """Look anew."""
        self.steps, self._busy = [], True
        self.show()
        self._fill()

    def show_steps(self, steps: Sequence[CheckStep]) -> None:
        """Show these steps; more are to come."""
        if len(steps) != len(self.steps):
            self.steps = list(steps)
            self._fill()

    def finish(self) -> None:
        """No more steps come."""
        self._busy = False
        self._fill()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self._fill()

    def _make_rows(self) -> None:
        content = QWidget(self)
        content.setObjectName("scrolled")
        self._grid = QGridLayout(content)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self.setWidget(content)

    def _fill(self) -> None:
        # a new content each time: rows come a few times a second at most, and a grid keeps rows it once had
        self._make_rows()
        for row, step in enumerate(self.steps):
            mark, text = QLabel(MARKS[step.outcome]), QLabel(tr_message(step.text))
            mark.setObjectName("stepMark")
            mark.setProperty("outcome", step.outcome)
            text.setWordWrap(True)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
            self._grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, row, 1)
        if self._busy:
            waiting = QLabel(tr("正在检查…"))
            waiting.setObjectName("muted")
            self._grid.addWidget(waiting, len(self.steps), 1)
        self._grid.setRowStretch(len(self.steps) + 1, 1)
        bar = self.verticalScrollBar()
        if bar is not None:
            bar.rangeChanged.connect(lambda _low, high: bar.setValue(high))
