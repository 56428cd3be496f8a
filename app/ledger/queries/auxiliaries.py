"""Reads of auxiliary dimensions and their items."""

from __future__ import annotations

from app.contract.ledger import Auxiliary, AuxiliaryKind, AuxiliaryPage, AuxiliaryQuery
from app.kernel.errors import MalformedInput, NotFound
from app.kernel.text import clean_text, message
from app.storage.database import Row, fetch_all, fetch_one
from app.storage.matching import contains, starts_with

_SELECT = (
    "SELECT a.id, k.name, a.name, a.code, a.pinyin_initials, a.active, a.merged_into, a.version, a.pinyin_sort"
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
    """Return one page of items whose name, code or initials contain the words asked for, in pinyin order."""
    conditions, params = ["a.merged_into IS NULL"], list[object]()
    if query.kind:
        conditions.append("k.name = ?")
        params.append(query.kind)
    if query.q:
        word = clean_text(query.q)
        conditions.append(
            "(a.name LIKE ? ESCAPE '!' OR a.code LIKE ? ESCAPE '!' OR a.pinyin_initials LIKE ? ESCAPE '!')"
        )
        params.extend([contains(word), starts_with(word), starts_with(word.lower())])
    if query.cursor:
        spelling, _, last_id = query.cursor.rpartition("\x1f")
        if not last_id.isdigit():
            raise MalformedInput("cursor_malformed", message("翻页标记无效，请从第一页看起。"))
        conditions.append("(a.pinyin_sort > ? OR (a.pinyin_sort = ? AND a.id > ?))")
        params.extend([spelling, spelling, int(last_id)])
    rows = fetch_all(
        f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY a.pinyin_sort, a.id LIMIT ?", [*params, query.limit + 1]
    )
    more = len(rows) > query.limit
    shown = rows[: query.limit]
    return AuxiliaryPage(
        kinds=list_kinds(),
        auxiliaries=[_view(row) for row in shown],
        next=f"{shown[-1][8]}\x1f{shown[-1][0]}" if more else None,
    )
