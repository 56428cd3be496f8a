"""The stock card of an item: its moves in their order with the balance after each."""

from __future__ import annotations

import heapq
from typing import NamedTuple

from app.contract.stock import MovePage, MoveQuery, StockMove
from app.inventory.queries.posting import RECOST
from app.inventory.queries.stock_levels import levels_on
from app.inventory.queries.warehouses import warehouse_names
from app.kernel.money import format_amount, format_quantity
from app.kernel.period import parse_date
from app.ledger.queries.vouchers import base_digits
from app.storage.database import Row, fetch_all, read_snapshot

LAST_DAY = "9999-12-31"


class _Line(NamedTuple):
    """A line of the card: a move with what was revalued on its own day, or what a recosting changed on another day."""

    date: str
    is_recost: int
    id: int
    document_kind: str
    document_id: int
    document_number: str
    warehouse_id: int
    lot_id: int
    quantity: int
    in_amount: int
    out_amount: int
    is_waiting: int


class Place(NamedTuple):
    """Where a page begins, and the balance before it."""

    date: str
    is_recost: int
    id: int
    quantity: int
    value: int


_MOVES = (
    "SELECT m.date, 0, m.id, m.document_kind, m.document_id, m.document_number, m.warehouse_id, m.lot_id, m.quantity,"
    " COALESCE(m.amount, 0) + COALESCE((SELECT SUM(r.amount + r.residue) FROM {stock_revaluation} r"
    " WHERE r.move_id = m.id AND r.date = m.date), 0), 0, CASE WHEN m.amount IS NULL THEN 1 ELSE 0 END"
    " FROM {stock_move} m WHERE m.item_id = ? AND m.date BETWEEN ? AND ?"
    " AND (m.date > ? OR (m.date = ? AND ? = 0 AND m.id > ?))"
)
_RECOSTS = (
    "SELECT r.date, 1, r.recost_id, c.document_kind, c.document_id, c.document_number, 0, 0, 0,"
    " SUM(CASE WHEN m.quantity > 0 THEN r.amount + r.residue ELSE 0 END),"
    " SUM(CASE WHEN m.quantity < 0 THEN -r.amount - r.residue ELSE 0 END), 0"
    " FROM {stock_revaluation} r JOIN {stock_move} m ON m.id = r.move_id JOIN {stock_recost} c ON c.id = r.recost_id"
    " WHERE r.item_id = ? AND r.date BETWEEN ? AND ? AND r.date <> m.date"
    " AND (r.date > ? OR (r.date = ? AND (? = 0 OR r.recost_id > ?)))"
)


def list_moves(query: MoveQuery, after: Place | None = None) -> tuple[MovePage, Place | None]:
    """Return one page of an item's moves, oldest first, and where the next one begins.

    `after` is where this one begins.

    Amounts count on the day they were booked: what a recosting changed on a later day is a line of its own, named after
    the document that made it necessary. In one warehouse only quantities have a balance.
    """
    with read_snapshot():
        place = after or _first_place(query)
        lines = _lines(query, place)
        names, digits = warehouse_names(), base_digits()
        lots = {
            int(row[0]): str(row[1])
            for row in fetch_all("SELECT id, number FROM {lot} WHERE item_id = ?", (query.item_id,))
        }
    shown = lines[: query.limit]
    quantity, value = place.quantity, place.value
    moves: list[StockMove] = []
    for line in shown:
        quantity += line.quantity
        value += line.in_amount - line.out_amount
        balance = "" if query.warehouse_id is not None else format_amount(value, digits)
        moves.append(_view(line, names, lots, digits, format_quantity(quantity), balance))
    page = MovePage(
        opening_quantity=format_quantity(place.quantity),
        opening_amount="" if query.warehouse_id is not None else format_amount(place.value, digits),
        moves=moves,
        next=None,
    )
    return page, Place(*shown[-1][:3], quantity, value) if len(lines) > query.limit else None


def _first_place(query: MoveQuery) -> Place:
    if not query.from_date:
        return Place("", 0, 0, 0, 0)
    day = parse_date(query.from_date)
    before = day.fromordinal(day.toordinal() - 1).isoformat()
    by = ("item_id",) if query.warehouse_id is None else ("item_id", "warehouse_id")
    key = (query.item_id,) if query.warehouse_id is None else (query.item_id, query.warehouse_id)
    level = levels_on(before, by, item_id=query.item_id).get(key)
    return Place("", 0, 0, *(level or (0, 0)))


def _lines(query: MoveQuery, place: Place) -> list[_Line]:
    first = parse_date(query.from_date).isoformat() if query.from_date else ""
    last = parse_date(query.to_date).isoformat() if query.to_date else LAST_DAY
    span = (query.item_id, first, last, place.date, place.date, place.is_recost, place.id)
    where, more = (" AND m.warehouse_id = ?", [query.warehouse_id]) if query.warehouse_id is not None else ("", [])
    limit = query.limit + 1
    moves = fetch_all(f"{_MOVES}{where} ORDER BY m.date, m.id LIMIT ?", [*span, *more, limit])
    recosts = fetch_all(
        f"{_RECOSTS}{where} GROUP BY r.date, r.recost_id, c.document_kind, c.document_id, c.document_number"
        " ORDER BY r.date, r.recost_id LIMIT ?",
        [*span, *more, limit],
    )
    return list(heapq.merge((_of_move(row) for row in moves), (_of_recost(row) for row in recosts)))[:limit]


def _of_move(row: Row) -> _Line:
    line = _Line(*row)
    amount = int(line.in_amount)
    if line.quantity > 0:
        return line._replace(in_amount=amount)
    return line._replace(in_amount=0, out_amount=-amount)


def _of_recost(row: Row) -> _Line:
    line = _Line(*row)
    return line._replace(in_amount=int(line.in_amount), out_amount=int(line.out_amount))


def _view(
    line: _Line, names: dict[int, str], lots: dict[int, str], digits: int, quantity: str, balance: str
) -> StockMove:
    comes_in = line.quantity > 0
    out = format_amount(line.out_amount, digits) if line.out_amount or line.quantity < 0 else ""
    return StockMove(
        id=line.id if not line.is_recost else 0,
        date=line.date,
        document_kind=RECOST if line.is_recost else line.document_kind,
        document_id=line.document_id,
        document_number=line.document_number,
        warehouse=names.get(line.warehouse_id, ""),
        lot=lots.get(line.lot_id, ""),
        in_quantity=format_quantity(line.quantity) if comes_in else "",
        in_amount=format_amount(line.in_amount, digits) if comes_in or line.in_amount else "",
        out_quantity=format_quantity(-line.quantity) if line.quantity < 0 else "",
        out_amount="" if line.is_waiting and line.quantity < 0 else out,
        balance_quantity=quantity,
        balance_amount=balance,
    )


def receipts_revalued_by(kind: str, document_id: int) -> set[int]:
    """Return the moves of receipts whose own value a document changed, as an invoice or credit does."""
    rows = fetch_all(
        "SELECT v.move_id FROM {stock_recost} r JOIN {stock_revaluation} v ON v.recost_id = r.id"
        " JOIN {stock_move} m ON m.id = v.move_id WHERE r.document_kind = ? AND r.document_id = ?"
        " AND m.rule = 'given' GROUP BY v.move_id HAVING SUM(v.amount) <> 0",
        (kind, document_id),
    )
    return {int(row[0]) for row in rows}
