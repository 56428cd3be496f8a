"""Documents at the window over a real server: typed, computed, saved, carried on, taken back."""

from __future__ import annotations

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox

from app.client.api import ApiClient
from app.contract.contacts import Contact
from app.contract.inventory import Item, ItemInput
from app.contract.orders import Document, DocumentInput, DocumentLineInput, Finishing
from app.kernel.errors import PermissionDenied
from app.kernel.text import message
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.navigation import NewSale, OpenCollection, OpenPurchase, OpenSale, OpenStockCard, OpenVoucher
from app.ui.tasks import Change, Topic
from app.ui.trade import document_line as cell
from app.ui.trade.cancel_dialog import CancelDialog, CloseDialog
from app.ui.trade.document_page import PurchaseDocumentPage, SalesDocumentPage
from app.ui.trade.partner import Partner
from tests.ui.ledger.desk import Desk

KEY = Qt.Key


def put(page: SalesDocumentPage | PurchaseDocumentPage, row: int, name: str, text: str) -> None:
    page.form.grid.go(row, name)
    editor = page.form.grid.editor
    assert editor is not None
    editor.setText(text)
    editor.setModified(True)
    page.form.grid.commit()


def choose(page: SalesDocumentPage | PurchaseDocumentPage, contact: Contact) -> None:
    page.form.contact.set_contact(contact)
    page.form.contact.chosen.emit(contact)


def stored(page: SalesDocumentPage | PurchaseDocumentPage) -> Document:
    document = page.form.sheet.stored
    assert document is not None
    return document


def order(api: ApiClient, contact: Contact, item: Item, quantity: str = "10", kind: str = "sales_order") -> Document:
    lines = [DocumentLineInput(item_id=item.id, description="打印纸", quantity=quantity, unit="包", unit_price="22.6")]
    wish = DocumentInput(kind=kind, date="2026-06-12", contact_id=contact.id, lines=lines)  # type: ignore[arg-type]
    return api.add_document(wish)


def test_an_order_is_typed_with_the_keyboard_and_computed(desk: Desk, customer: Contact, paper: Item) -> None:
    page = desk.show(SalesDocumentPage)
    choose(page, customer)
    page.form.grid.go(0, cell.ITEM)
    editor = page.form.grid.editor
    assert editor is not None
    desk.qtbot.keyClicks(editor, "dyz")
    desk.qtbot.waitUntil(lambda: page.form.grid.lookup_list is not None and page.form.grid.lookup_list.isVisible())
    desk.qtbot.keyClick(editor, KEY.Key_Return)
    assert page.form.grid.cell == (0, cell.QUANTITY)
    line = page.form.sheet.lines[0]
    assert (line.item_code, line.description, line.unit, line.unit_price) == ("ZP-01", "打印纸 A4 70g", "包", "22.6")
    editor = page.form.grid.editor
    assert editor is not None
    desk.qtbot.keyClicks(editor, "3")
    desk.qtbot.keyClick(editor, KEY.Key_Return)
    assert page.form.grid.cell == (0, cell.PRICE)
    page.computing.ask()
    assert (page.form.sheet.net, page.form.sheet.tax, page.form.sheet.gross) == ("60.00", "7.80", "67.80")
    assert page.has_unsaved()
    desk.qtbot.keyClick(page.form.grid.editor or page.form.grid, KEY.Key_F8)
    assert stored(page).gross == "67.80"
    assert not page.has_unsaved()


def test_a_scanned_barcode_takes_its_item_and_unit(desk: Desk, customer: Contact, paper: Item) -> None:
    page = desk.show(SalesDocumentPage)
    choose(page, customer)
    page.form.grid.go(0, cell.ITEM)
    editor = page.form.grid.editor
    assert editor is not None
    desk.qtbot.keyClicks(editor, "16901234567899")
    desk.qtbot.keyClick(editor, KEY.Key_Return)
    line = page.form.sheet.lines[0]
    assert (line.item_id, line.unit) == (paper.id, "箱")
    assert page.form.grid.cell == (0, cell.QUANTITY)
    assert page.form.sheet.unread_cells() == []


def test_an_unknown_item_stays_typed_and_is_not_sent(desk: Desk, customer: Contact) -> None:
    page = desk.show(SalesDocumentPage)
    choose(page, customer)
    put(page, 0, cell.ITEM, "没有这个")
    assert page.message_bar.text == "没有找到“没有这个”。"
    page.save()
    assert page.form.sheet.stored is None
    assert page.form.sheet.shown(0, cell.ITEM) == "没有这个"
    put(page, 0, cell.ITEM, "")
    assert page.message_bar.text == ""


def test_a_refusal_keeps_everything_and_goes_to_its_cell(desk: Desk, customer: Contact, paper: Item) -> None:
    page = desk.show(SalesDocumentPage)
    choose(page, customer)
    page.form.model.act(lambda: page.form.sheet.take_item(1, paper))
    put(page, 1, cell.QUANTITY, "0")
    page.save()
    assert page.form.sheet.stored is None
    assert page.message_bar.error is not None
    assert page.form.grid.cell == (1, cell.QUANTITY)
    assert page.form.sheet.shown(1, cell.QUANTITY) == "0"


def test_a_saved_order_is_confirmed_carried_on_and_closed(desk: Desk, customer: Contact, paper: Item) -> None:
    page = desk.show(SalesDocumentPage)
    page.open(OpenSale(order(desk.api, customer, paper).id))
    assert page.form.contact.text() == "远航科技"
    assert page.toolbar.is_shown("finish")
    page.ways.finish()
    assert stored(page).state == "open"
    assert not page.form.sheet.editable
    assert not page.toolbar.is_shown("save")
    source = stored(page)
    page.open(NewSale("delivery", (source.id,)))
    sheet = page.form.sheet
    assert (sheet.kind, sheet.stored, sheet.partner) == ("delivery", None, Partner(customer.id, "远航科技"))
    assert (sheet.lines[0].item_code, sheet.lines[0].quantity, sheet.lines[0].source) == ("ZP-01", "10", source.number)
    assert not sheet.may_type(0, cell.ITEM)
    assert page.has_unsaved()


def test_nothing_typed_is_lost_without_asking(desk: Desk, customer: Contact, paper: Item) -> None:
    other = order(desk.api, customer, paper)
    page = desk.show(SalesDocumentPage)
    choose(page, customer)
    page.form.model.act(lambda: page.form.sheet.take_item(0, paper))
    page.open(OpenSale(other.id))
    assert page.form.sheet.stored is None
    box = page.findChildren(QMessageBox)[-1]
    next(button for button in box.buttons() if button.text() == "不保存").click()
    assert stored(page).id == other.id


def test_a_stale_version_shows_who_changed_it(desk: Desk, customer: Contact, paper: Item) -> None:
    draft = order(desk.api, customer, paper)
    page = desk.show(SalesDocumentPage)
    page.open(OpenSale(draft.id))
    put(page, 0, cell.QUANTITY, "12")
    lines = [DocumentLineInput(item_id=paper.id, quantity="11", unit="包", unit_price="22.6")]
    wish = DocumentInput(
        kind="sales_order", date="2026-06-12", contact_id=customer.id, lines=lines, version=draft.version
    )
    desk.api.change_document(draft.id, wish)
    page.save()
    assert page.saving.meanwhile.isVisible()
    assert "王会计" in page.saving.meanwhile.label.text()
    assert page.form.sheet.lines[0].quantity == "12"
    page.saving.meanwhile.keep.click()
    page.save()
    assert desk.api.get_document(draft.id).lines[0].quantity.startswith("12")


def test_a_copy_carries_nothing_out(desk: Desk, customer: Contact, paper: Item) -> None:
    source = order(desk.api, customer, paper)
    page = desk.show(SalesDocumentPage)
    page.open(NewSale(copy_of=source.id))
    sheet = page.form.sheet
    assert (sheet.stored, sheet.date, sheet.used) == (None, "2026-06-30", [0])
    page.save()
    assert stored(page).id != source.id


def receipt(desk: Desk, supplier: Contact, item: Item, quantity: str, **line: str) -> Document:
    lines = [DocumentLineInput(item_id=item.id, quantity=quantity, unit_price="16", **line)]  # type: ignore[arg-type]
    wish = DocumentInput(kind="goods_receipt", date="2026-06-02", contact_id=supplier.id, lines=lines)
    draft = desk.api.add_document(wish)
    return desk.api.finish_document(draft.id, Finishing(version=draft.version))


def test_goods_go_out_with_their_invoice_and_come_back(
    desk: Desk, customer: Contact, supplier: Contact, paper: Item
) -> None:
    receipt(desk, supplier, paper, "100")
    page = desk.show(SalesDocumentPage)
    page.open(NewSale("delivery"))
    choose(page, customer)
    page.form.model.act(lambda: page.form.sheet.take_item(0, paper))
    put(page, 0, cell.QUANTITY, "30")
    put(page, 0, cell.PRICE, "22.6")
    desk.qtbot.keyClick(page.form.grid, KEY.Key_F9, Qt.KeyboardModifier.ControlModifier)
    delivery = stored(page)
    assert page.message_bar.error is None, page.message_bar.text
    assert (delivery.state, len(delivery.vouchers)) == ("done", 1)
    assert [(link.kind, link.relation) for link in delivery.links] == [("sales_invoice", "follower")]
    assert page.form.sheet.shown(0, cell.COST) == "424.78"
    assert "sales_invoice:" in page.form.links.text()
    page.ways.open_link("voucher", delivery.vouchers[0].voucher_id)
    assert desk.last() == OpenVoucher(delivery.vouchers[0].voucher_id)
    page.ways.open_link("sales_invoice", delivery.links[0].id)
    assert stored(page).kind == "sales_invoice"
    page.ways.settle()
    assert desk.last() == OpenCollection(contact_id=customer.id, document_ids=(stored(page).id,))
    page.ways.cancel()
    dialog = page.findChildren(CancelDialog)[0]
    dialog.reason.setText("开错了")
    dialog.ok_button.click()
    assert stored(page).state == "cancelled"
    assert "counter" in {link.relation for link in stored(page).links}


def test_too_little_in_stock_is_said_before_and_refused_at_the_line(
    desk: Desk, customer: Contact, supplier: Contact, paper: Item
) -> None:
    receipt(desk, supplier, paper, "5")
    page = desk.show(SalesDocumentPage)
    page.open(NewSale("delivery"))
    choose(page, customer)
    page.form.model.act(lambda: page.form.sheet.take_item(0, paper))
    put(page, 0, cell.QUANTITY, "30")
    page.computing.ask()
    assert page.form.concerns.isVisible()
    page.save(then=page.ways.finish)
    assert stored(page).state == "draft"
    assert page.message_bar.error is not None
    assert page.form.sheet.lines[0].quantity == "30"


def test_a_lot_is_chosen_among_those_in_stock(desk: Desk, customer: Contact, supplier: Contact) -> None:
    milk = desk.api.add_item(
        ItemInput(code="NN-1", name="牛奶", unit="盒", costing="lot", tracks_lots=True, tracks_expiry=True)
    )
    receipt(desk, supplier, milk, "12", lot="A1", expiry="2026-12-31")
    page = desk.show(SalesDocumentPage)
    page.open(NewSale("delivery"))
    choose(page, customer)
    page.form.model.act(lambda: page.form.sheet.take_item(0, milk))
    page.form.grid.go(0, cell.LOT)
    page.form.grid.look_up()
    found = page.form.grid.lookup_list
    assert found is not None
    assert [choice.value for choice in found.choices] == ["A1"]
    page.form.grid.take_choice(found.choices[0])
    assert (page.form.sheet.lines[0].lot, page.form.sheet.lines[0].expiry) == ("A1", "2026-12-31")


def test_an_order_is_closed_and_opened_again(desk: Desk, customer: Contact, paper: Item) -> None:
    page = desk.show(SalesDocumentPage)
    page.open(OpenSale(order(desk.api, customer, paper).id))
    page.ways.finish()
    page.ways.close()
    page.findChildren(CloseDialog)[0].ok_button.click()
    assert stored(page).state == "closed"
    page.ways.reopen()
    assert stored(page).state == "open"


def test_a_voucher_leads_to_the_document_that_made_it(desk: Desk, supplier: Contact, paper: Item) -> None:
    made = receipt(desk, supplier, paper, "100")
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(made.vouchers[0].voucher_id))
    assert made.number in page.source.text()
    page.source.linkActivated.emit("document")
    assert desk.last() == OpenPurchase(made.id)


def test_what_stands_in_the_head_is_never_dropped_silently(desk: Desk, customer: Contact, paper: Item) -> None:
    page = desk.show(SalesDocumentPage)
    page.form.model.act(lambda: page.form.sheet.take_item(0, paper))
    page.form.contact.setText("没有这一家")
    page.save()
    assert page.message_bar.text == "没有找到“没有这一家”。"
    assert (page.form.contact.text(), page.form.sheet.stored) == ("没有这一家", None)
    choose(page, customer)
    page.form.discount.setText("五块")
    page.save()
    assert (page.form.discount.text(), page.form.sheet.stored) == ("五块", None)
    page.form.discount.setText("5")
    page.save()
    assert stored(page).discount == "5.00"


def test_a_cancelled_order_needs_no_counter_document(desk: Desk, customer: Contact, paper: Item) -> None:
    page = desk.show(SalesDocumentPage)
    page.open(OpenSale(order(desk.api, customer, paper).id))
    page.ways.finish()
    page.ways.cancel()
    dialog = page.findChildren(CancelDialog)[0]
    assert dialog.date.isHidden()
    dialog.ok_button.click()
    assert stored(page).state == "cancelled"


def test_a_cell_opens_what_it_is_made_of(desk: Desk, customer: Contact, supplier: Contact, paper: Item) -> None:
    receipt(desk, supplier, paper, "100")
    source = order(desk.api, customer, paper)
    source = desk.api.finish_document(source.id, Finishing(version=source.version))
    page = desk.show(SalesDocumentPage)
    page.open(NewSale("delivery", (source.id,)))
    page.save(then=page.ways.finish)
    assert stored(page).state == "done", page.message_bar.text
    page.form.grid.go(0, cell.COST)
    desk.qtbot.keyClick(page.form.grid, KEY.Key_Return)
    assert desk.last() == OpenStockCard(paper.id)
    page.form.grid.looked_into.emit(0, cell.SOURCE)
    assert stored(page).id == source.id
    page.form.grid.looked_into.emit(0, cell.FULFILLED)
    assert stored(page).kind == "delivery"


def test_who_sees_nothing_of_the_ledger_still_opens_documents(
    desk: Desk, customer: Contact, paper: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_api: ApiClient) -> None:
        raise PermissionDenied("permission_denied", message("没有“{permission}”的权限。", permission="…"))

    made = order(desk.api, customer, paper)
    for name in ("list_currencies", "list_periods", "list_warehouses"):
        monkeypatch.setattr(ApiClient, name, refuses)
    page = desk.show(SalesDocumentPage)
    page.open(OpenSale(made.id))
    assert stored(page).id == made.id
    assert page.message_bar.error is None


def test_an_answer_that_comes_late_does_not_replace_what_was_begun_meanwhile(
    desk: Desk, customer: Contact, paper: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = order(desk.api, customer, paper)
    page = desk.show(SalesDocumentPage)
    page.open(OpenSale(made.id))
    ask = desk.api.get_document

    def answer_late(document_id: int) -> Document:
        page.open(NewSale("quotation"))
        put(page, 0, cell.QUANTITY, "3")
        return ask(document_id)

    monkeypatch.setattr(desk.api, "get_document", answer_late)
    page.refresh(Change(frozenset({Topic.DOCUMENTS})))
    assert page.form.sheet.kind == "quotation"
    assert page.has_unsaved()
