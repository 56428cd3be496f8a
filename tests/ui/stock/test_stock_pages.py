"""Balances, cards, the list of documents and posting rules over the real server."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox, QPushButton
from pytestqt.modeltest import ModelTester

from app.contract.inventory import ItemCategoryInput
from app.contract.stock import StockDocumentInput, StockLineInput
from app.ui.navigation import NewStockDocument, OpenBook, OpenStockCard, OpenStockDocument
from app.ui.printing.document_print_dialog import DocumentPrintDialog
from app.ui.search_palette import find_items, find_stock_documents
from app.ui.stock.month_cost_dialog import MonthCostDialog
from app.ui.stock.posting_rule_dialog import PostingRuleDialog
from app.ui.stock.posting_rules_page import PostingRulesPage
from app.ui.stock.stock_card_page import StockCardPage
from app.ui.stock.stock_documents_page import StockDocumentsPage
from app.ui.stock.stock_entry_page import StockEntryPage
from app.ui.stock.stock_page import StockPage
from tests.ui.ledger.desk import Desk
from tests.ui.stock.stock_samples import add_paper, take_in


def test_stock_of_a_day_with_its_worth_and_what_runs_out(desk: Desk, qtmodeltester: ModelTester) -> None:
    paper = add_paper(desk.api, reorder_level="20")
    pen = add_paper(desk.api, "A002", "签字笔")
    take_in(desk.api, paper, "10", "100")
    take_in(desk.api, pen, "5", "50", date="2026-06-15")
    page = desk.show(StockPage)
    assert [(row.item_code, row.quantity, row.amount) for row in page.model.rows()] == [
        ("A001", "10", "100.00"),
        ("A002", "5", "50.00"),
    ]
    assert "150.00" in page.totals.text()
    mark = next(place for place, column in enumerate(page.model.columns) if column.key == "mark")
    shown = [page.model.data(page.model.index(row, mark), Qt.ItemDataRole.DisplayRole) for row in (0, 1)]
    assert shown == ["低于最低库存", ""]
    qtmodeltester.check(page.model)
    page.filter.date.setText("2026-06-14")
    page.filter.date.editingFinished.emit()
    assert [row.item_code for row in page.model.rows()] == ["A001"]
    page.table.setCurrentIndex(page.model.index(0, 0))
    desk.qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert desk.last() == OpenStockCard(paper.id, None, to_date="2026-06-14")


def test_a_card_shows_every_move_and_leads_to_its_document(desk: Desk) -> None:
    paper = add_paper(desk.api)
    done = take_in(desk.api, paper, "10", "100", date="2026-06-02")
    page = desk.show(StockCardPage)
    page.open(OpenStockCard(paper.id))
    assert [row.balance_quantity for row in page.model.rows()] == ["0", "10"]
    page.table.opened.emit(page.model.row(1))
    assert desk.last() == OpenStockDocument(done.id)
    page.periods.set_periods(202605, 202605)
    assert len(page.model.rows()) == 1


def test_the_list_is_narrowed_and_begins_new_documents(desk: Desk, qtmodeltester: ModelTester) -> None:
    paper = add_paper(desk.api)
    take_in(desk.api, paper, "10", "100")
    lines = [StockLineInput(item_id=paper.id, quantity="1", amount="1")]
    desk.api.add_stock_document(StockDocumentInput(kind="other_in", date="2026-06-20", note="赠品", lines=lines))
    page = desk.show(StockDocumentsPage)
    assert [head.kind for head in page.model.rows()] == ["other_in", "other_in"]
    qtmodeltester.check(page.model)
    page.state.setCurrentIndex(page.state.findData("draft"))
    page.state.activated.emit(page.state.currentIndex())
    assert [head.note for head in page.model.rows()] == ["赠品"]
    page.table.opened.emit(page.model.row(0))
    assert desk.last() == OpenStockDocument(page.model.row(0).id)
    count = page._kinds["count"]
    assert count is not None
    count.trigger()
    assert desk.last() == NewStockDocument("count")


def test_a_rule_is_changed_narrowed_and_widened_again(desk: Desk) -> None:
    category = desk.api.add_item_category(ItemCategoryInput(name="文具"))
    page = desk.show(PostingRulesPage)
    rows = [rule.purpose for rule in page.model.rows()]
    place = rows.index("revenue")
    page.table.setCurrentIndex(page.model.index(place, 0))
    page.narrow.click()
    dialog = page.findChild(PostingRuleDialog)
    assert dialog is not None
    dialog.account.set_code("5051")
    dialog.ok_button.click()
    assert dialog.message_bar.text  # neither category nor group
    dialog.category.setCurrentIndex(dialog.category.findData(category.id))
    dialog.ok_button.click()
    narrowed = [rule for rule in page.model.rows() if rule.category_id == category.id]
    assert [(rule.purpose, rule.account_code) for rule in narrowed] == [("revenue", "5051")]
    page.table.setCurrentIndex(page.model.index(list(page.model.rows()).index(narrowed[0]), 0))
    page.remove.click()
    box = page.findChild(QMessageBox)
    assert box is not None
    yes = next(b for b in box.findChildren(QPushButton) if box.buttonRole(b) == QMessageBox.ButtonRole.AcceptRole)
    yes.click()
    assert [rule.purpose for rule in page.model.rows()] == rows


def test_settings_are_switched_and_kept(desk: Desk) -> None:
    page = desk.show(PostingRulesPage)
    assert (page.post_vouchers.isChecked(), page.allow_negative.isChecked()) == (True, False)
    page.allow_negative.click()
    assert desk.api.stock_settings().allow_negative
    page.allow_negative.click()
    assert not desk.api.stock_settings().allow_negative


def test_the_months_cost_is_booked_and_said(desk: Desk) -> None:
    item = add_paper(desk.api, costing="monthly")
    take_in(desk.api, item, "10", "100")
    lines = [StockLineInput(item_id=item.id, quantity="4")]
    draft = desk.api.add_stock_document(StockDocumentInput(kind="other_out", date="2026-05-20", lines=lines))
    desk.api.finish_stock_document(draft.id, draft.version)
    page = desk.show(StockPage)
    page.month_cost.click()
    dialog = page.findChild(MonthCostDialog)
    assert dialog is not None
    dialog.period.set_period(202605)
    dialog.ok_button.click()
    assert dialog.costing is not None
    assert (dialog.costing.items, dialog.costing.amount) == (1, "40.00")
    assert "40.00" in dialog.outcome.text()


def test_items_and_stock_documents_are_found_by_what_people_remember(desk: Desk) -> None:
    paper = add_paper(desk.api)
    received = take_in(desk.api, paper, "10", "100")
    assert [hit.target for hit in find_items(desk.api, "dyz")] == [OpenStockCard(paper.id)]
    assert [hit.target for hit in find_stock_documents(desk.api, received.number)] == [OpenStockDocument(received.id)]


def test_the_button_of_the_summary_opens_the_month_of_the_day(desk: Desk) -> None:
    page = desk.show(StockPage)
    page.summary.click()
    assert desk.last() == OpenBook("stock-summary", "2026-06", "2026-06")


def test_stock_documents_are_printed_from_the_list_and_from_the_page(desk: Desk) -> None:
    paper = add_paper(desk.api)
    done = [take_in(desk.api, paper, "10", "100"), take_in(desk.api, paper, "5", "50", date="2026-06-15")]
    page = desk.show(StockDocumentsPage)
    page.table.selectAll()
    page.print.click()
    dialog = page.findChildren(DocumentPrintDialog)[-1]
    assert sorted(dialog.wanted().ids.split(",")) == sorted(str(document.id) for document in done)
    assert dialog.count.text().startswith("2 张单据")
    dialog.close()
    entry = desk.show(StockEntryPage)
    assert not entry.steps.buttons["print"].isVisible()
    entry.open(OpenStockDocument(done[0].id))
    entry.steps.buttons["print"].click()
    dialog = entry.findChildren(DocumentPrintDialog)[-1]
    assert (dialog.wanted().source, dialog.wanted().ids) == ("stock", str(done[0].id))
    assert not dialog.message_bar.text
    dialog.close()
