"""The one place that reads the balance tables: sums per account, currency and month.

How the rows are kept stands in docs/ledger.md, "Reading balances". The database adds up auxiliaries and months, Python
adds currencies and parents: the cost grows with accounts and auxiliaries in use, never with vouchers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.kernel.period import year_of
from app.reports.chart import NO_FILTER, AuxiliaryFilter, Chart, Currencies
from app.reports.request import LAYER_POSTED, Span, SpanPart, marks
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
    quantity_opening: int = 0
    quantity_debit: int = 0
    quantity_credit: int = 0


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

    def take(self, part: SpanPart, opening: int, debit: int, credit: int) -> None:
        """Add one balance row's sums where they belong in the span."""
        if part.opens:
            self.opening += opening
        if part.covered:
            self.debit += debit
            self.credit += credit
        elif part.before:
            self.opening += debit - credit
        if part.this_year:
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

    def without(self, others: Iterable[Figures]) -> Figures:
        """Return what is left of these figures when others are taken out."""
        left = Figures()
        left.add(self)
        for other in others:
            left.opening -= other.opening
            left.debit -= other.debit
            left.credit -= other.credit
            left.ytd_debit -= other.ytd_debit
            left.ytd_credit -= other.ytd_credit
        return left


_MEASURES = (
    *("opening", "debit", "credit", "opening_foreign", "foreign_debit", "foreign_credit"),
    *("opening_quantity", "quantity_debit", "quantity_credit"),
)
_ANY_USE = (
    "CASE WHEN opening <> 0 OR debit <> 0 OR credit <> 0 OR opening_foreign <> 0 OR foreign_debit <> 0"
    " OR foreign_credit <> 0 OR opening_quantity <> 0 OR quantity_debit <> 0 OR quantity_credit <> 0 THEN 1 ELSE 0 END"
)


def read_sums(
    span: Span,
    *,
    account_ids: Sequence[int] | None = None,
    by_month: bool = False,
    by_set: bool = False,
    auxiliaries: AuxiliaryFilter = NO_FILTER,
    quantities: bool = False,
) -> list[MonthSums]:
    """Read the sums of all balance periods that matter to a span, by account, currency and (if wanted) auxiliary set.

    Months that belong to the same part of the span come as one sum under their first month, unless `by_month`; `by_set`
    leaves out what has no auxiliaries. A posted month row exists only because something was posted there; rows of
    month 0 and of unposted vouchers may be left at nothing, so those are looked at.
    """
    condition, params = auxiliaries.sql, [*auxiliaries.params]
    if by_set:
        condition += " AND auxiliary_set_id <> 0"
    if account_ids is not None:
        condition += f" AND account_id IN ({marks(account_ids) or 'NULL'})"
        params.extend(account_ids)
    measures = _MEASURES if quantities else _MEASURES[:-3]
    sums: list[MonthSums] = []
    for layer in span.layers:
        for first, last in _ranges(span):
            use = "1" if first % 100 and layer == LAYER_POSTED else _ANY_USE
            periods = range(first, last + 1)
            if by_set:
                sql = _sets_sql(use, measures, condition, by_month=by_month)
                values: list[int] = [layer, first, last, *params]
            else:
                sql = _accounts_sql(use, measures, condition, len(periods), by_month=by_month)
                values = [value for period in periods for value in (period, layer, period, *params)]
            # sums come from MySQL as Decimal
            sums.extend(
                MonthSums(row[0] if by_month else first, row[1], row[2], row[3], bool(row[4]), *map(int, row[5:]))
                for row in fetch_all(sql, values)
            )
    return sums


class SetBalance(NamedTuple):
    """What an account has with one auxiliary set over a span: signed opening, sides, whether anything was entered."""

    account_id: int
    set_id: int
    opening: int
    debit: int
    credit: int
    used: int


def read_set_balances(
    span: Span, account_ids: Sequence[int] | None, auxiliaries: AuxiliaryFilter
) -> Iterator[SetBalance]:
    """Yield one row per account and auxiliary set in the periods that matter to a span.

    The database puts the parts of the span together by itself: with twenty thousand customers that takes half the time
    of a row for each part.
    """
    is_start = span.first == span.first_row + 1
    covered = f"(period >= {span.first} OR (period = {span.first_row} AND {int(is_start)} = 1))"
    shown = f"(period >= {span.last // 100 * 100} OR period >= {span.first})"
    entered = f"((layer = {LAYER_POSTED} AND period % 100 <> 0) OR {_ANY_USE} = 1)"
    condition, params = f" AND auxiliary_set_id <> 0{auxiliaries.sql}", [*auxiliaries.params]
    if account_ids is not None:
        condition += f" AND account_id IN ({marks(account_ids) or 'NULL'})"
        params.extend(account_ids)
    rows = fetch_all(
        "SELECT account_id, auxiliary_set_id,"
        f" SUM(CASE WHEN period = {span.first_row} THEN opening ELSE 0 END)"
        f" + SUM(CASE WHEN {covered} THEN 0 ELSE debit - credit END),"
        f" SUM(CASE WHEN {covered} THEN debit ELSE 0 END), SUM(CASE WHEN {covered} THEN credit ELSE 0 END),"
        f" MAX(CASE WHEN {shown} AND {entered} THEN 1 ELSE 0 END)"
        f" FROM {{balance}} WHERE layer IN ({marks(span.layers)}) AND period BETWEEN ? AND ?"
        f" AND (period % 100 <> 0 OR period = {span.first_row}){condition}"
        " GROUP BY account_id, auxiliary_set_id",
        [*span.layers, span.first_row, span.last, *params],
    )
    # sums come from MySQL as Decimal
    return (SetBalance(row[0], row[1], int(row[2]), int(row[3]), int(row[4]), row[5]) for row in rows)


def _accounts_sql(use: str, measures: Sequence[str], condition: str, months: int, *, by_month: bool) -> str:
    """Return the query of some months' sums by account.

    Within a month and layer the rows lie by account, so each month is added up in passing; only the few sums per
    account are then put together. Over all months at once the database would sort every row.
    """
    sums = ", ".join(f"SUM({name}) AS {name}" for name in measures)
    month = (
        f"SELECT ? AS period, account_id, currency_id, 0 AS set_id, MAX({use}) AS used, {sums} FROM {{balance}}"
        f" WHERE layer = ? AND period = ?{condition} GROUP BY account_id, currency_id"
    )
    union = " UNION ALL ".join([month] * months)
    if by_month or months == 1:
        return union
    added = ", ".join(f"SUM({name})" for name in measures)
    return (
        f"SELECT 0, account_id, currency_id, 0, MAX(used), {added} FROM ({union}) AS months"
        " GROUP BY account_id, currency_id"
    )


def _sets_sql(use: str, measures: Sequence[str], condition: str, *, by_month: bool) -> str:
    """Return the query of a range's sums by account and auxiliary set."""
    sums = ", ".join(f"SUM({name})" for name in measures)
    month, by = ("period", "period, ") if by_month else ("0", "")
    return (
        f"SELECT {month}, account_id, currency_id, auxiliary_set_id, MAX({use}), {sums} FROM {{balance}}"
        f" WHERE layer = ? AND period BETWEEN ? AND ?{condition}"
        f" GROUP BY {by}account_id, currency_id, auxiliary_set_id"
    )


def _ranges(span: Span) -> list[tuple[int, int]]:
    """Return the row ranges to read, each within one part of the span: the first opening row, then months by year.

    Opening rows of later years only repeat what the months before them add up to.
    """
    ranges = [(span.first_row, span.first_row)]
    for year in range(span.first_row // 100, year_of(span.last) + 1):
        start, end = year * 100 + 1, min(year * 100 + 12, span.last)
        if start < span.first <= end:
            ranges += [(start, span.first - 1), (span.first, end)]
        else:
            ranges.append((start, end))
    return ranges


class ForeignFigures(NamedTuple):
    """An account's figures in another currency: in its own units, and what they count in base currency."""

    own: Figures
    value: Figures


class AccountFigures:
    """The figures of all accounts, rolled up: in base currency, and in each other currency."""

    def __init__(self, chart: Chart, currencies: Currencies) -> None:
        """Start empty."""
        self._chart = chart
        self._base_id = currencies.base_id
        self.base: dict[int, Figures] = {}
        self.foreign: dict[int, dict[int, ForeignFigures]] = {}

    def fill(self, span: Span, sums: Iterable[MonthSums]) -> AccountFigures:
        """Add rows to their accounts, then children to their parents."""
        parts: dict[int, SpanPart] = {}
        for row in sums:
            part = parts.get(row.period)
            if part is None:
                part = parts[row.period] = span.part_of(row.period)
            base = self.base.get(row.account_id)
            if base is None:
                base = self.base[row.account_id] = Figures()
            base.take(part, row.opening, row.debit, row.credit)
            if part.shown and row.used:
                base.used = True
            if row.currency_id != self._base_id:
                foreign = self._foreign(row.account_id, row.currency_id)
                foreign.own.take(part, row.foreign_opening, row.foreign_debit, row.foreign_credit)
                foreign.value.take(part, row.opening, row.debit, row.credit)
                foreign.own.used = foreign.own.used or (part.shown and row.used)
        for account_id, base in self.base.items():
            for foreign in self.foreign.get(account_id, {}).values():
                foreign.own.used = foreign.own.used or foreign.own.opening != 0
                base.used = base.used or foreign.own.used
            base.used = base.used or base.opening != 0
        self._roll_up()
        return self

    def _foreign(self, account_id: int, currency_id: int) -> ForeignFigures:
        by_currency = self.foreign.setdefault(account_id, {})
        if currency_id not in by_currency:
            by_currency[currency_id] = ForeignFigures(Figures(), Figures())
        return by_currency[currency_id]

    def _roll_up(self) -> None:
        for account in reversed(self._chart.accounts):
            if account.parent_id is None or account.id not in self.base:
                continue
            self.base.setdefault(account.parent_id, Figures()).add(self.base[account.id])
            for currency_id, foreign in self.foreign.get(account.id, {}).items():
                parent = self._foreign(account.parent_id, currency_id)
                parent.own.add(foreign.own)
                parent.value.add(foreign.value)


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

    def is_empty(self) -> bool:
        """Tell whether there is nothing to show: no opening, no turnover in the span or its year."""
        return not (self.opening or self.months or self.year_debit or self.year_credit)

    def at(self, span: Span, period: int) -> MonthToDate:
        """Return how the account stands in a month of the span, with turnover or without."""
        balance, year_debit, year_credit = self.opening, self.year_debit, self.year_credit
        if year_of(period) != year_of(span.first):
            year_debit = year_credit = 0
        for month in sorted(self.months):
            if month >= period:
                break
            debit, credit = self.months[month]
            balance += debit - credit
            if year_of(month) == year_of(period):
                year_debit += debit
                year_credit += credit
        debit, credit = self.months.get(period, (0, 0))
        return MonthToDate(period, False, balance, debit, credit, year_debit + debit, year_credit + credit)

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


def pieces_of(row: MonthSums) -> MonthSums:
    """Return a row whose sides are quantities instead of amounts."""
    return row._replace(opening=row.quantity_opening, debit=row.quantity_debit, credit=row.quantity_credit)


def read_months(
    span: Span, chart: Chart, account_ids: Sequence[int] | None = None, auxiliaries: AuxiliaryFilter = NO_FILTER
) -> dict[int, AccountMonths]:
    """Read the months of all accounts (or of some leaves), and roll them up."""
    return months_of(span, chart, read_sums(span, account_ids=account_ids, auxiliaries=auxiliaries, by_month=True))


def months_of(span: Span, chart: Chart, sums: Iterable[MonthSums]) -> dict[int, AccountMonths]:
    """Put rows together by account, and roll them up."""
    months: dict[int, AccountMonths] = {}
    for row in sums:
        months.setdefault(row.account_id, AccountMonths()).take(span, row)
    for account in reversed(chart.accounts):
        if account.parent_id is not None and account.id in months:
            months.setdefault(account.parent_id, AccountMonths()).add(months[account.id])
    return months
