"""辅助核算余额表: opening, turnover and closing per account and set of auxiliary items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from app.identity.actor import Actor
from app.kernel.money import format_amount
from app.reports.auxiliary_ledger import require_order
from app.reports.chart import Chart, named_kind, read_chart, read_currencies, read_filter, read_set_texts
from app.reports.figures import Figures, MonthSums, read_sums
from app.reports.journal import paged
from app.reports.request import Position, Report, ReportRequest, ReportRow, Span, SpanPart, resolve_span
from app.storage.database import read_snapshot

COLUMN_KEYS = (
    "opening_debit",
    "opening_credit",
    "period_debit",
    "period_credit",
    "closing_debit",
    "closing_credit",
)
POSITION_TYPES = (int, int)
"""account, first auxiliary set of the row"""


class _Line(NamedTuple):
    place: int
    text: str
    set_id: int
    figures: Figures


def auxiliary_balance(actor: Actor, request: ReportRequest) -> Report:
    """Return one row per account and auxiliaries with an opening or a turnover in the span or its last year.

    Rows stand by account, then by the text of the auxiliaries; with `order` `item` the other way round. Items that were
    merged count under their survivor. With an `order`, and `aux` naming one kind, a row is an item of that kind,
    whatever other auxiliaries stand beside it. Totals add all rows, whatever the page. Needs
    `reports:auxiliary-balance:view`.
    """
    actor.require("reports:auxiliary-balance:view")
    require_order(request.order)
    with read_snapshot():
        span = resolve_span(request, whole_year=True)
        chart, currencies = read_chart(), read_currencies()
        chosen = chart.selected(request.account_code)
        account_ids = [account.id for account in chosen] if request.account_code else None
        sums = read_sums(span, account_ids=account_ids, by_set=True, auxiliaries=read_filter(request.aux))
        texts = read_set_texts(kind=named_kind(request.aux) if request.order else "") if sums else {}
    lines = _lines(span, chart, sums, texts)
    if request.order == "item":
        lines.sort(key=lambda line: (line.text, line.place))
    else:
        lines.sort(key=lambda line: (line.place, line.text))
    digits = currencies.base_digits
    totals = {
        key: format_amount(total, digits)
        for key, total in zip(COLUMN_KEYS, _totals(line.figures for line in lines), strict=True)
    }
    rows = _rows(lines, chart, digits, request.after)
    if request.limit is None:
        return Report((row for row, _ in rows), totals)
    return paged(rows, request.limit, totals)


def _lines(span: Span, chart: Chart, sums: Sequence[MonthSums], texts: dict[int, str]) -> list[_Line]:
    """Put the sums of each account and text together; those with nothing to show are left out."""
    places = {account.id: place for place, account in enumerate(chart.accounts)}
    by_key: dict[tuple[int, str], _Line] = {}
    parts: dict[int, SpanPart] = {}
    for row in sums:
        text = texts.get(row.set_id)
        if text is None:
            continue
        part = parts.get(row.period)
        if part is None:
            part = parts[row.period] = span.part_of(row.period)
        line = by_key.get((row.account_id, text))
        if line is None or row.set_id < line.set_id:
            figures = Figures() if line is None else line.figures
            line = by_key[row.account_id, text] = _Line(places[row.account_id], text, row.set_id, figures)
        line.figures.take(part, row.opening, row.debit, row.credit)
        if row.used and part.shown:
            line.figures.used = True
    return [line for line in by_key.values() if line.figures.used or line.figures.opening]


def _rows(
    lines: Sequence[_Line], chart: Chart, digits: int, after: Position | None
) -> Iterator[tuple[ReportRow, Position]]:
    # most of twenty thousand customers had nothing to do with most columns
    nothing = format_amount(0, digits)
    waiting = after is not None
    for line in lines:
        account = chart.accounts[line.place]
        position = (account.id, line.set_id)
        if waiting:
            waiting = position != after
            continue
        amounts = zip(COLUMN_KEYS, _amounts(line.figures), strict=True)
        yield (
            {
                "account_code": account.code,
                "aux": line.text,
                **{key: format_amount(amount, digits) if amount else nothing for key, amount in amounts},
            },
            position,
        )


def _totals(figures: Iterable[Figures]) -> list[int]:
    opening_debit = opening_credit = debit = credit = closing_debit = closing_credit = 0
    for line in figures:
        if line.opening > 0:
            opening_debit += line.opening
        else:
            opening_credit -= line.opening
        debit += line.debit
        credit += line.credit
        if (closing := line.closing) > 0:
            closing_debit += closing
        else:
            closing_credit -= closing
    return [opening_debit, opening_credit, debit, credit, closing_debit, closing_credit]


def _amounts(figures: Figures) -> tuple[int, ...]:
    opening, closing = figures.opening, figures.closing
    return (
        max(0, opening),
        -opening if opening < 0 else 0,
        figures.debit,
        figures.credit,
        max(0, closing),
        -closing if closing < 0 else 0,
    )
