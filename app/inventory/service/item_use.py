"""What an item was used for already, and what therefore cannot change on it any more."""

from __future__ import annotations

from app.contract.inventory import Item
from app.inventory.service.item_fields import ReadItem
from app.kernel.errors import RuleBroken
from app.kernel.text import Message, message
from app.storage.database import fetch_one


def item_is_used(item_id: int) -> bool:
    """Tell whether any document of stock names the item."""
    named = fetch_one("SELECT 1 FROM {stock_document_line} WHERE item_id = ? LIMIT 1", (item_id,))
    return named is not None or item_has_moves(item_id)


def item_has_moves(item_id: int) -> bool:
    """Tell whether stock of the item was ever moved."""
    return fetch_one("SELECT 1 FROM {stock_move} WHERE item_id = ? LIMIT 1", (item_id,)) is not None


def check_change(before: Item, read: ReadItem) -> None:
    """Refuse changes the item's history does not bear. Raises `RuleBroken` with the fields."""
    wrong: dict[str, Message] = {}
    gone = {unit.unit for unit in before.units} - {unit for unit, _, _ in read.units}
    for unit in sorted(gone):
        if fetch_one("SELECT 1 FROM {price} WHERE item_id = ? AND unit = ?", (before.id, unit)):
            wrong["units"] = message("单位“{unit}”在价格表里有价格，请先删去那些价格。", unit=unit)
    fixed = {
        "unit": read.columns["unit"] != before.unit,
        "tracks_lots": bool(read.columns["tracks_lots"]) != before.tracks_lots,
        "tracks_expiry": bool(read.columns["tracks_expiry"]) != before.tracks_expiry,
    }
    moved = [name for name, changed in fixed.items() if changed]
    if moved and item_has_moves(before.id):
        sentence = message("已有出入库，基本单位和批次管理不能再改；请另建一个商品。")
        wrong.update(dict.fromkeys(moved, sentence))
    if wrong:
        raise RuleBroken("item_in_use", next(iter(wrong.values())), fields=wrong)
