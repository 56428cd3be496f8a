"""The ledger's pages in the real window: worker threads, the way from page to page, typing while answers wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.client.api import ApiClient
from app.contract.ledger import EntryInput, VoucherInput
from app.ui.ledger.entries_page import EntriesPage
from app.ui.ledger.trial_balance_page import TrialBalancePage
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_list_page import VoucherListPage
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.navigation import NewVoucher, OpenTrialBalance, OpenVoucher
from app.ui.shell import Shell
from app.ui.tasks import Runner, _Ticket
from tests.ui.inline import InlineRunner
from tests.ui.ledger.desk import Desk

KEY = Qt.Key


def put(page: VoucherPage, row: int, column: Column, text: str) -> None:
    page.form.grid.go(row, column)
    editor = page.form.grid.editor
    assert editor is not None
    editor.setText(text)
    editor.setModified(True)


class SlowRunner(InlineRunner):
    """Keeps tickets back until they are let go, as a slow server does."""

    def __init__(self, api: ApiClient) -> None:
        super().__init__(api)
        self.slow = False
        self._kept: list[_Ticket] = []

    def _launch(self, ticket: _Ticket) -> None:
        if self.slow:
            self._kept.append(ticket)
        else:
            super()._launch(ticket)

    def let_go(self) -> None:
        """Run what was kept back."""
        self.slow = False
        kept, self._kept = self._kept, []
        for ticket in kept:
            super()._launch(ticket)


@pytest.fixture
def runner(api: ApiClient) -> Iterator[Runner]:
    made = SlowRunner(api)
    yield made
    made.stop()


def test_what_is_typed_while_saving_stays_and_is_saved_next_time(desk: Desk) -> None:
    runner = desk.runner
    assert isinstance(runner, SlowRunner)
    page = desk.show(VoucherPage)
    for row, texts in enumerate((("买纸", "560201", "300", ""), ("买纸", "1002", "", "300"))):
        for column, text in zip((Column.SUMMARY, Column.ACCOUNT, Column.DEBIT, Column.CREDIT), texts, strict=True):
            if text:
                put(page, row, column, text)
    runner.slow = True
    page.save()
    put(page, 0, Column.SUMMARY, "买墨")
    page.save()
    runner.let_go()
    stored = page.form.sheet.stored
    assert stored is not None
    assert desk.api.get_voucher(stored.id).entries[0].summary == "买纸"
    assert page.has_unsaved()
    page.save()
    assert desk.api.get_voucher(stored.id).entries[0].summary == "买墨"
    assert not page.has_unsaved()
    assert len(desk.api.list_vouchers().vouchers) == 1


def test_from_the_keyboard_to_the_trial_balance_in_the_window(
    opened: Shell, qtbot: QtBot, at_rest: Callable[[], None]
) -> None:
    workspace = opened.workspace
    assert workspace is not None
    QApplication.setActiveWindow(opened.window)
    workspace.open_target(NewVoucher())
    at_rest()
    page = workspace.current_page
    assert isinstance(page, VoucherPage)
    grid = page.form.grid
    qtbot.waitUntil(lambda: grid.editor is not None)

    def type_on(*texts: str) -> None:
        for text in texts:
            qtbot.keyClicks(grid.editor, text)
            qtbot.keyClick(grid.editor, KEY.Key_Return)

    type_on("paper", "560201", "300", "", "", "1002")
    qtbot.keyClick(grid.editor, KEY.Key_F7, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(grid.editor, KEY.Key_F9)
    at_rest()
    qtbot.waitUntil(lambda: page.form.stamp.text == "已审核")
    qtbot.keyClick(grid, KEY.Key_F9, Qt.KeyboardModifier.ControlModifier)
    at_rest()
    qtbot.waitUntil(lambda: page.form.stamp.text == "已记账")
    month = page.form.sheet.date[:7]

    workspace.open_target(OpenTrialBalance(month, month))
    at_rest()
    balance = workspace.current_page
    assert isinstance(balance, TrialBalancePage)
    assert balance.totals.text(4) == "300.00"
    balance.tree.setCurrentIndex(balance.model.index(0, 0))
    qtbot.keyClick(balance.tree, KEY.Key_Return)
    at_rest()
    entries = workspace.current_page
    assert isinstance(entries, EntriesPage)
    place = next(place for place, row in enumerate(entries.model.rows()) if row.kind == "entry")
    entries.table.selectRow(place)
    qtbot.keyClick(entries.table, KEY.Key_Return)
    at_rest()
    assert workspace.current_page is page
    qtbot.keyClick(opened.window, KEY.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert workspace.current_page is entries
    qtbot.keyClick(opened.window, KEY.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert workspace.current_page is balance
    at_rest()
    listed = workspace.show_page("vouchers")
    at_rest()
    assert isinstance(listed, VoucherListPage)
    assert [head.state for head in listed.model.rows()] == ["posted"]


def test_a_voucher_asked_for_before_the_page_is_ready_is_shown(
    opened: Shell, qtbot: QtBot, at_rest: Callable[[], None]
) -> None:
    workspace, api = opened.workspace, opened.tasks.api
    assert workspace is not None
    assert api is not None
    entries = [
        EntryInput(summary="买纸", account_code="560201", debit="5"),
        EntryInput(summary="买纸", account_code="1002", credit="5"),
    ]
    draft = api.add_voucher(VoucherInput(date="2026-02-03", entries=entries))
    workspace.open_target(OpenVoucher(draft.id))
    at_rest()
    page = workspace.current_page
    assert isinstance(page, VoucherPage)
    qtbot.waitUntil(lambda: page.form.number.text() == "1")
    assert page.form.model.index(0, Column.DEBIT).data() == "5.00"
