"""库存单据: opening stock, other in and out, transfers, counts and assemblies, the newest first."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QModelIndex, Qt, QTimer
from PyQt5.QtGui import QFont, QKeySequence
from PyQt5.QtWidgets import QAbstractItemView, QComboBox, QLabel, QLineEdit, QMenu, QPushButton, QShortcut, QWidget

from app.client.api import ApiClient
from app.contract.stock import StockDocumentHead, StockDocumentKind, StockDocumentQuery
from app.kernel.period import first_day, last_day, period_of, previous_period
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.navigation import NewStockDocument, OpenStockDocument, OpenStockDocuments, Target
from app.ui.page import Page, PageContext
from app.ui.stock.stock_steps import ADD, PRINT
from app.ui.stock.stock_words import KINDS, STATES, kind_name, state_name
from app.ui.tasks import Change, Topic
from app.ui.trade.printing import print_papers
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.limits import limit_to
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel

TYPING_PAUSE_MS = 200
MARK = "mark"
SPANS = ("all", "month", "last_month", "year")

NOTE = 6
"""The column of notes; it also says who else is changing a row."""


class StockDocumentsPage(Page):
    """The list of stock documents; Enter opens one, the button makes one."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._asked = False
        self.add = QPushButton(self)
        self.add.setProperty("primary", True)
        self.add.setProperty("opensMenu", True)
        self.add.setVisible(context.may(ADD))
        self.menu = QMenu(self.add)
        self._kinds = {kind: self.menu.addAction("") for kind in KINDS}
        self.add.setMenu(self.menu)
        self.print = QPushButton(icon("print"), "", self)
        self.print.setVisible(context.may(PRINT))
        self.kind, self.state, self.span = QComboBox(self), QComboBox(self), QComboBox(self)
        self.kind.addItem("", "")
        self.state.addItem("", "")
        for kind in KINDS:
            self.kind.addItem("", kind)
        for state in STATES:
            self.state.addItem("", state)
        for span in SPANS:
            self.span.addItem("", span)
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMinimumWidth(self.fontMetrics().averageCharWidth() * 28)
        limit_to(self.search, StockDocumentQuery, "q")
        self.count = QLabel(self)
        self.count.setObjectName("muted")
        self.model = StockDocumentModel(self)
        self.model.mark_editors(self.tasks.others, "stock_document", NOTE)
        self.table = PagedTable(self.model, self)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.empty = EmptyState("stock-documents", self)
        self.empty.hide()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        bar = FlowLayout()
        for widget in (self.add, self.print, self.kind, self.state, self.span, self.search):
            bar.addWidget(widget)
        bar.add_gap()
        bar.addWidget(self.count)
        self.body.addLayout(bar)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.empty, 1)

    def _connect(self) -> None:
        for box in (self.kind, self.state, self.span):
            box.activated.connect(lambda _place: self.ask())
        self.search.textChanged.connect(lambda _text: self._pause.start())
        self._pause.timeout.connect(self.ask)
        self.table.opened.connect(lambda head: self.context.open_target(OpenStockDocument(head.id)))
        self.model.loaded.connect(self._show_state)
        self.model.failed.connect(self.show_error)
        self.model.rowsInserted.connect(lambda *_range: self._show_state())
        for kind, action in self._kinds.items():
            if action is not None:
                action.triggered.connect(lambda _checked, kind=kind: self._new(kind))
        self.print.clicked.connect(lambda _checked: self._print())
        selection = self.table.selectionModel()
        if selection is not None:
            selection.selectionChanged.connect(lambda *_change: self._show_steps())
        keys_and_acts = (
            ("F5", self.ask),
            ("Ctrl+F", self.search.setFocus),
            ("Ctrl+N", self._offer_new),
            ("Ctrl+P", self._print),
        )
        for keys, act in keys_and_acts:
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("库存单据")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the list."""
        return self.table

    def activate(self) -> None:
        """Ask once; later `refresh` tells of changes."""
        if not self._asked:
            self.ask()

    def refresh(self, change: Change) -> None:
        """Ask again when documents changed."""
        if change.touches(Topic.STOCK, Topic.BOOK):
            self.model.reload()

    def open(self, target: Target) -> None:
        """Show the list a target describes."""
        if isinstance(target, OpenStockDocuments):
            self.kind.setCurrentIndex(max(self.kind.findData(target.kind), 0))
            self.state.setCurrentIndex(max(self.state.findData(target.state), 0))
            self.span.setCurrentIndex(0)
            self.search.clear()
            self.ask()

    def retranslate(self) -> None:
        """Set every text."""
        self.add.setText(tr("新增单据"))
        for kind, action in self._kinds.items():
            if action is not None:
                action.setText(kind_name(kind))
        for place, kind in enumerate(KINDS):
            self.kind.setItemText(place + 1, kind_name(kind))
        self.kind.setItemText(0, tr("全部单据"))
        for place, state in enumerate(STATES):
            self.state.setItemText(place + 1, state_name(state))
        self.state.setItemText(0, tr("全部状态"))
        for place, text in enumerate((tr("全部日期"), tr("本月"), tr("上月"), tr("本年"))):
            self.span.setItemText(place, text)
        self.search.setPlaceholderText(tr("单据编号、备注、商品"))
        self.print.setText(tr("打印…"))
        self.print.setToolTip(tr("打印选中的单据，或存成 PDF（Ctrl+P）"))
        self.empty.set_texts(tr("没有符合条件的单据。"))
        self.table.setAccessibleName(self.title())
        self._show_state()

    # --- the list ----------------------------------------------------------------------------------------------------

    def _days(self) -> tuple[str, str]:
        """Return the first and last day asked for, empty for no limit."""
        today, span = self.context.today(), self.span.currentData()
        month = period_of(today)
        if span == "last_month":
            month = previous_period(month)
        if span in {"month", "last_month"}:
            return first_day(month).isoformat(), last_day(month).isoformat()
        return (f"{today.year}-01-01", f"{today.year}-12-31") if span == "year" else ("", "")

    def query(self) -> StockDocumentQuery:
        """Return what is asked for."""
        first, last = self._days()
        return StockDocumentQuery(
            kind=self.kind.currentData(),
            state=self.state.currentData(),
            from_date=first,
            to_date=last,
            q=self.search.text().strip(),
        )

    def ask(self) -> None:
        """Ask for the list from its beginning."""
        self._asked = True
        wanted = self.query()

        def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[StockDocumentHead]:
            page = api.list_stock_documents(wanted.model_copy(update={"cursor": cursor, "limit": limit}))
            return FetchedPage(page.documents, page.next)

        self.model.load(fetch)

    def _show_state(self) -> None:
        rows = len(self.model.rows())
        more = "" if self.model.is_complete else "+"
        self.count.setText(tr("{count} 张单据", count=f"{rows:,}{more}") if rows else "")
        nothing = not rows and self._asked and not self.model.is_fetching
        has_marks = any(mark_text(head) for head in self.model.rows())
        for place, column in enumerate(self.model.columns):
            if column.key == MARK:
                self.table.setColumnHidden(place, not has_marks)
        self.table.fit_columns()
        self.empty.setVisible(nothing)
        self.table.setVisible(not nothing)
        if rows and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._show_steps()

    def selected(self) -> list[StockDocumentHead]:
        """Return the documents chosen, or the one with the cursor."""
        rows: list[StockDocumentHead] = self.table.selected_rows()
        current = self.table.current_row()
        return rows or ([current] if current is not None else [])

    def _show_steps(self) -> None:
        self.print.setEnabled(bool(self.selected()))

    def _print(self) -> None:
        chosen = self.selected()
        if chosen and self.context.may(PRINT):
            may_edit = self.context.may("reports:document-print:edit")
            print_papers(self, "stock", [head.id for head in chosen], may_edit=may_edit)

    def _new(self, kind: StockDocumentKind) -> None:
        self.context.open_target(NewStockDocument(kind))

    def _offer_new(self) -> None:
        if self.context.may(ADD):
            self.add.showMenu()


class StockDocumentModel(PagedTableModel[StockDocumentHead]):
    """Heads of stock documents; those taken back are struck through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            (
                Column(lambda: tr("日期"), lambda head: head.date, Kind.CENTRE, 10),
                Column(lambda: tr("单据类型"), lambda head: kind_name(head.kind), width_chars=10),
                Column(lambda: tr("单据编号"), lambda head: head.number, width_chars=14),
                Column(lambda: tr("仓库"), place_text, width_chars=18),
                Column(lambda: tr("备注"), lambda head: head.note, width_chars=16, stretch=True),
                Column(lambda: tr("状态"), lambda head: state_name(head.state), Kind.CENTRE, 8),
                Column(lambda: tr("说明"), mark_text, width_chars=8, key=MARK),
                Column(lambda: tr("制单人"), lambda head: head.maker, width_chars=9),
            ),
            parent,
        )

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Strike through what was taken back."""
        if index.isValid() and role == Qt.ItemDataRole.FontRole and self.row(index.row()).state == "cancelled":
            font = QFont()
            font.setStrikeOut(True)
            return font
        return super().data(index, role)


def place_text(head: StockDocumentHead) -> str:
    """Say in which warehouse, or from which to which."""
    return f"{head.warehouse} → {head.to_warehouse}" if head.to_warehouse else head.warehouse


def mark_text(head: StockDocumentHead) -> str:
    """Say whether it takes another back."""
    return tr("冲销单") if head.counter_of is not None else ""
