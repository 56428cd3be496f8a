"""What the checks need to know of a book: its months, its accounts, and balances rolled forward month by month."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from app.kernel.money import format_amount
from app.kernel.period import format_period, periods_between, previous_period, year_of
from app.ledger.queries.balances import last_year_with_rows
from app.ledger.service.accounts import PROFIT_AND_LOSS
from app.reports.request import LAYER_POSTED
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all, fetch_one

BalanceKey = tuple[int, int, int]
"""account id, currency id, auxiliary set id"""

_ZERO_ACCOUNTS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "asbe_2006_2019": {
        "month_end_zero": frozenset({"5101", "5403"}),
        "year_end_zero": frozenset({"1901", "4103", "5101", "5403"}),
    }
}
"""What must be nil, for charts whose accounts do not say so themselves (企业会计准则应用指南, appendix)."""


class DoctorAccount(NamedTuple):
    """What the checks need of an account; `month_end_zero` and `year_end_zero` are the chart's, handed down."""

    id: int
    code: str
    name: str
    category: str
    normal_side: str
    is_leaf: bool
    is_cash: bool
    has_quantity: bool
    active: bool
    month_end_zero: bool
    year_end_zero: bool
    demanded: frozenset[int]
    has_kinds: bool

    @property
    def called(self) -> str:
        """Return code and name."""
        return f"{self.code} {self.name}"

    @property
    def is_profit_and_loss(self) -> bool:
        """Tell whether its balance is carried forward before a month is closed."""
        return self.category in PROFIT_AND_LOSS


class Patient(NamedTuple):
    """The book under examination: months from the start to the last one looked at, closed ones among them."""

    start: int
    first: int
    last: int
    closed: frozenset[int]
    accounts: Mapping[int, DoctorAccount]
    digits: int
    base_id: int
    chart: str

    @property
    def months(self) -> list[int]:
        """Return the months under view."""
        return list(periods_between(self.first, self.last))

    def money(self, minor: int) -> str:
        """Return a base amount as text."""
        return format_amount(minor, self.digits)

    def named(self, period: int) -> str:
        """Return a month as text."""
        return format_period(period)


def read_patient(first: int | None, last: int | None) -> Patient:
    """Read what the checks need; without months the whole book, to the last month that has a voucher or is closed."""
    start = int(get_setting("start_period"))
    closed = frozenset(int(row[0]) for row in fetch_all("SELECT period FROM {period} WHERE state = 'closed'"))
    used = fetch_one("SELECT MAX(period) FROM {voucher}")
    latest = max(start, int(used[0] or 0) if used else 0, max(closed, default=0))
    return Patient(
        start=start,
        first=start if first is None else max(first, start),
        last=latest if last is None else max(last, start),
        closed=closed,
        accounts=_read_accounts(str(get_setting("chart", ""))),
        digits=int(get_setting("base_digits", 2)),
        base_id=int(get_setting("base_currency_id")),
        chart=str(get_setting("chart", "")),
    )


def _read_accounts(chart: str) -> dict[int, DoctorAccount]:
    demanded: dict[int, set[int]] = {}
    with_kinds: set[int] = set()
    for account_id, kind_id, is_demanded in fetch_all("SELECT account_id, kind_id, demanded FROM {account_auxiliary}"):
        with_kinds.add(account_id)
        if is_demanded:
            demanded.setdefault(account_id, set()).add(kind_id)
    rows = fetch_all(
        "SELECT id, code, name_zh, category, normal_side, is_leaf, is_cash, has_quantity, active, parent_id, attributes"
        " FROM {account} ORDER BY level, code"
    )
    accounts: dict[int, DoctorAccount] = {}
    known = _ZERO_ACCOUNTS.get(chart, {})
    for row in rows:
        account_id, code, parent = row[0], str(row[1]), accounts.get(row[9])
        own = _attributes(row[10])
        zero = {
            name: own.get(name) == "Y" or code in known.get(name, ()) or (parent is not None and getattr(parent, name))
            for name in ("month_end_zero", "year_end_zero")
        }
        accounts[account_id] = DoctorAccount(
            id=account_id,
            code=code,
            name=row[2],
            category=row[3],
            normal_side=row[4],
            is_leaf=bool(row[5]),
            is_cash=bool(row[6]),
            has_quantity=bool(row[7]),
            active=bool(row[8]),
            **zero,
            demanded=frozenset(demanded.get(account_id, ())),
            has_kinds=account_id in with_kinds,
        )
    return accounts


def _attributes(text: str) -> Mapping[str, object]:
    try:
        found = json.loads(text or "{}")
    except ValueError:  # altered behind the program's back: then it says nothing
        return {}
    return found if isinstance(found, dict) else {}


class Standing:
    """Posted balances of every account, currency and auxiliary set at the end of a month, rolled forward.

    One query a month (or one for all months up to the first one wanted), so a year costs what its rows cost.
    """

    def __init__(self) -> None:
        """Start before everything."""
        self.balances: dict[BalanceKey, list[int]] = {}
        """key → base amount, foreign amount, quantity; debit positive"""
        self._year: int | None = None
        self._month = 0

    def begin(self, period: int) -> None:
        """Go to where a month begins: the end of the month before, with what is known of a start year in one sum."""
        if period > int(get_setting("start_period")):
            self.advance(previous_period(period))
            return
        year = last_year_with_rows(year_of(period))
        if year == year_of(period):
            self._year, self._month = year, year * 100
            self._add(self._month, self._month)

    def advance(self, period: int) -> None:
        """Go to the end of a month; months are asked for in order."""
        year = last_year_with_rows(year_of(period))
        if year is None:
            return
        upper = period if year == year_of(period) else year * 100 + 12
        if year != self._year:
            self._year, self._month = year, year * 100 - 1
            self.balances = {}
        if upper > self._month:
            self._add(self._month + 1, upper)
            self._month = upper

    def _add(self, first: int, last: int) -> None:
        rows = fetch_all(
            "SELECT account_id, currency_id, auxiliary_set_id, SUM(opening + debit - credit),"
            " SUM(opening_foreign + foreign_debit - foreign_credit),"
            " SUM(opening_quantity + quantity_debit - quantity_credit)"
            " FROM {balance} WHERE layer = ? AND period BETWEEN ? AND ?"
            " GROUP BY account_id, currency_id, auxiliary_set_id",
            (LAYER_POSTED, first, last),
        )
        for account_id, currency_id, set_id, amount, foreign, quantity in rows:
            sums = self.balances.setdefault((account_id, currency_id, set_id), [0, 0, 0])
            sums[0] += int(amount)
            sums[1] += int(foreign)
            sums[2] += int(quantity)

    def by_account(self) -> dict[int, int]:
        """Return the base balance of each account that has one."""
        sums: dict[int, int] = {}
        for key, (amount, _, _) in self.balances.items():
            sums[key[0]] = sums.get(key[0], 0) + amount
        return {account_id: amount for account_id, amount in sums.items() if amount}

    def by_set(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Return base amount and quantity of each account and auxiliary set."""
        sums: dict[tuple[int, int], list[int]] = {}
        for (account_id, _, set_id), (amount, _, quantity) in self.balances.items():
            pair = sums.setdefault((account_id, set_id), [0, 0])
            pair[0] += amount
            pair[1] += quantity
        return {key: (amount, quantity) for key, (amount, quantity) in sums.items() if amount or quantity}
