"""What a journal says, before any bookkeeping: plain values with the line each stands on.

Amounts are `Decimal`, exactly as written; signs are the journal's (debit positive). Dates are `datetime.date`.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from app.exchange.errors import FileRefused, refused
from app.kernel.text import Message

Dialect = Literal["hledger", "ledger"]
Virtual = Literal["", "(", "["]


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, for messages."""

    file: str
    line: int

    def refuse(self, reason: Message) -> FileRefused:
        """Return the error that refuses the file at this line."""
        return refused(self.file, self.line, reason, code="journal_refused")

    def __str__(self) -> str:
        """Return the place in the short form compilers use."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity of a commodity; an empty commodity means a bare number. `decimals` is the precision as written."""

    quantity: Decimal
    commodity: str
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """What a posting cost: per unit (`@`), or in total (`@@`, never negative)."""

    amount: Amount
    is_total: bool


@dataclass(frozen=True, slots=True)
class Assertion:
    """A balance assertion or assignment: `=`, `==` (no other commodity), `=*` and `==*` (with sub-accounts)."""

    amount: Amount
    is_total: bool
    is_inclusive: bool
    place: Place


@dataclass(slots=True)
class Posting:
    """A line of a transaction. `amount` is `None` where it was left out."""

    account: str
    place: Place
    virtual: Virtual = ""
    amount: Amount | None = None
    cost: Cost | None = None
    lot_cost: Cost | None = None
    assertion: Assertion | None = None
    comment: str = ""
    has_own_date: bool = False


@dataclass(slots=True)
class Transaction:
    """A transaction as written."""

    date: datetime.date
    place: Place
    description: str = ""
    code: str = ""
    comment: str = ""
    has_second_date: bool = False
    postings: list[Posting] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DeclaredAccount:
    """An `account` directive: the full name, and the class letter of a `type:` tag (A L E R X C V) if it has one."""

    name: str
    kind: str
    place: Place


@dataclass(frozen=True, slots=True)
class RulePosting:
    """What an automated transaction adds: an amount, or without a commodity a multiple of the matching posting's."""

    account: str
    virtual: Virtual
    amount: Amount


@dataclass(frozen=True, slots=True)
class AutomatedRule:
    """An automated transaction of Ledger (`= /^Expenses:Books/`): a pattern and what it adds to a matching posting."""

    pattern: str
    postings: tuple[RulePosting, ...]
    place: Place


@dataclass(slots=True)
class Journal:
    """Everything a file and what it includes say, in their order."""

    dialect: Dialect
    transactions: list[Transaction] = field(default_factory=list)
    accounts: list[DeclaredAccount] = field(default_factory=list)
    rules: list[tuple[int, AutomatedRule]] = field(default_factory=list)
    """Each with the number of transactions before it: Ledger applies a rule to what follows it."""
    precisions: dict[str, int] = field(default_factory=dict)
    """Decimals by commodity, as `commodity` and `D` directives fix them."""
    skipped: list[tuple[Place, Message]] = field(default_factory=list)
    notices: dict[str, int] = field(default_factory=dict)
    """How often something was understood that a book has no place for, by kind."""

    def notice(self, kind: str) -> None:
        """Count something that is not kept."""
        self.notices[kind] = self.notices.get(kind, 0) + 1
