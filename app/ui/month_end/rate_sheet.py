"""Exchange rates of a month as they are typed: what was kept, what was changed, and the empty line below; no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from app.contract.rates import ExchangeRate, ExchangeRateInput
from app.kernel.text import clean_text


class RateColumn(IntEnum):
    """The columns, from left to right."""

    DATE = 0
    CURRENCY = 1
    RATE = 2
    SOURCE = 3
    CHANGED_BY = 4


FIELDS = {
    RateColumn.DATE: "date",
    RateColumn.CURRENCY: "currency",
    RateColumn.RATE: "rate",
    RateColumn.SOURCE: "source",
}


@dataclass
class RateLine:
    """One line; `kept` is the rate as the book has it, none for a new line."""

    date: str = ""
    currency: str = ""
    rate: str = ""
    source: str = ""
    kept: ExchangeRate | None = None
    wrong: RateColumn | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.date or self.currency or self.rate or self.source)

    @property
    def is_changed(self) -> bool:
        """Whether it differs from what the book has."""
        if self.kept is None:
            return not self.is_empty
        return (self.rate, self.source) != (self.kept.rate, self.kept.source)


class RateSheet:
    """The lines of a month; the last one is always empty, to type into."""

    def __init__(self, rates: Iterable[ExchangeRate] = (), *, day: str = "", typed: Iterable[RateLine] = ()) -> None:
        """Begin with what the book has, and lines typed before; `day` is proposed for the first new line."""
        self._day = day
        self.lines = [RateLine(rate.date, rate.currency, rate.rate, rate.source, rate) for rate in rates]
        self.lines.extend(typed)
        self.lines.append(RateLine())

    def may_type(self, row: int, column: RateColumn) -> bool:
        """Tell whether a cell is for typing: day and currency of a kept rate stay, for they name it."""
        if column is RateColumn.CHANGED_BY:
            return False
        return self.lines[row].kept is None or column in {RateColumn.RATE, RateColumn.SOURCE}

    def shown(self, row: int, column: RateColumn) -> str:
        """Return what a cell shows."""
        line = self.lines[row]
        if column is RateColumn.CHANGED_BY:
            return line.kept.changed_by if line.kept is not None else ""
        return str(getattr(line, FIELDS[column]))

    def type(self, row: int, column: RateColumn, text: str) -> bool:
        """Put a text into a cell; return whether a new empty line was added below.

        A new line takes the day and currency of the one above where they are left out.
        """
        line = self.lines[row]
        cleaned = clean_text(text)
        setattr(line, FIELDS[column], cleaned.upper() if column is RateColumn.CURRENCY else cleaned)
        line.wrong = None
        if line.kept is None and not line.is_empty:
            above = self.lines[row - 1] if row else RateLine()
            line.date = line.date or above.date or self._day
            line.currency = line.currency or above.currency
        if row == len(self.lines) - 1 and not line.is_empty:
            self.lines.append(RateLine())
            return True
        return False

    def changes(self) -> list[tuple[int, ExchangeRateInput]]:
        """Return the lines to save with their places. Raises what the contract raises for what is far too long."""
        return [
            (row, ExchangeRateInput(currency=line.currency, date=line.date, rate=line.rate, source=line.source))
            for row, line in enumerate(self.lines)
            if line.is_changed
        ]

    def mark_wrong(self, row: int, field: str) -> RateColumn:
        """Mark the cell a refusal names; return its column."""
        column = next((column for column, name in FIELDS.items() if name == field), RateColumn.RATE)
        self.lines[row].wrong = column
        return column
