"""What books with a running balance share: an account's entries by date, struck by day, month and year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.kernel.money import format_amount
from app.kernel.period import first_day, last_day, year_of
from app.reports.chart import NO_FILTER, AuxiliaryFilter, Chart, Currencies, ReportAccount, read_set_texts
from app.reports.figures import AccountMonths, MonthToDate
from app.reports.general_ledger import CARRIED_FORWARD, CARRIED_ON, YEAR_TO_DATE, brought_forward, direction_of
from app.reports.journal import measures, paged
from app.reports.request import LAYER_UNPOSTED, Position, Report, ReportRequest, ReportRow, Span, marks
from app.storage.database import fetch_all

DAY_TOTAL = "本日合计"
MONTH_TOTAL = "本月合计"
POSITION_TYPES = (str, int, int, str, str, int, int, int, int, int, int, int, int)
"""book, period, stage, date, word, number, voucher, line, balance, pieces, day's debit, day's credit, day struck"""

STAGE_OPENING, STAGE_LINES, STAGE_MONTH, STAGE_YEAR, STAGE_END = range(5)


class Place(NamedTuple):
    """The row after which a page goes on, with what runs on from it."""

    book: str
    period: int = 0
    stage: int = STAGE_OPENING
    date: str = ""
    word: str = ""
    number: int = 0
    voucher_id: int = 0
    line: int = 0
    balance: int = 0
    pieces: int = 0
    day_debit: int = 0
    day_credit: int = 0
    struck: int = 0


class Entry(NamedTuple):
    """One line of a voucher."""

    date: str
    word: str
    number: int
    voucher_id: int
    line: int
    summary: str
    account_id: int
    set_id: int
    side: int
    debit: int
    credit: int
    currency_id: int
    foreign_amount: int
    quantity: int
    unit_price: int | None

    @property
    def pieces(self) -> int:
        """Return the quantity, debit positive."""
        return self.quantity * self.side


@dataclass(frozen=True, slots=True)
class Book:
    """One account's book to run through: which entries belong to it, and its months (in pieces too, if it counts)."""

    key: str
    account: ReportAccount
    account_ids: tuple[int, ...]
    months: AccountMonths
    sets: AuxiliaryFilter = NO_FILTER
    aux: str = ""
    pieces: AccountMonths | None = None


class Line(NamedTuple):
    """One row of a book in minor units; balances are signed, debit positive. An entry's row has its `entry`."""

    book: Book
    kind: str
    period: int
    date: str
    summary: str
    debit: int
    credit: int
    balance: int
    pieces_in: int = 0
    pieces_out: int = 0
    pieces: int = 0
    entry: Entry | None = None
    contra: str = ""
    aux: str = ""


Render = Callable[[Line], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Wish:
    """How books are run through: struck each day, with codes of the other side, with the line 结转下年."""

    limit: int | None = None
    daily: bool = False
    contra: bool = False
    year_ends: bool = False


class RunningBooks:
    """Makes the lines of one request."""

    def __init__(self, span: Span, chart: Chart, currencies: Currencies, wish: Wish) -> None:
        """Know what all books of a request share."""
        self._span = span
        self._chart = chart
        self._currencies = currencies
        self._wish = wish

    def report(
        self,
        books: Iterable[Book],
        request: ReportRequest,
        totals: dict[str, str],
        render: Render,
    ) -> Report:
        """Return the rows of some books: all of them, or the page after the request's position.

        For a page `books` may begin with the book the position is in; books before it are passed over.
        """
        after = Place(*request.after) if request.after else None  # type: ignore[arg-type]
        rows: Iterator[tuple[ReportRow, Position]] = (
            (render(line), place) for line, place in self._lines(books, after)
        )
        if request.limit is None:
            known = list(books) if isinstance(books, Sequence) else []
            return Report((row for row, _ in rows), totals, expected=lambda: self._count(known))
        return paged(rows, request.limit, totals)

    def _count(self, books: Sequence[Book]) -> int:
        """Count about how many rows some books have: their entries, and three lines a month."""
        ids = sorted({account_id for book in books for account_id in book.account_ids})
        counted = fetch_all(
            f"SELECT COUNT(*) FROM {{entry}} WHERE account_id IN ({marks(ids) or 'NULL'}) AND period BETWEEN ? AND ?",
            [*ids, self._span.first, self._span.last],
        )
        return int(counted[0][0]) + sum(2 * len(book.months.months) + 1 for book in books)

    def _lines(self, books: Iterable[Book], after: Place | None) -> Iterator[tuple[Line, Place]]:
        waiting = after is not None
        for book in books:
            if after is not None and waiting:
                if book.key != after.book:
                    continue
                waiting = False
                yield from self._book_lines(book, after)
            else:
                yield from self._book_lines(book, None)

    def _book_lines(self, book: Book, after: Place | None) -> Iterator[tuple[Line, Place]]:
        first = self._span.first
        pieces = book.pieces or AccountMonths()
        if after is None:
            if book.months.is_empty() and pieces.is_empty():
                return
            date = first_day(first).isoformat()
            summary = brought_forward(first)
            opening = Line(book, "opening", first, date, summary, 0, 0, book.months.opening, pieces=pieces.opening)
            yield opening, Place(book.key)
        months = list(book.months.months_to_date(self._span))
        for place, month in enumerate(months):
            if after is not None and month.period < after.period:
                continue
            here = after if after is not None and month.period == after.period else None
            yield from self._month_lines(book, month, pieces.at(self._span, month.period), here)
            later = months[place + 1].period if place + 1 < len(months) else self._span.last + 1
            if self._wish.year_ends and month.period // 100 * 100 + 12 < later:
                yield from self._year_end(book, month, pieces.at(self._span, month.period))

    def _month_lines(
        self, book: Book, month: MonthToDate, pieces: MonthToDate, after: Place | None
    ) -> Iterator[tuple[Line, Place]]:
        period = month.period
        done = -1 if after is None else after.stage
        if month.begins_year and done < STAGE_OPENING:
            date = first_day(period).isoformat()
            opening = Line(book, "opening", period, date, CARRIED_FORWARD, 0, 0, month.opening, pieces=pieces.opening)
            yield opening, Place(book.key, period, STAGE_OPENING)
        if done <= STAGE_LINES:
            lines = after if done == STAGE_LINES else None
            start = Place(book.key, period, STAGE_LINES, balance=month.opening, pieces=pieces.opening, struck=1)
            yield from self._entry_lines(book, period, lines or start, resumed=lines is not None)
        date = last_day(period).isoformat()
        ends = (month.closing, pieces.debit, pieces.credit, pieces.closing)
        if done < STAGE_MONTH:
            line = Line(book, "month", period, date, MONTH_TOTAL, month.debit, month.credit, *ends)
            yield line, Place(book.key, period, STAGE_MONTH)
        if done < STAGE_YEAR:
            ends = (month.closing, pieces.year_debit, pieces.year_credit, pieces.closing)
            line = Line(book, "year", period, date, YEAR_TO_DATE, month.year_debit, month.year_credit, *ends)
            yield line, Place(book.key, period, STAGE_YEAR)

    def _year_end(self, book: Book, month: MonthToDate, pieces: MonthToDate) -> Iterator[tuple[Line, Place]]:
        """Yield what goes over into the next year (《会计基础工作规范》 art. 63); nothing where it is level."""
        december = year_of(month.period) * 100 + 12
        if month.closing or pieces.closing:
            date = last_day(december).isoformat()
            line = Line(book, "carried", december, date, CARRIED_ON, 0, 0, month.closing, pieces=pieces.closing)
            yield line, Place(book.key, month.period, STAGE_END)

    def _entry_lines(self, book: Book, period: int, start: Place, *, resumed: bool) -> Iterator[tuple[Line, Place]]:
        entries = self._read_entries(book, period, start if resumed else None)
        contra = self._read_contra([entry.voucher_id for entry in entries]) if self._wish.contra else {}
        texts = read_set_texts({entry.set_id for entry in entries})
        place = start
        for entry in entries:
            if self._wish.daily and not place.struck and entry.date != place.date:
                place = place._replace(struck=1)
                yield self._day_line(book, place), place
            same_day = entry.date == place.date
            place = Place(
                book.key,
                period,
                STAGE_LINES,
                *(entry.date, entry.word, entry.number, entry.voucher_id, entry.line),
                balance=place.balance + entry.debit - entry.credit,
                pieces=place.pieces + entry.pieces,
                day_debit=entry.debit + (place.day_debit if same_day else 0),
                day_credit=entry.credit + (place.day_credit if same_day else 0),
            )
            came, went = (entry.quantity, 0) if entry.side > 0 else (0, entry.quantity)
            yield (
                Line(
                    *(book, "entry", period, entry.date, entry.summary, entry.debit, entry.credit, place.balance),
                    *(came, went, place.pieces, entry),
                    contra=";".join(contra.get((entry.voucher_id, -entry.side), ())),
                    aux=texts[entry.set_id],
                ),
                place,
            )
        if self._wish.daily and not place.struck:
            place = place._replace(struck=1)
            yield self._day_line(book, place), place

    @staticmethod
    def _day_line(book: Book, place: Place) -> Line:
        return Line(
            *(book, "day", place.period, place.date, DAY_TOTAL, place.day_debit, place.day_credit, place.balance),
            pieces=place.pieces,
        )

    def _read_entries(self, book: Book, period: int, after: Place | None) -> list[Entry]:
        """Read a month's entries of a book after a place, one page and one more where pages are wanted."""
        unposted = (
            " OR (v.state IN ('draft', 'reviewed') AND v.faults = '')" if LAYER_UNPOSTED in self._span.layers else ""
        )
        # one customer has few entries in a month, an account with all its customers many: the sum hides its index
        account = "e.account_id + 0" if book.aux else "e.account_id"
        sql = (
            "SELECT v.date, v.word, COALESCE(v.number, 0), e.voucher_id, e.line, e.summary, e.account_id,"
            " e.auxiliary_set_id, e.side, e.debit, e.credit, e.currency_id, e.foreign_amount, e.quantity, e.unit_price"
            " FROM {entry} e JOIN {voucher} v ON v.id = e.voucher_id"
            f" WHERE e.period = ? AND {account} IN ({marks(book.account_ids)}) AND (v.state = 'posted'{unposted})"
        )
        params: list[Any] = [period, *book.account_ids]
        sql += book.sets.sql.replace("auxiliary_set_id IN", "e.auxiliary_set_id IN")
        params.extend(book.sets.params)
        if after is not None:
            sql += " AND (v.date, v.word, COALESCE(v.number, 0), e.voucher_id, e.line) > (?, ?, ?, ?, ?)"
            params.extend((after.date, after.word, after.number, after.voucher_id, after.line))
        sql += " ORDER BY v.date, v.word, COALESCE(v.number, 0), e.voucher_id, e.line"
        if self._wish.limit is not None:
            sql += " LIMIT ?"
            params.append(self._wish.limit + 1)
        return [Entry(*row) for row in fetch_all(sql, params)]

    def _read_contra(self, voucher_ids: Sequence[int]) -> dict[tuple[int, int], list[str]]:
        """Return the account codes on each side of some vouchers, each once, in order of their lines."""
        contra: dict[tuple[int, int], list[str]] = {}
        wanted = sorted(set(voucher_ids))
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            rows = fetch_all(
                "SELECT voucher_id, side, account_id FROM {entry}"
                f" WHERE voucher_id IN ({marks(part)}) ORDER BY voucher_id, line",
                part,
            )
            for voucher_id, side, account_id in rows:
                codes = contra.setdefault((voucher_id, side), [])
                code = self._chart.by_id[account_id].code
                if code not in codes:
                    codes.append(code)
        return contra


def entry_fields(line: Line, currencies: Currencies) -> dict[str, Any]:
    """Return what rows of entries carry besides their columns: the voucher to open, and what the line has."""
    if line.entry is None:
        return {}
    entry = line.entry
    return {
        "aux": line.aux,
        "voucher_id": entry.voucher_id,
        "line": entry.line,
        **measures(entry.currency_id, entry.foreign_amount, entry.quantity, currencies),
    }


def voucher_text(line: Line) -> str:
    """Return the word and number of an entry's voucher, `记-12`."""
    return "" if line.entry is None else f"{line.entry.word}-{line.entry.number}"


def three_columns(line: Line, digits: int) -> dict[str, str]:
    """Return debit, credit and on which side the balance is, the columns of 三栏式 books."""
    return {
        "debit": format_amount(line.debit, digits),
        "credit": format_amount(line.credit, digits),
        "direction": direction_of(line.balance),
        "balance": format_amount(abs(line.balance), digits),
    }
