"""The sheet behind a document's form: what is typed, what the server computed, where Enter goes."""

from __future__ import annotations

from app.contract.inventory import Item, ItemUnit
from app.contract.orders import DocumentLine, DocumentPreview
from app.kernel.text import message
from app.ui.trade import document_line as cell
from app.ui.trade.document_sheet import DocumentSheet
from app.ui.trade.partner import Partner


def item(number: int = 7, **wishes: object) -> Item:
    values: dict[str, object] = {
        "id": number,
        "code": f"SP-{number}",
        "name": "打印纸",
        "specification": "A4 70g",
        "barcode": "",
        "kind": "goods",
        "category_id": None,
        "category": "",
        "unit": "包",
        "units": [ItemUnit(unit="箱", factor="8")],
        "costing": "moving",
        "tracks_lots": False,
        "tracks_expiry": False,
        "tax_rate": "13.00",
        "sales_price": "25",
        "purchase_price": "18",
        "reorder_level": "",
        "note": "",
        "pinyin": "dyz",
        "active": True,
        "version": 1,
    }
    return Item.model_validate(values | wishes)


def sheet(kind: str = "sales_order") -> DocumentSheet:
    made = DocumentSheet(kind, date="2026-06-30")  # type: ignore[arg-type]  # the kinds of the tests are kinds
    made.partner = Partner(3, "远航科技")
    return made


def computed(**wishes: object) -> DocumentLine:
    values: dict[str, object] = {
        "id": 0,
        "line": 1,
        "item_id": 7,
        "item_code": "SP-7",
        "description": "打印纸 A4 70g",
        "quantity": "3",
        "unit": "包",
        "base_quantity": "3",
        "unit_price": "25",
        "discount_percent": "0",
        "tax_rate": "13",
        "net": "66.37",
        "tax": "8.63",
        "gross": "75.00",
        "own_amounts": False,
        "warehouse_id": None,
        "warehouse": "",
        "lot": "",
        "expiry": "",
        "source_line_id": None,
    }
    return DocumentLine.model_validate(values | wishes)


def preview(*concerns: str) -> DocumentPreview:
    return DocumentPreview(lines=[computed()], net="66.37", tax="8.63", gross="75.00", concerns=list(concerns))


def test_an_item_brings_its_name_unit_and_tax_rate() -> None:
    page = sheet()
    page.take_item(0, item())
    line = page.lines[0]
    assert (line.description, line.unit, line.tax_rate, line.quantity) == ("打印纸 A4 70g", "包", "13", "1")
    assert page.used == [0]
    assert line.units() == [("包", "1"), ("箱", "8")]


def test_numbers_may_be_calculated_and_what_cannot_be_read_stays() -> None:
    page = sheet()
    page.take_item(0, item())
    page.type(0, cell.QUANTITY, "12*2")
    page.type(0, cell.PRICE, "二十五")
    page.type(0, cell.DISCOUNT, "5%")
    assert (page.lines[0].quantity, page.lines[0].discount_percent) == ("24", "5")
    assert [(row, name) for row, name, _ in page.unread_cells()] == [(0, cell.PRICE)]
    assert page.shown(0, cell.PRICE) == "二十五"
    page.type(0, cell.PRICE, "25")
    assert page.unread_cells() == []


def test_what_the_server_computed_stands_in_the_rows_it_was_asked_for() -> None:
    page = sheet()
    page.take_item(1, item())
    page.type(1, cell.QUANTITY, "3")
    page.take_preview(
        DocumentPreview(lines=[computed()], net="66.37", tax="8.63", gross="75.00", concerns=["库存不足"])
    )
    assert page.shown(1, cell.GROSS) == "75.00"
    assert page.capital() == "柒拾伍元整"
    assert page.concerns == ["库存不足"]
    assert page.to_input().lines[0].gross == ""


def test_an_invoices_own_amounts_win_and_follow_each_other() -> None:
    page = sheet("purchase_invoice")
    page.take_item(0, item())
    page.take_preview(preview())
    page.type(0, cell.TAX, "8.62")
    wish = page.to_input().lines[0]
    assert (wish.net, wish.tax, wish.gross) == ("66.37", "8.62", "74.99")
    page.type(0, cell.GROSS, "75")
    assert page.to_input().lines[0].net == "66.38"
    page.type(0, cell.GROSS, "")
    assert page.to_input().lines[0].gross == ""
    assert not sheet("sales_order").may_type(0, cell.TAX)


def test_a_refusal_marks_its_cell_although_rows_above_are_empty() -> None:
    page = sheet()
    page.take_item(2, item())
    assert page.mark_refused({"lines.0.quantity": message("数量要大于零。")}) == [(2, cell.QUANTITY)]
    assert page.fault(2, cell.QUANTITY) == message("数量要大于零。")
    page.type(2, cell.QUANTITY, "5")
    assert page.fault(2, cell.QUANTITY) is None


def test_enter_goes_to_what_a_row_needs() -> None:
    page = sheet()
    assert page.next_cell(0, cell.ITEM) == (0, cell.DESCRIPTION)
    page.take_item(0, item())
    assert page.next_cell(0, cell.ITEM) == (0, cell.QUANTITY)
    assert page.next_cell(0, cell.QUANTITY) == (0, cell.PRICE)
    assert page.next_cell(0, cell.PRICE) == (1, cell.ITEM)
    assert page.previous_cell(1, cell.ITEM) == (0, cell.PRICE)
    tracked = sheet("goods_receipt")
    tracked.take_item(0, item(tracks_lots=True, tracks_expiry=True))
    assert tracked.next_cell(0, cell.ITEM) == (0, cell.LOT)
    assert tracked.next_cell(0, cell.LOT) == (0, cell.EXPIRY)
    assert cell.LOT in tracked.wanted_columns()


def test_a_discount_is_an_amount_or_per_cent() -> None:
    page = sheet()
    page.take_item(0, item())
    page.take_preview(preview())
    assert page.type_discount("5%") is None
    assert page.discount == "3.75"
    assert page.type_discount("五块") is not None
    assert page.discount == "3.75"
    assert page.type_discount("") is None
    assert page.discount == ""


def test_rows_are_put_in_and_taken_out_with_their_marks() -> None:
    page = sheet()
    page.take_item(0, item())
    page.take_item(1, item(8))
    page.mark_refused({"lines.1.unit_price": message("数量要大于零。")})
    page.insert(1)
    assert page.fault(2, cell.PRICE) is not None
    page.delete(0)
    assert page.fault(1, cell.PRICE) is not None
    assert [line.item_id for line in page.to_input().lines or []] == [8]
