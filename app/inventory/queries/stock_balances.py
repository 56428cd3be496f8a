"""Pages of stock balances of any day, and lots with what is left of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from app.contract.inventory import Lot, LotList, LotQuery
from app.contract.stock import StockBalancePage, StockBalanceQuery, StockBalanceRow, StockOnHand
from app.inventory.queries.items import category_branch
from app.inventory.queries.stock_levels import Level, levels_of, levels_on
from app.inventory.queries.warehouses import get_warehouse
from app.inventory.sharing import share
from app.kernel.errors import MalformedInput
from app.kernel.money import QUANTITY_DIGITS, format_amount, format_quantity
from app.kernel.text import clean_text, message
from app.ledger.queries.vouchers import base_digits
from app.storage.database import fetch_all, read_snapshot

SCALE = 10**QUANTITY_DIGITS
NOTHING = Level(0, 0)


class _Item(NamedTuple):
    id: int
    code: str
    name: str
    specification: str
    unit: str


class _Lot(NamedTuple):
    number: str
    expiry: str


def list_balances(query: StockBalanceQuery) -> StockBalancePage:
    """Return one page of stock balances by item code (and lot), with what all that match are worth.

    Of one warehouse or lot, where cost is the item's as a whole, a row shows its share of the item's value.
    """
    with read_snapshot():
        items = _items(query)
        lots = _lots(query.item_id) if query.by_lot else {}
        if query.warehouse_id is None and not query.by_lot:
            whole = levels_on(query.date, item_id=query.item_id)
            rows = [(key[0], 0, level) for key, level in whole.items()]
            warehouse = ""
        else:
            rows = _placed(query)
            warehouse = get_warehouse(query.warehouse_id).name if query.warehouse_id is not None else ""
        known = {item_id for item_id, _, _ in rows}
        if query.include_zero and not query.by_lot:
            rows += [(item.id, 0, NOTHING) for item in items.values() if item.id not in known]
        digits = base_digits()
    kept = [
        (items[item_id], lot_id, level)
        for item_id, lot_id, level in rows
        if item_id in items and (query.include_zero or level.quantity or level.value)
    ]
    kept.sort(key=lambda row: (row[0].code, lots.get(row[1], _Lot("", "")).number))
    start = _start(query.cursor)
    shown = kept[start : start + query.limit]
    return StockBalancePage(
        rows=[_row(item, lots.get(lot_id), warehouse, level, digits) for item, lot_id, level in shown],
        total_amount=format_amount(sum(level.value for _, _, level in kept), digits),
        next=str(start + query.limit) if len(kept) > start + query.limit else None,
    )


def _start(cursor: str) -> int:
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise MalformedInput("cursor_malformed", message("翻页标记无效，请从第一页看起。"))
    return int(cursor or 0)


def _items(query: StockBalanceQuery) -> dict[int, _Item]:
    conditions, params = ["i.kind = 'goods'"], list[object]()
    if query.item_id is not None:
        conditions.append("i.id = ?")
        params.append(query.item_id)
    if query.category_id is not None:
        branch = category_branch(query.category_id)
        conditions.append(f"i.category_id IN ({', '.join('?' * len(branch))})")
        params.extend(branch)
    if word := clean_text(query.q):
        conditions.append("i.id IN (SELECT item_id FROM {item_search} WHERE INSTR(words, ?) > 0)")
        params.append(word.lower().encode())
    rows = fetch_all(
        f"SELECT i.id, i.code, i.name, i.specification, i.unit FROM {{item}} i WHERE {' AND '.join(conditions)}", params
    )
    return {row[0]: _Item(*row) for row in rows}


def _placed(query: StockBalanceQuery) -> list[tuple[int, int, Level]]:
    """Return rows by item (and lot) in the warehouse asked for, each with its share of the item's value."""
    by = ("item_id", "warehouse_id", "lot_id")
    costed_apart = {int(row[0]) for row in fetch_all("SELECT DISTINCT item_id FROM {item_cost} WHERE lot_id > 0")}
    places = levels_on(query.date, by, item_id=query.item_id)
    whole = levels_of(places, 0)
    of_lots = levels_of(places, 0, 2) if costed_apart else {}
    sums: dict[tuple[int, int], int] = {}
    for (item_id, warehouse_id, lot_id), level in places.items():
        if query.warehouse_id is None or warehouse_id == query.warehouse_id:
            key = (item_id, lot_id if query.by_lot or item_id in costed_apart else 0)
            sums[key] = sums.get(key, 0) + level.quantity
    found: dict[tuple[int, int], list[int]] = {}
    for (item_id, lot_id), quantity in sums.items():
        apart = item_id in costed_apart and lot_id
        pool = of_lots.get((item_id, lot_id), NOTHING) if apart else whole.get((item_id,), NOTHING)
        value = share(pool.value, quantity, pool.quantity) if pool.quantity else 0
        row = found.setdefault((item_id, lot_id if query.by_lot else 0), [0, 0])
        row[0], row[1] = row[0] + quantity, row[1] + value
    return [(item_id, lot_id, Level(*row)) for (item_id, lot_id), row in found.items()]


def _lots(item_id: int | None) -> dict[int, _Lot]:
    condition, params = ("WHERE item_id = ?", (item_id,)) if item_id is not None else ("", tuple[int, ...]())
    rows = fetch_all(f"SELECT id, number, expiry FROM {{lot}} {condition}", params)
    return {int(row[0]): _Lot(row[1], row[2]) for row in rows}


def _row(item: _Item, lot: _Lot | None, warehouse: str, level: Level, digits: int) -> StockBalanceRow:
    return StockBalanceRow(
        item_id=item.id,
        item_code=item.code,
        item_name=item.name,
        specification=item.specification,
        unit=item.unit,
        warehouse=warehouse,
        lot=lot.number if lot else "",
        expiry=lot.expiry if lot else "",
        quantity=format_quantity(level.quantity),
        amount=format_amount(level.value, digits),
        unit_cost=unit_cost(level, digits),
    )


def unit_cost(level: Level, digits: int) -> str:
    """Return what one base unit is worth, for the eye only: nothing is computed with it."""
    if not level.quantity:
        return ""
    scaled = share(level.value, 10 ** (6 - digits) * SCALE, level.quantity) if digits <= 6 else 0
    return format_quantity(scaled, 6)


def list_lots(query: LotQuery) -> LotList:
    """Return the lots of an item, those in stock first by expiry."""
    condition, params = "", list[object]([query.item_id])
    if query.warehouse_id is not None:
        condition = " AND q.warehouse_id = ?"
        params.append(query.warehouse_id)
    rows = fetch_all(
        "SELECT l.id, l.item_id, l.number, l.expiry, COALESCE(SUM(q.quantity), 0) FROM {lot} l"
        f" LEFT JOIN {{stock_quantity}} q ON q.item_id = ? AND q.lot_id = l.id{condition}"
        " WHERE l.item_id = ? GROUP BY l.id, l.item_id, l.number, l.expiry",
        [*params, query.item_id],
    )
    kept = [row for row in rows if row[4] or query.include_empty]
    kept.sort(key=lambda row: (not row[4], row[3] or "9999", row[2]))
    return LotList(
        lots=[
            Lot(id=row[0], item_id=row[1], number=row[2], expiry=row[3], quantity=format_quantity(int(row[4])))
            for row in kept
        ]
    )


def quantities_now(item_ids: Mapping[int, object] | set[int] | list[int]) -> dict[int, int]:
    """Return what there is of items now, over all warehouses."""
    wanted = sorted(item_ids)
    found: dict[int, int] = {}
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        rows = fetch_all(
            f"SELECT item_id, SUM(quantity) FROM {{stock_quantity}} WHERE item_id IN ({', '.join('?' * len(chunk))})"
            " GROUP BY item_id",
            chunk,
        )
        found.update({int(row[0]): int(row[1]) for row in rows})
    return found


def stock_on_hand() -> list[StockOnHand]:
    """Return every item in use with what there is of it now, by code."""
    rows = fetch_all(
        "SELECT i.code, i.name, i.unit, COALESCE(SUM(q.quantity), 0) FROM {item} i"
        " LEFT JOIN {stock_quantity} q ON q.item_id = i.id WHERE i.kind = 'goods' AND i.active = 1"
        " GROUP BY i.id, i.code, i.name, i.unit ORDER BY i.code"
    )
    return [StockOnHand(item=row[0], name=row[1], unit=row[2], quantity=format_quantity(int(row[3]))) for row in rows]
