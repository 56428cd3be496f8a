"""辅助核算余额表: opening, turnover and closing per account and set of auxiliary items."""

from __future__ import annotations

from app.identity.actor import Actor
from app.kernel.money import format_amount
from app.reports.chart import read_chart, read_currencies, read_filter, read_set_texts
from app.reports.figures import Figures, read_sums
from app.reports.request import Report, ReportRequest, ReportRow, resolve_span
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
    for row in sums:
        figures = by_key.setdefault((row.account_id, texts[row.set_id]), Figures())
        part = span.part_of(row.period)
        figures.take(part, row.opening, row.debit, row.credit)
        if row.used and part.shown:
            figures.used = True
    digits = currencies.base_digits
    rows: list[ReportRow] = []
    totals = [0] * len(COLUMN_KEYS)
    places = {account.id: place for place, account in enumerate(chart.accounts)}
    for account_id, aux in sorted(by_key, key=lambda key: (places[key[0]], key[1])):
        figures = by_key[account_id, aux]
        if not figures.used and not figures.opening:
            continue
        amounts = (
            max(figures.opening, 0),
            max(-figures.opening, 0),
            figures.debit,
            figures.credit,
            max(figures.closing, 0),
            max(-figures.closing, 0),
        )
        totals = [total + amount for total, amount in zip(totals, amounts, strict=True)]
        texts_of_amounts = (format_amount(amount, digits) for amount in amounts)
        rows.append(
            {
                "account_code": chart.by_id[account_id].code,
                "aux": aux,
                **dict(zip(COLUMN_KEYS, texts_of_amounts, strict=True)),
            }
        )
    return Report(rows, {key: format_amount(total, digits) for key, total in zip(COLUMN_KEYS, totals, strict=True)})
