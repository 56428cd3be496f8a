"""The pages of items, warehouses and price lists: added, found, changed, and refusals shown at the field."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QModelIndex, Qt
from PyQt5.QtWidgets import QMessageBox, QPushButton
from pytestqt.modeltest import ModelTester

from app.contract.inventory import (
    ItemCategoryInput,
    ItemExport,
    ItemInput,
    ItemQuery,
    PriceListInput,
    PriceQuery,
    WarehouseInput,
)
from app.ui.inventory.categories_dialog import CategoriesDialog
from app.ui.inventory.item_dialog import ItemDialog
from app.ui.inventory.items_page import ItemsPage
from app.ui.inventory.price_lists_page import PriceListDialog, PriceListsPage
from app.ui.inventory.price_sheet import PriceColumn
from app.ui.inventory.unit_table import BARCODE, FACTOR, UNIT
from app.ui.inventory.warehouses_page import WarehouseDialog, WarehousesPage
from app.ui.inventory.words import COSTINGS
from app.ui.page import Page
from app.ui.widgets.item_lookup import ItemLookup
from tests.ui.ledger.desk import Desk


def yes(page: Page) -> None:
    box = page.findChildren(QMessageBox)[-1]
    next(b for b in box.findChildren(QPushButton) if box.buttonRole(b) == QMessageBox.ButtonRole.AcceptRole).click()


def type_unit(dialog: ItemDialog, row: int, unit: str, factor: str, barcode: str) -> None:
    for column, text in ((UNIT, unit), (FACTOR, factor), (BARCODE, barcode)):
        cell = dialog.units.item(row, column)
        assert cell is not None
        cell.setText(text)


def test_an_item_is_entered_with_its_units(desk: Desk, qtmodeltester: ModelTester) -> None:
    desk.api.add_item_category(ItemCategoryInput(name="饮料"))
    page = desk.show(ItemsPage)
    assert page.stack.currentWidget() is page.empty
    page.add_button.click()
    dialog = page.findChild(ItemDialog)
    assert dialog is not None
    dialog.texts["name"].setText("矿泉水")
    dialog.ok_button.click()
    assert dialog.texts["unit"].property("wrong") is True
    dialog.texts["unit"].setText("瓶")
    dialog.texts["sales_price"].setText("2.50")
    dialog.category.setCurrentIndex(1)
    dialog.tracks_lots.setChecked(True)
    dialog.costing.setCurrentIndex(COSTINGS.index("lot"))
    type_unit(dialog, 0, "箱", "24", "16901")
    assert dialog.units.rowCount() == 2
    dialog.ok_button.click()
    item = desk.api.list_items(ItemQuery(q="kqs")).items[0]
    assert (item.code, item.category, item.costing, item.tracks_lots) == ("00001", "饮料", "lot", True)
    assert [(unit.unit, unit.factor, unit.barcode) for unit in item.units] == [("箱", "24", "16901")]
    assert page.stack.currentWidget() is page.table
    assert page.model.rowCount() == 1
    qtmodeltester.check(page.model)


def test_items_are_found_changed_and_deleted(desk: Desk) -> None:
    for code, name in (("P1", "钢笔"), ("P2", "铅笔")):
        desk.api.add_item(ItemInput(code=code, name=name, unit="支"))
    page = desk.show(ItemsPage)
    page.search.setText("qb")
    desk.qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert [item.code for item in page.model.rows()] == ["P2"]
    page.open_button.click()
    dialog = page.findChild(ItemDialog)
    assert dialog is not None
    assert dialog.kind.isEnabled() is False
    dialog.active.setChecked(False)
    dialog.ok_button.click()
    assert page.model.rowCount() == 0
    page.inactive.setChecked(True)
    assert page.model.rowCount() == 1
    page.delete_button.click()
    yes(page)
    assert page.model.rowCount() == 0
    page.search.clear()
    desk.qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert [item.code for item in page.model.rows()] == ["P1"]


def test_categories_are_kept_in_their_dialog(desk: Desk) -> None:
    page = desk.show(ItemsPage)
    page.categories_button.click()
    dialog = page.findChild(CategoriesDialog)
    assert dialog is not None
    dialog.name.setText("文具")
    dialog.add_button.click()
    dialog.name.setText("笔")
    dialog.above.setCurrentIndex(1)
    dialog.add_button.click()
    assert [dialog.list.item(row).text() for row in range(2)] == ["文具（0 种商品）", "文具 / 笔（0 种商品）"]  # type: ignore[union-attr]
    dialog.name.setText("笔")
    dialog.add_button.click()
    assert dialog.message_bar.text
    dialog.list.setCurrentRow(1)
    dialog.name.setText("书写笔")
    dialog.rename_button.click()
    dialog.switch_button.click()
    assert [(c.name, c.active) for c in desk.api.list_item_categories().categories] == [
        ("书写笔", False),
        ("文具", True),
    ]
    dialog.ok_button.click()
    assert page.category.count() == 2


def test_warehouses_are_added_and_one_is_the_usual_one(desk: Desk) -> None:
    page = desk.show(WarehousesPage)
    assert page.model.rowCount() == 1
    page.add_button.click()
    dialog = page.findChild(WarehouseDialog)
    assert dialog is not None
    dialog.name.setText("主仓库")
    dialog.ok_button.click()
    assert dialog.name.property("wrong") is True
    dialog.name.setText("门店")
    dialog.ok_button.click()
    assert page.model.rowCount() == 2
    page.table.setCurrentIndex(page.model.index(1, 0))
    page.usual_button.click()
    assert [w.name for w in desk.api.list_warehouses().warehouses] == ["门店", "主仓库"]
    page.table.setCurrentIndex(page.model.index(1, 0))
    page.switch_button.click()
    assert [w.active for w in desk.api.list_warehouses().warehouses] == [True, False]
    desk.api.add_warehouse(WarehouseInput(name="保税仓"))


def cell(page: PriceListsPage, row: int, column: PriceColumn) -> QModelIndex:
    return page.model.index(row, column)


def test_prices_are_typed_into_a_list_and_saved_whole(desk: Desk, qtmodeltester: ModelTester) -> None:
    item = desk.api.add_item(ItemInput(code="P1", name="钢笔", unit="支", sales_price="10"))
    page = desk.show(PriceListsPage)
    assert page.stack.currentWidget() is page.empty
    page.add_button.click()
    dialog = page.findChild(PriceListDialog)
    assert dialog is not None
    dialog.name.setText("批发价")
    dialog.ok_button.click()
    assert page.choice.currentText() == "批发价（含税）"
    page.table.setFocus()
    page.table.edit(cell(page, 0, PriceColumn.ITEM))
    lookup = page.table.findChild(ItemLookup)
    assert lookup is not None
    desk.qtbot.keyClicks(lookup, "P1")
    desk.qtbot.keyClick(lookup, Qt.Key.Key_Return)
    assert page.model.sheet.shown(0, PriceColumn.NAME) == "钢笔"
    assert page.model.sheet.shown(0, PriceColumn.PRICE) == "10"
    assert page.model.rowCount() == 2
    page.model.setData(cell(page, 0, PriceColumn.PRICE), "-8")
    page.save()
    assert page.model.sheet.lines[0].wrong
    page.model.setData(cell(page, 0, PriceColumn.PRICE), "8")
    page.save()
    assert not page.has_unsaved()
    lists = desk.api.list_price_lists().price_lists
    assert desk.api.find_price(PriceQuery(item_id=item.id, price_list_id=lists[0].id)).price == "8"
    qtmodeltester.check(page.model)
    page.table.setCurrentIndex(cell(page, 0, PriceColumn.PRICE))
    desk.qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    page.save()
    assert desk.api.get_prices(lists[0].id).rows == []


def test_what_was_typed_is_not_lost_by_looking_at_another_list(desk: Desk) -> None:
    desk.api.add_item(ItemInput(code="P1", name="钢笔", unit="支"))
    for name in ("会员价", "批发价"):
        desk.api.add_price_list(PriceListInput(name=name))
    page = desk.show(PriceListsPage)
    page.model.setData(cell(page, 0, PriceColumn.PRICE), "8")
    page.choice.setCurrentIndex(1)
    page.choice.activated.emit(1)
    assert page.has_unsaved()
    yes(page)
    assert not page.has_unsaved()
    assert page.choice.currentIndex() == 1


def test_items_come_from_a_table_and_go_into_one(desk: Desk, tmp_path: Path) -> None:
    page = desk.show(ItemsPage)
    table = tmp_path / "商品.csv"
    table.write_text("编码,名称,单位\nP1,钢笔,支\nP2,铅笔,\n", encoding="utf-8")
    page.files.take_file(table)
    assert page.model.rowCount() == 0
    assert page.files.report.isVisible()
    assert [page.files.report.rows.topLevelItem(row).text(0) for row in range(1)] == ["3"]  # type: ignore[union-attr]
    table.write_text("编码,名称,单位\nP1,钢笔,支\nP2,铅笔,支\n", encoding="utf-8")
    page.files.take_file(table)
    assert not page.files.report.isVisible()
    assert page.model.rowCount() == 2
    page.files.save(ItemExport(format="csv"), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()[1].startswith("P1,钢笔,")
