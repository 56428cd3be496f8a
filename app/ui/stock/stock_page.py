"""库存余额: what is in stock at the end of any day, what it is worth, and what has to be ordered again."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QModelIndex, Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QLabel, QPushButton, QShortcut, QWidget

from app.client.api import ApiClient
from app.contract.inventory import ItemCategory, ItemQuery, Warehouse
from app.contract.stock import StockBalanceRow
from app.kernel.errors import PermissionDenied
from app.kernel.period import format_period, period_of
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.navigation import OpenBook, OpenStockCard
from app.ui.page import Page, PageContext
from app.ui.stock.month_cost_dialog import MonthCostDialog
from app.ui.stock.stock_export import StockExport
from app.ui.stock.stock_filter import StockFilter
from app.ui.tasks import Change, Query, Topic
from app.ui.widgets.amounts import amount_text, negative_colour
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel

MONTH_COST_RIGHT = "ledger:closing:run"
WAREHOUSE, LOT, EXPIRY, MARK = "warehouse", "lot", "expiry", "mark"


class StockPage(Page):
    """Stock of a day; Enter or a double click opens an item's stock card."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._asked = False
        self.filter = StockFilter(context.today(), self)
        self.model = StockBalanceModel(self)
        self.table = PagedTable(self.model, self)
        self.empty = EmptyState("stock", self)
        self.totals = QLabel(self)
        self.totals.setObjectName("muted")
        self.totals.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
        self.card = QPushButton(self)
        self.summary, self.month_cost = QPushButton(self), QPushButton(self)
        self.summary.setVisible(context.may("reports:stock-summary:view"))
        self.month_cost.setVisible(context.may(MONTH_COST_RIGHT))
        self.export = StockExport("stock", self.filter.report_query, self)
        bar = FlowLayout()
        bar.addWidget(self.card)
        bar.addWidget(self.summary)
        bar.addWidget(self.month_cost)
        bar.add_gap()
        bar.addWidget(self.export)
        self.body.addLayout(bar)
        self.body.addWidget(self.filter)
        self.body.addWidget(self.export.strip)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.empty, 1)
        self.body.addWidget(self.totals)
        self.empty.hide()
        self._connect()
        self.retranslate()

    def _connect(self) -> None:
        self.filter.changed.connect(self.ask)
        self.table.opened.connect(self._open)
        self.card.clicked.connect(lambda _checked: self._open(self.table.current_row()))
        self.summary.clicked.connect(lambda _checked: self._open_summary())
        self.month_cost.clicked.connect(lambda _checked: self._cost_month())
        self.model.loaded.connect(self._show_state)
        self.model.rowsInserted.connect(lambda *_range: self._show_totals())
        self.model.failed.connect(self.show_error)
        for keys, act in (("F5", self.ask), ("Ctrl+F", self.filter.search.setFocus)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("库存余额")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the list."""
        return self.table

    def activate(self) -> None:
        """Ask once; later `refresh` tells of changes."""
        if not self._asked:
            self._asked = True
            self._ask_names()
            self.ask()

    def refresh(self, change: Change) -> None:
        """Ask again when stock or items changed."""
        if change.touches(Topic.ITEMS, Topic.BOOK):
            self._ask_names()
        if change.touches(Topic.ITEMS, Topic.STOCK, Topic.BOOK):
            self._ask_below()
            self.model.reload()

    def retranslate(self) -> None:
        """Set every text."""
        self.card.setText(tr("库存明细"))
        self.summary.setText(tr("收发存汇总表"))
        self.month_cost.setText(tr("结转出库成本…"))
        self.month_cost.setToolTip(tr("全月一次加权的商品，月末按平均单价结转本月出库的成本"))
        self.export.retranslate()
        self.filter.retranslate()
        self.table.setAccessibleName(self.title())
        self._show_state()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _ask_names(self) -> None:
        def known(found: tuple[list[Warehouse], list[ItemCategory]]) -> None:
            self.filter.know(*found)

        Query(lambda api: (api.list_warehouses().warehouses, api.list_item_categories().categories)).slot(
            "names"
        ).on_done(known).run(self)

    def _ask_below(self) -> None:
        Query(read_below).slot("below").on_done(self.model.know_below).run(self)

    def ask(self) -> None:
        """Ask for the stock from its first row."""
        wanted = self.filter.query()

        def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[StockBalanceRow]:
            page = api.list_stock(wanted.model_copy(update={"cursor": cursor, "limit": limit}))
            return FetchedPage(page.rows, page.next, {"amount": page.total_amount})

        self._ask_below()
        self.model.load(fetch)

    def _show_state(self) -> None:
        rows = self.model.rows()
        for place, column in enumerate(self.model.columns):
            if column.key in {WAREHOUSE, LOT, EXPIRY}:
                self.table.setColumnHidden(place, not any(getattr(row, column.key) for row in rows))
        self.table.fit_columns()
        nothing = self._asked and not rows and not self.model.is_fetching
        self.empty.setVisible(nothing)
        self.table.setVisible(not nothing)
        self.empty.set_texts(
            tr("没有符合条件的库存。")
            if self.filter.is_narrow
            else tr("还没有库存。期初库存单、入库单完成后，这里列出每种商品的数量和金额。")
        )
        self._show_totals()
        if rows and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self.card.setEnabled(bool(rows))

    def _show_totals(self) -> None:
        rows = self.model.rows()
        count = f"{len(rows):,}" + ("" if self.model.is_complete else "+")
        amount = amount_text(self.model.totals.get("amount", ""), blank_zero=False) if rows else ""
        self.totals.setText(tr("共 {count} 行，金额合计 {amount}", count=count, amount=amount) if rows else "")

    # --- where it leads ----------------------------------------------------------------------------------------------

    def _open(self, row: StockBalanceRow | None) -> None:
        if row is not None:
            self.context.open_target(
                OpenStockCard(
                    row.item_id, self.filter.warehouse.currentData(), to_date=self.filter.date.date.isoformat()
                )
            )

    def _open_summary(self) -> None:
        month = format_period(period_of(self.filter.date.date))
        self.context.open_target(OpenBook("stock-summary", month, month))

    def _cost_month(self) -> None:
        MonthCostDialog(self, self.filter.date.date, self.context.open_target).open()


def read_below(api: ApiClient) -> frozenset[int]:
    """Return the items of which too little is left; who may not see items is not told."""
    found: set[int] = set()
    cursor: str | None = ""
    try:
        while cursor is not None:
            page = api.list_items(ItemQuery(below_reorder_level=True, cursor=cursor, limit=1000))
            found.update(item.id for item in page.items)
            cursor = page.next
    except PermissionDenied:
        return frozenset()
    return frozenset(found)


class StockBalanceModel(PagedTableModel[StockBalanceRow]):
    """Rows of stock; items below their reorder level are marked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            (
                Column(lambda: tr("商品编码"), lambda row: row.item_code, width_chars=10),
                Column(lambda: tr("商品名称"), lambda row: row.item_name, width_chars=16, stretch=True),
                Column(lambda: tr("规格"), lambda row: row.specification, width_chars=12),
                Column(lambda: tr("仓库"), lambda row: row.warehouse, width_chars=10, key=WAREHOUSE),
                Column(lambda: tr("批号"), lambda row: row.lot, width_chars=12, key=LOT),
                Column(lambda: tr("有效期至"), lambda row: row.expiry, Kind.CENTRE, 10, key=EXPIRY),
                Column(lambda: tr("单位"), lambda row: row.unit, Kind.CENTRE, 5),
                Column(lambda: tr("数量"), lambda row: row.quantity, Kind.AMOUNT, 10),
                Column(lambda: tr("单位成本"), lambda row: row.unit_cost, Kind.AMOUNT, 11),
                Column(lambda: tr("金额"), lambda row: row.amount, Kind.AMOUNT, 13),
                Column(lambda: tr("提示"), self._mark, width_chars=15, key=MARK),
            ),
            parent,
        )
        self._below: frozenset[int] = frozenset()

    def know_below(self, items: frozenset[int]) -> None:
        """Mark these items as running out."""
        self._below = items
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def _mark(self, row: StockBalanceRow) -> str:
        return tr("低于最低库存") if row.item_id in self._below else ""

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Write the mark in the colour of what needs looking after."""
        if role == Qt.ItemDataRole.ForegroundRole and index.isValid() and self.columns[index.column()].key == MARK:
            return negative_colour()
        return super().data(index, role)
