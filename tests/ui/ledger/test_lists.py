"""The voucher list, the trial balance, the subsidiary ledger and the periods, over a real server."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

from PyQt5.QtCore import QAbstractItemModel, Qt
from PyQt5.QtWidgets import QMessageBox
from pytestqt.modeltest import ModelTester

from app.resources import catalogue
from app.ui.language import LanguageSwitch
from app.ui.ledger.entries_page import EntriesPage
from app.ui.ledger.periods_page import PeriodsPage
from app.ui.ledger.trial_balance_model import ROW_ROLE
from app.ui.ledger.trial_balance_page import TrialBalancePage
from app.ui.ledger.voucher_list_page import VoucherListPage
from app.ui.navigation import (
    NewVoucher,
    OpenEntries,
    OpenTrialBalance,
    OpenVoucher,
    OpenVoucherList,
)
from app.ui.page import Page
from tests.ui.ledger.desk import Desk

KEY = Qt.Key
PAPER = (("560201", "300", ""), ("1002", "", "300"))


def answer(page: Page, text: str) -> None:
    box = page.findChildren(QMessageBox)[-1]
    next(button for button in box.buttons() if button.text() == text).click()


def press(desk: Desk, target: object, key: Qt.Key) -> None:
    desk.qtbot.keyClick(target, key)


def check(tester: ModelTester, model: QAbstractItemModel) -> None:
    tester.check(model)


def test_the_list_filters_and_opens(desk: Desk, qtmodeltester: ModelTester) -> None:
    paper = desk.write("2026-06-10", *PAPER, summary="买办公纸")
    rent = desk.posted("2026-06-11", ("560202", "1200", ""), ("1002", "", "1200"), summary="付房租")
    may = desk.write("2026-05-11", *PAPER, word="付")
    page = desk.show(VoucherListPage)

    def shown() -> list[int]:
        return [head.id for head in page.model.rows()]

    assert shown() == [paper.id, rent.id]
    check(qtmodeltester, page.model)
    page.filter.words.setText("房租")
    page.ask()
    assert shown() == [rent.id]
    page.filter.clear()
    page.filter.amount.setText("1，200")
    page.ask()
    assert shown() == [rent.id]
    page.filter.clear()
    page.filter.state.setCurrentIndex(1)
    page.ask()
    assert shown() == [paper.id]
    page.filter.clear()
    page.filter.set_account("560202")
    page.ask()
    assert shown() == [rent.id]
    page.filter.clear()
    page.filter.number.setText("1")
    page.ask()
    assert shown() == [paper.id]
    page.open(OpenVoucherList("2026-05", "2026-05"))
    page.filter.clear()
    assert shown() == [may.id]
    page.table.selectRow(0)
    press(desk, page.table, KEY.Key_Return)
    assert desk.last() == OpenVoucher(may.id)


def test_an_amount_that_cannot_be_read_is_said_at_the_field(desk: Desk) -> None:
    page = desk.show(VoucherListPage)
    page.filter.amount.setText("很多")
    page.ask()
    assert page.filter.amount.property("wrong") is True
    assert page.message_bar.text


def test_a_long_list_comes_in_pages(desk: Desk) -> None:
    for _ in range(7):
        desk.write("2026-06-10", *PAPER)
    page = desk.show(VoucherListPage)
    fetch = page.model._fetch
    assert fetch is not None
    first = fetch(desk.api, "", 3)
    second = fetch(desk.api, first.next or "", 3)
    assert [head.number for head in [*first.rows, *second.rows]] == [1, 2, 3, 4, 5, 6]


def test_all_of_a_month_are_reviewed_and_posted_and_refusals_are_told(desk: Desk) -> None:
    desk.write("2026-06-10", *PAPER)
    broken = desk.write("2026-06-11", ("560201", "300", ""), ("1002", "", "200"))
    page = desk.show(VoucherListPage)
    page.batches.months("review")
    answer(page, "审核")
    assert page.message_bar.text == "已审核 1 张。"
    assert page.report.isVisible()
    assert page.report.rows.topLevelItemCount() == 1
    page.report.rows.itemActivated.emit(page.report.rows.topLevelItem(0), 0)
    assert desk.last() == OpenVoucher(broken.id)
    page.batches.months("post")
    answer(page, "记账")
    assert [head.state for head in page.model.rows()] == ["posted", "draft"]


def test_an_empty_list_shows_the_way_to_begin(desk: Desk) -> None:
    page = desk.show(VoucherListPage)
    assert page.empty.isVisible()
    page._new()
    assert desk.last() == NewVoucher()


def test_the_trial_balance_shows_eight_columns_as_a_tree(desk: Desk, qtmodeltester: ModelTester) -> None:
    desk.posted("2026-05-10", ("1002", "5000", ""), ("3001", "", "5000"))
    desk.posted("2026-06-10", *PAPER)
    page = desk.show(TrialBalancePage)
    check(qtmodeltester, page.model)
    page.tree.expandAll()
    cells = {
        index.data(ROW_ROLE).code: [index.sibling(index.row(), column).data() for column in range(2, 10)]
        for index in page.model.walk()
    }
    assert cells["1002"] == ["5,000.00", "", "", "300.00", "5,000.00", "300.00", "4,700.00", ""]
    assert cells["560201"] == ["", "", "300.00", "", "300.00", "", "300.00", ""]
    assert cells["5602"] == cells["560201"]
    assert [page.totals.text(column) for column in range(2, 10)] == [
        "5,000.00",
        "5,000.00",
        "300.00",
        "300.00",
        "5,300.00",
        "5,300.00",
        "5,000.00",
        "5,000.00",
    ]


def test_levels_fold_and_unfold(desk: Desk) -> None:
    desk.posted("2026-06-10", *PAPER)
    page = desk.show(TrialBalancePage)
    parent = next(index for index in page.model.walk() if index.data(ROW_ROLE).code == "5602")
    page.show_level(2)
    assert page.tree.isExpanded(parent)
    page.show_level(1)
    assert not page.tree.isExpanded(parent)
    page.tree.setCurrentIndex(parent)
    press(desk, page.tree, KEY.Key_Right)
    assert page.tree.isExpanded(parent)
    page.ask()
    kept = next(index for index in page.model.walk() if index.data(ROW_ROLE).code == "5602")
    assert page.tree.isExpanded(kept)
    assert page.tree.currentIndex() == kept


def test_unposted_vouchers_count_when_asked_for(desk: Desk) -> None:
    desk.write("2026-06-10", *PAPER)
    page = desk.show(TrialBalancePage)
    assert page.model.rowCount() == 0
    assert page.empty.isVisible()
    page.unposted.setChecked(True)
    assert page.model.rowCount() == 2
    page.open_account(page.model.index(0, 0).data(ROW_ROLE))
    assert desk.last() == OpenEntries("1002", "2026-06", "2026-06", include_unposted=True)


def test_the_trial_balance_is_saved_as_a_file(desk: Desk, tmp_path: Path) -> None:
    desk.posted("2026-06-10", *PAPER)
    page = desk.show(TrialBalancePage)
    page.export.save("csv", tmp_path / "余额表.csv")
    assert "560201" in (tmp_path / "余额表.csv").read_text(encoding="utf-8")
    page.export.save("xlsx", tmp_path / "余额表.xlsx")
    assert (tmp_path / "余额表.xlsx").read_bytes().startswith(b"PK")
    page.printed.setCurrentIndex(2)
    page.export.save("xlsx", tmp_path / "十栏.xlsx")
    with ZipFile(tmp_path / "十栏.xlsx") as archive:
        assert "年初借方" in archive.read("xl/worksheets/sheet1.xml").decode()
    page.export.save("csv", tmp_path / "没有的文件夹" / "余额表.csv")
    assert "没有的文件夹" in page.message_bar.text


def test_entries_run_with_their_balance_and_follow_new_ones(desk: Desk, qtmodeltester: ModelTester) -> None:
    desk.posted("2026-05-10", ("1002", "5000", ""), ("3001", "", "5000"))
    paper = desk.posted("2026-06-10", *PAPER)
    page = desk.show(EntriesPage)
    assert page.model.rowCount() == 0
    page.open(OpenEntries("1002", "2026-06", "2026-06"))
    check(qtmodeltester, page.model)
    rows = {row.kind: row for row in page.model.rows()}
    assert rows["opening"].balance == "5000.00"
    assert rows["entry"].balance == "4700.00"
    texts = [page.model.index(row, 2).data() for row in range(page.model.rowCount())]
    assert texts == ["期初余额", "业务", "本月合计", "本年累计"]
    page.table.selectRow(1)
    press(desk, page.table, KEY.Key_Return)
    assert desk.last() == OpenVoucher(paper.id)
    page.table.selectRow(0)
    press(desk, page.table, KEY.Key_Return)
    assert desk.last() == OpenVoucher(paper.id)


def test_an_account_is_chosen_by_its_initials(desk: Desk) -> None:
    desk.posted("2026-06-10", *PAPER)
    page = desk.show(EntriesPage)
    found = page._find_accounts("yhck")
    assert found[0].value == "1002"
    page.account.chosen.emit("1002")
    assert [row.kind for row in page.model.rows() if row.kind == "entry"] == ["entry"]


def test_months_close_in_order_and_reopen_with_a_question(desk: Desk, qtmodeltester: ModelTester) -> None:
    desk.posted("2026-05-10", ("1002", "5000", ""), ("3001", "", "5000"))
    desk.write("2026-06-10", *PAPER)
    page = desk.show(PeriodsPage)
    check(qtmodeltester, page.model)
    first = page.current()
    assert first is not None
    assert (first.period, first.vouchers, first.unposted) == ("2026-05", 1, 0)
    page.close_button.click()
    answer(page, "结账")
    assert page.model.row(0).state == "closed"
    page.table.selectRow(1)
    page.close_button.click()
    answer(page, "结账")
    assert "记-1" in page.message_bar.text
    assert page.model.row(1).state == "open"
    page.unposted_button.click()
    assert desk.last() == OpenVoucherList("2026-06", "2026-06")
    page.table.selectRow(0)
    assert not page.close_button.isEnabled()
    page.reopen_button.click()
    answer(page, "反结账")
    assert page.model.row(0).state == "open"
    page.table.selectRow(0)
    press(desk, page.table, KEY.Key_Return)
    assert desk.last() == OpenTrialBalance("2026-05", "2026-05")


def test_lists_speak_english(desk: Desk) -> None:
    desk.posted("2026-06-10", *PAPER)
    pages = [desk.show(kind) for kind in (VoucherListPage, TrialBalancePage, EntriesPage, PeriodsPage)]
    language = LanguageSwitch(catalogue("en"), pages[0])
    language.use("en")
    assert [page.title() for page in pages] == ["Vouchers", "Trial balance", "Subsidiary ledger", "Periods"]
    balance = pages[1]
    assert isinstance(balance, TrialBalancePage)
    desk.qtbot.waitUntil(lambda: balance.unposted.text() == "With unposted")
    assert balance.model.index(0, 1).data() == "Bank deposits"
    assert balance.model.headerData(2, Qt.Orientation.Horizontal) == "Debit"
    language.use("zh")
