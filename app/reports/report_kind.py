"""What a kind of report is: its columns, and what HTTP, command line and files need to know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.contract.reports import ReportQuery
from app.identity.actor import Actor
from app.kernel.text import Message, message
from app.reports.request import Report, ReportRequest

ColumnKind = Literal["text", "integer", "amount", "quantity", "price"]
"""A price may be missing, where nothing can be divided by nothing: it is then an empty text."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in rows and CSV (a promise to other programs), what people read above it, and what it holds.

    In print, columns of one `group` stand below it, each under its `short` title. The amount of a column that depends
    on the book (`analysis`) lies in a row under `amounts`.
    """

    key: str
    title: Message
    kind: ColumnKind = "text"
    group: Message | None = None
    short: Message | None = None
    analysis: bool = False

    def read(self, row: Mapping[str, Any]) -> Any:
        """Return what a row has in this column."""
        return row["amounts"][self.key] if self.analysis else row[self.key]

    @property
    def head(self) -> Message:
        """Return what stands right above the column in print."""
        return self.title if self.short is None else self.short


@dataclass(frozen=True, slots=True)
class ReportType:
    """A report the program makes.

    `position_types` are the types of a page's position, for reports that have pages. `book_keys` name the columns that
    say which book a row stands in: in print they stand above it. A `running` book carries sums over its pages. With
    `has_analysis`, columns depend on the book and stand under `columns` in JSON. `unprinted` columns are for programs
    and spreadsheets. A statement's files have the layout of its form.
    """

    name: str
    title: Message
    permission: str
    run: Callable[[Actor, ReportRequest], Report]
    columns: tuple[Column, ...]
    position_types: tuple[type, ...] = ()
    query: type[ReportQuery] = ReportQuery
    book_keys: tuple[str, ...] = ()
    running: bool = False
    portrait: bool = False
    has_analysis: bool = False
    is_statement: bool = False
    unprinted: frozenset[str] = frozenset()

    def columns_of(self, report: Report) -> tuple[Column, ...]:
        """Return the columns with those that depend on the book."""
        sides = {"debit": message("借方分析"), "credit": message("贷方分析")}
        return self.columns + tuple(
            Column(
                column.key,
                Message("{code} {name}", {"code": column.account_code, "name": column.account_name}),
                "amount",
                sides[column.side],
                Message("{name}", {"name": column.account_name}),
                analysis=True,
            )
            for column in report.analysis
        )
