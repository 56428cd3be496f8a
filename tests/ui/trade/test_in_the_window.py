"""Sales in the real window: worker threads, typing while answers are under way, the way from page to page."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.contract.contacts import ContactInput
from app.contract.inventory import ItemInput
from app.contract.orders import Document
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.navigation import NewSale
from app.ui.search_palette import SearchPalette
from app.ui.shell import Shell
from app.ui.trade import document_line as cell
from app.ui.trade.document_page import SalesDocumentPage
from app.ui.trade.payments_page import CollectionsPage

KEY = Qt.Key
Wait = Callable[[], None]


def test_from_the_keyboard_to_the_money_in_the_window(opened: Shell, qtbot: QtBot, at_rest: Wait) -> None:
    workspace, api = opened.workspace, opened.tasks.api
    assert workspace is not None
    assert api is not None
    customer = api.add_contact(ContactInput(name="远航科技", roles=["customer"]))
    api.add_item(ItemInput(code="AZ", name="安装服务", unit="次", kind="service", tax_rate="6", sales_price="530"))
    QApplication.setActiveWindow(opened.window)
    workspace.open_target(NewSale("sales_invoice"))
    at_rest()
    page = workspace.current_page
    assert isinstance(page, SalesDocumentPage)
    form = page.form
    qtbot.waitUntil(form.contact.hasFocus)
    qtbot.keyClicks(form.contact, "yhkj")
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    qtbot.keyClick(QApplication.activePopupWidget(), KEY.Key_Return)
    qtbot.waitUntil(lambda: form.contact.contact_id == customer.id)
    form.grid.go(0, cell.ITEM)

    def editor() -> QLineEdit:
        qtbot.waitUntil(lambda: form.grid.editor is not None)
        assert form.grid.editor is not None
        return form.grid.editor

    qtbot.keyClicks(editor(), "azfw")
    qtbot.waitUntil(lambda: form.grid.lookup_list is not None and form.grid.lookup_list.isVisible())
    qtbot.keyClick(editor(), KEY.Key_Return)
    qtbot.keyClicks(editor(), "2")
    qtbot.keyClick(editor(), KEY.Key_Return)
    qtbot.waitUntil(lambda: form.sheet.gross == "1060.00")
    assert form.sheet.net == "1000.00"
    qtbot.keyClick(editor(), KEY.Key_F9)

    def done() -> Document | None:
        stored = form.sheet.stored
        return stored if stored is not None and stored.state == "done" else None

    qtbot.waitUntil(lambda: done() is not None)
    at_rest()
    invoice = done()
    assert invoice is not None
    qtbot.keyClick(form.grid, KEY.Key_M, Qt.KeyboardModifier.ControlModifier)
    at_rest()
    money = workspace.current_page
    assert isinstance(money, CollectionsPage)
    assert money.desk.form.amount.text() == "1,060.00"
    qtbot.keyClick(money.desk.form.amount, KEY.Key_F9)
    qtbot.waitUntil(lambda: api.get_document(invoice.id).settled == "1060.00")
    at_rest()
    stored = money.desk.form.sheet.stored
    assert stored is not None
    money.desk.form.link_wanted.emit("voucher", stored.vouchers[0].voucher_id)
    at_rest()
    voucher = workspace.current_page
    assert isinstance(voucher, VoucherPage)
    assert voucher.form.sheet.stored is not None


def test_the_search_finds_documents(opened: Shell, qtbot: QtBot, at_rest: Wait) -> None:
    from app.contract.orders import DocumentInput, DocumentLineInput

    api = opened.tasks.api
    assert api is not None
    line = DocumentLineInput(description="安装服务", quantity="1", unit_price="100", tax_rate="6")
    api.add_document(DocumentInput(kind="quotation", date="2026-06-01", reference="PO-7788", lines=[line]))
    opened.open_search()
    palette = next(w for w in QApplication.topLevelWidgets() if isinstance(w, SearchPalette) and w.isVisible())
    palette.type_text("po-77")
    qtbot.waitUntil(lambda: any("报价单" in hit for hit in palette.hits()))
    palette.close()
    at_rest()
