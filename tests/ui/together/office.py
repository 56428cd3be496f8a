"""People at windows of one shared book, and what tests do for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from pytestqt.qtbot import QtBot

from app.client.api import ApiClient
from app.contract.ledger import EntryInput, Voucher, VoucherInput
from app.ui import watching
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.navigation import OpenVoucher, Target
from app.ui.page import Page
from app.ui.shell import Shell
from app.ui.workspace import Workspace

P = TypeVar("P", bound=Page)
SEEN_IN = 4
"""The first answer may be to a question from before, the second one brings what is told; and both windows do both."""


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
        with self.qtbot.waitSignal(self.shell.ready):
            page._log_in.click()
        self.rest()

    def rest(self) -> None:
        """Wait until nothing is under way."""
        self.qtbot.waitUntil(lambda: not self.shell.tasks.is_busy)

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
        self.qtbot.waitUntil(lambda: page.stored is not None and page.stored.id == number)
        self.rest()
        return page

    def watched(self) -> None:
        """Wait until the server was asked once more."""
        with self.qtbot.waitSignal(self.shell.watcher.answered):
            pass


@dataclass
class Office:
    """The shared book: somebody writes into it from outside, others sit down at it."""

    qtbot: QtBot
    client: ApiClient
    sit_down: Callable[[str], Seat]
    seats: list[Seat]

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something."""
        self.qtbot.waitUntil(condition)

    def seen(self, condition: Callable[[], bool]) -> None:
        """Wait for what somebody else did: it is seen two seconds later, on a machine with nothing else to do.

        Seconds cannot be promised where tests crowd the processor. What they come from can: each window looks at itself
        four times a second and asks once a second, it tells what is changed here with the first question it asks then,
        and it shows what others do with the answer to the first question it asks then.
        """
        assert watching.LOOK_EVERY_MS <= 250
        assert watching.EVERY_MS <= 1000
        rounds = Rounds([seat.shell.watcher for seat in self.seats if seat.shell.watcher._api is not None])
        self.qtbot.waitUntil(lambda: condition() or (rounds.number >= SEEN_IN and not self.is_busy))
        rounds.stop()
        assert condition(), f"not seen after {rounds.number} questions of each window"
        assert all(watcher._timer.interval() <= watching.EVERY_MS for watcher in rounds.watchers)

    @property
    def is_busy(self) -> bool:
        """Whether anything is under way in any window."""
        return any(seat.shell.tasks.is_busy for seat in self.seats)


class Rounds:
    """Counts how often all of several windows have got an answer, each time one after the last of the time before."""

    def __init__(self, watchers: list[watching.Watcher]) -> None:
        self.watchers, self.number = watchers, 0
        self._missing = set(watchers)
        self._notes = [(watcher, watcher.answered.connect(partial(self._note, watcher))) for watcher in watchers]

    def stop(self) -> None:
        """Count no more."""
        for watcher, note in self._notes:
            watcher.answered.disconnect(note)

    def _note(self, watcher: watching.Watcher) -> None:
        self._missing.discard(watcher)
        if not self._missing:
            self._missing = set(self.watchers)
            self.number += 1


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
