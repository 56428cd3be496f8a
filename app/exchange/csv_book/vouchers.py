"""Reads `vouchers.csv` into plain tuples, fast enough for a hundred thousand vouchers.

Nothing is made per row that a cache by distinct text can give.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import NamedTuple, TypeVar

from app.exchange.csv_book.columns import VOUCHER_COLUMNS
from app.exchange.csv_book.table import Table
from app.exchange.errors import FileRefused, refused
from app.kernel.cells import unguarded
from app.kernel.errors import UserError
from app.kernel.money import QUANTITY_DIGITS, format_amount, format_rate, parse_amount, parse_rate
from app.kernel.period import parse_date, period_of
from app.kernel.text import Message, clean_number_text, clean_text, message

KINDS = frozenset({"normal", "transfer", "close_pl", "close_year"})
STATES = frozenset({"", "draft", "reviewed", "posted", "void", "incomplete"})
INCOMPLETE = "incomplete"
"""The state an export gives a draft with faults; only such a voucher, or a void one, may come back with them."""
_MAY_BE_FAULTY = frozenset({INCOMPLETE, "void"})
DEFAULT_WORD = "记"
LONGEST_SUMMARY = 200
LONGEST_WORD = 10
LARGEST_NUMBER = 10**9
MOST_ATTACHMENTS = 9999
MOST_CASH_FLOW_LINE = 99
_CACHE_LIMIT = 100_000
_NUMERALS = [str(number) for number in range(1, 101)]
"""The line numbers of a voucher as most files have them."""

Entry = tuple[str, str, int, int, int, str, str | None, int, str, int, int, int | None]
"""summary, account code, side (1 debit, −1 credit, 0 neither given), debit, credit, aux text, currency code or None for
the base currency, foreign amount, rate, quantity, unit price, cash-flow line; amounts in minor units"""


class Voucher(NamedTuple):
    """A voucher as the file has it. `where` is `file:line`; `kind` and `state` are empty where the file says none."""

    date: str
    period: int
    word: str
    number: int | None
    kind: str
    attachments: int
    state: str
    where: str
    entries: list[Entry]


class _Rest(NamedTuple):
    aux: str
    currency: str | None
    foreign: int
    rate: str
    quantity: int
    unit_price: int
    cash_flow_line: int | None


class _Head(NamedTuple):
    word: str
    kind: str
    attachments: int
    state: str


def _plain_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


Key = TypeVar("Key")
Value = TypeVar("Value")


class _Known(dict[Key, Value]):
    """What distinct texts mean: each is worked out when it first comes up. Starts anew when it has grown too large."""

    def __init__(self, work_out: Callable[[Key], Value]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, text: Key) -> Value:
        value = self._work_out(text)
        if len(self) >= _CACHE_LIMIT:
            self.clear()
        self[text] = value
        return value


class VoucherReader:
    """The vouchers of one file, in its order. `codes` holds every account code of the book."""

    def __init__(
        self, table: Table, codes: Mapping[str, str], base_digits: int, currency_digits: Callable[[str], int | None]
    ) -> None:
        """`currency_digits` gives the minor digits of a currency code, `None` for the base currency itself."""
        self._table = table
        self._accounts = codes
        self._codes = _Known(self._code)
        self._digits = base_digits
        self._currency_digits = currency_digits
        self._amounts = _Known(self._amount)
        self._rests = _Known(self._rest)
        self._heads: dict[tuple[str, ...], _Head] = {}
        self._dates: dict[str, tuple[str, int]] = {}
        self._blank_code_seen = False

    def vouchers(self) -> Iterator[Voucher]:
        """Yield each voucher. Raises `FileRefused` with the line at the first thing that is wrong."""
        place = dict(zip(VOUCHER_COLUMNS, self._table.positions, strict=True))
        head_of = itemgetter(*(place[name] for name in ("date", "word", "number", "kind", "attachments", "state")))
        body_of = itemgetter(*(place[name] for name in ("line", "summary", "account_code", "debit", "credit")))
        rest_of = itemgetter(
            *(
                place[name]
                for name in ("aux", "currency", "foreign_amount", "rate", "quantity", "unit_price", "cash_flow_line")
            )
        )
        table, codes, amounts, rests = self._table, self._codes, self._amounts, self._rests
        last_head: tuple[str, ...] | None = None
        raw_summary = summary = ""
        entries: list[Entry] = []
        numbers: list[str] = []
        first_line = 0
        for row in table.raw_rows():
            row.append("")  # what a missing column's position −1 finds
            head = head_of(row)
            line, text, code, debit_text, credit_text = body_of(row)
            if head != last_head or (not head[2] and line and line == numbers[0]):
                if not any(head) and not any(cell.strip() for cell in row):
                    continue  # spreadsheets leave such rows at the end
                if last_head is not None:
                    yield self._voucher(last_head, entries, numbers, first_line, head)
                last_head, entries, numbers, first_line = head, [], [], table.line
            if text != raw_summary:
                raw_summary, summary = text, self._summary(text)
            debit, credit = amounts[debit_text], amounts[credit_text]
            side = bool(debit_text) - bool(credit_text) or self._side(debit_text, credit_text, debit, credit)
            entries.append((summary, codes[code], side, debit, credit, *rests[rest_of(row)]))
            numbers.append(line)
        if last_head is not None:
            yield self._voucher(last_head, entries, numbers, first_line, None)

    def _refuse(self, reason: Message, line: int | None = None) -> FileRefused:
        return refused(self._table.file, self._table.line if line is None else line, reason)

    def _voucher(
        self,
        texts: tuple[str, ...],
        entries: list[Entry],
        numbers: list[str],
        line: int,
        following: tuple[str, ...] | None,
    ) -> Voucher:
        date_text, _, number_text = texts[:3]
        found = self._dates.get(date_text)
        if found is None:
            found = self._date(date_text, line)
        head_texts = texts[1], *texts[3:]
        head = self._heads.get(head_texts)
        if head is None:
            head = self._head(head_texts, line)
        number: int | None = None
        if _plain_digits(number_text):
            number = int(number_text)
        elif number_text:
            number = self._whole(number_text, line, LARGEST_NUMBER)
        if number is not None and not 0 < number <= LARGEST_NUMBER:
            raise self._refuse(message("凭证号“{text}”不对，应是从 1 起的整数。", text=number_text), line)
        if following is not None and following[1:3] == texts[1:3] and number is not None:
            self._check_split(texts, following, line)
        if numbers != _NUMERALS[: len(numbers)] and any(numbers):
            entries = self._ordered(entries, numbers, line)
        if self._blank_code_seen:
            entries = self._without_blank(entries, head.state, line)
        if head.state not in _MAY_BE_FAULTY:
            self._check(entries, line)
        where = f"{self._table.file}:{line}"
        return Voucher(*found, head[0], number, head[1], head[2], head[3], where, entries)

    def _check_split(self, texts: tuple[str, ...], following: tuple[str, ...], line: int) -> None:
        """Refuse lines of one voucher that disagree about its date, kind, attachments or state."""
        same_month = self._date(texts[0], line)[1] == self._date(following[0], self._table.line)[1]
        if same_month:
            raise self._refuse(message("同一张凭证的各行，日期、类型、附件数和状态要相同。"))

    def _ordered(self, entries: list[Entry], numbers: list[str], line: int) -> list[Entry]:
        """Return the entries in the order of their line numbers."""
        wanted = [self._whole(text, line, LARGEST_NUMBER) if text else 0 for text in numbers]
        if all(before < after for before, after in itertools.pairwise(wanted)):
            return entries
        if len(set(wanted)) < len(wanted):
            raise self._refuse(message("同一张凭证里有重复的行号，或有两张凭证同号。"), line)
        return [entry for _, entry in sorted(zip(wanted, entries, strict=True), key=itemgetter(0))]

    def _without_blank(self, entries: list[Entry], state: str, line: int) -> list[Entry]:
        """Take a row that is nothing but its voucher's head for a voucher without lines; other rows need an account."""
        if all(entry[1] for entry in entries):
            return entries
        if state in _MAY_BE_FAULTY and len(entries) == 1 and not any(entries[0]):
            return []
        raise self._refuse(message("这一行没有科目。"), line)

    def _check(self, entries: list[Entry], line: int) -> None:
        debit = credit = 0
        for entry in entries:
            debit += entry[3]
            credit += entry[4]
            if not entry[0] or not entry[2]:
                self._refuse_entry(entry, line)
        if debit != credit:
            difference = format_amount(debit - credit, self._digits)
            raise self._refuse(message("借贷不平，差额 {amount}。", amount=difference), line)

    def _refuse_entry(self, entry: Entry, line: int) -> None:
        if not entry[0]:
            raise self._refuse(message("摘要不能为空。"), line)
        raise self._refuse(message("借方和贷方都没有金额。"), line)

    def _summary(self, text: str) -> str:
        summary = unguarded(clean_text(text))
        if len(summary) > LONGEST_SUMMARY:
            raise self._refuse(message("摘要长于 {count} 字。", count=LONGEST_SUMMARY))
        return summary

    def _amount(self, text: str) -> int:
        if self._digits == 2 and text[-3:-2] == "." and len(text) < 18:
            digits = text[:-3] + text[-2:]
            if _plain_digits(digits):
                return int(digits)
        if not text.strip():
            return 0
        return self._parsed("debit / credit", lambda: parse_amount(text, self._digits))

    def _parsed(self, column: str, work: Callable[[], int]) -> int:
        try:
            return work()
        except UserError as error:
            raise self._refuse(message("列“{column}”：{reason}", column=column, reason=error.message)) from error

    def _side(self, debit_text: str, credit_text: str, debit: int, credit: int) -> int:
        """Decide the side where both columns, or none, hold something: the other one may only hold a zero."""
        if debit and credit:
            raise self._refuse(message("借方和贷方都有金额，请只留一方。"))
        if debit or credit:
            return 1 if debit else -1
        filled = bool(debit_text.strip()), bool(credit_text.strip())
        return {(True, False): 1, (False, True): -1}.get(filled, 0)

    def _code(self, text: str) -> str:
        code = clean_text(text)
        if not code:
            self._blank_code_seen = True
            return ""
        if code not in self._accounts:
            raise self._refuse(message("没有科目“{code}”，请先在 accounts.csv 里写上它。", code=code))
        return self._accounts[code]

    def _rest(self, texts: tuple[str, ...]) -> _Rest:
        aux, currency, foreign, rate, quantity, price, flow = (clean_text(text) for text in texts)
        digits = self._currency_digits(currency) if currency else None
        if digits is None and foreign:
            raise self._refuse(message("本位币的分录不填原币金额，请写上币种或清空它。"))
        return _Rest(
            unguarded(aux),
            currency if digits is not None else None,
            self._parsed("foreign_amount", lambda: parse_amount(foreign, digits or 0)) if foreign else 0,
            self._rate(rate),
            self._parsed("quantity", lambda: parse_amount(quantity, QUANTITY_DIGITS)) if quantity else 0,
            self._parsed("unit_price", lambda: parse_amount(price, QUANTITY_DIGITS)) if price else 0,
            self._whole(flow, None, MOST_CASH_FLOW_LINE) if flow else None,
        )

    def _rate(self, text: str) -> str:
        """Read a rate: `7.1234`, or for an unvalued line the cost of one unit in another commodity, `7.53 HRK`."""
        if not text:
            return ""
        number, _, commodity = text.partition(" ")
        try:
            rate = format_rate(parse_rate(number))
        except UserError as error:
            raise self._refuse(message("列“{column}”：{reason}", column="rate", reason=error.message)) from error
        return f"{rate} {commodity.strip()}" if commodity else rate

    def _whole(self, text: str, line: int | None, largest: int) -> int:
        cleaned = clean_number_text(text)
        if not _plain_digits(cleaned) or len(cleaned) > 10 or int(cleaned) > largest:
            raise self._refuse(message("“{text}”应是 0 到 {largest} 的整数。", text=text, largest=largest), line)
        return int(cleaned)

    def _date(self, text: str, line: int) -> tuple[str, int]:
        found = self._dates.get(text)
        if found is None:
            try:
                date = parse_date(clean_text(text))
            except UserError as error:
                raise self._refuse(error.message, line) from error
            found = self._dates[text] = (date.isoformat(), period_of(date))
        return found

    def _head(self, texts: tuple[str, ...], line: int) -> _Head:
        word, kind, attachments, state = (clean_text(text) for text in texts)
        if len(word) > LONGEST_WORD:
            raise self._refuse(message("凭证字“{word}”太长。", word=word), line)
        if kind and kind not in KINDS:
            raise self._refuse(
                message("凭证类型“{kind}”不认识，应是 {known} 之一。", kind=kind, known=_list(KINDS)), line
            )
        if state not in STATES:
            known = _list(STATES - {""})
            raise self._refuse(message("凭证状态“{state}”不认识，应是 {known} 之一。", state=state, known=known), line)
        count = self._whole(attachments, line, MOST_ATTACHMENTS) if attachments else 0
        head = self._heads[texts] = _Head(unguarded(word) or DEFAULT_WORD, kind, count, state)
        return head


def _list(names: frozenset[str]) -> str:
    return "、".join(sorted(names))
