"""The balance tables as statements read them: one query a year for accounts, one for counterparties, one for cash flow.

A moment is a month (its end) or month 0 of a year (the year's begin). How the rows are kept stands in docs/ledger.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import add
from typing import NamedTuple

from app.kernel.period import year_of
from app.reports.request import marks
from app.reports.statements.splits import Groups, Sides, read_groups, read_splits
from app.storage.database import fetch_all


class Turnover(NamedTuple):
    """What an account turned over in a span; real amounts are without the vouchers that close profit and loss."""

    debit: int
    credit: int
    real: int


Sums = tuple[int, int, int, int, int, int, int]
"""One account in one balance period: period, account, opening (month 0 only, debit positive), debit, credit, and what
closing took of both. As the database gives it: there are thousands of them, read for each statement."""
Year = dict[int, dict[int, Sums]]


class Balances:
    """Balances, turnovers and cash flows of all accounts, read when first asked for."""

    def __init__(self, layers: tuple[int, ...], split_ids: Iterable[int]) -> None:
        """Read nothing yet. `split_ids` are the accounts that some formula splits by counterparty."""
        self.layers = layers
        self._split_ids = sorted(split_ids)
        self._known = [int(row[0]) for row in fetch_all("SELECT year FROM {fiscal_year} ORDER BY year")]
        self._years: dict[int, Year] = {}
        self._moments: dict[int, dict[int, int]] = {}
        self._turnovers: dict[tuple[int, int], dict[int, Turnover]] = {}
        self._splits: dict[int, Mapping[int, Sides]] = {}
        self._flows: dict[int, dict[int, dict[int, tuple[int, int]]]] = {}

    def months_of(self, year: int) -> Year:
        """Return a year's sums by period and account; nothing for a year without rows."""
        return self._year(year) if year in self._known else {}

    def known_year(self, moment: int) -> int | None:
        """Return the latest year up to a moment's that has rows."""
        return next((year for year in reversed(self._known) if year <= year_of(moment)), None)

    def at(self, moment: int) -> dict[int, int]:
        """Return each account's balance at a moment, debit positive."""
        if moment not in self._moments:
            balances: dict[int, int] = {}
            year = self.known_year(moment)
            for period, accounts in self.months_of(year).items() if year is not None else ():
                if period > moment:
                    continue
                opens, turns = period % 100 == 0, period % 100 != 0 or period != moment
                for account_id, (_, _, opening, debit, credit, _, _) in accounts.items():
                    amount = (opening if opens else 0) + (debit - credit if turns else 0)
                    balances[account_id] = balances.get(account_id, 0) + amount
            self._moments[moment] = balances
        return self._moments[moment]

    def turnover(self, first: int, last: int) -> dict[int, Turnover]:
        """Return each account's turnover of some months.

        Month 0 holds what happened in the year before a book's start; it belongs to spans that begin with January.
        """
        key = (first, last)
        if key not in self._turnovers:
            sums: dict[int, list[int]] = {}
            for period, accounts in self._periods(first, last):
                if covers(first, last, period):
                    for account_id, (_, _, _, debit, credit, close_debit, close_credit) in accounts.items():
                        mine = sums.setdefault(account_id, [0, 0, 0])
                        mine[0] += debit
                        mine[1] += credit
                        mine[2] += debit - close_debit - credit + close_credit
            self._turnovers[key] = {account_id: Turnover._make(values) for account_id, values in sums.items()}
        return self._turnovers[key]

    def _periods(self, first: int, last: int) -> Iterable[tuple[int, dict[int, Sums]]]:
        for year in range(year_of(first), year_of(last) + 1):
            if year in self._known:
                yield from self._year(year).items()

    def _year(self, year: int) -> Year:
        """Read a year's rows by month and account.

        Within a month and layer the rows lie by account, so each is added up in passing.
        """
        if year not in self._years:
            months = range(year * 100, year * 100 + 13)
            month = (
                "SELECT period, account_id, SUM(opening), SUM(debit), SUM(credit), SUM(close_debit), SUM(close_credit)"
                " FROM {balance} WHERE period = ? AND layer = ? GROUP BY period, account_id"
            )
            parts = [(period, layer) for period in months for layer in self.layers]
            rows = fetch_all(" UNION ALL ".join([month] * len(parts)), [value for part in parts for value in part])
            if rows and not isinstance(rows[0][2], int):  # MySQL adds up to Decimal
                rows = [tuple(map(int, row)) for row in rows]
            found: Year = {}
            for row in rows:
                accounts = found.setdefault(row[0], {})
                before = accounts.get(row[1])
                accounts[row[1]] = row if before is None else (*row[:2], *map(add, before[2:], row[2:]))
            self._years[year] = found
        return self._years[year]

    # --- by counterparty ---

    def prepare_splits(self, moments: Iterable[int]) -> None:
        """Read the counterparties at several moments together, one query for each year they lie in."""
        by_year: dict[int, list[int]] = {}
        for moment in sorted(set(moments) - set(self._splits)):
            year = self.known_year(moment)
            self._splits[moment] = {}
            if year is not None and self._split_ids:
                by_year.setdefault(year, []).append(moment)
        for year, wanted in by_year.items():
            for moment, sides in read_splits(year, wanted, self.layers, self._split_ids).items():
                self._splits[moment] = sides

    def split_at(self, moment: int) -> Mapping[int, Sides]:
        """Return what counterparties of each account owe and are owed at a moment."""
        self.prepare_splits([moment])
        return self._splits[moment]

    def groups_at(self, moment: int, account_ids: Iterable[int]) -> Groups:
        """Return the balances of some accounts by counterparty at a moment, debit positive."""
        year = self.known_year(moment)
        wanted = sorted(account_ids)
        return {} if year is None or not wanted else read_groups(year, [moment], self.layers, wanted)[moment]

    # --- cash flow ---

    def cash_flow(self, first: int, last: int) -> dict[int, tuple[int, int]]:
        """Return what cash lines took in (debit) and gave out (credit) in some months."""
        found: dict[int, tuple[int, int]] = {}
        for year in range(year_of(first), year_of(last) + 1):
            for period, lines in self.cash_flow_months(year).items():
                if covers(first, last, period):
                    for line, (debit, credit) in lines.items():
                        before = found.get(line, (0, 0))
                        found[line] = (before[0] + debit, before[1] + credit)
        return found

    def cash_flow_months(self, year: int) -> dict[int, dict[int, tuple[int, int]]]:
        """Return a year's cash flow by period and line."""
        if year not in self._flows:
            rows = fetch_all(
                "SELECT period, cash_flow_line, SUM(debit), SUM(credit) FROM {cash_flow_balance}"
                f" WHERE period BETWEEN ? AND ? AND layer IN ({marks(self.layers)})"
                " GROUP BY period, cash_flow_line",
                [year * 100, year * 100 + 12, *self.layers],
            )
            months: dict[int, dict[int, tuple[int, int]]] = {}
            for period, line, debit, credit in rows:
                months.setdefault(period, {})[line] = (int(debit), int(credit))
            self._flows[year] = months
        return self._flows[year]


def covers(first: int, last: int, period: int) -> bool:
    """Tell whether a span holds a balance period; month 0 belongs to the January after it."""
    return first <= period + (period % 100 == 0) <= last
