"""数量金额账: quantities beside amounts, for the accounts that count pieces."""

from __future__ import annotations

from app.identity.actor import Actor
from app.kernel.money import format_amount, format_quantity
from app.reports.chart import read_chart, read_currencies, read_filter
from app.reports.figures import Figures, read_sums
from app.reports.request import Report, ReportRequest, ReportRow, resolve_span
from app.storage.database import read_snapshot

AMOUNT_KEYS = ("opening_amount", "in_amount", "out_amount", "closing_amount")


def quantity_ledger(actor: Actor, request: ReportRequest) -> Report:
    """Return one row per account kept in quantities that has an opening or a turnover in the span or its last year.

    All figures are counted in the sense of the account's normal side: what comes in on it is positive, what goes out on
    the other side too, a balance on the other side is negative. Quantities stand without needless zeros. Totals add
    amounts only, since pieces and kilograms do not add up. Needs `reports:quantity:view`.
    """
    actor.require("reports:quantity:view")
    with read_snapshot():
        span = resolve_span(request, whole_year=True)
        chart, currencies = read_chart(), read_currencies()
        counted = [
            account for account in chart.selected(request.account_code) if account.has_quantity and account.is_leaf
        ]
        account_ids = [account.id for account in counted]
        sums = read_sums(span, account_ids=account_ids, auxiliaries=read_filter(request.aux), quantities=True)
    amounts: dict[int, Figures] = {}
    quantities: dict[int, Figures] = {}
    for row in sums:
        part = span.part_of(row.period)
        amount = amounts.setdefault(row.account_id, Figures())
        amount.take(part, row.opening, row.debit, row.credit)
        quantity = quantities.setdefault(row.account_id, Figures())
        quantity.take(part, row.quantity_opening, row.quantity_debit, row.quantity_credit)
        if row.used and part.shown:
            amount.used = True
    digits = currencies.base_digits
    rows: list[ReportRow] = []
    totals = dict.fromkeys(AMOUNT_KEYS, 0)
    for account in counted:
        if account.id not in amounts:
            continue
        amount, quantity = amounts[account.id], quantities[account.id]
        if not (amount.used or amount.opening or quantity.opening):
            continue
        sign = 1 if account.normal_side == "debit" else -1
        shown = dict(zip(AMOUNT_KEYS, _in_and_out(amount, sign), strict=True))
        pieces = _in_and_out(quantity, sign)
        line = {"account_code": account.code, "name_zh": account.name_zh}
        for (key, value), piece in zip(shown.items(), pieces, strict=True):
            line[key.replace("_amount", "_qty")] = format_quantity(piece)
            line[key] = format_amount(value, digits)
            totals[key] += value
        rows.append(line)
    return Report(rows, {key: format_amount(total, digits) for key, total in totals.items()})


def _in_and_out(figures: Figures, sign: int) -> tuple[int, int, int, int]:
    inward, outward = (figures.debit, figures.credit) if sign > 0 else (figures.credit, figures.debit)
    return figures.opening * sign, inward, outward, figures.closing * sign
