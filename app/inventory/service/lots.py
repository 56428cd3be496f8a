"""Lots: found or made by their number when goods come in."""

from __future__ import annotations

from app.inventory.queries.facts import ItemFacts
from app.kernel.errors import RuleBroken, UserError
from app.kernel.period import parse_date
from app.kernel.text import clean_text, message
from app.storage.database import execute, fetch_one, insert_returning_id

NO_LOT = 0


def lot_of_move(item: ItemFacts, number: str, expiry: str, *, comes_in: bool) -> int:
    """Return the lot of a move, made when goods of a new one come in; 0 for items without lots.

    The item's row is locked by the caller. Raises `RuleBroken` for a lot that is missing, unknown, or has no expiry
    though the item wants one.
    """
    name = clean_text(number)
    if not item.tracks_lots:
        return NO_LOT
    if not name:
        raise RuleBroken("lot_missing", message("{item}按批次管理，请填批次。", item=item.shown))
    row = fetch_one("SELECT id, expiry FROM {lot} WHERE item_id = ? AND number = ?", (item.id, name))
    day = _read_day(item, expiry)
    if row is not None:
        if day and not row[1]:
            execute("UPDATE {lot} SET expiry = ? WHERE id = ?", (day, row[0]))
        return int(row[0])
    if not comes_in:
        raise RuleBroken("lot_unknown", message("{item}没有批次“{lot}”。", item=item.shown, lot=name))
    if item.tracks_expiry and not day:
        raise RuleBroken("expiry_missing", message("{item}的批次“{lot}”要填有效期。", item=item.shown, lot=name))
    return insert_returning_id("INSERT INTO {lot} (item_id, number, expiry) VALUES (?, ?, ?)", (item.id, name, day))


def _read_day(item: ItemFacts, expiry: str) -> str:
    if not expiry.strip():
        return ""
    try:
        return parse_date(expiry).isoformat()
    except UserError as error:
        raise RuleBroken(
            "expiry_malformed", message("{item}：{reason}", item=item.shown, reason=error.message)
        ) from error
