"""明细账: an account's entries in a span of months, with a running balance; each leads to its voucher."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QModelIndex, Qt
from PyQt5.QtGui import QFont
from PyQt5.QtWidgets import QCheckBox, QLabel, QPushButton, QVBoxLayout, QWidget

from app.client.api import ApiClient
from app.contract.reports import PagedReportQuery, ReportQuery, SubsidiaryLedgerRow
from app.kernel.period import format_period, parse_period, period_of
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.months import FirstMonth
from app.ui.ledger.report_export import ExportButton
from app.ui.ledger.words import is_english
from app.ui.navigation import OpenEntries, OpenVoucher, Target
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Query, Topic
from app.ui.widgets.lookup_edit import Choice, LookupEdit
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel
from app.ui.widgets.period_picker import PeriodRangePicker

MOST_CHOICES = 100
AUXILIARY_COLUMN = 3


class EntriesPage(Page):
    """One account's subsidiary ledger."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        month = max(period_of(context.today()), parse_period(context.book.start))
        self._index = AccountIndex()
        self._code = ""
        self._aux = ""
        self.account = LookupEdit(self, local=self._find_accounts)
        self.periods = PeriodRangePicker(month, month, self)
        self.first_month = FirstMonth(self, self.periods, self.ask)
        self.unposted = QCheckBox(self)
        self.aux = QPushButton(self)
        self.aux.setProperty("flat", True)
        self.aux.hide()
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.export = ExportButton("subsidiary-ledger", self.query, self)
        self.model = EntriesModel(self)
        self.table = PagedTable(self.model, self)
        self._label = QLabel(self)
        self._lay_out()
        self.account.chosen.connect(self._account_chosen)
        self.periods.changed.connect(lambda *_months: self.ask())
        self.unposted.toggled.connect(lambda _on: self.ask())
        self.aux.clicked.connect(self._drop_auxiliary)
        self.table.opened.connect(self._open_row)
        self.model.failed.connect(self.show_error)
        self.model.modelReset.connect(self._show_auxiliaries)
        self.model.rowsInserted.connect(lambda *_range: self._show_auxiliaries())
        self.retranslate()

    def _lay_out(self) -> None:
        self._label.setBuddy(self.account)
        self.account.setMinimumWidth(self.fontMetrics().averageCharWidth() * 34)
        bar = FlowLayout()
        for widget in (self._label, self.account, self.periods, self.unposted, self.aux):
            bar.addWidget(widget)
        bar.add_gap()
        bar.addWidget(self.export)
        column = QVBoxLayout()
        column.addWidget(self.hint)
        column.addWidget(self.table, 1)
        self.body.addLayout(bar)
        self.body.addWidget(self.export.strip)
        self.body.addLayout(column, 1)

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("明细账")

    def first_focus(self) -> QWidget | None:
        """Without an account one is asked for."""
        return self.table if self._code else self.account

    def activate(self) -> None:
        """Ask for the chart once."""
        if not len(self._index):
            self._ask_accounts()
            self.first_month.begin()

    def refresh(self, change: Change) -> None:
        """Ask again when entries changed."""
        if change.touches(Topic.ACCOUNTS, Topic.BOOK):
            self._ask_accounts()
        if change.touches(Topic.BALANCES, Topic.VOUCHERS, Topic.BOOK):
            self.model.reload()

    def open(self, target: Target) -> None:
        """Show what a figure is made of."""
        if not isinstance(target, OpenEntries):
            return
        self.first_month.settle()
        for widget in (self.periods, self.unposted):
            widget.blockSignals(True)
        first = parse_period(target.from_period) if target.from_period else self.periods.first
        self.periods.set_periods(first, parse_period(target.to_period) if target.to_period else first)
        self.unposted.setChecked(target.include_unposted)
        for widget in (self.periods, self.unposted):
            widget.blockSignals(False)
        self._code, self._aux = target.account_code, target.aux
        self._show_account()
        self.ask()
        self.table.setFocus()

    def retranslate(self) -> None:
        """Set every text."""
        self._label.setText(tr("科目"))
        self.account.setPlaceholderText(tr("编码、名称或拼音首字母"))
        self.unposted.setText(tr("含未记账"))
        self.aux.setToolTip(tr("点击取消这个辅助核算条件"))
        self.table.setAccessibleName(self.title())
        self.export.retranslate()
        self._show_account()

    # --- account and entries -----------------------------------------------------------------------------------------

    def _ask_accounts(self) -> None:
        def known(index: AccountIndex) -> None:
            self._index = index
            self._show_account()

        Query(lambda api: AccountIndex(api.list_accounts().accounts)).slot("accounts").on_done(known).run(self)

    def _find_accounts(self, text: str) -> list[Choice]:
        english = is_english()
        return [
            Choice(
                account.code, f"{account.code} {self._index.full_name(account.code, english=english)}", account.pinyin
            )
            for account in self._index.search(text, limit=MOST_CHOICES, active=False, english=english)
        ]

    def _account_chosen(self, code: str | None) -> None:
        self._code, self._aux = code or "", ""
        self._show_account()
        self.ask()

    def _drop_auxiliary(self) -> None:
        self._aux = ""
        self._show_account()
        self.ask()

    def _show_account(self) -> None:
        name = self._index.full_name(self._code, english=is_english())
        shown = f"{self._code} {name}".strip()
        self.account.set_choice(Choice(self._code, shown) if self._code else None)
        self.aux.setVisible(bool(self._aux))
        self.aux.setText(f"{self._aux}  ✕")
        self.hint.setText(tr("请选择一个科目。"))
        self.hint.setVisible(not self._code)
        self.export.setEnabled(bool(self._code))

    def _show_auxiliaries(self) -> None:
        self.table.setColumnHidden(AUXILIARY_COLUMN, not any(row.aux for row in self.model.rows()))

    def query(self) -> ReportQuery:
        """Return what is asked for."""
        return ReportQuery(
            from_period=format_period(self.periods.first),
            to_period=format_period(self.periods.last),
            include_unposted=self.unposted.isChecked(),
            account_code=self._code,
            aux=self._aux,
        )

    def ask(self) -> None:
        """Ask for the entries from the first page."""
        if not self._code:
            self.model.clear()
            return
        wanted = self.query().model_dump()

        def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[SubsidiaryLedgerRow]:
            page = api.subsidiary_ledger(PagedReportQuery(**wanted, cursor=cursor, limit=limit))
            return FetchedPage(page.rows, page.next)

        self.model.load(fetch)

    def _open_row(self, row: SubsidiaryLedgerRow) -> None:
        if row.voucher_id is not None:
            self.context.open_target(OpenVoucher(row.voucher_id))


class EntriesModel(PagedTableModel[SubsidiaryLedgerRow]):
    """Rows of a subsidiary ledger; brought-forward and total rows stand out."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            (
                Column(lambda: tr("日期"), lambda row: row.date, Kind.CENTRE, 10),
                Column(lambda: tr("凭证字号"), lambda row: row.voucher, Kind.CENTRE, 7),
                Column(lambda: tr("摘要"), summary_text, stretch=True),
                Column(lambda: tr("辅助核算"), lambda row: row.aux or "", width_chars=14),
                Column(lambda: tr("对方科目"), lambda row: row.contra_accounts, width_chars=11),
                Column(lambda: tr("借方"), lambda row: row.debit, Kind.AMOUNT, 12),
                Column(lambda: tr("贷方"), lambda row: row.credit, Kind.AMOUNT, 12),
                Column(lambda: tr("方向"), direction_text, Kind.CENTRE, 4),
                Column(lambda: tr("余额"), lambda row: row.balance, Kind.AMOUNT, 13),
            ),
            parent,
        )

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Write total rows bold."""
        if role == Qt.ItemDataRole.FontRole and index.isValid() and self.row(index.row()).kind != "entry":
            font = QFont()
            font.setBold(True)
            return font
        return super().data(index, role)


def summary_text(row: SubsidiaryLedgerRow) -> str:
    """Return the summary; those of the ledger itself are in the window's language."""
    if row.kind == "month":
        return tr("本月合计")
    if row.kind == "year":
        return tr("本年累计")
    if row.kind == "opening":
        return tr("上年结转") if row.summary == "上年结转" else tr("期初余额")
    return row.summary


def direction_text(row: SubsidiaryLedgerRow) -> str:
    """Return 借, 贷 or 平 in the window's language."""
    return {"借": tr("借"), "贷": tr("贷")}.get(row.direction, tr("平"))
