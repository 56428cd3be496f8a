"""Reads of items and their categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.contract.inventory import Item, ItemCategory, ItemCategoryList, ItemPage, ItemQuery, ItemUnit
from app.inventory.errors import category_unknown, item_unknown
from app.kernel.money import format_quantity
from app.kernel.text import clean_text
from app.storage.database import Row, fetch_all, fetch_one

_SELECT = (
    "SELECT i.id, i.code, i.name, i.specification, i.barcode, i.kind, i.category_id, c.name, i.unit, i.costing,"
    " i.tracks_lots, i.tracks_expiry, i.tax_rate, i.sales_price, i.purchase_price, i.reorder_level, i.note, i.pinyin,"
    " i.active, i.version FROM {item} i LEFT JOIN {item_category} c ON c.id = i.category_id"
)
_CHUNK = 500


def get_item(item_id: int) -> Item:
    """Return an item whole. Raises `NotFound`."""
    row = fetch_one(f"{_SELECT} WHERE i.id = ?", (item_id,))
    if row is None:
        raise item_unknown(item_id)
    return _views([row])[0]


def list_items(query: ItemQuery) -> ItemPage:
    """Return one page of items by code; those whose code or barcode is exactly what was typed come first.

    `q` is looked for in code, name, specification, barcodes and pinyin initials, whatever its case.
    """
    word = clean_text(query.q)
    conditions, params = _conditions(query)
    first: list[int] = []
    if word:
        exact = _exact_ids(word)
        if exact:
            places = ", ".join("?" * len(exact))
            if not query.cursor:
                first = _ids([*conditions, f"s.item_id IN ({places})"], [*params, *exact], len(exact))
            conditions.append(f"s.item_id NOT IN ({places})")
            params.extend(exact)
        conditions.append("INSTR(s.words, ?) > 0")
        params.append(word.lower().encode())
    if query.cursor:
        conditions.append("s.code > ?")
        params.append(query.cursor)
    ids = [*first, *_ids(conditions, params, query.limit + 1)][: query.limit + 1]
    shown = _items(ids[: query.limit])
    if query.with_quantity:
        quantities = stock_quantities([item.id for item in shown])
        shown = [
            item.model_copy(update={"quantity": format_quantity(quantities.get(item.id, 0))})
            if item.kind == "goods"
            else item
            for item in shown
        ]
    return ItemPage(items=shown, next=shown[-1].code if len(ids) > query.limit else None)


def _ids(conditions: Sequence[str], params: Sequence[object], limit: int) -> list[int]:
    rows = fetch_all(
        f"SELECT s.item_id FROM {{item_search}} s WHERE {' AND '.join(conditions)} ORDER BY s.code LIMIT ?",
        [*params, limit],
    )
    return [int(row[0]) for row in rows]


def _items(ids: Sequence[int]) -> list[Item]:
    """Return items whole, in the order of their ids."""
    found: dict[int, Row] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        rows = fetch_all(f"{_SELECT} WHERE i.id IN ({', '.join('?' * len(chunk))})", chunk)
        found.update({int(row[0]): row for row in rows})
    return _views([found[item_id] for item_id in ids if item_id in found])


def _conditions(query: ItemQuery) -> tuple[list[str], list[object]]:
    """Return what the rows of the narrow table must fulfil."""
    conditions, params = ["1 = 1"], list[object]()
    if not query.include_inactive:
        conditions.append("s.active = 1")
    if query.kind:
        conditions.append("s.kind = ?")
        params.append(query.kind)
    if query.category_id is not None:
        branch = category_branch(query.category_id)
        places = ", ".join("?" * len(branch))
        conditions.append(f"s.item_id IN (SELECT id FROM {{item}} WHERE category_id IN ({places}))")
        params.extend(branch)
    if query.below_reorder_level:
        conditions.append(
            "s.item_id IN (SELECT r.id FROM {item} r WHERE r.reorder_level > (SELECT COALESCE(SUM(q.quantity), 0)"
            " FROM {stock_quantity} q WHERE q.item_id = r.id))"
        )
    return conditions, params


def stock_quantities(ids: Sequence[int]) -> dict[int, int]:
    """Return what is in stock now of items, all warehouses together, × 10^8; items that never moved are left out."""
    found: dict[int, int] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        places = ", ".join("?" * len(chunk))
        rows = fetch_all(
            f"SELECT item_id, SUM(quantity) FROM {{stock_quantity}} WHERE item_id IN ({places}) GROUP BY item_id", chunk
        )
        found.update({int(row[0]): int(row[1]) for row in rows})
    return found


def _exact_ids(word: str) -> list[int]:
    rows = fetch_all(
        "SELECT id FROM {item} WHERE code = ? UNION SELECT item_id FROM {item_barcode} WHERE barcode = ?", (word, word)
    )
    return [int(row[0]) for row in rows]


def _views(rows: Sequence[Row]) -> list[Item]:
    units = _units([row[0] for row in rows])
    return [_view(row, units) for row in rows]


def _view(row: Row, units: Mapping[int, list[ItemUnit]]) -> Item:
    values: dict[str, Any] = {
        "id": row[0],
        "code": row[1],
        "name": row[2],
        "specification": row[3],
        "barcode": row[4],
        "kind": row[5],
        "category_id": row[6],
        "category": row[7] or "",
        "unit": row[8],
        "units": units.get(row[0], []),
        "costing": row[9],
        "tracks_lots": bool(row[10]),
        "tracks_expiry": bool(row[11]),
        "tax_rate": row[12],
        "sales_price": _number(row[13]),
        "purchase_price": _number(row[14]),
        "reorder_level": _number(row[15]),
        "note": row[16],
        "pinyin": row[17],
        "active": bool(row[18]),
        "version": row[19],
    }
    return Item(**values)


def _number(scaled: int | None) -> str:
    return "" if scaled is None else format_quantity(scaled)


def _units(ids: Sequence[int]) -> dict[int, list[ItemUnit]]:
    found: dict[int, list[ItemUnit]] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        places = ", ".join("?" * len(chunk))
        for item_id, unit, factor, barcode in fetch_all(
            f"SELECT item_id, unit, factor, barcode FROM {{item_unit}} WHERE item_id IN ({places})"
            " ORDER BY factor, unit",
            chunk,
        ):
            found.setdefault(item_id, []).append(ItemUnit(unit=unit, factor=format_quantity(factor), barcode=barcode))
    return found


_CATEGORY = (
    "SELECT c.id, c.name, c.parent_id, COUNT(i.id), c.active, c.version FROM {item_category} c"
    " LEFT JOIN {item} i ON i.category_id = c.id"
)


def get_category(category_id: int) -> ItemCategory:
    """Return a category. Raises `NotFound`."""
    rows = fetch_all(
        f"{_CATEGORY} WHERE c.id = ? GROUP BY c.id, c.name, c.parent_id, c.active, c.version", (category_id,)
    )
    if not rows:
        raise category_unknown(category_id)
    return _category_view(rows[0])


def list_categories() -> ItemCategoryList:
    """Return all categories by name."""
    rows = fetch_all(f"{_CATEGORY} GROUP BY c.id, c.name, c.parent_id, c.active, c.version ORDER BY c.name")
    return ItemCategoryList(categories=[_category_view(row) for row in rows])


def _category_view(row: Row) -> ItemCategory:
    return ItemCategory(
        id=row[0], name=row[1], parent_id=row[2], items=int(row[3]), active=bool(row[4]), version=row[5]
    )


def category_branch(category_id: int) -> list[int]:
    """Return a category and all below it; the category alone where nobody knows it."""
    below: dict[int, list[int]] = {}
    for child, parent in fetch_all("SELECT id, parent_id FROM {item_category} WHERE parent_id IS NOT NULL"):
        below.setdefault(int(parent), []).append(int(child))
    branch = [category_id]
    for found in branch:  # grows while it is gone through
        branch.extend(child for child in below.get(found, []) if child not in branch)
    return branch


def category_names() -> dict[int, str]:
    """Return the name of every category by id."""
    return {int(row[0]): str(row[1]) for row in fetch_all("SELECT id, name FROM {item_category}")}
