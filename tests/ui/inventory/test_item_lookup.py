"""The field that finds an item: by what people type, and by a scanner, which types faster than a server answers."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QWidget

from app.contract.inventory import Item, ItemInput, ItemUnit
from app.ui.page import Page, PageContext
from app.ui.widgets.item_lookup import ItemLookup
from tests.ui.ledger.desk import Desk


class OrderPage(Page):
    """A page with such a field."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.field = ItemLookup(self)
        self.body.addWidget(self.field)

    def title(self) -> str:
        return "订单"

    def first_focus(self) -> QWidget:
        return self.field


def make(desk: Desk, code: str, name: str, barcode: str = "", *units: ItemUnit) -> Item:
    return desk.api.add_item(ItemInput(code=code, name=name, unit="支", barcode=barcode, units=list(units)))


def show(desk: Desk) -> OrderPage:
    page = desk.show(OrderPage)
    desk.qtbot.waitUntil(page.field.hasFocus)
    return page


def scan(desk: Desk, field: ItemLookup, code: str) -> None:
    """Type as a scanner does: all at once, with Enter behind it."""
    field.clear()
    desk.qtbot.keyClicks(field, code)
    desk.qtbot.keyClick(field, Qt.Key.Key_Return)


def test_a_scanned_barcode_chooses_at_once(desk: Desk) -> None:
    make(desk, "P1", "钢笔", "6901", ItemUnit(unit="盒", factor="12", barcode="16901"))
    make(desk, "P2", "铅笔", "69012")
    page = show(desk)
    field = page.field
    chosen: list[Item | None] = []
    field.chosen.connect(chosen.append)
    scan(desk, field, "6901")
    assert (field.text(), field.scanned_unit) == ("P1", "支")
    scan(desk, field, "16901")
    assert (field.text(), field.scanned_unit) == ("P1", "盒")
    scan(desk, field, "69012")
    assert field.text() == "P2"
    assert [item.code for item in chosen if item] == ["P1", "P1", "P2"]


def test_a_barcode_nobody_has_chooses_nothing_and_shows_it(desk: Desk) -> None:
    make(desk, "P1", "钢笔", "6901")
    page = show(desk)
    field = page.field
    scan(desk, field, "690")
    assert field.item is None
    assert field.property("wrong") is True


def test_a_line_of_an_outdated_list_is_not_taken(desk: Desk) -> None:
    make(desk, "P1", "钢笔", "6901")
    make(desk, "P2", "铅笔", "69012")
    page = show(desk)
    field = page.field
    desk.qtbot.keyClicks(field, "6901")
    field.look_up()
    popup = field._list.popup()
    assert popup is not None
    assert popup.isVisible()
    desk.qtbot.keyClicks(field, "2")
    desk.qtbot.keyClick(popup, Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: field.item is not None)
    assert field.text() == "P2"


def test_initials_and_names_offer_what_fits(desk: Desk) -> None:
    make(desk, "P1", "钢笔")
    make(desk, "P2", "铅笔")
    page = show(desk)
    field = page.field
    desk.qtbot.keyClicks(field, "qb")
    field.look_up()
    popup = field._list.popup()
    assert popup is not None
    desk.qtbot.keyClick(popup, Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: field.item is not None)
    assert field.text() == "P2"
    field.set_item(None)
    assert (field.text(), field.item) == ("", None)
