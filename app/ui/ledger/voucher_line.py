"""One line of the voucher being typed, its columns, and how its cells are read; no Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

from app.contract.ledger import Entry, EntryInput
from app.contract.voucher_work import Template
from app.kernel.errors import MalformedInput
from app.kernel.money import QUANTITY_DIGITS, format_amount, format_quantity, parse_amount
from app.kernel.text import Message, message
from app.ui.ledger.amounts import read_amount, read_decimal, scaled, wire_amount

FEWEST_ROWS = 6
"""A fresh voucher shows this many rows, like the printed form."""


class Column(IntEnum):
    """The columns of the grid, in the order they stand and Enter walks them."""

    SUMMARY = 0
    ACCOUNT = 1
    AUXILIARY = 2
    CURRENCY = 3
    FOREIGN = 4
    RATE = 5
    QUANTITY = 6
    PRICE = 7
    CASH_FLOW = 8
    DEBIT = 9
    CREDIT = 10


FOREIGN_COLUMNS = (Column.CURRENCY, Column.FOREIGN, Column.RATE)
QUANTITY_COLUMNS = (Column.QUANTITY, Column.PRICE)
AMOUNT_COLUMNS = (Column.DEBIT, Column.CREDIT)
ALWAYS_SHOWN = frozenset({Column.SUMMARY, Column.ACCOUNT, Column.DEBIT, Column.CREDIT})
SPACE_SWAPS = frozenset(Column) - {Column.SUMMARY, Column.ACCOUNT, Column.AUXILIARY}

ENTRY_FIELDS: Mapping[str, Column] = {
    "summary": Column.SUMMARY,
    "account_code": Column.ACCOUNT,
    "aux": Column.AUXILIARY,
    "currency": Column.CURRENCY,
    "foreign_amount": Column.FOREIGN,
    "rate": Column.RATE,
    "quantity": Column.QUANTITY,
    "unit_price": Column.PRICE,
    "cash_flow_line": Column.CASH_FLOW,
    "debit": Column.DEBIT,
    "credit": Column.CREDIT,
}


@dataclass
class SheetLine:
    """One row of the grid. Amounts are minor units of the base currency; `unread` keeps what could not be read."""

    summary: str = ""
    account_code: str = ""
    aux: str = ""
    debit: int = 0
    credit: int = 0
    on_credit: bool = False
    currency: str = ""
    foreign: str = ""
    rate: str = ""
    quantity: str = ""
    price: str = ""
    cash_flow_line: int | None = None
    """Typed; without one the server fills in what the rules propose."""
    proposed_flow: int | None = None
    stored_flow: int | None = None
    """What the stored draft has, typed or proposed: only the next proposal tells which."""
    carried: bool = False
    proposed_rate: tuple[str, str, str] | None = None
    """Currency and day the rate table was asked for, and what it said: asked once, so that a rate may be cleared."""
    unread: dict[Column, tuple[str, Message]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """True for a row that is not part of the voucher: nothing typed, or only a summary that came by itself."""
        typed = self.account_code or self.debit or self.credit or self.foreign or self.quantity or self.aux
        return not (typed or self.unread or (self.summary and not self.carried))

    @property
    def amount(self) -> int:
        """The amount on the side that is used."""
        return self.credit or self.debit

    def wants_rate(self, date: str) -> bool:
        """Tell whether the rate table may fill in a rate: nobody typed one, nor an amount it would have to follow."""
        if not self.currency or Column.RATE in self.unread:
            return False
        asked = self.proposed_rate
        if asked is None:
            return not self.rate and not self.amount and not {Column.DEBIT, Column.CREDIT} & self.unread.keys()
        return asked[:2] != (self.currency, date) and self.rate == asked[2]

    @property
    def shown_flow(self) -> int | None:
        """The cash-flow line the cell shows."""
        return self.proposed_flow if self.cash_flow_line is None else self.cash_flow_line

    def propose(self, number: int | None) -> None:
        """Take what the rules would fill in; a stored line that is the same was none of the user's."""
        self.proposed_flow = number
        if self.cash_flow_line is not None and self.cash_flow_line == self.stored_flow == number:
            self.cash_flow_line = None

    def as_typed(self, *, flows: bool) -> SheetLine:
        """Return the line without what came by itself; a stored cash-flow line proposed again counts as before."""
        flow = self.cash_flow_line
        if flow is None and self.proposed_flow == self.stored_flow:
            flow = self.stored_flow
        flow = flow if flows else None
        return replace(
            self,
            carried=False,
            unread={},
            cash_flow_line=flow,
            proposed_flow=None,
            stored_flow=None,
            proposed_rate=None,
        )

    def put(self, amount: int, *, credit: bool) -> None:
        """Set the amount of one side; the other side empties, for a line uses one side only."""
        self.debit, self.credit = (0, amount) if credit else (amount, 0)
        self.on_credit = credit
        self.unread.pop(Column.DEBIT, None)
        self.unread.pop(Column.CREDIT, None)


def split_auxiliary(text: str, kinds: list[str]) -> list[tuple[str, str]]:
    """Read `客户:甲公司;部门:一车间` (full-width signs too) as pairs; a bare name is of the first kind not yet given.

    Raises `MalformedInput` for a bare name where the account offers no dimension.
    """
    pairs: list[tuple[str, str]] = []
    for part in text.replace("；", ";").replace("：", ":").split(";"):
        kind, colon, name = (piece.strip() for piece in part.partition(":"))
        if not kind:
            continue
        if not colon:
            free = [offered for offered in kinds if offered not in dict(pairs)]
            if not free:
                raise MalformedInput(
                    "auxiliary_malformed",
                    message("“{text}”不是辅助项目，请写成 客户:甲公司 的样子。", text=part.strip()),
                )
            kind, name = free[0], kind
        if name:
            pairs.append((kind, name))
    return pairs


def join_auxiliary(pairs: Iterable[tuple[str, str]]) -> str:
    """Write pairs of dimension and item as the wire has them."""
    return ";".join(f"{kind}:{name}" for kind, name in pairs)


def blank_zero(text: str) -> str:
    """Return an amount of the wire, empty when it is zero."""
    return text if text.strip("-0.") else ""


def read_quantity(text: str) -> str:
    """Read a quantity or unit price as typed, calculations too. Raises `MalformedInput`."""
    value = read_decimal(text)
    if not value:
        return ""
    return format_quantity(scaled(value, QUANTITY_DIGITS, text))


def read_cash_flow_line(text: str) -> int | None:
    """Read the line of the cash-flow statement an entry belongs to. Raises `MalformedInput`."""
    if not text:
        return None
    number = read_amount(text, 0)
    if not 1 <= number <= 99:
        raise MalformedInput("cash_flow_line_malformed", message("“{text}”不是现金流量表的行次。", text=text))
    return number


def line_of(entry: Entry, base_code: str, base_digits: int) -> SheetLine:
    """Return a stored entry as a row."""
    plain = entry.currency in ("", base_code)
    return SheetLine(
        summary=entry.summary,
        account_code=entry.account_code,
        aux=entry.aux,
        debit=parse_amount(entry.debit or "0", base_digits),
        credit=parse_amount(entry.credit or "0", base_digits),
        on_credit=entry.side == "credit",
        currency="" if plain else entry.currency,
        foreign="" if plain else entry.foreign_amount,
        rate="" if plain else entry.rate,
        quantity=blank_zero(entry.quantity),
        price=blank_zero(entry.unit_price),
        cash_flow_line=entry.cash_flow_line,
        stored_flow=entry.cash_flow_line,
    )


def line_of_input(entry: EntryInput, base_code: str, base_digits: int) -> SheetLine:
    """Return an entry that is not stored yet as a row."""
    plain = entry.currency in (None, "", base_code)
    return SheetLine(
        summary=entry.summary,
        account_code=entry.account_code,
        aux=entry.aux,
        debit=parse_amount(entry.debit or "0", base_digits),
        credit=parse_amount(entry.credit or "0", base_digits),
        on_credit=bool(entry.credit) and not entry.debit,
        currency="" if plain else entry.currency or "",
        foreign="" if plain else entry.foreign_amount,
        rate="" if plain else entry.rate,
        quantity=blank_zero(entry.quantity),
        price=blank_zero(entry.unit_price),
        cash_flow_line=entry.cash_flow_line,
    )


def entry_of(line: SheetLine, base_digits: int) -> EntryInput:
    """Return a row as the server takes it."""
    # A line of foreign currency or quantity alone still has a side: its zero says which.
    zero = format_amount(0, base_digits) if line.foreign or line.quantity else ""
    amount = wire_amount(line.amount, base_digits) or zero
    return EntryInput(
        summary=line.summary,
        account_code=line.account_code,
        debit="" if line.on_credit else amount,
        credit=amount if line.on_credit else "",
        aux=line.aux,
        currency=line.currency or None,
        foreign_amount=line.foreign,
        rate=line.rate,
        quantity=line.quantity,
        unit_price=line.price,
        cash_flow_line=line.cash_flow_line,
    )


def template_lines(template: Template, date: str, base_digits: int) -> list[SheetLine]:
    """Return a template's lines as rows; `{年}` and `{月}` in summaries become those of a date."""
    year, month = date[:4], str(int(date[5:7]))
    return [
        SheetLine(
            summary=entry.summary.replace("{年}", year).replace("{月}", month),
            account_code=entry.account_code,
            aux=entry.aux,
            debit=parse_amount(entry.debit or "0", base_digits),
            credit=parse_amount(entry.credit or "0", base_digits),
            on_credit=bool(entry.credit),
            currency=entry.currency or "",
            foreign=entry.foreign_amount,
            rate=entry.rate,
            quantity=entry.quantity,
            price=entry.unit_price,
            cash_flow_line=entry.cash_flow_line,
        )
        for entry in template.entries
    ]
