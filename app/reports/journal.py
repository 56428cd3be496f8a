"""序时账: every line of every voucher, month by month, in the order in which they were posted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from app.identity.actor import Actor
from app.kernel.errors import MalformedInput
from app.kernel.money import format_amount, format_quantity
from app.kernel.text import message
from app.reports.chart import Chart, Currencies, read_chart, read_currencies, read_set_texts
from app.reports.request import LAYER_POSTED, Position, Report, ReportRequest, ReportRow, Span, marks, resolve_span
from app.storage.database import fetch_all, fetch_one, read_snapshot

VOUCHERS_AT_ONCE = 500
POSITION_TYPES = (int, int, int, str, str, int, int, int)
"""period, layer, chain position, date, word, number, voucher, line"""


class _Head(NamedTuple):
    id: int
    date: str
    word: str
    number: int
    chain_position: int
    maker_id: int
    reviewer_id: int | None
    poster_id: int | None


class _Place(NamedTuple):
    period: int = 0
    layer: int = 0
    chain_position: int = 0
    date: str = ""
    word: str = ""
    number: int = 0
    voucher_id: int = 0
    line: int = 0


def journal(actor: Actor, request: ReportRequest) -> Report:
    """Return all lines of posted vouchers (and, if wanted, of complete unposted ones after them) month by month.

    Rows also carry `voucher_id` and, where a line has them, `currency`, `foreign_amount` and `quantity`. Totals are
    those of the whole span, whatever the page. Needs `reports:journal:view`; raises `MalformedInput` for an account or
    auxiliary, since that is what the subsidiary ledger is for.
    """
    actor.require("reports:journal:view")
    if request.account_code or request.aux:
        raise MalformedInput("journal_unfiltered", message("序时账列出全部分录；只看一个科目请用明细账。"))
    with read_snapshot():
        span = resolve_span(request)
        chart, currencies = read_chart(), read_currencies()
        totals = _totals(span, currencies.base_digits)
        after = _Place(*request.after) if request.after else _Place()  # type: ignore[arg-type]
        rows = _rows(span, chart, currencies, after, request.limit)
        if request.limit is None:
            return Report((row for row, _ in rows), totals)
        return paged(rows, request.limit, totals)


def _totals(span: Span, digits: int) -> dict[str, str]:
    """Return what all entries of the span add up to, from the balances."""
    layers = marks(span.layers)
    row = fetch_one(
        f"SELECT SUM(debit), SUM(credit) FROM {{balance}} WHERE period BETWEEN ? AND ? AND layer IN ({layers})",
        (span.first, span.last, *span.layers),
    )
    debit, credit = row if row is not None else (None, None)
    return {"debit": format_amount(int(debit or 0), digits), "credit": format_amount(int(credit or 0), digits)}


def paged(rows: Iterator[tuple[ReportRow, Position]], limit: int, totals: dict[str, str]) -> Report:
    """Return the first `limit` rows, and where to go on if there are more."""
    page: list[ReportRow] = []
    last: Position | None = None
    for row, position in rows:
        if len(page) == limit:
            return Report(page, totals, last)
        page.append(row)
        last = position
    return Report(page, totals)


def _rows(
    span: Span, chart: Chart, currencies: Currencies, after: _Place, limit: int | None
) -> Iterator[tuple[ReportRow, Position]]:
    at_once = VOUCHERS_AT_ONCE if limit is None else min(limit // 2 + 2, VOUCHERS_AT_ONCE)
    names = {int(row[0]): str(row[1]) for row in fetch_all("SELECT id, name FROM {user}")}
    period: int | None = max(span.first, after.period)
    while period is not None and period <= span.last:
        for layer in span.layers:
            place = after if (after.period, after.layer) == (period, layer) else _Place(period, layer)
            if (period, layer) < (after.period, after.layer):
                continue
            while heads := _read_heads(place, at_once):
                lines = _read_lines([head.id for head in heads], chart, currencies)
                for head in heads:
                    for line, row in lines.get(head.id, ()):
                        if (head.id, line) <= (place.voucher_id, place.line) and head.id == place.voucher_id:
                            continue
                        position = (
                            period,
                            layer,
                            head.chain_position,
                            head.date,
                            head.word,
                            head.number,
                            head.id,
                            line,
                        )
                        yield _complete(row, head, names), position
                if len(heads) < at_once:
                    break
                end = heads[-1]
                # a voucher has no more than a few thousand lines, so this is past its last one
                place = _Place(period, layer, end.chain_position, end.date, end.word, end.number, end.id, 2**31)
        found = fetch_one("SELECT MIN(period) FROM {voucher} WHERE period > ?", (period,))
        period = None if found is None or found[0] is None else int(found[0])


_HEADS = (
    "SELECT id, date, word, COALESCE(number, 0), COALESCE(chain_position, 0), maker_id, reviewer_id, poster_id"
    " FROM {voucher} WHERE period = ? AND "
)


def _read_heads(place: _Place, at_once: int) -> list[_Head]:
    """Read the next vouchers of a month and layer, the one at the place included."""
    if place.layer == LAYER_POSTED:
        # the sum keeps SQLite from walking the whole chain instead of the month
        rows = fetch_all(
            _HEADS + "state = 'posted' AND chain_position + 0 >= ? ORDER BY chain_position + 0 LIMIT ?",
            (place.period, place.chain_position, at_once),
        )
    else:
        rows = fetch_all(
            _HEADS + "state IN ('draft', 'reviewed') AND faults = ''"
            " AND (date, word, COALESCE(number, 0), id) >= (?, ?, ?, ?)"
            " ORDER BY date, word, COALESCE(number, 0), id LIMIT ?",
            (place.period, place.date, place.word, place.number, place.voucher_id, at_once),
        )
    return [_Head(*row) for row in rows]


def _read_lines(
    voucher_ids: Sequence[int], chart: Chart, currencies: Currencies
) -> dict[int, list[tuple[int, dict[str, Any]]]]:
    rows = fetch_all(
        "SELECT voucher_id, line, summary, account_id, auxiliary_set_id, debit, credit, currency_id, foreign_amount,"
        f" quantity FROM {{entry}} WHERE voucher_id IN ({marks(voucher_ids)}) ORDER BY voucher_id, line",
        voucher_ids,
    )
    texts = read_set_texts({row[4] for row in rows})
    digits = currencies.base_digits
    lines: dict[int, list[tuple[int, dict[str, Any]]]] = {}
    for voucher_id, line, summary, account_id, set_id, debit, credit, currency_id, foreign, quantity in rows:
        account = chart.by_id[account_id]
        row = {
            "line": line,
            "summary": summary,
            "account_code": account.code,
            "account_name": account.name_zh,
            "aux": texts[set_id],
            "debit": format_amount(debit, digits),
            "credit": format_amount(credit, digits),
            **measures(currency_id, foreign, quantity, currencies),
        }
        lines.setdefault(voucher_id, []).append((line, row))
    return lines


def measures(currency_id: int, foreign_amount: int, quantity: int, currencies: Currencies) -> dict[str, str]:
    """Return the currency, foreign amount and quantity of a line, those that it has."""
    shown: dict[str, str] = {}
    if currency_id != currencies.base_id:
        shown["currency"] = currencies.codes[currency_id]
        shown["foreign_amount"] = format_amount(foreign_amount, currencies.digits[currency_id])
    if quantity:
        shown["quantity"] = format_quantity(quantity)
    return shown


def _complete(row: dict[str, Any], head: _Head, names: dict[int, str]) -> ReportRow:
    return {
        "date": head.date,
        "voucher": f"{head.word}-{head.number}",
        **row,
        "maker": names.get(head.maker_id, ""),
        "reviewer": "" if head.reviewer_id is None else names.get(head.reviewer_id, ""),
        "poster": "" if head.poster_id is None else names.get(head.poster_id, ""),
        "voucher_id": head.id,
    }
