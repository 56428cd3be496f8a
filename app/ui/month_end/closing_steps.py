"""The check list of a month: its steps in their order, each with a sign for how far it is."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QEvent, Qt, pyqtSignal
from PyQt5.QtGui import QFontMetrics, QGuiApplication
from PyQt5.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from app.contract.closing import ClosingStep
from app.ui.language import tr
from app.ui.ledger.shades import green_ink, quiet_ink, red_ink
from app.ui.month_end.closing_words import state_name, step_line


class StepList(QListWidget):
    """One line a step; the keyboard walks it, Enter goes into the step."""

    chosen = pyqtSignal(object)
    """The `ClosingStep` with the cursor, when the cursor moved."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: list[ClosingStep] = []
        self._filling = False
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentRowChanged.connect(self._moved)
        self._fit()

    def show_steps(self, steps: Sequence[ClosingStep]) -> None:
        """Show the steps anew; the cursor stays on its step."""
        current = self.current()
        self._filling = True
        self._steps = list(steps)
        self._fit()
        self.clear()
        for step in self._steps:
            item = QListWidgetItem(step_line(step))
            item.setToolTip("\n".join(part for part in (f"{step.title}：{state_name(step.state)}", step.note) if part))
            palette = QGuiApplication.palette()
            inks = {"done": green_ink(palette), "blocked": red_ink(palette), "nothing": quiet_ink(palette)}
            ink = inks.get(step.state, quiet_ink(palette) if step.state == "skipped" else None)
            if ink is not None:
                item.setForeground(ink)
            if step.state == "due":
                font = self.font()
                font.setBold(True)
                item.setFont(font)
            self.addItem(item)
        keys = [step.key for step in self._steps]
        if current is not None and current.key in keys:
            self.setCurrentRow(keys.index(current.key))
        self._filling = False

    def current(self) -> ClosingStep | None:
        """Return the step with the cursor."""
        row = self.currentRow()
        return self._steps[row] if 0 <= row < len(self._steps) else None

    def steps(self) -> Sequence[ClosingStep]:
        """Return all steps."""
        return self._steps

    def go_to(self, key: str) -> None:
        """Move the cursor to a step."""
        for row, step in enumerate(self._steps):
            if step.key == key:
                self.setCurrentRow(row)

    def go_to_next(self) -> None:
        """Move the cursor to the first step that wants something done, behind the cursor first."""
        row = self.currentRow()
        order = [*range(row + 1, len(self._steps)), *range(max(row + 1, 0))]
        wanting = [place for place in order if self._steps[place].state in ("due", "blocked")]
        if wanting:
            self.setCurrentRow(wanting[0])

    def retranslate(self) -> None:
        """Set every text; titles come from the server."""
        self.setAccessibleName(tr("结账步骤"))

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.show_steps(self._steps)  # the inks are those of the theme

    def _fit(self) -> None:
        """Take the width of the longest title, in bold, within limits."""
        font = self.font()
        font.setBold(True)
        bold = QFontMetrics(font)
        em = bold.horizontalAdvance("某")
        widest = max((bold.horizontalAdvance(step_line(step)) for step in self._steps), default=0)
        self.setFixedWidth(min(max(widest + 2 * em, 11 * em), 22 * em))

    def _moved(self, row: int) -> None:
        if not self._filling and 0 <= row < len(self._steps):
            self.chosen.emit(self._steps[row])
