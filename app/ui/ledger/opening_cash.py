"""Cash flow of the months before a book's start, line by line of the official form (会小企03表); no Qt."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from app.contract.ledger import CashFlowOpening
from app.kernel.errors import MalformedInput
from app.kernel.money import parse_amount
from app.kernel.text import Message, clean_text
from app.resources import resource_path
from app.ui.ledger.amounts import display_amount, read_amount, wire_amount
from app.ui.ledger.opening_line import plain_figure

PARTS_OF_TOTALS = {7: range(1, 7), 13: range(8, 13), 19: range(14, 19), 20: range(1, 19)}
OPENING_CASH, CLOSING_CASH = 21, 22


@dataclass(frozen=True)
class FormLine:
    """A line of the printed form; headings have no number."""

    number: int | None
    kind: str
    name_zh: str
    name_en: str

    @property
    def is_entered(self) -> bool:
        """True for lines that count receipts or payments; the others follow from them."""
        return self.kind in ("inflow", "outflow")


@cache
def form_lines() -> Sequence[FormLine]:
    """Return the lines of the form as it is printed."""
    with resource_path("charts", "small_enterprise_cash_flow.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            FormLine(int(row["line"]) if row["line"] else None, row["kind"], row["name_zh"], row["name_en"])
            for row in csv.DictReader(file)
        )


class CashFlowSheet:
    """Year-to-date amounts by line, in minor units, and what follows from them."""

    def __init__(self, flows: Iterable[CashFlowOpening], digits: int) -> None:
        """Start with what the server holds."""
        self.digits = digits
        self.amounts: dict[int, int] = {
            flow.cash_flow_line: parse_amount(flow.ytd_amount or "0", digits) for flow in flows
        }
        self.unread: dict[int, tuple[str, Message]] = {}

    def type(self, number: int, text: str) -> Message | None:
        """Put what was typed into a line; what cannot be read stays, and the sentence says why."""
        self.unread.pop(number, None)
        try:
            self.amounts[number] = read_amount(plain_figure(clean_text(text)), self.digits)
        except MalformedInput as refusal:
            self.unread[number] = (text, refusal.message)
            return refusal.message
        return None

    def typed(self, number: int) -> str:
        """Return what an editor starts with."""
        return self.unread[number][0] if number in self.unread else wire_amount(self.amount(number, 0), self.digits)

    def shown(self, number: int, opening_cash: int) -> str:
        """Return what a line shows; totals and the cash balances follow."""
        if number in self.unread:
            return self.unread[number][0]
        return display_amount(self.amount(number, opening_cash), self.digits)

    def amount(self, number: int, opening_cash: int) -> int:
        """Return a line's amount; `opening_cash` is the cash at the year's begin."""
        if number == OPENING_CASH:
            return opening_cash
        if number == CLOSING_CASH:
            return opening_cash + self.net()
        if number not in PARTS_OF_TOTALS:
            return self.amounts.get(number, 0)
        signs = {line.number: 1 if line.kind == "inflow" else -1 for line in form_lines() if line.is_entered}
        return sum(signs[part] * self.amounts.get(part, 0) for part in PARTS_OF_TOTALS[number] if part in signs)

    def net(self) -> int:
        """Return the increase of cash (line 20)."""
        return self.amount(20, 0)

    @property
    def empty(self) -> bool:
        """True when no line has an amount."""
        return not any(self.amounts.values()) and not self.unread

    def to_input(self) -> list[CashFlowOpening]:
        """Return the lines that go to the server."""
        return [
            CashFlowOpening(cash_flow_line=number, ytd_amount=wire_amount(amount, self.digits))
            for number, amount in sorted(self.amounts.items())
            if amount
        ]

    def content(self) -> str:
        """Return all that was typed, to tell whether something changed."""
        return str(sorted((number, amount) for number, amount in self.amounts.items() if amount)) + str(self.unread)
