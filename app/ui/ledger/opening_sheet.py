"""Opening balances being typed: one row per leaf account, auxiliary and currency, and the three trial balances; no Qt.

A book that starts in January has openings only. One that starts later also has the turnover of the months before, and
the year's begin (`app.ui.ledger.opening_line` says which figure follows from which).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.contract.ledger import Account, Opening, OpeningRow
from app.kernel.errors import MalformedInput
from app.kernel.money import format_amount, group_thousands, parse_amount
from app.kernel.text import Message, clean_text
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.amounts import display_amount, wire_amount
from app.ui.ledger.opening_cash import CashFlowSheet
from app.ui.ledger.opening_line import AMOUNTS, MID_YEAR_COLUMNS, TEXTS, OpeningColumn, OpeningLine

FIELDS: Mapping[str, OpeningColumn] = {
    **{name: column for column, name in {**AMOUNTS, **TEXTS}.items()},
    "account_code": OpeningColumn.CODE,
    "aux": OpeningColumn.AUXILIARY,
    "currency": OpeningColumn.CURRENCY,
}
MOST_UNDO = 60


@dataclass(frozen=True)
class Control:
    """What a pasted table said an account comes to, beside the rows it consists of; signed, debit positive."""

    code: str
    column: OpeningColumn
    amount: int


class OpeningSheet:
    """All opening balances on the desk."""

    def __init__(self, accounts: AccountIndex, opening: Opening, *, digits: int, mid_year: bool) -> None:
        """Give every active leaf a row, and one for each balance that was entered."""
        self.accounts = accounts
        self.stored = opening
        self.digits = digits
        self.mid_year = mid_year
        self.frozen = opening.frozen
        self.cash = CashFlowSheet(opening.cash_flow, digits)
        self.controls: list[Control] = []
        self._undo: list[tuple[list[OpeningLine], list[Control], dict[int, int]]] = []
        entered: dict[str, list[OpeningRow]] = {}
        for row in opening.rows:
            entered.setdefault(row.account_code, []).append(row)
        self.lines: list[OpeningLine] = []
        for account in accounts.accounts:
            rows = entered.get(account.code, [])
            self.lines += [self._line(account, row) for row in rows]
            if not rows and account.is_leaf and account.active:
                self.lines.append(OpeningLine(account, currency=account.currency or ""))
        self._clean = self.content()

    def _line(self, account: Account, row: OpeningRow) -> OpeningLine:
        return OpeningLine(
            account,
            aux=row.aux,
            currency=row.currency,
            amounts={column: parse_amount(getattr(row, name) or "0", self.digits) for column, name in AMOUNTS.items()},
            texts={column: getattr(row, name) for column, name in TEXTS.items()},
        )

    # --- cells -------------------------------------------------------------------------------------------------------

    def shown(self, row: int, column: OpeningColumn, name_of: Callable[[Account], str]) -> str:
        """Return what a cell shows."""
        line = self.lines[row]
        if column in line.unread:
            return line.unread[column][0]
        if column is OpeningColumn.NAME:
            return name_of(line.account)
        if column in AMOUNTS:
            return display_amount(line.amount(column), self.digits)
        if column in TEXTS:
            text = line.texts.get(column, "")
            return group_thousands(text) if text else ""
        return self.typed(row, column)

    def typed(self, row: int, column: OpeningColumn) -> str:
        """Return what an editor starts with."""
        return self.lines[row].typed(column, self.digits)

    def may_type(self, row: int, column: OpeningColumn) -> bool:
        """Tell whether a cell is for typing."""
        return not self.frozen and self.lines[row].may_type(column)

    def wants(self, column: OpeningColumn) -> bool:
        """Tell whether any row has use for a column."""
        if column in (OpeningColumn.CODE, OpeningColumn.NAME):
            return False  # the rows' headings say it
        if column in MID_YEAR_COLUMNS and not self.mid_year:
            return False
        if column is OpeningColumn.CURRENCY:
            return any(line.currency for line in self.lines)
        if column in TEXTS or column is OpeningColumn.AUXILIARY:
            return any(line.may_type(column) for line in self.lines)
        return True

    def type(self, row: int, column: OpeningColumn, text: str) -> Message | None:
        """Put what was typed into a cell; what cannot be read stays, and the sentence says why."""
        self.remember()
        return self.put(self.lines[row], column, text)

    def put(self, line: OpeningLine, column: OpeningColumn, text: str) -> Message | None:
        """Put a text into a cell of a row, without remembering the state before."""
        line.unread.pop(column, None)
        try:
            line.put(column, clean_text(text), self.digits)
        except MalformedInput as refusal:
            line.unread[column] = (text, refusal.message)
            return refusal.message
        return None

    def add_line(self, row: int) -> int:
        """Put another row of the same account below one, for another auxiliary; return its place."""
        self.remember()
        account = self.lines[row].account
        self.lines.insert(row + 1, OpeningLine(account, currency=self.lines[row].currency))
        return row + 1

    def clear_line(self, row: int) -> bool:
        """Empty a row; take it out when the account has another one. Return whether it was taken out."""
        self.remember()
        line = self.lines[row]
        others = sum(other.account.code == line.account.code for other in self.lines)
        if others > 1:
            del self.lines[row]
            return True
        self.lines[row] = OpeningLine(line.account, currency=line.account.currency or "")
        return False

    def fill_profit_to_date(self) -> int:
        """Give profit-and-loss rows without a real profit to date their turnover on the normal side; return how many.

        That is right where corrections stood in red on the same side, as they must.
        """
        self.remember()
        filled = 0
        for line in self.lines:
            side = OpeningColumn.YTD_CREDIT if line.account.normal_side == "credit" else OpeningColumn.YTD_DEBIT
            if line.is_profit_and_loss and line.amount(side) and not line.amount(OpeningColumn.PROFIT_TO_DATE):
                line.amounts[OpeningColumn.PROFIT_TO_DATE] = line.amount(side)
                filled += 1
        return filled

    # --- taking back -------------------------------------------------------------------------------------------------

    def remember(self) -> None:
        """Keep what stands now, so that `undo` can bring it back."""
        state = ([line.copied() for line in self.lines], list(self.controls), dict(self.cash.amounts))
        self._undo = [*self._undo[-MOST_UNDO + 1 :], state]

    def undo(self) -> bool:
        """Take the last change back; return whether there was one."""
        if not self._undo:
            return False
        self.lines, self.controls, self.cash.amounts = self._undo.pop()
        self.cash.unread.clear()
        return True

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._undo)

    # --- sums --------------------------------------------------------------------------------------------------------

    def totals(self) -> dict[OpeningColumn, int]:
        """Return the sums of the amount columns."""
        sums = dict.fromkeys(AMOUNTS, 0)
        for line in self.lines:
            for column, amount in line.amounts.items():
                sums[column] += amount
        return sums

    def checks(self) -> list[tuple[str, int]]:
        """Return the trial balances, debit minus credit: year-begin and turnover only in a book begun mid-year."""
        sums = self.totals()
        opening = sums[OpeningColumn.OPENING_DEBIT] - sums[OpeningColumn.OPENING_CREDIT]
        if not self.mid_year:
            return [("opening", opening)]
        return [
            ("year_begin", sums[OpeningColumn.YEAR_BEGIN_DEBIT] - sums[OpeningColumn.YEAR_BEGIN_CREDIT]),
            ("ytd", sums[OpeningColumn.YTD_DEBIT] - sums[OpeningColumn.YTD_CREDIT]),
            ("opening", opening),
        ]

    # --- to the server -----------------------------------------------------------------------------------------------

    def unread_cells(self) -> list[tuple[int, OpeningColumn, Message]]:
        """Return the cells whose text could not be read."""
        return [
            (row, column, reason)
            for row, line in enumerate(self.lines)
            for column, (_, reason) in sorted(line.unread.items())
        ]

    def used(self) -> list[int]:
        """Return the rows that are sent: row `n` on the wire is line `used()[n]`."""
        return [row for row, line in enumerate(self.lines) if not line.empty]

    def to_input(self) -> Opening:
        """Return what goes to the server."""
        flows = self.cash.to_input() if self.mid_year else []
        rows = [self._row(self.lines[row]) for row in self.used()]
        return Opening(rows=rows, cash_flow=flows, version=self.stored.version)

    def _row(self, line: OpeningLine) -> OpeningRow:
        values = {name: wire_amount(line.amount(column), self.digits) for column, name in AMOUNTS.items()}
        if not values["opening_debit"] and not values["opening_credit"]:
            # A balance that is nil by now is said, else the server would take the turnover for the balance.
            values[f"opening_{line.account.normal_side}"] = format_amount(0, self.digits)
        texts = {name: line.texts.get(column, "") for column, name in TEXTS.items()}
        if not self.mid_year:
            for column in MID_YEAR_COLUMNS:
                (values if column in AMOUNTS else texts)[{**AMOUNTS, **TEXTS}[column]] = ""
        return OpeningRow(
            account_code=line.account.code,
            account_name=line.account.name_zh,
            aux=line.aux,
            currency=line.currency,
            **values,
            **texts,
        )

    def content(self) -> str:
        """Return all that was typed, to tell whether something changed."""
        lines = [
            (line.account.code, line.aux, line.currency, line.amounts, line.texts, line.unread) for line in self.lines
        ]
        return str([_without_nothing(line) for line in lines]) + self.cash.content()

    @property
    def changed(self) -> bool:
        """Tell whether something was typed since the sheet was made."""
        return self.content() != self._clean

    def cell_of(self, path: str) -> tuple[int, OpeningColumn] | None:
        """Return the cell an error path of the server (`rows.0.ytd_debit`) points at."""
        parts = path.split(".")
        used = self.used()
        if len(parts) == 3 and parts[0] == "rows" and parts[1].isdigit() and int(parts[1]) < len(used):
            return used[int(parts[1])], FIELDS.get(parts[2], OpeningColumn.CODE)
        return None


def _without_nothing(line: tuple[object, ...]) -> list[object]:
    """Leave out zeros and empty texts, so that typing and emptying a cell is no change."""
    return [{key: value for key, value in part.items() if value} if isinstance(part, dict) else part for part in line]
