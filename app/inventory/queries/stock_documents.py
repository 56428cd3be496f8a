"""Reads of stock documents: one whole, and pages of heads."""

from __future__ import annotations

from typing import Any

from app.contract.stock import StockDocument, StockDocumentHead, StockDocumentQuery, StockLine
from app.inventory.queries.posting import vouchers_of
from app.inventory.queries.stock_levels import quantity_on
from app.kernel.errors import NotFound
from app.kernel.money import format_amount, format_quantity
from app.kernel.period import parse_date
from app.kernel.text import clean_text, message
from app.ledger.queries.vouchers import base_digits
from app.storage.database import Row, fetch_all, fetch_one
from app.storage.matching import contains

_HEAD = (
    "SELECT d.id, d.kind, d.number, d.date, d.state, w.name, t.name, d.note, u.name, d.counter_of,"
    " (SELECT MIN(x.id) FROM {stock_document} x WHERE x.counter_of = d.id), d.version, d.warehouse_id,"
    " d.to_warehouse_id, a.code, d.aux FROM {stock_document} d JOIN {warehouse} w ON w.id = d.warehouse_id"
    " LEFT JOIN {warehouse} t ON t.id = d.to_warehouse_id JOIN {user} u ON u.id = d.maker_id"
    " LEFT JOIN {account} a ON a.id = d.account_id"
)
_LINES = (
    "SELECT l.line, l.item_id, i.code, i.name, l.unit, l.quantity, l.base_quantity, l.book_quantity, l.amount, l.lot,"
    " l.expiry, l.note, i.unit FROM {stock_document_line} l JOIN {item} i ON i.id = l.item_id"
    " WHERE l.document_id = ? ORDER BY l.line"
)


def get_stock_document(document_id: int) -> StockDocument:
    """Return a stock document whole. Raises `NotFound`."""
    row = fetch_one(f"{_HEAD} WHERE d.id = ?", (document_id,))
    if row is None:
        raise NotFound("document_unknown", message("没有编号为 {id} 的单据，它可能已被删除。", id=document_id))
    costs = _costs(str(row[1]), document_id)
    digits = base_digits()
    return StockDocument(
        **_head_values(row),
        warehouse_id=row[12],
        to_warehouse_id=row[13],
        account_code=row[14] or "",
        aux=row[15],
        lines=[_line(row, line, costs, digits) for line in fetch_all(_LINES, (document_id,))],
        vouchers=vouchers_of(str(row[1]), document_id),
    )


def _costs(kind: str, document_id: int) -> dict[int, int | None]:
    """Return what the moves of each line came to; `None` while the month's average is not known."""
    rows = fetch_all(
        "SELECT line_id, SUM(COALESCE(amount, 0) + recosted), MIN(CASE WHEN amount IS NULL THEN 0 ELSE 1 END)"
        " FROM {stock_move} WHERE document_kind = ? AND document_id = ? GROUP BY line_id",
        (kind, document_id),
    )
    return {int(row[0]): abs(int(row[1])) if row[2] else None for row in rows}


def _line(head: Row, row: Row, costs: dict[int, int | None], digits: int) -> StockLine:
    amount = costs.get(row[0], row[8]) if head[4] != "draft" and head[1] != "transfer" else row[8]
    book = row[7]
    if book is None and head[1] == "count" and head[4] == "draft":
        lot = fetch_one("SELECT id FROM {lot} WHERE item_id = ? AND number = ?", (row[1], row[9])) if row[9] else (0,)
        book = quantity_on(row[1], head[12], int(lot[0]), head[3]) if lot else 0
    return StockLine(
        line=row[0],
        item_id=row[1],
        item_code=row[2],
        item_name=row[3],
        unit=row[4] or row[12],
        quantity=format_quantity(row[5]),
        base_quantity=format_quantity(row[6]),
        book_quantity="" if book is None else format_quantity(book),
        amount="" if amount is None else format_amount(amount, digits),
        lot=row[9],
        expiry=row[10],
        note=row[11],
    )


def _head_values(row: Row) -> dict[str, Any]:
    return {
        "id": row[0],
        "kind": row[1],
        "number": row[2] or "",
        "date": row[3],
        "state": row[4],
        "warehouse": row[5],
        "to_warehouse": row[6] or "",
        "note": row[7],
        "maker": row[8],
        "counter_of": row[9],
        "cancelled_by": row[10],
        "version": row[11],
    }


def list_stock_documents(
    query: StockDocumentQuery, after: tuple[str, int] | None = None
) -> tuple[list[StockDocumentHead], bool]:
    """Return the stock documents that match, the newest first, and whether there are more.

    `after` is date and id of the last one shown.
    """
    conditions, params = ["1 = 1"], list[object]()
    for column in ("kind", "state"):
        if value := getattr(query, column):
            conditions.append(f"d.{column} = ?")
            params.append(value)
    for text, comparison in ((query.from_date, ">="), (query.to_date, "<=")):
        if text:
            conditions.append(f"d.date {comparison} ?")
            params.append(parse_date(text).isoformat())
    if word := clean_text(query.q):
        conditions.append(
            "(d.number LIKE ? ESCAPE '!' OR d.note LIKE ? ESCAPE '!' OR EXISTS (SELECT 1 FROM {stock_document_line} l"
            " JOIN {item} i ON i.id = l.item_id WHERE l.document_id = d.id"
            " AND (i.code LIKE ? ESCAPE '!' OR i.name LIKE ? ESCAPE '!')))"
        )
        params += [contains(word)] * 4
    if after is not None:
        conditions.append("(d.date < ? OR (d.date = ? AND d.id < ?))")
        params += [after[0], after[0], after[1]]
    rows = fetch_all(
        f"{_HEAD} WHERE {' AND '.join(conditions)} ORDER BY d.date DESC, d.id DESC LIMIT ?", [*params, query.limit + 1]
    )
    return [StockDocumentHead(**_head_values(row)) for row in rows[: query.limit]], len(rows) > query.limit
