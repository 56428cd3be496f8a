"""The cash-flow line of each movement of cash, proposed from its counter-accounts; a line somebody typed always wins.

In a voucher that has any line that is not cash, all cash lines carry a line, so that the statement's closing cash is
the balance of the cash accounts whatever happens. Cash to cash carries none (小企业会计准则 art. 82; 会小企03表).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from app.kernel.text import Message, message
from app.ledger.cash_flow_form import (
    OTHER_INFLOW,
    OTHER_OUTFLOW,
    Usual,
    has_cash_flow_statement,
    item_lines,
    usual_lines,
)
from app.ledger.faults import Fault
from app.ledger.service.branches import Branch, read_branches, read_tree
from app.ledger.service.lines import Line
from app.ledger.service.rules import AccountFacts

VAT_RIDERS = frozenset(("222101", "222104", "222105", "222106", "222108"))
"""VAT that is collected and paid with a sale or a purchase: it follows what it came with (财会〔2016〕22号 details)."""


class Counter(NamedTuple):
    """What the rule knows of an account: whether it is cash, whether VAT rides on it, its usual lines."""

    is_cash: bool
    rides: bool
    usual: Usual


class CashFlowRule:
    """Fills in cash-flow lines for vouchers whose accounts it knows."""

    def __init__(self, counters: Mapping[int, Counter]) -> None:
        """Start with what is known of the accounts, by id."""
        self._counters = counters
        self._cash = frozenset(account_id for account_id, known in counters.items() if known.is_cash)
        self._plain: dict[tuple[int, int], int] = {}
        """Answers for vouchers of two lines, by side of the cash and counter-account: most vouchers of an import."""

    @classmethod
    def of_book(cls) -> CashFlowRule | None:
        """Return a rule that knows every account, for imports; `None` where the book has no cash-flow statement."""
        return cls(_counters(read_tree())) if has_cash_flow_statement() else None

    @classmethod
    def of_accounts(cls, account_ids: Iterable[int]) -> CashFlowRule | None:
        """Return a rule for these accounts; `None` where the book has no cash-flow statement."""
        return cls(_counters(read_branches(set(account_ids)))) if has_cash_flow_statement() else None

    def is_cash(self, line: Line) -> bool:
        """Tell whether a line moves cash."""
        return self._counters[line.account_id].is_cash

    def fill(self, lines: list[Line]) -> list[Line]:
        """Return the lines with a cash-flow line on every movement of cash that has none."""
        cash = self._cash
        counters = [line for line in lines if line.account_id not in cash]
        if not counters or len(counters) == len(lines):
            return lines
        if len(lines) == 2:
            return self._fill_pair(lines, counters[0])
        filled = list(lines)
        undecided: list[int] = []
        for place, line in enumerate(lines):
            if line.cash_flow_line is None and self.is_cash(line):
                found = self._by_counters(line, counters)
                if found is None:
                    undecided.append(place)
                else:
                    filled[place] = line._replace(cash_flow_line=found)
        for place in undecided:
            filled[place] = lines[place]._replace(cash_flow_line=self._by_other_cash(lines[place], filled))
        return filled

    def _fill_pair(self, lines: list[Line], counter: Line) -> list[Line]:
        place = 1 if lines[0] is counter else 0
        line = lines[place]
        if line.cash_flow_line is not None:
            return lines
        if line.debit + line.credit > 0 and line.debit == counter.credit and line.credit == counter.debit:
            key = (line.side, counter.account_id)
            found = self._plain.get(key)
            if found is None:
                found = self._plain[key] = _line_for(self._counters[counter.account_id].usual, inflow=line.side > 0)
        else:
            found = self._by_counters(line, [counter]) or self._by_other_cash(line, lines)
        filled = list(lines)
        filled[place] = line._replace(cash_flow_line=found)
        return filled

    def _by_counters(self, line: Line, counters: Sequence[Line]) -> int | None:
        """Return the line by the counter-account with the largest amount against this one, VAT left aside if it can be.

        A red entry that mirrors a blue one (both lines red) counts where the blue one would.
        """
        moved = _moved(line)
        against: dict[int, int] = {}
        red_accounts: set[int] = set()
        for counter in counters:
            amount = counter.debit - counter.credit
            if amount * moved < 0:
                against[counter.account_id] = against.get(counter.account_id, 0) + abs(amount)
                if counter.debit + counter.credit < 0:
                    red_accounts.add(counter.account_id)
        if not against:
            return None
        plain = {key: amount for key, amount in against.items() if not self._counters[key].rides}
        chosen = max(plain or against, key=against.__getitem__)
        mirrors = line.debit + line.credit < 0 and chosen in red_accounts
        return _line_for(self._counters[chosen].usual, inflow=line.side > 0 if mirrors else moved > 0)

    def _by_other_cash(self, line: Line, lines: Sequence[Line]) -> int:
        """Return the line of the largest cash movement the other way, so that what only changed its place nets out."""
        moved = _moved(line)
        others = [
            other
            for other in lines
            if other.cash_flow_line is not None and self.is_cash(other) and _moved(other) * moved < 0
        ]
        if not others:
            return _line_for(Usual(None, None), inflow=moved > 0)
        largest = max(others, key=lambda other: abs(_moved(other)))
        return largest.cash_flow_line or OTHER_INFLOW


def _moved(line: Line) -> int:
    """Return how much a cash line adds to cash; a line without a base amount counts by its side."""
    return line.debit - line.credit or line.side


def _line_for(usual: Usual, *, inflow: bool) -> int:
    if inflow:
        return usual.inflow or OTHER_INFLOW
    return usual.outflow or OTHER_OUTFLOW


def with_cash_flow(lines: list[Line], accounts: Mapping[int, AccountFacts]) -> list[Line]:
    """Return a voucher's lines with the cash-flow lines it lacks; the same list where it lacks none."""
    lacking = any(line.cash_flow_line is None and accounts[line.account_id].is_cash for line in lines)
    if not lacking or all(accounts[line.account_id].is_cash for line in lines):
        return lines
    rule = CashFlowRule.of_accounts({line.account_id for line in lines})
    return rule.fill(lines) if rule else lines


def unwanted_places(lines: Sequence[Line], accounts: Mapping[int, AccountFacts]) -> list[int]:
    """Return the places in `lines` of those that carry a cash-flow line and must not: not cash, or cash to cash."""
    carrying = [place for place, line in enumerate(lines) if line.cash_flow_line is not None]
    if not carrying:
        return []
    moves = any(not accounts[line.account_id].is_cash for line in lines)
    return [place for place in carrying if not (moves and accounts[lines[place].account_id].is_cash)]


def cash_flow_faults(lines: Sequence[Line], accounts: Mapping[int, AccountFacts]) -> list[Fault]:
    """Return why a draft's cash-flow lines keep it from being posted."""
    places = unwanted_places(lines, accounts)
    if not places or not has_cash_flow_statement():
        return []
    faults: list[Fault] = []
    for line in (lines[place] for place in places):
        if accounts[line.account_id].is_cash:
            text = message("第 {line} 行是现金与银行之间的划转，不列现金流量，请清空它的行次。", line=line.line)
            faults.append(Fault("cash_flow_within_cash", text, line.line))
        else:
            text = message("第 {line} 行不是现金或银行存款科目，请清空它的现金流量行次。", line=line.line)
            faults.append(Fault("cash_flow_not_cash", text, line.line))
    return faults


def wrong_item_line(number: int | None) -> Message | None:
    """Return the sentence for a number that is no item line of the statement; `None` where it may stand."""
    if number is None or number in item_lines():
        return None
    return message("现金流量表没有第 {line} 行这个项目，可填 1–6、8–12、14–18。", line=number)


def _counters(tree: Mapping[int, Branch]) -> dict[int, Counter]:
    """Return what the rule knows of each account: the nearest one above it that the data names decides."""
    usual = usual_lines()
    found: dict[int, Counter] = {}
    for account_id, branch in tree.items():
        near: Usual | None = None
        rides = False
        above: int | None = account_id
        while above is not None:
            near = near or usual.get(tree[above].code)
            rides = rides or tree[above].code in VAT_RIDERS
            above = tree[above].parent_id
        found[account_id] = Counter(branch.is_cash, rides, near or Usual(None, None))
    return found
