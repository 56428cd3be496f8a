"""The page of opening balances over a real server: pasted, checked, made up, taken back, saved, frozen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import QMessageBox
from pytestqt.modeltest import ModelTester

from app.contract.ledger import AccountChange, AuxiliaryInput, AuxiliaryUse
from app.resources import catalogue
from app.ui.language import LanguageSwitch
from app.ui.ledger.opening_cash_table import AMOUNT
from app.ui.ledger.opening_line import OpeningColumn
from app.ui.ledger.opening_page import OpeningPage
from app.ui.ledger.opening_table import find_items
from app.ui.widgets.lookup_edit import LookupEdit
from tests.ui.ledger.desk import Desk

KEY = Qt.Key
TABLE = """科目编码\t科目名称\t辅助核算\t借方累计\t贷方累计\t期初余额借方\t期初余额贷方\t本年实际损益
1002\t银行存款\t\t85,150.00\t66,350.00\t38,800.00\t\t
1122\t应收账款\t甲公司\t1,000.00\t\t1,000.00\t\t
1122\t应收账款\t乙公司\t200.00\t\t200.00\t\t
160102\t机器设备\t\t\t\t58,800.00\t\t
1602\t累计折旧\t\t\t5,000.00\t\t5,000.00\t
3001\t实收资本\t\t\t\t\t80,000.00\t
3103\t本年利润\t\t71,350.00\t85,150.00\t\t13,800.00\t
5001\t主营业务收入\t\t85,150.00\t85,150.00\t\t\t85,150.00
560205\t水电费\t\t71,350.00\t71,350.00\t\t\t71,350.00
"""


def copy(text: str) -> None:
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    clipboard.setText(text)


def row_of(page: OpeningPage, code: str) -> int:
    return next(row for row, line in enumerate(page.model.sheet.lines) if line.account.code == code)


def shown(page: OpeningPage, code: str, column: OpeningColumn) -> str:
    return str(page.model.index(row_of(page, code), column).data() or "")


@pytest.fixture
def customers(desk: Desk) -> Desk:
    """A book whose receivables demand a customer, of whom one is known."""
    receivable = next(one for one in desk.api.list_accounts().accounts if one.code == "1122")
    change = AccountChange(version=receivable.version, auxiliaries=[AuxiliaryUse(kind="客户")])
    desk.api.change_account(receivable.id, change)
    desk.api.add_auxiliary(AuxiliaryInput(kind="客户", name="甲公司"))
    return desk


def test_a_table_is_pasted_checked_completed_and_saved_with_its_new_customers(customers: Desk) -> None:
    page = customers.show(OpeningPage)
    copy(TABLE)
    customers.qtbot.keyClick(page.table, KEY.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "粘贴了 9 处" in page.message_bar.text
    assert page.checks.text().count("✗") == 2
    assert "贷方少 1,200.00" in page.checks.text()
    copy("6,200.00")
    page.table.setCurrentIndex(page.model.index(row_of(page, "1602"), OpeningColumn.YTD_CREDIT))
    page.intake.paste()
    copy("6200")
    page.table.setCurrentIndex(page.model.index(row_of(page, "1602"), OpeningColumn.OPENING_CREDIT))
    page.intake.paste()
    assert "借方少 1,200.00" in page.checks.text()
    page.undo()
    page.undo()
    page.table.setCurrentIndex(page.model.index(row_of(page, "1002"), OpeningColumn.YTD_CREDIT))
    copy("67,550.00")
    page.intake.paste()
    assert page.checks.text().count("✓") == 3
    assert page.concerns.sentences() == ["! 没有填前几个月的现金流量：现金流量表的本年累计会缺这几个月。"]
    page.tabs.setCurrentIndex(1)
    copy("1\t83,950.00\n6\t66,350.00\n")
    page.intake.paste()
    assert page.cash_table.check.text().endswith("✓ 相符")
    assert page.concerns.isHidden()
    page.save()
    question = page.findChild(QMessageBox)
    assert question is not None
    assert "客户:乙公司" in question.text()
    assert "甲公司" not in question.text()
    question.buttons()[0].click()
    assert page.message_bar.text == "期初余额已保存。"
    stored = {(row.account_code, row.aux): row for row in customers.api.get_opening().rows}
    assert stored["1122", "客户:乙公司"].opening_debit == "200.00"
    assert stored["1002", ""].year_begin_debit == "21200.00"
    assert stored["5001", ""].ytd_pl_actual == "85150.00"
    assert [(flow.cash_flow_line, flow.ytd_amount) for flow in customers.api.get_opening().cash_flow] == [
        (1, "83950.00"),
        (6, "66350.00"),
    ]
    assert not page.has_unsaved()


def test_undo_takes_a_whole_paste_back(desk: Desk) -> None:
    page = desk.show(OpeningPage)
    page.table.setCurrentIndex(page.model.index(row_of(page, "1001"), OpeningColumn.OPENING_DEBIT))
    copy("1\n2\n")
    page.intake.paste()
    assert shown(page, "1002", OpeningColumn.OPENING_DEBIT) == "2.00"
    desk.qtbot.keyClick(page.table, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert shown(page, "1002", OpeningColumn.OPENING_DEBIT) == ""
    assert not page.has_unsaved()
    assert not page.undo_button.isEnabled()


def test_a_hidden_row_is_left_out_of_a_block(desk: Desk) -> None:
    page = desk.show(OpeningPage)
    page.search.setText("10")
    page._show_found()
    page.table.setCurrentIndex(page.model.index(row_of(page, "1001"), OpeningColumn.OPENING_DEBIT))
    copy("1\n2\n3\n4\n5\n6\n")
    page.intake.paste()
    filled = {line.account.code for line in page.model.sheet.lines if line.opening}
    assert filled
    assert all("10" in code for code in filled)


def test_rows_that_are_wrong_are_listed_and_found_from_the_list(customers: Desk) -> None:
    page = customers.show(OpeningPage)
    page.search.setText("1001")
    page._show_found()
    row = row_of(page, "1122")
    page.model.setData(page.model.index(row, OpeningColumn.OPENING_DEBIT), "5")
    assert page.concerns.sentences()[0] == "✗ 1122 要填客户。"
    page.concerns.itemActivated.emit(page.concerns.item(0))
    assert page.table.currentIndex() == page.model.index(row, OpeningColumn.AUXILIARY)
    assert not page.table.isRowHidden(row)


def test_customers_are_looked_up_while_typing(customers: Desk) -> None:
    receivable = next(one for one in customers.api.list_accounts().accounts if one.code == "1122")
    assert [choice.text for choice in find_items(customers.api, receivable, "jgs")] == ["客户:甲公司"]
    assert [choice.text for choice in find_items(customers.api, receivable, "客户：甲")] == ["客户:甲公司"]
    assert find_items(customers.api, receivable, "客户:甲公司;") == []


def test_a_customer_is_chosen_from_the_list_below_the_cell(customers: Desk) -> None:
    page = customers.show(OpeningPage)
    index = page.model.index(row_of(page, "1122"), OpeningColumn.AUXILIARY)
    page.table.setCurrentIndex(index)
    page.table.edit(index)
    editor = page.table.findChild(LookupEdit)
    assert editor is not None
    editor.setFocus()
    customers.qtbot.keyClicks(editor, "jgs")
    popup = editor._list.popup()
    assert popup is not None
    customers.qtbot.waitUntil(popup.isVisible)
    customers.qtbot.keyClick(popup, KEY.Key_Return)
    customers.qtbot.waitUntil(lambda: editor.text() == "客户:甲公司")
    customers.qtbot.keyClick(editor, KEY.Key_Tab)
    customers.qtbot.waitUntil(lambda: index.data() == "客户:甲公司")


def test_an_account_gets_a_row_in_another_currency(desk: Desk) -> None:
    page = desk.show(OpeningPage)
    assert page.table.isColumnHidden(OpeningColumn.CURRENCY)
    row = row_of(page, "1002")
    page.table.setCurrentIndex(page.model.index(row, OpeningColumn.OPENING_DEBIT))
    desk.qtbot.keyClick(page.table, KEY.Key_Insert, Qt.KeyboardModifier.ControlModifier)
    assert page.table.currentIndex() == page.model.index(row + 1, OpeningColumn.CURRENCY)
    page.table.setFocus()
    page.model.setData(page.model.index(row + 1, OpeningColumn.CURRENCY), "usd")
    assert not page.table.isColumnHidden(OpeningColumn.OPENING_FOREIGN)
    for column, text in (
        (OpeningColumn.OPENING_DEBIT, "7100"),
        (OpeningColumn.OPENING_FOREIGN, "1,000"),
        (OpeningColumn.YEAR_BEGIN_FOREIGN, "1000"),
    ):
        page.model.setData(page.model.index(row + 1, column), text)
    page.model.setData(page.model.index(row_of(page, "3001"), OpeningColumn.OPENING_CREDIT), "7100")
    page.save()
    assert page.message_bar.text == "期初余额已保存。"
    stored = desk.api.get_opening().rows[0]
    assert (stored.account_code, stored.currency, stored.opening_foreign) == ("1002", "USD", "1000.00")


def test_quantities_are_typed_and_kept(desk: Desk) -> None:
    page = desk.show(OpeningPage)
    row = row_of(page, "1405")
    for column, text in (
        (OpeningColumn.OPENING_DEBIT, "600"),
        (OpeningColumn.YTD_DEBIT, "100"),
        (OpeningColumn.QUANTITY, "60"),
        (OpeningColumn.YTD_DEBIT_QUANTITY, "10"),
    ):
        page.model.setData(page.model.index(row, column), text)
    assert page.model.index(row, OpeningColumn.YEAR_BEGIN_QUANTITY).data() == "50"
    for column, text in ((OpeningColumn.OPENING_CREDIT, "600"), (OpeningColumn.YTD_CREDIT, "100")):
        page.model.setData(page.model.index(row_of(page, "3001"), column), text)
    page.save()
    stored = desk.api.get_opening().rows[0]
    assert (stored.quantity, stored.year_begin_quantity, stored.ytd_debit_quantity) == ("60", "50", "10")


def test_unbalanced_balances_are_refused_and_can_be_kept_as_a_file(desk: Desk) -> None:
    page = desk.show(OpeningPage)
    page.model.setData(page.model.index(row_of(page, "1002"), OpeningColumn.OPENING_DEBIT), "5")
    page.save()
    assert "差额 5.00" in page.message_bar.text
    assert "存为 CSV 文件" in page.message_bar.text
    assert page.has_unsaved()
    assert desk.api.get_opening().rows == []


def test_cash_flow_is_typed_line_by_line(desk: Desk, qtmodeltester: ModelTester) -> None:
    page = desk.show(OpeningPage)
    page.tabs.setCurrentIndex(1)
    model = page.cash_table.model
    qtmodeltester.check(model)
    row = next(row for row in range(model.rowCount()) if model.line(row).number == 1)
    total = next(row for row in range(model.rowCount()) if model.line(row).number == 7)
    assert not model.flags(model.index(total, AMOUNT)) & Qt.ItemFlag.ItemIsEditable
    model.setData(model.index(row, AMOUNT), "1，200")
    assert model.index(total, AMOUNT).data() == "1,200.00"
    assert page.has_unsaved()
    model.setData(model.index(row, AMOUNT), "很多")
    page.save()
    assert "很多" in page.message_bar.text
    assert desk.api.get_opening().cash_flow == []


def test_what_is_typed_goes_to_a_file_and_comes_back(desk: Desk, tmp_path: Path) -> None:
    page = desk.show(OpeningPage)
    page.model.setData(page.model.index(row_of(page, "1002"), OpeningColumn.OPENING_DEBIT), "12.50")
    page.cash_table.model.sheet.cash.type(1, "3")
    file = tmp_path / "opening.csv"
    page.intake.write_files(file)
    desk.qtbot.waitUntil(file.exists)
    assert file.read_text(encoding="utf-8-sig").startswith("account_code,account_name,aux,quantity,year_begin_debit,")
    again = desk.show(OpeningPage)
    again.intake.read_files([file, tmp_path / "opening_cash_flow.csv"])
    desk.qtbot.waitUntil(again.has_unsaved)
    assert shown(again, "1002", OpeningColumn.OPENING_DEBIT) == "12.50"
    assert again.cash_table.model.sheet.cash.amount(1, 0) == 300
    excel = tmp_path / "excel.csv"
    excel.write_bytes("科目编码,科目名称,期初余额\n1001,库存现金,8\n".encode("gb18030"))
    again.intake.read_files([excel])
    assert shown(again, "1001", OpeningColumn.OPENING_DEBIT) == "8.00"


def test_after_the_first_close_balances_are_for_reading(desk: Desk) -> None:
    desk.api.close_period("2026-05")
    page = desk.show(OpeningPage)
    assert "已有月份结账" in page.hint.text()
    assert page.save_button.isHidden()
    index = page.model.index(row_of(page, "1002"), OpeningColumn.OPENING_DEBIT)
    assert not page.model.flags(index) & Qt.ItemFlag.ItemIsEditable
    copy("5")
    page.table.setCurrentIndex(index)
    page.intake.paste()
    assert not page.has_unsaved()


def test_the_page_speaks_english(desk: Desk) -> None:
    page = desk.show(OpeningPage)
    language = LanguageSwitch(catalogue("en"), page)
    language.use("en")
    desk.qtbot.waitUntil(lambda: page.paste_button.text() == "Paste")
    assert page.tabs.tabText(1) == "Cash flow of the months before"
    assert page.cash_table.model.index(1, 0).data().strip() == "Cash received from sale of goods and services"
    language.use("zh")
