"""A stock document while it is typed: its lines and what their cells show; no Qt."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.contract.stock import StockBalanceRow, StockDocument, StockDocumentKind, StockLineInput
from app.kernel.errors import MalformedInput
from app.kernel.money import QUANTITY_DIGITS, format_amount, format_quantity, group_thousands, parse_amount
from app.kernel.text import Message, clean_text, message
from app.ui.ledger.amounts import read_amount, read_decimal, scaled
from app.ui.ledger.date_field import read_date
from app.ui.stock.stock_line import (
    FIELDS,
    FOLLOWS,
    MONEY_DIGITS,
    ONE,
    VALUED,
    Column,
    DraftLine,
    ItemFacts,
    columns_of,
    stored_line,
)


class StockSheet:
    """The lines of one document. While it may be typed into, the last line is empty."""

    def __init__(self, kind: StockDocumentKind, stored: StockDocument | None = None, *, may_type: bool = True) -> None:
        self.kind: StockDocumentKind = kind
        self.stored = stored
        self.editable = may_type and (stored is None or stored.state == "draft")
        self.date = stored.date if stored is not None else ""
        known = stored is not None and stored.state != "draft"
        lines = stored.lines if stored is not None else []
        self.lines = [stored_line(line, valued=known or kind in VALUED or kind == "count") for line in lines]
        self.refused: dict[tuple[int, Column], Message] = {}
        self._settle()

    def set_kind(self, kind: StockDocumentKind) -> None:
        """Make a new document one of another kind; what was typed stays as far as that kind has a place for it."""
        self.kind = kind
        for line in self.lines:
            line.book = None
            if kind not in VALUED:
                line.take_amount(None)

    # --- what cells show ---------------------------------------------------------------------------------------------

    @property
    def used(self) -> list[int]:
        """The places of lines something was typed into."""
        return [row for row, line in enumerate(self.lines) if not line.is_empty]

    def columns(self) -> Sequence[Column]:
        """Return the columns to show: lot and expiry only where a line has use for them."""
        lots = any(line.lot or (line.item is not None and line.item.tracks_lots) for line in self.lines)
        expiry = any(line.expiry or (line.item is not None and line.item.tracks_expiry) for line in self.lines)
        hidden = {*(() if lots or expiry else (Column.LOT,)), *(() if expiry else (Column.EXPIRY,))}
        return [column for column in columns_of(self.kind) if column not in hidden]

    def may_type(self, row: int, name: str) -> bool:
        """Tell whether a cell is for typing."""
        column = Column(name)
        if not self.editable or column in FOLLOWS:
            return False
        return self.is_valued(row) or column not in {Column.PRICE, Column.AMOUNT}

    def is_valued(self, row: int) -> bool:
        """Tell whether a line may be given a value: what comes in, and what a count finds beyond the book."""
        line = self.lines[row]
        if self.kind == "assembly":
            return line.quantity is None or line.quantity > 0
        return self.kind in VALUED or (self.kind == "count" and (line.difference or 0) > 0)

    def shown(self, row: int, name: str) -> str:
        """Return what a cell shows."""
        line, column = self.lines[row], Column(name)
        if column in line.unread:
            return line.unread[column][0]
        if column is Column.ITEM:
            return line.item.label if line.item is not None else line.item_text
        if column is Column.AMOUNT:
            return "" if line.amount is None else group_thousands(format_amount(self._signed(line), MONEY_DIGITS))
        figures = {
            Column.QUANTITY: line.quantity,
            Column.BOOK: line.book,
            Column.DIFFERENCE: line.difference,
            Column.PRICE: line.price,
        }
        if column in figures:
            value = figures[column]
            return "" if value is None else group_thousands(_short(value, price=column is Column.PRICE))
        return {Column.LOT: line.lot, Column.EXPIRY: line.expiry, Column.UNIT: line.unit}.get(column, line.note)

    def typed(self, row: int, name: str) -> str:
        """Return what an opened cell begins with."""
        return self.shown(row, name)

    def fault(self, row: int, name: str) -> Message | None:
        """Return why a cell cannot be read, or was refused."""
        column = Column(name)
        unread = self.lines[row].unread.get(column)
        return unread[1] if unread is not None else self.refused.get((row, column))

    # --- typing ------------------------------------------------------------------------------------------------------

    def type(self, row: int, name: str, text: str) -> None:
        """Put a text into a cell; what cannot be read stays there with the reason."""
        line, column = self.lines[row], Column(name)
        self.refused.pop((row, column), None)
        line.unread.pop(column, None)
        cleaned = clean_text(text)
        try:
            self._read(line, column, cleaned)
        except MalformedInput as error:
            line.unread[column] = (cleaned, error.message)
        self._settle()

    def _read(self, line: DraftLine, column: Column, text: str) -> None:
        if column is Column.ITEM:
            if line.item is None or text != line.item.label:
                line.item, line.item_text, line.book = None, text, None
        elif column is Column.UNIT:
            self._read_unit(line, text)
        elif column is Column.EXPIRY:
            near = datetime.date.fromisoformat(self.date) if self.date else datetime.date.min
            line.expiry = read_date(text, near).isoformat() if text else ""
        elif column is Column.QUANTITY:
            value = read_decimal(text)
            line.quantity = None if value is None else scaled(value, QUANTITY_DIGITS, text)
            line.follow_price()
        elif column is Column.PRICE:
            price = read_decimal(text)
            if price is not None:
                scaled(price, QUANTITY_DIGITS, text)
            line.take_price(price)
        elif column is Column.AMOUNT:
            line.take_amount(read_amount(text, MONEY_DIGITS) if text else None)
        elif column is Column.LOT:
            line.lot = text
            line.book = None
        else:
            line.note = text

    def _read_unit(self, line: DraftLine, text: str) -> None:
        item = line.item
        if item is not None and text and text not in item.factors and item.unit in item.factors:
            raise MalformedInput(
                "unit_unknown",
                message("“{unit}”不是这个商品的单位，可用：{units}。", unit=text, units="、".join(item.factors)),
            )
        line.unit = text or (item.unit if item is not None else "")

    def choose_item(self, row: int, item: ItemFacts) -> None:
        """Put an item into a line; its usual unit comes with it."""
        line = self.lines[row]
        line.unread.pop(Column.ITEM, None)
        if line.item is None or line.item.id != item.id:
            line.lot, line.book, line.unit = "", None, item.unit
            line.expiry = ""
        line.item, line.item_text = item, ""
        line.unit = line.unit if line.unit in item.factors else item.unit
        self._settle()

    def learn(self, row: int, item: ItemFacts) -> None:
        """Know more of the item a line has, such as its further units."""
        line = self.lines[row]
        if line.item is not None and line.item.id == item.id:
            factors = (
                {**item.factors, line.unit: item.factors.get(line.unit, line.factor)} if line.unit else item.factors
            )
            line.item = replace(item, factors=factors)

    def set_book(self, item_id: int, lot: str, quantity: int) -> None:
        """Counts: what the book has of an item and lot, in base units."""
        for line in self.lines:
            if line.item is not None and (line.item.id, line.lot) == (item_id, lot):
                line.book = quantity

    def compare(self, rows: Iterable[StockBalanceRow]) -> None:
        """Counts: compare all lines with what the book has by lot; what is not among it is not in stock."""
        by_lot: dict[tuple[int, str], int] = {}
        whole: dict[int, int] = {}
        for row in rows:
            quantity = parse_amount(row.quantity, QUANTITY_DIGITS)
            by_lot[row.item_id, row.lot] = by_lot.get((row.item_id, row.lot), 0) + quantity
            whole[row.item_id] = whole.get(row.item_id, 0) + quantity
        for line in self.lines:
            if line.item is not None:
                line.book = by_lot.get((line.item.id, line.lot), 0) if line.lot else whole.get(line.item.id, 0)

    def insert(self, row: int) -> None:
        """Put an empty line before one."""
        self.refused = {}
        self.lines.insert(row, DraftLine())

    def delete(self, row: int) -> None:
        """Take a line out."""
        self.refused = {}
        del self.lines[row]
        self._settle()

    def fill(self, rows: Iterable[StockBalanceRow]) -> int:
        """Counts: add a line for everything the book has and that is not here yet; return how many were added.

        What was counted begins as what the book has, so that only differences need typing.
        """
        here = {(line.item.id, line.lot) for line in self.lines if line.item is not None}
        added = [_counted(row) for row in rows if (row.item_id, row.lot) not in here]
        self.lines[len(self.lines) - 1 :] = added
        self._settle()
        return len(added)

    def _settle(self) -> None:
        if self.editable and (not self.lines or not self.lines[-1].is_empty):
            self.lines.append(DraftLine())

    # --- moving ------------------------------------------------------------------------------------------------------

    def next_cell(self, row: int, name: str) -> tuple[int, str]:
        """Return where Enter goes: the next cell the line needs, then the next line's item."""
        line, column = self.lines[row], Column(name)
        if line.is_empty and column is Column.ITEM:
            return row, column
        shown = self.columns()
        wanted = self._needed(line)
        later = [one for one in shown[shown.index(column) + 1 :] if one in wanted] if column in shown else []
        return (row, later[0]) if later else (min(row + 1, len(self.lines) - 1), Column.ITEM)

    def previous_cell(self, row: int, name: str) -> tuple[int, str]:
        """Return where Shift+Enter goes: back to the cells Enter stops at."""
        shown, column = self.columns(), Column(name)
        wanted = {Column.ITEM, *self._needed(self.lines[row])}
        before = [one for one in shown[: shown.index(column)] if one in wanted] if column in shown else []
        if before:
            return row, before[-1]
        return (row - 1, Column.QUANTITY) if row else (row, Column.ITEM)

    def _needed(self, line: DraftLine) -> set[Column]:
        """Return the cells of a line, beside its item, that nearly always are to be typed."""
        wanted = {Column.QUANTITY}
        if line.item is not None and line.item.tracks_lots:
            wanted.add(Column.LOT)
        if line.item is not None and line.item.tracks_expiry and self.kind in VALUED:
            wanted.add(Column.EXPIRY)
        if self.kind in {"opening", "other_in"}:
            wanted.add(Column.AMOUNT)
        return wanted

    # --- sending -----------------------------------------------------------------------------------------------------

    def content(self) -> tuple[object, ...]:
        """Return what was typed into the lines, for telling whether it is saved."""
        return (self.kind, *(self.lines[row].content() for row in self.used))

    def unread_cell(self) -> tuple[int, Column] | None:
        """Return the first cell that cannot be sent: unreadable, without its item or without a quantity."""
        for row in self.used:
            line = self.lines[row]
            if line.unread:
                return row, next(column for column in Column if column in line.unread)
            if line.item is None:
                line.unread[Column.ITEM] = (line.item_text, message("请选择商品。"))
                return row, Column.ITEM
            if line.quantity is None:
                line.unread[Column.QUANTITY] = ("", message("请填数量。"))
                return row, Column.QUANTITY
        return None

    def mark_refused(self, fields: Mapping[str, Message]) -> list[tuple[int, Column]]:
        """Keep what the server says about cells (`lines.3.quantity`); return the cells, from the top."""
        self.refused = {}
        used = self.used
        for path, sentence in fields.items():
            head, _, rest = path.partition(".")
            place, _, field = rest.partition(".")
            if head == "lines" and place.isdigit() and int(place) < len(used):
                self.refused[used[int(place)], FIELDS.get(field, Column.ITEM)] = sentence
        return sorted(self.refused, key=lambda cell: (cell[0], list(Column).index(cell[1])))

    def inputs(self) -> list[StockLineInput]:
        """Return the lines for the server, in their order."""
        return [self.lines[row].to_input() for row in self.used]

    def total(self) -> int:
        """Return what the amounts of all lines add up to; what goes out of a count or an assembly is taken off."""
        return sum(self._signed(line) for line in self.lines)

    def _signed(self, line: DraftLine) -> int:
        """Return a line's amount, negative where it goes out: what a count misses, the parts of an assembly."""
        moves = {"count": line.difference, "assembly": line.quantity}.get(self.kind) or 0
        amount = line.amount or 0
        return -amount if moves < 0 else amount

    def differing(self) -> int:
        """Counts: return how many lines differ from the book."""
        return sum(1 for line in self.lines if line.difference)


def _counted(row: StockBalanceRow) -> DraftLine:
    quantity = parse_amount(row.quantity, QUANTITY_DIGITS)
    facts = ItemFacts(
        row.item_id,
        row.item_code,
        row.item_name,
        row.specification,
        row.unit,
        {row.unit: ONE},
        bool(row.lot),
        whole=False,
    )
    return DraftLine(
        item=facts, lot=row.lot, expiry=row.expiry, unit=row.unit, quantity=max(quantity, 0), book=quantity
    )


def _short(value: int, *, price: bool) -> str:
    """Write a quantity without needless zeros; a price that does not come out even with six decimals."""
    if not price:
        return format_quantity(value)
    return format_quantity((value + 50) // 100, QUANTITY_DIGITS - 2) if value % 100 else format_quantity(value)
