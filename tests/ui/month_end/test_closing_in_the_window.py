"""The month's end in the real window: worker threads, the way there and to the rows, and back to where one was."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.contract.ledger import EntryInput, VoucherInput
from app.ui.ledger.periods_page import PeriodsPage
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.month_end.closing_page import ClosingPage
from app.ui.navigation import OpenClosing
from app.ui.shell import Shell

KEY = Qt.Key


def test_a_month_is_left_for_a_voucher_and_gone_on_with(
    opened: Shell, qtbot: QtBot, at_rest: Callable[[], None]
) -> None:
    workspace, api = opened.workspace, opened.tasks.api
    assert workspace is not None
    assert api is not None
    entries = [
        EntryInput(summary="开业", account_code="1002", debit="500"),
        EntryInput(summary="开业", account_code="5001", credit="500"),
    ]
    draft = api.add_voucher(VoucherInput(date="2026-01-05", entries=entries))
    periods = workspace.show_page("periods")
    at_rest()
    assert isinstance(periods, PeriodsPage)
    periods.wizard_button.click()
    at_rest()
    page = workspace.current_page
    assert isinstance(page, ClosingPage)
    assert page.month.text == "2026-01"
    qtbot.keyClick(page.checks.table, KEY.Key_Return)
    at_rest()
    assert isinstance(workspace.current_page, VoucherPage)
    api.review_voucher(draft.id)
    api.post_voucher(draft.id)
    workspace.open_target(OpenClosing("2026-01"))
    page.ask()
    at_rest()
    assert page.isVisible()
    page.steps.go_to("profit_and_loss")
    at_rest()
    page.save(post=True)
    at_rest()
    states = {step.key: step.state for step in page.steps.steps()}
    assert (states["profit_and_loss"], states["close"]) == ("done", "due")
    page._close()
    at_rest()
    assert api.list_periods().periods[0].state == "closed"
    assert page.month.text == "2026-02"


def test_the_month_asked_for_stays_whatever_is_due(opened: Shell, at_rest: Callable[[], None]) -> None:
    workspace = opened.workspace
    assert workspace is not None
    workspace.open_target(OpenClosing("2026-03"))
    at_rest()
    page = workspace.current_page
    assert isinstance(page, ClosingPage)
    assert page.month.text == "2026-03"
    assert page.steps.count() == 11
