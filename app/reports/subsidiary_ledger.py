"""明细账 and 日记账: an account's entries in order of date, with a running balance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.identity.actor import Actor
from app.kernel.errors import MalformedInput
from app.kernel.text import message
from app.reports.chart import (
    AuxiliaryFilter,
    Chart,
    Currencies,
    ReportAccount,
    read_chart,
    read_currencies,
    read_filter,
)
from app.reports.figures import AccountMonths, read_months
from app.reports.general_ledger import turnover_totals
from app.reports.request import Report, ReportRequest, resolve_span
from app.reports.running import (
    Book,
    Line,
    Render,
    RunningBooks,
    Wish,
    entry_fields,
    three_columns,
    voucher_text,
)
from app.storage.database import read_snapshot


def subsidiary_ledger(actor: Actor, request: ReportRequest) -> Report:
    """Return the entries of one account with all below it, or of every leaf in turn, each with a running balance.

    A line for what was brought forward, then for each month with turnover its entries by date and voucher, 本月合计 and
    本年累计. `kind` says which of these a row is (`opening`, `entry`, `month`, `year`); rows of entries also carry
    `voucher_id`, `line`, `aux` and, where they have them, `currency`, `foreign_amount` and `quantity`.
    `contra_accounts` are the codes on the other side of the voucher. Totals are the span's turnover. Needs
    `reports:subsidiary-ledger:view`.
    """
    actor.require("reports:subsidiary-ledger:view")
    with read_snapshot():
        span = resolve_span(request)
        chart, currencies = read_chart(), read_currencies()
        chosen = chart.selected(request.account_code)
        account_ids = [account.id for account in chosen] if request.account_code else None
        auxiliaries = read_filter(request.aux)
        months = read_months(span, chart, account_ids, auxiliaries)
        totals = turnover_totals(chosen, months, currencies.base_digits)
        shown = chosen[:1] if request.account_code else [account for account in chosen if account.is_leaf]
        running = RunningBooks(span, chart, currencies, Wish(request.limit, contra=True, year_ends=request.year_ends))
        books = account_books(chart, shown, months, auxiliaries)
        return running.report(books, request, totals, account_lines(currencies))


def cash_journal(actor: Actor, request: ReportRequest) -> Report:
    """Return the journals of cash and bank accounts (日记账), one account after the other, struck each day.

    As the subsidiary ledger, of each cash account (or those below one), with a row of kind `day` (本日合计) after each
    day's entries: what came in and went out that day, and the balance (《会计基础工作规范》 art. 60(7): the balance of
    the journals of cash and bank is struck daily). Needs `reports:cash-journal:view`; raises `MalformedInput` for an
    account that is neither cash nor bank.
    """
    actor.require("reports:cash-journal:view")
    with read_snapshot():
        span = resolve_span(request)
        chart, currencies = read_chart(), read_currencies()
        shown = [
            account for account in chart.selected(request.account_code) if account.is_leaf and chart.is_money(account)
        ]
        if request.account_code and not shown:
            sentence = message("科目 {code} 不是现金或银行存款科目，没有日记账。", code=request.account_code)
            raise MalformedInput("account_not_cash", sentence, fields={"account_code": sentence})
        auxiliaries = read_filter(request.aux)
        months = read_months(span, chart, [account.id for account in shown], auxiliaries)
        totals = turnover_totals(shown, months, currencies.base_digits)
        wish = Wish(request.limit, daily=True, contra=True, year_ends=request.year_ends)
        books = account_books(chart, shown, months, auxiliaries)
        return RunningBooks(span, chart, currencies, wish).report(books, request, totals, account_lines(currencies))


def account_books(
    chart: Chart, accounts: Sequence[ReportAccount], months: dict[int, AccountMonths], auxiliaries: AuxiliaryFilter
) -> list[Book]:
    """Return the books of the accounts that have any figures, each with all accounts below it."""
    return [
        Book(
            account.code,
            account,
            tuple(below.id for below in chart.selected(account.code)),
            months[account.id],
            auxiliaries,
        )
        for account in accounts
        if account.id in months
    ]


def account_lines(currencies: Currencies) -> Render:
    """Return how a line of an account's book is written."""
    digits = currencies.base_digits

    def render(line: Line) -> dict[str, Any]:
        return {
            "account_code": line.book.account.code,
            "account_name": line.book.account.name_zh,
            "date": line.date,
            "voucher": voucher_text(line),
            "summary": line.summary,
            "contra_accounts": line.contra,
            **three_columns(line, digits),
            "kind": line.kind,
            **entry_fields(line, currencies),
        }

    return render
