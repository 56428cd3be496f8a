"""销售统计表 and 采购统计表: what was sold and bought by item, contact or month, and the margin of sales."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from app.contacts.queries.contacts import contact_of_item
from app.contacts.queries.terms import survivors
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput
from app.kernel.money import format_amount, format_quantity
from app.kernel.period import first_day, last_day
from app.kernel.text import clean_text, message
from app.orders.kinds import PURCHASE, SALES
from app.orders.queries.naming import contact_codes, contact_names, item_names, item_units
from app.orders.queries.turnover import Turnover, last_invoiced, read_turnover
from app.reports.chart import read_currencies
from app.reports.request import Report, ReportRequest, ReportRow, resolve_span
from app.storage.database import read_snapshot

ORDERS = ("item", "contact", "month")
AMOUNTS = ("net", "tax", "gross")
NO_ITEM = "不记商品的行"
"""What stands for lines of invoices that name no item."""
PERCENT = 10_000
"""Hundredths of a per cent in one whole."""


def sales(actor: Actor, request: ReportRequest) -> Report:
    """Return what was invoiced to customers, by `order` (item, contact or month), and what the goods that left cost.

    Credits count against it; `cost` is what deliveries less returns of these months booked as cost of sales, recosting
    included, so net and cost are those of the ledger. Needs `reports:sales:view`.
    """
    actor.require("reports:sales:view")
    return _turnover(SALES, request)


def purchases(actor: Actor, request: ReportRequest) -> Report:
    """Return what suppliers invoiced, less their credits, by `order`. Needs `reports:purchases:view`."""
    actor.require("reports:purchases:view")
    return _turnover(PURCHASE, request)


def _turnover(side: str, request: ReportRequest) -> Report:
    order = request.order or "item"
    if order not in ORDERS:
        raise MalformedInput("order_unknown", message("排列方式只能是 item、contact 或 month。"))
    with read_snapshot():
        # documents count whether their vouchers are posted yet or not
        span = resolve_span(dataclasses.replace(request, include_unposted=True))
        digits = read_currencies().base_digits
        last = last_day(span.last).isoformat()
        if not request.to_period:  # an invoice that books nothing new, as its receipt said it all, has no month in use
            last = max(last, last_invoiced(side))
        rows = read_turnover(side, first_day(span.first).isoformat(), last)
        standing = survivors()
        rows = [row._replace(contact_id=standing.get(row.contact_id or 0, row.contact_id)) for row in rows]
        if request.aux:
            wanted = _contact(request.aux)
            rows = [row for row in rows if row.contact_id == wanted]
        sums = _grouped(rows, order)
        heads = _heads(order, sums)
    shown = [
        {**heads[key], **_figures(side, order, whole, digits)}
        for key, whole in sorted(sums.items(), key=lambda pair: (heads[pair[0]]["code"], heads[pair[0]]["name"]))
    ]
    return Report(shown, _totals(side, list(sums.values()), digits))


def _contact(aux: str) -> int | None:
    kind, _, name = aux.replace("：", ":").partition(":")
    return contact_of_item(clean_text(kind), clean_text(name))


def _grouped(rows: list[Turnover], order: str) -> dict[Any, Turnover]:
    key_of: Callable[[Turnover], Any] = {
        "item": lambda row: row.item_id,
        "contact": lambda row: row.contact_id,
        "month": lambda row: row.month,
    }[order]
    sums: dict[Any, Turnover] = {}
    for row in rows:
        key = key_of(row)
        sums[key] = _added(sums[key], row) if key in sums else row
    return {key: whole for key, whole in sums.items() if any(whole[3:])}


def _added(one: Turnover, other: Turnover) -> Turnover:
    return Turnover(*one[:3], *(mine + theirs for mine, theirs in zip(one[3:], other[3:], strict=True)))


def _heads(order: str, sums: Mapping[Any, Turnover]) -> dict[Any, dict[str, str]]:
    if order == "month":
        return {key: {"code": key, "name": "", "unit": ""} for key in sums}
    if order == "contact":
        names, codes = contact_names(sums), contact_codes(sums)
        return {
            key: {"code": codes.get(key, ""), "name": names.get(key, ""), "unit": "", "contact_id": key} for key in sums
        }
    items, units = item_names(sums), item_units(sums)
    found: dict[Any, dict[str, str]] = {}
    for key in sums:
        code, name = items.get(key, ("", NO_ITEM))
        found[key] = {"code": code, "name": name, "unit": units.get(key, ""), "item_id": key}
    return found


def _figures(side: str, order: str, whole: Turnover, digits: int) -> ReportRow:
    shown: dict[str, Any] = {"quantity": format_quantity(whole.quantity) if order == "item" else ""}
    shown |= {name: format_amount(getattr(whole, name), digits) for name in AMOUNTS}
    return shown | _margin(whole, digits) if side == SALES else shown


def _margin(whole: Turnover, digits: int) -> dict[str, str]:
    margin = whole.net - whole.cost
    percent = "" if not whole.net else format_amount(_ratio(margin * PERCENT, whole.net), 2)
    return {
        "cost": format_amount(whole.cost, digits),
        "margin": format_amount(margin, digits),
        "margin_percent": percent,
    }


def _ratio(top: int, bottom: int) -> int:
    """Divide, rounding half-up away from zero."""
    return (1 if top * bottom >= 0 else -1) * ((2 * abs(top) + abs(bottom)) // (2 * abs(bottom)))


def _totals(side: str, sums: list[Turnover], digits: int) -> dict[str, str]:
    whole = Turnover(None, None, "", 0, 0, 0, 0, 0)
    for part in sums:
        whole = _added(whole, part)
    totals = {name: format_amount(getattr(whole, name), digits) for name in AMOUNTS}
    return totals | _margin(whole, digits) if side == SALES else totals
