"""账龄分析表: what is owed and owned by account and contact, by how long it has been due and how old it is.

The years are those of the notes (小企业会计准则 art. 86: 应收账款按账龄披露); the days are for dunning.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping

from app.identity.actor import Actor
from app.kernel.money import format_amount
from app.kernel.period import last_day
from app.reports.chart import read_chart, read_currencies, read_filter
from app.reports.request import Report, ReportRequest, ReportRow, resolve_span
from app.reports.trade.open_accounts import advance_accounts, open_accounts, sides
from app.reports.trade.open_items import read_open_items
from app.storage.database import read_snapshot

DUE_BUCKETS = ("not_due", "overdue_1_30", "overdue_31_60", "overdue_61_90", "overdue_over_90")
AGE_BUCKETS = ("within_1_year", "years_1_2", "years_2_3", "over_3_years")
AMOUNTS = ("balance", *DUE_BUCKETS, *AGE_BUCKETS)
DUE_LIMITS = (0, 30, 60, 90)
AGE_LIMITS = (1, 2, 3)


def ageing(actor: Actor, request: ReportRequest) -> Report:
    """Return one row per account and contact with a balance at the end of the last month.

    Amounts count in the sense of the account's normal side; both kinds of buckets add up to the balance, and that is
    the ledger's. Advances are never overdue. Totals count in the sense of the first row's account, those of accounts of
    the other side less. Needs `reports:ageing:view`.
    """
    actor.require("reports:ageing:view")
    with read_snapshot():
        span = resolve_span(ReportRequest(to_period=request.to_period, include_unposted=request.include_unposted))
        chart, currencies = read_chart(), read_currencies()
        chosen = [account.id for account in chart.selected(request.account_code)] if request.account_code else None
        items = read_open_items(span.last, span.layers, chart, accounts=chosen, auxiliaries=read_filter(request.aux))
        signs, advances = sides(open_accounts(chart)), advance_accounts(chart)
    end = last_day(span.last)
    sums: dict[tuple[int, str], dict[str, int]] = {}
    due_of, age_of = (functools.cache(functools.partial(bucket, end=end)) for bucket in (due_bucket, age_bucket))
    for item in items:
        amounts = sums.get((item.account_id, item.contact))
        if amounts is None:
            amounts = sums[item.account_id, item.contact] = dict.fromkeys(AMOUNTS, 0)
        amount = item.amount * signs[item.account_id]
        due = DUE_BUCKETS[0] if item.account_id in advances else due_of(item.due)
        for name in ("balance", due, age_of(item.date)):
            amounts[name] += amount
    digits = currencies.base_digits
    rows: list[ReportRow] = []
    totals = dict.fromkeys(AMOUNTS, 0)
    first_side = signs[items[0].account_id] if items else 1
    for (account_id, contact), amounts in sums.items():
        account = chart.by_id[account_id]
        head = {"account_code": account.code, "account_name": account.name_zh, "aux": contact}
        rows.append({**head, **_texts(amounts, digits)})
        for name, amount in amounts.items():
            totals[name] += amount * signs[account_id] * first_side
    return Report(rows, _texts(totals, digits))


def due_bucket(due: str, end: datetime.date) -> str:
    """Return the column of something that fell due on a day, seen from the end of another."""
    days = (end - datetime.date.fromisoformat(due)).days
    for name, limit in zip(DUE_BUCKETS, DUE_LIMITS, strict=False):
        if days <= limit:
            return name
    return DUE_BUCKETS[-1]


def age_bucket(date: str, end: datetime.date) -> str:
    """Return the column of the years something is old: one year ends on the same day of the next."""
    begun = datetime.date.fromisoformat(date)
    for name, years in zip(AGE_BUCKETS, AGE_LIMITS, strict=False):
        if end <= years_after(begun, years):
            return name
    return AGE_BUCKETS[-1]


def years_after(day: datetime.date, years: int) -> datetime.date:
    """Return the same day some years later; the last of February for the 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _texts(amounts: Mapping[str, int], digits: int) -> dict[str, str]:
    nothing = format_amount(0, digits)  # what most contacts have in most columns
    return {name: format_amount(amount, digits) if amount else nothing for name, amount in amounts.items()}
