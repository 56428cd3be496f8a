"""The page of asset cards: entered with the plan in view, changed, disposed of, compared with the ledger."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox, QPushButton
from pytestqt.modeltest import ModelTester

from app.contract.assets import Asset, AssetInput, AssetQuery
from app.contract.closing import StepRun
from app.ui.month_end.asset_dialog import BY_AMOUNT, AssetDialog
from app.ui.month_end.assets_page import AssetsPage
from app.ui.month_end.disposal_dialog import DisposalDialog
from app.ui.navigation import OpenVoucher
from tests.ui.ledger.desk import Desk


def add(desk: Desk, **more: Any) -> Asset:
    values: dict[str, Any] = {
        "code": "A1",
        "name": "车床",
        "acquired_on": "2026-05-10",
        "asset_account_code": "160102",
        "accumulated_account_code": "1602",
        "expense_account_code": "410102",
        "original_value": "12000",
        "life_months": 60,
    }
    return desk.api.add_asset(AssetInput(**(values | more)))


def new_dialog(page: AssetsPage) -> AssetDialog:
    page.add_button.click()
    dialog = page.findChild(AssetDialog)
    assert dialog is not None
    return dialog


def yes(page: AssetsPage) -> None:
    box = page.findChildren(QMessageBox)[-1]
    next(b for b in box.findChildren(QPushButton) if box.buttonRole(b) == QMessageBox.ButtonRole.AcceptRole).click()


def test_a_card_is_entered_with_its_plan_in_view(desk: Desk, qtmodeltester: ModelTester) -> None:
    page = desk.show(AssetsPage)
    assert page.stack.currentWidget() is page.empty
    dialog = new_dialog(page)
    assert dialog.asset_account.value == "160102"
    assert dialog.accumulated_account.value == "1602"
    assert dialog.expense_account.value == "560202"
    dialog.texts["name"].setText("复印机")
    dialog.texts["original_value"].setText("6000")
    dialog.texts["residual"].setText("5")
    dialog.acquired_on.setText("2026-06-01")
    dialog.acquired_on.editingFinished.emit()
    dialog.preview()
    assert dialog.in_use_on.wire == "2026-06-01"
    assert [row.amount for row in dialog.plan.model.rows()[:2]] == ["95.00", "95.00"]
    assert dialog.plan.model.rows()[0].period == "2026-07"
    dialog.ok_button.click()
    assert [card.name for card in page.model.rows()] == ["复印机"]
    assert page.stack.currentWidget() is page.table
    assert "6,000.00" in page.totals.text()
    qtmodeltester.check(page.model)


def test_a_refusal_keeps_the_form_and_marks_the_field(desk: Desk) -> None:
    page = desk.show(AssetsPage)
    dialog = new_dialog(page)
    dialog.texts["original_value"].setText("0")
    dialog.texts["note"].setText("二手")
    dialog.ok_button.click()
    assert dialog.isVisible()
    assert dialog.texts["name"].property("wrong")
    assert dialog.texts["original_value"].property("wrong")
    assert dialog.texts["note"].text() == "二手"
    dialog.texts["name"].setText("车床")
    dialog.texts["original_value"].setText("100")
    dialog.ok_button.click()
    assert [card.name for card in page.model.rows()] == ["车床"]


def test_the_accounts_follow_the_kind_until_others_are_chosen(desk: Desk) -> None:
    page = desk.show(AssetsPage)
    dialog = new_dialog(page)
    dialog.kind.setCurrentIndex(3)
    assert (dialog.asset_account.value, dialog.accumulated_account.value) == ("1801", None)
    assert dialog.expense_account.value == "560211"
    dialog.expense_account.set_code("560216")
    dialog.kind.setCurrentIndex(2)
    assert (dialog.asset_account.value, dialog.accumulated_account.value) == ("1701", "1702")
    assert dialog.expense_account.value == "560216"
    dialog.texts["original_value"].setText("3600")
    dialog.life_months.setValue(24)
    dialog.kind.setCurrentIndex(3)
    dialog.preview()
    assert "3 年" in dialog.plan.note.text()


def test_a_card_is_opened_with_enter_and_changed(desk: Desk) -> None:
    add(desk)
    page = desk.show(AssetsPage)
    desk.qtbot.keyClick(page.table, Qt.Key.Key_Return)
    dialog = page.findChild(AssetDialog)
    assert dialog is not None
    assert dialog.plan.model.rows()[0].amount == "200.00"
    assert not dialog.from_period.isVisible()
    dialog.residual_kind.setCurrentIndex(BY_AMOUNT)
    dialog.texts["residual"].setText("600")
    dialog.texts["location"].setText("二车间")
    dialog.ok_button.click()
    changed = desk.api.get_asset(page.model.row(0).id)
    assert (changed.residual_value, changed.location, len(changed.terms)) == ("600.00", "二车间", 1)


def test_cards_are_filtered_and_searched(desk: Desk) -> None:
    add(desk)
    add(
        desk,
        code="W1",
        name="软件",
        kind="intangible",
        asset_account_code="1701",
        accumulated_account_code="1702",
        expense_account_code="560218",
    )
    page = desk.show(AssetsPage)
    assert [card.code for card in page.model.rows()] == ["A1", "W1"]
    page.kind.setCurrentIndex(3)
    assert [card.code for card in page.model.rows()] == ["W1"]
    page.kind.setCurrentIndex(0)
    page.search.setText("车")
    desk.qtbot.waitUntil(lambda: [card.code for card in page.model.rows()] == ["A1"])
    page.search.setText("没有")
    desk.qtbot.waitUntil(lambda: page.stack.currentWidget() is page.empty)


def test_a_disposal_shows_what_it_comes_to_and_leads_to_its_voucher(desk: Desk) -> None:
    add(desk)
    page = desk.show(AssetsPage)
    page.dispose_button.click()
    dialog = page.findChild(DisposalDialog)
    assert dialog is not None
    assert "11,800.00" in dialog.outcome.text()
    assert [entry.account_code for entry in dialog.model.rows()][:3] == ["1602", "1606", "160102"]
    dialog.reason.setCurrentIndex(1)
    dialog.proceeds.setText("12000")
    dialog.preview()
    assert "收款" in dialog.outcome.text()
    dialog.proceeds_account.set_code("1002")
    dialog.preview()
    assert dialog.model.rows()[-1].account_code == "530101"
    dialog.ok_button.click()
    gone = desk.api.list_assets(AssetQuery(state="disposed")).assets[0]
    assert gone.disposal_voucher_id is not None
    assert desk.api.get_voucher(gone.disposal_voucher_id).faults == []
    assert page.message_bar.text.startswith("已处置")
    page.message_bar._again.click()
    assert desk.last() == OpenVoucher(gone.disposal_voucher_id)
    desk.api.delete_voucher(gone.disposal_voucher_id)
    page.state.setCurrentIndex(3)
    page.dispose_button.click()
    yes(page)
    assert desk.api.list_assets(AssetQuery(state="disposed")).count == 0


def test_a_card_entered_by_mistake_is_deleted(desk: Desk) -> None:
    add(desk)
    page = desk.show(AssetsPage)
    desk.qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    yes(page)
    assert desk.api.list_assets().count == 0


def test_the_page_says_where_cards_and_ledger_disagree(desk: Desk) -> None:
    add(desk)
    page = desk.show(AssetsPage)
    assert "160102" in page.agreement.text()
    assert "12,000.00" in page.agreement.text()
    desk.posted("2026-05-10", ("160102", "12000", ""), ("3001", "", "12000"))
    page.month.step(-1)
    assert page.agreement.text() == "2026-05 末卡片与总账相符。"


def test_a_charged_card_changes_from_a_month_on_and_its_history_is_shown(desk: Desk) -> None:
    made = add(desk)
    proposal = desk.api.propose_step("2026-06", "depreciation")
    desk.api.run_step("2026-06", "depreciation", StepRun(vouchers=proposal.vouchers))
    page = desk.show(AssetsPage)
    desk.qtbot.keyClick(page.table, Qt.Key.Key_Return)
    dialog = page.findChild(AssetDialog)
    assert dialog is not None
    assert dialog.was_charged
    assert not dialog.in_use_on.isEnabled()
    assert dialog.from_period.text == "2026-07"
    dialog.life_months.setValue(41)
    dialog.ok_button.click()
    assert dialog.texts["reason"].property("wrong")
    dialog.texts["reason"].setText("技术更新")
    dialog.ok_button.click()
    changed = desk.api.get_asset(made.id)
    assert [term.life_months for term in changed.terms] == [60, 41]
    assert changed.next_amount == "295.00"
    page._open(page.model.row(0))
    again = page.findChildren(AssetDialog)[-1]
    assert "2026-07 起" in again.plan.note.text()
    assert "技术更新" in again.plan.note.text()
