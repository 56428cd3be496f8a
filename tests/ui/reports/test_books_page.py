"""The page of books over a real server: which questions each takes, what it shows, and where its rows lead."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt5.QtCore import Qt
from pytestqt.modeltest import ModelTester

from app.contract.contacts import ContactQuery
from app.contract.inventory import ItemInput
from app.contract.ledger import AccountChange, AccountQuery, AuxiliaryInput, EntryInput, VoucherInput
from app.contract.orders import DocumentInput, DocumentLineInput, Finishing
from app.contract.stock import StockDocumentInput, StockLineInput
from app.resources import catalogue
from app.ui.language import LanguageSwitch
from app.ui.navigation import OpenBook, OpenEntries, OpenSale, OpenStockDocument, OpenTrialBalance, OpenVoucher
from app.ui.reports.book_tables import BOOKS
from app.ui.reports.books_page import BooksPage
from tests.ui.ledger.desk import Desk

JUNE = ("2026-06", "2026-06")


def change(desk: Desk, code: str, wish: AccountChange) -> None:
    """Change an account behind the window's back."""
    found = next(account for account in desk.api.list_accounts(AccountQuery()).accounts if account.code == code)
    desk.api.change_account(found.id, wish.model_copy(update={"version": found.version}))


@pytest.fixture
def shop(desk: Desk) -> Desk:
    """A month with money, expenses, a customer and goods in pieces."""
    change(desk, "1405", AccountChange(has_quantity=True, unit="件", auxiliaries=[]))
    desk.api.add_auxiliary(AuxiliaryInput(kind="客户", name="甲公司"))
    lines = [
        [("1002", "5000", "", "", ""), ("3001", "", "5000", "", "")],
        [("560205", "120", "", "", ""), ("560206", "80", "", "", ""), ("1002", "", "200", "", "")],
        [("1405", "300", "", "", "30"), ("1002", "", "300", "", "")],
        [("1122", "113", "", "客户:甲公司", ""), ("5001", "", "113", "", "")],
    ]
    for day, entries in enumerate(lines, 10):
        made = desk.api.add_voucher(
            VoucherInput(
                date=f"2026-06-{day}",
                attachment_count=1,
                entries=[
                    EntryInput(summary="业务", account_code=code, debit=debit, credit=credit, aux=aux, quantity=pieces)
                    for code, debit, credit, aux, pieces in entries
                ],
            )
        )
        assert made.faults == []
        desk.api.review_voucher(made.id)
        desk.api.post_voucher(made.id)
    return desk


def opened(desk: Desk, name: str, account_code: str = "", aux: str = "") -> BooksPage:
    page = desk.show(BooksPage)
    page.open(OpenBook(name, *JUNE, account_code, aux))
    return page


def texts(page: BooksPage, title: str) -> list[str]:
    """Return what a column shows, by its title."""
    titles = [column.title() for column in page.model.columns]
    column = titles.index(title)
    return [str(page.model.index(row, column).data()) for row in range(page.model.rowCount())]


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: str(book.name))
def test_every_book_can_be_looked_at(shop: Desk, qtmodeltester: ModelTester, book: object) -> None:
    name = book.name  # type: ignore[attr-defined]
    needs_aux = book.needs_aux  # type: ignore[attr-defined]
    page = opened(shop, name, "5602" if name == "multi-column" else "", "客户:甲公司" if needs_aux else "")
    assert page.book.name == name
    nothing_yet = {"sales", "purchases", "open-orders", "stock", "stock-summary", "stock-card"}  # nothing was traded
    assert page.model.rowCount() > 0 or name in nothing_yet
    assert page.message_bar.isHidden()
    qtmodeltester.check(page.model)


def test_the_journal_shows_each_day_and_leads_to_the_voucher(shop: Desk) -> None:
    page = opened(shop, "cash-journal", "1002")
    assert texts(page, "摘要") == [
        "期初余额",
        *("业务", "本日合计", "业务", "本日合计", "业务", "本日合计"),
        "本月合计",
        "本年累计",
    ]
    assert texts(page, "余额")[-1] == "4,500.00"
    page.table.setCurrentIndex(page.model.index(1, 0))
    shop.qtbot.keyClick(page.table, Qt.Key.Key_Return)
    target = shop.last()
    assert isinstance(target, OpenVoucher)
    assert shop.api.get_voucher(target.voucher_id).date == "2026-06-10"
    page.table.setCurrentIndex(page.model.index(2, 0))
    went = len(shop.went)
    shop.qtbot.keyClick(page.table, Qt.Key.Key_Return)  # what a day comes to is no voucher
    assert len(shop.went) == went


def test_many_columns_follow_the_account(shop: Desk) -> None:
    page = opened(shop, "multi-column")
    assert not page.hint.isHidden()
    assert page.model.rowCount() == 0
    assert not page.export.isEnabled()
    page.filter.set_account("5602")
    page.filter.changed.emit()
    assert page.hint.isHidden()
    assert [column.title() for column in page.model.columns][-2:] == ["水电费", "差旅费"]
    assert texts(page, "水电费")[1:] == ["120.00", "", "120.00", "120.00"]
    page.filter.set_account("2221")
    page.filter.changed.emit()
    assert [column.title() for column in page.model.columns][-1] == "余额"


def test_from_balances_to_entries_to_vouchers(shop: Desk) -> None:
    page = opened(shop, "auxiliary-balance", aux="客户")
    assert texts(page, "辅助核算") == ["客户:甲公司"]
    page.open_row(page.model.row(0))
    assert page.book.name == "auxiliary-ledger"
    assert page.filter.wishes().aux == "客户:甲公司"
    entry = next(row for row in page.model.rows() if row["kind"] == "entry")
    page.open_row(entry)
    assert shop.last() == OpenVoucher(entry["voucher_id"])
    page.open(OpenBook("quantity", *JUNE))
    page.open_row(page.model.row(0))
    assert (page.book.name, page.filter.wishes().account_code) == ("quantity-ledger", "1405")
    page.open(OpenBook("general-ledger", *JUNE, "1002"))
    month = next(row for row in page.model.rows() if row["summary"] == "本期合计")
    page.open_row(month)
    assert shop.last() == OpenEntries("1002", *JUNE)
    page.open(OpenBook("trial-balance-check", *JUNE))
    assert texts(page, "结果") == ["平衡"] * 4
    page.open_row(page.model.row(1))
    assert shop.last() == OpenTrialBalance(*JUNE)


def test_vouchers_are_summed_up_by_number(shop: Desk) -> None:
    page = opened(shop, "voucher-summary")
    assert "凭证 4 张，附件 4 张" in page.totals.text()
    assert "5602" in texts(page, "科目编码")
    assert "560205" not in texts(page, "科目编码")  # the first level, until asked for more
    page.filter.first_number.setValue(2)
    page.filter.last_number.setValue(2)
    page.filter.changed.emit()
    assert "凭证 1 张" in page.totals.text()
    page.open_row(page.model.row(0))
    assert shop.last() == OpenEntries("1002", *JUNE)


def test_an_empty_book_says_so_and_how_drafts_are_listed(desk: Desk) -> None:
    page = opened(desk, "general-ledger")
    assert page.empty.isVisible()
    assert "含未记账" in page.empty.text()
    desk.write("2026-06-12", ("560201", "300", ""), ("1002", "", "300"))
    page.filter.unposted.click()
    assert page.model.rowCount()
    assert not page.empty.isVisible()


def test_an_account_too_long_for_its_field_is_cut_at_the_end(shop: Desk) -> None:
    page = opened(shop, "multi-column", "5602")
    assert page.filter.account.text().startswith("5602")
    assert page.filter.account.cursorPosition() == 0


def test_a_book_shows_the_filters_it_takes(shop: Desk) -> None:
    page = opened(shop, "journal")
    assert page.filter.account.isHidden()
    assert page.filter.word.isHidden()
    page.open(OpenBook("auxiliary-ledger", *JUNE))
    assert not page.filter.account.isHidden()
    assert not page.filter.item.isHidden()
    assert [page.filter.kind.itemText(place) for place in range(2)] == ["全部", "客户"]
    page.filter.order.setCurrentIndex(1)
    page.filter.changed.emit()
    assert page.query().model_dump()["order"] == "item"


@pytest.mark.parametrize("kind", ["xlsx", "csv", "pdf"])
def test_a_book_is_saved_as_a_file(shop: Desk, tmp_path: Path, kind: str) -> None:
    page = opened(shop, "auxiliary-ledger", aux="客户")
    target = tmp_path / f"账.{kind}"
    page.export.save(kind, target)  # type: ignore[arg-type]
    begins = {"xlsx": b"PK", "csv": b"account_code,", "pdf": b"%PDF-"}[kind]
    assert target.read_bytes().startswith(begins)
    assert not page.export.strip.is_working
    assert sorted(path.name for path in tmp_path.glob("账*")) == [target.name]


def test_new_entries_appear_and_the_language_changes(shop: Desk) -> None:
    page = opened(shop, "cash-journal", "1001")
    assert page.model.rowCount() == 0
    shop.posted("2026-06-20", ("1001", "5", ""), ("1002", "", "5"))
    page.ask()
    assert texts(page, "余额")[-1] == "5.00"
    LanguageSwitch(catalogue("en"), page).use("en")
    page.retranslate()
    assert page.choice.currentText() == "Cash and bank journal"
    assert [page.model.index(row, 4).data() for row in range(3)][2] == "Day's total"


def test_from_an_age_to_the_statement_of_the_contact(shop: Desk) -> None:
    page = opened(shop, "ageing")
    assert texts(page, "往来单位") == ["客户:甲公司"]
    assert texts(page, "余额") == ["113.00"]
    page.open_row(page.model.row(0))
    assert page.book.name == "statement-of-account"
    assert texts(page, "未结金额") == ["", "113.00", ""]
    page.filter.set_aux("客户")
    page.filter.changed.emit()
    assert not page.hint.isHidden()
    assert not page.export.isEnabled()


def test_from_stock_to_the_card_of_an_item_and_its_documents(shop: Desk) -> None:
    item = shop.api.add_item(ItemInput(code="P1", name="钢笔", unit="支"))
    typed = StockLineInput(item_id=item.id, quantity="10", amount="100")
    draft = shop.api.add_stock_document(StockDocumentInput(kind="other_in", date="2026-06-05", lines=[typed]))
    made = shop.api.finish_stock_document(draft.id)
    page = opened(shop, "stock")
    assert page.filter.unposted.isHidden()
    assert texts(page, "金额") == ["100.00"]
    assert page.filter.warehouse.itemText(1) == "主仓库"
    page.filter.warehouse.setCurrentIndex(1)
    page.filter.changed.emit()
    assert texts(page, "仓库") == ["主仓库"]
    page.filter.warehouse.setCurrentIndex(0)
    page.open(OpenBook("stock-summary", *JUNE))
    page.open_row(page.model.row(0))
    assert (page.book.name, page.filter.goods.text()) == ("stock-card", "P1")
    assert texts(page, "摘要") == ["期初结存", "其他入库单", "期末结存"]
    page.open_row(page.model.row(1))
    assert shop.last() == OpenStockDocument(made.id)
    page.filter.set_goods("")
    page.ask()
    assert not page.hint.isHidden()


def test_what_is_sold_is_seen_by_month_and_an_order_that_waits_is_opened(shop: Desk) -> None:
    contact = shop.api.list_contacts(ContactQuery()).contacts[0]
    line = DocumentLineInput(description="咨询服务", quantity="2", unit_price="500", tax_rate="6")
    for kind in ("sales_invoice", "sales_order"):
        typed = DocumentInput.model_validate(
            {"kind": kind, "date": "2026-06-20", "contact_id": contact.id, "lines": [line]}
        )
        draft = shop.api.add_document(typed)
        shop.api.finish_document(draft.id, Finishing(version=draft.version))
    page = opened(shop, "sales")
    assert texts(page, "价税合计") == ["1,000.00"]
    page.filter.order.setCurrentIndex(2)
    page.filter.order.activated.emit(2)
    assert texts(page, "编码") == ["2026-06"]
    page = opened(shop, "open-orders")
    page.open_row(page.model.row(0))
    target = shop.last()
    assert isinstance(target, OpenSale)
    assert shop.api.get_document(target.document_id).kind == "sales_order"
