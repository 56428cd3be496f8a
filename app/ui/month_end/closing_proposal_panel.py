"""One step of the month's end: its parameters, how it comes to its amounts, the vouchers it proposes and has."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from PyQt5.QtCore import QEvent, Qt, pyqtSignal
from PyQt5.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.contract.closing import ClosingStep, StepProposal, StepVoucher
from app.contract.ledger import Currency, VoucherInput
from app.kernel.text import Message
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.month_end.closing_computation import ComputationTable
from app.ui.month_end.closing_inputs import InputTable
from app.ui.month_end.closing_voucher import ProposedVoucher
from app.ui.month_end.closing_words import SIGNS, state_name, voucher_state
from app.ui.widgets.amounts import amount_text

LEAST_CHARS = 66
"""Where there is less room than so many characters take, the panel scrolls sideways."""


class ProposalPanel(QWidget):
    """Shows what the server computed; what is to be done with it is the page's business."""

    parameters_changed = pyqtSignal(dict)
    """Parameters to compute anew with."""
    save_wanted = pyqtSignal(bool)
    """Save the vouchers; True posts them at once."""
    settle_wanted = pyqtSignal()
    skip_wanted = pyqtSignal()
    reset_wanted = pyqtSignal()
    voucher_wanted = pyqtSignal(int)
    row_wanted = pyqtSignal(object)
    """The `ComputationRow` whose ledger is wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step: ClosingStep | None = None
        self._proposal: StepProposal | None = None
        self._may_change = True
        self.vouchers: list[ProposedVoucher] = []
        self.heading = QLabel(self)
        self.heading.setObjectName("sectionTitle")
        self.note = QLabel(self)
        self.note.setObjectName("muted")
        self.existing = QLabel(self)
        self.existing.setTextFormat(Qt.TextFormat.RichText)
        self.existing.linkActivated.connect(lambda link: self.voucher_wanted.emit(int(link)))
        self.warnings = QLabel(self)
        self.warnings.setTextFormat(Qt.TextFormat.PlainText)
        self.inputs = InputTable(self)
        self.computation = ComputationTable(self)
        self.nothing = QLabel(self)
        for label in (self.note, self.existing, self.warnings, self.nothing):
            label.setWordWrap(True)
        self.post_button = QPushButton(self)
        self.post_button.setProperty("primary", True)
        self.draft_button = QPushButton(self)
        self.settle_button = QPushButton(self)
        self.skip_button = QPushButton(self)
        self.reset_button = QPushButton(self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._buttons = FlowLayout()
        for button in (self.post_button, self.draft_button, self.settle_button, self.skip_button, self.reset_button):
            self._buttons.addWidget(button)
        self._proposed = QVBoxLayout()
        self._proposed.setSpacing(self.fontMetrics().height())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.fontMetrics().height() * 5 // 8)
        for widget in (self.heading, self.note, self.existing):
            layout.addWidget(widget)
        layout.addLayout(self._buttons)
        for widget in (self.inputs, self.computation, self.warnings, self.nothing):
            layout.addWidget(widget)
        layout.addLayout(self._proposed)
        layout.addStretch(1)
        self._fit()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * LEAST_CHARS)

    def _connect(self) -> None:
        self.inputs.input_model.changed.connect(self._parameters_changed)
        self.computation.opened.connect(self.row_wanted)
        self.post_button.clicked.connect(lambda _checked: self.save_wanted.emit(True))
        self.draft_button.clicked.connect(lambda _checked: self.save_wanted.emit(False))
        self.settle_button.clicked.connect(lambda _checked: self.settle_wanted.emit())
        self.skip_button.clicked.connect(lambda _checked: self.skip_wanted.emit())
        self.reset_button.clicked.connect(lambda _checked: self.reset_wanted.emit())

    def first_focus(self) -> QWidget:
        """Return where the keyboard goes when one enters the step."""
        for widget in (self.inputs, self.computation, self.post_button):
            if not widget.isHidden() and widget.isEnabled():
                return widget
        return self

    # --- showing -----------------------------------------------------------------------------------------------------

    def show_step(self, step: ClosingStep, *, may_change: bool) -> None:
        """Show a step before its computation is there."""
        if self._step is None or step.key != self._step.key:
            self._clear()
        self._step, self._may_change = step, may_change
        self._show_head()

    def show_proposal(
        self, proposal: StepProposal, typed: dict[str, str], accounts: AccountIndex, currencies: list[Currency]
    ) -> None:
        """Show what was computed; `typed` are the parameters changed here."""
        self._drop_vouchers()
        self._proposal = proposal
        self.inputs.input_model.editable = self._may_change
        self.inputs.show_inputs(proposal.inputs, typed)
        self.computation.show_rows(proposal.rows)
        self.warnings.setText("\n".join(f"! {warning}" for warning in proposal.warnings))
        self.warnings.setVisible(bool(proposal.warnings))
        for number, voucher in enumerate(proposal.vouchers, 1):
            shown = ProposedVoucher(number, voucher, accounts, currencies, self)
            self.vouchers.append(shown)
            self._proposed.addWidget(shown)
        self._show_head()

    @property
    def step(self) -> ClosingStep | None:
        """The step that is shown."""
        return self._step

    def drop(self) -> None:
        """Forget what was proposed and edited."""
        self._clear()
        self._step = None

    def _clear(self) -> None:
        self._drop_vouchers()
        self._proposal = None
        for widget in (self.inputs, self.computation, self.warnings, self.nothing):
            widget.hide()

    def _drop_vouchers(self) -> None:
        for voucher in self.vouchers:
            self._proposed.removeWidget(voucher)
            voucher.hide()
            voucher.deleteLater()
        self.vouchers = []

    def _show_head(self) -> None:
        step, proposal = self._step, self._proposal
        if step is None:
            return
        self.heading.setText(f"{SIGNS[step.state]}  {step.title}　{state_name(step.state)}")
        notes = [step.note, proposal.note if proposal is not None and proposal.note != step.note else ""]
        self.note.setText("\n".join(note for note in notes if note))
        self.note.setVisible(bool(self.note.text()))
        self.existing.setText(_voucher_links(step.vouchers))
        self.existing.setVisible(bool(step.vouchers))
        proposed = proposal is not None and bool(proposal.vouchers)
        self.nothing.setText(tr("没有要生成的凭证。"))
        self.nothing.setVisible(proposal is not None and not proposed and not self.note.text())
        may = self._may_change
        self.post_button.setVisible(may and proposed)
        self.draft_button.setVisible(may and proposed)
        self.settle_button.setVisible(may and proposed and bool(step.vouchers))
        self.skip_button.setVisible(may and step.optional and step.state in ("due", "blocked"))
        self.reset_button.setVisible(may and (step.state == "skipped" or step.changed_by is not None))
        self._name_reset()

    def _name_reset(self) -> None:
        skipped = self._step is not None and self._step.state == "skipped"
        self.reset_button.setText(tr("不再跳过") if skipped else tr("恢复为自动计算"))

    def retranslate(self) -> None:
        """Set every text."""
        self.post_button.setText(tr("保存并记账"))
        self.post_button.setToolTip("F8")
        self.draft_button.setText(tr("存为草稿"))
        self.draft_button.setToolTip("Ctrl+S")
        self.settle_button.setText(tr("按现有凭证完成"))
        self.settle_button.setToolTip(tr("差额不再生成凭证；账上再有变化时会重新提示"))
        self.skip_button.setText(tr("跳过…"))
        self.inputs.setAccessibleName(tr("计算参数"))
        self.computation.setAccessibleName(tr("计算过程"))
        for voucher in self.vouchers:
            voucher.retranslate()
        self._show_head()

    # --- what was typed ----------------------------------------------------------------------------------------------

    @property
    def is_edited(self) -> bool:
        """Whether a proposed voucher was changed."""
        return any(voucher.is_edited for voucher in self.vouchers)

    def wanted(self) -> list[VoucherInput]:
        """Return the vouchers to save. Raises `MalformedInput` for a cell that cannot be read."""
        return [voucher.wanted() for voucher in self.vouchers]

    def mark_refused(self, fields: Mapping[str, Message]) -> None:
        """Mark the cells the server refused (`vouchers.0.entries.1.aux`; of a single voucher `entries.1.aux`)."""
        for place, voucher in enumerate(self.vouchers):
            prefix = f"vouchers.{place}."
            own = {path.removeprefix(prefix): text for path, text in fields.items() if path.startswith(prefix)}
            if len(self.vouchers) == 1:
                own.update({path: text for path, text in fields.items() if path.startswith("entries.")})
            voucher.mark_refused(own)

    def _parameters_changed(self) -> None:
        if not self.inputs.input_model.wrong:
            self.parameters_changed.emit(self.inputs.input_model.typed())


def _voucher_links(vouchers: Sequence[StepVoucher]) -> str:
    """Return the vouchers a step has, each a link."""
    lines = []
    for voucher in vouchers:
        name = f"{voucher.word}-{voucher.number if voucher.number is not None else '?'}"
        text = f"{voucher_state(voucher.state)}　{amount_text(voucher.amount)}　{voucher.summary}"
        red = f"（{tr('红字冲销')}）" if voucher.is_reversal else ""
        lines.append(f'<a href="{voucher.id}">{html.escape(name)}</a>　{html.escape(text + red)}')
    return f"{html.escape(tr('已有凭证：'))}<br/>" + "<br/>".join(lines)
