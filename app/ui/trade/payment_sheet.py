"""A collection or payment as it is typed, with the open invoices it is for; no Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.contract.orders import AllocationInput, OpenItem, Payment, PaymentInput, PaymentKind
from app.kernel.errors import MalformedInput
from app.kernel.money import group_thousands, parse_amount
from app.kernel.text import Message, clean_text, message
from app.ui.ledger.amounts import display_amount, read_amount, wire_amount
from app.ui.trade.partner import Partner

AMOUNT = "amount"


@dataclass
class OpenRow:
    """An open invoice and how much of it is settled now; amounts in minor units."""

    kind: str
    document_id: int
    number: str
    date: str
    due_date: str
    gross: str
    open: int
    amount: int = 0
    unread: tuple[str, Message] | None = None


class OpenRows:
    """Open invoices, credits or advances, each with an amount to use up: the sheet of a grid."""

    def __init__(self, rows: Sequence[OpenRow] = (), *, digits: int = 2, editable: bool = True) -> None:
        self.lines = list(rows)
        self.digits = digits
        self._editable = editable
        self.faults: dict[int, Message] = {}

    @property
    def editable(self) -> bool:
        """Whether amounts may be typed."""
        return self._editable

    @property
    def total(self) -> int:
        """What is used up of all of them."""
        return sum(row.amount for row in self.lines)

    def may_type(self, row: int, name: str) -> bool:
        """Only amounts are typed."""
        return self._editable and name == AMOUNT and 0 <= row < len(self.lines)

    def shown(self, row: int, name: str) -> str:
        """Return what a cell shows."""
        line = self.lines[row]
        if name == AMOUNT:
            return line.unread[0] if line.unread else display_amount(line.amount, self.digits)
        if name == "open":
            return display_amount(line.open, self.digits)
        if name == "gross":
            return group_thousands(line.gross) if line.gross else ""
        return str(getattr(line, name))

    def typed(self, row: int, name: str) -> str:
        """Return what an opened cell begins with."""
        line = self.lines[row]
        if name != AMOUNT:
            return self.shown(row, name)
        return line.unread[0] if line.unread else wire_amount(line.amount, self.digits)

    def type(self, row: int, name: str, text: str) -> None:
        """Take an amount; `=` takes all that is open."""
        if name != AMOUNT:
            return
        line = self.lines[row]
        self.faults.pop(row, None)
        line.unread = None
        cleaned = clean_text(text)
        if cleaned in {"=", "＝"}:
            line.amount = line.open
            return
        try:
            line.amount = read_amount(cleaned, self.digits)
        except MalformedInput as error:
            line.unread = (text, error.message)
            return
        if line.amount > line.open or line.amount < 0:
            line.unread = (text, message("最多 {amount}。", amount=display_amount(line.open, self.digits)))
            line.amount = 0

    def fault(self, row: int, name: str) -> Message | None:
        """Return what is wrong with an amount."""
        unread = self.lines[row].unread
        if name != AMOUNT:
            return None
        return unread[1] if unread else self.faults.get(row)

    def insert(self, row: int) -> None:
        """Invoices are not put in by hand."""

    def delete(self, row: int) -> None:
        """Nor taken out: an amount of nothing leaves one alone."""

    def next_cell(self, row: int, name: str) -> tuple[int, str]:
        """Go down the amounts."""
        del name
        return min(row + 1, len(self.lines) - 1), AMOUNT

    def previous_cell(self, row: int, name: str) -> tuple[int, str]:
        """Go up the amounts."""
        del name
        return max(row - 1, 0), AMOUNT

    def spread(self, amount: int) -> int:
        """Use an amount up from the first one on, which is the one due first; return what is left over."""
        left = max(amount, 0)
        for row in self.lines:
            row.unread = None
            row.amount = min(row.open, left)
            left -= row.amount
        return left

    def wishes(self) -> list[AllocationInput]:
        """Return what is used up, for the server."""
        return [
            AllocationInput(document_id=row.document_id, amount=wire_amount(row.amount, self.digits))
            for row in self.lines
            if row.amount
        ]

    def mark_refused(self, field: str, fields: Mapping[str, Message]) -> list[int]:
        """Mark the rows a refusal names (`allocations.0.amount`), counted among those that were sent."""
        sent = [place for place, row in enumerate(self.lines) if row.amount]
        self.faults = {}
        for path, text in fields.items():
            first, _, rest = path.partition(".")
            place = rest.partition(".")[0]
            if first == field and place.isdigit() and int(place) < len(sent):
                self.faults[sent[int(place)]] = text
        return sorted(self.faults)

    def unread_rows(self) -> list[tuple[int, Message]]:
        """Return rows whose amount cannot be read."""
        return [(place, row.unread[1]) for place, row in enumerate(self.lines) if row.unread is not None]


class PaymentSheet:
    """What the form of a collection or payment shows and changes."""

    def __init__(self, kind: PaymentKind, *, date: str, digits: int = 2) -> None:
        self.kind: PaymentKind = kind
        self.stored: Payment | None = None
        self.date = date
        self.partner: Partner | None = None
        self.account_code = ""
        self.amount = ""
        self.discount = ""
        self.reference = ""
        self.note = ""
        self.digits = digits
        self.rows = OpenRows(digits=digits)
        self.spreads = True
        """The amount is spread over the invoices by itself, until somebody types how."""

    @property
    def side(self) -> str:
        """`sales` or `purchase`."""
        return "sales" if self.kind == "collection" else "purchase"

    @property
    def editable(self) -> bool:
        """A draft may be typed into."""
        return self.stored is None or self.stored.state == "draft"

    def load(self, payment: Payment) -> None:
        """Show a stored payment; its invoices come with `take_open`."""
        self.kind, self.stored, self.date = payment.kind, payment, payment.date
        self.partner = Partner(payment.contact_id, payment.contact)
        self.account_code, self.amount = payment.account_code, payment.amount
        self.discount = payment.discount if payment.discount.strip("-0.") else ""
        self.reference, self.note = payment.reference, payment.note
        self.spreads = False
        self.take_open([])

    def take_open(self, items: Sequence[OpenItem], wanted: Sequence[int] = ()) -> None:
        """Show the open invoices, with the amounts of the stored draft or those typed so far; `wanted` ones first."""
        typed = {row.document_id: row.amount for row in self.rows.lines}
        kept = {one.document_id: one for one in self.stored.allocations} if self.stored is not None else {}
        rows: list[OpenRow] = []
        for item in sorted(items, key=lambda one: one.id not in wanted):
            known = kept.pop(item.id, None)
            amount = parse_amount(known.amount, self.digits) if known is not None else typed.get(item.id, 0)
            left = parse_amount(item.open, self.digits)
            rows.append(
                OpenRow(item.kind, item.id, item.number, item.date, item.due_date, item.gross, left, min(amount, left))
            )
        rows += [
            OpenRow(
                one.document_kind,
                one.document_id,
                one.document_number,
                one.document_date,
                "",
                "",
                parse_amount(one.amount, self.digits),
                parse_amount(one.amount, self.digits),
            )
            for one in kept.values()
        ]
        self.rows = OpenRows(rows, digits=self.digits, editable=self.editable)
        if wanted and self.stored is None:
            for row in self.rows.lines:
                row.amount = row.open if row.document_id in wanted else 0
            self.amount = wire_amount(self.rows.total, self.digits)
            self.spreads = False
        elif self.spreads:
            self.spread()

    @property
    def to_spread(self) -> int | None:
        """Amount and discount together, which settle invoices; None while they cannot be read."""
        try:
            return read_amount(self.amount, self.digits) + read_amount(self.discount, self.digits)
        except MalformedInput:
            return None

    @property
    def advance(self) -> int | None:
        """What is left over as an advance; below zero when too much is allocated."""
        whole = self.to_spread
        return None if whole is None else whole - self.rows.total

    def spread(self) -> None:
        """Settle the invoices due first."""
        self.rows.spread(self.to_spread or 0)

    def fit_amount(self) -> None:
        """Let the amount be what is allocated, while nobody has typed one."""
        try:
            discount = read_amount(self.discount, self.digits)
        except MalformedInput:
            return
        self.amount = wire_amount(max(self.rows.total - discount, 0), self.digits)

    def to_input(self) -> PaymentInput:
        """Return the payment for the server. Raises what the contract raises for what is far too long."""
        return PaymentInput(
            kind=self.kind,
            date=self.date,
            contact_id=self.partner.id if self.partner else 0,
            account_code=self.account_code,
            amount=plain_amount(self.amount, self.digits),
            discount=plain_amount(self.discount, self.digits),
            reference=self.reference,
            note=self.note,
            allocations=self.rows.wishes(),
            version=self.stored.version if self.stored else None,
        )

    def content(self) -> tuple[object, ...]:
        """Return what was typed, for comparison."""
        return (
            self.kind,
            self.date,
            self.partner.id if self.partner else None,
            self.account_code,
            plain_amount(self.amount, self.digits),
            plain_amount(self.discount, self.digits),
            self.reference,
            self.note,
            *((row.document_id, row.amount) for row in self.rows.lines if row.amount),
            *(text for _, text in self.rows.unread_rows()),
        )


def plain_amount(text: str, digits: int) -> str:
    """Return a typed amount, a calculation too, as the server takes it; as it stands where it cannot be read."""
    try:
        return wire_amount(read_amount(text, digits), digits)
    except MalformedInput:
        return text.strip()[:40]
