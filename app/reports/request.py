"""What a report is asked for, and what it gives back. Plain values: no HTTP, no files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from app.contract.reports import ReportQuery
from app.kernel.errors import MalformedInput, RuleBroken
from app.kernel.period import format_period, parse_period
from app.kernel.text import message
from app.ledger.queries.balances import last_year_with_rows
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all, fetch_one

LAYER_POSTED = 0
LAYER_UNPOSTED = 1

ReportRow = Mapping[str, Any]
Position = tuple[int | str | None, ...]
"""The sort key of the last row shown; the next page goes on after it."""


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """The wishes of a caller. Months as `2026-06`, empty: from the book's start, to the last month in use.

    `account_code` limits a report to an account and what is below it, `aux` (`客户:甲公司`, or a kind alone) to an
    auxiliary. `limit` and `after` page the reports that list entries; without a limit they give all rows. `order`
    (`account` or `item`) says what comes first in books of auxiliaries, `word` and the numbers pick vouchers of a
    month, `level` leaves out accounts below a level, `year_ends` adds the line 结转下年 that printed books have.
    Reports of stock are limited to an `item` (code or barcode), `warehouse` and `category` (names), those of a day name
    its `date`. `columns` and `new_page` are for print: how many columns of amounts, and whether each account begins on
    a new page.
    """

    from_period: str = ""
    to_period: str = ""
    include_unposted: bool = False
    account_code: str = ""
    aux: str = ""
    limit: int | None = None
    after: Position | None = None
    order: str = ""
    word: str = ""
    from_number: int = 0
    to_number: int = 0
    level: int = 0
    columns: int = 8
    new_page: bool = True
    year_ends: bool = False
    item: str = ""
    warehouse: str = ""
    category: str = ""
    date: str = ""


def request_of(query: ReportQuery) -> ReportRequest:
    """Return the wishes of a query, the whole report without pages."""
    known = {wish.name for wish in fields(ReportRequest)} - {"limit", "after"}
    return ReportRequest(**{name: value for name, value in query if name in known})


class AnalysisColumn(NamedTuple):
    """A column of a book of many columns: an account below the one asked for, and the side its amounts are on."""

    key: str
    side: str
    account_code: str
    account_name: str


@dataclass(slots=True)
class Report:
    """A report's rows in order and its totals. Amounts are decimal strings. Read `rows` inside the book's session.

    `next` is the position to go on from, once `rows` has been read; `None` after the last page. `analysis` are columns
    that depend on the book (多栏账): each row holds their amounts by key under `amounts`. `expected`
    counts about how many rows there will be, for those who wait.
    """

    rows: Iterable[ReportRow]
    totals: dict[str, str] = field(default_factory=dict)
    next: Position | None = None
    analysis: tuple[AnalysisColumn, ...] = ()
    expected: Callable[[], int] | None = None


class Span(NamedTuple):
    """The months a report covers.

    `first` and `last` are months; `known_year` is the year whose rows hold the opening of `first` (the last year with
    rows up to it), or `None` where nothing was entered by then. `layers` are the balance layers that count.
    """

    first: int
    last: int
    known_year: int | None
    layers: tuple[int, ...]

    @property
    def first_row(self) -> int:
        """Return the first period of the balance rows that matter."""
        year = self.first // 100 if self.known_year is None else self.known_year
        return year * 100

    def part_of(self, period: int) -> SpanPart:
        """Return where the row of a balance period belongs.

        Month 0 holds what happened in the year before a book's start, known only as one sum; it belongs to a span that
        begins with that January.
        """
        covered = self.first <= period <= self.last or (period % 100 == 0 and self.first == period + 1)
        this_year = period // 100 == self.last // 100
        return SpanPart(
            opens=period == self.first_row,
            covered=covered,
            before=period < self.first and not covered,
            this_year=this_year,
            shown=this_year or period >= self.first,
        )


class SpanPart(NamedTuple):
    """Where a balance period belongs in a span.

    `opens`: its opening counts · `covered`: its turnover is the span’s · `before`: it is part of the opening ·
    `this_year`: its turnover is year-to-date · `shown`: what was used in it makes its account appear.
    """

    opens: bool
    covered: bool
    before: bool
    this_year: bool
    shown: bool


def resolve_span(request: ReportRequest, *, whole_year: bool = False) -> Span:
    """Read the months asked for against what the book holds.

    Months before the book's start hold nothing, so the span begins at the start at the earliest. With `whole_year`, a
    span from January or earlier begins in the start year's January: the sum of what happened from then to the start is
    known, though not by month. Raises `MalformedInput`, and `RuleBroken` for a span that ends before the start.
    """
    start = int(get_setting("start_period"))
    layers = (LAYER_POSTED, LAYER_UNPOSTED) if request.include_unposted else (LAYER_POSTED,)
    january = start // 100 * 100 + 1
    first = parse_period(request.from_period) if request.from_period else start
    last = parse_period(request.to_period) if request.to_period else max(first, _last_month(start, layers))
    if first > last:
        raise MalformedInput(
            "span_reversed",
            message(
                "起始月份 {first} 晚于截止月份 {last}，请调换。", first=format_period(first), last=format_period(last)
            ),
        )
    if last < start:
        raise RuleBroken("before_start", message("账簿从 {start} 开始，这之前没有账。", start=format_period(start)))
    first = january if whole_year and first <= january else max(first, start)
    return Span(first, last, last_year_with_rows(first // 100), layers)


def _last_month(start: int, layers: tuple[int, ...]) -> int:
    row = fetch_one("SELECT MAX(year) FROM {fiscal_year}")
    if row is None or row[0] is None:
        return start
    for layer_year in range(int(row[0]), start // 100 - 1, -1):
        found = fetch_all(
            f"SELECT MAX(period) FROM {{balance}} WHERE period BETWEEN ? AND ? AND layer IN ({marks(layers)})",
            (layer_year * 100 + 1, layer_year * 100 + 12, *layers),
        )
        if found[0][0] is not None:
            return max(start, int(found[0][0]))
    return start


def marks(values: Iterable[object]) -> str:
    """Return as many `?` places as there are values, for an SQL `IN`."""
    return ", ".join("?" for _ in values)
