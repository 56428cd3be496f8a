"""科目余额表: opening, turnover, year to date and closing of every account in use."""

from __future__ import annotations

from typing import Any

from app.identity.actor import Actor
from app.kernel.money import format_amount
from app.reports.chart import Currencies, read_chart, read_currencies, read_filter
from app.reports.figures import AccountFigures, Figures, ForeignFigures, read_sums
from app.reports.request import Report, ReportRequest, ReportRow, resolve_span
from app.storage.database import read_snapshot


def trial_balance(actor: Actor, request: ReportRequest) -> Report:
    """Return one row per account with an opening or a turnover in the span or its last year, parents too.

    A parent's turnover is the sum of its children's, its balance their net, on the side of the net. Totals add the
    first level only. Rows and totals also carry `year_begin_debit` and `year_begin_credit`. `currencies` stands in rows
    of accounts that have another currency than the book's: signed amounts in each currency's own units, the base
    currency's part among them. Needs `reports:trial-balance:view`.
    """
    actor.require("reports:trial-balance:view")
    return _report(request)


def balance_totals(request: ReportRequest) -> dict[str, str]:
    """Return the totals of a trial balance, for books that show no more of it."""
    return _report(request).totals


def _report(request: ReportRequest) -> Report:
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
    keys = COLUMN_KEYS + YEAR_BEGIN_KEYS
    totals = [0] * len(keys)
    for account in chosen:
        base = figures.base.get(account.id)
        if base is None or not base.used:
            continue
        amounts = _amounts(base)
        if account.parent_id not in chosen_ids:
            totals = [total + amount for total, amount in zip(totals, amounts + _year_begin(base), strict=True)]
        row: dict[str, Any] = {
            "code": account.code,
            "name_zh": account.name_zh,
            "source_name": account.source_name or "",
            "level": account.level,
        }
        row.update(zip(COLUMN_KEYS, (format_amount(amount, digits) for amount in amounts), strict=True))
        row.update(zip(YEAR_BEGIN_KEYS, (format_amount(amount, digits) for amount in _year_begin(base)), strict=True))
        used = {key: foreign for key, foreign in figures.foreign.get(account.id, {}).items() if foreign.own.used}
        if used:
            row["currencies"] = _currency_rows(base, used, currencies)
        rows.append(row)
    return Report(rows, {key: format_amount(total, digits) for key, total in zip(keys, totals, strict=True)})


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
YEAR_BEGIN_KEYS = ("year_begin_debit", "year_begin_credit")
"""What a print of ten columns has besides; rows carry it, the promised columns of CSV stay as they are."""


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


def _year_begin(base: Figures) -> tuple[int, int]:
    """Return the balance at the begin of the span's last year, on the side of the net."""
    balance = base.closing - base.ytd_debit + base.ytd_credit
    return max(balance, 0), max(-balance, 0)


def _currency_rows(base: Figures, foreign: dict[int, ForeignFigures], currencies: Currencies) -> list[dict[str, str]]:
    shown = {currency_id: figures.own for currency_id, figures in foreign.items()}
    rest = base.without(figures.value for figures in foreign.values())
    if rest.opening or rest.debit or rest.credit or rest.ytd_debit or rest.ytd_credit:
        shown[currencies.base_id] = rest
    rows = []
    for currency_id in sorted(shown, key=lambda wanted: currencies.codes[wanted]):
        figures = shown[currency_id]
        amounts = (figures.opening, figures.debit, figures.credit, figures.closing)
        texts = (format_amount(amount, currencies.digits[currency_id]) for amount in amounts)
        keys = ("opening", "debit", "credit", "closing")
        rows.append({"currency": currencies.codes[currency_id], **dict(zip(keys, texts, strict=True))})
    return rows
