"""Opening balances being typed: one row per leaf account, auxiliary and currency, and the three trial balances; no Qt.

A book that starts in January has openings only. One that starts later also has the turnover of the months before: then
the year-begin balance follows from 期初 − (借方累计 − 贷方累计) and is shown, not typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from app.contract.ledger import Account, Opening, OpeningRow
from app.kernel.errors import MalformedInput
from app.kernel.money import format_amount, group_thousands, parse_amount
from app.kernel.text import Message, clean_text
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.amounts import display_amount, read_amount, wire_amount
from app.ui.ledger.voucher_line import join_auxiliary, read_quantity, split_auxiliary

PROFIT_AND_LOSS = frozenset({"损益", "收入", "支出"})


class OpeningColumn(IntEnum):
    """The columns of the grid."""

    CODE = 0
    NAME = 1
    AUXILIARY = 2
    CURRENCY = 3
    YEAR_BEGIN_DEBIT = 4
    YEAR_BEGIN_CREDIT = 5
    YTD_DEBIT = 6
    YTD_CREDIT = 7
    OPENING_DEBIT = 8
    OPENING_CREDIT = 9
    PROFIT_TO_DATE = 10
    YEAR_BEGIN_FOREIGN = 11
    OPENING_FOREIGN = 12
    YTD_DEBIT_QUANTITY = 13
    YTD_CREDIT_QUANTITY = 14
    QUANTITY = 15


AMOUNTS: Mapping[OpeningColumn, str] = {
    OpeningColumn.YTD_DEBIT: "ytd_debit",
    OpeningColumn.YTD_CREDIT: "ytd_credit",
    OpeningColumn.OPENING_DEBIT: "opening_debit",
    OpeningColumn.OPENING_CREDIT: "opening_credit",
    OpeningColumn.PROFIT_TO_DATE: "ytd_pl_actual",
}
TEXTS: Mapping[OpeningColumn, str] = {
    OpeningColumn.YEAR_BEGIN_FOREIGN: "year_begin_foreign",
    OpeningColumn.OPENING_FOREIGN: "opening_foreign",
    OpeningColumn.YTD_DEBIT_QUANTITY: "ytd_debit_quantity",
    OpeningColumn.YTD_CREDIT_QUANTITY: "ytd_credit_quantity",
    OpeningColumn.QUANTITY: "quantity",
}
FIELDS: Mapping[str, OpeningColumn] = {
    **{name: column for column, name in {**AMOUNTS, **TEXTS}.items()},
    "account_code": OpeningColumn.CODE,
    "aux": OpeningColumn.AUXILIARY,
    "currency": OpeningColumn.CURRENCY,
    "year_begin_debit": OpeningColumn.YEAR_BEGIN_DEBIT,
    "year_begin_credit": OpeningColumn.YEAR_BEGIN_CREDIT,
}
MID_YEAR_COLUMNS = frozenset(
    {
        OpeningColumn.YEAR_BEGIN_DEBIT,
        OpeningColumn.YEAR_BEGIN_CREDIT,
        OpeningColumn.YTD_DEBIT,
        OpeningColumn.YTD_CREDIT,
        OpeningColumn.PROFIT_TO_DATE,
        OpeningColumn.YEAR_BEGIN_FOREIGN,
        OpeningColumn.YTD_DEBIT_QUANTITY,
        OpeningColumn.YTD_CREDIT_QUANTITY,
    }
)
OTHER_SIDE = {
    OpeningColumn.OPENING_DEBIT: OpeningColumn.OPENING_CREDIT,
    OpeningColumn.OPENING_CREDIT: OpeningColumn.OPENING_DEBIT,
}


@dataclass
class OpeningLine:
    """One row. `amounts` are minor units of the base currency, `texts` canonical decimals."""

    account: Account
    aux: str = ""
    currency: str = ""
    amounts: dict[OpeningColumn, int] = field(default_factory=dict)
    texts: dict[OpeningColumn, str] = field(default_factory=dict)
    unread: dict[OpeningColumn, tuple[str, Message]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """True when nothing was typed into the row."""
        return not (any(self.amounts.values()) or any(self.texts.values()) or self.unread)

    @property
    def opening(self) -> int:
        """The signed opening balance, debit positive."""
        return self.amounts.get(OpeningColumn.OPENING_DEBIT, 0) - self.amounts.get(OpeningColumn.OPENING_CREDIT, 0)

    @property
    def year_begin(self) -> int:
        """The signed balance at the year's begin, which follows from the others."""
        turnover = self.amounts.get(OpeningColumn.YTD_DEBIT, 0) - self.amounts.get(OpeningColumn.YTD_CREDIT, 0)
        return self.opening - turnover

    def year_begin_sides(self) -> tuple[int, int]:
        """Return the year-begin balance as debit and credit; red stays on the account's normal side."""
        balance = self.year_begin
        on_credit = bool(self.amounts.get(OpeningColumn.OPENING_CREDIT)) or (
            not self.amounts.get(OpeningColumn.OPENING_DEBIT) and self.account.normal_side == "credit"
        )
        return (0, -balance) if on_credit else (balance, 0)


class OpeningSheet:
    """All opening balances on the desk."""

    def __init__(self, accounts: AccountIndex, opening: Opening, *, digits: int, mid_year: bool) -> None:
        """Give every active leaf a row, and one for each balance that was entered."""
        self.accounts = accounts
        self.digits = digits
        self.mid_year = mid_year
        self._cash_flow = list(opening.cash_flow)
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
        if column in (OpeningColumn.YEAR_BEGIN_DEBIT, OpeningColumn.YEAR_BEGIN_CREDIT):
            place = 0 if column is OpeningColumn.YEAR_BEGIN_DEBIT else 1
            return display_amount(line.year_begin_sides()[place], self.digits)
        if column in AMOUNTS:
            return display_amount(line.amounts.get(column, 0), self.digits)
        if column in TEXTS:
            text = line.texts.get(column, "")
            return group_thousands(text) if text else ""
        return self.typed(row, column)

    def typed(self, row: int, column: OpeningColumn) -> str:
        """Return what an editor starts with."""
        line = self.lines[row]
        if column in line.unread:
            return line.unread[column][0]
        if column is OpeningColumn.CODE:
            return line.account.code
        if column is OpeningColumn.AUXILIARY:
            return line.aux
        if column is OpeningColumn.CURRENCY:
            return line.currency
        if column in AMOUNTS:
            return wire_amount(line.amounts.get(column, 0), self.digits)
        return line.texts.get(column, "")

    def may_type(self, row: int, column: OpeningColumn) -> bool:
        """Tell whether a cell is for typing: what follows from others and what the account has no use for is not."""
        account = self.lines[row].account
        if column is OpeningColumn.AUXILIARY:
            return bool(account.auxiliaries)
        if column in (OpeningColumn.OPENING_FOREIGN, OpeningColumn.YEAR_BEGIN_FOREIGN):
            return bool(self.lines[row].currency)
        if column in TEXTS:
            return account.has_quantity
        if column is OpeningColumn.PROFIT_TO_DATE:
            return account.category in PROFIT_AND_LOSS
        return column in AMOUNTS

    def wants(self, column: OpeningColumn) -> bool:
        """Tell whether any row has use for a column."""
        if column in MID_YEAR_COLUMNS and not self.mid_year:
            return False
        if column is OpeningColumn.CURRENCY:
            return any(line.currency for line in self.lines)
        if column in TEXTS or column is OpeningColumn.AUXILIARY:
            return any(self.may_type(row, column) for row in range(len(self.lines)))
        return True

    def type(self, row: int, column: OpeningColumn, text: str) -> Message | None:
        """Put what was typed into a cell; what cannot be read stays, and the sentence says why."""
        line = self.lines[row]
        line.unread.pop(column, None)
        try:
            cleaned = clean_text(text)
            if column is OpeningColumn.AUXILIARY:
                line.aux = join_auxiliary(split_auxiliary(cleaned, [use.kind for use in line.account.auxiliaries]))
            elif column in AMOUNTS:
                amount = read_amount(cleaned, self.digits)
                line.amounts[column] = amount
                if amount and column in OTHER_SIDE:
                    line.amounts[OTHER_SIDE[column]] = 0
            elif column in TEXTS:
                line.texts[column] = read_quantity(cleaned)
        except MalformedInput as refusal:
            line.unread[column] = (text, refusal.message)
            return refusal.message
        return None

    def add_line(self, row: int) -> int:
        """Put another row of the same account below one, for another auxiliary; return its place."""
        account = self.lines[row].account
        self.lines.insert(row + 1, OpeningLine(account, currency=self.lines[row].currency))
        return row + 1

    def clear_line(self, row: int) -> bool:
        """Empty a row; take it out when the account has another one. Return whether it was taken out."""
        line = self.lines[row]
        others = sum(other.account.code == line.account.code for other in self.lines)
        if others > 1:
            del self.lines[row]
            return True
        self.lines[row] = OpeningLine(line.account, currency=line.account.currency or "")
        return False

    # --- sums --------------------------------------------------------------------------------------------------------

    def totals(self) -> dict[OpeningColumn, int]:
        """Return the sums of the amount columns."""
        sums = dict.fromkeys((OpeningColumn.YEAR_BEGIN_DEBIT, OpeningColumn.YEAR_BEGIN_CREDIT, *AMOUNTS), 0)
        for line in self.lines:
            debit, credit = line.year_begin_sides()
            sums[OpeningColumn.YEAR_BEGIN_DEBIT] += debit
            sums[OpeningColumn.YEAR_BEGIN_CREDIT] += credit
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
        return Opening(rows=[self._row(self.lines[row]) for row in self.used()], cash_flow=self._cash_flow)

    def _row(self, line: OpeningLine) -> OpeningRow:
        values = {name: wire_amount(line.amounts.get(column, 0), self.digits) for column, name in AMOUNTS.items()}
        if not values["opening_debit"] and not values["opening_credit"]:
            # A balance that is nil by now is said, else the server would take the turnover for the balance.
            values[f"opening_{line.account.normal_side}"] = format_amount(0, self.digits)
        if not self.mid_year:
            for name in ("ytd_debit", "ytd_credit", "ytd_pl_actual"):
                values[name] = ""
        texts = {
            name: line.texts.get(column, "")
            for column, name in TEXTS.items()
            if self.mid_year or column not in MID_YEAR_COLUMNS
        }
        return OpeningRow(account_code=line.account.code, aux=line.aux, currency=line.currency, **values, **texts)

    def content(self) -> str:
        """Return all that was typed, to tell whether something changed."""
        return str([(line.account.code, line.aux, line.amounts, line.texts, line.unread) for line in self.lines])

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
