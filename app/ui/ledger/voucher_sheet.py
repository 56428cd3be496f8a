"""The voucher being typed: its lines, what the keys of the grid do to them, and what goes to the server; no Qt.

A sheet takes every text a typist leaves in a cell. What can be read becomes an amount, an account, an auxiliary; what
cannot stays in the cell as it was typed (`SheetLine.unread`) with a sentence saying why, so nothing typed is ever lost.
Rules of bookkeeping are the server's; a sheet only adds up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from app.contract.ledger import Account, Currency, Voucher, VoucherInput, VoucherKind
from app.contract.voucher_work import Template
from app.kernel.errors import MalformedInput
from app.kernel.money import (
    capital_amount,
    convert,
    group_thousands,
)
from app.kernel.text import Message, clean_text
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.amounts import display_amount, wire_amount
from app.ui.ledger.voucher_cells import CellReader
from app.ui.ledger.voucher_line import (
    ALWAYS_SHOWN,
    AMOUNT_COLUMNS,
    ENTRY_FIELDS,
    FEWEST_ROWS,
    FOREIGN_COLUMNS,
    QUANTITY_COLUMNS,
    Column,
    SheetLine,
    entry_of,
    line_of,
    line_of_input,
    template_lines,
)


class VoucherSheet:
    """A voucher on the desk: new, or opened from the book."""

    def __init__(self, accounts: AccountIndex | None = None, currencies: Iterable[Currency] = ()) -> None:
        """Start a new voucher with empty rows."""
        self.reader = CellReader(accounts or AccountIndex())
        self.lines: list[SheetLine] = []
        self.date = ""
        self.word = "记"
        self.attachment_count = 0
        self.kind: VoucherKind = "normal"
        self.correction_of: int | None = None
        self.stored: Voucher | None = None
        self.flow_names: Mapping[int, str] = {}
        """Names of the cash-flow statement's lines; empty where the book has none."""
        self.words_follow_lines = False
        """Whether this book's words say what the lines do."""
        self.chose_word = False
        """Whether the user said the word; else the server takes the one the lines ask for."""
        self.set_currencies(currencies)
        self.pad()

    # --- what it is made of ------------------------------------------------------------------------------------------

    def set_currencies(self, currencies: Iterable[Currency]) -> None:
        """Learn the book's currencies and which one is its base."""
        self.reader.set_currencies(currencies)

    def set_accounts(self, accounts: AccountIndex) -> None:
        """Learn the chart; what was typed before it came, or before somebody added the account, is read now."""
        self.reader.accounts = accounts
        for row, line in enumerate(self.lines):
            if Column.ACCOUNT in line.unread:
                self.type(row, Column.ACCOUNT, line.unread[Column.ACCOUNT][0])

    @property
    def accounts(self) -> AccountIndex:
        """The chart accounts are looked up in."""
        return self.reader.accounts

    @property
    def base_code(self) -> str:
        """The book's currency."""
        return self.reader.base_code

    @property
    def base_digits(self) -> int:
        """How many digits the book's amounts have."""
        return self.reader.base_digits

    def load(self, voucher: Voucher) -> None:
        """Show a stored voucher."""
        self.stored = voucher
        self.date, self.word, self.kind = voucher.date, voucher.word, voucher.kind
        self.attachment_count = voucher.attachment_count
        self.correction_of = voucher.correction_of
        self.lines = [line_of(entry, self.base_code, self.base_digits) for entry in voucher.entries]
        self.chose_word = True
        self.pad()

    def load_input(self, voucher: VoucherInput) -> None:
        """Show a voucher that is proposed and not stored yet."""
        self.stored = None
        self.date, self.word, self.kind = voucher.date, voucher.word, voucher.kind
        self.attachment_count = voucher.attachment_count
        self.correction_of = voucher.correction_of
        self.lines = [line_of_input(entry, self.base_code, self.base_digits) for entry in voucher.entries]
        self.lines.append(SheetLine())

    def copy_of(self, voucher: Voucher, *, correction: bool = False) -> None:
        """Show the content of a stored voucher as a new one; a correction is linked to what it corrects."""
        self.load(voucher)
        self.stored = None
        self.attachment_count = 0
        self.kind = "normal"
        self.correction_of = voucher.id if correction else None

    def fill_from(self, template: Template) -> None:
        """Show a template's lines as a new voucher; `{年}` and `{月}` in summaries are those of its date."""
        self.lines = template_lines(template, self.date, self.base_digits)
        if template.word:
            self.word, self.chose_word = template.word, True
        self.pad()

    def pad(self) -> None:
        """Keep one empty row at the end, and the printed form's number of rows at least."""
        while len(self.lines) < FEWEST_ROWS or not self.lines[-1].empty:
            self.lines.append(SheetLine())

    @property
    def editable(self) -> bool:
        """A new voucher and a draft may be typed into."""
        return self.stored is None or self.stored.state == "draft"

    @property
    def used(self) -> list[int]:
        """The rows that are part of the voucher, in order: entry `n` on the wire is row `used[n]`."""
        return [row for row, line in enumerate(self.lines) if not line.empty]

    # --- texts of the cells ------------------------------------------------------------------------------------------

    def account(self, row: int) -> Account | None:
        """Return the account of a row, when it names one."""
        return self.accounts.get(self.lines[row].account_code)

    def shown(self, row: int, column: Column, *, english: bool = False) -> str:
        """Return what a cell shows."""
        line = self.lines[row]
        if column in line.unread:
            return line.unread[column][0]
        if column is Column.ACCOUNT:
            name = self.accounts.full_name(line.account_code, english=english) or self._stored_name(row)
            return f"{line.account_code} {name}".strip()
        if column is Column.DEBIT:
            return display_amount(line.debit, self.base_digits)
        if column is Column.CREDIT:
            return display_amount(line.credit, self.base_digits)
        if column is Column.CASH_FLOW:
            number = line.shown_flow
            return "" if number is None else f"{number} {self.flow_names.get(number, '')}".rstrip()
        if column is Column.FOREIGN:
            return group_thousands(line.foreign) if line.foreign else ""
        return self.typed(row, column)

    def typed(self, row: int, column: Column) -> str:
        """Return what an editor opened on a cell starts with."""
        line = self.lines[row]
        if column in line.unread:
            return line.unread[column][0]
        texts = {
            Column.SUMMARY: line.summary,
            Column.ACCOUNT: line.account_code,
            Column.AUXILIARY: line.aux,
            Column.CURRENCY: line.currency,
            Column.FOREIGN: line.foreign,
            Column.RATE: line.rate,
            Column.QUANTITY: line.quantity,
            Column.PRICE: line.price,
            Column.CASH_FLOW: "" if line.cash_flow_line is None else str(line.cash_flow_line),
            Column.DEBIT: wire_amount(line.debit, self.base_digits),
            Column.CREDIT: wire_amount(line.credit, self.base_digits),
        }
        return texts[column]

    def _stored_name(self, row: int) -> str:
        code = self.lines[row].account_code
        if self.stored is None or not code:
            return ""
        return next((entry.account_name for entry in self.stored.entries if entry.account_code == code), "")

    # --- typing ------------------------------------------------------------------------------------------------------

    def type(self, row: int, column: Column, text: str) -> Message | None:
        """Put what was typed into a cell. What cannot be read stays as typed; the sentence returned says why."""
        line = self.lines[row]
        line.unread.pop(column, None)
        try:
            self.reader.read(line, column, clean_text(text))
        except MalformedInput as refusal:
            line.unread[column] = (text, refusal.message)
            self.pad()
            return refusal.message
        self.pad()
        return None

    # --- the keys of the grid ----------------------------------------------------------------------------------------

    def balance(self, row: int, column: Column | None = None) -> Column | None:
        """Make the voucher balance by this row's amount; return the cell it went to, or None if nothing is missing.

        In an amount cell the amount goes to that cell, elsewhere to the side that lacks it. It goes to the other
        side rather than turn red, unless the voucher already has red lines (a correction keeps its sides).
        """
        line = self.lines[row]
        debit, credit = self.totals()
        rest = (debit - line.debit) - (credit - line.credit)
        if rest == 0 and not line.amount:
            return None
        red = any(other.amount < 0 for index, other in enumerate(self.lines) if index != row)
        on_credit = column is Column.CREDIT
        if column not in AMOUNT_COLUMNS:
            on_credit = line.on_credit if red and line.amount else rest > 0
        amount = rest if on_credit else -rest
        if amount < 0 and not red:
            on_credit, amount = not on_credit, -amount
        line.put(amount, credit=on_credit)
        self.pad()
        return Column.CREDIT if on_credit else Column.DEBIT

    def swap_sides(self, row: int) -> None:
        """Move the row's amount to its other side."""
        line = self.lines[row]
        line.debit, line.credit, line.on_credit = line.credit, line.debit, not line.on_credit
        kept = {column: line.unread.pop(column) for column in AMOUNT_COLUMNS if column in line.unread}
        for column, unread in kept.items():
            line.unread[Column.DEBIT if column is Column.CREDIT else Column.CREDIT] = unread

    def summary_above(self, row: int) -> str:
        """Return the nearest summary above a row (`..`)."""
        return next((line.summary for line in reversed(self.lines[:row]) if line.summary), "")

    def first_summary(self) -> str:
        """Return the voucher's first summary (`//`)."""
        return next((line.summary for line in self.lines if line.summary), "")

    def carry_summary(self, row: int) -> bool:
        """Give an empty summary the one above, as typists expect of Enter; the row counts once more is typed."""
        line = self.lines[row]
        if line.summary or Column.SUMMARY in line.unread:
            return False
        line.summary = self.summary_above(row)
        line.carried = bool(line.summary)
        return line.carried

    def insert(self, row: int) -> None:
        """Put an empty row before this one."""
        self.lines.insert(row, SheetLine())

    def delete(self, row: int) -> None:
        """Take a row out."""
        del self.lines[row]
        self.pad()

    # --- sums --------------------------------------------------------------------------------------------------------

    def totals(self) -> tuple[int, int]:
        """Return the debit and the credit total, in minor units."""
        return sum(line.debit for line in self.lines), sum(line.credit for line in self.lines)

    @property
    def difference(self) -> int:
        """Debit minus credit, zero when the voucher balances."""
        debit, credit = self.totals()
        return debit - credit

    def capital(self) -> str:
        """Return the total in Chinese capitals (大写), as the total row of a voucher shows it."""
        debit, credit = self.totals()
        total = debit if debit == credit or not credit else (credit if not debit else 0)
        if self.base_digits != 2:
            total = convert(total, self.base_digits, Decimal(1), 2)
        return capital_amount(total) if total else ""

    # --- columns and the way of Enter --------------------------------------------------------------------------------

    def line_wants(self, row: int, column: Column) -> bool:
        """Tell whether a row has use for a column: its account wants it, or something stands in it."""
        line, account = self.lines[row], self.account(row)
        if column in ALWAYS_SHOWN:
            return True
        if column is Column.AUXILIARY:
            return bool(line.aux or column in line.unread or (account and account.auxiliaries))
        if column in FOREIGN_COLUMNS:
            own = account.currency if account else None
            return bool(line.currency or line.foreign or (own and own != self.base_code))
        if column in QUANTITY_COLUMNS:
            return bool(line.quantity or line.price or (account and account.has_quantity))
        return line.shown_flow is not None or column in line.unread

    def wanted_columns(self) -> frozenset[Column]:
        """Return the columns some row has use for."""
        return frozenset(c for c in Column if any(self.line_wants(row, c) for row in range(len(self.lines))))

    def _stops(self, row: int, column: Column) -> bool:
        """Tell whether Enter stops at a cell: an auxiliary that is only offered, and empty, is passed by.

        So is a cash-flow line that was proposed.
        """
        if column is Column.CASH_FLOW:
            return self.lines[row].cash_flow_line is not None or column in self.lines[row].unread
        if column is not Column.AUXILIARY:
            return self.line_wants(row, column)
        line, account = self.lines[row], self.account(row)
        demanded = account is not None and any(use.demanded for use in account.auxiliaries)
        return demanded or bool(line.aux) or column in line.unread

    def next_cell(self, row: int, column: Column, extra: frozenset[Column] = frozenset()) -> tuple[int, Column]:
        """Return the cell Enter goes to: the next one this row has use for, after the credit the next row's summary."""
        for following in list(Column)[column + 1 :]:
            if following in extra or self._stops(row, following):
                return row, following
        if row + 1 == len(self.lines):
            self.lines.append(SheetLine())
        return row + 1, Column.SUMMARY

    def previous_cell(self, row: int, column: Column, extra: frozenset[Column] = frozenset()) -> tuple[int, Column]:
        """Return the cell Shift+Enter goes to."""
        for before in reversed(list(Column)[:column]):
            if before in extra or self._stops(row, before):
                return row, before
        return (row - 1, Column.CREDIT) if row else (0, Column.SUMMARY)

    # --- to the server and back --------------------------------------------------------------------------------------

    def unread_cells(self) -> list[tuple[int, Column, Message]]:
        """Return the cells whose text could not be read, in order; a voucher with such cells is not sent."""
        return [
            (row, column, reason)
            for row, line in enumerate(self.lines)
            for column, (_, reason) in sorted(line.unread.items())
        ]

    def to_input(self) -> VoucherInput:
        """Return what goes to the server; the caller adds the request id."""
        return VoucherInput(
            version=self.stored.version if self.stored else None,
            date=self.date,
            word="" if self.words_follow_lines and not self.chose_word and self.stored is None else self.word,
            attachment_count=self.attachment_count,
            kind=self.kind,
            entries=[entry_of(self.lines[row], self.base_digits) for row in self.used],
            correction_of=self.correction_of,
        )

    def content(self, *, flows: bool = True) -> tuple[object, ...]:
        """Return all that was typed, to tell whether something changed since; without `flows` no cash-flow lines."""
        lines = tuple(
            (line.as_typed(flows=flows), tuple(sorted((c, t) for c, (t, _) in line.unread.items())))
            for line in self.lines
            if not line.empty
        )
        return self.date, self.word, self.attachment_count, self.kind, self.correction_of, str(lines)

    def cell_of(self, path: str) -> tuple[int, Column] | None:
        """Return the cell an error path of the server (`entries.0.debit`) points at."""
        parts = path.split(".")
        if len(parts) < 2 or parts[0] != "entries" or not parts[1].isdigit():
            return None
        used = self.used
        index = int(parts[1])
        if index >= len(used):
            return None
        return used[index], ENTRY_FIELDS.get(parts[2] if len(parts) > 2 else "", Column.SUMMARY)
