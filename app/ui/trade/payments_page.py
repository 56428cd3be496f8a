"""收款单 and 付款单: the list of one kind, and the desk at which one of them is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt5.QtCore import QModelIndex, Qt
from PyQt5.QtGui import QFont
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.client.api import ApiClient
from app.contract.ledger import Account
from app.contract.orders import PaymentHead, PaymentKind, PaymentQuery
from app.contract.together import EditedObject
from app.kernel.errors import PermissionDenied
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.navigation import OpenCollection, OpenPayment, OpenVoucher, Target, document_target
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Query, Topic
from app.ui.trade.partner import Partner
from app.ui.trade.payment_desk import PaymentDesk, read_accounts
from app.ui.trade.payment_filter import PaymentFilter
from app.ui.trade.payment_versions import edited_payment
from app.ui.trade.printing import print_papers
from app.ui.trade.settlement_dialog import SettlementDialog
from app.ui.trade.settlement_view import show_settlement
from app.ui.trade.trade_facts import TradeFacts, read_facts
from app.ui.trade.words import contact_word, state_name
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel
from app.ui.widgets.shortcuts import add_shortcuts

NOTE = 8
"""The column of notes; it also says who else is changing a row."""


class PaymentsPage(Page):
    """The payments of one kind."""

    kind: PaymentKind = "collection"

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._asked = False
        self._ready = False
        self._waiting: Target | None = None
        self._facts = TradeFacts()
        self.stack = QStackedWidget(self)
        self.front = QWidget(self)
        self.filter = PaymentFilter(self.kind, context.today(), self.front)
        self.model = PaymentListModel(self.kind, self)
        self.model.mark_editors(self.tasks.others, "payment", NOTE)
        self.table = PagedTable(self.model, self.front)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.add = QPushButton(self.front)
        self.add.setProperty("primary", True)
        self.offset = QPushButton(self.front)
        self.print = QPushButton(icon("print"), "", self.front)
        self.count = QLabel(self.front)
        self.count.setObjectName("muted")
        self.empty = EmptyState("collections" if self.kind == "collection" else "payments", self, action=self._new)
        self.desk = PaymentDesk(self.kind, context, self.message_bar, self)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        bar = FlowLayout()
        for widget in (self.add, self.offset, self.print):
            bar.addWidget(widget)
        bar.add_gap()
        bar.addWidget(self.count)
        column = QVBoxLayout(self.front)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(bar)
        column.addWidget(self.filter)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        self.empty.hide()
        self.stack.addWidget(self.front)
        self.stack.addWidget(self.desk)
        self.body.addWidget(self.stack, 1)
        may = self.context.may
        self.add.setVisible(may("orders:payment:add"))
        self.offset.setVisible(may("orders:settlement:add"))
        self.print.setVisible(may("reports:document:print"))

    def _connect(self) -> None:
        self.add.clicked.connect(lambda _checked: self._new())
        self.offset.clicked.connect(lambda _checked: self._offset())
        self.print.clicked.connect(lambda _checked: self._print())
        self.filter.changed.connect(self.ask)
        self.table.opened.connect(lambda head: self.show_payment(head.id))
        self.model.failed.connect(self.show_error)
        self.model.modelReset.connect(self._show_count)
        self.model.rowsInserted.connect(lambda *_range: self._show_count())
        selection = self.table.selectionModel()
        if selection is not None:
            selection.selectionChanged.connect(lambda *_ranges: self._show_steps())
        self.desk.left.connect(self._show_list)
        self.desk.link_wanted.connect(self._open_link)
        add_shortcuts(
            self.front,
            ("F5", self.ask),
            ("Ctrl+F", self.filter.words.setFocus),
            ("Ctrl+N", self._new),
            ("Ctrl+P", self._print),
        )

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("收款单据") if self.kind == "collection" else tr("付款单据")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the list, or where typing begins."""
        return self.table if self.stack.currentWidget() is self.front else self.desk.first_focus()

    def activate(self) -> None:
        """Ask once; later `refresh` tells of changes."""
        if not self._asked:
            self.ask()
            self._ask_facts()

    def refresh(self, change: Change) -> None:
        """Ask again when payments or documents changed."""
        if change.touches(Topic.BOOK, Topic.PERIODS, Topic.ACCOUNTS):
            self._ask_facts()
        if self._asked and change.touches(Topic.PAYMENTS, Topic.DOCUMENTS, Topic.BOOK):
            self.model.reload()
        if change.origin is not self.desk and change.touches(Topic.PAYMENTS):
            self.desk.look_again(change)

    def editing(self) -> list[EditedObject]:
        """Return the draft that is being changed."""
        return edited_payment(self.desk, self.desk)

    def open(self, target: Target) -> None:
        """Show a payment, or begin one."""
        if not isinstance(target, OpenCollection | OpenPayment):
            return
        if not self._ready:
            self._waiting = target
            return
        self.message_bar.clear()  # it spoke of the payment shown before
        if target.payment_id is not None:
            self.show_payment(target.payment_id)
        else:
            self.stack.setCurrentWidget(self.desk)
            self.desk.begin(target.contact_id, target.document_ids)

    def has_unsaved(self) -> bool:
        """Tell whether something typed would be lost."""
        return self.desk.has_unsaved()

    def retranslate(self) -> None:
        """Set every text."""
        self.filter.retranslate()
        self.desk.retranslate()
        self.add.setText(tr("新增收款单") if self.kind == "collection" else tr("新增付款单"))
        self.offset.setText(tr("核销…"))
        self.offset.setToolTip(tr("用选中往来单位的预收预付、红字发票或对方发票核销发票"))
        self.print.setText(tr("打印…"))
        self.empty.set_texts(tr("没有符合条件的单据。"), self.add.text())
        self.table.setAccessibleName(self.title())
        self._show_count()

    # --- the list ----------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask for the list from its beginning."""
        self._asked = True
        self.model.load(fetch_payments(self.filter.query()))

    def _ask_facts(self) -> None:
        def work(api: ApiClient) -> tuple[TradeFacts, list[Account]]:
            try:
                accounts = read_accounts(api)
            except PermissionDenied:
                accounts = []
            return read_facts(api), accounts

        def known(found: tuple[TradeFacts, list[Account]]) -> None:
            self._facts = found[0]
            self.desk.set_facts(*found)
            self._ready = True
            target, self._waiting = self._waiting, None
            if target is not None:
                self.open(target)

        Query(work).slot("facts").on_done(known).run(self)

    def _show_count(self) -> None:
        rows = len(self.model.rows())
        more = "" if self.model.is_complete else "+"
        self.count.setText(tr("{count} 张单据", count=f"{rows:,}{more}") if rows else "")
        nothing = not rows and self._asked and not self.model.is_fetching
        self.empty.setVisible(nothing)
        self.table.setVisible(not nothing)
        self._show_steps()

    def selected(self) -> list[PaymentHead]:
        """Return the payments chosen, or the one with the cursor."""
        rows: list[PaymentHead] = self.table.selected_rows()
        current = self.table.current_row()
        return rows or ([current] if current is not None else [])

    def _show_steps(self) -> None:
        chosen = self.selected()
        self.print.setEnabled(bool(chosen))
        self.offset.setEnabled(len({head.contact_id for head in chosen}) == 1)

    def show_payment(self, payment_id: int) -> None:
        """Show a payment at the desk."""
        self.stack.setCurrentWidget(self.desk)
        self.desk.show_stored(payment_id)

    def _show_list(self) -> None:
        self.stack.setCurrentWidget(self.front)
        self.table.setFocus()

    def _new(self) -> None:
        self.stack.setCurrentWidget(self.desk)
        self.desk.begin(None)

    def _offset(self) -> None:
        chosen = self.selected()
        if chosen:
            partner = Partner(chosen[0].contact_id, chosen[0].contact)
            side = "sales" if self.kind == "collection" else "purchase"
            day = self.desk.empty_sheet().date
            SettlementDialog(self, partner, side, day, self._facts.digits).open()

    def _print(self) -> None:
        chosen = self.selected()
        if chosen:
            may_edit = self.context.may("reports:document-print:edit")
            print_papers(self, "payment", [head.id for head in chosen], may_edit=may_edit)

    def _open_link(self, kind: str, number: int) -> None:
        if kind == "settlement":
            show_settlement(self, number, self.context.may, self._open_link)
            return
        target = OpenVoucher(number) if kind == "voucher" else document_target(kind, number)
        if target is not None:
            self.context.open_target(target)


class CollectionsPage(PaymentsPage):
    """Money that came in."""


class PaymentsOutPage(PaymentsPage):
    """Money that went out."""

    kind: PaymentKind = "payment"


def fetch_payments(query: PaymentQuery) -> Callable[[ApiClient, str, int], FetchedPage[PaymentHead]]:
    """Return what fetches pages of a list."""

    def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[PaymentHead]:
        page = api.list_payments(query.model_copy(update={"cursor": cursor, "limit": limit}))
        return FetchedPage(page.payments, page.next)

    return fetch


class PaymentListModel(PagedTableModel[PaymentHead]):
    """Heads of payments; cancelled ones are struck through."""

    def __init__(self, kind: PaymentKind, parent: QWidget) -> None:
        side = "sales" if kind == "collection" else "purchase"
        super().__init__(
            (
                Column(lambda: tr("单号"), lambda head: head.number or tr("草稿"), width_chars=14),
                Column(lambda: tr("日期"), lambda head: head.date, Kind.CENTRE, 10),
                Column(lambda: contact_word(side), lambda head: head.contact, stretch=True),
                Column(lambda: tr("账户"), lambda head: head.account_name, width_chars=12),
                Column(lambda: tr("金额"), lambda head: head.amount, Kind.AMOUNT, 12),
                Column(lambda: tr("现金折扣"), lambda head: head.discount, Kind.AMOUNT, 10),
                Column(lambda: tr("未核销"), lambda head: head.unallocated, Kind.AMOUNT, 12),
                Column(lambda: tr("状态"), lambda head: state_name(head.state), Kind.CENTRE, 7),
                Column(lambda: tr("备注"), lambda head: head.note, width_chars=9),
                Column(lambda: tr("制单人"), lambda head: head.maker, width_chars=8),
            ),
            parent,
        )

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Strike cancelled payments through."""
        if index.isValid() and role == Qt.ItemDataRole.FontRole and self.row(index.row()).state == "cancelled":
            font = QFont()
            font.setStrikeOut(True)
            return font
        return super().data(index, role)
