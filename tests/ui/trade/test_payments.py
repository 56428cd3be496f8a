"""Collections, payments and settlements at the window over a real server."""

from __future__ import annotations

from app.client.api import ApiClient
from app.contract.contacts import Contact
from app.contract.orders import Document, DocumentInput, DocumentKind, DocumentLineInput, Finishing, PaymentInput
from app.ui.navigation import OpenCollection, OpenPayment, OpenSale
from app.ui.trade.partner import Partner
from app.ui.trade.payment_sheet import AMOUNT, OpenRow, OpenRows, PaymentSheet
from app.ui.trade.payments_page import CollectionsPage, PaymentsOutPage
from app.ui.trade.settlement_dialog import SettlementDialog
from tests.ui.ledger.desk import Desk


def invoice(
    api: ApiClient, contact: Contact, gross: str, date: str = "2026-06-12", kind: DocumentKind = "sales_invoice"
) -> Document:
    line = DocumentLineInput(description="安装服务", quantity="1", unit_price=gross, tax_rate="6")
    draft = api.add_document(DocumentInput(kind=kind, date=date, contact_id=contact.id, lines=[line]))
    return api.finish_document(draft.id, Finishing(version=draft.version))


def rows(*amounts: int) -> OpenRows:
    return OpenRows([OpenRow("sales_invoice", n, f"XF-{n}", "2026-06-12", "", "", a) for n, a in enumerate(amounts)])


def test_an_amount_settles_the_first_invoices_and_leaves_the_rest() -> None:
    lines = rows(10_000, 5_000, 2_000)
    assert lines.spread(12_000) == 0
    assert [row.amount for row in lines.lines] == [10_000, 2_000, 0]
    assert lines.spread(20_000) == 3_000
    lines.type(1, AMOUNT, "50.01")
    assert [row for row, _ in lines.unread_rows()] == [1]
    lines.type(1, AMOUNT, "=")
    assert lines.lines[1].amount == 5_000
    assert [(wish.document_id, wish.amount) for wish in lines.wishes()] == [(0, "100.00"), (1, "50.00"), (2, "20.00")]


def test_an_amount_and_discount_that_cannot_be_read_have_no_rest() -> None:
    sheet = PaymentSheet("collection", date="2026-06-30")
    sheet.amount, sheet.discount = "100", "5"
    sheet.rows = rows(10_000)
    sheet.spread()
    assert sheet.advance == 500
    sheet.amount = "一百"
    assert sheet.advance is None


def test_a_collection_for_invoices_is_typed_and_done(desk: Desk, customer: Contact) -> None:
    first, second = invoice(desk.api, customer, "1060"), invoice(desk.api, customer, "530", "2026-06-20")
    page = desk.show(CollectionsPage)
    page.open(OpenCollection(contact_id=customer.id, document_ids=(second.id,)))
    form = page.desk.form
    assert (form.contact.text(), form.amount.text()) == ("远航科技", "530.00")
    assert [row.document_id for row in form.sheet.rows.lines] == [second.id, first.id]
    page.desk.buttons["finish"].click()
    assert page.message_bar.error is None, page.message_bar.text
    stored = form.sheet.stored
    assert stored is not None
    assert (stored.state, stored.unallocated) == ("done", "0.00")
    assert desk.api.get_document(second.id).settled == "530.00"
    form.link_wanted.emit("sales_invoice", second.id)
    assert desk.last() == OpenSale(second.id)
    page.desk.buttons["back"].click()
    assert page.stack.currentWidget() is page.front
    assert [head.id for head in page.model.rows()] == [stored.id]


def test_what_is_typed_spreads_over_the_invoices_due_first(desk: Desk, customer: Contact) -> None:
    first, second = invoice(desk.api, customer, "1060"), invoice(desk.api, customer, "530", "2026-06-20")
    page = desk.show(CollectionsPage)
    page.open(OpenCollection(contact_id=customer.id))
    form = page.desk.form
    desk.qtbot.keyClicks(form.amount, "1,200")
    form.amount.editingFinished.emit()
    assert [(row.document_id, row.amount) for row in form.sheet.rows.lines] == [
        (first.id, 106_000),
        (second.id, 14_000),
    ]
    assert form.rest.text() == "核销 1,200.00，余 0 记作预收"
    form.amount.setText("2000")
    form.amount.editingFinished.emit()
    assert form.rest.text() == "核销 1,590.00，余 410.00 记作预收"
    assert page.has_unsaved()
    page.desk.save()
    assert not page.has_unsaved()
    stored = form.sheet.stored
    assert stored is not None
    assert (stored.state, len(stored.allocations)) == ("draft", 2)


def test_a_refused_payment_keeps_what_was_typed(desk: Desk, customer: Contact) -> None:
    page = desk.show(PaymentsOutPage)
    page.open(OpenPayment())
    form = page.desk.form
    form.amount.setText("100")
    page.desk.save()
    assert page.message_bar.text == "请先选择往来单位。"
    assert form.contact.property("wrong") is True
    assert form.amount.text() == "100.00"
    assert form.sheet.stored is None


def test_an_advance_is_set_off_against_an_invoice(desk: Desk, customer: Contact) -> None:
    account = next(one.code for one in desk.api.list_accounts().accounts if one.is_cash and one.is_leaf)
    draft = desk.api.add_payment(
        PaymentInput(kind="collection", date="2026-06-10", contact_id=customer.id, account_code=account, amount="300")
    )
    desk.api.finish_payment(draft.id, draft.version)
    owed = invoice(desk.api, customer, "1060")
    page = desk.show(CollectionsPage)
    page.table.selectRow(0)
    page.offset.click()
    dialog = page.findChildren(SettlementDialog)[0]
    assert dialog.rows("payments").total == dialog.rows("invoices").total == 30_000
    assert dialog.ok_button.isEnabled()
    dialog.ok_button.click()
    assert desk.api.get_document(owed.id).settled == "300.00"
    assert page.model.row(0).unallocated == "0.00"


def test_both_sides_of_a_settlement_must_add_up(desk: Desk, customer: Contact) -> None:
    invoice(desk.api, customer, "1060")
    page = desk.show(CollectionsPage)
    dialog = SettlementDialog(page, Partner(customer.id, customer.name), "sales", "2026-06-30", 2)
    dialog.open()
    assert not dialog.ok_button.isEnabled()
    dialog.rows("invoices").type(0, AMOUNT, "10")
    dialog.models["invoices"].edited.emit()
    assert dialog.difference.text() == "用去 0，核销 10.00，两边要相等"
    assert not dialog.ok_button.isEnabled()
