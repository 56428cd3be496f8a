"""One row of opening balances being typed, its columns, and which of its figures follows from the others; no Qt.

年初 + 借方累计 − 贷方累计 = 期初: what was typed stays, what was not follows. With neither balance typed the year-begin
balance follows; with both, the side of the turnover that was not typed does. Four typed figures that disagree stay as
they are, and the row says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from app.contract.ledger import Account
from app.kernel.money import QUANTITY_DIGITS
from app.kernel.text import Message, clean_number_text
from app.ui.ledger.amounts import read_amount, wire_amount
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
    YEAR_BEGIN_QUANTITY = 13
    YTD_DEBIT_QUANTITY = 14
    YTD_CREDIT_QUANTITY = 15
    QUANTITY = 16


AMOUNTS: Mapping[OpeningColumn, str] = {
    OpeningColumn.YEAR_BEGIN_DEBIT: "year_begin_debit",
    OpeningColumn.YEAR_BEGIN_CREDIT: "year_begin_credit",
    OpeningColumn.YTD_DEBIT: "ytd_debit",
    OpeningColumn.YTD_CREDIT: "ytd_credit",
    OpeningColumn.OPENING_DEBIT: "opening_debit",
    OpeningColumn.OPENING_CREDIT: "opening_credit",
    OpeningColumn.PROFIT_TO_DATE: "ytd_pl_actual",
}
TEXTS: Mapping[OpeningColumn, str] = {
    OpeningColumn.YEAR_BEGIN_FOREIGN: "year_begin_foreign",
    OpeningColumn.OPENING_FOREIGN: "opening_foreign",
    OpeningColumn.YEAR_BEGIN_QUANTITY: "year_begin_quantity",
    OpeningColumn.YTD_DEBIT_QUANTITY: "ytd_debit_quantity",
    OpeningColumn.YTD_CREDIT_QUANTITY: "ytd_credit_quantity",
    OpeningColumn.QUANTITY: "quantity",
}
MID_YEAR_COLUMNS = frozenset(
    {
        OpeningColumn.YEAR_BEGIN_DEBIT,
        OpeningColumn.YEAR_BEGIN_CREDIT,
        OpeningColumn.YTD_DEBIT,
        OpeningColumn.YTD_CREDIT,
        OpeningColumn.PROFIT_TO_DATE,
        OpeningColumn.YEAR_BEGIN_FOREIGN,
        OpeningColumn.YEAR_BEGIN_QUANTITY,
        OpeningColumn.YTD_DEBIT_QUANTITY,
        OpeningColumn.YTD_CREDIT_QUANTITY,
    }
)


class Part(Enum):
    """The four figures of a row that are bound by one equation."""

    BEGIN = (OpeningColumn.YEAR_BEGIN_DEBIT, OpeningColumn.YEAR_BEGIN_CREDIT)
    DEBIT = (OpeningColumn.YTD_DEBIT,)
    CREDIT = (OpeningColumn.YTD_CREDIT,)
    OPENING = (OpeningColumn.OPENING_DEBIT, OpeningColumn.OPENING_CREDIT)


PART_OF = {column: part for part in Part for column in part.value}
OTHER_SIDE = {
    OpeningColumn.YEAR_BEGIN_DEBIT: OpeningColumn.YEAR_BEGIN_CREDIT,
    OpeningColumn.YEAR_BEGIN_CREDIT: OpeningColumn.YEAR_BEGIN_DEBIT,
    OpeningColumn.OPENING_DEBIT: OpeningColumn.OPENING_CREDIT,
    OpeningColumn.OPENING_CREDIT: OpeningColumn.OPENING_DEBIT,
}
_IN_BRACKETS = re.compile(r"^\(([^()+*/-]+)\)$")
_NOTHING = frozenset({"-", "--", "—", "——", "－", "−", "–"})


def plain_figure(text: str) -> str:
    """Return a figure as spreadsheets and ledgers write it in the form cells take.

    `(1,234.50)` and `1,234.50-` are negative as accountants write it, a lone dash is nothing, a currency sign is left
    out.
    """
    cleaned = clean_number_text(text.replace("\u00a0", " ")).strip("¥￥ ")
    if cleaned in _NOTHING:
        return ""
    found = _IN_BRACKETS.match(cleaned)
    if found:
        return "-" + found[1].strip("¥￥ ")
    if len(cleaned) > 1 and cleaned[-1] in _NOTHING and cleaned[0] not in _NOTHING:
        return "-" + cleaned[:-1]
    return cleaned


@dataclass
class OpeningLine:
    """One row. `amounts` are minor units of the base currency, `texts` canonical decimals, `given` what was typed."""

    account: Account
    aux: str = ""
    currency: str = ""
    amounts: dict[OpeningColumn, int] = field(default_factory=dict)
    texts: dict[OpeningColumn, str] = field(default_factory=dict)
    given: set[Part] = field(default_factory=set)
    unread: dict[OpeningColumn, tuple[str, Message]] = field(default_factory=dict)

    def copied(self) -> OpeningLine:
        """Return a row that changes on its own."""
        return OpeningLine(
            self.account,
            self.aux,
            self.currency,
            dict(self.amounts),
            dict(self.texts),
            set(self.given),
            dict(self.unread),
        )

    @property
    def empty(self) -> bool:
        """True when nothing was typed into the row."""
        return not (any(self.amounts.values()) or any(self.texts.values()) or self.unread)

    @property
    def is_profit_and_loss(self) -> bool:
        """True for an account that is carried forward before a month is closed."""
        return self.account.category in PROFIT_AND_LOSS

    def amount(self, column: OpeningColumn) -> int:
        """Return what an amount column holds."""
        return self.amounts.get(column, 0)

    @property
    def opening(self) -> int:
        """The signed opening balance, debit positive."""
        return self.amount(OpeningColumn.OPENING_DEBIT) - self.amount(OpeningColumn.OPENING_CREDIT)

    @property
    def year_begin(self) -> int:
        """The signed balance at the year's begin, debit positive."""
        return self.amount(OpeningColumn.YEAR_BEGIN_DEBIT) - self.amount(OpeningColumn.YEAR_BEGIN_CREDIT)

    @property
    def turnover(self) -> int:
        """Debits less credits of the months before."""
        return self.amount(OpeningColumn.YTD_DEBIT) - self.amount(OpeningColumn.YTD_CREDIT)

    @property
    def disagreement(self) -> int:
        """By how much the opening balance is not what the other figures come to."""
        return self.opening - self.year_begin - self.turnover

    @property
    def profit_to_date(self) -> int:
        """Year-to-date profit (positive) or loss of the account without the closing, as the server reads it."""
        sign = 1 if self.account.normal_side == "credit" else -1
        return sign * self.amount(OpeningColumn.PROFIT_TO_DATE) or -self.turnover

    def put(self, column: OpeningColumn, text: str, digits: int) -> None:
        """Take what was typed into a cell. Raises `MalformedInput`."""
        if column is OpeningColumn.AUXILIARY:
            self.aux = join_auxiliary(split_auxiliary(text, [use.kind for use in self.account.auxiliaries]))
        elif column is OpeningColumn.CURRENCY:
            self.currency = text.upper() if len(text) == 3 else text
        elif column in TEXTS:
            self.texts[column] = read_quantity(plain_figure(text))
            self._settle_quantity(column)
        elif column in AMOUNTS:
            plain = plain_figure(text)
            self.put_amount(column, read_amount(plain, digits), given=bool(plain))

    def put_amount(self, column: OpeningColumn, amount: int, *, given: bool = True) -> None:
        """Set an amount column; an emptied one is free again to follow from the others."""
        self.amounts[column] = amount
        if amount and column in OTHER_SIDE:
            self.amounts[OTHER_SIDE[column]] = 0
        part = PART_OF.get(column)
        if part is None:
            return
        if given or any(self.amount(one) for one in part.value):
            self.given.add(part)
        else:
            self.given.discard(part)
        self.settle()

    def settle(self) -> None:
        """Let what was not typed follow from what was."""
        if Part.BEGIN in self.given and Part.OPENING in self.given:
            debit_typed, credit_typed = Part.DEBIT in self.given, Part.CREDIT in self.given
            if debit_typed and not credit_typed:
                self.amounts[OpeningColumn.YTD_CREDIT] = self.amount(OpeningColumn.YTD_CREDIT) - self.disagreement
            elif credit_typed and not debit_typed:
                self.amounts[OpeningColumn.YTD_DEBIT] = self.amount(OpeningColumn.YTD_DEBIT) + self.disagreement
        elif Part.BEGIN in self.given:
            self._put_balance(Part.OPENING, Part.BEGIN, self.year_begin + self.turnover)
        else:
            self._put_balance(Part.BEGIN, Part.OPENING, self.opening - self.turnover)

    def _put_balance(self, part: Part, like: Part, balance: int) -> None:
        """Put a balance that follows on the side of the other one; red stays on the account's normal side."""
        debit, credit = part.value
        other_debit, other_credit = like.value
        on_credit = bool(self.amount(other_credit)) or (
            not self.amount(other_debit) and self.account.normal_side == "credit"
        )
        self.amounts[debit], self.amounts[credit] = (0, -balance) if on_credit else (balance, 0)

    def _settle_quantity(self, typed: OpeningColumn) -> None:
        """Let the quantity at the year's begin follow from the others, or the opening one from it."""
        begin, debit, credit, opening = (
            read_amount(self.texts.get(column, ""), QUANTITY_DIGITS)
            for column in (
                OpeningColumn.YEAR_BEGIN_QUANTITY,
                OpeningColumn.YTD_DEBIT_QUANTITY,
                OpeningColumn.YTD_CREDIT_QUANTITY,
                OpeningColumn.QUANTITY,
            )
        )
        if typed is OpeningColumn.YEAR_BEGIN_QUANTITY:
            self.texts[OpeningColumn.QUANTITY] = _quantity_text(begin + debit - credit)
        elif typed in (
            OpeningColumn.YTD_DEBIT_QUANTITY,
            OpeningColumn.YTD_CREDIT_QUANTITY,
            OpeningColumn.QUANTITY,
        ):
            self.texts[OpeningColumn.YEAR_BEGIN_QUANTITY] = _quantity_text(opening - debit + credit)

    def typed(self, column: OpeningColumn, digits: int) -> str:
        """Return what an editor starts with."""
        if column in self.unread:
            return self.unread[column][0]
        if column is OpeningColumn.CODE:
            return self.account.code
        if column is OpeningColumn.AUXILIARY:
            return self.aux
        if column is OpeningColumn.CURRENCY:
            return self.currency
        if column in AMOUNTS:
            return wire_amount(self.amount(column), digits)
        return self.texts.get(column, "")

    def may_type(self, column: OpeningColumn) -> bool:
        """Tell whether a cell is for typing: what the account has no use for is not."""
        if column is OpeningColumn.AUXILIARY:
            return bool(self.account.auxiliaries)
        if column is OpeningColumn.CURRENCY:
            return not self.account.currency
        if column in (OpeningColumn.OPENING_FOREIGN, OpeningColumn.YEAR_BEGIN_FOREIGN):
            return bool(self.currency)
        if column in TEXTS:
            return self.account.has_quantity
        if column is OpeningColumn.PROFIT_TO_DATE:
            return self.is_profit_and_loss
        return column in AMOUNTS


def _quantity_text(scaled: int) -> str:
    return read_quantity(wire_amount(scaled, QUANTITY_DIGITS)) if scaled else ""
