"""Keeping categories of items."""

from __future__ import annotations

from app.contract.inventory import ItemCategory, ItemCategoryChange, ItemCategoryInput
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.inventory.errors import category_unknown, fields_wrong, name_taken
from app.inventory.queries.items import get_category
from app.kernel.text import clean_text, message
from app.storage.database import execute, fetch_one, insert_returning_id, lock_suffix, run_unit


def create_category(actor: Actor, new: ItemCategoryInput) -> ItemCategory:
    """Add a category. Raises `Conflict` for a taken name, `NotFound` for the one above it."""
    actor.require("inventory:category:edit")

    def work() -> ItemCategory:
        name = _checked_name(new.name, 0)
        if new.parent_id is not None:
            get_category(new.parent_id)
        category_id = insert_returning_id(
            "INSERT INTO {item_category} (name, parent_id) VALUES (?, ?)", (name, new.parent_id)
        )
        view = get_category(category_id)
        audit.record(actor, "inventory:category:add", "item_category", category_id, after=view.model_dump())
        return view

    return run_unit(work)


def change_category(actor: Actor, category_id: int, change: ItemCategoryChange) -> ItemCategory:
    """Rename a category or take it out of use. Raises `NotFound`, `Conflict` (stale, name taken)."""
    actor.require("inventory:category:edit")

    def work() -> ItemCategory:
        row = fetch_one(f"SELECT version FROM {{item_category}} WHERE id = ?{lock_suffix()}", (category_id,))
        if row is None:
            raise category_unknown(category_id)
        before = get_category(category_id)
        where = message("商品类别“{name}”", name=before.name)
        check_version(change.version, row[0], "item_category", category_id, lambda: before, where)
        name = before.name if change.name is None else _checked_name(change.name, category_id)
        active = before.active if change.active is None else change.active
        execute(
            "UPDATE {item_category} SET name = ?, active = ?, version = version + 1 WHERE id = ?",
            (name, int(active), category_id),
        )
        after = get_category(category_id)
        audit.record(
            actor,
            "inventory:category:edit",
            "item_category",
            category_id,
            before=before.model_dump(),
            after=after.model_dump(),
        )
        return after

    return run_unit(work)


def _checked_name(text: str, category_id: int) -> str:
    name = clean_text(text)
    if not name:
        raise fields_wrong({"name": message("请填写类别名称。")})
    if fetch_one("SELECT 1 FROM {item_category} WHERE name = ? AND id <> ?", (name, category_id)):
        raise name_taken(message("商品类别"), name)
    return name
