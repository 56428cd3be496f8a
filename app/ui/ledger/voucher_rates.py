"""Proposes the rate of the voucher's day for lines of foreign currency that have none yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from app.client.api import ApiClient
from app.contract.rates import ExchangeRateQuery
from app.kernel.errors import MalformedInput
from app.kernel.money import format_rate, parse_rate
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_sheet import VoucherSheet
from app.ui.tasks import Query

PAUSE_MS = 150


class VoucherRates(QObject):
    """Asks the rate table for the voucher's day once a line wants a rate, and puts the answer into the sheet."""

    arrived = pyqtSignal()
    """The sheet has the rates."""

    def __init__(self, sheet: Callable[[], VoucherSheet], parent: QObject) -> None:
        super().__init__(parent)
        self._sheet = sheet
        self.wanted = True
        """Whether the user may see rates."""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.ask)

    def typed(self) -> None:
        """Something was typed: ask when typing pauses, if a line wants a rate."""
        if self.wanted and rows_without_rate(self._sheet()):
            self._pause.start()

    def ask(self) -> None:
        """Ask now."""
        self._pause.stop()
        sheet = self._sheet()
        if not self.wanted or not rows_without_rate(sheet):
            return
        date = sheet.date

        def read(api: ApiClient) -> dict[str, str]:
            found = api.list_exchange_rates(ExchangeRateQuery(date=date)).rates
            return {rate.currency: rate.rate for rate in found}

        def shown(rates: Mapping[str, str]) -> None:
            if self._sheet() is sheet and sheet.date == date and propose_rates(sheet, rates):
                self.arrived.emit()

        Query(read).slot("rates").on_done(shown).on_error(lambda _error: None).run(self)


def rows_without_rate(sheet: VoucherSheet) -> list[int]:
    """Return the rows the rate table may give a rate: foreign, and none was typed."""
    if not sheet.editable:
        return []
    return [row for row, line in enumerate(sheet.lines) if line.wants_rate(sheet.date)]


def propose_rates(sheet: VoucherSheet, rates: Mapping[str, str]) -> list[int]:
    """Give rows without a rate that of the voucher's day, by currency; return the rows that changed.

    A day without a rate takes an earlier proposal away: it was another day's. An amount somebody typed stays.
    """
    changed = []
    for row in rows_without_rate(sheet):
        line, before = sheet.lines[row], sheet.lines[row].rate
        follows = not line.amount or bool(line.foreign and before and line.amount == sheet.reader.converted(line))
        found = rates.get(line.currency, "")
        line.rate = format_rate(parse_rate(found)) if found else ""
        line.proposed_rate = (line.currency, sheet.date, line.rate)
        if line.rate == before:
            continue
        changed.append(row)
        if follows and line.foreign and line.rate:
            try:
                line.put(sheet.reader.converted(line), credit=line.on_credit)
            except MalformedInput as refusal:
                line.unread[Column.RATE] = (line.rate, refusal.message)
    return changed
