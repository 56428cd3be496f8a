"""会计期间: the months of the book, closed in order and reopened with a trace."""

from __future__ import annotations

import datetime

from PyQt5.QtWidgets import QLabel, QPushButton, QWidget

from app.client.api import ApiClient
from app.contract.ledger import PeriodState
from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.navigation import OpenClosing, OpenTrialBalance, OpenVoucherList
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Command, Topic
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel
from app.ui.widgets.question import ask

CHANGED = (Topic.PERIODS, Topic.VOUCHERS)


class PeriodsPage(Page):
    """Months, with how many vouchers they hold and how many are not posted yet."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._asked = False
        self.model: PagedTableModel[PeriodState] = PagedTableModel(
            (
                Column(lambda: tr("月份"), lambda month: month.period, Kind.CENTRE, 10),
                Column(lambda: tr("状态"), state_text, Kind.CENTRE, 8),
                Column(lambda: tr("凭证张数"), lambda month: f"{month.vouchers:,}", Kind.NUMBER, 10),
                Column(
                    lambda: tr("未记账"), lambda month: f"{month.unposted:,}" if month.unposted else "", Kind.NUMBER, 10
                ),
                Column(lambda: tr("结账人"), lambda month: month.changed_by or "", width_chars=14),
                Column(lambda: tr("时间"), changed_text, stretch=True),
            ),
            self,
        )
        self.table = PagedTable(self.model, self)
        self.close_button = QPushButton(self)
        self.reopen_button = QPushButton(self)
        self.wizard_button = QPushButton(self)
        self.wizard_button.setProperty("primary", True)
        self.wizard_button.setVisible(context.may("ledger:closing:view"))
        self.unposted_button = QPushButton(self)
        self.unposted_button.setProperty("flat", True)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        bar = FlowLayout()
        for button in (self.wizard_button, self.close_button, self.reopen_button, self.unposted_button):
            bar.addWidget(button)
        self.body.addLayout(bar)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.hint)
        self.close_button.setVisible(context.may("ledger:period:close"))
        self.reopen_button.setVisible(context.may("ledger:period:reopen"))
        self._connect()
        self.retranslate()

    def _connect(self) -> None:
        self.close_button.clicked.connect(lambda _checked: self._close())
        self.reopen_button.clicked.connect(lambda _checked: self._reopen())
        self.wizard_button.clicked.connect(lambda _checked: self._open_closing())
        self.unposted_button.clicked.connect(lambda _checked: self._open_vouchers())
        self.table.opened.connect(lambda month: self.context.open_target(OpenTrialBalance(month.period, month.period)))
        self.model.failed.connect(self.show_error)
        self.model.loaded.connect(self._start_at_due_month)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_indexes: self._show_steps())

    def title(self) -> str:
        """Return the page's name."""
        return tr("会计期间")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the list."""
        return self.table

    def activate(self) -> None:
        """Ask once; later `refresh` tells of changes."""
        if not self._asked:
            self._asked = True
            self.model.load(_fetch)

    def refresh(self, change: Change) -> None:
        """Ask again when months or vouchers changed."""
        if change.touches(Topic.PERIODS, Topic.VOUCHERS, Topic.BOOK):
            self.model.reload()

    def retranslate(self) -> None:
        """Set every text."""
        self.wizard_button.setText(tr("期末结账…"))
        self.close_button.setText(tr("结账"))
        self.reopen_button.setText(tr("反结账"))
        self.unposted_button.setText(tr("查看本月凭证"))
        self.hint.setText(
            tr(
                "结账按月份顺序进行：凭证全部记账、损益全部结转后才能结账；结账后的月份不再接受凭证。双击月份查看余额表。"
            )
        )
        self.table.setAccessibleName(self.title())
        self._show_steps()

    def current(self) -> PeriodState | None:
        """Return the month with the cursor."""
        row = self.table.current_row()
        return row if isinstance(row, PeriodState) else None

    def _start_at_due_month(self) -> None:
        if not self.table.currentIndex().isValid():
            states = [month.state for month in self.model.rows()]
            row = states.index("open") if "open" in states else len(states) - 1
            self.table.setCurrentIndex(self.model.index(max(row, 0), 0))
        self._show_steps()

    def _show_steps(self) -> None:
        month = self.current()
        self.wizard_button.setEnabled(month is not None)
        self.close_button.setEnabled(month is not None and month.state == "open")
        self.reopen_button.setEnabled(month is not None and month.state == "closed")
        self.unposted_button.setEnabled(month is not None and month.vouchers > 0)

    def _close(self) -> None:
        month = self.current()
        if month is not None:
            ask(
                self,
                tr("结账"),
                tr("结 {period} 的账？结账后这个月不再接受凭证。", period=month.period),
                tr("结账"),
                lambda: self._run(month.period, closing=True),
            )

    def _reopen(self) -> None:
        month = self.current()
        if month is not None:
            ask(
                self,
                tr("反结账"),
                tr(
                    "重新打开 {period}？之后可以再填凭证；已记账的凭证不会改变，这一步会留下记录。",
                    period=month.period,
                ),
                tr("反结账"),
                lambda: self._run(month.period, closing=False),
            )

    def _run(self, period: str, *, closing: bool) -> None:
        def work(api: ApiClient) -> PeriodState:
            return api.close_period(period) if closing else api.reopen_period(period)

        def done(month: PeriodState) -> None:
            self.message_bar.clear()
            self.show_info(
                tr("{period} 已结账。", period=month.period)
                if closing
                else tr("{period} 已重新打开。", period=month.period)
            )

        def refused(error: ZhangfangError) -> None:
            self.show_error(error)

        Command(work, *CHANGED).on_done(done).on_error(refused).run(self)

    def _open_closing(self) -> None:
        month = self.current()
        if month is not None:
            self.context.open_target(OpenClosing(month.period))

    def _open_vouchers(self) -> None:
        month = self.current()
        if month is not None:
            self.context.open_target(OpenVoucherList(month.period, month.period))


def _fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[PeriodState]:
    del cursor, limit
    return FetchedPage(api.list_periods().periods, None)


def state_text(month: PeriodState) -> str:
    """Return whether a month is open."""
    return tr("已结账") if month.state == "closed" else tr("未结账")


def changed_text(month: PeriodState) -> str:
    """Return when a month was closed or reopened, in this computer's time."""
    if month.changed_at is None:
        return ""
    moment = datetime.datetime.fromtimestamp(month.changed_at / 1000, datetime.UTC).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M")
