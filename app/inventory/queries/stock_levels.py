"""What is in stock at the end of a day, and what it is worth: added up from months, from whichever end is nearer.

Value is the item's over all warehouses; a transfer moves none of it. Amounts count on the day they were booked, as in
the ledger: a revaluation on its own day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.kernel.period import parse_date, period_of
from app.storage.database import fetch_all, fetch_one

MIDDLE_OF_MONTH = 15
LAST_PERIOD = 999_912


class Level(NamedTuple):
    """Quantity × 10^8 and value in minor units."""

    quantity: int
    value: int


Levels = dict[tuple[int, ...], Level]


def quantity_on(item_id: int, warehouse_id: int, lot_id: int, date: str) -> int:
    """Return what lies at a place at the end of a day."""
    place = (item_id, warehouse_id, lot_id)
    now = fetch_one(
        "SELECT quantity FROM {stock_quantity} WHERE item_id = ? AND warehouse_id = ? AND lot_id = ?", place
    )
    later = fetch_one(
        "SELECT COALESCE(SUM(quantity), 0) FROM {stock_move} WHERE item_id = ? AND warehouse_id = ? AND lot_id = ?"
        " AND date > ?",
        (*place, date),
    )
    return (int(now[0]) if now else 0) - (int(later[0]) if later else 0)


def levels_on(date: str, by: Sequence[str] = ("item_id",), *, item_id: int | None = None) -> Levels:
    """Return quantity and value at the end of a day (`""`: after everything that is booked) by the columns named.

    `by` is any of `item_id`, `warehouse_id`, `lot_id`, beginning with the item. Nothing is left out but keys that were
    never moved before that day.
    """
    sums: dict[tuple[int, ...], list[int]] = {}
    only, params = ("AND item_id = ?", (item_id,)) if item_id is not None else ("", tuple[int, ...]())
    keys = ", ".join(by)

    def add(table: str, columns: tuple[str, str], condition: str, values: Sequence[object], sign: int = 1) -> None:
        rows = fetch_all(
            f"SELECT {keys}, SUM({columns[0]}), SUM({columns[1]}) FROM {{{table}}} WHERE {condition} {only}"
            f" GROUP BY {keys}",
            (*values, *params),
        )
        for row in rows:
            level = sums.setdefault(tuple(row[: len(by)]), [0, 0])
            level[0] += sign * int(row[-2])
            level[1] += sign * int(row[-1])

    month = ("in_quantity - out_quantity", "in_amount - out_amount")
    move = ("quantity", "COALESCE(amount, 0)")
    revaluation = ("0", "amount + residue")
    if not date:
        add("stock_month", month, "1 = 1", ())
        return _levels(sums)
    day = parse_date(date)
    period, text = period_of(day), day.isoformat()
    if day.day <= MIDDLE_OF_MONTH:
        add("stock_month", month, "period < ?", (period,))
        add("stock_move", move, "period = ? AND date <= ?", (period, text))
        add("stock_revaluation", revaluation, "period = ? AND date <= ?", (period, text))
    else:
        add("stock_month", month, "period <= ?", (period,))
        add("stock_move", move, "period = ? AND date > ?", (period, text), -1)
        add("stock_revaluation", revaluation, "period = ? AND date > ?", (period, text), -1)
    return _levels(sums)


def levels_of(places: Levels, *columns: int) -> Levels:
    """Add levels by place up to those by some columns of their keys, named by position."""
    sums: dict[tuple[int, ...], list[int]] = {}
    for key, level in places.items():
        whole = sums.setdefault(tuple(key[column] for column in columns), [0, 0])
        whole[0] += level.quantity
        whole[1] += level.value
    return _levels(sums)


def _levels(sums: dict[tuple[int, ...], list[int]]) -> Levels:
    return {key: Level(*level) for key, level in sums.items()}
