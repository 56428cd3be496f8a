"""结账: the last step, which locks the month; and what there is to see once it is locked."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.contract.closing import ClosingPlan, ClosingStep
from app.ui.language import tr
from app.ui.month_end.closing_words import SIGNS, state_name


class ClosePanel(QWidget):
    """Says how far each step is, and closes."""

    close_wanted = pyqtSignal()
    step_wanted = pyqtSignal(str)
    periods_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan: ClosingPlan | None = None
        self._may_close = True
        self.heading = QLabel(self)
        self.heading.setObjectName("sectionTitle")
        self.heading.setWordWrap(True)
        self.steps = QLabel(self)
        self.steps.setTextFormat(Qt.TextFormat.RichText)
        self.steps.setWordWrap(True)
        self.steps.linkActivated.connect(self.step_wanted)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        self.close_button = QPushButton(self)
        self.close_button.setProperty("primary", True)
        self.close_button.clicked.connect(lambda _checked: self.close_wanted.emit())
        self.periods_button = QPushButton(self)
        self.periods_button.clicked.connect(lambda _checked: self.periods_wanted.emit())
        buttons = QHBoxLayout()
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.periods_button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.heading, self.steps, self.hint):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        layout.addStretch(1)

    def show_plan(self, plan: ClosingPlan, *, may_close: bool) -> None:
        """Show how far the month is."""
        self._plan, self._may_close = plan, may_close
        closed = plan.state == "closed"
        step = next(one for one in plan.steps if one.key == "close")
        if closed:
            self.heading.setText(tr("✓ {period} 已结账。", period=plan.period))
        elif step.note:
            self.heading.setText(f"{SIGNS[step.state]}  {step.note}")
        else:
            self.heading.setText(tr("{period} 可以结账了。", period=plan.period))
        self.steps.setText(_table([one for one in plan.steps if one.key != "close"]))
        self.hint.setText(
            tr("要再记凭证，请到会计期间反结账；已记账的凭证不会改变。")
            if closed
            else tr("结账后这个月不再接受凭证。没有处理的步骤可以先跳过，并写明原因。")
        )
        self.close_button.setVisible(may_close and not closed)
        self.close_button.setEnabled(step.state == "due")
        self.periods_button.setVisible(closed)

    def retranslate(self) -> None:
        """Set every text."""
        self.close_button.setText(tr("结账"))
        self.close_button.setToolTip("F8")
        self.periods_button.setText(tr("会计期间"))
        if self._plan is not None:
            self.show_plan(self._plan, may_close=self._may_close)


def _table(steps: Sequence[ClosingStep]) -> str:
    """Return the steps as a small table, each a link."""
    rows = []
    for step in steps:
        sign, link = SIGNS[step.state], f"<a href='{step.key}'>{html.escape(step.title)}</a>"
        state = html.escape(state_name(step.state))
        rows.append(f"<tr><td>{sign}&nbsp;&nbsp;</td><td>{link}&nbsp;&nbsp;&nbsp;</td><td>{state}</td></tr>")
    return f"<table cellpadding='3'>{''.join(rows)}</table>"
