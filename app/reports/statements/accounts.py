"""The accounts that a formula's arguments mean: an account and all its descendants by the tree."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from app.resources import resource_path
from app.storage.database import fetch_all

PROFIT_AND_LOSS = frozenset({"损益", "收入", "支出"})
"""Categories whose balances are carried forward; all others stand in the balance sheet."""
CATEGORY_MARK = "@"


class StatementAccount(NamedTuple):
    """What statements need of an account."""

    id: int
    code: str
    parent_id: int | None
    name_zh: str
    name_en: str
    category: str
    is_leaf: bool
    is_cash: bool


class AccountTree:
    """All accounts, to be found by code, category or (for the built-in forms) by what the account is called."""

    def __init__(self, accounts: Iterable[StatementAccount], chart: str) -> None:
        """Index the accounts; `chart` names the standard whose built-in codes are looked up by name too."""
        self.accounts = sorted(accounts, key=lambda account: account.code)
        self.by_id = {account.id: account for account in self.accounts}
        self.by_code = {account.code: account for account in self.accounts}
        self._chart = chart
        self._children: dict[int | None, list[StatementAccount]] = {}
        for account in self.accounts:
            self._children.setdefault(account.parent_id, []).append(account)
        self._found: dict[tuple[str, bool], frozenset[int]] = {}
        self.profit_and_loss = frozenset(a.id for a in self.accounts if a.category in PROFIT_AND_LOSS)
        self.cash = frozenset(a.id for a in self.accounts if a.is_cash and a.is_leaf)

    def first_level(self, category: str) -> list[StatementAccount]:
        """Return the first-level accounts of a category, by code."""
        return [account for account in self._children.get(None, ()) if account.category == category]

    def subtree(self, account: StatementAccount) -> frozenset[int]:
        """Return an account and all below it."""
        found = {account.id}
        waiting = [account.id]
        while waiting:
            for child in self._children.get(waiting.pop(), ()):
                if child.id not in found:
                    found.add(child.id)
                    waiting.append(child.id)
        return frozenset(found)

    def ids(self, arguments: Iterable[str], *, exact: bool) -> frozenset[int]:
        """Return the accounts that arguments mean, none twice. Accounts the book does not have are nothing."""
        found: set[int] = set()
        for argument in arguments:
            key = (argument, exact)
            if key not in self._found:
                self._found[key] = self._resolve(argument, exact)
            found |= self._found[key]
        return frozenset(found)

    def _resolve(self, argument: str, exact: bool) -> frozenset[int]:
        if argument.startswith(CATEGORY_MARK):
            category = argument[1:].strip()
            return frozenset(account.id for account in self.accounts if account.category == category)
        if exact:
            account = self.by_code.get(argument)
            return frozenset() if account is None else self.subtree(account)
        return frozenset(found for account in self.built_in(argument) for found in self.subtree(account))

    def built_in(self, code: str) -> list[StatementAccount]:
        """Return the accounts that a built-in form means by a code.

        Codes of details are a convention only (4-2-2), so books that came from elsewhere have others, often beside the
        chart's own unused ones. Every account of the standard's name under the same parent counts; where there is none,
        the one of that code does if its name has something of the standard's.
        """
        account = self.by_code.get(code)
        known = chart_accounts(self._chart).get(code)
        if known is None or not known.parent:
            return [] if account is None else [account]
        below = {found for parent in self.built_in(known.parent) for found in self.subtree(parent) - {parent.id}}
        if account is not None:
            below.add(account.id)
        same = [self.by_id[found] for found in below if self.by_id[found].name_zh == known.name_zh]
        if same or account is None:
            return same
        return [account] if _resembles(account.name_zh, known.name_zh) else []


class ChartAccount(NamedTuple):
    """A row of a standard's chart."""

    parent: str
    name_zh: str


@cache
def chart_accounts(chart: str) -> Mapping[str, ChartAccount]:
    """Return the accounts of a standard by code, those that its text allows beside its list too."""
    found: dict[str, ChartAccount] = {}
    for name in (f"{chart}.csv", f"{chart}_optional.csv"):
        path = resource_path("charts", name)
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                found.update((row["code"], ChartAccount(row["parent"], row["name_zh"])) for row in csv.DictReader(file))
    return found


def _resembles(name: str, known: str) -> bool:
    """Tell whether two names share two neighbouring characters, as 招待费 and 业务招待费 do."""
    pairs = {name[place : place + 2] for place in range(len(name) - 1)}
    return any(known[place : place + 2] in pairs for place in range(len(known) - 1))


def read_accounts(chart: str) -> AccountTree:
    """Read all accounts in one query."""
    rows = fetch_all("SELECT id, code, parent_id, name_zh, name_en, category, is_leaf, is_cash FROM {account}")
    return AccountTree((StatementAccount._make([*row[:6], bool(row[6]), bool(row[7])]) for row in rows), chart)
