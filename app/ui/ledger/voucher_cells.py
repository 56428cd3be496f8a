"""What is typed into a cell of a voucher becomes a value of its line, and what follows from it; no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from app.contract.ledger import Account, Currency
from app.kernel.errors import MalformedInput
from app.kernel.money import format_rate, parse_amount, parse_rate
from app.kernel.text import clean_text, message
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.amounts import read_amount, scaled, wire_amount
from app.ui.ledger.voucher_line import (
    AMOUNT_COLUMNS,
    FOREIGN_COLUMNS,
    QUANTITY_COLUMNS,
    Column,
    SheetLine,
    join_auxiliary,
    read_cash_flow_line,
    read_quantity,
    split_auxiliary,
)


class CellReader:
    """Knows the book's chart and currencies: what a text means depends on them."""

    def __init__(self, accounts: AccountIndex) -> None:
        """Take the chart; the currencies come later."""
        self.accounts = accounts
        self.base_code = ""
        self.base_digits = 2
        self._digits: dict[str, int] = {}

    def set_currencies(self, currencies: Iterable[Currency]) -> None:
        """Learn the book's currencies and which one is its base."""
        for currency in currencies:
            self._digits[currency.code] = currency.minor_digits
            if currency.is_base:
                self.base_code, self.base_digits = currency.code, currency.minor_digits

    def read(self, line: SheetLine, column: Column, text: str) -> None:
        """Put a text into a line. Raises `MalformedInput` for what cannot be read; the line is as it was then."""
        if column is Column.SUMMARY:
            line.summary, line.carried = text, False
        elif column is Column.ACCOUNT:
            self._take_account(line, text)
        elif column is Column.AUXILIARY:
            line.aux = self._read_auxiliary(line, text)
        elif column in AMOUNT_COLUMNS:
            self._take_amount(line, text, credit=column is Column.CREDIT)
        elif column is Column.CURRENCY:
            code = text.upper()
            line.currency = "" if code == self.base_code else code
        elif column is Column.CASH_FLOW:
            line.cash_flow_line = read_cash_flow_line(text)
        elif column is Column.RATE:
            line.rate = format_rate(parse_rate(text)) if text else ""
        elif column is Column.FOREIGN:
            digits = self._digits.get(line.currency, 2)
            line.foreign = wire_amount(read_amount(text, digits), digits)
        else:
            value = read_quantity(text)
            if column is Column.QUANTITY:
                line.quantity = value
            else:
                line.price = value
        if column in FOREIGN_COLUMNS or column in QUANTITY_COLUMNS:
            self._work_out(line)

    def _take_account(self, line: SheetLine, text: str) -> None:
        account = self.find_account(text)
        if text and account is None:
            raise MalformedInput("account_unknown", message("没有“{text}”这个明细科目，按 F7 查找。", text=text))
        line.account_code = account.code if account else ""
        if account is not None and account.currency and account.currency != self.base_code:
            line.currency = account.currency

    def find_account(self, text: str) -> Account | None:
        """Return the account a text names: its code, its name if only one has it, else the only hit."""
        wanted = clean_text(text)
        account = self.accounts.get(wanted) or self.accounts.get(wanted.partition(" ")[0])
        if account is not None or not wanted:
            return account
        hits = self.accounts.search(wanted, limit=2, leaves=True)
        named = [hit for hit in hits if wanted in (hit.name_zh, hit.name_en, hit.source_name)]
        candidates = named or hits
        return candidates[0] if len(candidates) == 1 else None

    def _read_auxiliary(self, line: SheetLine, text: str) -> str:
        account = self.accounts.get(line.account_code)
        kinds = [use.kind for use in account.auxiliaries] if account else []
        return join_auxiliary(split_auxiliary(text, kinds))

    def _take_amount(self, line: SheetLine, text: str, *, credit: bool) -> None:
        amount = read_amount(text, self.base_digits)
        if amount:
            line.put(amount, credit=credit)
        elif credit:
            line.credit = 0
        else:
            line.debit = 0

    def _work_out(self, line: SheetLine) -> None:
        """Fill in what follows: quantity × price gives the amount, foreign × rate gives the base amount."""
        digits = self._digits.get(line.currency, 2) if line.currency else self.base_digits
        if line.quantity and line.price:
            product = scaled(Decimal(line.quantity) * Decimal(line.price), digits, f"{line.quantity} × {line.price}")
            if line.currency:
                line.foreign = wire_amount(product, digits)
            else:
                line.put(product, credit=line.on_credit)
        if line.currency and line.foreign and line.rate:
            line.put(self.converted(line), credit=line.on_credit)

    def converted(self, line: SheetLine) -> int:
        """Return foreign × rate in minor units of the base currency. Raises `MalformedInput` if no column holds it."""
        digits = self._digits.get(line.currency, 2)
        exact = Decimal(parse_amount(line.foreign, digits)).scaleb(-digits) * Decimal(line.rate)
        return scaled(exact, self.base_digits, f"{line.foreign} × {line.rate}")
