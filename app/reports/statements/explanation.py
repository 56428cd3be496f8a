"""What a figure is made of: the terms of its formula, and the accounts and counterparties behind each of them."""

from __future__ import annotations

from app.contract.statements import CellExplanation, FormulaTerm, TermAccount
from app.identity.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.money import format_amount
from app.kernel.period import format_period, year_of
from app.kernel.text import message, spoken_language
from app.reports.statements.basis import Column, column_called
from app.reports.statements.evaluation import Evaluation, ShownRow, opening_moment
from app.reports.statements.formula import FUNCTIONS, Call, LineReference, Term
from app.reports.statements.parties import PartyKey, party_texts
from app.reports.statements.reading import Reading, StatementRequest, read_statement
from app.storage.database import read_snapshot

MOST_ACCOUNTS = 500
_OF_SPAN = frozenset({"PD", "PC"})
_TO_DATE = frozenset({"TURN_DR", "TURN_CR"})


def explain_cell(
    actor: Actor, name: str, line: int, column: str, request: StatementRequest, *, code: str = ""
) -> CellExplanation:
    """Return what the figure of a line and column is made of; the signed terms add up to it.

    `code` names one account of a row that lists accounts. Needs `reports:statement:view`; raises `NotFound` for a line
    or column the statement does not have.
    """
    actor.require("reports:statement:view")
    with read_snapshot():
        reading = read_statement(name, request)
        chosen = column_called(reading.columns, column)
        shown = _shown(reading, line, code)
        evaluation = reading.evaluation
        formula = evaluation.formula(shown.row)
        teller = _Teller(reading, shown, chosen)
        terms = [teller.term(term) for term in formula]
        if shown.account is None:
            terms += teller.moves()
        amount = evaluation.shown_value(name, shown, chosen.basis)
        name_zh, name_en = shown.names
        return CellExplanation(
            name=name,
            line=line,
            column=column,
            row_zh=name_zh,
            row_en=name_en or name_zh,
            amount=format_amount(amount, evaluation.digits),
            formula=shown.row.formula_for(evaluation.vat_reclass),
            from_period=format_period(chosen.basis.first),
            to_period=format_period(chosen.basis.last),
            terms=terms,
        )


def _shown(reading: Reading, line: int, code: str) -> ShownRow:
    found = [row for row in reading.evaluation.shown_rows(reading.definition) if row.row.line == line]
    if code:
        found = [row for row in found if row.account is not None and row.account.code == code] or [
            row for row in found if row.account is None
        ]
    elif found and found[0].account is not None:
        found = [ShownRow(found[0].row, None)]
    if not found:
        raise NotFound("line_unknown", message("报表没有行次 {line}。", line=line))
    return found[0]


class _Teller:
    """Tells the terms of one figure."""

    def __init__(self, reading: Reading, shown: ShownRow, column: Column) -> None:
        self._reading = reading
        self._evaluation: Evaluation = reading.evaluation
        self._shown = shown
        self._column = column
        self._basis = column.basis
        self._only = None if shown.account is None else reading.evaluation.tree.subtree(shown.account)

    def term(self, term: Term) -> FormulaTerm:
        """Return one term of the formula with what it adds up."""
        operand = term.operand
        amount = self._evaluation.term(term, self._reading.definition.name, self._basis, self._shown.row, self._only)
        if isinstance(operand, LineReference):
            return self._told(
                term,
                amount,
                line=operand.line,
                column=self._column.key,
                note=self._line_name(self._reading.definition.name, operand.line),
            )
        if not isinstance(operand, Call):
            return self._told(term, amount)
        function = FUNCTIONS[operand.function]
        if function.statement:
            return self._told(
                term,
                amount,
                line=operand.line,
                statement=function.statement,
                column=self._other_column(operand, function.statement),
                note=str(function.meaning),
            )
        if operand.function == "CF":
            return self._told(
                term, amount, cash_flow_line=operand.line, note=self._line_name("cash-flow", operand.line)
            )
        accounts = [] if operand.function in {"DRX", "CRX"} and not amount else self._accounts(operand)
        return self._told(term, amount, accounts=accounts, note=str(function.meaning))

    def moves(self) -> list[FormulaTerm]:
        """Return the reclassifications by hand as terms."""
        row = self._shown.row
        if row.line is None:
            return []
        moves = self._evaluation.moves(self._reading.definition.name, row.line, self._basis)
        return [
            FormulaTerm(
                text=str(message("重分类：{reason}", reason=move.reason)),
                sign=1 if move.effect >= 0 else -1,
                amount=self._money(abs(move.effect)),
                line=move.other_line,
                column=self._column.key,
                accounts=[],
            )
            for move in moves
        ]

    def _told(
        self,
        term: Term,
        amount: int,
        *,
        line: int | None = None,
        statement: str = "",
        column: str = "",
        cash_flow_line: int | None = None,
        accounts: list[tuple[str, str, str, int, tuple[str, str]]] | None = None,
        note: str = "",
    ) -> FormulaTerm:
        listed = sorted(accounts or [], key=lambda account: (-abs(account[3]), account[0], account[2]))
        shown, rest = listed[:MOST_ACCOUNTS], listed[MOST_ACCOUNTS:]
        return FormulaTerm(
            text=term.text,
            sign=term.sign,
            amount=self._money(amount),
            line=line,
            statement=statement,
            column=column,
            cash_flow_line=cash_flow_line,
            accounts=[
                TermAccount(
                    account_code=code,
                    account_name=name,
                    aux=aux,
                    amount=self._money(value),
                    from_period=months[0],
                    to_period=months[1],
                )
                for code, name, aux, value, months in shown
            ],
            more_accounts=len(rest),
            more_amount=self._money(sum(account[3] for account in rest)),
            note=note,
        )

    def _accounts(self, call: Call) -> list[tuple[str, str, str, int, tuple[str, str]]]:
        months = self._months(call)
        if call.function in {"DRP", "CRP"}:
            return self._counterparties(call, months)
        parts = self._evaluation.parts(call, self._basis, self._shown.row, self._only)
        tree = self._evaluation.tree
        return [
            (tree.by_id[account_id].code, self._name(account_id), "", amount, months)
            for account_id, amount in parts.items()
            if amount
        ]

    def _counterparties(self, call: Call, months: tuple[str, str]) -> list[tuple[str, str, str, int, tuple[str, str]]]:
        sign = 1 if call.function == "DRP" else -1
        ids = self._evaluation.accounts(call, self._shown.row)
        if self._only is not None:
            ids &= self._only
        groups = self._evaluation.balances.groups_at(self._basis.moment, ids)
        found: list[tuple[int, PartyKey, int]] = [
            (account_id, party, sign * value)
            for account_id in ids
            for party, value in groups.get(account_id, {}).items()
            if sign * value > 0
        ]
        found.sort(key=lambda part: -part[2])
        texts = party_texts(party for _, party, _ in found[:MOST_ACCOUNTS])
        tree = self._evaluation.tree
        return [
            (tree.by_id[account_id].code, self._name(account_id), texts.get(party, ""), value, months)
            for account_id, party, value in found
        ]

    def _months(self, call: Call) -> tuple[str, str]:
        """Return the months of the subsidiary ledgers that show how an amount came about."""
        basis = self._basis
        if call.function in _OF_SPAN:
            return format_period(basis.first), format_period(basis.last)
        if call.function in _TO_DATE:
            return format_period(basis.to_date[0]), format_period(basis.last)
        moment = opening_moment(basis) if call.function == "OPENCASH" else basis.moment
        if moment % 100 == 0:  # a year's begin: the ledger that opens with it
            return format_period(moment + 1), format_period(max(moment + 1, self._reading.start))
        return format_period(year_of(moment) * 100 + 1), format_period(moment)

    def _name(self, account_id: int) -> str:
        account = self._evaluation.tree.by_id[account_id]
        return account.name_en if spoken_language() != "zh" and account.name_en else account.name_zh

    def _line_name(self, statement: str, line: int) -> str:
        row = self._evaluation.row(statement, line)
        if row is None:
            return ""
        return row.name_zh if spoken_language() == "zh" else row.name_en or row.name_zh

    def _other_column(self, call: Call, statement: str) -> str:
        """Return the column of another statement in which its line stands with the amount of the term."""
        if call.function == "BS_OPEN":
            return "year_begin"
        definition = self._evaluation.definitions.get(statement)
        layout = definition.layout if definition else "period"
        if layout == "balance":
            return "closing" if self._basis.moment % 100 else "year_begin"
        if layout == "year":
            return "current_year"
        return "month" if self._column.base == "month" else "ytd"

    def _money(self, amount: int) -> str:
        return format_amount(amount, self._evaluation.digits)
