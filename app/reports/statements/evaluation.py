"""Figures of statements: formulas over the balances of one reading, each line worked out once for each basis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from app.kernel.errors import RuleBroken
from app.kernel.text import message
from app.reports.statements.accounts import CATEGORY_MARK, AccountTree, StatementAccount
from app.reports.statements.balances import Balances
from app.reports.statements.basis import Basis
from app.reports.statements.definition import Definition, Row
from app.reports.statements.formula import (
    FUNCTIONS,
    Call,
    Formula,
    LineReference,
    Number,
    Term,
    accounts_of,
    parse_formula,
)
from app.reports.statements.reclassifying import Move

LARGEST = 10**30
"""Minor units that no sum of real amounts comes near; lines that double each other do, and no column holds them."""
DEEPEST = 100
"""So many lines may lead from one to the next; no form comes near."""
Everything = None
"""Where `only` stands for one account of a listed row, this stands for all."""


class ShownRow(NamedTuple):
    """A row as it is shown: one of the definition, or one account of a row that lists accounts."""

    row: Row
    account: StatementAccount | None

    @property
    def names(self) -> tuple[str, str]:
        """Return the Chinese and English name; a listed row may set its account's name into its own."""
        if self.account is None:
            return self.row.name_zh, self.row.name_en
        account = self.account
        english = account.name_en or account.name_zh
        return _filled(self.row.name_zh, account.name_zh), _filled(self.row.name_en, english)


def _filled(pattern: str, name: str) -> str:
    return pattern.replace("{name}", name) if "{name}" in pattern else name


class Evaluation:
    """One reading of a book: the figures of all its statements."""

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        tree: AccountTree,
        layers: tuple[int, ...],
        *,
        vat_reclass: bool,
        moves: Mapping[int, list[Move]],
        digits: int,
    ) -> None:
        """Read nothing yet. `moves` are the reclassifications by month, `digits` those of the base currency."""
        self.definitions = definitions
        self.tree = tree
        self.vat_reclass = vat_reclass
        self.digits = digits
        self._moves = moves
        self._rows = {name: {row.line: row for row in known.rows} for name, known in definitions.items()}
        self._formulas: dict[tuple[str, int], Formula] = {}
        self._values: dict[tuple[str, int, Basis], int] = {}
        self._under_way: set[tuple[str, int, Basis]] = set()
        self.balances = Balances(layers, self._split_ids())

    def _split_ids(self) -> set[int]:
        """Return the leaf accounts that any formula splits by counterparty."""
        found: set[int] = set()
        for definition in self.definitions.values():
            for row in definition.rows:
                for term in parse_formula(row.formula_for(self.vat_reclass)):
                    if isinstance(term.operand, Call) and term.operand.function in {"DRP", "CRP"}:
                        found |= self.tree.ids(term.operand.arguments, exact=row.exact)
        return found

    def row(self, name: str, line: int) -> Row | None:
        """Return the row of a line, if the book has such a statement and line."""
        return self._rows.get(name, {}).get(line)

    def formula(self, row: Row) -> Formula:
        """Return the formula of a row in the book's presentation of VAT."""
        return parse_formula(row.formula_for(self.vat_reclass))

    def value(self, name: str, line: int, basis: Basis) -> int:
        """Return a line's amount in minor units; zero for a line that does not exist.

        Raises `RuleBroken` when the line is defined by itself.
        """
        key = (name, line, basis)
        if key in self._values:
            return self._values[key]
        row = self.row(name, line)
        if row is None:
            return 0
        if key in self._under_way:
            raise RuleBroken("formula_circle", message("报表第 {line} 行的公式绕成了圈，请修改它。", line=line))
        if len(self._under_way) >= DEEPEST:
            raise RuleBroken("formula_deep", message("报表公式一行套一行，超过了 {count} 层，请简化。", count=DEEPEST))
        self._under_way.add(key)
        amount = self.sum(self.formula(row), name, basis, row)
        amount += sum(move.effect for move in self.moves(name, line, basis))
        self._under_way.discard(key)
        if abs(amount) > LARGEST:
            raise RuleBroken("amount_too_large", message("报表第 {line} 行的数太大，请检查公式。", line=line))
        self._values[key] = amount
        return amount

    def shown_value(self, name: str, shown: ShownRow, basis: Basis) -> int:
        """Return the amount of a row as it is shown."""
        if shown.account is None:
            return self.value(name, shown.row.line, basis) if shown.row.line is not None else 0
        only = self.tree.subtree(shown.account)
        return self.sum(self.formula(shown.row), name, basis, shown.row, only)

    def moves(self, name: str, line: int, basis: Basis) -> list[Move]:
        """Return the reclassifications that change a line."""
        if name != "balance-sheet":
            return []
        return [move for move in self._moves.get(basis.reclassified_in, ()) if move.line == line]

    def sum(
        self, formula: Formula, name: str, basis: Basis, row: Row | None, only: frozenset[int] | None = Everything
    ) -> int:
        """Return what a formula comes to; `only` keeps some accounts of those it names."""
        return sum(term.sign * self.term(term, name, basis, row, only) for term in formula)

    def term(
        self, term: Term, name: str, basis: Basis, row: Row | None, only: frozenset[int] | None = Everything
    ) -> int:
        """Return what a term comes to, before its sign."""
        operand = term.operand
        if isinstance(operand, Number):
            return int(Decimal(operand.text).scaleb(self.digits).to_integral_value(ROUND_HALF_UP))
        if isinstance(operand, LineReference):
            return self.value(name, operand.line, basis)
        function = FUNCTIONS[operand.function]
        if function.statement:
            return self.value(function.statement, operand.line, self.basis_of(operand, basis))
        if operand.function == "CF":
            return self.cash_flow(operand.line, basis)
        parts = self.parts(operand, basis, row, only)
        amount = sum(parts.values())
        return max(amount, 0) if operand.function in {"DRX", "CRX"} else amount

    def basis_of(self, call: Call, basis: Basis) -> Basis:
        """Return the basis in which a line of another statement is taken."""
        return basis.year_begin if call.function == "BS_OPEN" else basis

    def cash_flow(self, line: int, basis: Basis) -> int:
        """Return a cash-flow line's amount: positive in the sense of the line."""
        debit, credit = self.balances.cash_flow(basis.first, basis.last).get(line, (0, 0))
        return self.flow_sign(line) * (debit - credit)

    def flow_sign(self, line: int) -> int:
        """Return -1 for lines that count payments."""
        row = self.row("cash-flow", line)
        return -1 if row is not None and row.kind == "outflow" else 1

    def accounts(self, call: Call, row: Row | None) -> frozenset[int]:
        """Return the accounts a function adds up."""
        if call.function == "UNCLOSED":
            return self.tree.profit_and_loss
        if call.function == "OPENCASH":
            return self.tree.cash
        return self.tree.ids(call.arguments, exact=row is None or row.exact)

    def parts(
        self, call: Call, basis: Basis, row: Row | None, only: frozenset[int] | None = Everything
    ) -> dict[int, int]:
        """Return what each account adds to a function over accounts."""
        ids = self.accounts(call, row)
        if only is not None:
            ids &= only
        return _FUNCTIONS[call.function](self.balances, basis, ids)

    def shown_rows(self, definition: Definition) -> Iterator[ShownRow]:
        """Yield the rows to show: a row of kind `each` becomes one for each account that no other row names."""
        named = {
            argument
            for row in definition.rows
            if row.kind != "each"
            for argument in accounts_of(self.formula(row))
            if not argument.startswith(CATEGORY_MARK)
        }
        for row in definition.rows:
            if row.kind != "each":
                yield ShownRow(row, None)
                continue
            for account in self._listed(row):
                if account.code not in named:
                    yield ShownRow(row, account)

    def _listed(self, row: Row) -> list[StatementAccount]:
        found: dict[int, StatementAccount] = {}
        for argument in sorted(accounts_of(self.formula(row))):
            if argument.startswith(CATEGORY_MARK):
                found.update((account.id, account) for account in self.tree.first_level(argument[1:].strip()))
            elif (account := self.tree.by_code.get(argument)) is not None:
                found[account.id] = account
        return sorted(found.values(), key=lambda account: account.code)


def _balance(balances: Balances, basis: Basis, ids: Iterable[int]) -> dict[int, int]:
    at = balances.at(basis.moment)
    return {account_id: at[account_id] for account_id in ids if at.get(account_id)}


def _negative(parts: dict[int, int]) -> dict[int, int]:
    return {account_id: -amount for account_id, amount in parts.items()}


def _split(balances: Balances, basis: Basis, ids: Iterable[int], side: str) -> dict[int, int]:
    split = balances.split_at(basis.moment)
    return {account_id: getattr(split[account_id], side) for account_id in ids if account_id in split}


def _real(balances: Balances, basis: Basis, ids: Iterable[int]) -> dict[int, int]:
    turned = balances.turnover(basis.first, basis.last)
    return {account_id: turned[account_id].real for account_id in ids if account_id in turned}


def _to_date(balances: Balances, basis: Basis, ids: Iterable[int], side: str) -> dict[int, int]:
    turned = balances.turnover(*basis.to_date)
    return {account_id: getattr(turned[account_id], side) for account_id in ids if account_id in turned}


def opening_moment(basis: Basis) -> int:
    """Return the moment at which the span of a column begins: a year's begin, or the end of the month before."""
    return basis.first - 1  # January's is month 0 of its year


_FUNCTIONS: Mapping[str, Callable[[Balances, Basis, frozenset[int]], dict[int, int]]] = {
    "DR": _balance,
    "CR": lambda balances, basis, ids: _negative(_balance(balances, basis, ids)),
    "DRP": lambda balances, basis, ids: _split(balances, basis, ids, "debit"),
    "CRP": lambda balances, basis, ids: _split(balances, basis, ids, "credit"),
    "DRX": _balance,
    "CRX": lambda balances, basis, ids: _negative(_balance(balances, basis, ids)),
    "UNCLOSED": lambda balances, basis, ids: _negative(_balance(balances, basis, ids)),
    "PD": _real,
    "PC": lambda balances, basis, ids: _negative(_real(balances, basis, ids)),
    "TURN_DR": lambda balances, basis, ids: _to_date(balances, basis, ids, "debit"),
    "TURN_CR": lambda balances, basis, ids: _to_date(balances, basis, ids, "credit"),
    "OPENCASH": lambda balances, basis, ids: _balance(balances, basis._replace(moment=opening_moment(basis)), ids),
}
