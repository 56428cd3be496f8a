"""Reads of price lists, and what an item costs."""

from __future__ import annotations

from typing import NamedTuple

from app.contract.inventory import Price, PriceList, PriceListList, PriceQuery, PriceRow, PriceRows
from app.inventory.errors import price_list_unknown
from app.inventory.queries.facts import SCALE, ItemFacts, read_item
from app.kernel.money import QUANTITY_DIGITS, format_quantity, parse_amount
from app.kernel.period import parse_date
from app.kernel.text import clean_text
from app.storage.database import Row, fetch_all, fetch_one

_SELECT = "SELECT id, name, includes_tax, active, version FROM {price_list}"
OWN_PRICES_INCLUDE_TAX = True
"""Prices that stand on the item itself are what a customer pays, tax included."""


class FoundPrice(NamedTuple):
    """A unit price × 10^8, or `None` where there is none; whether tax is in it; the list it came from."""

    price: int | None
    includes_tax: bool
    source: str


def _view(row: Row) -> PriceList:
    return PriceList(id=row[0], name=row[1], includes_tax=bool(row[2]), active=bool(row[3]), version=row[4])


def get_price_list(price_list_id: int) -> PriceList:
    """Return a price list. Raises `NotFound`."""
    row = fetch_one(f"{_SELECT} WHERE id = ?", (price_list_id,))
    if row is None:
        raise price_list_unknown(price_list_id)
    return _view(row)


def list_price_lists() -> PriceListList:
    """Return all price lists by name; those not used any more last."""
    return PriceListList(price_lists=[_view(row) for row in fetch_all(f"{_SELECT} ORDER BY active DESC, name")])


def price_rows(price_list_id: int) -> PriceRows:
    """Return all prices of a list by item, unit, quantity and day. Raises `NotFound`."""
    head = get_price_list(price_list_id)
    rows = fetch_all(
        "SELECT p.item_id, i.code, i.name, p.unit, p.from_quantity, p.from_date, p.price FROM {price} p"
        " JOIN {item} i ON i.id = p.item_id WHERE p.price_list_id = ?"
        " ORDER BY i.code, p.unit, p.from_quantity, p.from_date",
        (price_list_id,),
    )
    return PriceRows(
        version=head.version,
        rows=[
            PriceRow(
                item_id=row[0],
                item_code=row[1],
                item_name=row[2],
                unit=row[3],
                from_quantity=format_quantity(row[4]),
                from_date=row[5],
                price=format_quantity(row[6]),
            )
            for row in rows
        ],
    )


def find_price(query: PriceQuery) -> Price:
    """Return what an item costs. Raises `NotFound` for item or list, `MalformedInput` for the quantity or the day."""
    facts = read_item(query.item_id)
    quantity = parse_amount(query.quantity, QUANTITY_DIGITS)
    date = parse_date(query.date).isoformat() if query.date else ""
    found = price_for(facts, query.price_list_id, clean_text(query.unit), quantity, date, side=query.side)
    return Price(
        price="" if found.price is None else format_quantity(found.price),
        includes_tax=found.includes_tax,
        source=found.source,
    )


def price_for(
    facts: ItemFacts,
    price_list_id: int | None,
    unit: str = "",
    quantity: int = SCALE,
    date: str = "",
    *,
    side: str = "sales",
) -> FoundPrice:
    """Return the price of one `unit` of an item, for a quantity (× 10^8 of that unit) on a day (ISO text).

    A price of the list for the very unit comes first, then the list's price of the base unit times the unit's factor,
    then the item's own sales (`side="purchase"`: purchase) price. Of several rows the largest quantity reached counts,
    of these the newest day; without a day all days count.
    """
    unit = "" if unit == facts.unit else unit
    factor = facts.factor(unit)
    if price_list_id is not None:
        head = get_price_list(price_list_id)
        if head.active:
            price = _listed(price_list_id, facts.id, unit, quantity, date)
            if price is None and unit:
                base = _listed(price_list_id, facts.id, "", quantity * factor // SCALE, date)
                price = None if base is None else _times(base, factor)
            if price is not None:
                return FoundPrice(price, head.includes_tax, head.name)
    column = "purchase_price" if side == "purchase" else "sales_price"
    row = fetch_one(f"SELECT {column} FROM {{item}} WHERE id = ?", (facts.id,))
    own = None if row is None or row[0] is None else _times(int(row[0]), factor)
    return FoundPrice(own, OWN_PRICES_INCLUDE_TAX, "")


def _listed(price_list_id: int, item_id: int, unit: str, quantity: int, date: str) -> int | None:
    row = fetch_one(
        "SELECT price FROM {price} WHERE price_list_id = ? AND item_id = ? AND unit = ? AND from_quantity <= ?"
        " AND from_date <= ? ORDER BY from_quantity DESC, from_date DESC LIMIT 1",
        (price_list_id, item_id, unit, quantity, date or "9999-12-31"),
    )
    return None if row is None else int(row[0])


def _times(price: int, factor: int) -> int:
    """Return price × factor, both × 10^8, rounded half up once."""
    return (price * factor * 2 + SCALE) // (2 * SCALE)
