"""Balances transactions as the program that wrote them would: left-out amounts, assignments, assertions, implied costs.

hledger works in date order and Ledger in file order; both let a sum pass that is zero at the precision in use.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from app.exchange.journal.model import Amount, Assertion, Journal, Place, Posting, Transaction, Virtual
from app.kernel.text import message

Sums = dict[str, Decimal]
PRECISION = 60
"""Significant digits of the arithmetic: far more than any amount has, so that nothing is lost."""


@dataclass(slots=True)
class Booked:
    """A posting with its amount. `cost` is the total cost in `cost_commodity`, with the sign of the quantity."""

    account: str
    place: Place
    virtual: Virtual
    quantity: Decimal
    commodity: str
    comment: str = ""
    cost: Decimal | None = None
    cost_commodity: str = ""
    is_inferred: bool = False

    @property
    def weight(self) -> tuple[Decimal, str]:
        """Return what the posting weighs in the balance of its transaction."""
        return (self.quantity, self.commodity) if self.cost is None else (self.cost, self.cost_commodity)


@dataclass(slots=True)
class BookedTransaction:
    """A transaction whose every posting has an amount, and which balances at cost."""

    date: datetime.date
    place: Place
    description: str
    code: str
    comment: str
    postings: list[Booked] = field(default_factory=list)


def balance_journal(journal: Journal) -> list[BookedTransaction]:
    """Return all transactions balanced, in order of date. Raises `FileRefused` with the line that does not hold."""
    with localcontext() as context:
        context.prec = PRECISION
        return Balancer(journal).balance()


class Balancer:
    """Keeps the running balances that assertions and assignments speak of."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._is_ledger = journal.dialect == "ledger"
        self._running: dict[str, Sums] = {}
        self._running_real: dict[str, Sums] = {}
        self._decimals = _written_precisions(journal)

    def balance(self) -> list[BookedTransaction]:
        """Balance every transaction in the order the dialect demands."""
        numbered = list(enumerate(self._journal.transactions))
        if not self._is_ledger:
            numbered.sort(key=lambda pair: pair[1].date)
        done = [self._balance_one(transaction, index) for index, transaction in numbered]
        return sorted(done, key=lambda booked: booked.date)

    def _balance_one(self, source: Transaction, index: int) -> BookedTransaction:
        booked = BookedTransaction(source.date, source.place, source.description, source.code, source.comment)
        has_assignment = any(posting.amount is None and posting.assertion for posting in source.postings)
        slots: list[list[Booked] | None] = [None] * len(source.postings)
        if not self._is_ledger and not has_assignment:
            for at, posting in enumerate(source.postings):
                slots[at] = None if posting.amount is None else [self._booked(posting, posting.amount)]
            self._complete(source, slots)
            for posting, rows in zip(source.postings, slots, strict=True):
                self._run(rows or [])
                if posting.assertion:
                    self._check(posting, posting.assertion)
        else:
            for at, posting in enumerate(source.postings):
                if posting.amount is not None:
                    rows = [self._booked(posting, posting.amount)]
                elif posting.assertion is not None:
                    rows = self._assigned(posting, posting.assertion)
                else:
                    continue
                slots[at] = rows
                self._run(rows)
                if posting.assertion and posting.amount is not None:
                    self._check(posting, posting.assertion)
            left_out = [at for at, rows in enumerate(slots) if rows is None]
            self._complete(source, slots)
            for at in left_out:
                self._run(slots[at] or [])
        booked.postings = [row for rows in slots for row in rows or []]
        if self._is_ledger:
            self._apply_rules(booked, index)
        return booked

    def _booked(self, posting: Posting, amount: Amount) -> Booked:
        row = Booked(
            posting.account, posting.place, posting.virtual, amount.quantity, amount.commodity, posting.comment
        )
        cost = posting.cost
        if cost is None:
            if posting.lot_cost is not None:
                self._journal.notice("lot")
            return row
        if posting.lot_cost is not None:
            self._journal.notice("lot")
            if self._is_ledger:
                cost = posting.lot_cost  # what leaves is weighed at what it had cost; the gain has its own posting
        sign = -1 if amount.quantity < 0 else 1
        row.cost = sign * cost.amount.quantity if cost.is_total else amount.quantity * cost.amount.quantity
        row.cost_commodity = cost.amount.commodity
        return row

    def _complete(self, source: Transaction, slots: list[list[Booked] | None]) -> None:
        """Fill in the amounts left out in each group and demand that the group balances."""
        for virtual in ("", "["):
            at = [index for index, posting in enumerate(source.postings) if posting.virtual == virtual]
            missing = [index for index in at if slots[index] is None]
            if len(missing) > 1:
                place = source.postings[missing[1]].place
                raise place.refuse(message("一笔交易只能省略一个金额；科目和金额之间要有两个空格。"))
            given = [row for index in at for row in slots[index] or []]
            if missing:
                posting = source.postings[missing[0]]
                slots[missing[0]] = _inferred(posting, _weights(given))
            else:
                self._demand_balance(source.place, given)
        for index, posting in enumerate(source.postings):
            if slots[index] is None:
                raise posting.place.refuse(message("圆括号里的虚拟分录要写金额。"))

    def _demand_balance(self, place: Place, rows: Sequence[Booked]) -> None:
        sums = self._imbalance(rows)
        if len(sums) == 2 and not any(row.cost is not None for row in rows):
            _imply_costs(rows, sums)
            sums = self._imbalance(rows)
        if sums:
            difference = ", ".join(amount_text(quantity, commodity) for commodity, quantity in sums.items())
            raise place.refuse(message("交易不平，差 {difference}。", difference=difference))

    def _imbalance(self, rows: Iterable[Booked]) -> Sums:
        """Return the sums that are not zero at the precision of their commodity."""
        return {
            commodity: quantity
            for commodity, quantity in _weights(rows).items()
            if quantity.copy_abs() * 2 >= Decimal(1).scaleb(-self._decimals[commodity])
        }

    def _run(self, rows: Iterable[Booked]) -> None:
        for row in rows:
            _add(self._running.setdefault(row.account, {}), row.commodity, row.quantity)
            if not row.virtual:
                _add(self._running_real.setdefault(row.account, {}), row.commodity, row.quantity)

    def _balance_of(self, posting: Posting, *, is_inclusive: bool) -> Sums:
        balances = self._running_real if self._is_ledger and not posting.virtual else self._running
        if not is_inclusive:
            return balances.get(posting.account, {})
        total: Sums = {}
        for account, sums in balances.items():
            if account == posting.account or account.startswith(posting.account + ":"):
                for commodity, quantity in sums.items():
                    _add(total, commodity, quantity)
        return total

    def _covers_all(self, assertion: Assertion) -> bool:
        """Tell whether an assertion speaks of every commodity: `==`, and a bare `= 0` in Ledger."""
        return assertion.is_total or (self._is_ledger and not assertion.amount.commodity)

    def _assigned(self, posting: Posting, assertion: Assertion) -> list[Booked]:
        now = self._balance_of(posting, is_inclusive=assertion.is_inclusive)
        wanted = assertion.amount
        commodities = list(now) if self._covers_all(assertion) else []
        if wanted.commodity not in commodities:
            commodities.append(wanted.commodity)
        rows = []
        for commodity in commodities:
            target = wanted.quantity if commodity == wanted.commodity else Decimal(0)
            difference = target - now.get(commodity, Decimal(0))
            if difference:
                rows.append(self._booked(posting, Amount(difference, commodity)))
        return rows or [self._booked(posting, Amount(Decimal(0), wanted.commodity))]

    def _check(self, posting: Posting, assertion: Assertion) -> None:
        now = self._balance_of(posting, is_inclusive=assertion.is_inclusive)
        wanted = assertion.amount
        commodities = set(now) if self._covers_all(assertion) else set()
        for commodity in sorted(commodities | {wanted.commodity}):
            expected = wanted.quantity if commodity == wanted.commodity else Decimal(0)
            actual = now.get(commodity, Decimal(0))
            if actual != expected:
                raise assertion.place.refuse(
                    message(
                        "余额断言不成立：科目“{account}”应为 {expected}，实为 {actual}。",
                        account=posting.account,
                        expected=amount_text(expected, commodity),
                        actual=amount_text(actual, commodity),
                    )
                )

    def _apply_rules(self, booked: BookedTransaction, index: int) -> None:
        """Add what Ledger's automated transactions before this one add to each matching posting."""
        written = list(booked.postings)
        added: list[Booked] = []
        for before, rule in self._journal.rules:
            if before > index:
                break
            for row in written:
                if not re.search(rule.pattern, row.account, re.IGNORECASE):
                    continue
                for posting in rule.postings:
                    quantity, commodity = posting.amount.quantity, posting.amount.commodity
                    if not commodity:
                        quantity, commodity = quantity * row.quantity, row.commodity
                    added.append(Booked(posting.account, row.place, posting.virtual, quantity, commodity))
        if added:
            for virtual in ("", "["):
                self._demand_balance(booked.place, [row for row in added if row.virtual == virtual])
            self._run(added)
            booked.postings.extend(added)


def _written_precisions(journal: Journal) -> dict[str, int]:
    """Return the decimals at which sums must be zero: declared ones, else the most that any posting writes."""
    decimals: dict[str, int] = {}
    for transaction in journal.transactions:
        for posting in transaction.postings:
            for amount in (posting.amount, posting.cost.amount if posting.cost else None):
                if amount is not None:
                    known = decimals.get(amount.commodity, 0)
                    decimals[amount.commodity] = max(known, amount.decimals if amount is posting.amount else 0)
            if posting.assertion is not None:
                decimals.setdefault(posting.assertion.amount.commodity, 0)
            if posting.lot_cost is not None:
                decimals.setdefault(posting.lot_cost.amount.commodity, 0)
    for _, rule in journal.rules:
        for addition in rule.postings:
            decimals.setdefault(addition.amount.commodity, 0)
    return decimals | journal.precisions


def _weights(rows: Iterable[Booked]) -> Sums:
    sums: Sums = {}
    for row in rows:
        quantity, commodity = row.weight
        _add(sums, commodity, quantity)
    return {commodity: quantity for commodity, quantity in sums.items() if quantity}


def _add(sums: Sums, commodity: str, quantity: Decimal) -> None:
    sums[commodity] = sums.get(commodity, Decimal(0)) + quantity


def _inferred(posting: Posting, sums: Sums) -> list[Booked]:
    """Return the posting that was left out, once for each commodity; with nothing left to balance it is zero."""
    rest = sums or {"": Decimal(0)}
    return [
        Booked(posting.account, posting.place, posting.virtual, -quantity, commodity, posting.comment, is_inferred=True)
        for commodity, quantity in rest.items()
    ]


def _imply_costs(rows: Sequence[Booked], sums: Sums) -> None:
    """Take the second of exactly two commodities as what the first one cost, as both programs do."""
    first = next(row.commodity for row in rows if row.commodity in sums)
    second = next(commodity for commodity in sums if commodity != first)
    priced = [row for row in rows if row.commodity == first]
    total, quantity = sums[second].copy_abs(), sums[first]
    for row in priced:
        row.cost_commodity = second
        if len(priced) == 1:
            row.cost = total if row.quantity > 0 else -total
        else:
            row.cost = row.quantity * total / quantity.copy_abs()


def amount_text(quantity: Decimal, commodity: str) -> str:
    """Write an amount for a message."""
    text = format(quantity.normalize() if quantity else Decimal(0), "f")
    return f"{text} {commodity}".strip()
