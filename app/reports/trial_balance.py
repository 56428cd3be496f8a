"""科目余额表: opening, turnover, year to date and closing of every account in use."""

from __future__ import annotations

from typing import Any

from app.identity.actor import Actor
from app.kernel.money import format_amount
from app.reports.chart import Currencies, read_chart, read_currencies, read_filter
from app.reports.figures import AccountFigures, Figures, read_sums
from app.reports.request import Report, ReportRequest, ReportRow, resolve_span
from app.storage.database import read_snapshot


def trial_balance(actor: Actor, request: ReportRequest) -> Report:
    """Return one row per account with an opening or a turnover in the span or its last year, parents too.

    A parent's turnover is the sum of its children's, its balance their net, on the side of the net. Totals add the
    first level only. `currencies` stands in rows of accounts that have another currency than the book's: signed amounts
    in each currency's own units, the base currency's part among them. Needs `reports:trial-balance:view`.
    """
    actor.require("reports:trial-balance:view")
    with read_snapshot():
        span = resolve_span(request, whole_year=True)
        chart, currencies = read_chart(), read_currencies()
        chosen = chart.selected(request.account_code)
        account_ids = [account.id for account in chosen] if request.account_code else None
        sums = read_sums(span, account_ids=account_ids, auxiliaries=read_filter(request.aux))
    figures = AccountFigures(chart, currencies).fill(span, sums)
    digits = currencies.base_digits
    chosen_ids = {account.id for account in chosen}
    rows: list[ReportRow] = []
    totals = [0] * len(COLUMN_KEYS)
    for account in chosen:
        base = figures.base.get(account.id)
        if base is None or not base.used:
            continue
        amounts = _amounts(base)
        if account.parent_id not in chosen_ids:
            totals = [total + amount for total, amount in zip(totals, amounts, strict=True)]
        row: dict[str, Any] = {
            "code": account.code,
            "name_zh": account.name_zh,
            "source_name": account.source_name or "",
            "level": account.level,
        }
        row.update(zip(COLUMN_KEYS, (format_amount(amount, digits) for amount in amounts), strict=True))
        by_currency = figures.by_currency[account.id]
        if any(figure.used for currency_id, figure in by_currency.items() if currency_id != currencies.base_id):
            row["currencies"] = _currency_rows(by_currency, currencies)
        rows.append(row)
    return Report(rows, {key: format_amount(total, digits) for key, total in zip(COLUMN_KEYS, totals, strict=True)})


COLUMN_KEYS = (
    "opening_debit",
    "opening_credit",
    "period_debit",
    "period_credit",
    "ytd_debit",
    "ytd_credit",
    "closing_debit",
    "closing_credit",
)


def _amounts(base: Figures) -> tuple[int, ...]:
    return (
        max(base.opening, 0),
        max(-base.opening, 0),
        base.debit,
        base.credit,
        base.ytd_debit,
        base.ytd_credit,
        max(base.closing, 0),
        max(-base.closing, 0),
    )


def _currency_rows(by_currency: dict[int, Figures], currencies: Currencies) -> list[dict[str, str]]:
    rows = []
    for currency_id in sorted(by_currency, key=lambda wanted: currencies.codes[wanted]):
        figures = by_currency[currency_id]
        digits = currencies.digits[currency_id]
        if figures.used:
            rows.append(
                {
                    "currency": currencies.codes[currency_id],
                    "opening": format_amount(figures.opening, digits),
                    "debit": format_amount(figures.debit, digits),
                    "credit": format_amount(figures.credit, digits),
                    "closing": format_amount(figures.closing, digits),
                }
            )
    return rows
