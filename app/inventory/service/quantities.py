"""Quantities by place: kept with every move, and never below zero on any day unless the book allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.inventory.queries.facts import ItemFacts
from app.kernel.errors import RuleBroken
from app.kernel.money import format_quantity
from app.kernel.text import Message, message
from app.storage.database import execute_many, fetch_all, fetch_one, upsert_add

PLACE = ("item_id", "warehouse_id", "lot_id")
_CHUNK = 100


class Place(NamedTuple):
    """Where stock lies: an item in a warehouse, of a lot where lots are kept."""

    item_id: int
    warehouse_id: int
    lot_id: int


class Flow(NamedTuple):
    """What came in and went out at a place in a month."""

    in_quantity: int
    in_amount: int
    out_quantity: int
    out_amount: int


def change_quantities(
    changes: Mapping[Place, int], date: str, items: Mapping[int, ItemFacts], *, allow_negative: bool
) -> None:
    """Add moves of a day, which are in the table already, to what lies where.

    Raises `RuleBroken` that names item, warehouse, lot, what is there and what is wanted, also when a later day would
    end with less than nothing. What is in lots never goes below zero.
    """
    keys = sorted(place for place, quantity in changes.items() if quantity)
    execute_many(upsert_add("stock_quantity", PLACE, ("quantity",)), [(*place, changes[place]) for place in keys])
    taken = [place for place in keys if changes[place] < 0 and not (allow_negative and not place.lot_id)]
    for start in range(0, len(taken), _CHUNK):
        chunk = taken[start : start + _CHUNK]
        for place, (left, later) in _levels(chunk, date).items():
            _require_enough(place, -changes[place], (left, later), items[place.item_id])


def _levels(places: Sequence[Place], date: str) -> dict[Place, tuple[int, list[tuple[str, int]]]]:
    """Return what lies at places now, and what moves there on each day after this one, in their order."""
    now = " OR ".join(["(item_id = ? AND warehouse_id = ? AND lot_id = ?)"] * len(places))
    later = " OR ".join(["(item_id = ? AND warehouse_id = ? AND lot_id = ? AND date > ?)"] * len(places))
    rows = fetch_all(
        f"SELECT item_id, warehouse_id, lot_id, '', quantity FROM {{stock_quantity}} WHERE {now} UNION ALL"
        f" SELECT item_id, warehouse_id, lot_id, date, SUM(quantity) FROM {{stock_move}} WHERE {later}"
        " GROUP BY item_id, warehouse_id, lot_id, date",
        [*(part for place in places for part in place), *(part for place in places for part in (*place, date))],
    )
    left: dict[Place, int] = {}
    days: dict[Place, list[tuple[str, int]]] = {}
    for *place, day, quantity in rows:
        if day:
            days.setdefault(Place(*place), []).append((str(day), int(quantity)))
        else:
            left[Place(*place)] = int(quantity)
    return {place: (left.get(place, 0), sorted(days.get(place, ()))) for place in places}


def _require_enough(place: Place, wanted: int, level: tuple[int, list[tuple[str, int]]], item: ItemFacts) -> None:
    left, later = level
    running = left - sum(quantity for _, quantity in later)
    if running < 0:
        raise _too_little(place, item, running + wanted, wanted, None)
    for day, quantity in later:
        running += quantity
        if running < 0:
            raise _too_little(place, item, running + wanted, wanted, day)


def _too_little(place: Place, item: ItemFacts, have: int, wanted: int, day: str | None) -> RuleBroken:
    row = fetch_one("SELECT name FROM {warehouse} WHERE id = ?", (place.warehouse_id,))
    where: Message | str = str(row[0]) if row else "?"
    if place.lot_id:
        lot = fetch_one("SELECT number FROM {lot} WHERE id = ?", (place.lot_id,))
        where = message("{warehouse}批次“{lot}”", warehouse=where, lot=lot[0] if lot else "?")
    names: dict[str, object] = {
        "item": item.shown,
        "where": where,
        "have": format_quantity(have),
        "wanted": format_quantity(wanted),
        "unit": item.unit,
        "day": day or "",
    }
    if day is None:
        text = message("{item}在{where}只有 {have} {unit}，要出库 {wanted} {unit}，不够。", **names)
    else:
        text = message(
            "{item}在{where}到 {day} 只剩 {have} {unit}可用，要出库 {wanted} {unit}，会使那天的库存变成负数。", **names
        )
    details = {"item_id": item.id, "have": format_quantity(have), "wanted": format_quantity(wanted)}
    return RuleBroken("stock_too_little", text, details=details)


def add_to_months(flows: Mapping[tuple[int, Place], Flow]) -> None:
    """Add to what came in and went out, by month and place."""
    execute_many(
        upsert_add("stock_month", ("period", *PLACE), Flow._fields),
        [(period, *place, *flow) for (period, place), flow in sorted(flows.items())],
    )
