"""Reads the period close computes with: balances by key, turnovers, and what vouchers of a step hold already.

Both layers count, posted and not yet posted: a step answers what the month needs once everything that is entered has
been posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.ledger.queries.balances import last_year_with_rows
from app.storage.database import Row, fetch_all

CHUNK = 500


class KeyBalance(NamedTuple):
    """The balance of one account × currency × auxiliary set at a month's end, debit positive, in minor units."""

    account_id: int
    currency_id: int
    set_id: int
    base: int
    foreign: int
    quantity: int


class KeyTurnover(NamedTuple):
    """What one account × currency × auxiliary set moved in a span of months.

    Carry-forward vouchers are left out of `debit` and `credit`, not of the quantities.
    """

    account_id: int
    currency_id: int
    set_id: int
    debit: int
    credit: int
    quantity_debit: int
    quantity_credit: int


class StepEntry(NamedTuple):
    """An entry of a voucher that a step made, or of its red reversal."""

    account_id: int
    currency_id: int
    set_id: int
    side: int
    debit: int
    credit: int
    foreign: int
    quantity: int


def origin_of(step: str, period: int) -> str:
    """Return the mark that vouchers of a step carry."""
    return f"closing:{step}:{period}"


def closing_balances(
    period: int, account_ids: Sequence[int], *, upto: bool = True, but_currency: int = 0
) -> list[KeyBalance]:
    """Return the balances of some accounts at a month's end (without `upto`: at its beginning) that are not nil.

    `but_currency` leaves a currency out: a book may have many customers and little foreign money.
    """
    year = last_year_with_rows(period // 100)
    if year is None or not account_ids:
        return []
    last = (period if upto else period - 1) if year == period // 100 else year * 100 + 12
    found: list[KeyBalance] = []
    for chunk in _chunks(account_ids):
        rows = fetch_all(
            "SELECT account_id, currency_id, auxiliary_set_id, SUM(opening + debit - credit),"
            " SUM(opening_foreign + foreign_debit - foreign_credit),"
            " SUM(opening_quantity + quantity_debit - quantity_credit) FROM {balance}"
            f" WHERE layer <= 1 AND period BETWEEN ? AND ? AND currency_id <> ? AND account_id IN ({_places(chunk)})"
            " GROUP BY account_id, currency_id, auxiliary_set_id",
            (year * 100, last, but_currency, *chunk),
        )
        found.extend(KeyBalance(*(int(value) for value in row)) for row in rows if row[3] or row[4] or row[5])
    return sorted(found)


def turnovers(first: int, last: int, account_ids: Sequence[int]) -> list[KeyTurnover]:
    """Return what some accounts moved from one month to another, carry-forward left out.

    A span that begins with month 0 of a year takes in what was before the book's start that year.
    """
    found: list[KeyTurnover] = []
    for chunk in _chunks(account_ids):
        rows = fetch_all(
            "SELECT account_id, currency_id, auxiliary_set_id, SUM(debit - close_debit), SUM(credit - close_credit),"
            " SUM(quantity_debit), SUM(quantity_credit) FROM {balance}"
            f" WHERE layer <= 1 AND period BETWEEN ? AND ? AND account_id IN ({_places(chunk)})"
            " GROUP BY account_id, currency_id, auxiliary_set_id",
            (first, last, *chunk),
        )
        found.extend(KeyTurnover(*(int(value) for value in row)) for row in rows)
    return sorted(found)


def carried_profit(first: int, last: int, account_ids: Sequence[int]) -> int:
    """Return the profit that was carried to 本年利润 (its accounts) in a year, whoever has transferred it since.

    `first` is month 0 of the year: what 本年利润 moved before the book's start counts whole, later months count with
    their carry-forward vouchers alone.
    """
    profit = 0
    for chunk in _chunks(account_ids):
        (row,) = fetch_all(
            "SELECT SUM(CASE WHEN period = ? THEN credit - debit ELSE close_credit - close_debit END) FROM {balance}"
            f" WHERE layer <= 1 AND period BETWEEN ? AND ? AND account_id IN ({_places(chunk)})",
            (first, first, last, *chunk),
        )
        profit += int(row[0] or 0)
    return profit


def quantity_closed(first: int, last: int, account_ids: Sequence[int]) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the quantities that carry-forward vouchers moved, by (account, set): on the debit and the credit side."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for chunk in _chunks(account_ids):
        rows = fetch_all(
            "SELECT e.account_id, e.auxiliary_set_id, e.side, SUM(e.quantity) FROM {entry} e"
            " JOIN {voucher} v ON v.id = e.voucher_id WHERE e.period BETWEEN ? AND ? AND v.kind = 'close_pl'"
            f" AND v.state <> 'void' AND v.faults = '' AND e.quantity <> 0 AND e.account_id IN ({_places(chunk)})"
            " GROUP BY e.account_id, e.auxiliary_set_id, e.side",
            (first, last, *chunk),
        )
        for account_id, set_id, side, quantity in rows:
            debit, credit = found.get((account_id, set_id), (0, 0))
            amount = int(quantity)
            found[(account_id, set_id)] = (debit + amount, credit) if side > 0 else (debit, credit + amount)
    return found


def step_voucher_ids(period: int, step: str) -> list[int]:
    """Return the vouchers of a step that stand, and the red reversals of them, in the order they were made."""
    origin = origin_of(step, period)
    own = [
        int(row[0])
        for row in fetch_all(
            "SELECT id FROM {voucher} WHERE period = ? AND origin = ? AND state <> 'void'", (period, origin)
        )
    ]
    red: list[int] = []
    for chunk in _chunks(own):
        rows = fetch_all(
            f"SELECT id FROM {{voucher}} WHERE reversal_of IN ({_places(chunk)}) AND state <> 'void'", chunk
        )
        red.extend(int(row[0]) for row in rows)
    return sorted(own + red)


def step_entries(period: int, step: str) -> list[StepEntry]:
    """Return what vouchers of a step book in their month, red reversals with them; faulty drafts do not count."""
    found: list[StepEntry] = []
    for chunk in _chunks(step_voucher_ids(period, step)):
        rows = fetch_all(
            "SELECT e.account_id, e.currency_id, e.auxiliary_set_id, e.side, e.debit, e.credit, e.foreign_amount,"
            " e.quantity FROM {entry} e JOIN {voucher} v ON v.id = e.voucher_id"
            f" WHERE v.id IN ({_places(chunk)}) AND v.period = ? AND v.faults = ''",
            (*chunk, period),
        )
        found.extend(StepEntry(*(int(value) for value in row)) for row in rows)
    return found


class StockIssue(NamedTuple):
    """What left stock for the cost of sales in one voucher line; a return is negative."""

    account_id: int
    set_id: int
    amount: int
    quantity: int
    is_own: bool
    """Whether the step made it, or it reverses another voucher; others are what people typed."""


def stock_issues(period: int, step: str, stock_ids: Sequence[int], cost_ids: Sequence[int]) -> list[StockIssue]:
    """Return the credits of stock in vouchers of a month that book the cost of sales, whoever made them."""
    found: list[StockIssue] = []
    if not cost_ids:
        return found
    for chunk in _chunks(stock_ids):
        rows = fetch_all(
            "SELECT e.account_id, e.auxiliary_set_id, e.credit, e.quantity, v.origin, v.reversal_of FROM {entry} e"
            " JOIN {voucher} v ON v.id = e.voucher_id WHERE e.period = ? AND e.side < 0 AND v.state <> 'void'"
            f" AND v.faults = '' AND e.account_id IN ({_places(chunk)}) AND EXISTS (SELECT 1 FROM {{entry}} c"
            f" WHERE c.voucher_id = v.id AND c.account_id IN ({_places(cost_ids)}))",
            (period, *chunk, *cost_ids),
        )
        own = origin_of(step, period)
        found.extend(
            StockIssue(int(row[0]), int(row[1]), int(row[2]), int(row[3]), row[4] == own or row[5] is not None)
            for row in rows
        )
    return found


def unposted_vouchers(period: int, limit: int) -> list[Row]:
    """Return id, word, number, state, faults of the month's vouchers that are not posted."""
    return fetch_all(
        "SELECT id, word, number, state, faults FROM {voucher} WHERE period = ? AND state IN ('draft', 'reviewed')"
        " ORDER BY word, number, id LIMIT ?",
        (period, limit),
    )


def number_gaps(period: int) -> list[tuple[str, int]]:
    """Return the (word, number) pairs that are missing in a month."""
    gaps: list[tuple[str, int]] = []
    rows = fetch_all(
        "SELECT word, COUNT(number), MAX(number) FROM {voucher} WHERE period = ? AND number IS NOT NULL GROUP BY word",
        (period,),
    )
    for word, count, highest in rows:
        if int(count) != int(highest):
            taken = {
                int(row[0])
                for row in fetch_all(
                    "SELECT number FROM {voucher} WHERE period = ? AND word = ? AND number IS NOT NULL", (period, word)
                )
            }
            gaps.extend((str(word), number) for number in range(1, int(highest) + 1) if number not in taken)
    return gaps


def trial_sums(period: int) -> tuple[int, int, int]:
    """Return the month's opening (signed), debit and credit turnover, posted, over all accounts, in base currency."""
    year = last_year_with_rows(period // 100)
    if year is None:
        return 0, 0, 0
    upper = period if year == period // 100 else year * 100 + 12
    opening = debit = credit = 0
    for row_period, row_opening, row_debit, row_credit in fetch_all(
        "SELECT period, SUM(opening), SUM(debit), SUM(credit) FROM {balance}"
        " WHERE layer = 0 AND period BETWEEN ? AND ? GROUP BY period",
        (year * 100, upper),
    ):
        opening += int(row_opening)
        if row_period == period:
            debit, credit = int(row_debit), int(row_credit)
        else:
            opening += int(row_debit) - int(row_credit)
    return opening, debit, credit


def _places(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _chunks(values: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(set(values))
    return (ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK))
