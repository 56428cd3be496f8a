"""Which month a page opens on, and on which day a new voucher begins."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from PyQt5.QtCore import QObject

from app.contract.ledger import PeriodList, PeriodState
from app.kernel.errors import ZhangfangError
from app.kernel.period import first_day, parse_period, period_of
from app.ui.page import Page
from app.ui.tasks import Query
from app.ui.widgets.period_picker import PeriodRangePicker


def month_to_show(months: Sequence[PeriodState], today: datetime.date) -> int | None:
    """Return this month when it has vouchers, else the last one that has; `None` in a book without vouchers."""
    used = [parse_period(month.period) for month in months if month.vouchers]
    now = period_of(today)
    return now if now in used else max(used, default=None)


def open_day(months: Sequence[PeriodState], wanted: datetime.date) -> datetime.date:
    """Return the day wanted, or the first day after it that lies in an open month of the book."""
    states = {parse_period(month.period): month.state for month in months}
    month = period_of(wanted)
    if not states or states.get(month) == "open" or month > max(states):
        return wanted
    later = [period for period, state in states.items() if state == "open" and period > month]
    return first_day(min(later)) if later else wanted


class FirstMonth(QObject):
    """Moves a page's months to where the book's vouchers are, once, unless somebody chose months meanwhile."""

    def __init__(self, page: Page, picker: PeriodRangePicker, ask: Callable[[], None]) -> None:
        """Know what to move, and what to do then."""
        super().__init__(page)
        self._page, self._picker, self._ask = page, picker, ask
        self._settled = False
        picker.changed.connect(lambda *_months: self.settle())

    def settle(self) -> None:
        """Months were chosen: they stay."""
        self._settled = True

    @property
    def settled(self) -> bool:
        """Whether the months stay as they are; those of a book without vouchers do not, for some may be imported."""
        return self._settled

    def begin(self) -> None:
        """Ask which months have vouchers, then ask for the page's own; without an answer the months stay."""
        if self._settled:
            self._ask()
            return
        Query(lambda api: api.list_periods()).slot("months").on_done(self._known).on_error(self._unknown).run(self)

    def _known(self, listed: PeriodList) -> None:
        if self._settled:
            return
        month = month_to_show(listed.periods, self._page.context.today())
        if month is not None:
            self._settled = True
            self._picker.blockSignals(True)
            self._picker.set_periods(month, month)
            self._picker.blockSignals(False)
        self._ask()

    def _unknown(self, _error: ZhangfangError) -> None:
        # Who may not see months, or a server away: the page's own question says what there is to say.
        if not self._settled:
            self._ask()
