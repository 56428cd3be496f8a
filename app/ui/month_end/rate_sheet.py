"""Exchange rates of a month as they are typed: what was kept, what was changed, and the empty line below; no Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from app.contract.rates import ExchangeRate, ExchangeRateInput
from app.kernel.errors import UserError
from app.kernel.money import format_rate, parse_rate
from app.kernel.period import parse_date
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


RateKey = tuple[str, str]
"""Currency and day, which tell a rate from others."""


@dataclass
class RateLine:
    """One line; `kept` is the rate as the book has it, none for a new line."""

    date: str = ""
    currency: str = ""
    rate: str = ""
    source: str = ""
    kept: ExchangeRate | None = None
    wrong: RateColumn | None = None
    base: int | None = None
    """The version it goes on top of, where another one than `kept` was seen."""
    unanswered: str = ""
    """What it read when it was sent and no answer came: that the rate is this now is one's own doing."""

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

    @property
    def key(self) -> RateKey:
        """Currency and day as the book writes them; a date that cannot be read stays as it is."""
        try:
            return self.currency, parse_date(self.date).isoformat()
        except UserError:
            return self.currency, self.date

    @property
    def text(self) -> str:
        """The rate and its source as people read them."""
        try:
            return rate_text(format_rate(parse_rate(self.rate)), self.source)
        except UserError:
            return rate_text(self.rate, self.source)


def rate_text(rate: str, source: str) -> str:
    """Return a rate with its source as people read them."""
    return f"{rate} · {source}" if source else rate


class RateSheet:
    """The lines of a month; the last one is always empty, to type into."""

    def __init__(self, rates: Iterable[ExchangeRate] = (), *, day: str = "", typed: Sequence[RateLine] = ()) -> None:
        """Begin with what the book has, and lines typed before; `day` is proposed for the first new line.

        A change of a kept rate stays based on the version it was typed over.
        """
        self._day = day
        changed = {line.key: line for line in typed if line.kept is not None}
        listed = [_line_of(rate) for rate in rates]
        self.lines = [changed.pop(line.key, line) for line in listed]
        self.lines.extend(changed.values())
        self.lines.extend(line for line in typed if line.kept is None)
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
        known = {line.key: line.kept.version for line in self.lines if line.kept is not None}
        return [
            (
                row,
                ExchangeRateInput(
                    currency=line.currency,
                    date=line.date,
                    rate=line.rate,
                    source=line.source,
                    version=line.base if line.base is not None else known.get(line.key, 0),
                ),
            )
            for row, line in enumerate(self.lines)
            if line.is_changed
        ]

    # --- others' changes ---------------------------------------------------------------------------------------------

    def text_before(self, line: RateLine) -> str:
        """Return what the book had in the place of a line when it was typed; empty for nothing."""
        kept = next((one.kept for one in self.lines if one.kept is not None and one.key == line.key), None)
        return rate_text(kept.rate, kept.source) if kept is not None else ""

    def take(self, mine: Sequence[RateLine], theirs: Mapping[RateKey, ExchangeRate]) -> None:
        """Put what stands there now in the place of some lines; the others stay as they were typed."""
        dropped = {id(line) for line in mine}
        lines: list[RateLine] = []
        for line in self.lines:
            rate = theirs.get(line.key)
            if id(line) in dropped and rate is not None:
                lines.append(_line_of(rate))
            elif id(line) not in dropped and not (line.kept is not None and rate is not None):
                lines.append(line)
        self.lines = lines

    def mark_wrong(self, row: int, field: str) -> RateColumn:
        """Mark the cell a refusal names; return its column."""
        column = next((column for column, name in FIELDS.items() if name == field), RateColumn.RATE)
        self.lines[row].wrong = column
        return column


def _line_of(rate: ExchangeRate) -> RateLine:
    return RateLine(rate.date, rate.currency, rate.rate, rate.source, rate)
