"""Reads of warehouses."""

from __future__ import annotations

from app.contract.inventory import Warehouse, WarehouseList
from app.inventory.errors import warehouse_inactive, warehouse_unknown
from app.kernel.errors import RuleBroken
from app.kernel.text import message
from app.storage.database import Row, fetch_all, fetch_one

_SELECT = "SELECT id, code, name, address, is_usual, active, version FROM {warehouse}"


def _view(row: Row) -> Warehouse:
    return Warehouse(
        id=row[0],
        code=row[1],
        name=row[2],
        address=row[3],
        is_usual=bool(row[4]),
        active=bool(row[5]),
        version=row[6],
    )


def get_warehouse(warehouse_id: int) -> Warehouse:
    """Return a warehouse. Raises `NotFound`."""
    row = fetch_one(f"{_SELECT} WHERE id = ?", (warehouse_id,))
    if row is None:
        raise warehouse_unknown(warehouse_id)
    return _view(row)


def list_warehouses() -> WarehouseList:
    """Return all warehouses, the usual one first, then by code; those not used any more last."""
    rows = fetch_all(f"{_SELECT} ORDER BY active DESC, is_usual DESC, code")
    return WarehouseList(warehouses=[_view(row) for row in rows])


def usual_warehouse_id() -> int:
    """Return the warehouse meant where none is named. Raises `RuleBroken` in a book that lost it."""
    row = fetch_one("SELECT id FROM {warehouse} WHERE is_usual = 1 ORDER BY id LIMIT 1")
    if row is None:
        raise RuleBroken("warehouse_missing", message("没有默认仓库，请先在“仓库”里指定一个。"))
    return int(row[0])


def chosen_warehouse(warehouse_id: int | None) -> Warehouse:
    """Return the warehouse somebody chose, the usual one for `None`.

    Raises `NotFound` for one that is not there, `RuleBroken` for one that is not used any more.
    """
    found = get_warehouse(usual_warehouse_id() if warehouse_id is None else warehouse_id)
    if not found.active:
        raise warehouse_inactive(found.name)
    return found


def warehouse_names() -> dict[int, str]:
    """Return the name of every warehouse by id."""
    return {int(row[0]): str(row[1]) for row in fetch_all("SELECT id, name FROM {warehouse}")}
