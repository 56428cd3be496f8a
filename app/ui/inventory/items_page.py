"""商品: what is bought, kept and sold; searched as one types, by category, with those out of use where wanted."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPushButton, QStackedWidget, QWidget

from app.client.api import ApiClient
from app.contract.inventory import Item, ItemCategory, ItemCategoryList, ItemQuery
from app.ui.icons import icon
from app.ui.inventory.categories_dialog import CategoriesDialog
from app.ui.inventory.item_dialog import ItemDialog
from app.ui.inventory.item_files import ItemFiles
from app.ui.inventory.words import category_path, costing_name, kind_name
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.limits import limit_to
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel
from app.ui.widgets.question import ask
from app.ui.widgets.shortcuts import add_shortcuts

_TYPING_MS = 150


class ItemsPage(Page):
    """All items; Enter opens one."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._categories: Sequence[ItemCategory] = []
        self.category = QComboBox(self)
        self.category.addItem("", None)
        self.inactive, self.scarce = QCheckBox(self), QCheckBox(self)
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMinimumWidth(self.fontMetrics().averageCharWidth() * 42)
        limit_to(self.search, ItemQuery, "q")
        self.add_button, self.open_button, self.delete_button = QPushButton(self), QPushButton(self), QPushButton(self)
        self.add_button.setProperty("primary", True)
        self.categories_button = QPushButton(self)
        self.files = ItemFiles(self)
        self.model: PagedTableModel[Item] = PagedTableModel(_columns(), self)
        self.table = PagedTable(self.model, self)
        self.empty = EmptyState("items", self, action=self._add if context.may("inventory:item:add") else None)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_MS)
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        actions, filters = FlowLayout(), FlowLayout()
        rights = {
            self.add_button: "inventory:item:add",
            self.open_button: "inventory:item:view",
            self.delete_button: "inventory:item:remove",
            self.categories_button: "inventory:category:edit",
            self.files.import_button: "inventory:item:import",
            self.files.export_button: "inventory:item:export",
        }
        for button, right in rights.items():
            button.setVisible(self.context.may(right))
            actions.addWidget(button)
        for widget in (self.category, self.search, self.scarce, self.inactive):
            filters.addWidget(widget)
        self.body.addLayout(actions)
        self.body.addLayout(filters)
        self.body.addWidget(self.files.strip)
        self.body.addWidget(self.files.report)
        self.body.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self.category.currentIndexChanged.connect(lambda _place: self._reload())
        self.inactive.toggled.connect(lambda _on: self._reload())
        self.scarce.toggled.connect(lambda _on: self._reload())
        self.search.textChanged.connect(lambda _text: self._pause.start())
        self.search.returnPressed.connect(self._go_to_list)
        self._pause.timeout.connect(self._reload)
        self.add_button.clicked.connect(lambda _checked: self._add())
        self.open_button.clicked.connect(lambda _checked: self._open(self.current()))
        self.delete_button.clicked.connect(lambda _checked: self._delete())
        self.categories_button.clicked.connect(lambda _checked: self._keep_categories())
        self.table.opened.connect(self._open)
        self.model.loaded.connect(self._show_state)
        self.model.failed.connect(self.show_error)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_where: self._show_steps())
        add_shortcuts(
            self,
            (QKeySequence(QKeySequence.StandardKey.New), self._add),
            (QKeySequence(Qt.Key.Key_Delete), self._delete),
            (QKeySequence(QKeySequence.StandardKey.Find), self.search.setFocus),
        )

    # --- as a page ---------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("商品资料")

    def first_focus(self) -> QWidget | None:
        """One types what one looks for."""
        return self.search

    def activate(self) -> None:
        """Ask for categories and items."""
        self._ask_categories()
        self._reload()

    def refresh(self, change: Change) -> None:
        """Ask again when items changed."""
        if change.touches(Topic.ITEMS, Topic.STOCK, Topic.BOOK):
            self._ask_categories()
            self.model.reload()

    def retranslate(self) -> None:
        """Set every text."""
        self.category.setItemText(0, tr("全部商品类别"))
        self.inactive.setText(tr("含停用"))
        self.scarce.setText(tr("低于再订货点"))
        self.search.setPlaceholderText(tr("编码、名称、条码或拼音首字母"))
        self.add_button.setText(tr("新增"))
        self.add_button.setToolTip(tr("新增商品（Ctrl+N）"))
        self.open_button.setText(tr("打开"))
        self.delete_button.setText(tr("删除"))
        self.categories_button.setText(tr("类别…"))
        self.files.retranslate()
        self.table.setAccessibleName(self.title())
        self._show_state()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _ask_categories(self) -> None:
        Query(lambda api: api.list_item_categories()).slot("categories").on_done(self._know_categories).run(self)

    def _know_categories(self, listed: ItemCategoryList) -> None:
        self._categories = listed.categories
        chosen = self.category.currentData()
        self.category.blockSignals(True)
        while self.category.count() > 1:
            self.category.removeItem(1)
        for found in listed.categories:
            if found.active or found.items:
                self.category.addItem(category_path(found, listed.categories), found.id)
        self.category.setCurrentIndex(max(self.category.findData(chosen), 0))
        self.category.blockSignals(False)

    def _reload(self) -> None:
        wanted = ItemQuery(
            q=self.search.text().strip(),
            category_id=self.category.currentData(),
            include_inactive=self.inactive.isChecked(),
            below_reorder_level=self.scarce.isChecked(),
            with_quantity=True,
        )

        def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[Item]:
            page = api.list_items(wanted.model_copy(update={"cursor": cursor, "limit": limit}))
            return FetchedPage(page.items, page.next)

        self.model.load(fetch)

    def _show_state(self) -> None:
        nothing = self.model.rowCount() == 0
        self.stack.setCurrentWidget(self.empty if nothing else self.table)
        filtered = self.category.currentIndex() > 0 or self.scarce.isChecked() or bool(self.search.text().strip())
        self.empty.set_texts(
            tr("没有这样的商品。") if filtered else tr("还没有商品。登记买卖的商品和服务，单据里就能选用。"),
            tr("新增商品资料"),
        )
        if not nothing and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._show_steps()

    def _show_steps(self) -> None:
        item = self.current()
        self.open_button.setEnabled(item is not None)
        self.delete_button.setEnabled(item is not None)

    def current(self) -> Item | None:
        """Return the item with the cursor."""
        row = self.table.current_row()
        return row if isinstance(row, Item) else None

    def _go_to_list(self) -> None:
        """Enter in the search: look now, and put the keyboard into the list."""
        if self._pause.isActive():
            self._pause.stop()
            self._reload()
        self.table.setFocus()

    # --- what happens ------------------------------------------------------------------------------------------------

    def _add(self) -> None:
        if self.context.may("inventory:item:add"):
            self._show_dialog(None)

    def _open(self, item: Item | None) -> None:
        if item is not None:
            Query(lambda api: api.get_item(item.id)).slot("item").on_done(self._show_dialog).run(self)

    def _show_dialog(self, item: Item | None) -> None:
        dialog = ItemDialog(self, self._categories, item)
        if item is not None and not self.context.may("inventory:item:edit"):
            dialog.ok_button.hide()
        dialog.done_with.connect(self._saved)
        dialog.open()

    def _saved(self, item: Item) -> None:
        self.show_info(tr("已保存商品 {code} {name}。", code=item.code, name=item.name))

    def _delete(self) -> None:
        item = self.current()
        if item is None or not self.context.may("inventory:item:remove"):
            return
        ask(
            self,
            tr("删除商品资料"),
            tr("删除商品 {code} {name}？", code=item.code, name=item.name),
            tr("删除"),
            lambda: (
                Command(lambda api: api.delete_item(item.id, item.version), Topic.ITEMS)
                .on_done(lambda _nothing: self.show_info(tr("已删除商品。")))
                .run(self)
            ),
        )

    def _keep_categories(self) -> None:
        CategoriesDialog(self, self._categories).open()


def _columns() -> list[Column[Item]]:
    return [
        Column(lambda: tr("编码"), lambda item: item.code, width_chars=10),
        Column(lambda: tr("名称"), lambda item: item.name, width_chars=20, stretch=True),
        Column(lambda: tr("规格型号"), lambda item: item.specification, width_chars=14),
        Column(lambda: tr("类别"), lambda item: item.category, width_chars=10),
        Column(lambda: tr("单位"), _units, width_chars=7),
        Column(lambda: tr("条码"), lambda item: item.barcode, width_chars=14),
        Column(lambda: tr("库存数量"), lambda item: item.quantity, Kind.NUMBER, 10),
        Column(lambda: tr("销售价"), lambda item: item.sales_price, Kind.NUMBER, 8),
        Column(lambda: tr("发出计价"), _costing, width_chars=12),
        Column(lambda: tr("状态"), lambda item: tr("在用") if item.active else tr("停用"), width_chars=5),
    ]


def _units(item: Item) -> str:
    return "/".join([item.unit, *(unit.unit for unit in item.units)])


def _costing(item: Item) -> str:
    return costing_name(item.costing) if item.kind == "goods" else kind_name(item.kind)
