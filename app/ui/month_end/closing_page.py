"""期末结账: a month's end as a check list that can be left and gone on with: checks, step by step, the close."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QStackedWidget, QWidget

from app.client.api import ApiClient
from app.contract.closing import (
    ClosedPeriod,
    ClosingPlan,
    ClosingStep,
    ComputationRow,
    PreCheck,
    StepKey,
    StepProposal,
    StepRun,
)
from app.contract.ledger import Account, Currency, PeriodList
from app.kernel.errors import Conflict, ZhangfangError
from app.kernel.ids import new_request_id
from app.kernel.period import next_period, parse_period, period_of
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.month_end.closing_checks_panel import ChecksPanel
from app.ui.month_end.closing_close_panel import ClosePanel
from app.ui.month_end.closing_parameters import ParametersDialog
from app.ui.month_end.closing_proposal_panel import ProposalPanel
from app.ui.month_end.closing_skip_dialog import SkipDialog
from app.ui.month_end.closing_steps import StepList
from app.ui.month_end.closing_words import target_of
from app.ui.navigation import OpenClosing, OpenEntries, OpenVoucher, ShowPage, Target
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Command, LongCommand, Query, Topic
from app.ui.widgets.period_picker import PeriodPicker
from app.ui.widgets.progress_strip import ProgressStrip
from app.ui.widgets.question import ask
from app.ui.widgets.shortcuts import add_shortcuts

CHANGED = (Topic.VOUCHERS, Topic.BALANCES, Topic.PERIODS)
CHECKS, PROPOSAL, CLOSE, NOTHING = range(4)


class ClosingPage(Page):
    """The steps at the left, the one with the cursor at the right."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._asked = False
        self._month_chosen = False
        self._plan: ClosingPlan | None = None
        self._proposal: StepProposal | None = None
        self._typed: dict[str, str] = {}
        self._sent: StepRun | None = None
        self._accounts = AccountIndex()
        self._currencies: list[Currency] = []
        start = parse_period(context.book.start)
        self.month = PeriodPicker(max(period_of(context.today()), start), self)
        self.month.set_range(start)
        self.month_label = QLabel(self)
        self.month_label.setBuddy(self.month)
        self.again = QPushButton(self)
        self.parameters_button = QPushButton(self)
        self.progress = QLabel(self)
        self.progress.setObjectName("muted")
        self.strip = ProgressStrip(self)
        self.steps = StepList(self)
        self.checks = ChecksPanel(self)
        self.panel = ProposalPanel(self)
        self.close_panel = ClosePanel(self)
        self.stack = QStackedWidget(self)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        bar = FlowLayout()
        for widget in (self.month_label, self.month, self.again, self.parameters_button):
            bar.addWidget(widget)
        bar.add_gap()
        bar.addWidget(self.progress)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        self.panel.setObjectName("scrolled")
        scroll.setWidget(self.panel)
        for widget in (self.checks, scroll, self.close_panel, QWidget(self)):
            self.stack.addWidget(widget)
        self.stack.setCurrentIndex(NOTHING)
        both = QHBoxLayout()
        both.setSpacing(self.fontMetrics().height())
        both.addWidget(self.steps)
        both.addWidget(self.stack, 1)
        self.body.addLayout(bar)
        self.body.addWidget(self.strip)
        self.body.addLayout(both, 1)

    def _connect(self) -> None:
        self.month.changed.connect(lambda _month: self._leave(self._ask_plan_anew))
        self.again.clicked.connect(lambda _checked: self.ask())
        self.parameters_button.clicked.connect(lambda _checked: self.open_parameters())
        self.steps.chosen.connect(self._step_chosen)
        self.steps.itemActivated.connect(lambda _item: self._enter_step())
        self.checks.wanted.connect(self._open_check)
        self.panel.parameters_changed.connect(self._compute_with)
        self.panel.save_wanted.connect(lambda post: self.save(post=post))
        self.panel.settle_wanted.connect(self._settle)
        self.panel.skip_wanted.connect(self._skip)
        self.panel.reset_wanted.connect(self._reset)
        self.panel.voucher_wanted.connect(lambda voucher_id: self.context.open_target(OpenVoucher(voucher_id)))
        self.panel.row_wanted.connect(self._open_row)
        self.close_panel.close_wanted.connect(self._ask_to_close)
        self.close_panel.step_wanted.connect(self.steps.go_to)
        self.close_panel.periods_wanted.connect(lambda: self.context.open_target(ShowPage("periods")))
        add_shortcuts(
            self,
            ("F8", self._do_main),
            ("Ctrl+S", lambda: self.save(post=False)),
            ("F5", self.ask),
            ("Alt+Down", lambda: self.steps.setCurrentRow(min(self.steps.currentRow() + 1, self.steps.count() - 1))),
            ("Alt+Up", lambda: self.steps.setCurrentRow(max(self.steps.currentRow() - 1, 0))),
        )

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("期末结账")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the check list."""
        return self.steps

    def activate(self) -> None:
        """Begin with the month that is due; later `refresh` tells of changes."""
        if not self._asked:
            self._asked = True
            Query(lambda api: api.list_periods()).slot("months").on_done(self._begin).on_error(
                lambda _error: self.ask()
            ).run(self)

    def open(self, target: Target) -> None:
        """Show a month."""
        if isinstance(target, OpenClosing) and target.period:
            if self._plan is not None and self._plan.period == target.period:
                return
            self._month_chosen = True
            self._leave(lambda: self._open_month(parse_period(target.period)))

    def _open_month(self, period: int) -> None:
        self._show_month(period)
        self._ask_plan_anew()

    def refresh(self, change: Change) -> None:
        """Look again: any voucher may have changed what a step needs. What is edited stays until it is saved."""
        topics = (Topic.VOUCHERS, Topic.BALANCES, Topic.PERIODS, Topic.ACCOUNTS, Topic.AUXILIARIES, Topic.BOOK)
        if change.origin is not self and self._asked and change.touches(*topics):
            self._ask_plan(keep_edited=True)

    def has_unsaved(self) -> bool:
        """Tell whether a proposed voucher was edited and not saved."""
        return self.panel.is_edited

    def retranslate(self) -> None:
        """Set every text; the server's sentences are asked for again, in the other language."""
        self.month_label.setText(tr("月份"))
        self.again.setText(tr("重新检查"))
        self.again.setToolTip("F5")
        self.parameters_button.setText(tr("结账参数…"))
        self.steps.retranslate()
        self.checks.retranslate()
        self.panel.retranslate()
        self.close_panel.retranslate()
        self._show_progress()
        if self._plan is not None:
            self._ask_plan(keep_edited=True)

    # --- the plan ----------------------------------------------------------------------------------------------------

    def _begin(self, listed: PeriodList) -> None:
        if self._month_chosen:
            return  # somebody asked for another month meanwhile
        due = next((month.period for month in listed.periods if month.state == "open"), "")
        if due:
            self._show_month(parse_period(due))
        self.ask()

    def _show_month(self, period: int) -> None:
        self.month.blockSignals(True)
        self.month.set_period(period)
        self.month.blockSignals(False)

    def _leave(self, then: Callable[[], None]) -> None:
        """Go on unless something edited would be lost; then ask first."""
        if not self.has_unsaved():
            then()
            return
        box = ask(self, self.title(), tr("改动的凭证还没有保存，放弃改动？"), tr("放弃改动"), then)
        box.rejected.connect(self._back_to_plan_month)

    def _back_to_plan_month(self) -> None:
        if self._plan is not None:
            self._show_month(parse_period(self._plan.period))

    def _ask_plan_anew(self) -> None:
        self._plan, self._proposal = None, None
        self.panel.drop()
        self.ask()

    def ask(self) -> None:
        """Ask how far the month is, and compute the step with the cursor."""
        self._asked = True
        self._ask_plan(keep_edited=False)

    def _ask_plan(self, *, keep_edited: bool, next_step: bool = False) -> None:
        period = self.month.text
        first = self._plan is None or self._plan.period != period

        def work(api: ApiClient) -> tuple[ClosingPlan, list[Account], list[Currency]]:
            return api.closing_plan(period), api.list_accounts().accounts, api.list_currencies().currencies

        def done(facts: tuple[ClosingPlan, list[Account], list[Currency]]) -> None:
            self._plan = facts[0]
            self._accounts, self._currencies = AccountIndex(facts[1]), facts[2]
            self._show_plan(first=first, next_step=next_step, keep_edited=keep_edited)

        Query(work).slot("plan").on_done(done).run(self)

    def _show_plan(self, *, first: bool, next_step: bool, keep_edited: bool) -> None:
        plan = self._plan
        if plan is None:
            return
        before = self.steps.current()
        self.steps.show_steps(plan.steps)
        self._show_progress()
        if first or self.steps.current() is None:
            self.steps.setCurrentRow(-1)
            self.steps.go_to_next()
            if self.steps.currentRow() < 0:
                self.steps.go_to("close")
        elif next_step:
            self.steps.go_to_next()
        now = self.steps.current()
        if now is not None and before is not None and now.key == before.key and not first:
            self._show_step(keep_edited=keep_edited)

    def _show_progress(self) -> None:
        plan = self._plan
        if plan is None:
            self.progress.setText("")
            return
        open_steps = sum(step.state in ("due", "blocked") for step in plan.steps)
        self.progress.setText(
            tr("{period} 已结账", period=plan.period)
            if plan.state == "closed"
            else tr("{period} 还有 {count} 步", period=plan.period, count=open_steps)
        )

    def may_run(self) -> bool:
        """Tell whether steps of the month may be carried out here."""
        return self._plan is not None and self._plan.state == "open" and self.context.may("ledger:closing:run")

    # --- one step ----------------------------------------------------------------------------------------------------

    def _step_chosen(self, step: ClosingStep) -> None:
        """Show the step with the cursor, unless what was edited in another one would be lost: then ask first."""
        edited = self.panel.step if self.has_unsaved() else None
        if edited is None or step.key in (edited.key, "checks", "close"):
            self._show_step(keep_edited=True)
            return

        def drop() -> None:
            self.panel.drop()
            self.steps.go_to(step.key)

        self.steps.go_to(edited.key)
        self._leave(drop)

    def _show_step(self, *, keep_edited: bool = False) -> None:
        step, plan = self.steps.current(), self._plan
        if step is None or plan is None:
            return
        if step.key == "checks":
            self.checks.show_checks(plan.checks)
            self.stack.setCurrentIndex(CHECKS)
        elif step.key == "close":
            self.close_panel.show_plan(plan, may_close=self.context.may("ledger:period:close"))
            self.stack.setCurrentIndex(CLOSE)
        else:
            same = self._proposal is not None and self._proposal.step == step.key
            if not same:
                self._typed = {}
            self.panel.show_step(step, may_change=self.may_run())
            self.stack.setCurrentIndex(PROPOSAL)
            if not (keep_edited and same and self.panel.is_edited):
                self._compute(step.key)

    def _enter_step(self) -> None:
        shown = self.stack.currentIndex()
        target = {CHECKS: self.checks, CLOSE: self.close_panel.close_button}.get(shown, self.panel.first_focus())
        target.setFocus()

    def _compute(self, step: StepKey) -> None:
        period, typed = self.month.text, dict(self._typed)

        def done(proposal: StepProposal) -> None:
            self._proposal = proposal
            self.panel.show_proposal(proposal, typed, self._accounts, self._currencies)

        Query(lambda api: api.propose_step(period, step, typed)).slot("proposal").on_done(done).run(self)

    def _compute_with(self, typed: dict[str, str]) -> None:
        step = self.steps.current()
        if step is None:
            return
        self._typed = typed
        if self.panel.is_edited:
            self.message_bar.show_warning(tr("参数变了，凭证已重新计算，原来的改动不再保留。"))
        self._compute(step.key)

    def _open_check(self, check: PreCheck) -> None:
        target = target_of(check, self.month.text)
        if target is not None:
            self.context.open_target(target)

    def _open_row(self, row: ComputationRow) -> None:
        if row.account_code:
            month = self.month.text
            self.context.open_target(OpenEntries(row.account_code, month, month, aux=row.aux, include_unposted=True))

    # --- carrying out ------------------------------------------------------------------------------------------------

    def _do_main(self) -> None:
        if self.stack.currentIndex() == CLOSE:
            self._ask_to_close()
        else:
            self.save(post=True)

    def save(self, *, post: bool) -> None:
        """Save the proposed vouchers as they are now, as drafts or posted at once."""
        if self.stack.currentIndex() != PROPOSAL or not self.may_run() or not self.panel.vouchers:
            return
        if self.panel.inputs.input_model.wrong:
            self.message_bar.show_warning(self.panel.inputs.input_model.wrong)
            return
        try:
            vouchers = self.panel.wanted()
        except ZhangfangError as error:
            self.show_error(error)
            return
        fingerprint = self._proposal.fingerprint if self._proposal is not None else ""
        self._run(StepRun(vouchers=vouchers, parameters=self._typed, post=post, fingerprint=fingerprint))

    def _settle(self) -> None:
        self._run(StepRun(vouchers=[], parameters=self._typed))

    def _run(self, wanted: StepRun) -> None:
        step = self.steps.current()
        if step is None or self.strip.is_working:
            return
        # The same run sent again carries the same request id, so that a lost answer makes no second voucher.
        if self._sent is None or self._sent.model_copy(update={"request_id": None}) != wanted:
            self._sent = wanted.model_copy(update={"request_id": new_request_id()})
        sent, period, key = self._sent, self.month.text, step.key

        def done(after: ClosingStep) -> None:
            self._sent = None
            self._proposal, self._typed = None, {}
            self.steps.setFocus()  # the buttons of the step go away
            self.message_bar.clear()
            self.show_info(tr("“{step}”已保存。", step=after.title))
            self._ask_plan(keep_edited=False, next_step=after.state not in ("due", "blocked"))

        LongCommand(lambda api, _progress: api.run_step(period, key, sent), *CHANGED).shown_by(
            self.strip, tr("正在保存“{step}”…", step=step.title)
        ).on_done(done).on_error(self._refused).run(self)

    def _refused(self, error: ZhangfangError) -> None:
        """Say why; what was edited stays. A proposal that became stale can be computed anew at once."""
        self.show_error(error, self.ask if isinstance(error, Conflict) else None)
        self.panel.mark_refused(error.fields)

    def _skip(self) -> None:
        step = self.steps.current()
        if step is not None and self.may_run():
            dialog = SkipDialog(self, self.month.text, step)
            dialog.accepted.connect(lambda: self._ask_plan(keep_edited=False, next_step=True))
            dialog.open()

    def _reset(self) -> None:
        step = self.steps.current()
        if step is None or not self.may_run():
            return
        period, key, version = self.month.text, step.key, step.version

        def done(_step: ClosingStep) -> None:
            self._typed = {}
            self._ask_plan(keep_edited=False)

        Command(lambda api: api.reset_step(period, key, version), *CHANGED).on_done(done).run(self)

    def _ask_to_close(self) -> None:
        plan = self._plan
        if plan is None or plan.state == "closed" or not self.close_panel.close_button.isEnabled():
            return
        due = [step.title for step in plan.steps if step.state == "due" and step.key != "close"]
        question = tr("结 {period} 的账？结账后这个月不再接受凭证。", period=plan.period)
        if due:
            question += "\n\n" + tr("这些步骤还没有处理：{steps}。", steps="、".join(due))
        ask(self, tr("结账"), question, tr("结账"), self._close)

    def _close(self) -> None:
        period = self.month.text

        def done(closed: ClosedPeriod) -> None:
            self.message_bar.clear()
            self.show_info("\n".join([tr("{period} 已结账。", period=closed.period), *closed.notes]))
            self._plan = None
            self._show_month(next_period(parse_period(closed.period)))
            self._ask_plan(keep_edited=False)
            self.steps.setFocus()

        LongCommand(lambda api, _progress: api.close_period(period), *CHANGED).shown_by(
            self.strip, tr("正在结账…")
        ).on_done(done).on_error(self.show_error).run(self)

    def open_parameters(self) -> None:
        """Show the rates and choices closes are computed with."""
        Query(lambda api: api.closing_parameters()).slot("parameters").on_done(
            lambda known: self._show_parameters(ParametersDialog(self, known, self.context))
        ).run(self)

    def _show_parameters(self, dialog: ParametersDialog) -> None:
        dialog.accepted.connect(lambda: self._ask_plan(keep_edited=False))
        dialog.open()
