"""未完成订单表: what of orders is still to be delivered, received or invoiced."""

from __future__ import annotations

from app.contacts.queries.contacts import contact_of_item
from app.contacts.queries.terms import survivors
from app.identity.actor import Actor
from app.kernel.money import format_amount, format_quantity
from app.kernel.period import last_day, parse_period
from app.kernel.text import clean_text
from app.orders.queries.naming import contact_names, item_names, item_units
from app.orders.queries.waiting import WaitingLine, waiting_lines
from app.reports.chart import read_currencies
from app.reports.request import Report, ReportRequest, ReportRow
from app.storage.database import read_snapshot

LAST_DAY = "9999-12-31"
SIDES = {"sales_order": "销售", "purchase_order": "采购"}


def open_orders(actor: Actor, request: ReportRequest) -> Report:
    """Return the lines of open orders of which something waits, as they stand now; `to` leaves later orders out.

    Quantities are in the item's base unit; `value` is the rest at the order's price, tax included. The total is that of
    both sides only where they are of one. Needs `reports:open-orders:view`.
    """
    actor.require("reports:open-orders:view")
    with read_snapshot():
        digits = read_currencies().base_digits
        last = last_day(parse_period(request.to_period)).isoformat() if request.to_period else LAST_DAY
        found = waiting_lines(last)
        standing = survivors()
        if request.aux:
            kind, _, name = request.aux.replace("：", ":").partition(":")
            wanted = contact_of_item(clean_text(kind), clean_text(name))
            found = [one for one in found if standing.get(*[one.document.contact_id or 0] * 2) == wanted]
        contacts = contact_names(one.document.contact_id for one in found)
        items = item_names(one.line.item_id for one in found)
        units = item_units(one.line.item_id for one in found)
    rows = [_row(one, contacts, items, units, digits) for one in found]
    return Report(rows, {"value": format_amount(sum(one.value for one in found), digits)})


def _row(
    one: WaitingLine,
    contacts: dict[int, str],
    items: dict[int, tuple[str, str]],
    units: dict[int, str],
    digits: int,
) -> ReportRow:
    document, line = one.document, one.line
    code, _ = items.get(line.item_id or 0, ("", ""))
    return {
        "side": SIDES[document.kind],
        "order_number": document.number or "",
        "date": document.date,
        "due_date": document.due_date,
        "contact": contacts.get(document.contact_id or 0, ""),
        "item_code": code,
        "description": line.description,
        "unit": units.get(line.item_id or 0, line.unit),
        "ordered": format_quantity(one.ordered),
        "moved": format_quantity(one.moved),
        "invoiced": format_quantity(one.invoiced),
        "rest": format_quantity(one.rest),
        "value": format_amount(one.value, digits),
        "document_id": document.id,
    }
