"""The answer to a change gets lost on the way: whoever saves again is not told that somebody else was faster."""

from __future__ import annotations

from typing import Any

import pytest
from PyQt5.QtWidgets import QLineEdit

from app.contract.contacts import ContactInput
from app.contract.inventory import ItemInput
from app.contract.orders import DocumentInput, DocumentLineInput, PaymentInput
from app.ui.contacts.contact_dialog import ContactDialog
from app.ui.inventory.item_dialog import ItemDialog
from app.ui.ledger.account_dialog import AccountDialog
from app.ui.ledger.voucher_line import Column
from app.ui.navigation import OpenCollection, OpenSale
from app.ui.trade.document_page import SalesDocumentPage
from app.ui.trade.payments_page import CollectionsPage
from app.ui.widgets.conflict_dialog import ConflictDialog
from tests.ui.together.office import Office, Seat, draft, put
from tests.ui.way import Way


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> Way:
    """The way there."""
    return Way(monkeypatch)


def conflicts(seat: Seat) -> list[ConflictDialog]:
    return [dialog for dialog in seat.shell.window.findChildren(ConflictDialog) if dialog.isVisible()]


def saved_twice(seat: Seat, dialog: Any, field: QLineEdit, text: str, way: Way) -> None:
    """Type into a form, lose the answer of its save, and save again."""
    done: list[object] = []
    dialog.done_with.connect(done.append)
    dialog.open()
    field.setText(text)
    way.loses = True
    dialog.ok_button.click()
    seat.rest()
    assert (dialog.isVisible(), done, way.loses) == (True, [], False)
    dialog.ok_button.click()
    seat.rest()
    assert conflicts(seat) == []
    assert len(done) == 1  # who opened the form hears of it, too


def test_forms_saved_again_are_done(office: Office, way: Way) -> None:
    li = office.sit_down("li")
    contact = li.api.add_contact(ContactInput(name="远航科技", roles=["customer"]))
    form: Any = ContactDialog(li.workspace, contact)
    saved_twice(li, form, form.texts["credit_limit"], "10000", way)
    assert li.api.get_contact(contact.id).credit_limit == "10000.00"

    item = li.api.add_item(ItemInput(code="ZP-01", name="打印纸", unit="包"))
    form = ItemDialog(li.workspace, [], item)
    saved_twice(li, form, form.texts["sales_price"], "022.6", way)

    account = next(one for one in li.api.list_accounts().accounts if one.code == "1001")
    form = AccountDialog(li.workspace, account, [])
    saved_twice(li, form, form.name_zh, "现金 ", way)
    assert len(way.lost) == 3


def test_documents_and_payments_saved_again_are_done(office: Office, way: Way) -> None:
    li = office.sit_down("li")
    contact = li.api.add_contact(ContactInput(name="远航科技", roles=["customer"]))
    item = li.api.add_item(ItemInput(code="ZP-01", name="打印纸", unit="包"))
    line = DocumentLineInput(item_id=item.id, description="打印纸", quantity="10", unit="包", unit_price="22.6")
    order = li.api.add_document(
        DocumentInput(kind="sales_order", date="2026-06-12", contact_id=contact.id, lines=[line])
    )
    page = li.go(OpenSale(order.id), SalesDocumentPage)
    office.until(lambda: page.form.sheet.stored is not None)
    li.rest()
    page.form.grid.go(0, "unit_price")
    editor = page.form.grid.editor
    assert editor is not None
    editor.setText("25.50")
    editor.setModified(True)
    page.form.grid.commit()
    way.loses = True
    page.saving.save()
    li.rest()
    assert page.has_unsaved()
    page.saving.save()
    li.rest()
    assert (conflicts(li), page.has_unsaved(), page.saving.meanwhile.isVisible()) == ([], False, False)

    payment = li.api.add_payment(
        PaymentInput(kind="collection", date="2026-06-12", contact_id=contact.id, account_code="1002", amount="300")
    )
    money = li.go(OpenCollection(payment.id), CollectionsPage)
    office.until(lambda: money.desk.form.sheet.stored is not None)
    li.rest()
    money.desk.form.amount.setText("0400.5")
    money.desk.form.amount.editingFinished.emit()
    way.loses = True
    money.desk.save()
    li.rest()
    assert money.has_unsaved()
    money.desk.save()
    li.rest()
    assert (conflicts(li), money.has_unsaved(), money.desk.meanwhile.isVisible()) == ([], False, False)
    assert li.api.get_payment(payment.id).amount == "400.50"
    assert len(way.lost) == 2


def test_who_types_on_after_a_lost_answer_meets_nobody(office: Office, way: Way) -> None:
    li = office.sit_down("li")
    first = draft(li)
    page = li.open_voucher(first.id)
    put(page, 0, Column.SUMMARY, "买本子")
    way.loses = True
    page.save()
    li.rest()
    put(page, 1, Column.SUMMARY, "付款")
    for _ in range(2):
        li.watched()  # the window sees what it changed itself, and knows nothing of its own hand in it
    li.rest()
    assert (page.has_unsaved(), page.meanwhile.isVisible()) == (True, False)
    page.save()
    li.rest()
    assert (conflicts(li), page.has_unsaved(), page.meanwhile.isVisible()) == ([], False, False)
    stored = li.api.get_voucher(first.id)
    assert [entry.summary for entry in stored.entries] == ["买本子", "付款"]
    assert page.stored is not None
    assert page.stored.version == stored.version == first.version + 2

    contact = li.api.add_contact(ContactInput(name="远航科技", roles=["customer"]))
    form: Any = ContactDialog(li.workspace, contact)
    form.open()
    form.texts["phone"].setText("1")
    way.loses = True
    form.ok_button.click()
    li.rest()
    form.texts["phone"].setText("12")
    form.ok_button.click()
    li.rest()
    assert (conflicts(li), li.api.get_contact(contact.id).phone) == ([], "12")
    assert len(way.lost) == 2
