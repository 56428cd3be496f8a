"""A line of a stock document while it is typed: what it holds, and what follows from it; no Qt.

Quantities are integers of 10^-8 of a unit, amounts integers of minor units; None means nothing was typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from app.contract.inventory import Item
from app.contract.stock import StockDocumentKind, StockLine, StockLineInput
from app.kernel.money import QUANTITY_DIGITS, format_amount, format_quantity, parse_amount, round_half_up
from app.kernel.text import Message

ONE = 10**QUANTITY_DIGITS
MONEY_DIGITS = 2


class Column(StrEnum):
    """The columns, from left to right."""

    ITEM = "item"
    LOT = "lot"
    EXPIRY = "expiry"
    UNIT = "unit"
    BOOK = "book"
    QUANTITY = "quantity"
    DIFFERENCE = "difference"
    PRICE = "price"
    AMOUNT = "amount"
    NOTE = "note"


FOLLOWS = frozenset({Column.BOOK, Column.DIFFERENCE})
"""Never typed: they follow from quantity and stock."""
FIELDS: Mapping[str, Column] = {
    "item_id": Column.ITEM,
    "lot": Column.LOT,
    "expiry": Column.EXPIRY,
    "unit": Column.UNIT,
    "quantity": Column.QUANTITY,
    "amount": Column.AMOUNT,
    "note": Column.NOTE,
}
"""The columns by what the server calls them."""
VALUED: frozenset[StockDocumentKind] = frozenset({"opening", "other_in", "assembly"})
"""Documents whose lines may be given a value."""


def columns_of(kind: StockDocumentKind) -> Sequence[Column]:
    """Return the columns a document of this kind has; lot and expiry are shown where a line has use for them."""
    shown = [Column.ITEM, Column.LOT, Column.EXPIRY, Column.UNIT]
    if kind == "count":
        shown += [Column.BOOK, Column.QUANTITY, Column.DIFFERENCE]
    else:
        shown.append(Column.QUANTITY)
        if kind in VALUED:
            shown.append(Column.PRICE)
    return [*shown, Column.AMOUNT, Column.NOTE]


@dataclass(frozen=True)
class ItemFacts:
    """What a line has to know of its item."""

    id: int
    code: str
    name: str
    specification: str
    unit: str
    factors: Mapping[str, int]
    """Base units (10^-8) in one of each unit, the base unit's own included."""
    tracks_lots: bool = False
    tracks_expiry: bool = False
    whole: bool = True
    """False while only what a stored line tells is known, without further units."""

    @property
    def label(self) -> str:
        """What the cell shows."""
        return " ".join(part for part in (self.code, self.name, self.specification) if part)


def facts_of(item: Item) -> ItemFacts:
    """Return what a line has to know of an item."""
    factors = {item.unit: ONE} | {unit.unit: parse_amount(unit.factor, QUANTITY_DIGITS) for unit in item.units}
    return ItemFacts(
        item.id,
        item.code,
        item.name,
        item.specification,
        item.unit,
        factors,
        item.tracks_lots or item.costing == "lot",
        item.tracks_expiry,
    )


@dataclass
class DraftLine:
    """One line as typed."""

    item: ItemFacts | None = None
    item_text: str = ""
    """What was typed for an item that is not known (yet)."""
    lot: str = ""
    expiry: str = ""
    unit: str = ""
    quantity: int | None = None
    book: int | None = None
    """Counts: what the book has, in base units; None while it is not known."""
    amount: int | None = None
    typed_price: Decimal | None = None
    """A price somebody typed: the amount follows from it when the quantity changes."""
    note: str = ""
    unread: dict[Column, tuple[str, Message]] = field(default_factory=dict)
    """Texts that cannot be read, with the reason."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        typed = self.item_text or self.lot or self.expiry or self.note or self.unread
        return self.item is None and not typed and (self.quantity is None and self.amount is None)

    @property
    def factor(self) -> int:
        """Base units (10^-8) in one of the line's unit."""
        return self.item.factors.get(self.unit, ONE) if self.item is not None else ONE

    @property
    def base_quantity(self) -> int | None:
        """The quantity in base units."""
        if self.quantity is None:
            return None
        return round_half_up(Decimal(self.quantity) * self.factor / ONE)

    @property
    def difference(self) -> int | None:
        """Counts: what was counted beyond the book, in base units."""
        counted = self.base_quantity
        return None if counted is None or self.book is None else counted - self.book

    @property
    def price(self) -> int | None:
        """The value of one of the line's unit (10^-8): as typed, else as amount and quantity have it."""
        if self.typed_price is not None:
            return round_half_up(self.typed_price.scaleb(QUANTITY_DIGITS))
        if not self.quantity or self.amount is None:
            return None
        return round_half_up(Decimal(self.amount) * ONE * 10 ** (QUANTITY_DIGITS - MONEY_DIGITS) / abs(self.quantity))

    def take_price(self, price: Decimal | None) -> None:
        """Take a price as typed; without one the line has no value."""
        self.typed_price = price
        self.amount = None
        self.follow_price()

    def take_amount(self, amount: int | None) -> None:
        """Take an amount as typed; the price then follows from it."""
        self.typed_price, self.amount = None, amount

    def follow_price(self) -> None:
        """Work the amount out anew after the quantity changed, where a price was typed; rounded half-up once."""
        if self.typed_price is not None and self.quantity is not None:
            self.amount = round_half_up(self.typed_price * self.quantity * 10**MONEY_DIGITS / ONE)

    def content(self) -> tuple[object, ...]:
        """Return what was typed, for telling whether it is saved."""
        return (
            self.item.id if self.item else None,
            self.item_text,
            self.lot,
            self.expiry,
            self.unit,
            self.quantity,
            self.amount,
            self.typed_price,
            self.note,
            tuple(sorted((str(column), text) for column, (text, _) in self.unread.items())),
        )

    def to_input(self) -> StockLineInput:
        """Return what goes to the server. Raises what the contract raises for what is far too long."""
        return StockLineInput(
            item_id=self.item.id if self.item else 0,
            quantity="" if self.quantity is None else format_quantity(self.quantity),
            unit=self.unit,
            amount="" if self.amount is None else format_amount(self.amount, MONEY_DIGITS),
            lot=self.lot,
            expiry=self.expiry,
            note=self.note,
        )


def stored_line(line: StockLine, *, valued: bool) -> DraftLine:
    """Return a line of the server's as the grid shows it; `valued`: its amount was typed, or is known by now."""
    quantity = parse_amount(line.quantity, QUANTITY_DIGITS) if line.quantity else None
    base = parse_amount(line.base_quantity, QUANTITY_DIGITS) if line.base_quantity else None
    factor = round_half_up(Decimal(base) * ONE / quantity) if quantity and base else ONE
    return DraftLine(
        item=ItemFacts(line.item_id, line.item_code, line.item_name, "", line.unit, {line.unit: factor}, whole=False),
        lot=line.lot,
        expiry=line.expiry,
        unit=line.unit,
        quantity=quantity,
        book=parse_amount(line.book_quantity, QUANTITY_DIGITS) if line.book_quantity else None,
        amount=parse_amount(line.amount, MONEY_DIGITS) if valued and line.amount else None,
        note=line.note,
    )
