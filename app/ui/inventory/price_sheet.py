"""The prices of a list as they are typed: one line an item, unit, quantity and day, an empty line below; no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from app.contract.inventory import Item, PriceRow
from app.kernel.text import clean_text


class PriceColumn(IntEnum):
    """The columns, from left to right."""

    ITEM = 0
    NAME = 1
    UNIT = 2
    FROM_QUANTITY = 3
    FROM_DATE = 4
    PRICE = 5


@dataclass
class PriceLine:
    """One line; without an item it is empty."""

    item_id: int = 0
    item_code: str = ""
    item_name: str = ""
    unit: str = ""
    from_quantity: str = ""
    from_date: str = ""
    price: str = ""
    wrong: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.item_code or self.unit or self.from_quantity or self.from_date or self.price)


_FIELDS = {
    PriceColumn.ITEM: "item_code",
    PriceColumn.NAME: "item_name",
    PriceColumn.UNIT: "unit",
    PriceColumn.FROM_QUANTITY: "from_quantity",
    PriceColumn.FROM_DATE: "from_date",
    PriceColumn.PRICE: "price",
}


class PriceSheet:
    """The lines of a list; the last one is always empty, to type into."""

    def __init__(self, rows: Iterable[PriceRow] = ()) -> None:
        """Begin with what the book has."""
        self.lines = [
            PriceLine(
                row.item_id,
                row.item_code,
                row.item_name,
                row.unit,
                "" if row.from_quantity == "0" else row.from_quantity,
                row.from_date,
                row.price,
            )
            for row in rows
        ]
        self.lines.append(PriceLine())
        self.is_changed = False

    def shown(self, row: int, column: PriceColumn) -> str:
        """Return what a cell shows."""
        return str(getattr(self.lines[row], _FIELDS[column]))

    def line_texts(self) -> list[str]:
        """Return the lines as people read them, without the empty ones."""
        return [
            " · ".join(text for column in PriceColumn if (text := self.shown(row, column)))
            for row, line in enumerate(self.lines)
            if not line.is_empty
        ]

    def choose(self, row: int, item: Item) -> bool:
        """Put an item into a line, with its own price to begin with; return whether a line was added below."""
        line = self.lines[row]
        line.item_id, line.item_code, line.item_name = item.id, item.code, item.name
        line.unit = line.unit if line.unit in {unit.unit for unit in item.units} else item.unit
        line.price = line.price or item.sales_price
        return self._changed(row)

    def type(self, row: int, column: PriceColumn, text: str) -> bool:
        """Put a text into a cell; return whether a new empty line was added below."""
        setattr(self.lines[row], _FIELDS[column], clean_text(text))
        return self._changed(row)

    def _changed(self, row: int) -> bool:
        self.lines[row].wrong = False
        self.is_changed = True
        if row == len(self.lines) - 1 and not self.lines[row].is_empty:
            self.lines.append(PriceLine())
            return True
        return False

    def delete(self, row: int) -> bool:
        """Take a line away, unless it is the empty one; return whether it was."""
        if not 0 <= row < len(self.lines) - 1:
            return False
        del self.lines[row]
        self.is_changed = True
        return True

    def rows(self) -> tuple[list[int], list[PriceRow]]:
        """Return the places and the rows to save. Raises what the contract raises for what is far too long."""
        typed = [(place, line) for place, line in enumerate(self.lines) if not line.is_empty]
        return [place for place, _ in typed], [
            PriceRow(
                item_id=line.item_id,
                unit=line.unit,
                from_quantity=line.from_quantity or "0",
                from_date=line.from_date,
                price=line.price,
            )
            for _, line in typed
        ]
