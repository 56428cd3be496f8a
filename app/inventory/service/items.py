"""Keeping items: adding, changing and deleting them.

Codes and barcodes, those of further units too, name one item each. What stock was counted and costed by stays as it is
once an item has moved; a change of costing is logged and holds from then on (财会〔2024〕12号 art. 20).
"""

from __future__ import annotations

import peewee

from app.contract.inventory import Item, ItemChange, ItemInput, ItemUnit
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.inventory.errors import category_unknown, fields_wrong, item_unknown, name_taken
from app.inventory.queries.items import get_item
from app.inventory.service.item_fields import ReadItem, read_fields, search_words
from app.inventory.service.item_use import check_change, item_is_used
from app.kernel.clock import utc_ms
from app.kernel.errors import Conflict, RuleBroken
from app.kernel.text import Message, message
from app.storage.database import execute, fetch_all, fetch_one, insert_returning_id, lock_suffix, run_unit

_NULLABLE = frozenset({"category_id"})


def create_item(actor: Actor, new: ItemInput) -> Item:
    """Add an item; without a code it gets the next number.

    Raises `MalformedInput` with fields, `Conflict` for a taken code or barcode, `NotFound` for the category.
    """
    actor.require("inventory:item:add")

    def work() -> Item:
        read = read_fields(new)
        if read.wrong:
            raise fields_wrong(read.wrong)
        _require_category(read)
        read.columns["code"] = read.columns["code"] or code_of_number(last_number() + 1)
        _require_free(read, 0)
        now = utc_ms()
        values = {**read.columns, "created_by": actor.user_id, "created_at": now, "updated_at": now}
        item_id = insert_returning_id(
            f"INSERT INTO {{item}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
        )
        _write_belongings(item_id, read, active=True)
        view = get_item(item_id)
        audit.record(actor, "inventory:item:add", "item", item_id, after=view.model_dump())
        return view

    return run_unit(work)


def change_item(actor: Actor, item_id: int, change: ItemChange) -> Item:
    """Change an item; fields left out stay, an explicit null takes the category away.

    Raises `NotFound`, `Conflict` for a stale version or a taken code, `MalformedInput` with fields, `RuleBroken` for
    what cannot change once the item has moved.
    """
    actor.require("inventory:item:edit")

    def work() -> Item:
        before = _lock(item_id, change.version)
        read = read_fields(_merged(before, change))
        if read.wrong:
            raise fields_wrong(read.wrong)
        _require_category(read)
        read.columns["code"] = read.columns["code"] or before.code
        _require_free(read, item_id)
        active = before.active if change.active is None else change.active
        check_change(before, read)
        columns = {**read.columns, "active": int(active), "updated_at": utc_ms()}
        sets = "".join(f"{column} = ?, " for column in columns)
        execute(f"UPDATE {{item}} SET {sets}version = version + 1 WHERE id = ?", [*columns.values(), item_id])
        _write_belongings(item_id, read, active=active)
        after = get_item(item_id)
        audit.record(
            actor, "inventory:item:edit", "item", item_id, before=before.model_dump(), after=after.model_dump()
        )
        return after

    return run_unit(work)


def delete_item(actor: Actor, item_id: int, version: int | None = None) -> None:
    """Delete an item nothing was done with. Raises `NotFound`, `Conflict` (stale), `RuleBroken` once it was used."""
    actor.require("inventory:item:remove")

    def work() -> None:
        before = _lock(item_id, version)
        if item_is_used(item_id):
            raise _in_use(before)
        execute("DELETE FROM {price} WHERE item_id = ?", (item_id,))
        _delete_belongings(item_id)
        try:
            execute("DELETE FROM {item} WHERE id = ?", (item_id,))
        except peewee.IntegrityError as error:  # a document of a slice above names it
            raise _in_use(before) from error
        audit.record(actor, "inventory:item:remove", "item", item_id, before=before.model_dump())

    run_unit(work)


def _in_use(item: Item) -> RuleBroken:
    return RuleBroken("item_in_use", message("{item}已有单据，不能删除；请改为停用。", item=item_name(item)))


def item_name(item: Item) -> Message:
    """Return what people call an item."""
    return message("商品 {code} {name}", code=item.code, name=item.name)


def _lock(item_id: int, version: int | None) -> Item:
    row = fetch_one(f"SELECT version FROM {{item}} WHERE id = ?{lock_suffix()}", (item_id,))
    if row is None:
        raise item_unknown(item_id)
    current = get_item(item_id)
    check_version(version, row[0], "item", item_id, lambda: current, item_name(current))
    return current


def _merged(before: Item, change: ItemChange) -> ItemInput:
    """Return the item as it would be typed now, with the wishes in it."""
    names = change.model_fields_set & set(ItemInput.model_fields)
    wanted = {name: getattr(change, name) for name in names if getattr(change, name) is not None or name in _NULLABLE}
    values = {name: getattr(before, name) for name in set(ItemInput.model_fields) - {"request_id"}}
    return ItemInput(**(values | wanted | {"request_id": None}))


def _require_category(read: ReadItem) -> None:
    category_id = read.columns["category_id"]
    if category_id is not None and not fetch_one("SELECT 1 FROM {item_category} WHERE id = ?", (category_id,)):
        raise category_unknown(category_id)


def _require_free(read: ReadItem, item_id: int) -> None:
    """Refuse a code or barcode another item has; codes and barcodes do not stand in for each other either."""
    code = read.columns["code"]
    if fetch_one("SELECT 1 FROM {item} WHERE code = ? AND id <> ?", (code, item_id)):
        raise name_taken(message("商品编码"), code, "code")
    for barcode, unit in read.barcodes:
        taken = fetch_one(
            "SELECT i.code, i.name FROM {item_barcode} b JOIN {item} i ON i.id = b.item_id"
            " WHERE b.barcode = ? AND b.item_id <> ?",
            (barcode, item_id),
        )
        if taken:
            sentence = message(
                "条码“{barcode}”已是商品 {code} {name} 的。", barcode=barcode, code=taken[0], name=taken[1]
            )
            raise Conflict("barcode_taken", sentence, fields={_barcode_field(read, unit): sentence})


def _barcode_field(read: ReadItem, unit: str) -> str:
    names = [name for name, _, _ in read.units]
    return f"units.{names.index(unit)}.barcode" if unit in names else "barcode"


def last_number() -> int:
    """Return the largest number among the codes that are numbers; the next item without a code gets the one after."""
    rows = fetch_all("SELECT code FROM {item}")
    return max((int(row[0]) for row in rows if row[0].isascii() and row[0].isdigit() and len(row[0]) <= 9), default=0)


def code_of_number(number: int) -> str:
    """Return a number as a code."""
    return f"{number:05d}"


def _delete_belongings(item_id: int) -> None:
    for table in ("item_unit", "item_barcode", "item_search"):
        execute(f"DELETE FROM {{{table}}} WHERE item_id = ?", (item_id,))


def _write_belongings(item_id: int, read: ReadItem, *, active: bool) -> None:
    """Write what hangs on an item's row: further units, barcodes, and what it is found by."""
    _delete_belongings(item_id)
    columns = read.columns
    execute(
        "INSERT INTO {item_search} (code, item_id, active, kind, words) VALUES (?, ?, ?, ?, ?)",
        (columns["code"], item_id, int(active), columns["kind"], search_words(read)),
    )
    for unit, factor, barcode in read.units:
        execute(
            "INSERT INTO {item_unit} (item_id, unit, factor, barcode) VALUES (?, ?, ?, ?)",
            (item_id, unit, factor, barcode),
        )
    for barcode, unit in read.barcodes:
        execute("INSERT INTO {item_barcode} (barcode, item_id, unit) VALUES (?, ?, ?)", (barcode, item_id, unit))


def units_of(item: Item) -> list[ItemUnit]:
    """Return the base unit and the further ones, the base unit first."""
    return [ItemUnit(unit=item.unit, factor="1", barcode=item.barcode), *item.units]
