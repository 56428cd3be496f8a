"""What reports of stock are made of: balances of a day by place, and what came in and went out in months.

Cost is kept for an item over all its warehouses (for 个别计价: for a lot of it); where a row shows a part of that, it
shows its share of the value, and all shares of a whole add up to it exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from app.inventory.queries.items import category_branch
from app.inventory.queries.stock_levels import Level, levels_of, levels_on
from app.inventory.sharing import share
from app.kernel.errors import NotFound
from app.kernel.text import clean_text, message
from app.storage.database import fetch_all, fetch_one

NOTHING = Level(0, 0)


class ReportItem(NamedTuple):
    """An item as reports name it."""

    id: int
    code: str
    name: str
    specification: str
    category: str
    unit: str


class StockWish(NamedTuple):
    """Which items and which warehouse a report is limited to; `None` is no limit."""

    item_ids: frozenset[int] | None
    warehouse_id: int | None


class StockRow(NamedTuple):
    """A row of stock balances: of an item, in a warehouse or of a lot where it was asked for (else 0)."""

    item_id: int
    warehouse_id: int
    lot_id: int
    level: Level


class MonthFlow(NamedTuple):
    """What an item (at a place) began with, what came in and what went out; quantities × 10^8, minor units."""

    opening: Level
    came: Level
    went: Level

    @property
    def closing(self) -> Level:
        """Return what is left."""
        return Level(
            self.opening.quantity + self.came.quantity - self.went.quantity,
            self.opening.value + self.came.value - self.went.value,
        )


def read_wish(*, item: str = "", warehouse: str = "", category: str = "") -> StockWish:
    """Read what people name: an item by code or barcode, a warehouse by name or code, a category by name.

    Raises `NotFound`.
    """
    ids: frozenset[int] | None = None
    if category:
        found = _one("SELECT id FROM {item_category} WHERE name = ?", category, message("商品类别"))
        branch = category_branch(found)
        places = ", ".join("?" * len(branch))
        rows = fetch_all(f"SELECT id FROM {{item}} WHERE category_id IN ({places})", branch)
        ids = frozenset(int(row[0]) for row in rows)
    if item:
        sql = "SELECT id FROM {item} WHERE code = ? UNION SELECT item_id FROM {item_barcode} WHERE barcode = ?"
        one = frozenset({_one(sql, item, message("商品"), times=2)})
        ids = one if ids is None else ids & one
    place = None
    if warehouse:
        place = _one("SELECT id FROM {warehouse} WHERE name = ? OR code = ?", warehouse, message("仓库"), times=2)
    return StockWish(ids, place)


def _one(sql: str, text: str, what: object, *, times: int = 1) -> int:
    word = clean_text(text)
    row = fetch_one(sql, [word] * times)
    if row is None:
        raise NotFound("name_unknown", message("没有{what}“{name}”。", what=what, name=word))
    return int(row[0])


def report_items(ids: Iterable[int]) -> dict[int, ReportItem]:
    """Return items by id."""
    wanted = sorted(set(ids))
    found: dict[int, ReportItem] = {}
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        rows = fetch_all(
            "SELECT i.id, i.code, i.name, i.specification, COALESCE(c.name, ''), i.unit FROM {item} i"
            f" LEFT JOIN {{item_category}} c ON c.id = i.category_id WHERE i.id IN ({', '.join('?' * len(chunk))})",
            chunk,
        )
        found.update({int(row[0]): ReportItem(*row) for row in rows})
    return found


def lot_names(ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return number and expiry of lots by id."""
    wanted = sorted(set(ids) - {0})
    found: dict[int, tuple[str, str]] = {}
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        rows = fetch_all(f"SELECT id, number, expiry FROM {{lot}} WHERE id IN ({', '.join('?' * len(chunk))})", chunk)
        found.update({int(row[0]): (str(row[1]), str(row[2])) for row in rows})
    return found


def stock_rows(date: str, wish: StockWish, *, by_warehouse: bool, by_lot: bool) -> list[StockRow]:
    """Return what is in stock at the end of a day (`""`: after all that is booked), without what is nothing.

    Rows are whole items, or parts of them by warehouse and lot. Limited to one warehouse they are its part of the item.
    """
    item_id = next(iter(wish.item_ids)) if wish.item_ids is not None and len(wish.item_ids) == 1 else None
    if not by_warehouse and not by_lot and wish.warehouse_id is None:
        rows = [StockRow(key[0], 0, 0, level) for key, level in levels_on(date, item_id=item_id).items()]
    else:
        rows = _parts(date, item_id, by_warehouse=by_warehouse, by_lot=by_lot, only=wish.warehouse_id)
    return [
        row
        for row in rows
        if (wish.item_ids is None or row.item_id in wish.item_ids) and (row.level.quantity or row.level.value)
    ]


def _parts(
    date: str,
    item_id: int | None,
    *,
    by_warehouse: bool,
    by_lot: bool,
    only: int | None,
) -> list[StockRow]:
    places = levels_on(date, ("item_id", "warehouse_id", "lot_id"), item_id=item_id)
    whole = levels_of(places, 0)
    apart = {int(row[0]) for row in fetch_all("SELECT DISTINCT item_id FROM {item_cost} WHERE lot_id > 0")}
    of_lots = levels_of(places, 0, 2) if apart else {}
    pools: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for (item, warehouse, lot), level in sorted(places.items()):
        pools.setdefault((item, lot if item in apart else 0), []).append((warehouse, lot, level.quantity))
    sums: dict[tuple[int, int, int], list[int]] = {}
    for (item, pool_lot), parts in pools.items():
        pool = of_lots.get((item, pool_lot), NOTHING) if pool_lot else whole.get((item,), NOTHING)
        for (warehouse, lot, quantity), value in zip(parts, _shares(pool, [part[2] for part in parts]), strict=True):
            if only is None or warehouse == only:
                key = (item, warehouse if by_warehouse else 0, lot if by_lot else 0)
                row = sums.setdefault(key, [0, 0])
                row[0], row[1] = row[0] + quantity, row[1] + value
    return [StockRow(*key, Level(*level)) for key, level in sums.items()]


def _shares(pool: Level, quantities: Sequence[int]) -> list[int]:
    """Part a pool's value by quantity; the parts add up to it exactly."""
    if not pool.quantity:
        return [pool.value if place == 0 else 0 for place in range(len(quantities))]
    found: list[int] = []
    before = gone = 0
    for quantity in quantities:
        gone += quantity
        until = share(pool.value, gone, pool.quantity)
        found.append(until - before)
        before = until
    return found


def month_flows(first: int, last: int, wish: StockWish, *, by_warehouse: bool) -> dict[tuple[int, int], MonthFlow]:
    """Return by item (and warehouse, else 0) what months began with, what came in and what went out.

    Opening stock counts as what the book began with, though it is dated in its first month. Over all warehouses,
    transfers between them are neither in nor out.
    """
    keys = "item_id, warehouse_id" if by_warehouse or wish.warehouse_id is not None else "item_id, 0"
    group = "item_id, warehouse_id" if "warehouse" in keys else "item_id"
    where, params = (" AND warehouse_id = ?", [wish.warehouse_id]) if wish.warehouse_id is not None else ("", [])
    rows = fetch_all(
        f"SELECT {keys}, SUM(CASE WHEN period < ? THEN in_quantity - out_quantity ELSE 0 END),"
        " SUM(CASE WHEN period < ? THEN in_amount - out_amount ELSE 0 END),"
        " SUM(CASE WHEN period >= ? THEN in_quantity ELSE 0 END), SUM(CASE WHEN period >= ? THEN in_amount ELSE 0 END),"
        " SUM(CASE WHEN period >= ? THEN out_quantity ELSE 0 END),"
        f" SUM(CASE WHEN period >= ? THEN out_amount ELSE 0 END) FROM {{stock_month}} WHERE period <= ?{where}"
        f" GROUP BY {group}",
        [*[first] * 6, last, *params],
    )
    found = {(int(row[0]), int(row[1])): [int(value) for value in row[2:]] for row in rows}
    _take_openings(found, keys, group, (first, last), where, params)
    if group == "item_id":
        for item_id, quantity in _transferred(first, last).items():
            if (item_id, 0) in found:
                found[item_id, 0][2] -= quantity
                found[item_id, 0][4] -= quantity
    return {
        key: MonthFlow(Level(*sums[:2]), Level(*sums[2:4]), Level(*sums[4:]))
        for key, sums in found.items()
        if any(sums) and (wish.item_ids is None or key[0] in wish.item_ids)
    }


def _take_openings(
    found: Mapping[tuple[int, int], list[int]],
    keys: str,
    group: str,
    span: tuple[int, int],
    where: str,
    params: Sequence[object],
) -> None:
    rows = fetch_all(
        f"SELECT {keys}, SUM(CASE WHEN quantity > 0 THEN quantity ELSE 0 END),"
        " SUM(CASE WHEN quantity > 0 THEN COALESCE(amount, 0) ELSE 0 END),"
        " SUM(CASE WHEN quantity < 0 THEN -quantity ELSE 0 END),"
        " SUM(CASE WHEN quantity < 0 THEN -COALESCE(amount, 0) ELSE 0 END) FROM {stock_move}"
        f" WHERE document_kind = 'opening' AND period BETWEEN ? AND ?{where} GROUP BY {group}",
        [*span, *params],
    )
    for row in rows:
        sums = found.get((int(row[0]), int(row[1])))
        if sums is not None:
            in_quantity, in_value, out_quantity, out_value = (int(value) for value in row[2:])
            sums[0] += in_quantity - out_quantity
            sums[1] += in_value - out_value
            sums[2], sums[3] = sums[2] - in_quantity, sums[3] - in_value
            sums[4], sums[5] = sums[4] - out_quantity, sums[5] - out_value


def _transferred(first: int, last: int) -> dict[int, int]:
    """Return by item what moved between warehouses."""
    rows = fetch_all(
        "SELECT item_id, SUM(quantity) FROM {stock_move} WHERE document_kind = 'transfer' AND quantity > 0"
        " AND period BETWEEN ? AND ? GROUP BY item_id",
        (first, last),
    )
    return {int(row[0]): int(row[1]) for row in rows}
