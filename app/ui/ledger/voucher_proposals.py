"""Asks what the rules would fill in while a voucher is typed: the word, and the cash-flow line of each cash line."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from app.contract.voucher_work import Proposal, ProposalEntry, ProposalInput
from app.ui.ledger.amounts import wire_amount
from app.ui.ledger.voucher_sheet import VoucherSheet
from app.ui.tasks import Query

PAUSE_MS = 250


class VoucherProposals(QObject):
    """Waits for a pause in typing, asks, and puts the answer into the sheet, unless more was typed meanwhile."""

    arrived = pyqtSignal(str)
    """The sheet has the proposals; the word the lines ask for."""

    def __init__(self, sheet: Callable[[], VoucherSheet], parent: QObject) -> None:
        super().__init__(parent)
        self._sheet = sheet
        self.wanted = False
        """Whether this book proposes anything: it has a cash-flow statement or words to choose from."""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.ask)

    def typed(self) -> None:
        """Something was typed: ask when typing pauses."""
        if self.wanted and self._sheet().editable:
            self._pause.start()

    def ask(self) -> None:
        """Ask now."""
        self._pause.stop()
        sheet = self._sheet()
        if not self.wanted or not sheet.editable or not sheet.used:
            return
        rows = sheet.used
        lines = [sheet.lines[row] for row in rows]
        entries = [
            ProposalEntry(
                account_code=line.account_code,
                debit="" if line.on_credit else wire_amount(line.amount, sheet.base_digits),
                credit=wire_amount(line.amount, sheet.base_digits) if line.on_credit else "",
                cash_flow_line=None if line.cash_flow_line == line.stored_flow else line.cash_flow_line,
            )
            for line in lines
        ]

        def shown(proposal: Proposal) -> None:
            if self._sheet() is not sheet or [id(sheet.lines[row]) for row in sheet.used] != [id(x) for x in lines]:
                return
            for line, entry, found in zip(lines, entries, proposal.cash_flow_lines, strict=True):
                if entry.cash_flow_line is None:
                    line.propose(found)
            self.arrived.emit(proposal.word)

        asked = ProposalInput(entries=entries)
        Query(lambda api: api.propose(asked)).slot("proposal").on_done(shown).on_error(lambda _error: None).run(self)
