"""凭证列表: vouchers by month, filtered, opened, reviewed and posted together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt5.QtCore import QModelIndex, Qt
from PyQt5.QtGui import QFont
from PyQt5.QtWidgets import QAbstractItemView, QLabel, QMenu, QPushButton, QWidget

from app.client.api import ApiClient
from app.contract.ledger import Currency, VoucherHead, VoucherQuery
from app.contract.voucher_work import CashFlowLine, VoucherChoices
from app.kernel.period import format_period, parse_period, period_of
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.months import FirstMonth
from app.ui.ledger.number_dialog import NumberDialog
from app.ui.ledger.print_dialog import PrintDialog
from app.ui.ledger.voucher_batches import VoucherBatches
from app.ui.ledger.voucher_filter import VoucherFilter
from app.ui.ledger.voucher_settings_dialog import VoucherSettingsDialog
from app.ui.ledger.words import state_name, voucher_name
from app.ui.navigation import NewVoucher, OpenVoucher, OpenVoucherList, ShowPage, Target
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Query, Topic
from app.ui.widgets.amounts import negative_colour
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel
from app.ui.widgets.shortcuts import add_shortcuts

NOTE = 6
"""The column of notes; it also says who else is changing a row."""


class VoucherListPage(Page):
    """The vouchers of some months."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        month = max(period_of(context.today()), parse_period(context.book.start))
        self._asked = False
        self.filter = VoucherFilter(month, month, self)
        self.first_month = FirstMonth(self, self.filter.periods, self.ask)
        self.model = VoucherListModel(self)
        self.model.mark_editors(self.tasks.others, "voucher", NOTE)
        self.table = PagedTable(self.model, self)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.add = QPushButton(self)
        self.add.setProperty("primary", True)
        self.batches = VoucherBatches(
            self,
            lambda: [head.id for head in self.table.selected_rows()],
            self._months,
            self.show_info,
            self.message_bar.show_warning,
            self.show_error,
        )
        self.report = self.batches.report
        self.more = QPushButton(self)
        self._more_menu = QMenu(self)
        self.print = QPushButton(icon("print"), "", self)
        self.count = QLabel(self)
        self.count.setObjectName("muted")
        self.empty = EmptyState("vouchers", self, action=self._new)
        self._more_actions = {
            "numbers": self._more_menu.addAction(""),
            "templates": self._more_menu.addAction(""),
            "settings": self._more_menu.addAction(""),
        }
        self.more.setMenu(self._more_menu)
        self.more.setProperty("opensMenu", True)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        bar = FlowLayout()
        bar.addWidget(self.add)
        for button in self.batches.buttons.values():
            bar.addWidget(button)
        bar.addWidget(self.print)
        bar.addWidget(self.more)
        bar.add_gap()
        bar.addWidget(self.count)
        self.body.addLayout(bar)
        self.body.addWidget(self.filter)
        self.body.addWidget(self.report)
        self.body.addWidget(self.batches.strip)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.empty, 1)
        self.empty.hide()
        may = self.context.may
        self.add.setVisible(may("ledger:voucher:add"))
        for verb, button in self.batches.buttons.items():
            button.setVisible(may(f"ledger:voucher:{verb}"))
        for name, right in (
            ("numbers", "ledger:voucher:renumber"),
            ("templates", "ledger:template:view"),
            ("settings", "ledger:settings:edit"),
        ):
            action = self._more_actions[name]
            if action is not None:
                action.setVisible(may(right))
        self.print.setVisible(may("reports:voucher:print"))

    def _connect(self) -> None:
        self.add.clicked.connect(lambda _checked: self._new())
        self.print.clicked.connect(lambda _checked: self._print())
        self.filter.changed.connect(self.ask)
        self.table.opened.connect(lambda head: self.context.open_target(OpenVoucher(head.id)))
        self.report.opened.connect(lambda voucher_id: self.context.open_target(OpenVoucher(voucher_id)))
        self.model.failed.connect(self.show_error)
        self.model.modelReset.connect(self._show_count)
        self.model.rowsInserted.connect(lambda *_range: self._show_count())
        for name, step in (
            ("numbers", self._order_numbers),
            ("templates", lambda: self.context.open_target(ShowPage("templates"))),
            ("settings", lambda: VoucherSettingsDialog(self).open()),
        ):
            action = self._more_actions[name]
            if action is not None:
                action.triggered.connect(lambda _checked, step=step: step())
        add_shortcuts(
            self,
            ("F5", self.ask),
            ("Ctrl+F", self.filter.words.setFocus),
            ("Ctrl+N", self._new),
            ("Ctrl+P", self._print),
            ("F9", lambda: self.batches.selected("review")),
            ("Ctrl+F9", lambda: self.batches.selected("post")),
        )

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("凭证列表")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the list."""
        return self.table

    def activate(self) -> None:
        """Ask once; later `refresh` tells of changes."""
        if not self._asked:
            self._asked = True
            self._ask_accounts()
            self.first_month.begin()

    def refresh(self, change: Change) -> None:
        """Ask again when vouchers changed."""
        if change.touches(Topic.ACCOUNTS, Topic.BOOK):
            self._ask_accounts()
        if change.touches(Topic.VOUCHERS, Topic.BOOK):
            if self.first_month.settled:
                self.model.reload()
            else:
                self.first_month.begin()

    def open(self, target: Target) -> None:
        """Show the list a target describes."""
        if not isinstance(target, OpenVoucherList):
            return
        self.first_month.settle()
        periods = self.filter.periods
        periods.blockSignals(True)
        first = parse_period(target.from_period) if target.from_period else parse_period(self.context.book.start)
        periods.set_periods(first, parse_period(target.to_period) if target.to_period else max(first, periods.last))
        periods.blockSignals(False)
        self.filter.set_account(target.account_code)
        self.filter.words.setText(target.q)
        self.ask(aux=target.aux)

    def retranslate(self) -> None:
        """Set every text."""
        self.add.setText(tr("新增凭证"))
        self.more.setText(tr("更多"))
        texts = {"numbers": tr("断号整理…"), "templates": tr("凭证模板"), "settings": tr("凭证设置…")}
        for name, more in self._more_actions.items():
            if more is not None:
                more.setText(texts[name])
        self.print.setText(tr("打印…"))
        self.filter.retranslate()
        self.batches.retranslate()
        self.empty.set_texts(tr("没有符合条件的凭证。"), tr("新增凭证"))
        self.table.setAccessibleName(self.title())
        self._show_count()

    # --- the list ----------------------------------------------------------------------------------------------------

    def _ask_accounts(self) -> None:
        Query(lambda api: AccountIndex(api.list_accounts().accounts)).slot("accounts").on_done(
            self.filter.set_accounts
        ).run(self)
        Query(read_choices).slot("choices").on_done(lambda found: self.filter.set_choices(*found)).run(self)

    def ask(self, *, aux: str = "") -> None:
        """Ask for the list from its beginning."""
        query = self.filter.query()
        if query is None:
            self.message_bar.show_warning(tr("金额看不懂，请写成 1234.50 的样子。"))
            return
        if self.message_bar.text == tr("金额看不懂，请写成 1234.50 的样子。"):
            self.message_bar.clear()
        self._asked = True
        self.model.load(fetch_vouchers(query.model_copy(update={"aux": aux})))

    def _show_count(self) -> None:
        rows = len(self.model.rows())
        more = "" if self.model.is_complete else "+"
        self.count.setText(tr("{count} 张", count=f"{rows:,}{more}") if rows else "")
        nothing = not rows and self._asked and not self.model.is_fetching
        self.empty.setVisible(nothing)
        self.table.setVisible(not nothing)

    def _new(self) -> None:
        self.context.open_target(NewVoucher())

    def _print(self) -> None:
        PrintDialog(self, self.filter.periods.last, [head.id for head in self.table.selected_rows()]).open()

    # --- numbers and settings ----------------------------------------------------------------------------------------

    def _order_numbers(self) -> None:
        dialog = NumberDialog(self, *self._months())
        dialog.open()

    def _months(self) -> tuple[str, str]:
        return format_period(self.filter.periods.first), format_period(self.filter.periods.last)


def read_choices(api: ApiClient) -> tuple[VoucherChoices, list[Currency], list[CashFlowLine]]:
    """Ask for what vouchers can be searched by."""
    return api.voucher_choices(), api.list_currencies().currencies, api.list_cash_flow_lines().lines


def fetch_vouchers(query: VoucherQuery) -> Callable[[ApiClient, str, int], FetchedPage[VoucherHead]]:
    """Return what fetches pages of a list."""

    def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[VoucherHead]:
        page = api.list_vouchers(query.model_copy(update={"cursor": cursor, "limit": limit}))
        return FetchedPage(page.vouchers, page.next)

    return fetch


def mark_text(head: VoucherHead) -> str:
    """Say what is special about a voucher: incomplete, red, corrected, reversed."""
    marks = []
    if head.has_faults and head.state == "draft":
        marks.append(tr("不完整"))
    if head.reversal_of is not None:
        marks.append(tr("红字"))
    if head.correction_of is not None:
        marks.append(tr("更正"))
    if head.reversed_by is not None:
        marks.append(tr("已被冲销"))
    return " ".join(marks)


class VoucherListModel(PagedTableModel[VoucherHead]):
    """Heads of vouchers; void ones are struck through, incomplete drafts marked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            (
                Column(lambda: tr("日期"), lambda head: head.date, Kind.CENTRE, 10),
                Column(lambda: tr("凭证字号"), voucher_name, Kind.CENTRE, 8),
                Column(lambda: tr("摘要"), lambda head: head.summary, stretch=True),
                Column(lambda: tr("金额"), lambda head: head.debit_total, Kind.AMOUNT, 13),
                Column(lambda: tr("附件"), lambda head: str(head.attachment_count or ""), Kind.NUMBER, 4),
                Column(lambda: tr("状态"), lambda head: state_name(head.state), Kind.CENTRE, 7),
                Column(lambda: tr("备注"), mark_text, width_chars=10),
                Column(lambda: tr("制单人"), lambda head: head.maker, width_chars=9),
                Column(lambda: tr("审核人"), lambda head: head.reviewer or "", width_chars=9),
                Column(lambda: tr("出纳"), lambda head: head.cashier or "", width_chars=9),
            ),
            parent,
        )

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Strike void vouchers through; write that one is incomplete in the colour of faults."""
        if index.isValid() and role == Qt.ItemDataRole.FontRole and self.row(index.row()).state == "void":
            font = QFont()
            font.setStrikeOut(True)
            return font
        shown = super().data(index, role)
        is_note = index.isValid() and index.column() == NOTE
        if is_note and shown is None and role == Qt.ItemDataRole.ForegroundRole and self.row(index.row()).has_faults:
            return negative_colour()
        return shown
