"""What items and stock refuse, one function a cause, so that codes and sentences stand once."""

from __future__ import annotations

from app.kernel.errors import Conflict, NotFound, RuleBroken
from app.kernel.text import Message, message
from app.ledger.errors import fields_wrong

__all__ = [
    "category_unknown",
    "fields_wrong",
    "item_inactive",
    "item_unknown",
    "name_taken",
    "price_list_unknown",
    "warehouse_inactive",
    "warehouse_unknown",
]


def item_unknown(item_id: int) -> NotFound:
    """No item has this id."""
    return NotFound("item_unknown", message("没有编号为 {id} 的商品，它可能已被删除。", id=item_id))


def item_inactive(name: Message) -> RuleBroken:
    """An item that is not used any more was chosen."""
    return RuleBroken("item_inactive", message("{item}已停用，请改选别的商品，或先启用它。", item=name))


def category_unknown(category_id: int) -> NotFound:
    """No category has this id."""
    return NotFound("category_unknown", message("没有编号为 {id} 的商品类别。", id=category_id))


def warehouse_unknown(warehouse_id: int) -> NotFound:
    """No warehouse has this id."""
    return NotFound("warehouse_unknown", message("没有编号为 {id} 的仓库。", id=warehouse_id))


def warehouse_inactive(name: str) -> RuleBroken:
    """A warehouse that is not used any more was chosen."""
    return RuleBroken("warehouse_inactive", message("仓库“{name}”已停用，请改选别的仓库。", name=name))


def price_list_unknown(price_list_id: int) -> NotFound:
    """No price list has this id."""
    return NotFound("price_list_unknown", message("没有编号为 {id} 的价格表。", id=price_list_id))


def name_taken(what: Message, name: str, field: str = "name") -> Conflict:
    """Something of the kind has this name or code already."""
    sentence = message("已有{what}“{name}”。", what=what, name=name)
    return Conflict("name_taken", sentence, fields={field: sentence})
