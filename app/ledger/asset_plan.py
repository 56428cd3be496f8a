"""How a card is charged month by month: pure rules over amounts in minor units.

小企业会计准则 art. 29–31, 35, 41, 44: a fixed or biological asset is charged from the month after it came into use and
still in the month of its disposal; an intangible from the month it is available for use and no longer in the month of
its disposal; a deferred expense from the month after. What was charged by a voucher counts as it is; the last month
takes what is left, and nothing is ever charged below the residual value.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from app.kernel.period import next_period, period_of, previous_period

AssetKind = Literal["fixed", "biological", "intangible", "deferred"]
Method = Literal["straight_line", "double_declining", "sum_of_years"]
ChargeKind = Literal["depreciation", "amortisation"]

KINDS_OF: Mapping[ChargeKind, tuple[AssetKind, ...]] = {
    "depreciation": ("fixed", "biological"),
    "amortisation": ("intangible", "deferred"),
}
LONGEST_LIFE = 1200
"""Months: a hundred years."""
DEFERRED_SHORTEST = 36
"""Months over which 小企业会计准则 art. 44 spreads other deferred expenses at the least."""
YEAR = 12
LAST_YEARS = 24
"""Months before its end in which double declining goes over to equal amounts."""


class Term(NamedTuple):
    """What a card is charged by from a month on; amounts in minor units. The first one stands from month 0."""

    from_period: int
    original_value: int
    residual_value: int
    life_months: int
    method: Method
    expense_account_id: int = 0
    expense_set_id: int = 0

    @property
    def sums(self) -> tuple[int, int, int, str]:
        """Return what the computation depends on: a change of anything else goes on with the same amounts."""
        return self.original_value, self.residual_value, self.life_months, self.method


class CardFacts(NamedTuple):
    """What the plan needs to know of a card. `opening_*` is what was charged before the card was kept here."""

    kind: AssetKind
    in_use_on: datetime.date
    opening_accumulated: int
    opening_months: int
    disposed_on: datetime.date | None
    book_start: int


class PlannedMonth(NamedTuple):
    """A month of the plan. `amount` is what vouchers charged, or else what is wanted.

    `wanted` includes `made_good`: what closed months before it should have charged and did not. `months` counts the
    months charged up to this one, `leg` tells what the amount was computed from.
    """

    period: int
    term: Term
    wanted: int
    charged: int
    amount: int
    made_good: int
    accumulated: int
    months: int
    leg: Leg

    @property
    def carrying(self) -> int:
        """Return what is left of the value at the month's end."""
        return self.term.original_value - self.accumulated


def add_months(period: int, count: int) -> int:
    """Return the month `count` months later."""
    months = period // 100 * 12 + period % 100 - 1 + count
    return months // 12 * 100 + months % 12 + 1


def rule_start(kind: AssetKind, in_use_on: datetime.date) -> int:
    """Return the first month that is charged by law."""
    month = period_of(in_use_on)
    return month if kind == "intangible" else next_period(month)


def first_period(facts: CardFacts) -> int:
    """Return the first month charged in this book: after the months charged before, and not before the book."""
    return max(add_months(rule_start(facts.kind, facts.in_use_on), facts.opening_months), facts.book_start)


def last_period(facts: CardFacts) -> int | None:
    """Return the last month that may be charged, or `None` while the asset is kept."""
    if facts.disposed_on is None:
        return None
    month = period_of(facts.disposed_on)
    return previous_period(month) if facts.kind == "intangible" else month


def rounded_share(amount: int, parts: int, of: int) -> int:
    """Return amount × parts ÷ of, rounded half up once; nothing for what is not positive."""
    return (2 * amount * parts + of) // (2 * of) if amount > 0 else 0


class Leg:
    """A stretch of the plan computed from one set of terms: from the beginning, or from a change on.

    `base` is the carrying amount it began with, `months` what was left of the life then, `offset` how many months were
    charged before it.
    """

    def __init__(self, term: Term, base: int, months: int, offset: int) -> None:
        self.method = term.method
        self.base = base
        self.residual = term.residual_value
        self.months = months
        self.offset = offset
        self.monthly = rounded_share(base - self.residual, 1, months)
        self._year = -1
        self._year_amount = 0

    @property
    def depreciable(self) -> int:
        """Return what this stretch charges in all."""
        return max(self.base - self.residual, 0)

    def begin_at(self, index: int) -> None:
        """Go on in the middle, as after months charged elsewhere: the year under way keeps the amount it began with."""
        if self.method == "straight_line":
            return
        remaining = self.depreciable
        for month in range(index):
            remaining -= self.amount(month, remaining)

    def amount(self, index: int, remaining: int) -> int:
        """Return the charge of the month `index` (from 0), where `remaining` is still to be charged in all."""
        if remaining <= 0:
            return 0
        if index >= self.months - 1:
            return remaining
        if self.method == "straight_line":
            return min(self.monthly, remaining)
        year, month = divmod(index, YEAR)
        length = min(YEAR, self.months - year * YEAR)
        if year != self._year:
            self._year, self._year_amount = year, self.yearly(year, remaining)
        monthly = rounded_share(self._year_amount, 1, length)
        left = max(self._year_amount - monthly * month, 0)
        return min(left if month == length - 1 else min(monthly, left), remaining)

    def yearly(self, year: int, remaining: int) -> int:
        """Return what a year of the asset's life charges; its last month takes the cents of its twelfths."""
        length = min(YEAR, self.months - year * YEAR)
        left = self.months - year * YEAR
        if self.method == "sum_of_years":
            starts = range(0, self.months, YEAR)
            weights = sum((self.months - start) * min(YEAR, self.months - start) for start in starts)
            return min(rounded_share(self.depreciable, left * length, weights), remaining)
        if left <= LAST_YEARS:
            return rounded_share(remaining, length, left)
        return min(rounded_share(remaining + self.residual, 2 * length, self.months), remaining)


def make_plan(
    facts: CardFacts,
    terms: Sequence[Term],
    charged: Mapping[int, int],
    *,
    closed_until: int = 0,
    until: int | None = None,
) -> list[PlannedMonth]:
    """Return the months of a card, up to `until`, or to the end of what is to be charged.

    `terms` stand in order of their months, `charged` is what vouchers hold by month. Months up to `closed_until` take
    nothing more: what they lack is made good in the first month after them.
    """
    period = first_period(facts)
    last = last_period(facts)
    latest_charge = max((month for month, amount in charged.items() if amount), default=0)
    accumulated = facts.opening_accumulated + sum(amount for month, amount in charged.items() if month < period)
    months, owed = facts.opening_months, 0
    leg: Leg | None = None
    previous: Term | None = None
    planned: list[PlannedMonth] = []
    while (until is None or period <= until) and (last is None or period <= last):
        term = _term_at(terms, period)
        if leg is None:
            leg = Leg(term, term.original_value, term.life_months, 0)
            leg.begin_at(months)
        elif previous is not None and term.sums != previous.sums:
            base = term.original_value - accumulated - owed
            leg = Leg(term, base, max(term.life_months - months, 1), months)
        previous = term
        remaining = term.original_value - term.residual_value - accumulated - owed
        if remaining <= 0 and not owed and period > latest_charge and not _changes_after(terms, period):
            break
        made_good = owed
        wanted = leg.amount(months - leg.offset, remaining) + made_good
        actual = charged.get(period, 0)
        is_missed = not actual and period <= closed_until
        amount = actual or (0 if is_missed else wanted)
        owed = wanted if is_missed else 0
        accumulated += amount
        months += 1
        planned.append(PlannedMonth(period, term, wanted, actual, amount, made_good, accumulated, months, leg))
        period = next_period(period)
        if len(planned) > 2 * LONGEST_LIFE:
            break
    return planned


def _term_at(terms: Sequence[Term], period: int) -> Term:
    found = terms[0]
    for term in terms:
        if term.from_period <= period:
            found = term
    return found


def _changes_after(terms: Sequence[Term], period: int) -> bool:
    return terms[-1].from_period > period
