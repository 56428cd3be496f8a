"""Names beside the ids of documents and lines, read for many rows at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.orders.queries.loading import CHUNK, places
from app.storage.database import Row, fetch_all


def _read(sql: str, ids: Iterable[int | None]) -> list[Row]:
    """Run a query with `IN (…)` in place of `@ids` for all ids, in chunks."""
    wanted = sorted({number for number in ids if number is not None})
    rows: list[Row] = []
    for start in range(0, len(wanted), CHUNK):
        chunk: Sequence[int] = wanted[start : start + CHUNK]
        rows += fetch_all(sql.replace("@ids", f"({places(chunk)})"), chunk)
    return rows


def contact_names(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of contacts; one that was merged into another is called by its survivor's."""
    rows = _read(
        "SELECT a.id, COALESCE(s.name, a.name) FROM {auxiliary} a LEFT JOIN {auxiliary} s ON s.id = a.merged_into"
        " WHERE a.id IN @ids",
        ids,
    )
    return {int(row[0]): str(row[1]) for row in rows}


def contact_codes(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the codes of contacts."""
    return {int(row[0]): str(row[1]) for row in _read("SELECT id, code FROM {auxiliary} WHERE id IN @ids", ids)}


def person_names(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of people."""
    return {int(row[0]): str(row[1]) for row in _read("SELECT id, name FROM {user} WHERE id IN @ids", ids)}


def item_names(ids: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    """Return code and name of items."""
    rows = _read("SELECT id, code, name FROM {item} WHERE id IN @ids", ids)
    return {int(row[0]): (str(row[1]), str(row[2])) for row in rows}


def warehouse_names(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of warehouses."""
    return {int(row[0]): str(row[1]) for row in _read("SELECT id, name FROM {warehouse} WHERE id IN @ids", ids)}


def move_amounts(ids: Iterable[int | None]) -> dict[int, int]:
    """Return what moves have come to by now, recosted or not; those whose cost is still unknown are left out."""
    rows = _read("SELECT id, amount + recosted FROM {stock_move} WHERE amount IS NOT NULL AND id IN @ids", ids)
    return {int(row[0]): int(row[1]) for row in rows}


def source_numbers(line_ids: Iterable[int | None]) -> dict[int, str]:
    """Return the numbers of the documents that lines belong to, by line."""
    rows = _read(
        "SELECT l.id, COALESCE(d.number, '') FROM {document_line} l JOIN {document} d ON d.id = l.document_id"
        " WHERE l.id IN @ids",
        line_ids,
    )
    return {int(row[0]): str(row[1]) for row in rows}


def account_names(ids: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    """Return code and name of accounts."""
    rows = _read("SELECT id, code, name_zh FROM {account} WHERE id IN @ids", ids)
    return {int(row[0]): (str(row[1]), str(row[2])) for row in rows}


def item_units(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the base units of items."""
    return {int(row[0]): str(row[1]) for row in _read("SELECT id, unit FROM {item} WHERE id IN @ids", ids)}
