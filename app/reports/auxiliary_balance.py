"""辅助核算余额表: opening, turnover and closing per account and set of auxiliary items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.identity.actor import Actor
from app.kernel.errors import MalformedInput
from app.kernel.money import format_amount
from app.kernel.text import message
from app.reports.chart import Chart, named_kind, read_chart, read_currencies, read_filter, read_set_texts
from app.reports.figures import SetBalance, read_set_balances
from app.reports.journal import paged
from app.reports.request import Position, Report, ReportRequest, ReportRow, resolve_span
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
ORDERS = ("", "account", "item")
FEW_SETS = 500


def require_order(order: str) -> None:
    """Raise `MalformedInput` for an order there is not."""
    if order not in ORDERS:
        raise MalformedInput("order_unknown", message("排列方式只能是 account 或 item。"))


class _Line(NamedTuple):
    """One row in minor units; `place` is the account's in the chart. Lines sort by account, then by text."""

    place: int
    text: str
    set_id: int
    opening: int
    debit: int
    credit: int


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
        balances = list(read_set_balances(span, account_ids, read_filter(request.aux)))
        texts = texts_of(balances, named_kind(request.aux) if request.order else "")
    lines = _lines(chart, balances, texts)
    if request.order == "item":
        lines.sort(key=lambda line: (line.text, line.place))
    else:
        lines.sort()
    digits = currencies.base_digits
    totals = dict(zip(COLUMN_KEYS, (format_amount(total, digits) for total in _totals(lines)), strict=True))
    rows = _rows(lines, chart, digits, request.after)
    if request.limit is None:
        return Report([row for row, _ in rows], totals)
    return paged(rows, request.limit, totals)


def texts_of(balances: Sequence[SetBalance], kind: str) -> dict[int, str]:
    """Return how the sets of some balances are written; of a few they are looked up, of many all are read."""
    few = {balance.set_id for balance in balances} if len(balances) <= FEW_SETS else None
    return read_set_texts(few, kind) if balances else {}


def _lines(chart: Chart, balances: Sequence[SetBalance], texts: dict[int, str]) -> list[_Line]:
    """Put the balances of each account and text together; those with nothing to show are left out."""
    places = {account.id: place for place, account in enumerate(chart.accounts)}
    by_key: dict[tuple[int, str], _Line] = {}
    entered: set[tuple[int, str]] = set()
    for balance in balances:
        text = texts.get(balance.set_id)
        if text is None:
            continue
        key = (places[balance.account_id], text)
        if balance.used:
            entered.add(key)
        line = _Line(*key, *balance[1:5])
        other = by_key.get(key)
        if other is not None:
            sums = (mine + theirs for mine, theirs in zip(line[3:], other[3:], strict=True))
            line = _Line(*key, min(line.set_id, other.set_id), *sums)
        by_key[key] = line
    return [line for key, line in by_key.items() if line.opening or key in entered]


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
        amounts = zip(COLUMN_KEYS, _amounts(line), strict=True)
        yield (
            {
                "account_code": account.code,
                "aux": line.text,
                **{key: format_amount(amount, digits) if amount else nothing for key, amount in amounts},
            },
            position,
        )


def _totals(lines: Sequence[_Line]) -> list[int]:
    opening_debit = opening_credit = turned_debit = turned_credit = closing_debit = closing_credit = 0
    for _, _, _, opening, debit, credit in lines:
        closing = opening + debit - credit
        if opening > 0:
            opening_debit += opening
        else:
            opening_credit -= opening
        turned_debit += debit
        turned_credit += credit
        if closing > 0:
            closing_debit += closing
        else:
            closing_credit -= closing
    return [opening_debit, opening_credit, turned_debit, turned_credit, closing_debit, closing_credit]


def _amounts(line: _Line) -> tuple[int, ...]:
    opening, closing = line.opening, line.opening + line.debit - line.credit
    return (
        max(0, opening),
        -opening if opening < 0 else 0,
        line.debit,
        line.credit,
        max(0, closing),
        -closing if closing < 0 else 0,
    )
