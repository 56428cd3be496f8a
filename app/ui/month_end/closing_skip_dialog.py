"""跳过: a step is left out on purpose, with the reason."""

from __future__ import annotations

from PyQt5.QtWidgets import QLineEdit, QWidget

from app.contract.closing import ClosingStep, StepSkip
from app.ui.language import tr
from app.ui.month_end.closing_words import state_name
from app.ui.tasks import Topic
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_to


class SkipDialog(FormDialog):
    """Asks for the reason and leaves the step out."""

    subject = "_step"
    is_act = True

    def __init__(self, parent: QWidget, period: str, step: ClosingStep) -> None:
        super().__init__(parent)
        self._period, self._step = period, step
        self.reason = QLineEdit(self)
        limit_to(self.reason, StepSkip, "reason")
        self._label = self.add_field("reason", self.reason)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("跳过“{step}”", step=self._step.title))
        self._label.setText(tr("原因"))
        self.reason.setPlaceholderText(tr("例如：本月没有销售"))
        self.ok_button.setText(tr("跳过"))

    def subject_name(self) -> str:
        """Return what people call the step."""
        return tr("“{step}”", step=self._step.title)

    def subject_texts(self, stored: ClosingStep) -> dict[str, str]:
        """Return how far the step is in a version of it."""
        return {tr("状态"): state_name(stored.state), tr("说明"): stored.note}

    def submit(self) -> None:
        """Leave the step out."""
        period, step, reason = self._period, self._step, self.reason.text().strip()
        self.send(lambda api: api.skip_step(period, step.key, reason, step.version), Topic.PERIODS)
