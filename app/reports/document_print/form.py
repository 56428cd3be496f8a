"""What stands on a printed document, whatever kind it is: built from the contracts, drawn by `drawing`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Align = Literal["left", "centre", "right"]


class Column(NamedTuple):
    """A column of the table: its head, its share of the width, and how its cells stand."""

    head: str
    share: int
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who prints: name, lines of address and bank, and whether there is a logo."""

    name: str
    lines: Sequence[str] = ()
    has_logo: bool = False


@dataclass(frozen=True, slots=True)
class PrintedForm:
    """One document ready to be drawn; every text is in the reader's language."""

    title: str
    issuer: Issuer
    left: Sequence[tuple[str, str]]
    """Labels and values on the left, such as who it is for."""
    right: Sequence[tuple[str, str]]
    """Labels and values on the right, such as number and date."""
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    totals: Sequence[tuple[str, str]] = ()
    capital: str = ""
    opening: str = ""
    closing: str = ""
    signatures: Sequence[str] = field(default_factory=tuple)
    mark: str = ""
    """草稿, 作废: stands beside the title."""
    of_pages: str = "{page} / {pages}"
