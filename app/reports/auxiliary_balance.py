"""辅助核算余额表: opening, turnover and closing per account and set of auxiliary items."""

from __future__ import annotations

from app.identity.actor import Actor
from app.kernel.money import format_amount
from app.reports.chart import read_chart, read_currencies, read_filter, read_set_texts
from app.reports.figures import Figures, read_sums
from app.reports.request import Report, ReportRequest, ReportRow, SpanPart, resolve_span
from app.storage.database import read_snapshot

COLUMN_KEYS = (
    "opening_debit",
    "opening_credit",
    "period_debit",
    "period_credit",
    "closing_debit",
    "closing_credit",
)


def auxiliary_balance(actor: Actor, request: ReportRequest) -> Report:
    """Return one row per account and auxiliaries with an opening or a turnover in the span or its last year.

    Rows stand by account, then by the text of the auxiliaries; items that were merged count under their survivor.
    Totals add all rows. Needs `reports:auxiliary-balance:view`.
    """
    actor.require("reports:auxiliary-balance:view")
    with read_snapshot():
        span = resolve_span(request, whole_year=True)
        chart, currencies = read_chart(), read_currencies()
        chosen = chart.selected(request.account_code)
        account_ids = [account.id for account in chosen] if request.account_code else None
        sums = read_sums(span, account_ids=account_ids, by_set=True, auxiliaries=read_filter(request.aux))
        texts = read_set_texts() if sums else {}
    by_key: dict[tuple[int, str], Figures] = {}
    parts: dict[int, SpanPart] = {}
    for row in sums:
        part = parts.get(row.period)
        if part is None:
            part = parts[row.period] = span.part_of(row.period)
        key = (row.account_id, texts[row.set_id])
        figures = by_key.get(key)
        if figures is None:
            figures = by_key[key] = Figures()
        figures.take(part, row.opening, row.debit, row.credit)
        if row.used and part.shown:
            figures.used = True
    places = {account.id: place for place, account in enumerate(chart.accounts)}
    shown = sorted(
        ((places[key[0]], key[1], figures) for key, figures in by_key.items() if figures.used or figures.opening),
        key=lambda row: row[:2],
    )
    amounts = [_amounts(figures) for _, _, figures in shown]
    digits = currencies.base_digits
    # most of twenty thousand customers had nothing to do with most columns
    nothing = format_amount(0, digits)
    rows: list[ReportRow] = [
        {
            "account_code": chart.accounts[place].code,
            "aux": aux,
            **{
                key: format_amount(amount, digits) if amount else nothing
                for key, amount in zip(COLUMN_KEYS, of_row, strict=True)
            },
        }
        for (place, aux, _), of_row in zip(shown, amounts, strict=True)
    ]
    totals = [sum(column) for column in zip(*amounts, strict=True)] or [0] * len(COLUMN_KEYS)
    return Report(rows, {key: format_amount(total, digits) for key, total in zip(COLUMN_KEYS, totals, strict=True)})


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
