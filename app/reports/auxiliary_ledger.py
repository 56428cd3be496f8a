"""辅助明细账: the entries of an account and an auxiliary item, account by account or item by item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from app.identity.actor import Actor
from app.kernel.errors import MalformedInput
from app.kernel.money import format_amount
from app.kernel.text import message
from app.reports.chart import (
    AuxiliaryFilter,
    Chart,
    Currencies,
    named_kind,
    read_chart,
    read_currencies,
    read_filter,
    read_set_texts,
)
from app.reports.figures import AccountMonths, read_keys, read_sums
from app.reports.request import Report, ReportRequest, Span, marks, resolve_span
from app.reports.running import Book, Line, Place, Render, RunningBooks, Wish, entry_fields, three_columns, voucher_text
from app.storage.database import read_snapshot

BOOKS_AT_ONCE = 25
ORDERS = ("", "account", "item")


class ItemKey(NamedTuple):
    """An account and what its auxiliaries are called together, with the sets that are called so."""

    account_id: int
    text: str
    set_ids: tuple[int, ...]

    @property
    def book(self) -> str:
        """Return the name of the book in a page's position."""
        return f"{self.account_id}.{self.set_ids[0]}"


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
        keys = read_items(span, chart, account_ids, auxiliaries, named_kind(request.aux), request.order)
        if request.after is not None:
            place = Place(*request.after)  # type: ignore[arg-type]
            keys = keys[next((at for at, key in enumerate(keys) if key.book == place.book), len(keys)) :]
        at_once = len(keys) if request.limit is None else BOOKS_AT_ONCE
        books = _books(span, chart, keys, at_once)
        totals = _totals(span, account_ids, auxiliaries, currencies.base_digits)
        wish = Wish(request.limit, contra=True, year_ends=request.year_ends)
        return RunningBooks(span, chart, currencies, wish).report(books, request, totals, _lines(currencies))


def require_order(order: str) -> None:
    """Raise `MalformedInput` for an order there is not."""
    if order not in ORDERS:
        raise MalformedInput("order_unknown", message("排列方式只能是 account 或 item。"))


def read_items(
    span: Span,
    chart: Chart,
    account_ids: Sequence[int] | None,
    auxiliaries: AuxiliaryFilter,
    kind: str,
    order: str,
) -> list[ItemKey]:
    """Return the accounts and items that have balances, in the order wanted."""
    found = read_keys(span, account_ids, auxiliaries)
    texts = read_set_texts(kind=kind) if found else {}
    sets: dict[tuple[int, str], list[int]] = {}
    for account_id, set_id in found:
        if set_id in texts:
            sets.setdefault((account_id, texts[set_id]), []).append(set_id)
    keys = [ItemKey(account_id, text, tuple(sorted(ids))) for (account_id, text), ids in sets.items()]
    places = {account.id: place for place, account in enumerate(chart.accounts)}
    if order == "item":
        return sorted(keys, key=lambda key: (key.text, places[key.account_id]))
    return sorted(keys, key=lambda key: (places[key.account_id], key.text))


def _books(span: Span, chart: Chart, keys: Sequence[ItemKey], at_once: int) -> Iterator[Book]:
    """Yield the books of some keys, their months read for a few of them at once."""
    for start in range(0, len(keys), max(at_once, 1)):
        part = keys[start : start + at_once]
        months = {key: AccountMonths() for key in part}
        by_set = {(key.account_id, set_id): key for key in part for set_id in key.set_ids}
        wanted = sorted({set_id for _, set_id in by_set})
        # asked for all, the database need not look through a list of twenty thousand
        chosen = AuxiliaryFilter(f" AND auxiliary_set_id IN ({marks(wanted)})", tuple(wanted))
        accounts = sorted({key.account_id for key in part})
        few = chosen if len(wanted) <= BOOKS_AT_ONCE * 20 else AuxiliaryFilter("", ())
        for row in read_sums(span, account_ids=accounts, by_set=True, by_month=True, auxiliaries=few):
            key = by_set.get((row.account_id, row.set_id))
            if key is not None:
                months[key].take(span, row)
        for key in part:
            account = chart.by_id[key.account_id]
            sets = AuxiliaryFilter(f" AND auxiliary_set_id IN ({marks(key.set_ids)})", key.set_ids)
            yield Book(key.book, account, (account.id,), months[key], sets, key.text)


def _totals(span: Span, account_ids: Sequence[int] | None, auxiliaries: AuxiliaryFilter, digits: int) -> dict[str, str]:
    debit = credit = 0
    for row in read_sums(span, account_ids=account_ids, auxiliaries=auxiliaries, with_sets_only=True):
        if span.part_of(row.period).covered:
            debit += row.debit
            credit += row.credit
    return {"debit": format_amount(debit, digits), "credit": format_amount(credit, digits)}


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
