"""The chart of accounts and the opening balances, over a real server."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QDialog
from pytestqt.modeltest import ModelTester

from app.contract.ledger import AccountChange, AuxiliaryInput, AuxiliaryUse
from app.resources import catalogue
from app.ui.language import LanguageSwitch
from app.ui.ledger.account_dialog import DEMANDED, AccountDialog, NewAccountDialog
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.accounts_page import AccountsPage, next_code
from app.ui.ledger.opening_line import OpeningColumn
from app.ui.ledger.opening_page import OpeningPage
from app.ui.navigation import OpenAccount, OpenEntries
from tests.ui.ledger.desk import Desk
from tests.ui.ledger.ledger_samples import account

KEY = Qt.Key


def shown_codes(page: AccountsPage) -> list[str]:
    return [str(index.data()) for index in page._walk()]


def dialog_of(page: AccountsPage) -> QDialog:
    found: list[QDialog] = page.findChildren(QDialog)
    return found[-1]


def test_the_chart_is_a_tree_that_can_be_searched(desk: Desk) -> None:
    page = desk.show(AccountsPage)
    assert {"1001", "5602", "560201"} <= set(shown_codes(page))
    page.search.setText("yhck")
    page.show_accounts()
    assert shown_codes(page)[0] == "1002"
    assert "1001" not in shown_codes(page)
    page.search.clear()
    page.tabs.setCurrentIndex(1)
    assert all(code.startswith("1") for code in shown_codes(page))
    page.open(OpenAccount("560201"))
    current = page.current()
    assert current is not None
    assert current.code == "560201"


def test_an_account_is_added_below_and_a_refusal_stays_in_the_form(desk: Desk) -> None:
    page = desk.show(AccountsPage)
    page.open(OpenAccount("1001"))
    page._add(below=True)
    form = dialog_of(page)
    assert isinstance(form, NewAccountDialog)
    assert form.code.text() == "100101"
    form.code.setText("1001")
    form.name_zh.setText("备用金")
    form.ok_button.click()
    assert "1001" in form.message_bar.text
    assert form.name_zh.text() == "备用金"
    form.code.setText("100101")
    form.has_quantity.setChecked(True)
    form.unit.setText("张")
    form.auxiliaries.boxes["部门"].setCurrentIndex(DEMANDED)
    form.ok_button.click()
    made = next(account for account in desk.api.list_accounts().accounts if account.code == "100101")
    assert (made.parent_code, made.name_zh, made.unit) == ("1001", "备用金", "张")
    assert made.auxiliaries == [AuxiliaryUse(kind="部门", demanded=True)]
    current = page.current()
    assert current is not None
    assert current.code == "100101"


def test_an_account_of_the_first_level_needs_category_and_side(desk: Desk) -> None:
    page = desk.show(AccountsPage)
    page.open(OpenAccount("1001"))
    page._add(below=False)
    form = dialog_of(page)
    assert isinstance(form, NewAccountDialog)
    form.code.setText("1004")
    form.name_zh.setText("备用金")
    form.ok_button.click()
    made = next(account for account in desk.api.list_accounts().accounts if account.code == "1004")
    assert (made.category, made.normal_side, made.level) == ("资产", "debit", 1)


def test_an_account_is_renamed_and_switched_off_and_on(desk: Desk) -> None:
    page = desk.show(AccountsPage)
    page.open(OpenAccount("1001"))
    page._change()
    form = dialog_of(page)
    assert isinstance(form, AccountDialog)
    form.name_zh.setText("现金")
    form.ok_button.click()
    current = page.current()
    assert current is not None
    assert current.name_zh == "现金"
    page.switch.click()
    current = page.current()
    assert current is not None
    assert not current.active
    assert page.switch.text() == "启用"
    page.inactive.setChecked(False)
    assert "1001" not in shown_codes(page)
    page.open(OpenAccount("1001"))
    page.switch.click()
    current = page.current()
    assert current is not None
    assert current.active
    page.entries.click()
    assert desk.last() == OpenEntries("1001", "2026-05", "2026-06", include_unposted=True)


def test_the_next_code_follows_the_last_child() -> None:
    parent = account("1002", "银行存款", leaf=False)
    children = [account(code, code, parent="1002") for code in ("100201", "100209")]
    assert next_code(AccountIndex([parent, *children]), parent) == "100210"
    assert next_code(AccountIndex([parent]), parent) == "100201"
    assert next_code(AccountIndex([parent]), None) == ""


def row_of(page: OpeningPage, code: str) -> int:
    return next(row for row, line in enumerate(page.model.sheet.lines) if line.account.code == code)


def put(page: OpeningPage, code: str, column: OpeningColumn, text: str) -> None:
    page.model.setData(page.model.index(row_of(page, code), column), text)


def test_opening_balances_are_typed_checked_and_saved(desk: Desk, qtmodeltester: ModelTester) -> None:
    page = desk.show(OpeningPage)
    qtmodeltester.check(page.model)
    assert not page.table.isColumnHidden(OpeningColumn.YTD_DEBIT)
    put(page, "1002", OpeningColumn.OPENING_DEBIT, "1，500")
    put(page, "1002", OpeningColumn.YTD_DEBIT, "700")
    put(page, "1002", OpeningColumn.YTD_CREDIT, "200")
    row = row_of(page, "1002")
    assert page.model.index(row, OpeningColumn.YEAR_BEGIN_DEBIT).data() == "1,000.00"
    assert "贷方少 1,500.00" in page.checks.text()
    put(page, "3001", OpeningColumn.OPENING_CREDIT, "1500")
    put(page, "3001", OpeningColumn.YTD_CREDIT, "500")
    assert page.checks.text().count("✓") == 3
    assert page.has_unsaved()
    page.save()
    assert page.message_bar.text == "期初余额已保存。"
    assert not page.has_unsaved()
    stored = {row.account_code: row for row in desk.api.get_opening().rows}
    assert (stored["1002"].year_begin_debit, stored["1002"].opening_debit) == ("1000.00", "1500.00")
    assert stored["3001"].year_begin_credit == "1000.00"


def test_a_balance_that_is_nil_by_now_is_sent_as_nil(desk: Desk) -> None:
    page = desk.show(OpeningPage)
    put(page, "1002", OpeningColumn.YTD_CREDIT, "200")
    put(page, "3001", OpeningColumn.YTD_DEBIT, "200")
    page.save()
    stored = {row.account_code: row for row in desk.api.get_opening().rows}
    assert stored["1002"].year_begin_debit == "200.00"
    assert stored["1002"].opening_debit in ("", "0.00")


def test_a_refusal_keeps_what_was_typed_and_marks_the_cell(desk: Desk) -> None:
    accounts = {one.code: one for one in desk.api.list_accounts().accounts}
    change = AccountChange(version=accounts["1122"].version, auxiliaries=[AuxiliaryUse(kind="客户")])
    desk.api.change_account(accounts["1122"].id, change)
    desk.api.add_auxiliary(AuxiliaryInput(kind="客户", name="甲公司"))
    page = desk.show(OpeningPage)
    put(page, "1122", OpeningColumn.OPENING_DEBIT, "300")
    put(page, "3001", OpeningColumn.OPENING_CREDIT, "300")
    page.save()
    assert "客户" in page.message_bar.text
    assert page.table.currentIndex().column() == OpeningColumn.AUXILIARY
    assert page.model.index(row_of(page, "1122"), OpeningColumn.OPENING_DEBIT).data() == "300.00"
    put(page, "1122", OpeningColumn.AUXILIARY, "甲公司")
    page.save()
    assert desk.api.get_opening().rows[0].aux == "客户:甲公司"
    page.table.setCurrentIndex(page.model.index(row_of(page, "1122"), OpeningColumn.OPENING_DEBIT))
    before = page.model.rowCount()
    page._add_line()
    assert page.model.rowCount() == before + 1
    page.table.setCurrentIndex(page.model.index(row_of(page, "1122") + 1, OpeningColumn.OPENING_DEBIT))
    page._clear_line()
    assert page.model.rowCount() == before


def test_what_cannot_be_read_is_not_sent(desk: Desk) -> None:
    page = desk.show(OpeningPage)
    put(page, "1002", OpeningColumn.OPENING_DEBIT, "很多")
    page.save()
    assert "很多" in page.message_bar.text
    assert desk.api.get_opening().rows == []


def test_enter_goes_down_the_column_and_search_hides_rows(desk: Desk) -> None:
    page = desk.show(OpeningPage)
    page.table.setCurrentIndex(page.model.index(0, OpeningColumn.OPENING_DEBIT))
    desk.qtbot.keyClick(page.table, KEY.Key_Return)
    assert page.table.currentIndex().row() == 1
    page.search.setText("sszb")
    page._show_found()
    visible = [row for row in range(page.model.rowCount()) if not page.table.isRowHidden(row)]
    assert [page.model.sheet.lines[row].account.name_zh for row in visible][:1] == ["实收资本"]


def test_basics_speak_english(desk: Desk) -> None:
    accounts, opening = desk.show(AccountsPage), desk.show(OpeningPage)
    language = LanguageSwitch(catalogue("en"), accounts)
    language.use("en")
    desk.qtbot.waitUntil(lambda: accounts.edit.text() == "Change")
    assert accounts.title() == "Chart of accounts"
    assert opening.title() == "Opening balances"
    row = row_of(opening, "3001")
    desk.qtbot.waitUntil(lambda: opening.model.index(row, OpeningColumn.NAME).data() == "Paid-in capital")
    language.use("zh")
