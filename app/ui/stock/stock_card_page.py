"""库存明细: an item's moves with the running balance; each leads to its document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt5.QtCore import QModelIndex, Qt
from PyQt5.QtGui import QFont, QKeySequence
from PyQt5.QtWidgets import QComboBox, QLabel, QShortcut, QWidget

from app.client.api import ApiClient
from app.contract.inventory import Item, ItemQuery, Warehouse
from app.contract.stock import MoveQuery, StockMove
from app.kernel.period import first_day, format_period, last_day, parse_date, parse_period, period_of
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.grouped_header import GroupedHeader, HeaderGroup
from app.ui.navigation import OpenStockCard, Target, document_target
from app.ui.page import Page, PageContext
from app.ui.stock.stock_export import StockExport
from app.ui.stock.stock_words import kind_name
from app.ui.tasks import Change, Query, Topic
from app.ui.widgets.amounts import amount_text
from app.ui.widgets.lookup_edit import Choice, LookupEdit
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel
from app.ui.widgets.period_picker import PeriodRangePicker

MOST_CHOICES = 40
WAREHOUSE, LOT = "warehouse", "lot"
GROUPS = (
    HeaderGroup(5, 6, lambda: tr("本期收入")),
    HeaderGroup(7, 8, lambda: tr("本期发出")),
    HeaderGroup(9, 10, lambda: tr("结存")),
)


class StockCardPage(Page):
    """One item's stock card."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        month = max(period_of(context.today()), parse_period(context.book.start))
        self._item: Item | None = None
        self._ready = False
        self.item = LookupEdit(self, server=find_items)
        self.item.setMinimumWidth(self.fontMetrics().averageCharWidth() * 34)
        self._label = QLabel(self)
        self._label.setBuddy(self.item)
        self.warehouse = QComboBox(self)
        self.warehouse.addItem("", None)
        self.periods = PeriodRangePicker(parse_period(f"{month // 100}-01"), month, self)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.export = StockExport("stock-card", self._export_query, self)
        self.model = StockMoveModel(self)
        self.table = PagedTable(self.model, self)
        self.table.setHorizontalHeader(GroupedHeader(GROUPS, self.table))
        self.table.fit_columns()
        bar = FlowLayout()
        for widget in (self._label, self.item, self.warehouse, self.periods):
            bar.addWidget(widget)
        bar.add_gap()
        bar.addWidget(self.export)
        self.body.addLayout(bar)
        self.body.addWidget(self.export.strip)
        self.body.addWidget(self.hint)
        self.body.addWidget(self.table, 1)
        self._connect()
        self.retranslate()

    def _connect(self) -> None:
        self.item.chosen.connect(self._item_chosen)
        self.warehouse.activated.connect(lambda _place: self.ask())
        self.periods.changed.connect(lambda *_months: self.ask())
        self.table.opened.connect(self._open_row)
        self.model.loaded.connect(self._show_state)
        self.model.failed.connect(self.show_error)
        shortcut = QShortcut(QKeySequence("F5"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.ask)

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("库存明细账")

    def first_focus(self) -> QWidget | None:
        """Without an item one is asked for."""
        return self.table if self._item is not None else self.item

    def activate(self) -> None:
        """Ask for the warehouses once."""
        if not self._ready:
            self._ready = True
            self._ask_warehouses()

    def refresh(self, change: Change) -> None:
        """Ask again when stock changed."""
        if change.touches(Topic.ITEMS, Topic.BOOK):
            self._ask_warehouses()
        if change.touches(Topic.STOCK, Topic.BOOK):
            self.model.reload()

    def open(self, target: Target) -> None:
        """Show an item's card."""
        if not isinstance(target, OpenStockCard):
            return
        self.periods.blockSignals(True)
        last = period_of(parse_date(target.to_date)) if target.to_date else self.periods.last
        first = period_of(parse_date(target.from_date)) if target.from_date else min(self.periods.first, last)
        self.periods.set_periods(first, last)
        self.periods.blockSignals(False)
        wanted = target

        def known(found: tuple[Item, list[Warehouse]]) -> None:
            self._item = found[0]
            self._know_warehouses(found[1])
            self.warehouse.setCurrentIndex(max(self.warehouse.findData(wanted.warehouse_id), 0))
            self._show_item()
            self.ask()
            self.table.setFocus()

        self._ready = True
        Query(lambda api: (api.get_item(wanted.item_id), api.list_warehouses().warehouses)).slot("item").on_done(
            known
        ).run(self)

    def retranslate(self) -> None:
        """Set every text."""
        self._label.setText(tr("商品"))
        self.item.setPlaceholderText(tr("编码、名称、条码或拼音首字母"))
        self.warehouse.setItemText(0, tr("全部仓库"))
        self.table.setAccessibleName(self.title())
        self.export.retranslate()
        self._show_state()

    # --- item, warehouses, moves -------------------------------------------------------------------------------------

    def _ask_warehouses(self) -> None:
        Query(lambda api: api.list_warehouses().warehouses).slot("warehouses").on_done(self._know_warehouses).run(self)

    def _know_warehouses(self, warehouses: Sequence[Warehouse]) -> None:
        chosen = self.warehouse.currentData()
        while self.warehouse.count() > 1:
            self.warehouse.removeItem(1)
        for warehouse in warehouses:
            self.warehouse.addItem(warehouse.name, warehouse.id)
        self.warehouse.setCurrentIndex(max(self.warehouse.findData(chosen), 0))

    def _item_chosen(self, item: Item | None) -> None:
        self._item = item
        self._show_state()
        self.ask()

    def _show_item(self) -> None:
        self.item.set_choice(item_choice(self._item) if self._item is not None else None)
        self._show_state()

    def query(self) -> MoveQuery | None:
        """Return what is asked for; None without an item."""
        if self._item is None:
            return None
        return MoveQuery(
            item_id=self._item.id,
            warehouse_id=self.warehouse.currentData(),
            from_date=first_day(self.periods.first).isoformat(),
            to_date=last_day(self.periods.last).isoformat(),
        )

    def ask(self) -> None:
        """Ask for the moves from the first."""
        wanted = self.query()
        if wanted is None:
            self.model.clear()
            return

        def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[StockMove]:
            page = api.list_stock_moves(wanted.model_copy(update={"cursor": cursor, "limit": limit}))
            rows = list(page.moves)
            if not cursor:
                rows.insert(0, brought_forward(page.opening_quantity, page.opening_amount))
            return FetchedPage(rows, page.next)

        self.model.load(fetch)

    def _show_state(self) -> None:
        rows = self.model.rows()
        for place, column in enumerate(self.model.columns):
            if column.key == LOT:
                self.table.setColumnHidden(place, not any(row.lot for row in rows))
        self.table.fit_columns()
        item = self._item
        self.hint.setText(
            tr("请选择一个商品。")
            if item is None
            else tr("{code} {name} {specification}　单位：{unit}", **_words(item))
        )
        self.export.setEnabled(item is not None)

    def _export_query(self) -> dict[str, str]:
        asked = {
            "item": self._item.code if self._item is not None else "",
            "warehouse": self.warehouse.currentText() if self.warehouse.currentData() is not None else "",
            "from": format_period(self.periods.first),
            "to": format_period(self.periods.last),
        }
        return {name: text for name, text in asked.items() if text}

    def _open_row(self, row: StockMove) -> None:
        target = document_target(row.document_kind, row.document_id) if row.document_id else None
        if target is not None:
            self.context.open_target(target)


def find_items(api: ApiClient, typed: str) -> list[Choice]:
    """Return the items a text may mean."""
    query = ItemQuery(q=typed.strip()[:100], kind="goods", include_inactive=True, limit=MOST_CHOICES)
    return [item_choice(item) for item in api.list_items(query).items]


def item_choice(item: Item) -> Choice:
    """Return an item as the field and its list show it."""
    return Choice(item, f"{item.code} {item.name}", item.specification)


def brought_forward(quantity: str, amount: str) -> StockMove:
    """Return the row above the moves: what there was before."""
    return StockMove(
        id=0,
        date="",
        document_kind="",
        document_id=0,
        document_number="",
        warehouse="",
        lot="",
        in_quantity="",
        in_amount="",
        out_quantity="",
        out_amount="",
        balance_quantity=quantity,
        balance_amount=amount,
    )


def _words(item: Item) -> dict[str, str]:
    return {"code": item.code, "name": item.name, "specification": item.specification, "unit": item.unit}


class StockMoveModel(PagedTableModel[StockMove]):
    """Moves of an item; the row brought forward stands out."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            (
                Column(lambda: tr("日期"), lambda row: row.date, Kind.CENTRE, 10),
                Column(lambda: tr("单据"), document_text, width_chars=12),
                Column(lambda: tr("编号"), lambda row: row.document_number, width_chars=13, stretch=True),
                Column(lambda: tr("仓库"), lambda row: row.warehouse, width_chars=8, key=WAREHOUSE),
                Column(lambda: tr("批号"), lambda row: row.lot, width_chars=11, key=LOT),
                Column(lambda: tr("数量"), lambda row: row.in_quantity, Kind.AMOUNT, 8),
                Column(lambda: tr("金额"), lambda row: row.in_amount, Kind.AMOUNT, 10),
                Column(lambda: tr("数量"), lambda row: row.out_quantity, Kind.AMOUNT, 8),
                Column(lambda: tr("金额"), out_amount_text, Kind.NUMBER, 10),
                Column(lambda: tr("数量"), lambda row: row.balance_quantity, Kind.AMOUNT, 9),
                Column(lambda: tr("金额"), lambda row: row.balance_amount, Kind.AMOUNT, 11),
            ),
            parent,
        )

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Write the balance brought forward bold."""
        if role == Qt.ItemDataRole.FontRole and index.isValid() and not self.row(index.row()).document_kind:
            font = QFont()
            font.setBold(True)
            return font
        return super().data(index, role)


def document_text(row: StockMove) -> str:
    """Return the kind of the move's document, or what the first row is."""
    return kind_name(row.document_kind) if row.document_kind else tr("期初结存")


def out_amount_text(row: StockMove) -> str:
    """Return what went out, or that it is known only at the month's end."""
    if row.out_quantity.strip("-0.") and not row.out_amount:
        return tr("月末结转")
    return amount_text(row.out_amount)
