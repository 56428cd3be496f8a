"""销售单据 and 采购单据: the documents of one side, filtered, opened, carried on and printed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PyQt5.QtCore import QModelIndex, Qt
from PyQt5.QtGui import QFont
from PyQt5.QtWidgets import QAbstractItemView, QLabel, QMenu, QPushButton, QToolButton, QWidget

from app.client.api import ApiClient
from app.contract.orders import DocumentHead, DocumentQuery
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.navigation import (
    DocumentListTarget,
    NewPurchase,
    NewSale,
    OpenCollection,
    OpenPayment,
    Target,
    document_target,
)
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Query, Topic
from app.ui.trade.contact_field import read_partner
from app.ui.trade.document_filter import DocumentFilter
from app.ui.trade.printing import print_papers
from app.ui.trade.words import FOLLOWERS, OWED, contact_word, kind_name, state_name, within
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel
from app.ui.widgets.shortcuts import add_shortcuts

FIRST_KIND = {"sales": "sales_order", "purchase": "purchase_order"}

NOTE = 8
"""The column of notes; it also says who else is changing a row."""


class DocumentListPage(Page):
    """The documents of one side."""

    side = "sales"

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._asked = False
        self.filter = DocumentFilter(self.side, context.today(), self)
        self.model = DocumentListModel(self.side, self)
        self.model.mark_editors(self.tasks.others, "document", NOTE)
        self.table = PagedTable(self.model, self)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.add = QPushButton(self)
        self.add.setProperty("primary", True)
        self.add_other = self._menu_button()
        self.follow = self._menu_button()
        self.copy = QPushButton(self)
        self.settle = QPushButton(self)
        self.print = QPushButton(icon("print"), "", self)
        self.count = QLabel(self)
        self.count.setObjectName("muted")
        self.empty = EmptyState("sales" if self.side == "sales" else "purchases", self, action=self._new)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _menu_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(QMenu(button))
        return button

    def _lay_out(self) -> None:
        bar = FlowLayout()
        for widget in (self.add, self.add_other, self.follow, self.copy, self.settle, self.print):
            bar.addWidget(widget)
        bar.add_gap()
        bar.addWidget(self.count)
        self.body.addLayout(bar)
        self.body.addWidget(self.filter)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.empty, 1)
        self.empty.hide()
        may_add = self.context.may(f"orders:{self.side}:add")
        for button in (self.add, self.add_other, self.copy, self.follow):
            button.setVisible(may_add)
        self.print.setVisible(self.context.may("reports:document:print"))

    def _connect(self) -> None:
        self.add.clicked.connect(lambda _checked: self._new())
        self.copy.clicked.connect(lambda _checked: self._copy())
        self.settle.clicked.connect(lambda _checked: self._settle())
        self.print.clicked.connect(lambda _checked: self._print())
        self.filter.changed.connect(self.ask)
        self.table.opened.connect(self._open)
        self.model.failed.connect(self.show_error)
        self.model.modelReset.connect(self._show_count)
        self.model.rowsInserted.connect(lambda *_range: self._show_count())
        selection = self.table.selectionModel()
        if selection is not None:
            selection.selectionChanged.connect(lambda *_ranges: self._show_steps())
        add_shortcuts(
            self,
            ("F5", self.ask),
            ("Ctrl+F", self.filter.words.setFocus),
            ("Ctrl+N", self._new),
            ("Ctrl+P", self._print),
            ("Ctrl+PgDown", lambda: self.filter.step_kind(1)),
            ("Ctrl+PgUp", lambda: self.filter.step_kind(-1)),
        )

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("销售单据") if self.side == "sales" else tr("采购单据")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the list."""
        return self.table

    def activate(self) -> None:
        """Ask once; later `refresh` tells of changes."""
        if not self._asked:
            self.ask()

    def refresh(self, change: Change) -> None:
        """Ask again when documents or what settles them changed."""
        if self._asked and change.touches(Topic.DOCUMENTS, Topic.PAYMENTS, Topic.BOOK):
            self.model.reload()

    def open(self, target: Target) -> None:
        """Show the list a target describes."""
        if not isinstance(target, DocumentListTarget):
            return
        if target.contact_id is None:
            self.filter.show_target(target, None)
            return
        contact_id = target.contact_id
        Query(lambda api: read_partner(api, contact_id)).slot("contact").on_done(
            lambda partner: self.filter.show_target(target, partner)
        ).run(self)

    def retranslate(self) -> None:
        """Set every text."""
        self.filter.retranslate()
        self.copy.setText(tr("复制"))
        self.settle.setText(tr("收款…") if self.side == "sales" else tr("付款…"))
        self.print.setText(tr("打印…"))
        self.add_other.setText(tr("新增其他") + " ▾")
        self.follow.setText(tr("下推") + " ▾")
        self.follow.setToolTip(tr("由选中的单据生成后续单据；可选多张同类单据合并生成一张"))
        menu = self.add_other.menu()
        if menu is not None:
            menu.clear()
            for kind in self.filter.kinds[1:]:
                self._add_action(menu, kind_name(kind), partial(self._new, kind))
        self.empty.set_texts(tr("没有符合条件的单据。"), tr("新增"))
        self.table.setAccessibleName(self.title())
        self._show_count()
        self._show_steps()

    @staticmethod
    def _add_action(menu: QMenu, text: str, act: Callable[[], None]) -> None:
        action = menu.addAction(text)
        if action is not None:
            action.triggered.connect(lambda _checked: act())

    # --- the list ----------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask for the list from its beginning."""
        self._asked = True
        self.model.load(fetch_documents(self.filter.query()))
        self._show_steps()

    def _show_count(self) -> None:
        rows = len(self.model.rows())
        more = "" if self.model.is_complete else "+"
        self.count.setText(tr("{count} 张单据", count=f"{rows:,}{more}") if rows else "")
        nothing = not rows and self._asked and not self.model.is_fetching
        self.empty.setVisible(nothing)
        self.table.setVisible(not nothing)
        self._show_steps()

    def selected(self) -> list[DocumentHead]:
        """Return the documents chosen, or the one with the cursor."""
        rows: list[DocumentHead] = self.table.selected_rows()
        current = self.table.current_row()
        return rows or ([current] if current is not None else [])

    def _show_steps(self) -> None:
        chosen = self.selected()
        self.add.setText(tr("新增{kind}", kind=within(kind_name(self._new_kind()))))
        self.copy.setEnabled(len(chosen) == 1)
        self.print.setEnabled(bool(chosen))
        holds = [head for head in chosen if head.state in {"open", "done"} and head.counter_of is None]
        kinds = {head.kind for head in chosen}
        followers = FOLLOWERS.get(next(iter(kinds)), ()) if len(kinds) == 1 and len(holds) == len(chosen) else ()
        self.follow.setEnabled(bool(followers))
        menu = self.follow.menu()
        if menu is not None:
            menu.clear()
            ids = tuple(head.id for head in chosen)
            for kind in followers:
                self._add_action(menu, kind_name(kind), partial(self._follow, kind, ids))
        contacts = {head.contact_id for head in chosen}
        wanted = bool(chosen) and kinds <= OWED and len(holds) == len(chosen) and len(contacts) == 1
        self.settle.setVisible(self.context.may("orders:payment:add"))
        self.settle.setEnabled(wanted)

    def _open(self, head: DocumentHead) -> None:
        target = document_target(head.kind, head.id)
        if target is not None:
            self.context.open_target(target)

    def _new_kind(self) -> str:
        return self.filter.kind or FIRST_KIND[self.side]

    def _new(self, kind: str = "") -> None:
        wanted = kind or self._new_kind()
        self.context.open_target(NewSale(wanted) if self.side == "sales" else NewPurchase(wanted))

    def _follow(self, kind: str, ids: tuple[int, ...]) -> None:
        self.context.open_target(NewSale(kind, ids) if self.side == "sales" else NewPurchase(kind, ids))

    def _copy(self) -> None:
        for head in self.selected()[:1]:
            copied = head.id
            self.context.open_target(
                NewSale(head.kind, copy_of=copied) if self.side == "sales" else NewPurchase(head.kind, copy_of=copied)
            )

    def _settle(self) -> None:
        chosen = self.selected()
        if chosen:
            ids = tuple(head.id for head in chosen)
            kind = OpenCollection if self.side == "sales" else OpenPayment
            self.context.open_target(kind(contact_id=chosen[0].contact_id, document_ids=ids))

    def _print(self) -> None:
        chosen = self.selected()
        if chosen:
            may_edit = self.context.may("reports:document-print:edit")
            print_papers(self, "document", [head.id for head in chosen], may_edit=may_edit)


class SalesPage(DocumentListPage):
    """The documents of sales."""

    side = "sales"


class PurchasesPage(DocumentListPage):
    """The documents of purchases."""

    side = "purchase"


def fetch_documents(query: DocumentQuery) -> Callable[[ApiClient, str, int], FetchedPage[DocumentHead]]:
    """Return what fetches pages of a list."""

    def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[DocumentHead]:
        page = api.list_documents(query.model_copy(update={"cursor": cursor, "limit": limit}))
        return FetchedPage(page.documents, page.next)

    return fetch


class DocumentListModel(PagedTableModel[DocumentHead]):
    """Heads of documents; cancelled ones are struck through."""

    def __init__(self, side: str, parent: QWidget) -> None:
        super().__init__(
            (
                Column(lambda: tr("单号"), lambda head: head.number or tr("草稿"), width_chars=14),
                Column(lambda: tr("日期"), lambda head: head.date, Kind.CENTRE, 10),
                Column(lambda: tr("种类"), lambda head: kind_name(head.kind), width_chars=10),
                Column(lambda: contact_word(side), lambda head: head.contact or head.person, stretch=True),
                Column(lambda: tr("对方单号"), lambda head: head.reference, width_chars=11),
                Column(lambda: tr("价税合计"), lambda head: head.gross, Kind.AMOUNT, 12),
                Column(lambda: tr("已结清"), lambda head: head.settled, Kind.AMOUNT, 12),
                Column(lambda: tr("状态"), lambda head: state_name(head.state, head.kind), Kind.CENTRE, 8),
                Column(lambda: tr("备注"), lambda head: head.note, width_chars=9),
                Column(lambda: tr("制单人"), lambda head: head.maker, width_chars=8),
            ),
            parent,
        )

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Strike cancelled documents through."""
        if index.isValid() and role == Qt.ItemDataRole.FontRole and self.row(index.row()).state == "cancelled":
            font = QFont()
            font.setStrikeOut(True)
            return font
        return super().data(index, role)
