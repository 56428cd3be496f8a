"""The month's end as a check list: checks that lead to their rows, steps saved, edited, skipped, the close."""

from __future__ import annotations

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox
from pytestqt.modeltest import ModelTester

from app.contract.closing import PreCheck
from app.contract.ledger import Voucher
from app.resources import catalogue
from app.ui.language import LanguageSwitch
from app.ui.ledger.periods_page import PeriodsPage
from app.ui.ledger.voucher_line import Column
from app.ui.month_end.closing_inputs import VALUE
from app.ui.month_end.closing_page import CHECKS, CLOSE, PROPOSAL, ClosingPage
from app.ui.month_end.closing_parameters import RATE, SINCE, ParametersDialog
from app.ui.month_end.closing_parameters import VALUE as RATE_VALUE
from app.ui.month_end.closing_skip_dialog import SkipDialog
from app.ui.month_end.closing_words import target_of
from app.ui.navigation import OpenAccount, OpenClosing, OpenEntries, OpenVoucher, OpenVoucherList, ShowPage
from tests.ui.ledger.desk import Desk
from tests.ui.together.test_versions import conflict_over, shown

KEY = Qt.Key


@pytest.fixture
def may(desk: Desk) -> Desk:
    """A book with capital, a purchase, a sale and an expense in 2026-05, all posted."""
    desk.posted("2026-05-02", ("1002", "100000", ""), ("3001", "", "100000"), summary="投入资本")
    desk.posted("2026-05-05", ("1405", "20000", ""), ("22210101", "2600", ""), ("1002", "", "22600"), summary="进货")
    desk.posted("2026-05-10", ("1002", "56500", ""), ("5001", "", "50000"), ("22210107", "", "6500"), summary="销售")
    desk.posted("2026-05-15", ("560205", "1200", ""), ("1002", "", "1200"), summary="水电费")
    return desk


def states(page: ClosingPage) -> dict[str, str]:
    return {step.key: step.state for step in page.steps.steps()}


def go(page: ClosingPage, key: str) -> None:
    page.steps.go_to(key)
    step = page.steps.current()
    assert step is not None
    assert step.key == key


def entries(voucher: Voucher) -> list[tuple[str, str, str]]:
    return [(entry.account_code, entry.debit, entry.credit) for entry in voucher.entries]


def answer(page: ClosingPage, button: str) -> None:
    box = page.findChildren(QMessageBox)[-1]
    next(one for one in box.buttons() if one.text() == button).click()


def vouchers_of(page: ClosingPage, key: str) -> list[int]:
    return [voucher.id for step in page.steps.steps() if step.key == key for voucher in step.vouchers]


def test_the_due_month_begins_with_what_must_be_mended(may: Desk) -> None:
    draft = may.write("2026-05-20", ("560205", "5", ""), ("1001", "", "5"))
    page = may.show(ClosingPage)
    assert page.month.text == "2026-05"
    assert page.stack.currentIndex() == CHECKS
    assert "1 处要先处理，1 处请核对" in page.checks.summary.text()
    may.qtbot.keyClick(page.checks.table, KEY.Key_Return)
    assert may.last() == OpenVoucher(draft.id)
    page.checks.wanted.emit(page.checks.model.row(1))
    assert may.last() == OpenEntries("1001", "2026-05", "2026-05", include_unposted=True)
    assert states(page)["close"] == "blocked"
    go(page, "close")
    assert not page.close_panel.close_button.isEnabled()
    may.api.review_voucher(draft.id)
    may.api.post_voucher(draft.id)
    page.ask()
    assert states(page)["checks"] == "done"


@pytest.mark.parametrize(
    ("check", "target"),
    [
        (PreCheck(code="voucher_unposted", severity="stop", message="", where="", voucher_id=7), OpenVoucher(7)),
        (
            PreCheck(
                code="cash_negative", severity="warning", message="", where="", account_code="1001", aux="客户:甲"
            ),
            OpenEntries("1001", "2026-05", "2026-05", aux="客户:甲", include_unposted=True),
        ),
        (PreCheck(code="account_missing", severity="stop", message="", where="", account_code="5"), OpenAccount("5")),
        (PreCheck(code="number_gap", severity="warning", message="", where=""), OpenVoucherList("2026-05", "2026-05")),
    ],
)
def test_each_offending_row_has_its_place(check: PreCheck, target: object) -> None:
    assert target_of(check, "2026-05") == target


def test_a_whole_month_is_closed_step_by_step(may: Desk, qtmodeltester: ModelTester) -> None:
    page = may.show(ClosingPage)
    assert {key for key, state in states(page).items() if state == "due"} == {"vat", "surcharges", "profit_and_loss"}
    assert page.stack.currentIndex() == PROPOSAL
    vat = page.steps.current()
    assert vat is not None
    assert vat.key == "vat"
    computed = {row.label: row.value for row in page.panel.computation.rows_model.rows()}
    assert computed["本月应交增值税"] == "3,900.00"
    assert [len(voucher.model.sheet.used) for voucher in page.panel.vouchers] == [2]
    qtmodeltester.check(page.panel.vouchers[0].model)
    may.qtbot.keyClick(page.steps, KEY.Key_F8)
    assert page.message_bar.text == "“结转增值税”已保存。"
    assert page.steps.hasFocus()
    made = may.api.get_voucher(vouchers_of(page, "vat")[0])
    assert (made.state, entries(made)) == ("posted", [("22210104", "3900.00", "0.00"), ("222102", "0.00", "3900.00")])
    following = page.steps.current()
    assert following is not None
    assert following.key == "surcharges"
    page.save(post=True)
    assert states(page)["surcharges"] == "done"
    page.save(post=True)
    assert states(page)["profit_and_loss"] == "done"
    assert page.stack.currentIndex() == CLOSE
    page.close_panel.close_button.click()
    answer(page, "结账")
    assert "2026-05 已结账" in page.message_bar.text
    assert page.month.text == "2026-06"
    assert may.api.list_periods().periods[0].state == "closed"
    page.month.step(-1)
    go(page, "close")
    assert not page.close_panel.periods_button.isHidden()
    page.close_panel.periods_button.click()
    assert may.last() == ShowPage("periods")
    go(page, "vat")
    assert page.panel.post_button.isHidden()


def test_parameters_change_the_proposal_and_what_is_wrong_is_not_sent(may: Desk) -> None:
    page = may.show(ClosingPage)
    page.save(post=True)
    go(page, "surcharges")
    model = page.panel.inputs.input_model
    row = next(row for row in range(model.rowCount()) if (one := model.input(row)) and "城市维护" in one.label)
    assert model.index(row, VALUE).data() == "7 %"
    page.panel.inputs.setFocus()
    model.setData(model.index(row, VALUE), "五")
    assert page.panel.inputs.input_model.wrong
    page.save(post=False)
    assert "五" in page.message_bar.text
    assert vouchers_of(page, "surcharges") == []
    model.setData(model.index(row, VALUE), "５%")
    labels = {one.label: one.value for one in page.panel.computation.rows_model.rows()}
    assert labels["城市维护建设税"] == "195.00"
    assert page.panel.inputs.hasFocus()
    page.save(post=False)
    made = may.api.get_voucher(vouchers_of(page, "surcharges")[0])
    assert made.state == "draft"
    assert "195.00" in {entry.debit for entry in made.entries}


def test_a_proposed_voucher_is_edited_before_it_is_saved(may: Desk) -> None:
    page = may.show(ClosingPage)
    grid = page.panel.vouchers[0]
    assert not page.has_unsaved()
    grid.model.setData(grid.model.index(0, Column.DEBIT), "4000")
    assert page.has_unsaved()
    assert "贷方少 100.00" in grid.difference.text()
    page.save(post=False)
    assert page.message_bar.error is not None
    assert vouchers_of(page, "vat") == []
    assert page.has_unsaved()
    grid.model.setData(grid.model.index(1, Column.CREDIT), "4000")
    grid.model.setData(grid.model.index(0, Column.SUMMARY), "按税务局的数")
    page.save(post=False)
    made = may.api.get_voucher(vouchers_of(page, "vat")[0])
    assert (made.entries[0].summary, made.entries[0].debit) == ("按税务局的数", "4000.00")
    assert not page.has_unsaved()


def test_what_is_edited_stays_while_others_post_and_is_asked_about_before_it_goes(may: Desk) -> None:
    page = may.show(ClosingPage)
    grid = page.panel.vouchers[0]
    grid.model.setData(grid.model.index(0, Column.SUMMARY), "自己写的")
    may.posted("2026-05-21", ("560205", "1", ""), ("1002", "", "1"))
    page._ask_plan(keep_edited=True)
    assert page.panel.vouchers[0] is grid
    go(page, "checks")
    go(page, "vat")
    assert page.panel.vouchers[0] is grid
    page.steps.go_to("surcharges")
    answer(page, "取消")
    go(page, "vat")
    assert page.panel.vouchers[0] is grid
    page.month.step(1)
    answer(page, "取消")
    assert page.month.text == "2026-05"
    assert page.has_unsaved()
    page.month.step(1)
    answer(page, "放弃改动")
    assert page.month.text == "2026-06"
    assert not page.has_unsaved()


def test_another_step_drops_what_was_edited_only_after_a_question(may: Desk) -> None:
    page = may.show(ClosingPage)
    grid = page.panel.vouchers[0]
    grid.model.setData(grid.model.index(0, Column.SUMMARY), "自己写的")
    page.steps.go_to("profit_and_loss")
    answer(page, "放弃改动")
    step = page.steps.current()
    assert step is not None
    assert step.key == "profit_and_loss"
    assert page.panel.vouchers[0].model.sheet.kind == "close_pl"
    assert not page.has_unsaved()


def test_a_stale_proposal_is_refused_and_computed_anew(may: Desk) -> None:
    page = may.show(ClosingPage)
    may.posted("2026-05-22", ("1002", "1130", ""), ("5001", "", "1000"), ("22210107", "", "130"))
    page.save(post=True)
    assert "重新计算" in page.message_bar.text
    assert vouchers_of(page, "vat") == []
    page.message_bar._run_again()
    page.save(post=True)
    assert may.api.get_voucher(vouchers_of(page, "vat")[0]).debit_total == "4030.00"


def test_a_step_run_again_after_an_addition_proposes_the_difference(may: Desk) -> None:
    page = may.show(ClosingPage)
    page.save(post=True)
    may.posted("2026-05-22", ("1002", "1130", ""), ("5001", "", "1000"), ("22210107", "", "130"))
    page.ask()
    go(page, "vat")
    assert states(page)["vat"] == "due"
    assert "3,900.00" in page.panel.existing.text()
    assert page.panel.vouchers[0].model.sheet.totals() == (13000, 13000)
    assert not page.panel.settle_button.isHidden()
    page.panel.settle_button.click()
    assert states(page)["vat"] == "done"
    assert len(vouchers_of(page, "vat")) == 1
    page.panel.voucher_wanted.emit(vouchers_of(page, "vat")[0])
    assert may.last() == OpenVoucher(vouchers_of(page, "vat")[0])


def test_a_step_is_skipped_with_a_reason_and_taken_up_again(may: Desk) -> None:
    page = may.show(ClosingPage)
    go(page, "vat")
    page.panel.skip_button.click()
    dialog = page.findChild(SkipDialog)
    assert dialog is not None
    dialog.ok_button.click()
    assert "原因" in dialog.message_bar.text
    dialog.reason.setText("下月一起转")
    dialog.ok_button.click()
    assert states(page)["vat"] == "skipped"
    go(page, "vat")
    assert page.panel.note.text().startswith("下月一起转")
    again = may.show(ClosingPage)
    assert states(again)["vat"] == "skipped"
    page.panel.reset_button.click()
    assert states(page)["vat"] == "due"
    go(page, "profit_and_loss")
    assert page.panel.skip_button.isHidden()


def test_a_step_skipped_meanwhile_is_seen_before_it_is_skipped_again(may: Desk) -> None:
    page = may.show(ClosingPage)
    go(page, "vat")
    page.panel.skip_button.click()
    dialog = page.findChild(SkipDialog)
    assert dialog is not None
    dialog.reason.setText("我的原因")
    may.api.skip_step(page.month.text, "vat", "她的原因")
    dialog.ok_button.click()
    conflict = conflict_over(dialog)
    assert shown(conflict)["说明"][2] == "她的原因"
    conflict.keep.click()
    go(page, "vat")
    assert page.panel.note.text().startswith("我的原因")


def test_a_figure_leads_to_its_ledger(may: Desk) -> None:
    page = may.show(ClosingPage)
    row = next(row for row in page.panel.computation.rows_model.rows() if row.account_code)
    page.panel.computation.opened.emit(row)
    assert may.last() == OpenEntries(row.account_code, "2026-05", "2026-05", include_unposted=True)


def test_the_year_end_stands_in_december(desk: Desk) -> None:
    desk.posted("2026-12-02", ("1002", "1000", ""), ("5001", "", "1000"))
    for month in range(5, 12):
        desk.api.close_period(f"2026-{month:02}")
    page = desk.show(ClosingPage)
    assert page.month.text == "2026-12"
    go(page, "income_tax")
    page.panel.skip_button.click()
    skip = page.findChild(SkipDialog)
    assert skip is not None
    skip.reason.setText("亏损弥补")
    skip.ok_button.click()
    go(page, "profit_and_loss")
    page.save(post=True)
    go(page, "year_end")
    assert states(page)["year_end"] == "due"
    page.save(post=True)
    assert states(page)["year_end"] == "done"
    moved = {
        (entry.account_code, entry.debit, entry.credit)
        for voucher in vouchers_of(page, "year_end")
        for entry in desk.api.get_voucher(voucher).entries
    }
    assert ("3103", "1000.00", "0.00") in moved
    assert ("310415", "0.00", "1000.00") in moved


def test_rates_are_looked_at_changed_and_refused_in_place(may: Desk) -> None:
    page = may.show(ClosingPage)
    page.open_parameters()
    dialog = page.findChild(ParametersDialog)
    assert dialog is not None
    before = len(dialog.rates.rates())
    dialog.rates.setCurrentCell(0, RATE)
    dialog.rates.add_rate()
    row = dialog.rates.rowCount() - 1
    cells = {SINCE: "2026-13", RATE_VALUE: "6"}
    for column, text in cells.items():
        item = dialog.rates.item(row, column)
        assert item is not None
        item.setText(text)
    dialog.ok_button.click()
    assert dialog.message_bar.text
    item = dialog.rates.item(row, SINCE)
    assert item is not None
    item.setText("2026-05")
    dialog.city.setCurrentIndex(dialog.city.findData("city"))
    dialog.ok_button.click()
    kept = may.api.closing_parameters()
    assert len(kept.rates) == before + 1
    assert ("2026-05", "6") in {(rate.since, rate.value.split(".")[0]) for rate in kept.rates}


def test_the_periods_page_leads_to_the_check_list(may: Desk) -> None:
    page = may.show(PeriodsPage)
    page.wizard_button.click()
    assert may.last() == OpenClosing("2026-05")
    closing = may.show(ClosingPage)
    closing.open(OpenClosing("2026-06"))
    assert closing.month.text == "2026-06"


def test_the_page_speaks_english(may: Desk) -> None:
    page = may.show(ClosingPage)
    language = LanguageSwitch(catalogue("en"), page)
    language.use("en")
    may.qtbot.waitUntil(lambda: page.again.text() == "Check again")
    assert page.title() == "Month's end"
    assert page.panel.post_button.text() == "Save and post"
    language.use("zh")
