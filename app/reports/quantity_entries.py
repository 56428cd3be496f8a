"""数量金额明细账: an account's entries with quantity, unit price and amount of what came in, went out and is there."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.identity.actor import Actor
from app.kernel.money import QUANTITY_DIGITS, format_amount, format_quantity
from app.reports.chart import Currencies, read_chart, read_currencies, read_filter
from app.reports.figures import months_of, pieces_of, read_sums
from app.reports.general_ledger import direction_of
from app.reports.request import Report, ReportRequest, resolve_span
from app.reports.running import Book, Line, Render, RunningBooks, Wish, entry_fields, voucher_text
from app.storage.database import read_snapshot

PRICE_STEP = Decimal("0.0001")
"""Prices are worked out for the eye; nothing is ever multiplied by them."""


def quantity_entries(actor: Actor, request: ReportRequest) -> Report:
    """Return the entries of the accounts kept in quantities, each account (or those below one) with a running balance.

    In and out are counted in the sense of the account's normal side, as in the report `quantity`. A unit price is the
    one of the entry, else amount by quantity to four places; the average price of what is there is worked out for each
    row and stored nowhere. Totals add amounts only. Needs `reports:quantity-ledger:view`.
    """
    actor.require("reports:quantity-ledger:view")
    with read_snapshot():
        span = resolve_span(request)
        chart, currencies = read_chart(), read_currencies()
        counted = [
            account for account in chart.selected(request.account_code) if account.has_quantity and account.is_leaf
        ]
        ids = [account.id for account in counted]
        auxiliaries = read_filter(request.aux)
        sums = read_sums(span, account_ids=ids, auxiliaries=auxiliaries, by_month=True, quantities=True)
        months = months_of(span, chart, sums)
        pieces = months_of(span, chart, map(pieces_of, sums))
        books = [
            Book(account.code, account, (account.id,), months[account.id], auxiliaries, "", pieces[account.id])
            for account in counted
            if account.id in months
        ]
        running = RunningBooks(span, chart, currencies, Wish(request.limit, year_ends=request.year_ends))
        totals = _totals(books, currencies.base_digits)
        return running.report(books, request, totals, _lines(currencies))


def _totals(books: list[Book], digits: int) -> dict[str, str]:
    came = went = 0
    for book in books:
        for debit, credit in book.months.months.values():
            inward, outward = (debit, credit) if book.account.normal_side == "debit" else (credit, debit)
            came += inward
            went += outward
    return {"in_amount": format_amount(came, digits), "out_amount": format_amount(went, digits)}


def _lines(currencies: Currencies) -> Render:
    digits = currencies.base_digits

    def render(line: Line) -> dict[str, Any]:
        is_debit = line.book.account.normal_side == "debit"
        debit = (line.pieces_in, _price(line, line.debit, line.pieces_in, digits), line.debit)
        credit = (line.pieces_out, _price(line, line.credit, line.pieces_out, digits), line.credit)
        came, went = (debit, credit) if is_debit else (credit, debit)
        sign = 1 if line.balance > 0 or (line.balance == 0 and line.pieces >= 0) else -1
        return {
            "account_code": line.book.account.code,
            "account_name": line.book.account.name_zh,
            "unit": line.book.account.unit,
            "date": line.date,
            "voucher": voucher_text(line),
            "summary": line.summary,
            "in_quantity": format_quantity(came[0]),
            "in_unit_price": came[1],
            "in_amount": format_amount(came[2], digits),
            "out_quantity": format_quantity(went[0]),
            "out_unit_price": went[1],
            "out_amount": format_amount(went[2], digits),
            "direction": direction_of(line.balance or line.pieces),
            "balance_quantity": format_quantity(line.pieces * sign),
            "balance_unit_price": price_text(line.balance * sign, line.pieces * sign, digits),
            "balance_amount": format_amount(line.balance * sign, digits),
            "kind": line.kind,
            **entry_fields(line, currencies),
        }

    return render


def _price(line: Line, amount: int, quantity: int, digits: int) -> str:
    if line.entry is not None and line.entry.unit_price and quantity:
        return format_quantity(line.entry.unit_price)
    return price_text(amount, quantity, digits)


def price_text(amount: int, quantity: int, digits: int) -> str:
    """Return amount by quantity to four places without needless zeros; nothing where there is no quantity."""
    if not quantity or not amount:
        return ""
    price = Decimal(amount).scaleb(-digits) / Decimal(quantity).scaleb(-QUANTITY_DIGITS)
    text = str(price.quantize(PRICE_STEP, ROUND_HALF_UP))
    return text.rstrip("0").rstrip(".") if "." in text else text
