"""Reads of auxiliary dimensions and their items."""

from __future__ import annotations

from app.contract.ledger import Auxiliary, AuxiliaryKind, AuxiliaryPage, AuxiliaryQuery
from app.kernel.errors import MalformedInput, NotFound
from app.kernel.text import message
from app.ledger.queries.auxiliary_names import ItemKey, find_items
from app.storage.database import Row, fetch_all, fetch_one

_CURSOR_SIGN = "\x1f"

_SELECT = (
    "SELECT a.id, k.name, a.name, a.code, a.pinyin_initials, a.active, a.merged_into, a.version"
    " FROM {auxiliary} a JOIN {auxiliary_kind} k ON k.id = a.kind_id"
)


def _view(row: Row) -> Auxiliary:
    return Auxiliary(
        id=row[0],
        kind=row[1],
        name=row[2],
        code=row[3],
        pinyin=row[4],
        active=bool(row[5]),
        merged_into=row[6],
        version=row[7],
    )


def get_auxiliary(item_id: int) -> Auxiliary:
    """Return one item. Raises `NotFound`."""
    row = fetch_one(f"{_SELECT} WHERE a.id = ?", (item_id,))
    if row is None:
        raise NotFound("auxiliary_unknown", message("没有编号为 {id} 的辅助核算项目。", id=item_id))
    return _view(row)


def list_kinds() -> list[AuxiliaryKind]:
    """Return all dimensions in the order they were made."""
    rows = fetch_all("SELECT id, name, name_en FROM {auxiliary_kind} WHERE active = 1 ORDER BY id")
    return [AuxiliaryKind(id=row[0], name=row[1], name_en=row[2]) for row in rows]


def list_auxiliaries(query: AuxiliaryQuery) -> AuxiliaryPage:
    """Return one page of items whose name contains, or whose code or initials begin with, the words; by pinyin."""
    kind_ids = None
    if query.kind:
        kind_ids = [row[0] for row in fetch_all("SELECT id FROM {auxiliary_kind} WHERE name = ?", (query.kind,))]
    keys = find_items(
        kind_ids=kind_ids,
        word=query.q,
        after=read_cursor(query.cursor),
        limit=query.limit + 1,
        active_only=query.active_only,
    )
    shown = keys[: query.limit]
    places = ", ".join("?" * len(shown))
    rows = fetch_all(f"{_SELECT} WHERE a.id IN ({places})", [key.id for key in shown]) if shown else []
    by_id = {row[0]: row for row in rows}
    return AuxiliaryPage(
        kinds=list_kinds(),
        auxiliaries=[_view(by_id[key.id]) for key in shown if key.id in by_id],
        next=cursor_after(shown[-1]) if len(keys) > query.limit else None,
    )


def read_cursor(cursor: str) -> ItemKey | None:
    """Return the item a list goes on after, `None` from the beginning. Raises `MalformedInput`."""
    if not cursor:
        return None
    spelling, _, last_id = cursor.rpartition(_CURSOR_SIGN)
    if not last_id.isdecimal():
        raise MalformedInput("cursor_malformed", message("翻页标记无效，请从第一页看起。"))
    return ItemKey(spelling, int(last_id))


def cursor_after(key: ItemKey) -> str:
    """Return the cursor with which a list goes on after an item."""
    return f"{key.spelling}{_CURSOR_SIGN}{key.id}"
