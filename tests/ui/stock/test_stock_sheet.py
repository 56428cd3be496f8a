"""What is typed into a stock document: units, prices and amounts, counts against the book, what is refused."""

from __future__ import annotations

from app.contract.stock import StockDocumentKind, StockLineInput
from app.kernel.text import Message
from app.ui.stock.stock_line import Column
from app.ui.stock.stock_sheet import StockSheet
from tests.ui.stock.stock_samples import in_stock, paper


def sheet_with_paper(kind: StockDocumentKind, *, lots: bool = False) -> StockSheet:
    sheet = StockSheet(kind)
    sheet.date = "2026-06-30"
    sheet.choose_item(0, paper(lots=lots))
    return sheet


def test_a_price_gives_the_amount_and_an_amount_the_price() -> None:
    sheet = sheet_with_paper("opening")
    sheet.type(0, Column.PRICE, "3.335")
    sheet.type(0, Column.QUANTITY, "3")
    assert sheet.shown(0, Column.AMOUNT) == "10.01"  # 10.005 rounded half-up once
    sheet.type(0, Column.QUANTITY, "１０００")
    assert sheet.shown(0, Column.AMOUNT) == "3,335.00"
    sheet.type(0, Column.AMOUNT, "1000")
    assert sheet.shown(0, Column.PRICE) == "1"
    sheet.type(0, Column.QUANTITY, "3")
    assert (sheet.shown(0, Column.AMOUNT), sheet.shown(0, Column.PRICE)) == ("1,000.00", "333.333333")
    assert sheet.inputs() == [StockLineInput(item_id=1, quantity="3", unit="包", amount="1000.00")]


def test_there_is_always_an_empty_line_below_and_it_is_not_sent() -> None:
    sheet = sheet_with_paper("other_in")
    assert [line.is_empty for line in sheet.lines] == [False, True]
    sheet.type(1, Column.NOTE, "破损")
    assert len(sheet.lines) == 3
    sheet.delete(1)
    assert sheet.used == [0]


def test_only_what_comes_in_has_a_value_to_type() -> None:
    for kind, valued in (("opening", True), ("other_in", True), ("other_out", False), ("transfer", False)):
        sheet = sheet_with_paper(kind)  # type: ignore[arg-type]  # a loop over literals
        assert sheet.may_type(0, Column.AMOUNT) is valued, kind
    assembly = sheet_with_paper("assembly")
    assembly.type(0, Column.QUANTITY, "-2")
    assert not assembly.may_type(0, Column.AMOUNT)
    assembly.type(0, Column.QUANTITY, "2")
    assert assembly.may_type(0, Column.AMOUNT)


def test_lot_and_expiry_are_shown_where_a_line_has_use_for_them() -> None:
    sheet = sheet_with_paper("opening")
    assert Column.LOT not in sheet.columns()
    sheet.choose_item(1, paper(lots=True))
    assert {Column.LOT, Column.EXPIRY} <= set(sheet.columns())
    assert sheet.next_cell(1, Column.ITEM) == (1, Column.LOT)
    sheet.type(1, Column.EXPIRY, "12-31")
    assert sheet.shown(1, Column.EXPIRY) == "2026-12-31"


def test_enter_goes_where_something_is_missing() -> None:
    sheet = sheet_with_paper("opening")
    assert sheet.next_cell(0, Column.ITEM) == (0, Column.QUANTITY)
    assert sheet.next_cell(0, Column.QUANTITY) == (0, Column.AMOUNT)
    assert sheet.next_cell(0, Column.AMOUNT) == (1, Column.ITEM)
    assert sheet.previous_cell(0, Column.AMOUNT) == (0, Column.QUANTITY)
    assert sheet_with_paper("transfer").next_cell(0, Column.QUANTITY) == (1, Column.ITEM)


def test_a_count_compares_in_base_units_with_what_the_book_has() -> None:
    sheet = sheet_with_paper("count")
    sheet.set_book(1, "", 4_200_000_000)
    sheet.type(0, Column.UNIT, "箱")
    sheet.type(0, Column.QUANTITY, "4")
    assert (sheet.shown(0, Column.BOOK), sheet.shown(0, Column.DIFFERENCE)) == ("42", "-2")
    assert not sheet.may_type(0, Column.AMOUNT)
    sheet.type(0, Column.QUANTITY, "4.5")
    assert sheet.shown(0, Column.DIFFERENCE) == "3"
    assert sheet.may_type(0, Column.AMOUNT)
    assert sheet.differing() == 1


def test_a_count_is_filled_with_everything_in_stock_but_once() -> None:
    sheet = sheet_with_paper("count")
    rows = [in_stock(1, "42"), in_stock(2, "7.5", "L1"), in_stock(2, "1", "L2")]
    assert sheet.fill(rows) == 2
    assert sheet.fill(rows) == 0
    assert [sheet.shown(row, Column.QUANTITY) for row in sheet.used] == ["", "7.5", "1"]
    assert [sheet.shown(row, Column.DIFFERENCE) for row in sheet.used] == ["", "0", "0"]
    sheet.compare([in_stock(1, "40"), in_stock(2, "8", "L1")])
    assert [sheet.shown(row, Column.BOOK) for row in sheet.used] == ["40", "8", "0"]


def test_what_cannot_be_sent_is_pointed_at() -> None:
    sheet = StockSheet("other_out")
    assert sheet.unread_cell() is None
    sheet.type(0, Column.ITEM, "没有的东西")
    assert sheet.unread_cell() == (0, Column.ITEM)
    sheet.choose_item(0, paper())
    assert sheet.unread_cell() == (0, Column.QUANTITY)
    sheet.type(0, Column.QUANTITY, "两包")
    assert (sheet.unread_cell(), sheet.shown(0, Column.QUANTITY)) == ((0, Column.QUANTITY), "两包")
    assert sheet.fault(0, Column.QUANTITY) is not None
    sheet.type(0, Column.QUANTITY, "2")
    sheet.type(0, Column.UNIT, "盒")
    assert "包、箱" in str(sheet.fault(0, Column.UNIT))


def test_a_refusal_names_the_cells_of_the_lines_that_were_sent() -> None:
    sheet = sheet_with_paper("other_out")
    sheet.insert(0)
    said = Message("不够")
    assert sheet.mark_refused({"lines.0.quantity": said, "date": said, "lines.9.lot": said}) == [(1, Column.QUANTITY)]
    assert sheet.fault(1, Column.QUANTITY) == said
    sheet.type(1, Column.QUANTITY, "1")
    assert sheet.fault(1, Column.QUANTITY) is None


def test_another_kind_keeps_what_it_has_a_place_for() -> None:
    sheet = sheet_with_paper("other_in")
    sheet.type(0, Column.QUANTITY, "5")
    sheet.type(0, Column.AMOUNT, "50")
    sheet.set_kind("other_out")
    assert (sheet.shown(0, Column.QUANTITY), sheet.shown(0, Column.AMOUNT)) == ("5", "")
