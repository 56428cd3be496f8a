"""辅助明细账: the entries of an account and an auxiliary item, account by account or item by item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.identity.actor import Actor
from app.kernel.money import format_amount
from app.reports.auxiliary_balance import FEW_SETS, require_order, texts_of
from app.reports.chart import (
    NO_FILTER,
    AuxiliaryFilter,
    Chart,
    Currencies,
    named_kind,
    read_chart,
    read_currencies,
    read_filter,
)
from app.reports.figures import AccountMonths, SetBalance, read_set_balances, read_sums
from app.reports.request import Report, ReportRequest, Span, marks, resolve_span
from app.reports.running import Book, Line, Place, Render, RunningBooks, Wish, entry_fields, three_columns, voucher_text
from app.storage.database import read_snapshot

BOOKS_AT_ONCE = 100

_Key = tuple[int, str, list[int]]
"""An account, what its auxiliaries are called together, and the sets that are called so."""


def auxiliary_ledger(actor: Actor, request: ReportRequest) -> Report:
    """Return the entries of each account and auxiliary item with a running balance, one book after the other.

    `order` `account` (the default) goes through the items of each account, `item` through the accounts of each item.
    Where `aux` names one kind (`客户`, or `客户:甲公司`), an item is one of that kind, whatever other auxiliaries stand
    beside it; else all auxiliaries of a line together. Rows are those of a subsidiary ledger; `aux` names the book's
    item. Totals are the span's turnover. Needs `reports:auxiliary-ledger:view`.
    """
    actor.require("reports:auxiliary-ledger:view")
    require_order(request.order)
    with read_snapshot():
        span = resolve_span(request)
        chart, currencies = read_chart(), read_currencies()
        auxiliaries = read_filter(request.aux)
        account_ids = [account.id for account in chart.selected(request.account_code)] if request.account_code else None
        balances = list(read_set_balances(span, account_ids, auxiliaries))
        keys = _keys(chart, balances, texts_of(balances, named_kind(request.aux)), request.order)
        if request.after is not None:
            keys = _from(keys, Place(*request.after).book)  # type: ignore[arg-type]
        books = _books(span, chart, keys, len(keys) if request.limit is None else BOOKS_AT_ONCE)
        totals = _totals(balances, currencies.base_digits)
        wish = Wish(request.limit, contra=True, year_ends=request.year_ends)
        return RunningBooks(span, chart, currencies, wish).report(books, request, totals, _lines(currencies))


def _keys(chart: Chart, balances: Sequence[SetBalance], texts: dict[int, str], order: str) -> list[_Key]:
    """Return account, text and sets of each book in the order wanted."""
    places = {account.id: place for place, account in enumerate(chart.accounts)}
    sets: dict[tuple[int, str], list[int]] = {}
    for balance in balances:
        if (text := texts.get(balance.set_id)) is not None:
            sets.setdefault((places[balance.account_id], text), []).append(balance.set_id)
    ordered = sorted(sets, key=lambda key: key[::-1]) if order == "item" else sorted(sets)
    return [(chart.accounts[place].id, text, sets[place, text]) for place, text in ordered]


def _from(keys: list[_Key], book: str) -> list[_Key]:
    """Return the books from the one a page's position is in."""
    return keys[next((at for at, key in enumerate(keys) if _book_name(key) == book), len(keys)) :]


def _book_name(key: _Key) -> str:
    account_id, _, set_ids = key
    return f"{account_id}.{min(set_ids)}"


def _books(span: Span, chart: Chart, keys: Sequence[_Key], at_once: int) -> Iterator[Book]:
    """Yield the books of some keys, their months read for a few of them at once."""
    for start in range(0, len(keys), max(at_once, 1)):
        part = keys[start : start + at_once]
        months = [AccountMonths() for _ in part]
        by_set = {
            (account_id, set_id): place for place, (account_id, _, set_ids) in enumerate(part) for set_id in set_ids
        }
        wanted = sorted({set_id for _, set_id in by_set})
        # asked for all, the database need not look through a list of twenty thousand
        chosen = AuxiliaryFilter(f" AND auxiliary_set_id IN ({marks(wanted)})", tuple(wanted))
        few = chosen if len(wanted) <= FEW_SETS else NO_FILTER
        accounts = sorted({account_id for account_id, _, _ in part})
        for row in read_sums(span, account_ids=accounts, by_set=True, by_month=True, auxiliaries=few):
            place = by_set.get((row.account_id, row.set_id))
            if place is not None:
                months[place].take(span, row)
        for key, figures in zip(part, months, strict=True):
            account_id, text, set_ids = key
            sets = AuxiliaryFilter(f" AND auxiliary_set_id IN ({marks(set_ids)})", tuple(set_ids))
            yield Book(_book_name(key), chart.by_id[account_id], (account_id,), figures, sets, text)


def _totals(balances: Sequence[SetBalance], digits: int) -> dict[str, str]:
    debit = sum(balance.debit for balance in balances)
    return {
        "debit": format_amount(debit, digits),
        "credit": format_amount(sum(balance.credit for balance in balances), digits),
    }


def _lines(currencies: Currencies) -> Render:
    digits = currencies.base_digits

    def render(line: Line) -> dict[str, Any]:
        row = {
            "account_code": line.book.account.code,
            "account_name": line.book.account.name_zh,
            "aux": line.book.aux,
            "date": line.date,
            "voucher": voucher_text(line),
            "summary": line.summary,
            "contra_accounts": line.contra,
            **three_columns(line, digits),
            "kind": line.kind,
        }
        return {**row, **entry_fields(line, currencies), "aux": line.book.aux}

    return render
