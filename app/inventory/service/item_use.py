"""What an item was used for already, and what therefore cannot change on it any more."""

from __future__ import annotations

from app.contract.inventory import Item
from app.inventory.queries.posting_accounts import PostingRules
from app.inventory.service.item_fields import ReadItem
from app.kernel.errors import RuleBroken
from app.kernel.period import format_period
from app.kernel.text import Message, message
from app.ledger.service.periods import first_open_period
from app.storage.database import fetch_one


def item_is_used(item_id: int) -> bool:
    """Tell whether stock of the item was ever moved, or a stock document names it; drafts count."""
    drafted = fetch_one("SELECT 1 FROM {stock_document_line} WHERE item_id = ? LIMIT 1", (item_id,))
    return drafted is not None or item_has_moves(item_id)


def item_has_moves(item_id: int, from_period: int = 0) -> bool:
    """Tell whether stock of the item was ever moved, or was in a month (202606) or later."""
    sql = "SELECT 1 FROM {stock_move} WHERE item_id = ? AND period >= ? LIMIT 1"
    return fetch_one(sql, (item_id, from_period)) is not None


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
    if read.columns["category_id"] != before.category_id and item_has_moves(before.id):
        # what is entered late recosts moves of before: their stock stands on the account of the old category
        rules, category = PostingRules(), read.columns["category_id"]
        account = rules.account_for("stock", category_id=before.category_id)
        if account != rules.account_for("stock", category_id=None if category is None else int(str(category))):
            wrong["category_id"] = message(
                "已有出入库，存货科目 {account} 不能跟着类别改变；请另建一个商品，把库存转过去。", account=account
            )
    if read.columns["costing"] != before.costing:
        refusal = _costing_refusal(before, str(read.columns["costing"]))
        if refusal is not None:
            wrong["costing"] = refusal
    if wrong:
        raise RuleBroken("item_in_use", next(iter(wrong.values())), fields=wrong)


def _costing_refusal(before: Item, costing: str) -> Message | None:
    """Return why another costing cannot begin now; `None` where it can.

    It begins with a month and looks forward only (财会〔2024〕12号 art. 20): every month the item moved in must be
    closed, so that nothing is ever costed anew by another method. From or to single lots there must be no stock, for a
    pool's value belongs to no lot.
    """
    period = first_open_period()
    if item_has_moves(before.id, period):
        return message(
            "{period} 起还有它的出入库没有结账。请先结账再改计价方法，新的方法从下个月适用。",
            period=format_period(period),
        )
    if "lot" in {before.costing, costing} and _has_stock(before.id):
        return message("还有库存，不能改为或改自个别计价：现有库存的成本分不到批次。")
    return None


def _has_stock(item_id: int) -> bool:
    return (
        fetch_one("SELECT 1 FROM {stock_quantity} WHERE item_id = ? AND quantity <> 0 LIMIT 1", (item_id,)) is not None
    )
