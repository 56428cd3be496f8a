"""The kind of a voucher that comes from elsewhere without one: other programs do not mark their 结转损益.

A voucher that moves profit and loss to 本年利润 and nothing else carries them forward, whatever it is called; taken for
an ordinary one it would leave the income statement empty.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.ledger.service.closing.chart import ClosingChart
from app.ledger.service.lines import Line


class KindRule:
    """Tells kinds by the accounts of the lines; knows the chart as it was when it was made."""

    def __init__(self) -> None:
        """Read the chart."""
        chart = ClosingChart()
        self._profit_and_loss = frozenset(account.id for account in chart.profit_and_loss())
        self._profit = frozenset(account.id for account in chart.leaves(chart.find("profit_of_year")))

    def kind_of(self, lines: Sequence[Line]) -> str:
        """Return `close_pl` for a voucher between profit and loss and 本年利润 alone, else `normal`."""
        accounts = {line.account_id for line in lines}
        closes = accounts & self._profit and accounts & self._profit_and_loss
        return "close_pl" if closes and accounts <= self._profit | self._profit_and_loss else "normal"
