"""总账: one line per account and month, with the sums of the month and since January."""

from __future__ import annotations

from collections.abc import Iterator

from app.identity.actor import Actor
from app.kernel.money import format_amount
from app.kernel.period import format_period
from app.reports.chart import ReportAccount, read_chart, read_currencies, read_filter
from app.reports.figures import AccountMonths, read_months
from app.reports.request import Report, ReportRequest, ReportRow, Span, resolve_span
from app.storage.database import read_snapshot

CARRIED_FORWARD = "上年结转"
OPENING_BALANCE = "期初余额"
MONTH_TOTAL = "本期合计"
YEAR_TO_DATE = "本年累计"
CARRIED_ON = "结转下年"


def general_ledger(actor: Actor, request: ReportRequest) -> Report:
    """Return the general ledger of every account in use, parents too (or of one account and what is below it).

    Per account a line for what was brought forward, then for each month with turnover the month's sums and those since
    January; a later year begins with what was brought forward again. `direction` is 借, 贷 or 平. Totals add the first
    level. Needs `reports:general-ledger:view`.
    """
    actor.require("reports:general-ledger:view")
    with read_snapshot():
        span = resolve_span(request)
        chart, currencies = read_chart(), read_currencies()
        chosen = chart.selected(request.account_code)
        account_ids = [account.id for account in chosen] if request.account_code else None
        months = read_months(span, chart, account_ids, read_filter(request.aux))
    digits = currencies.base_digits
    rows = [
        row
        for account in chosen
        if account.id in months
        for row in _account_rows(account, months[account.id], span, digits, year_ends=request.year_ends)
    ]
    return Report(rows, turnover_totals(chosen, months, digits))


def turnover_totals(chosen: list[ReportAccount], months: dict[int, AccountMonths], digits: int) -> dict[str, str]:
    """Return the turnover of the topmost of some accounts as totals."""
    chosen_ids = {account.id for account in chosen}
    debit = credit = 0
    for account in chosen:
        if account.parent_id not in chosen_ids and account.id in months:
            for month_debit, month_credit in months[account.id].months.values():
                debit += month_debit
                credit += month_credit
    return {"debit": format_amount(debit, digits), "credit": format_amount(credit, digits)}


def brought_forward(period: int) -> str:
    """Return what the line before a month is called."""
    return CARRIED_FORWARD if period % 100 == 1 else OPENING_BALANCE


def direction_of(balance: int) -> str:
    """Return which side a balance is on: 借, 贷, or 平 for none (《会计基础工作规范》 art. 60)."""
    if balance == 0:
        return "平"
    return "借" if balance > 0 else "贷"


def _account_rows(
    account: ReportAccount, figures: AccountMonths, span: Span, digits: int, *, year_ends: bool
) -> Iterator[ReportRow]:
    if figures.is_empty():
        return

    def row(period: int, summary: str, debit: int, credit: int, balance: int) -> ReportRow:
        return {
            "account_code": account.code,
            "account_name": account.name_zh,
            "period": format_period(period),
            "summary": summary,
            "debit": format_amount(debit, digits),
            "credit": format_amount(credit, digits),
            "direction": direction_of(balance),
            "balance": format_amount(abs(balance), digits),
        }

    yield row(span.first, brought_forward(span.first), 0, 0, figures.opening)
    months = list(figures.months_to_date(span))
    for place, month in enumerate(months):
        if month.begins_year:
            yield row(month.period // 100 * 100 + 1, CARRIED_FORWARD, 0, 0, month.opening)
        yield row(month.period, MONTH_TOTAL, month.debit, month.credit, month.closing)
        yield row(month.period, YEAR_TO_DATE, month.year_debit, month.year_credit, month.closing)
        december = month.period // 100 * 100 + 12
        later = months[place + 1].period if place + 1 < len(months) else span.last + 1
        if year_ends and month.closing and december < later:
            yield row(december, CARRIED_ON, 0, 0, month.closing)
