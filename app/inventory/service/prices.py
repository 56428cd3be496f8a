"""Keeping price lists. The prices of a list are replaced as a whole, all or none."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel

from app.contract.inventory import PriceList, PriceListChange, PriceListInput, PriceRow, PriceRows
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.inventory.errors import fields_wrong, name_taken, price_list_unknown
from app.inventory.queries.facts import item_facts
from app.inventory.queries.prices import get_price_list, price_rows
from app.kernel.clock import utc_ms
from app.kernel.errors import MalformedInput
from app.kernel.money import QUANTITY_DIGITS, parse_amount
from app.kernel.period import parse_date
from app.kernel.text import Message, clean_text, message
from app.storage.database import execute, execute_many, fetch_one, insert_returning_id, lock_suffix, run_unit

MOST_FAULTS = 100


def create_price_list(actor: Actor, new: PriceListInput) -> PriceList:
    """Add an empty price list. Raises `Conflict` for a taken name."""
    actor.require("inventory:price:edit")

    def work() -> PriceList:
        price_list_id = insert_returning_id(
            "INSERT INTO {price_list} (name, includes_tax) VALUES (?, ?)",
            (_checked_name(new.name, 0), int(new.includes_tax)),
        )
        view = get_price_list(price_list_id)
        audit.record(actor, "inventory:price:add", "price_list", price_list_id, after=view.model_dump())
        return view

    return run_unit(work)


def change_price_list(actor: Actor, price_list_id: int, change: PriceListChange) -> PriceList:
    """Rename a list, say whether its prices hold tax, or take it out of use. Raises `NotFound`, `Conflict`."""
    actor.require("inventory:price:edit")

    def work() -> PriceList:
        before = _lock(price_list_id, change.version)
        name = before.name if change.name is None else _checked_name(change.name, price_list_id)
        includes_tax = before.includes_tax if change.includes_tax is None else change.includes_tax
        active = before.active if change.active is None else change.active
        execute(
            "UPDATE {price_list} SET name = ?, includes_tax = ?, active = ?, version = version + 1 WHERE id = ?",
            (name, int(includes_tax), int(active), price_list_id),
        )
        after = get_price_list(price_list_id)
        audit.record(
            actor,
            "inventory:price:edit",
            "price_list",
            price_list_id,
            before=before.model_dump(),
            after=after.model_dump(),
        )
        return after

    return run_unit(work)


def replace_prices(actor: Actor, price_list_id: int, wish: PriceRows) -> PriceRows:
    """Put these prices in the place of a list's; what changed stands in the log.

    Raises `NotFound`, `Conflict` (stale), `MalformedInput` with every wrong row.
    """
    actor.require("inventory:price:edit")

    def work() -> PriceRows:
        _lock(price_list_id, wish.version, lambda: price_rows(price_list_id))
        before = price_rows(price_list_id)
        rows = _read(wish.rows)
        execute("DELETE FROM {price} WHERE price_list_id = ?", (price_list_id,))
        execute_many(
            "INSERT INTO {price} (price_list_id, item_id, unit, from_quantity, from_date, price)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [(price_list_id, *key, price) for key, price in rows.items()],
        )
        execute("UPDATE {price_list} SET version = version + 1 WHERE id = ?", (price_list_id,))
        after = price_rows(price_list_id)
        old, new = set(map(_logged, before.rows)), set(map(_logged, after.rows))
        audit.record(
            actor,
            "inventory:price:edit",
            "price_list",
            price_list_id,
            before={"removed": sorted(old - new)},
            after={"added": sorted(new - old), "at": utc_ms()},
        )
        return after

    return run_unit(work)


PriceKey = tuple[int, str, int, str]
"""Item, unit, from quantity × 10^8, from date."""


def _read(rows: list[PriceRow]) -> dict[PriceKey, int]:
    facts = item_facts(row.item_id for row in rows)
    wrong: dict[str, Message] = {}
    read: dict[PriceKey, int] = {}
    for position, row in enumerate(rows):
        place = f"rows.{position}"
        item = facts.get(row.item_id)
        if item is None:
            wrong[f"{place}.item_id"] = message("没有编号为 {id} 的商品，它可能已被删除。", id=row.item_id)
            continue
        unit = clean_text(row.unit)
        unit = "" if unit == item.unit else unit
        try:
            item.factor(unit)
            quantity = parse_amount(row.from_quantity or "0", QUANTITY_DIGITS)
            date = parse_date(row.from_date).isoformat() if row.from_date else ""
            price = parse_amount(row.price, QUANTITY_DIGITS)
        except MalformedInput as error:
            wrong[place] = error.message
            continue
        key = (item.id, unit, quantity, date)
        if quantity < 0 or price < 0:
            wrong[place] = message("数量和价格不能小于零。")
        elif key in read:
            wrong[place] = message("{item}在同一数量和日期有两个价格，请删去一个。", item=item.shown)
        read[key] = price
        if len(wrong) >= MOST_FAULTS:
            break
    if wrong:
        raise fields_wrong(wrong)
    return read


def _logged(row: PriceRow) -> str:
    return f"{row.item_code} {row.unit} {row.from_quantity} {row.from_date} {row.price}"


def _lock(price_list_id: int, version: int | None, current: Callable[[], BaseModel] | None = None) -> PriceList:
    row = fetch_one(f"SELECT version FROM {{price_list}} WHERE id = ?{lock_suffix()}", (price_list_id,))
    if row is None:
        raise price_list_unknown(price_list_id)
    found = get_price_list(price_list_id)
    where = message("价格表“{name}”", name=found.name)
    check_version(version, row[0], "price_list", price_list_id, current or (lambda: found), where)
    return found


def _checked_name(text: str, price_list_id: int) -> str:
    name = clean_text(text)
    if not name:
        raise fields_wrong({"name": message("请填写价格表的名称。")})
    if fetch_one("SELECT 1 FROM {price_list} WHERE name = ? AND id <> ?", (name, price_list_id)):
        raise name_taken(message("价格表名称"), name)
    return name
