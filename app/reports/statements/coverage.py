"""Does a form show every account once? Worked out from its formulas: what the grand totals add of each account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.contract.statements import StatementCheck
from app.kernel.money import format_amount
from app.kernel.text import message, spoken_language
from app.reports.statements.accounts import StatementAccount
from app.reports.statements.basis import Column
from app.reports.statements.definition import Row, book_chart
from app.reports.statements.evaluation import Evaluation
from app.reports.statements.formula import FUNCTIONS, Call, LineReference, Term
from app.reports.statements.reading import Reading

MOST_NAMED = 8
OUTSIDE_PROFIT = {"asbe_2006_2019": ("6901",)}
"""Accounts that are carried forward past the income statement (以前年度损益调整 goes to 利润分配)."""
_DEBIT_SENSE = {"DR": (1, 1), "DRP": (1, 0), "DRX": (1, 0), "CR": (-1, -1), "CRP": (0, -1), "CRX": (0, -1)}
_REAL_SENSE = {"PD": (1, 1), "PC": (-1, -1)}


class Share(NamedTuple):
    """How often totals add an account's debit balance, and its credit balance."""

    debit: int
    credit: int


_Shares = dict[int, Share]


def coverage_checks(reading: Reading) -> Iterator[StatementCheck]:
    """Yield which accounts with an amount no line counts, and which are counted more than once, by column.

    For the balance sheet and income statement of a standard; a statement of the book's own shows what it likes.
    """
    definition = reading.definition
    if definition.origin == "own" or definition.name not in {"balance-sheet", "income-statement"}:
        return
    profit = definition.name == "income-statement"
    shares = _profit_shares(reading) if profit else _balance_shares(reading)
    tree = reading.evaluation.tree
    wanted = tree.profit_and_loss if profit else {account.id for account in tree.accounts} - tree.profit_and_loss
    if profit:
        wanted -= _outside_profit(reading)
    for column in reading.columns:
        amounts = _amounts(reading.evaluation, column, profit)
        missing: list[int] = []
        wrong: list[int] = []
        for account_id in wanted:
            amount = amounts.get(account_id, 0)
            share = shares.get(account_id, Share(0, 0))
            times = share.debit if amount > 0 else share.credit
            if amount and times != 1:
                (wrong if times else missing).append(account_id)
        yield _check(reading, column, "accounts-uncovered", missing, amounts)
        yield _check(reading, column, "accounts-doubled", wrong, amounts)


def _balance_shares(reading: Reading) -> _Shares:
    """Return what assets less liabilities and equity add of each account, debit positive."""
    shares: _Shares = {}
    for side, sign in (("asset", 1), ("liability", -1)):
        total = _last_total(row for row in reading.definition.rows if row.side == side)
        if total is not None:
            _add(shares, _Expansion(reading, _DEBIT_SENSE).of(total), sign)
    return shares


def _profit_shares(reading: Reading) -> _Shares:
    total = _last_total(reading.definition.rows)
    shares: _Shares = {}
    if total is not None:
        _add(shares, _Expansion(reading, _REAL_SENSE).of(total), -1)
    return shares


def _last_total(rows: Iterable[Row]) -> Row | None:
    totals = [row for row in rows if row.kind == "total"]
    return totals[-1] if totals else None


def _add(shares: _Shares, other: _Shares, sign: int) -> None:
    for account_id, share in other.items():
        before = shares.get(account_id, Share(0, 0))
        shares[account_id] = Share(before.debit + sign * share.debit, before.credit + sign * share.credit)


class _Expansion:
    """Follows a line's formula down to accounts."""

    def __init__(self, reading: Reading, senses: dict[str, tuple[int, int]]) -> None:
        self._reading = reading
        self._senses = senses
        self._done: dict[int | None, _Shares] = {}

    def of(self, row: Row) -> _Shares:
        if row.line in self._done:
            return self._done[row.line]
        self._done[row.line] = {}  # a circle adds nothing here; evaluating it is refused
        shares: _Shares = {}
        for term in self._reading.evaluation.formula(row):
            _add(shares, self._term(term, row), term.sign)
        self._done[row.line] = shares
        return shares

    def _term(self, term: Term, row: Row) -> _Shares:
        operand = term.operand
        evaluation = self._reading.evaluation
        if isinstance(operand, LineReference):
            other = evaluation.row(self._reading.definition.name, operand.line)
            return {} if other is None else self.of(other)
        if not isinstance(operand, Call) or FUNCTIONS[operand.function].arguments != "accounts":
            return {}
        share = Share(*self._senses.get(operand.function, (0, 0)))
        return dict.fromkeys(evaluation.accounts(operand, row), share)


def _outside_profit(reading: Reading) -> set[int]:
    tree = reading.evaluation.tree
    outside: set[int] = set()
    for code in OUTSIDE_PROFIT.get(book_chart(), ()):
        if code in tree.by_code:
            outside |= tree.subtree(tree.by_code[code])
    return outside


def _amounts(evaluation: Evaluation, column: Column, profit: bool) -> dict[int, int]:
    if not profit:
        return evaluation.balances.at(column.basis.moment)
    turned = evaluation.balances.turnover(column.basis.first, column.basis.last)
    return {account_id: turnover.real for account_id, turnover in turned.items()}


def _check(
    reading: Reading, column: Column, code: str, account_ids: Iterable[int], amounts: dict[int, int]
) -> StatementCheck:
    evaluation = reading.evaluation
    accounts = sorted((evaluation.tree.by_id[account_id] for account_id in account_ids), key=lambda a: a.code)
    total = sum(amounts[account.id] for account in accounts)
    title, names = column.title, _listed(accounts)
    if code == "accounts-uncovered":
        text = (
            message("{column}：有金额的科目没有列入任何一行：{accounts}，请修改公式。", column=title, accounts=names)
            if accounts
            else message("{column}：有金额的科目都已列入报表。", column=title)
        )
    else:
        text = (
            message("{column}：科目重复列入或列错了方向：{accounts}，请修改公式。", column=title, accounts=names)
            if accounts
            else message("{column}：没有科目重复列入。", column=title)
        )
    shown = format_amount(total, evaluation.digits)
    return StatementCheck(
        code=code,
        ok=not accounts,
        severity="error",
        message=str(text),
        lines=[],
        column=column.key,
        left=shown,
        right=format_amount(0, evaluation.digits),
        difference=shown,
    )


def _listed(accounts: list[StatementAccount]) -> str:
    english = spoken_language() != "zh"
    names = [
        f"{account.code} {account.name_en if english and account.name_en else account.name_zh}"
        for account in accounts[:MOST_NAMED]
    ]
    more = len(accounts) - len(names)
    return (", " if english else "、").join(names) + (f" … +{more}" if more else "")
