"""The one place that reads the balance tables: sums per account, currency and month.

How the rows are kept stands in docs/ledger.md, "Reading balances". The database adds up the auxiliaries (its rows lie
in the order of the groups, so nothing is sorted), Python adds months, currencies and parents: the cost grows with
accounts and auxiliaries in use, never with vouchers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.kernel.period import year_of
from app.reports.chart import NO_FILTER, AuxiliaryFilter, Chart, Currencies
from app.reports.request import LAYER_POSTED, Span, marks
from app.storage.database import fetch_all


class MonthSums(NamedTuple):
    """What one account has in one currency in one balance period: the opening (month 0 only, debit positive) and sides.

    `used` tells that something was entered there, even if red and blue add up to nothing.
    """

    period: int
    account_id: int
    currency_id: int
    set_id: int
    used: bool
    opening: int
    debit: int
    credit: int
    foreign_opening: int
    foreign_debit: int
    foreign_credit: int
    quantity_opening: int
    quantity_debit: int
    quantity_credit: int


class Figures:
    """The figures of one line of a report in minor units; opening and closing are signed, debit positive."""

    __slots__ = ("credit", "debit", "opening", "used", "ytd_credit", "ytd_debit")

    def __init__(self) -> None:
        """Start at nothing."""
        self.opening = self.debit = self.credit = self.ytd_debit = self.ytd_credit = 0
        self.used = False

    @property
    def closing(self) -> int:
        """Return the signed balance at the end of the span."""
        return self.opening + self.debit - self.credit

    def take(self, span: Span, period: int, opening: int, debit: int, credit: int) -> None:
        """Add one balance row's sums where they belong in the span."""
        if period == span.first_row:
            self.opening += opening
        if span.covers_row(period):
            self.debit += debit
            self.credit += credit
        elif period < span.first:
            self.opening += debit - credit
        if year_of(period) == year_of(span.last):
            self.ytd_debit += debit
            self.ytd_credit += credit

    def add(self, other: Figures) -> None:
        """Add a child's or another line's figures."""
        self.opening += other.opening
        self.debit += other.debit
        self.credit += other.credit
        self.ytd_debit += other.ytd_debit
        self.ytd_credit += other.ytd_credit
        self.used = self.used or other.used


_BASE_SUMS = "SUM(opening), SUM(debit), SUM(credit)"
_FOREIGN_SUMS = "SUM(opening_foreign), SUM(foreign_debit), SUM(foreign_credit)"
_QUANTITY_SUMS = "SUM(opening_quantity), SUM(quantity_debit), SUM(quantity_credit)"
_NONE = "0, 0, 0"
_ANY_USE = (
    "MAX(CASE WHEN opening <> 0 OR debit <> 0 OR credit <> 0 OR opening_foreign <> 0 OR foreign_debit <> 0"
    " OR foreign_credit <> 0 OR opening_quantity <> 0 OR quantity_debit <> 0 OR quantity_credit <> 0 THEN 1 ELSE 0 END)"
)


def read_sums(
    span: Span,
    *,
    account_ids: Sequence[int] | None = None,
    by_set: bool = False,
    with_empty_set: bool = True,
    auxiliaries: AuxiliaryFilter = NO_FILTER,
    quantities: bool = False,
) -> list[MonthSums]:
    """Read the sums of all balance periods that matter to a span, by account, currency and (if wanted) auxiliary set.

    A posted month row exists only because something was posted there; rows of month 0 and of unposted vouchers may be
    left at nothing, so those are looked at.
    """
    group = "period, layer, account_id, currency_id" + (", auxiliary_set_id" if by_set else "")
    shown_set = "auxiliary_set_id" if by_set else "0"
    condition, params = auxiliaries.sql, [*auxiliaries.params]
    if not with_empty_set:
        condition += " AND auxiliary_set_id <> 0"
    if account_ids is not None:
        condition += f" AND account_id IN ({marks(account_ids) or 'NULL'})"
        params.extend(account_ids)
    sums: list[MonthSums] = []
    for layer in span.layers:
        for first, last, use in _ranges(span, layer):
            rows = fetch_all(
                f"SELECT period, account_id, currency_id, {shown_set}, {use}, {_BASE_SUMS}, {_FOREIGN_SUMS},"
                f" {_QUANTITY_SUMS if quantities else _NONE} FROM {{balance}}"
                f" WHERE layer = ? AND period BETWEEN ? AND ?{condition} GROUP BY {group}",
                (layer, first, last, *params),
            )
            # sums come from MySQL as Decimal
            sums.extend(MonthSums._make([*row[:4], bool(row[4]), *map(int, row[5:])]) for row in rows)
    return sums


def _ranges(span: Span, layer: int) -> list[tuple[int, int, str]]:
    """Return the row ranges to read: the opening row of the first year, then the months of each year.

    Opening rows of later years only repeat what the months before them add up to.
    """
    first_year = span.first_row // 100
    month_use = "1" if layer == LAYER_POSTED else _ANY_USE
    years = range(first_year, year_of(span.last) + 1)
    months = [(year * 100 + 1, min(year * 100 + 12, span.last), month_use) for year in years]
    return [(span.first_row, span.first_row, _ANY_USE), *months]


class AccountFigures:
    """The figures of all accounts, rolled up: in base currency, and per currency in its own units."""

    def __init__(self, chart: Chart, currencies: Currencies) -> None:
        """Start empty."""
        self._chart = chart
        self._base_id = currencies.base_id
        self.base: dict[int, Figures] = {}
        self.by_currency: dict[int, dict[int, Figures]] = {}

    def fill(self, span: Span, sums: Iterable[MonthSums]) -> AccountFigures:
        """Add rows to their accounts, then children to their parents."""
        for row in sums:
            base = self.base.setdefault(row.account_id, Figures())
            base.take(span, row.period, row.opening, row.debit, row.credit)
            own = self.by_currency.setdefault(row.account_id, {}).setdefault(row.currency_id, Figures())
            if row.currency_id == self._base_id:
                own.take(span, row.period, row.opening, row.debit, row.credit)
            else:
                own.take(span, row.period, row.foreign_opening, row.foreign_debit, row.foreign_credit)
            if row.used and span.shows_row(row.period):
                base.used = own.used = True
        for account_id, base in self.base.items():
            for own in self.by_currency[account_id].values():
                own.used = own.used or own.opening != 0
            base.used = base.opening != 0 or any(own.used for own in self.by_currency[account_id].values())
        self._roll_up()
        return self

    def _roll_up(self) -> None:
        for account in reversed(self._chart.accounts):
            if account.parent_id is None or account.id not in self.base:
                continue
            self.base.setdefault(account.parent_id, Figures()).add(self.base[account.id])
            parent = self.by_currency.setdefault(account.parent_id, {})
            for currency_id, own in self.by_currency[account.id].items():
                parent.setdefault(currency_id, Figures()).add(own)


@dataclass(slots=True)
class AccountMonths:
    """One account month by month in base currency: the signed opening of a span, the sides before it in its year."""

    opening: int = 0
    year_debit: int = 0
    year_credit: int = 0
    months: dict[int, tuple[int, int]] = field(default_factory=dict)

    def take(self, span: Span, row: MonthSums) -> None:
        """Add one balance row's sums where they belong in the span."""
        if row.period == span.first_row:
            self.opening += row.opening
        if row.period >= span.first:
            if row.used:
                debit, credit = self.months.get(row.period, (0, 0))
                self.months[row.period] = (debit + row.debit, credit + row.credit)
            return
        self.opening += row.debit - row.credit
        if year_of(row.period) == year_of(span.first):
            self.year_debit += row.debit
            self.year_credit += row.credit

    def add(self, other: AccountMonths) -> None:
        """Add a child's months."""
        self.opening += other.opening
        self.year_debit += other.year_debit
        self.year_credit += other.year_credit
        for period, (debit, credit) in other.months.items():
            mine = self.months.get(period, (0, 0))
            self.months[period] = (mine[0] + debit, mine[1] + credit)

    def months_to_date(self, span: Span) -> Iterator[MonthToDate]:
        """Yield the months with turnover in order, each with its opening and its sums since January."""
        balance, year_debit, year_credit = self.opening, self.year_debit, self.year_credit
        year = year_of(span.first)
        for period in sorted(self.months):
            begins_year = year_of(period) != year
            if begins_year:
                year, year_debit, year_credit = year_of(period), 0, 0
            debit, credit = self.months[period]
            year_debit += debit
            year_credit += credit
            yield MonthToDate(period, begins_year, balance, debit, credit, year_debit, year_credit)
            balance += debit - credit


class MonthToDate(NamedTuple):
    """A month's turnover, its opening and the sums since January; `begins_year` marks the first of a later year."""

    period: int
    begins_year: bool
    opening: int
    debit: int
    credit: int
    year_debit: int
    year_credit: int

    @property
    def closing(self) -> int:
        """Return the signed balance at the month's end."""
        return self.opening + self.debit - self.credit


def read_months(
    span: Span, chart: Chart, account_ids: Sequence[int] | None = None, auxiliaries: AuxiliaryFilter = NO_FILTER
) -> dict[int, AccountMonths]:
    """Read the months of all accounts (or of some leaves), and roll them up."""
    months: dict[int, AccountMonths] = {}
    for row in read_sums(span, account_ids=account_ids, auxiliaries=auxiliaries):
        months.setdefault(row.account_id, AccountMonths()).take(span, row)
    for account in reversed(chart.accounts):
        if account.parent_id is not None and account.id in months:
            months.setdefault(account.parent_id, AccountMonths()).add(months[account.id])
    return months
