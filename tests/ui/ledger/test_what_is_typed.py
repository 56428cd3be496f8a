"""What people type that nobody can use: it is answered with a sentence, it stays, and the window goes on."""

from __future__ import annotations

import datetime

import pytest
from PyQt5.QtCore import QRect, Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QLineEdit

from app.client.refusals import refusal_of
from app.contract.ledger import AccountInput, EntryInput, VoucherInput, VoucherQuery
from app.kernel.errors import MalformedInput
from app.ui.ledger.date_field import DateField, read_date
from app.ui.ledger.months import month_to_show, open_day
from app.ui.ledger.opening_line import OpeningColumn
from app.ui.ledger.opening_page import OpeningPage
from app.ui.ledger.trial_balance_page import TrialBalancePage
from app.ui.ledger.voucher_filter import VoucherFilter
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_list_page import VoucherListPage
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.navigation import NewVoucher, OpenTrialBalance
from app.ui.tasks import Change, Topic
from app.ui.widgets.limits import limit_to, longest
from app.ui.widgets.lookup_edit import Choice, LookupEdit
from tests.ui.ledger.desk import Desk

KEY = Qt.Key


def paste(field: QLineEdit, text: str) -> None:
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    clipboard.setText(text)
    field.selectAll()
    field.paste()


def put(page: VoucherPage, row: int, column: Column, text: str) -> None:
    page.form.grid.go(row, column)
    editor = page.form.grid.editor
    assert editor is not None
    paste(editor, text)
    page.form.grid.commit()


def press(widget: QLineEdit, key: Qt.Key) -> None:
    QTest.keyClick(widget, key)  # type: ignore[call-overload]


# --- contracts and fields --------------------------------------------------------------------------------------------


def test_a_refused_contract_becomes_a_sentence_that_names_the_field() -> None:
    with pytest.raises(ValueError, match="summary") as caught:
        VoucherInput(date="2026-06-30", entries=[EntryInput(summary="长" * 201, account_code="1")])
    refusal = refusal_of(caught.value)  # type: ignore[arg-type]
    assert str(refusal.message) == "“摘要”最多 200 个字，请写短些。"
    assert list(refusal.fields) == ["summary"]


def test_fields_take_as_much_as_their_contract(desk: Desk) -> None:
    field = QLineEdit()
    desk.qtbot.addWidget(field)
    limit_to(field, AccountInput, "name_zh")
    paste(field, "长" * 500)
    assert len(field.text()) == longest(AccountInput, "name_zh") == 120


def test_a_field_without_a_limit_in_its_contract_is_a_bug() -> None:
    with pytest.raises(LookupError, match="number"):
        longest(VoucherQuery, "number")


def test_long_pastes_into_a_voucher_are_cut_to_what_is_kept(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    put(page, 0, Column.SUMMARY, "长" * 5000)
    put(page, 0, Column.ACCOUNT, "1002")
    put(page, 0, Column.DEBIT, "9" * 6000)
    assert "太大" in page.message_bar.text
    put(page, 0, Column.DEBIT, "12")
    assert page.message_bar.text == ""
    page.save()
    assert page.message_bar.error is None
    stored = page.form.sheet.stored
    assert stored is not None
    assert stored.entries[0].summary == "长" * 200


def test_an_auxiliary_that_is_too_long_is_refused_with_a_sentence(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    page.form.sheet.word = "很长的凭证字很长的凭证字"
    page.form.word.lineEdit().setMaxLength(50)  # type: ignore[union-attr]  # an editable box has one
    page.form.word.setCurrentText("很长的凭证字很长的凭证字")
    put(page, 0, Column.ACCOUNT, "1002")
    put(page, 0, Column.DEBIT, "12")
    page.save()
    assert page.message_bar.text == "“凭证字”最多 10 个字，请写短些。"
    assert page.form.word.property("wrong")
    assert page.has_unsaved()


def test_a_foreign_amount_no_book_can_hold_is_refused(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    sheet = page.form.sheet
    sheet.lines[0].currency = "USD"
    assert sheet.type(0, Column.FOREIGN, "90000000000000000") is None
    refusal = sheet.type(0, Column.RATE, "999999999999")
    assert refusal is not None
    assert "太大" in str(refusal)


def test_what_cannot_be_read_is_said_at_once(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    put(page, 0, Column.ACCOUNT, "99zz")
    assert page.message_bar.text == "没有“99zz”这个明细科目，按 F7 查找。"
    put(page, 0, Column.ACCOUNT, "1002")
    assert page.message_bar.text == ""


def test_numbers_to_look_for_are_digits(desk: Desk) -> None:
    found = VoucherFilter(202605, 202606)
    desk.qtbot.addWidget(found)
    desk.qtbot.keyClicks(found.number, "1,23a4")
    query = found.query()
    assert query is not None
    assert query.number == 1234


def test_words_to_look_for_end_where_the_server_ends(desk: Desk) -> None:
    page = desk.show(VoucherListPage)
    paste(page.filter.words, "长" * 400)
    page.ask()
    assert page.message_bar.text == ""
    page.filter.amount.setText("abc")
    page.ask()
    assert page.message_bar.text == "金额看不懂，请写成 1234.50 的样子。"
    page.filter.amount.setText("5")
    page.ask()
    assert page.message_bar.text == ""


def test_an_account_that_is_none_does_not_look_like_a_filter(desk: Desk) -> None:
    field = LookupEdit(local=lambda text: [Choice("1002", "1002 银行")] if text in "1002 银行" else [])
    desk.qtbot.addWidget(field)
    field.show()
    field.setFocus()
    desk.qtbot.keyClicks(field, "zz")
    press(field, KEY.Key_Return)
    assert field.property("wrong")
    assert field.value is None
    field.clear()
    desk.qtbot.keyClicks(field, "1002")
    assert not field.property("wrong")


def test_parents_are_offered_as_filter(desk: Desk) -> None:
    page = desk.show(VoucherListPage)
    offered = [choice.value for choice in page.filter._find_accounts("5602")]
    assert offered[0] == "5602"
    assert "560201" in offered


# --- dates and months ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["2026-02-30", "99999999999", "9" * 40, "0", "", "2026", "13-45", "abc", "²"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        read_date(text, datetime.date(2026, 6, 15))


def test_a_date_of_eight_figures_is_one() -> None:
    assert read_date("20260105", datetime.date(2025, 6, 15)) == datetime.date(2026, 1, 5)


def test_days_end_with_the_years_that_books_have(desk: Desk) -> None:
    field = DateField(datetime.date(9998, 12, 31))
    desk.qtbot.addWidget(field)
    press(field, KEY.Key_Up)
    assert field.date == datetime.date(9998, 12, 31)


def test_a_new_voucher_after_a_wrong_date_begins_with_a_right_one(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    put(page, 0, Column.ACCOUNT, "1002")
    put(page, 0, Column.DEBIT, "12")
    page.save()
    page.form.date.setText("2026-02-30")
    page.save()
    assert page.message_bar.text == "“2026-02-30”不是日期，请写成 2026-06-30 的样子。"
    assert page.form.date.text() == "2026-02-30"
    page._show_sheet(page._new_sheet())
    assert page.form.sheet.date == "2026-06-30"


def test_a_new_voucher_is_never_proposed_for_a_closed_month(desk: Desk) -> None:
    desk.posted("2026-05-04", ("1002", "5", ""), ("3001", "", "5"))
    old = desk.posted("2026-06-04", ("1002", "5", ""), ("3001", "", "5"))
    desk.api.close_period("2026-05")
    desk.api.close_period("2026-06")
    page = desk.show(VoucherPage)
    assert page.form.date.text() == "2026-07-01"
    page.show_voucher(desk.api.get_voucher(old.id))
    page.open(NewVoucher())
    assert page.form.date.text() == "2026-07-01"
    page.ways.copy(correction=True)
    assert page.form.sheet.date == "2026-07-01"


def test_months_reopened_count_at_once(desk: Desk) -> None:
    desk.posted("2026-05-04", ("1002", "5", ""), ("3001", "", "5"))
    for month in ("2026-05", "2026-06"):
        desk.api.close_period(month)
    months = desk.api.list_periods().periods
    assert open_day(months, datetime.date(2026, 6, 30)) == datetime.date(2026, 7, 1)
    assert open_day(months, datetime.date(2026, 2, 3)) == datetime.date(2026, 7, 1)
    assert open_day(months, datetime.date(2027, 2, 3)) == datetime.date(2027, 2, 3)
    assert open_day((), datetime.date(2026, 6, 30)) == datetime.date(2026, 6, 30)


def test_pages_open_on_the_last_month_with_vouchers(desk: Desk) -> None:
    desk.posted("2026-05-04", ("1002", "5", ""), ("3001", "", "5"))
    assert month_to_show(desk.api.list_periods().periods, datetime.date(2026, 6, 30)) == 202605
    assert desk.show(TrialBalancePage).totals.text(4) == "5.00"
    listed = desk.show(VoucherListPage)
    assert (listed.filter.periods.first, listed.filter.periods.last) == (202605, 202605)
    assert len(listed.model.rows()) == 1
    desk.write("2026-06-04", ("1002", "7", ""), ("3001", "", "7"))
    assert month_to_show(desk.api.list_periods().periods, datetime.date(2026, 6, 30)) == 202606


def test_a_list_of_nothing_goes_to_the_vouchers_that_come_in(desk: Desk) -> None:
    page = desk.show(VoucherListPage)
    balance = desk.show(TrialBalancePage)
    desk.posted("2026-05-04", ("1002", "5", ""), ("3001", "", "5"))
    imported = Change(frozenset({Topic.VOUCHERS, Topic.BALANCES}))
    for shown in (page, balance):
        shown.refresh(imported)
    assert page.filter.periods.first == balance.periods.first == 202605
    assert len(page.model.rows()) == 1


def test_months_that_were_asked_for_stay(desk: Desk) -> None:
    desk.posted("2026-05-04", ("1002", "5", ""), ("3001", "", "5"))
    page = TrialBalancePage(desk.context)
    desk.qtbot.addWidget(page)
    page.open(OpenTrialBalance("2026-06", "2026-06"))
    page.activate()
    assert (page.periods.first, page.periods.last) == (202606, 202606)


# --- opening balances ------------------------------------------------------------------------------------------------


def typed_into_opening(page: OpeningPage, text: str) -> None:
    page.table.setFocus()
    page.table.setCurrentIndex(page.model.index(0, OpeningColumn.OPENING_DEBIT))
    page.table.edit(page.table.currentIndex())
    editor = page.table.findChildren(QLineEdit)[-1]
    paste(editor, text)
    press(editor, KEY.Key_Return)
    QApplication.processEvents()


def test_enter_in_an_opening_cell_keeps_it_and_goes_one_down(desk: Desk) -> None:
    page = desk.show(OpeningPage)
    typed_into_opening(page, "5200")
    assert page.model.index(0, OpeningColumn.OPENING_DEBIT).data() == "5,200.00"
    assert page.table.currentIndex().row() == 1


def test_openings_that_are_no_amounts_are_named_and_stay(desk: Desk) -> None:
    page = desk.show(OpeningPage)
    for text in ("abc", "9" * 40, "9" * 5000):
        typed_into_opening(page, text)
        assert page.message_bar.text
        assert page.model.index(0, OpeningColumn.OPENING_DEBIT).data() == text[:200]
        page.save()
        assert page.message_bar.error is None
    typed_into_opening(page, "12")
    assert page.message_bar.text == ""


def test_columns_of_openings_hold_titles_and_totals_in_english(desk: Desk) -> None:
    page = desk.show(OpeningPage)
    typed_into_opening(page, "123456789012.34")
    metrics = page.totals.fontMetrics()
    total = page.totals.text(OpeningColumn.OPENING_DEBIT)
    assert page.table.columnWidth(OpeningColumn.OPENING_DEBIT) > metrics.horizontalAdvance(total)


def test_the_last_column_of_the_trial_balance_is_in_sight(desk: Desk) -> None:
    for number in range(40):
        code = desk.api.list_accounts().accounts[number]
        if code.is_leaf:
            desk.write("2026-06-04", (code.code, "123.45", ""), ("3001", "", "123.45"))
    page = desk.show(TrialBalancePage)
    page.unposted.setChecked(True)
    page.resize(1500, 400)
    page.tree.expandAll()
    QApplication.processEvents()
    viewport = page.tree.viewport()
    assert viewport is not None
    last = page.header.count() - 1
    end = page.header.sectionViewportPosition(last) + page.header.sectionSize(last)
    assert QRect(0, 0, viewport.width(), 1).contains(end - 1, 0)
