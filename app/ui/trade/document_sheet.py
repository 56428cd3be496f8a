"""A document as it is typed: head, lines, and what the server computed of them; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from app.contract.inventory import Item, Warehouse
from app.contract.orders import Document, DocumentInput, DocumentKind, DocumentPreview
from app.kernel.money import capital_amount, group_thousands, parse_amount
from app.kernel.period import parse_date
from app.kernel.text import Message, clean_text, message
from app.ui.ledger.amounts import read_amount, read_decimal, wire_amount
from app.ui.trade import document_line as cell
from app.ui.trade.document_line import AMOUNTS, FIGURES, NUMBERS, Line, line_from_input, line_of, read_text
from app.ui.trade.partner import Partner
from app.ui.trade.words import INVOICES, MOVING, fulfilled_word, plain

ALWAYS_SHOWN = frozenset(
    {
        cell.ITEM,
        cell.DESCRIPTION,
        cell.UNIT,
        cell.QUANTITY,
        cell.PRICE,
        cell.TAX_RATE,
        cell.NET,
        cell.TAX,
        cell.GROSS,
    }
)
SPARE_ROWS = 1
LEAST_ROWS = 8


class DocumentSheet:
    """What the form shows and changes."""

    def __init__(self, kind: DocumentKind, *, date: str = "", digits: int = 2) -> None:
        self.kind = kind
        self.stored: Document | None = None
        self.date = date
        self.partner: Partner | None = None
        self.reference = ""
        self.due_date = ""
        self.warehouse_id: int | None = None
        self.prices_include_tax = True
        self.deductible = True
        self.discount = ""
        self.note = ""
        self.lines: list[Line] = []
        self.net = self.tax = self.gross = ""
        self.concerns: list[str] = []
        self.digits = digits
        self.warehouses: list[Warehouse] = []
        self.faults: dict[tuple[int, str], Message] = {}
        self._pad()

    # --- what it is --------------------------------------------------------------------------------------------------

    @property
    def side(self) -> str:
        """`sales` or `purchase`."""
        return "purchase" if self.kind.startswith("purchase") or self.kind == "goods_receipt" else "sales"

    @property
    def editable(self) -> bool:
        """A draft may be typed into."""
        return self.stored is None or self.stored.state == "draft"

    @property
    def used(self) -> list[int]:
        """The rows that are part of the document."""
        return [row for row, line in enumerate(self.lines) if not line.is_empty]

    def load(self, document: Document) -> None:
        """Show a stored document."""
        self.kind = document.kind
        self.stored = document
        self.date, self.reference, self.note = document.date, document.reference, document.note
        self.due_date, self.discount = document.due_date, _blank_zero(document.discount)
        self.partner = Partner(document.contact_id, document.contact) if document.contact_id is not None else None
        self.warehouse_id, self.prices_include_tax = document.warehouse_id, document.prices_include_tax
        self.deductible = document.deductible
        self.lines = [line_of(line) for line in document.lines]
        self.net, self.tax, self.gross = document.net, document.tax, document.gross
        self.concerns, self.faults = [], {}
        self._pad()

    def load_proposal(self, wish: DocumentInput, partner: Partner | None) -> None:
        """Show a draft the server proposes, such as an order's delivery; it is not saved yet."""
        self.kind, self.stored = wish.kind, None
        self.date, self.reference, self.note = wish.date or self.date, wish.reference, wish.note
        self.due_date, self.discount = wish.due_date, _blank_zero(wish.discount)
        self.partner = partner
        self.warehouse_id, self.prices_include_tax = wish.warehouse_id, wish.prices_include_tax
        self.deductible = wish.deductible
        self.lines = [line_from_input(line) for line in wish.lines]
        self.net = self.tax = self.gross = ""
        self.concerns, self.faults = [], {}
        self._pad()

    def load_copy(self, document: Document) -> None:
        """Show a document's content as a new one: it carries nothing out and has no number, amounts or lots."""
        date, number_of = self.date, document.kind
        self.load(document)
        self.kind, self.stored, self.date = number_of, None, date
        self.reference = self.due_date = ""
        for row in self.used:
            self.lines[row] = replace(
                self.lines[row], source_line_id=None, source="", fulfilled={}, cost="", lot="", expiry=""
            )

    def to_input(self) -> DocumentInput:
        """Return the document for the server. Raises what the contract raises for what is far too long."""
        return DocumentInput(
            kind=self.kind,
            date=self.date,
            contact_id=self.partner.id if self.partner else None,
            reference=self.reference,
            due_date=self.due_date,
            warehouse_id=self.warehouse_id,
            prices_include_tax=self.prices_include_tax,
            deductible=self.deductible,
            discount=self.discount,
            note=self.note,
            lines=[self.lines[row].to_input() for row in self.used],
            version=self.stored.version if self.stored else None,
        )

    def content(self) -> tuple[object, ...]:
        """Return what was typed, for comparison."""
        return (
            self.kind,
            self.date,
            self.partner.id if self.partner else None,
            self.reference,
            self.due_date,
            self.warehouse_id,
            self.prices_include_tax,
            self.deductible,
            self.discount,
            self.note,
            *(self.lines[row].content() for row in self.used),
        )

    # --- what the server says ----------------------------------------------------------------------------------------

    def take_preview(self, preview: DocumentPreview) -> None:
        """Show what the server computed of the lines as they were sent."""
        used = self.used
        self.net, self.tax, self.gross = preview.net, preview.tax, preview.gross
        self.concerns = list(preview.concerns)
        if len(preview.lines) != len(used):
            return
        for row, computed in zip(used, preview.lines, strict=True):
            line = self.lines[row]
            line.net, line.tax, line.gross = computed.net, computed.tax, computed.gross
            line.item_code = line.item_code or computed.item_code
            line.description = line.description or computed.description
            line.unit = line.unit or computed.unit
            line.tax_rate = line.tax_rate or plain(computed.tax_rate)
            line.source = line.source or computed.source

    def item_ids_unknown(self) -> list[int]:
        """Return the items of which only the id is known, each once."""
        return list(dict.fromkeys(ln.item_id for ln in self.lines if ln.item_id is not None and ln.item is None))

    def know_items(self, items: Iterable[Item]) -> None:
        """Learn units, lots and codes of items in the rows; nothing typed changes."""
        known = {item.id: item for item in items}
        for line in self.lines:
            if line.item is None and line.item_id in known:
                line.item = known[line.item_id]
                line.item_code = line.item_code or line.item.code

    def mark_refused(self, fields: Mapping[str, Message]) -> list[tuple[int, str]]:
        """Mark the cells a refusal names (`lines.0.quantity`); return them from the top."""
        used = self.used
        self.faults = {}
        for path, text in fields.items():
            first, _, rest = path.partition(".")
            place, _, name = rest.partition(".")
            if first == "lines" and place.isdigit() and int(place) < len(used):
                self.faults[used[int(place)], name or cell.ITEM] = text
        return sorted(self.faults)

    # --- typing ------------------------------------------------------------------------------------------------------

    def may_type(self, row: int, name: str) -> bool:
        """Tell whether a cell is for typing."""
        if not self.editable or not 0 <= row < len(self.lines):
            return False
        line = self.lines[row]
        if name in {cell.SOURCE, cell.FULFILLED, cell.COST}:
            return False
        if name in AMOUNTS:
            return self.kind in INVOICES
        if name == cell.LOT:
            return line.item is not None and line.item.tracks_lots
        if name == cell.EXPIRY:
            return line.item is not None and line.item.tracks_expiry
        return not (name == cell.ITEM and line.source_line_id is not None)

    def shown(self, row: int, name: str) -> str:
        """Return what a cell shows."""
        line = self.lines[row]
        if name in line.unread:
            return line.unread[name][0]
        if name == cell.ITEM:
            return line.item_code
        if name == cell.WAREHOUSE:
            return line.warehouse or self._warehouse_name(line.warehouse_id)
        if name == cell.SOURCE:
            return line.source
        if name == cell.FULFILLED:
            parts = [f"{fulfilled_word(kind)} {plain(amount)}" for kind, amount in line.fulfilled.items()]
            return " · ".join(part for part in parts if not part.endswith(" 0"))
        text = str(getattr(line, name))
        if name in AMOUNTS or name == cell.COST:
            return group_thousands(text) if text.strip("-0.") or line.item_id else ""
        if name in NUMBERS and text:
            return group_thousands(plain(text))
        return text

    def typed(self, row: int, name: str) -> str:
        """Return what an opened cell begins with."""
        line = self.lines[row]
        if name in line.unread:
            return line.unread[name][0]
        if name in FIGURES:
            return plain(str(getattr(line, name))) if name in NUMBERS else str(getattr(line, name))
        return self.shown(row, name)

    def fault(self, row: int, name: str) -> Message | None:
        """Return what is wrong with a cell: it cannot be read, or the server refused it."""
        unread = self.lines[row].unread.get(name)
        return unread[1] if unread else self.faults.get((row, name))

    def type(self, row: int, name: str, text: str) -> None:
        """Put a text into a cell; what cannot be read stays there, marked."""
        line = self.lines[row]
        line.unread.pop(name, None)
        self.faults.pop((row, name), None)
        if name == cell.ITEM:
            self._type_item(line, clean_text(text))
        elif name in NUMBERS or name in AMOUNTS or name == cell.EXPIRY:
            self._read(line, name, text)
        elif name == cell.WAREHOUSE:
            self._type_warehouse(line, clean_text(text))
        else:
            setattr(line, name, clean_text(text))
            if name == cell.UNIT:
                line.price_typed = line.price_typed and not line.item_id
        self._pad()

    def _read(self, line: Line, name: str, text: str) -> None:
        def take(cleaned: str) -> None:
            if name in NUMBERS:
                line.type_number(name, cleaned)
            elif name in AMOUNTS:
                line.type_amount(name, cleaned, self.digits)
            else:
                line.expiry = parse_date(cleaned).isoformat() if cleaned else ""

        reason = read_text(text, take)
        if reason is not None:
            line.unread[name] = (text, reason)

    def _type_item(self, line: Line, text: str) -> None:
        if not text:
            line.forget_item()
        elif text != line.item_code:
            line.unread[cell.ITEM] = (text, message("没有找到“{text}”。", text=text))

    def _type_warehouse(self, line: Line, text: str) -> None:
        fitting = [w for w in self.warehouses if text in {w.code, w.name}]
        if not text:
            line.warehouse_id, line.warehouse = None, ""
        elif fitting:
            line.warehouse_id, line.warehouse = fitting[0].id, fitting[0].name
        else:
            line.unread[cell.WAREHOUSE] = (text, message("没有找到“{text}”。", text=text))

    def take_item(self, row: int, item: Item) -> None:
        """Put an item into a row."""
        self.lines[row].take_item(item)
        self.faults.pop((row, cell.ITEM), None)
        self._pad()

    def type_discount(self, text: str) -> Message | None:
        """Take the discount off the whole document: an amount, or per cent of what the lines come to (`5%`).

        Returns why it cannot be read.
        """

        def take(cleaned: str) -> None:
            if cleaned.endswith(("%", "％")):
                rate = read_decimal(cleaned.rstrip("%％"))
                base = sum(parse_amount(self.lines[row].gross or "0", self.digits) for row in self.used)
                minor = read_amount(f"{base}*{rate or 0}/100", 0)
                self.discount = wire_amount(minor, self.digits)
            else:
                self.discount = wire_amount(read_amount(cleaned, self.digits), self.digits)

        return read_text(text, take)

    def unread_cells(self) -> list[tuple[int, str, Message]]:
        """Return cells whose text cannot be read, from the top."""
        return [(row, name, why) for row, ln in enumerate(self.lines) for name, (_, why) in ln.unread.items()]

    # --- rows --------------------------------------------------------------------------------------------------------

    def insert(self, row: int) -> None:
        """Put an empty row before this one."""
        self.lines.insert(row, Line())
        self.faults = {(r + 1 if r >= row else r, name): text for (r, name), text in self.faults.items()}

    def delete(self, row: int) -> None:
        """Take a row out."""
        del self.lines[row]
        self.faults = {(r - 1 if r > row else r, n): text for (r, n), text in self.faults.items() if r != row}
        self._pad()

    def wanted_columns(self) -> frozenset[str]:
        """Return the columns some row has use for, and those every document of this kind shows."""
        tracks = self.kind in MOVING
        named = {line.warehouse_id for line in self.lines if line.warehouse_id is not None}
        several, usual = len(named) > 1, self.warehouse_id or next(iter(named), None)
        wants: dict[str, Callable[[Line], bool]] = {
            cell.DISCOUNT: lambda ln: bool(ln.discount_percent),
            cell.WAREHOUSE: lambda ln: ln.warehouse_id is not None and (several or ln.warehouse_id != usual),
            cell.LOT: lambda ln: bool(ln.lot) or (tracks and ln.item is not None and ln.item.tracks_lots),
            cell.EXPIRY: lambda ln: bool(ln.expiry) or (tracks and ln.item is not None and ln.item.tracks_expiry),
            cell.SOURCE: lambda ln: bool(ln.source),
            cell.FULFILLED: lambda ln: any(amount.strip("0.") for amount in ln.fulfilled.values()),
            cell.COST: lambda ln: bool(ln.cost.strip("0.")),
        }
        return ALWAYS_SHOWN | {name for name, wanted in wants.items() if any(wanted(line) for line in self.lines)}

    def one_warehouse(self) -> int | None:
        """Return the document's warehouse; for one that is finished, that of all its lines when it names none."""
        if self.warehouse_id is not None or self.editable:
            return self.warehouse_id
        named = {line.warehouse_id for line in self.lines if line.warehouse_id is not None}
        return named.pop() if len(named) == 1 else None

    def next_cell(self, row: int, name: str) -> tuple[int, str]:
        """Return where Enter goes: what the row still needs, then the next row."""
        line = self.lines[row]
        way = self._way(line)
        later = way[way.index(name) + 1 :] if name in way else [cell.QUANTITY]
        if line.is_empty and name == cell.ITEM:
            later = [cell.DESCRIPTION]
        for follower in later:
            if self.may_type(row, follower):
                return row, follower
        self._pad(row + 2)
        return row + 1, cell.ITEM if self.may_type(row + 1, cell.ITEM) else cell.QUANTITY

    def previous_cell(self, row: int, name: str) -> tuple[int, str]:
        """Return where Shift+Enter goes."""
        way = self._way(self.lines[row])
        before = way[: way.index(name)] if name in way else way[:1]
        for earlier in reversed(before):
            if self.may_type(row, earlier):
                return row, earlier
        return (row - 1, self._way(self.lines[row - 1])[-1]) if row else (row, name)

    def _way(self, line: Line) -> list[str]:
        way = [cell.ITEM]
        if line.item_id is None and cell.ITEM not in line.unread:
            way.append(cell.DESCRIPTION)
        if self.kind in MOVING and line.item is not None and line.item.tracks_lots:
            way += [cell.LOT, cell.EXPIRY]
        return [*way, cell.QUANTITY, cell.PRICE]

    def capital(self) -> str:
        """Return the total in capitals, as printed documents have it."""
        if not self.gross.strip("-0.") or self.digits != 2:
            return ""
        return capital_amount(parse_amount(self.gross, 2))

    def _warehouse_name(self, warehouse_id: int | None) -> str:
        return next((w.name for w in self.warehouses if w.id == warehouse_id), "")

    def _pad(self, rows: int = 0) -> None:
        """Keep an empty row at the end of a draft, and a form's height of them."""
        if self.editable:
            last = max(self.used, default=-1) + 1 + SPARE_ROWS
            while len(self.lines) < max(rows, last, LEAST_ROWS):
                self.lines.append(Line())


def _blank_zero(text: str) -> str:
    return text if text.strip("-0.") else ""
