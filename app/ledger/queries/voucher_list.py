"""Pages of vouchers under filters, each found by an index even in a book of a million vouchers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.contract.ledger import VoucherHead, VoucherPage, VoucherQuery
from app.kernel.errors import MalformedInput
from app.kernel.money import parse_amount
from app.kernel.period import parse_date, parse_period, period_of
from app.kernel.text import clean_text, message
from app.ledger.errors import account_unknown
from app.ledger.queries.voucher_conditions import HeadHolders, further_conditions, head_holders, next_month
from app.ledger.queries.vouchers import HEAD, base_digits, head_values
from app.ledger.word_index import candidate_ids
from app.storage.database import Row, fetch_all
from app.storage.matching import contains

Condition = tuple[str, tuple[object, ...]]
LAST_PERIOD = 999_912

BY_AMOUNT = (
    "v.id IN (SELECT id FROM {voucher} WHERE debit_total = ?"
    " UNION SELECT voucher_id FROM {entry} WHERE debit = ? AND credit = 0"
    " UNION SELECT voucher_id FROM {entry} WHERE debit = 0 AND credit = ?)"
)
MONTH = "v.period"
UNINDEXED_MONTH = "v.period + 0"
"""For a list of ids: SQLite would walk the months, since they are wanted in order, and look for each id in the list."""
BY_WORDS = "EXISTS (SELECT 1 FROM {entry} e WHERE e.voucher_id = v.id AND LOWER(e.summary) LIKE ? ESCAPE '!')"


class _Holders(NamedTuple):
    """Accounts or auxiliary sets whose entries a voucher must have, by their indexed column of `entry`."""

    column: str
    ids: Sequence[int]

    def condition(self, period: int) -> Condition:
        places = ", ".join("?" * len(self.ids))
        text = f"v.id IN (SELECT voucher_id FROM {{entry}} WHERE {self.column} IN ({places}) AND period = ?)"
        return text, (*self.ids, period)

    def next_period(self, after: int, *, descending: bool) -> int | None:
        """Return the next month with such an entry: one step down an index for each id."""
        return next_month("entry", self.column, self.ids, after, descending=descending)


def list_vouchers(query: VoucherQuery) -> VoucherPage:
    """Return one page of voucher heads in month, word and number order; drafts without a number come first in a month.

    All filters must hold. Raises `MalformedInput` for an unreadable filter or cursor, `NotFound` for an account.
    """
    conditions, month = _conditions(query)
    holders: list[_Holders | HeadHolders] = [*_holders(query)]
    heads = head_holders(query)
    if month == UNINDEXED_MONTH or query.amount.strip() or query.number is not None:
        conditions += [head.plain() for head in heads]
    else:
        holders += heads
    direction, compare = ("DESC", "<") if query.newest_first else ("ASC", ">")
    position = _read_cursor(query.cursor) if query.cursor else None
    if position is not None:
        conditions.append(_after(position, compare))
    rows: list[Row] = []
    wanted = query.limit + 1
    if not holders:
        rows = _select(conditions, month, direction, wanted)
    elif all(holder.ids for holder in holders):
        for period in _periods(holders[0], query, position):
            in_month = [("v.period = ?", (period,)), *(holder.condition(period) for holder in holders)]
            rows += _select([*conditions, *in_month], month, direction, wanted - len(rows))
            if len(rows) >= wanted:
                break
    shown = rows[: query.limit]
    following = _cursor_of(shown[-1]) if len(rows) > query.limit else None
    digits = base_digits()
    return VoucherPage(vouchers=[VoucherHead(**head_values(row, digits)) for row in shown], next=following)


def _select(conditions: Sequence[Condition], month: str, direction: str, limit: int) -> list[Row]:
    where = " AND ".join(text for text, _ in conditions) or "1 = 1"
    params = [value for _, values in conditions for value in values]
    order = f"{month} {direction}, v.word {direction}, v.number {direction}, v.id {direction}"
    return fetch_all(f"{HEAD} WHERE {where} ORDER BY {order} LIMIT ?", [*params, limit])


def _periods(holder: _Holders | HeadHolders, query: VoucherQuery, position: _Position | None) -> Iterator[int]:
    """Yield the months to look into, from the cursor on."""
    first, last = _period_bounds(query)
    descending = query.newest_first
    at = last + 1 if descending else first - 1
    if position is not None:
        at = position.period + 1 if descending else position.period - 1
    while True:
        period = holder.next_period(at, descending=descending)
        if period is None or not first <= period <= last:
            return
        yield period
        at = period


class _Position(NamedTuple):
    period: int
    number: int
    voucher_id: int
    word: str


def _cursor_of(row: Row) -> str:
    return f"{row[1]}:{'' if row[4] is None else row[4]}:{row[0]}:{row[3]}"


def _read_cursor(cursor: str) -> _Position:
    parts = cursor.split(":", 3)
    readable = len(parts) == 4 and parts[0].isdecimal() and parts[2].isdecimal()
    if not readable or not (parts[1].isdecimal() or not parts[1]) or any(len(part) > 18 for part in parts):
        raise MalformedInput("cursor_malformed", message("翻页标记无效，请从第一页看起。"))
    return _Position(int(parts[0]), int(parts[1] or 0), int(parts[2]), parts[3])


def _after(position: _Position, compare: str) -> Condition:
    """Return the condition for rows after a position; both databases sort a missing number before 1."""
    period, number, voucher_id, word = position
    # The plain bound on the month lets the index skip what came before.
    text = (
        f"v.period {compare}= ? AND (v.period {compare} ? OR v.word {compare} ? OR (v.word = ? AND"
        f" (COALESCE(v.number, 0) {compare} ? OR (COALESCE(v.number, 0) = ? AND v.id {compare} ?))))"
    )
    return text, (period, period, word, word, number, number, voucher_id)


def _period_bounds(query: VoucherQuery) -> tuple[int, int]:
    """Return the months a query looks at: those asked for, and those its dates lie in."""
    first, last = 0, LAST_PERIOD
    if query.from_period:
        first = parse_period(query.from_period)
    if query.from_date:
        first = max(first, period_of(parse_date(query.from_date)))
    if query.to_period:
        last = parse_period(query.to_period)
    if query.to_date:
        last = min(last, period_of(parse_date(query.to_date)))
    return first, last


def _conditions(query: VoucherQuery) -> tuple[list[Condition], str]:
    """Return what must hold, and how the month is to be named in the order."""
    first, last = _period_bounds(query)
    words, month = _word_conditions(clean_text(query.q)) if query.q.strip() else ([], MONTH)
    wanted: list[Condition] = [(f"{month} BETWEEN ? AND ?", (first, last)), *words]
    if query.from_date:
        wanted.append(("v.date >= ?", (parse_date(query.from_date).isoformat(),)))
    if query.to_date:
        wanted.append(("v.date <= ?", (parse_date(query.to_date).isoformat(),)))
    if query.state:
        wanted.append(("v.state = ?", (query.state,)))
    if query.word:
        wanted.append(("v.word = ?", (clean_text(query.word),)))
    if query.number is not None:
        wanted.append(("v.number = ?", (query.number,)))
    if query.amount.strip():
        minor = parse_amount(query.amount, base_digits())
        wanted.append((BY_AMOUNT, (minor, minor, minor)))
    further, listed = further_conditions(query)
    if listed and month == MONTH:
        month = UNINDEXED_MONTH
        wanted[0] = (f"{month} BETWEEN ? AND ?", (first, last))
    return [*wanted, *further], month


def _word_conditions(words: str) -> tuple[list[Condition], str]:
    has_words: Condition = (BY_WORDS, (contains(words.lower()),))
    ids = candidate_ids(words)
    if ids is None:
        return [has_words], MONTH
    places = ", ".join("?" * len(ids)) or "NULL"
    return [(f"v.id IN ({places})", tuple(ids)), has_words], UNINDEXED_MONTH


def _holders(query: VoucherQuery) -> list[_Holders]:
    holders: list[_Holders] = []
    if query.aux:
        holders.append(_Holders("auxiliary_set_id", _set_ids(query.aux)))
    if query.account_code:
        holders.append(_Holders("account_id", _account_ids(clean_text(query.account_code))))
    if query.currency:
        code = clean_text(query.currency)
        rows = fetch_all("SELECT id FROM {currency} WHERE code = ?", (code,))
        holders.append(_Holders("currency_id", [row[0] for row in rows]))
    if query.cash_flow_line is not None:
        holders.append(_Holders("cash_flow_line", [query.cash_flow_line]))
    return holders


def _set_ids(aux: str) -> list[int]:
    kind, _, name = aux.partition(":")
    rows = fetch_all(
        "SELECT i.set_id FROM {auxiliary_set_item} i JOIN {auxiliary} a ON a.id = i.auxiliary_id"
        " JOIN {auxiliary_kind} k ON k.id = i.kind_id WHERE k.name = ? AND a.name = ?",
        (clean_text(kind), clean_text(name)),
    )
    return [row[0] for row in rows]


def _account_ids(code: str) -> list[int]:
    """Return the account and all below it."""
    rows = fetch_all("SELECT id, parent_id, code FROM {account}")
    found = [row[0] for row in rows if row[2] == code]
    if not found:
        raise account_unknown(code)
    children: dict[int, list[int]] = {}
    for account_id, parent_id, _ in rows:
        children.setdefault(parent_id or 0, []).append(account_id)
    for account_id in found:
        found.extend(children.get(account_id, []))
    return found
