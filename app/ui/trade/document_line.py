"""One line of a document as it is typed; no Qt.

Cells are named as the fields of the wire are, so that a refusal such as `lines.2.quantity` names its cell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from app.contract.inventory import Item
from app.contract.orders import DocumentLine, DocumentLineInput
from app.kernel.errors import MalformedInput
from app.kernel.money import QUANTITY_DIGITS, format_amount, format_quantity
from app.kernel.text import Message, clean_text
from app.ui.ledger.amounts import read_amount, read_decimal, scaled
from app.ui.trade.words import plain

ITEM = "item_id"
DESCRIPTION = "description"
WAREHOUSE = "warehouse_id"
LOT = "lot"
EXPIRY = "expiry"
UNIT = "unit"
QUANTITY = "quantity"
PRICE = "unit_price"
DISCOUNT = "discount_percent"
TAX_RATE = "tax_rate"
NET = "net"
TAX = "tax"
GROSS = "gross"
SOURCE = "source_line_id"
FULFILLED = "fulfilled"
COST = "cost"

NUMBERS = frozenset({QUANTITY, PRICE, DISCOUNT, TAX_RATE})
AMOUNTS = frozenset({NET, TAX, GROSS})
FIGURES = NUMBERS | AMOUNTS | {COST}


@dataclass
class Line:
    """What stands in a row. Numbers are plain decimal texts; what cannot be read stays in `unread` as typed."""

    item_id: int | None = None
    item_code: str = ""
    item: Item | None = None
    """The whole item, once it was chosen or asked for."""
    description: str = ""
    quantity: str = ""
    unit: str = ""
    unit_price: str = ""
    discount_percent: str = ""
    tax_rate: str = ""
    net: str = ""
    tax: str = ""
    gross: str = ""
    own_amounts: bool = False
    """The amounts are the typist's (an invoice's own), not computed."""
    warehouse_id: int | None = None
    warehouse: str = ""
    lot: str = ""
    expiry: str = ""
    source_line_id: int | None = None
    source: str = ""
    fulfilled: dict[str, str] = field(default_factory=dict)
    cost: str = ""
    price_typed: bool = False
    """The price is the typist's: no price list replaces it."""
    unread: dict[str, tuple[str, Message]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.item_id or self.description or self.quantity or self.unit_price or self.gross or self.unread)

    def take_item(self, item: Item) -> None:
        """Put an item into the row with what it brings along; its price comes from the server."""
        self.unread.pop(ITEM, None)
        changed = item.id != self.item_id
        self.item, self.item_id, self.item_code = item, item.id, item.code
        if not changed and self.description:
            return
        self.description = f"{item.name} {item.specification}".strip()
        self.unit, self.tax_rate = item.unit, plain(item.tax_rate)
        self.quantity = self.quantity or "1"
        self.lot = self.expiry = ""
        self.price_typed = False
        self.forget_amounts()

    def forget_item(self) -> None:
        """The row is a text from now on."""
        self.unread.pop(ITEM, None)
        self.item, self.item_id, self.item_code = None, None, ""
        self.lot = self.expiry = ""

    def forget_amounts(self) -> None:
        """Amounts are computed anew."""
        self.own_amounts = False
        self.net = self.tax = self.gross = ""

    def type_number(self, name: str, text: str) -> None:
        """Read a quantity, price or rate, calculations too. Raises `MalformedInput`."""
        wanted = text.strip().rstrip("%％")
        value = read_decimal(wanted)
        setattr(self, name, "" if value is None else format_quantity(scaled(value, QUANTITY_DIGITS, wanted)))
        if name == PRICE:
            self.price_typed = value is not None
        self.forget_amounts()

    def type_amount(self, name: str, text: str, digits: int) -> None:
        """Take one of an invoice's own amounts; the others follow. An empty one lets all be computed again.

        Raises `MalformedInput`.
        """
        if not text:
            self.forget_amounts()
            return
        amount = read_amount(text, digits)
        net, tax, gross = (read_amount(known, digits) for known in (self.net, self.tax, self.gross))
        if name == GROSS:
            gross = amount
            net = gross - tax
        else:
            net, tax = (amount, tax) if name == NET else (net, amount)
            gross = net + tax
        self.own_amounts = True
        self.net, self.tax, self.gross = (format_amount(minor, digits) for minor in (net, tax, gross))

    def units(self) -> list[tuple[str, str]]:
        """Return the units it may be counted in, with how many base units one is."""
        if self.item is None:
            return [(self.unit, "1")] if self.unit else []
        return [(self.item.unit, "1"), *((other.unit, plain(other.factor)) for other in self.item.units)]

    def to_input(self) -> DocumentLineInput:
        """Return the line for the server. Raises what the contract raises for what is far too long."""
        own = self.own_amounts
        return DocumentLineInput(
            item_id=self.item_id,
            description=self.description,
            quantity=self.quantity or "1",
            unit=self.unit,
            unit_price=self.unit_price,
            discount_percent=self.discount_percent,
            tax_rate=self.tax_rate,
            net=self.net if own else "",
            tax=self.tax if own else "",
            gross=self.gross if own else "",
            warehouse_id=self.warehouse_id,
            lot=self.lot,
            expiry=self.expiry,
            source_line_id=self.source_line_id,
        )

    def content(self) -> tuple[object, ...]:
        """Return what was typed, for comparison."""
        own = (self.net, self.tax, self.gross) if self.own_amounts else ()
        return (
            self.item_id,
            self.description,
            plain(self.quantity),
            self.unit,
            plain(self.unit_price),
            plain(self.discount_percent),
            plain(self.tax_rate),
            own,
            self.warehouse_id,
            self.lot,
            self.expiry,
            self.source_line_id,
            tuple(text for text, _ in self.unread.values()),
        )


def line_of(stored: DocumentLine) -> Line:
    """Return a stored line as it would be typed."""
    return Line(
        item_id=stored.item_id,
        item_code=stored.item_code,
        description=stored.description,
        quantity=plain(stored.quantity),
        unit=stored.unit,
        unit_price=plain(stored.unit_price),
        discount_percent="" if not stored.discount_percent.strip("0.") else plain(stored.discount_percent),
        tax_rate=plain(stored.tax_rate),
        net=stored.net,
        tax=stored.tax,
        gross=stored.gross,
        own_amounts=stored.own_amounts,
        warehouse_id=stored.warehouse_id,
        warehouse=stored.warehouse,
        lot=stored.lot,
        expiry=stored.expiry,
        source_line_id=stored.source_line_id,
        source=stored.source,
        fulfilled=dict(stored.fulfilled),
        cost=stored.cost,
        price_typed=True,
    )


def line_from_input(wish: DocumentLineInput) -> Line:
    """Return a line the server proposes; names and amounts come with the next computation."""
    return Line(
        item_id=wish.item_id,
        description=wish.description,
        quantity=plain(wish.quantity),
        unit=wish.unit,
        unit_price=plain(wish.unit_price),
        discount_percent=plain(wish.discount_percent),
        tax_rate=plain(wish.tax_rate),
        net=wish.net,
        tax=wish.tax,
        gross=wish.gross,
        own_amounts=bool(wish.gross),
        warehouse_id=wish.warehouse_id,
        lot=wish.lot,
        expiry=wish.expiry,
        source_line_id=wish.source_line_id,
        price_typed=True,
    )


def read_text(text: str, take: Callable[[str], None]) -> Message | None:
    """Let `take` read a typed text; return why it cannot."""
    try:
        take(clean_text(text))
    except MalformedInput as error:
        return error.message
    return None
