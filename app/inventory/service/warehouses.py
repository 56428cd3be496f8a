"""Keeping warehouses: one of them is the usual one, and one with stock in it stays in use."""

from __future__ import annotations

from app.contract.inventory import Warehouse, WarehouseChange, WarehouseInput
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.inventory.errors import fields_wrong, name_taken, warehouse_unknown
from app.inventory.queries.warehouses import get_warehouse
from app.kernel.errors import RuleBroken
from app.kernel.text import Message, clean_text, message
from app.storage.database import execute, fetch_all, fetch_one, insert_returning_id, lock_suffix, run_unit


def create_warehouse(actor: Actor, new: WarehouseInput) -> Warehouse:
    """Add a warehouse; without a code it gets the next number. Raises `Conflict` for a taken name or code."""
    actor.require("inventory:warehouse:edit")

    def work() -> Warehouse:
        _lock_all()
        values = _values(clean_text(new.code) or _next_code(), new.name, new.address, 0)
        values["is_usual"] = int(fetch_one("SELECT 1 FROM {warehouse} WHERE is_usual = 1") is None)
        warehouse_id = insert_returning_id(
            f"INSERT INTO {{warehouse}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
            list(values.values()),
        )
        view = get_warehouse(warehouse_id)
        audit.record(actor, "inventory:warehouse:add", "warehouse", warehouse_id, after=view.model_dump())
        return view

    return run_unit(work)


def change_warehouse(actor: Actor, warehouse_id: int, change: WarehouseChange) -> Warehouse:
    """Change a warehouse; made the usual one, the one before is no longer.

    Raises `NotFound`, `Conflict` (stale, name or code taken), `RuleBroken` for taking one with stock, or the usual one,
    out of use.
    """
    actor.require("inventory:warehouse:edit")

    def work() -> Warehouse:
        _lock_all()
        before = _current(warehouse_id, change.version)
        code = before.code if change.code is None else clean_text(change.code) or before.code
        name = before.name if change.name is None else change.name
        address = before.address if change.address is None else change.address
        values = _values(code, name, address, warehouse_id)
        active = before.active if change.active is None else change.active
        usual = before.is_usual if change.is_usual is None else change.is_usual
        _check_use(before, active, usual)
        if usual and not before.is_usual:
            execute("UPDATE {warehouse} SET is_usual = 0, version = version + 1 WHERE is_usual = 1")
        values |= {"active": int(active), "is_usual": int(usual)}
        sets = "".join(f"{column} = ?, " for column in values)
        execute(f"UPDATE {{warehouse}} SET {sets}version = version + 1 WHERE id = ?", [*values.values(), warehouse_id])
        after = get_warehouse(warehouse_id)
        audit.record(
            actor,
            "inventory:warehouse:edit",
            "warehouse",
            warehouse_id,
            before=before.model_dump(),
            after=after.model_dump(),
        )
        return after

    return run_unit(work)


def warehouse_has_stock(warehouse_id: int) -> bool:
    """Tell whether anything lies in a warehouse, or is owed by it."""
    sql = "SELECT 1 FROM {stock_quantity} WHERE warehouse_id = ? AND quantity <> 0 LIMIT 1"
    return fetch_one(sql, (warehouse_id,)) is not None


def _check_use(before: Warehouse, active: bool, usual: bool) -> None:
    name = before.name
    if before.is_usual and not usual:
        raise _refused("is_usual", message("总要有一个默认仓库：请把另一个仓库设为默认。"))
    if usual and not active:
        raise _refused("active", message("默认仓库“{name}”不能停用，请先把另一个仓库设为默认。", name=name))
    if before.active and not active and warehouse_has_stock(before.id):
        raise _refused("active", message("仓库“{name}”还有库存，请先调出或盘点后再停用。", name=name))


def _refused(field: str, sentence: Message) -> RuleBroken:
    return RuleBroken("warehouse_in_use", sentence, fields={field: sentence})


def _lock_all() -> None:
    """Lock the few rows there are: which one is the usual one concerns them all."""
    fetch_all(f"SELECT id FROM {{warehouse}} ORDER BY id{lock_suffix()}")


def _current(warehouse_id: int, version: int | None) -> Warehouse:
    if fetch_one("SELECT 1 FROM {warehouse} WHERE id = ?", (warehouse_id,)) is None:
        raise warehouse_unknown(warehouse_id)
    found = get_warehouse(warehouse_id)
    where = message("仓库“{name}”", name=found.name)
    check_version(version, found.version, "warehouse", warehouse_id, lambda: found, where)
    return found


def _values(code: str, name: str, address: str, warehouse_id: int) -> dict[str, object]:
    cleaned = clean_text(name)
    if not cleaned:
        raise fields_wrong({"name": message("请填写仓库名称。")})
    if fetch_one("SELECT 1 FROM {warehouse} WHERE name = ? AND id <> ?", (cleaned, warehouse_id)):
        raise name_taken(message("仓库名称"), cleaned)
    if fetch_one("SELECT 1 FROM {warehouse} WHERE code = ? AND id <> ?", (code, warehouse_id)):
        raise name_taken(message("仓库编码"), code, "code")
    return {"code": code, "name": cleaned, "address": clean_text(address)}


def _next_code() -> str:
    rows = fetch_all("SELECT code FROM {warehouse}")
    numbers = [int(row[0]) for row in rows if row[0].isascii() and row[0].isdigit() and len(row[0]) <= 9]
    return f"{max(numbers, default=0) + 1:02d}"
