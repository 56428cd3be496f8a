"""The lists of sales and purchases over a real server."""

from __future__ import annotations

from app.contract.contacts import Contact
from app.contract.inventory import Item
from app.ui.navigation import NewSale, OpenSale, OpenSalesList
from app.ui.trade.document_list_page import PurchasesPage, SalesPage
from tests.ui.ledger.desk import Desk
from tests.ui.trade.test_document_page import order


def test_the_list_shows_one_side_and_opens_its_documents(desk: Desk, customer: Contact, paper: Item) -> None:
    first = order(desk.api, customer, paper)
    second = order(desk.api, customer, paper, "4", kind="quotation")
    page = desk.show(SalesPage)
    assert [head.id for head in page.model.rows()] == [second.id, first.id]
    page.filter.tabs.setCurrentIndex(page.filter.kinds.index("quotation"))
    assert [head.id for head in page.model.rows()] == [second.id]
    page.table.selectRow(0)
    page.table.opened.emit(page.table.current_row())
    assert desk.last() == OpenSale(second.id)
    other = desk.show(PurchasesPage)
    assert list(other.model.rows()) == []
    assert other.empty.isVisible()


def test_new_documents_are_of_the_kind_listed(desk: Desk) -> None:
    page = desk.show(SalesPage)
    page.add.click()
    assert desk.last() == NewSale("sales_order")
    page.filter.step_kind(1)
    page.add.click()
    assert desk.last() == NewSale("quotation")


def test_several_orders_become_one_delivery(desk: Desk, customer: Contact, paper: Item) -> None:
    from app.contract.orders import Finishing

    orders = [order(desk.api, customer, paper) for _ in range(2)]
    for one in orders:
        desk.api.finish_document(one.id, Finishing(version=one.version))
    page = desk.show(SalesPage)
    page.table.selectAll()
    menu = page.follow.menu()
    assert menu is not None
    action = next(action for action in menu.actions() if action.text() == "出库单")
    action.trigger()
    target = desk.last()
    assert isinstance(target, NewSale)
    assert (target.kind, sorted(target.source_ids)) == ("delivery", sorted(one.id for one in orders))


def test_drafts_cannot_be_carried_on(desk: Desk, customer: Contact, paper: Item) -> None:
    order(desk.api, customer, paper)
    page = desk.show(SalesPage)
    page.table.selectRow(0)
    assert not page.follow.isEnabled()
    assert page.copy.isEnabled()


def test_a_target_sets_the_filter(desk: Desk, customer: Contact, paper: Item) -> None:
    kept = order(desk.api, customer, paper)
    page = desk.show(SalesPage)
    page.open(OpenSalesList(kind="sales_order", contact_id=customer.id, from_date="2026-06-01", to_date="2026-06-30"))
    assert page.filter.contact.text() == "远航科技"
    assert page.filter.from_date.text() == "2026-06-01"
    assert [head.id for head in page.model.rows()] == [kept.id]
    page.open(OpenSalesList(to_date="2026-05-31"))
    assert page.filter.contact.text() == ""
    assert list(page.model.rows()) == []


def test_what_one_may_not_do_has_no_button(desk: Desk) -> None:
    from dataclasses import replace

    context = replace(desk.context, is_owner=False, permissions=frozenset({"orders:sales:view"}))
    page = SalesPage(context)
    desk.qtbot.addWidget(page)
    page.show()
    assert not page.add.isVisible()
    assert not page.follow.isVisible()
    assert not page.settle.isVisible()
    assert not page.print.isVisible()
