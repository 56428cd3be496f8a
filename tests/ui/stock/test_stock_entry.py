"""The page of stock documents over the real server: typed by keyboard, saved, finished, taken back, refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication, QMessageBox, QPushButton

from app.contract.inventory import WarehouseInput
from app.contract.stock import (
    StockBalanceQuery,
    StockDocument,
    StockDocumentInput,
    StockDocumentQuery,
    StockLineInput,
)
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.navigation import NewStockDocument, OpenStockDocument, OpenVoucher
from app.ui.stock.stock_entry_page import StockEntryPage
from app.ui.stock.stock_line import Column
from app.ui.tasks import Change, Topic
from app.ui.trade.cancel_dialog import CancelDialog
from tests.ui.ledger.desk import Desk
from tests.ui.stock.stock_samples import add_paper, take_in


@pytest.fixture
def page(desk: Desk) -> StockEntryPage:
    return desk.show(StockEntryPage)


def put(page: StockEntryPage, row: int, column: Column, text: str) -> None:
    model = page.form.model
    model.setData(model.index(row, model.place_of(column)), text)


def stock_of(desk: Desk) -> list[tuple[str, str, str]]:
    rows = desk.api.list_stock(StockBalanceQuery()).rows
    return [(row.item_code, row.quantity, row.amount) for row in rows]


def test_a_document_is_typed_with_the_keyboard_saved_and_finished(desk: Desk, page: StockEntryPage) -> None:
    add_paper(desk.api)
    page.open(NewStockDocument("other_in"))
    grid = page.form.grid
    assert grid.editor is not None
    desk.qtbot.keyClicks(grid.editor, "A001")
    desk.qtbot.waitUntil(lambda: grid.lookup_list is not None and grid.lookup_list.isVisible())
    desk.qtbot.keyClick(grid.editor, Qt.Key.Key_Return)
    assert grid.cell == (0, Column.QUANTITY)
    desk.qtbot.keyClicks(grid.editor, "12")
    desk.qtbot.keyClick(grid.editor, Qt.Key.Key_Return)
    desk.qtbot.keyClicks(grid.editor, "10*12")
    desk.qtbot.keyClick(grid.editor, Qt.Key.Key_F8)
    stored = page.form.sheet.stored
    assert stored is not None
    assert stored.state == "draft"
    assert stock_of(desk) == []
    assert not page.has_unsaved()
    desk.qtbot.keyClick(grid, Qt.Key.Key_F9)
    stored = page.form.sheet.stored
    assert stored is not None
    assert stored.state == "done"
    assert stock_of(desk) == [("A001", "12", "120.00")]
    assert stored.vouchers
    page.form.links.linkActivated.emit(f"voucher:{stored.vouchers[0].voucher_id}")
    assert desk.last() == OpenVoucher(stored.vouchers[0].voucher_id)
    assert page.steps.buttons["cancel"].isVisible()
    assert not page.steps.buttons["save"].isVisible()


def test_a_voucher_leads_to_the_document_that_made_it(desk: Desk) -> None:
    received = take_in(desk.api, add_paper(desk.api), "10", "100")
    by_hand = desk.write("2026-06-02", ("1001", "5", ""), ("1002", "", "5"))
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(received.vouchers[0].voucher_id))
    assert received.number in page.source.text()
    page.source.linkActivated.emit("document")
    assert desk.last() == OpenStockDocument(received.id)
    page.open(OpenVoucher(by_hand.id))
    assert page.source.isHidden()


def test_who_may_only_look_sees_no_way_to_type(desk: Desk) -> None:
    received = take_in(desk.api, add_paper(desk.api), "10", "100")
    rights = {f"inventory:{thing}:view" for thing in ("document", "item", "warehouse", "stock")}
    looking = replace(desk.context, is_owner=False, permissions=frozenset(rights))
    page = replace(desk, context=looking).show(StockEntryPage)
    assert not page.form.sheet.editable
    page.open(OpenStockDocument(received.id))
    assert [name for name, button in page.steps.buttons.items() if button.isVisible()] == []
    assert not page.steps.add.isVisible()


def test_a_scanned_barcode_is_found_while_one_types_on(desk: Desk, page: StockEntryPage) -> None:
    item = add_paper(desk.api)
    page.open(NewStockDocument("other_in"))
    put(page, 0, Column.ITEM, "69A001")
    line = page.form.sheet.lines[0]
    assert line.item is not None
    assert line.item.id == item.id
    put(page, 1, Column.ITEM, "没有这个")
    assert "没有这个" in str(page.form.sheet.fault(1, Column.ITEM))


def test_finishing_at_once_saves_first_and_a_refusal_leaves_a_draft(desk: Desk, page: StockEntryPage) -> None:
    add_paper(desk.api)
    page.open(NewStockDocument("other_out"))
    put(page, 0, Column.ITEM, "A001")
    put(page, 0, Column.QUANTITY, "5")
    page.finish()
    assert page.message_bar.error is not None
    stored = page.form.sheet.stored
    assert stored is not None
    assert stored.state == "draft"
    assert page.form.sheet.shown(0, Column.QUANTITY) == "5"


def test_a_count_is_filled_compared_and_posts_the_difference(desk: Desk, page: StockEntryPage) -> None:
    paper = add_paper(desk.api)
    take_in(desk.api, paper, "10", "100")
    page.open(NewStockDocument("count"))
    page.steps.buttons["fill"].click()
    sheet = page.form.sheet
    assert [sheet.shown(0, c) for c in (Column.BOOK, Column.QUANTITY, Column.DIFFERENCE)] == ["10", "10", "0"]
    put(page, 0, Column.QUANTITY, "8")
    assert sheet.shown(0, Column.DIFFERENCE) == "-2"
    page.finish()
    assert page.message_bar.error is None
    assert page.form.sheet.shown(0, Column.AMOUNT) == "-20.00"
    assert stock_of(desk) == [("A001", "8", "80.00")]


def test_an_assembly_says_what_is_typed_and_shows_the_parts_as_going_out(desk: Desk, page: StockEntryPage) -> None:
    part, whole = add_paper(desk.api), add_paper(desk.api, "A002", "礼盒")
    take_in(desk.api, part, "10", "100")
    page.open(NewStockDocument("assembly"))
    assert "负数" in page.form.maker.text()
    lines = [StockLineInput(item_id=whole.id, quantity="1"), StockLineInput(item_id=part.id, quantity="-4")]
    draft = desk.api.add_stock_document(StockDocumentInput(kind="assembly", date="2026-06-15", lines=lines))
    page.open(OpenStockDocument(desk.api.finish_stock_document(draft.id, draft.version).id))
    sheet = page.form.sheet
    assert [sheet.shown(row, Column.AMOUNT) for row in (0, 1)] == ["40.00", "-40.00"]
    assert [sheet.shown(row, Column.PRICE) for row in (0, 1)] == ["40", "10"]
    assert sheet.total() == 0


def test_what_a_count_finds_beyond_the_book_keeps_the_value_typed_for_it(desk: Desk, page: StockEntryPage) -> None:
    add_paper(desk.api)
    page.open(NewStockDocument("count"))
    put(page, 0, Column.ITEM, "A001")
    put(page, 0, Column.QUANTITY, "3")
    put(page, 0, Column.AMOUNT, "33")
    page.save()
    assert page.form.sheet.shown(0, Column.AMOUNT) == "33.00"
    page.finish()
    assert page.message_bar.error is None
    assert stock_of(desk) == [("A001", "3", "33.00")]


def test_a_line_of_a_count_knows_what_the_book_has(desk: Desk, page: StockEntryPage) -> None:
    paper = add_paper(desk.api)
    take_in(desk.api, paper, "10", "100", date="2026-06-10")
    page.open(NewStockDocument("count"))
    put(page, 0, Column.ITEM, "A001")
    assert page.form.sheet.shown(0, Column.BOOK) == "10"
    page.form.head.date.setText("2026-06-09")
    page.form.head.date.editingFinished.emit()
    assert page.form.sheet.shown(0, Column.BOOK) == "0"


def test_goods_are_moved_between_warehouses(desk: Desk) -> None:
    desk.api.add_warehouse(WarehouseInput(name="门店"))
    paper = add_paper(desk.api)
    take_in(desk.api, paper, "10", "100")
    page = desk.show(StockEntryPage)
    page.open(NewStockDocument("transfer"))
    head = page.form.head
    assert head.to_warehouse.isVisible()
    assert not head.account.isVisible()
    assert head.warehouse.currentData() != head.to_warehouse.currentData()
    put(page, 0, Column.ITEM, "A001")
    put(page, 0, Column.UNIT, "箱")
    put(page, 0, Column.QUANTITY, "0.4")
    page.finish()
    assert page.message_bar.error is None
    shop = desk.api.list_stock(StockBalanceQuery(warehouse_id=head.to_warehouse.currentData())).rows
    assert [row.quantity for row in shop] == ["4"]


def test_a_finished_document_is_taken_back_by_another(desk: Desk, page: StockEntryPage) -> None:
    paper = add_paper(desk.api)
    done = take_in(desk.api, paper, "10", "100")
    page.open(OpenStockDocument(done.id))
    assert not page.form.sheet.editable
    page.steps.buttons["cancel"].click()
    dialog = page.findChild(CancelDialog)
    assert dialog is not None
    dialog.reason.setText("数错了")
    dialog.ok_button.click()
    assert stock_of(desk) == []
    documents = desk.api.list_stock_documents(StockDocumentQuery()).documents
    assert {document.id: document.state for document in documents}[done.id] == "cancelled"
    assert len(documents) == 2
    assert "冲销" in page.form.links.text()


def test_a_draft_is_deleted_after_a_question(desk: Desk, page: StockEntryPage) -> None:
    add_paper(desk.api)
    page.open(NewStockDocument("other_in"))
    put(page, 0, Column.ITEM, "A001")
    put(page, 0, Column.QUANTITY, "1")
    put(page, 0, Column.AMOUNT, "1")
    page.save()
    page.steps.buttons["delete"].click()
    box = page.findChild(QMessageBox)
    assert box is not None
    yes = next(b for b in box.findChildren(QPushButton) if box.buttonRole(b) == QMessageBox.ButtonRole.AcceptRole)
    yes.click()
    assert desk.api.list_stock_documents(StockDocumentQuery()).documents == []
    assert page.form.sheet.stored is None


def test_what_is_typed_while_an_answer_is_under_way_stays(
    desk: Desk, page: StockEntryPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_paper(desk.api)
    page.open(NewStockDocument("other_in"))
    put(page, 0, Column.ITEM, "A001")
    put(page, 0, Column.QUANTITY, "1")
    add = desk.api.add_stock_document

    def slowly(content: StockDocumentInput) -> StockDocument:
        saved = add(content)
        put(page, 0, Column.NOTE, "补写")
        return saved

    monkeypatch.setattr(desk.api, "add_stock_document", slowly)
    page.save()
    assert page.form.sheet.shown(0, Column.NOTE) == "补写"
    assert page.has_unsaved()
    page.save()
    stored = page.form.sheet.stored
    assert stored is not None
    assert [line.note for line in stored.lines] == ["补写"]
    assert len(desk.api.list_stock_documents(StockDocumentQuery()).documents) == 1


def test_something_typed_is_not_dropped_without_asking(desk: Desk, page: StockEntryPage) -> None:
    add_paper(desk.api)
    page.open(NewStockDocument("other_in"))
    put(page, 0, Column.ITEM, "A001")
    assert page.has_unsaved()
    page.open(NewStockDocument("count"))
    boxes = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible()]
    assert [box.text() for box in boxes] == ["当前单据还没有保存。"]
    boxes[0].reject()
    assert page.form.sheet.kind == "other_in"


def test_an_answer_that_comes_late_does_not_replace_what_was_begun_meanwhile(
    desk: Desk, page: StockEntryPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = take_in(desk.api, add_paper(desk.api), "10", "100")
    page.open(OpenStockDocument(done.id))
    ask = desk.api.get_stock_document

    def answer_late(document_id: int) -> StockDocument:
        page.open(NewStockDocument("transfer"))
        put(page, 0, Column.QUANTITY, "3")
        return ask(document_id)

    monkeypatch.setattr(desk.api, "get_stock_document", answer_late)
    page.refresh(Change(frozenset({Topic.STOCK})))
    assert page.form.sheet.kind == "transfer"
    assert page.has_unsaved()


def test_after_opening_stock_a_document_begins_on_a_day_of_the_book(desk: Desk, page: StockEntryPage) -> None:
    paper = add_paper(desk.api)
    line = StockLineInput(item_id=paper.id, quantity="1", amount="10")
    opening = desk.api.add_stock_document(StockDocumentInput(kind="opening", date="2026-04-30", lines=[line]))
    page.open(OpenStockDocument(opening.id))
    page.open(NewStockDocument("transfer"))
    assert page.form.head.date.wire == page.context.today().isoformat()
