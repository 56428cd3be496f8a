"""A person at the window: pages over a real server, and short ways to write vouchers behind its back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.client.api import ApiClient
from app.contract.ledger import EntryInput, Voucher, VoucherInput
from app.ui.navigation import Target
from app.ui.page import Page, PageContext
from app.ui.tasks import Runner

P = TypeVar("P", bound=Page)


@dataclass
class Desk:
    """What tests of pages work with."""

    qtbot: QtBot
    api: ApiClient
    runner: Runner
    context: PageContext
    went: list[Target]
    """Where pages wanted to go."""

    def last(self) -> Target:
        """Return where a page wanted to go last."""
        return self.went[-1]

    def show(self, kind: type[P]) -> P:
        """Build a page, bring it to the front and give it the keyboard."""
        page = kind(self.context)
        self.qtbot.addWidget(page)
        self.runner.changed.connect(page.refresh)
        page.resize(1180, 720)
        page.show()
        QApplication.setActiveWindow(page)
        page.activate()
        focus = page.first_focus()
        if focus is not None:
            focus.setFocus()
        return page

    def write(self, date: str, *lines: tuple[str, str, str], summary: str = "业务", word: str = "记") -> Voucher:
        """Save a draft behind the window's back: account, debit, credit."""
        entries = [
            EntryInput(summary=summary, account_code=code, debit=debit, credit=credit) for code, debit, credit in lines
        ]
        return self.api.add_voucher(VoucherInput(date=date, word=word, entries=entries))

    def posted(self, date: str, *lines: tuple[str, str, str], summary: str = "业务") -> Voucher:
        """Save, review and post."""
        draft = self.write(date, *lines, summary=summary)
        self.api.review_voucher(draft.id)
        return self.api.post_voucher(draft.id)
