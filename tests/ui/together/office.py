"""People at windows of one shared book, and what tests do for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pytestqt.qtbot import QtBot

from app.client.api import ApiClient
from app.contract.ledger import EntryInput, Voucher, VoucherInput
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.navigation import OpenVoucher, Target
from app.ui.page import Page
from app.ui.shell import Shell
from app.ui.workspace import Workspace

P = TypeVar("P", bound=Page)
WAIT_MS = 15_000


@dataclass
class Seat:
    """One person at his window."""

    qtbot: QtBot
    shell: Shell

    def log_in(self, name: str, password: str) -> None:
        """Log in and wait for the pages."""
        page = self.shell.login_page
        assert page is not None
        page._name.setText(name)
        page._password.setText(password)
        with self.qtbot.waitSignal(self.shell.ready, timeout=WAIT_MS):
            page._log_in.click()
        self.rest()

    def rest(self) -> None:
        """Wait until nothing is under way."""
        self.qtbot.waitUntil(lambda: not self.shell.tasks.is_busy, timeout=WAIT_MS)

    @property
    def workspace(self) -> Workspace:
        """The pages."""
        assert self.shell.workspace is not None
        return self.shell.workspace

    @property
    def api(self) -> ApiClient:
        """The window's own client."""
        assert self.shell.tasks.api is not None
        return self.shell.tasks.api

    def go(self, target: Target, kind: type[P]) -> P:
        """Go somewhere and wait until it is shown."""
        self.workspace.open_target(target)
        self.rest()
        page = self.workspace.current_page
        assert isinstance(page, kind)
        return page

    def open_voucher(self, number: int) -> VoucherPage:
        """Show a voucher and wait until it is there."""
        page = self.go(OpenVoucher(number), VoucherPage)
        self.qtbot.waitUntil(lambda: page.stored is not None and page.stored.id == number, timeout=WAIT_MS)
        self.rest()
        return page

    def watched(self) -> None:
        """Wait until the server was asked once more."""
        with self.qtbot.waitSignal(self.shell.watcher.answered, timeout=WAIT_MS):
            pass


@dataclass
class Office:
    """The shared book: somebody writes into it from outside, others sit down at it."""

    qtbot: QtBot
    client: ApiClient
    sit_down: Callable[[str], Seat]

    def until(self, condition: Callable[[], bool], within_s: float) -> float:
        """Wait for something to be seen, and return how long it took."""
        begun = time.monotonic()
        self.qtbot.waitUntil(condition, timeout=WAIT_MS)
        took = time.monotonic() - begun
        assert took < within_s, f"it took {took:.1f} s"
        return took


def voucher_of(summary: str = "买纸", amount: str = "300", version: int | None = None) -> VoucherInput:
    """Return a voucher as it is typed."""
    entries = [
        EntryInput(summary=summary, account_code="560201", debit=amount),
        EntryInput(summary=summary, account_code="1002", credit=amount),
    ]
    return VoucherInput(date="2026-06-10", word="记", entries=entries, version=version)


def draft(seat: Seat) -> Voucher:
    """Save a draft from a window, past its pages."""
    return seat.api.add_voucher(voucher_of())


def put(page: VoucherPage, row: int, column: Column, text: str) -> None:
    """Type a text into a cell."""
    page.form.grid.go(row, column)
    editor = page.form.grid.editor
    assert editor is not None
    editor.setText(text)
    editor.setModified(True)
    page.form.grid.commit()
