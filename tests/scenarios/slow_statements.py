"""The statements worked out the slow way: the formulas of resources/charts over openings and entries, nothing kept."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from app.kernel.money import format_amount
from app.resources import resource_path
from app.storage.database import fetch_all
from tests.scenarios.worked import COLUMNS, Lines

FORMS = {
    "balance-sheet": "small_enterprise_balance_sheet",
    "income-statement": "small_enterprise_income_statement",
    "cash-flow": "small_enterprise_cash_flow",
    "profit-appropriation": "small_enterprise_profit_appropriation",
}
TERM = re.compile(r"([+-]?)(R\d+|\d+|[A-Z_]+\([^)]*\))")
PROFIT_AND_LOSS = "5"
"""First digit of the profit-and-loss accounts of 小企业会计准则."""


@cache
def form(name: str) -> dict[int, dict[str, str]]:
    """Return the lines of a form by number."""
    with resource_path("charts", f"{FORMS[name]}.csv").open(encoding="utf-8", newline="") as file:
        return {int(row["line"]): row for row in csv.DictReader(file) if row["line"]}


@dataclass(frozen=True)
class Movement:
    """Something that moved an account: an entry, or the openings' two sides before the book's start."""

    period: int
    code: str
    party: str
    debit: int
    credit: int
    closing: bool = False
    real: int | None = None
    flow: int | None = None


@dataclass
class Facts:
    """Everything the statements of one book are made of."""

    start: int
    movements: list[Movement] = field(default_factory=list)
    begin: list[tuple[str, str, int]] = field(default_factory=list)
    flows: dict[int, int] = field(default_factory=dict)


def read_facts(start: int, *, unposted: bool) -> Facts:
    """Read the current book's openings and entries."""
    facts = Facts(start)
    rows = fetch_all(
        "SELECT a.code, s.signature, o.year_begin_debit - o.year_begin_credit, o.ytd_debit, o.ytd_credit,"
        " o.ytd_pl_actual, a.normal_side FROM {opening} o JOIN {account} a ON a.id = o.account_id"
        " JOIN {auxiliary_set} s ON s.id = o.auxiliary_set_id"
    )
    for code, party, begin, debit, credit, actual, side in rows:
        facts.begin.append((code, party, begin))
        real = actual or (credit - debit if side == "credit" else debit - credit)
        signed = real if side == "credit" else -real
        facts.movements.append(Movement(start - 1, code, party, debit, credit, real=signed))
    facts.flows = {row[0]: row[1] for row in fetch_all("SELECT cash_flow_line, ytd_amount FROM {opening_cash_flow}")}
    wanted = ("posted", "draft", "reviewed") if unposted else ("posted",) * 3
    rows = fetch_all(
        "SELECT v.period, a.code, s.signature, e.debit, e.credit, v.kind, e.cash_flow_line FROM {entry} e"
        " JOIN {voucher} v ON v.id = e.voucher_id JOIN {account} a ON a.id = e.account_id"
        " JOIN {auxiliary_set} s ON s.id = e.auxiliary_set_id WHERE v.faults = '' AND v.state IN (?, ?, ?)",
        wanted,
    )
    for period, code, party, debit, credit, kind, flow in rows:
        facts.movements.append(Movement(period, code, party, debit, credit, kind == "close_pl", flow=flow))
    return facts


class SlowStatements:
    """All four statements at the end of one month."""

    def __init__(self, facts: Facts, period: int) -> None:
        self.facts = facts
        self.period = period
        self.january = period // 100 * 100 + 1
        self.known: dict[tuple[str, int, str], int] = {}
        self.known_balances: dict[int, dict[tuple[str, str], int]] = {}

    def lines(self) -> dict[str, Lines]:
        """Return every line of the four statements as texts."""
        return {
            name: {
                str(number): tuple(format_amount(self.line(name, number, column), 2) for column in columns)
                for number in form(name)
            }
            for name, columns in COLUMNS.items()
        }

    def line(self, name: str, number: int, column: str) -> int:
        """Return one figure."""
        key = name, number, column
        if key not in self.known:
            self.known[key] = sum(
                (-1 if sign == "-" else 1) * self.term(name, number, term, column)
                for sign, term in TERM.findall(form(name)[number]["formula"])
            )
        return self.known[key]

    def term(self, name: str, number: int, term: str, column: str) -> int:
        """Return one term of a formula."""
        function, _, inside = term.rstrip(")").partition("(")
        codes = tuple(inside.split(";"))
        first = self.period if column == "month" else self.january
        if not inside and function[0] == "R":
            return self.line(name, int(function[1:]), column)
        if function in {"DR", "CR", "DRP", "CRP", "UNCLOSED"}:
            return self.balance(function, codes, at_begin=column == "year_begin")
        if function in {"PD", "PC"}:
            amount = sum(self.profit(one) for one in self.span(first) if one.code.startswith(codes))
            return amount if function == "PC" else -amount
        if function in {"TURN_DR", "TURN_CR"}:
            turned = [one for one in self.span(self.january) if one.code.startswith(codes)]
            return sum(one.debit if function == "TURN_DR" else one.credit for one in turned)
        other = {
            "CF": lambda: self.flow(int(inside), first, outflow=form(name)[number]["kind"] == "outflow"),
            "OPENCASH": lambda: self.cash_before(first),
            "IS": lambda: self.line("income-statement", int(inside), "ytd"),
            "BS_OPEN": lambda: self.line("balance-sheet", int(inside), "year_begin"),
        }
        return other[function]() if function in other else int(function) * 100

    def span(self, first: int) -> Iterable[Movement]:
        """Yield what moved from a month on; the openings' sides to date count in the start year, in no month."""
        for one in self.facts.movements:
            if first <= one.period <= self.period and (one.real is None or first == self.january):
                yield one

    def profit(self, one: Movement) -> int:
        """Return what a movement adds to the profit; closing vouchers add nothing."""
        return one.real if one.real is not None else 0 if one.closing else one.credit - one.debit

    def balances(self, before: int) -> dict[tuple[str, str], int]:
        """Return the balances by account and counterparty of all that moved before a month."""
        if before in self.known_balances:
            return self.known_balances[before]
        found = self.known_balances[before] = defaultdict(int)
        for code, party, begin in self.facts.begin:
            found[code, party] += begin
        for one in self.facts.movements:
            if one.period < before:
                found[one.code, one.party] += one.debit - one.credit
        return found

    def balance(self, function: str, codes: tuple[str, ...], *, at_begin: bool) -> int:
        """Return what a balance function adds up to at the year's begin or the month's end."""
        groups = self.balances(self.january if at_begin else self.period + 1)
        if function == "UNCLOSED":
            return -sum(amount for (code, _), amount in groups.items() if code.startswith(PROFIT_AND_LOSS))
        parts = [amount for (code, _), amount in groups.items() if code.startswith(codes)]
        sign = 1 if function.startswith("DR") else -1
        return sum(sign * part for part in parts if not function.endswith("P") or sign * part > 0)

    def flow(self, number: int, first: int, *, outflow: bool) -> int:
        """Return what a cash-flow line adds up to from a month on."""
        moved = sum(one.debit - one.credit for one in self.span(first) if one.flow == number)
        elapsed = self.facts.flows.get(number, 0) if first == self.january and self.in_start_year else 0
        return elapsed + (-moved if outflow else moved)

    @property
    def in_start_year(self) -> bool:
        """Tell whether the elapsed months of the openings belong to this year."""
        return self.period // 100 == self.facts.start // 100

    def cash_before(self, month: int) -> int:
        """Return the cash at the begin of a month."""
        return sum(
            amount for (code, _), amount in self.balances(month).items() if code.startswith(("1001", "1002", "1012"))
        )
