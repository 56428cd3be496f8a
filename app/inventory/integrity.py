"""What must hold in stock: balances, sums and costs are what the moves add up to; vouchers belong to documents."""

from __future__ import annotations

from collections.abc import Iterator

from app.kernel.money import format_quantity
from app.kernel.period import format_period
from app.kernel.text import Message, message
from app.ledger.integrity import Flaw
from app.storage.database import fetch_all

MOST_OF_A_CHECK = 50
CHECK = "stock"


def stock_flaws() -> Iterator[Flaw]:
    """Yield everything in stock that does not add up. Call inside a snapshot."""
    yield from _moves_against_revaluations()
    yield from _quantities()
    yield from _months()
    yield from _pools()
    yield from _documents_without_moves()
    yield from _vouchers()


def _rows(sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in fetch_all(f"{sql} LIMIT {MOST_OF_A_CHECK}")]


def _moves_against_revaluations() -> Iterator[Flaw]:
    """A move's corrections are what its revaluations add up to; they stand on its item, place and lot."""
    for move_id, number in _rows(
        "SELECT m.id, m.document_number FROM {stock_move} m LEFT JOIN (SELECT move_id, SUM(amount) AS amount,"
        " SUM(residue) AS residue FROM {stock_revaluation} GROUP BY move_id) r ON r.move_id = m.id"
        " WHERE m.recosted <> COALESCE(r.amount, 0) OR m.residue <> COALESCE(r.residue, 0)"
    ):
        text = message("成本调整的合计与调整记录不符。")
        yield Flaw(CHECK, str(message("出入库记录 {id}（{number}）", id=move_id, number=number)), text)
    for move_id, number in _rows(
        "SELECT m.id, m.document_number FROM {stock_move} m JOIN {stock_revaluation} r ON r.move_id = m.id"
        " WHERE r.item_id <> m.item_id OR r.warehouse_id <> m.warehouse_id OR r.lot_id <> m.lot_id"
    ):
        text = message("成本调整记在了别的商品或仓库上。")
        yield Flaw(CHECK, str(message("出入库记录 {id}（{number}）", id=move_id, number=number)), text)


def _quantities() -> Iterator[Flaw]:
    """What lies where now is what the moves add up to."""
    for item_id, warehouse_id, lot_id, want, have in _rows(
        "SELECT item_id, warehouse_id, lot_id, SUM(moved), SUM(kept) FROM ("
        " SELECT item_id, warehouse_id, lot_id, quantity AS moved, 0 AS kept FROM {stock_move}"
        " UNION ALL SELECT item_id, warehouse_id, lot_id, 0, quantity FROM {stock_quantity}) t"
        " GROUP BY item_id, warehouse_id, lot_id HAVING SUM(moved) <> SUM(kept)"
    ):
        text = message(
            "现存数量是 {have}，按出入库记录应是 {want}。",
            have=format_quantity(_number(have)),
            want=format_quantity(_number(want)),
        )
        yield Flaw(CHECK, _place(item_id, warehouse_id, lot_id), text)


def _months() -> Iterator[Flaw]:
    """What came in and went out in a month is what the moves and revaluations of the month add up to."""
    for period, item_id, warehouse_id, lot_id in _rows(
        "SELECT period, item_id, warehouse_id, lot_id FROM ("
        " SELECT period, item_id, warehouse_id, lot_id, CASE WHEN quantity > 0 THEN quantity ELSE 0 END AS iq,"
        " CASE WHEN quantity > 0 THEN COALESCE(amount, 0) ELSE 0 END AS ia,"
        " CASE WHEN quantity < 0 THEN -quantity ELSE 0 END AS oq,"
        " CASE WHEN quantity < 0 THEN -COALESCE(amount, 0) ELSE 0 END AS oa FROM {stock_move}"
        " UNION ALL SELECT r.period, r.item_id, r.warehouse_id, r.lot_id, 0,"
        " CASE WHEN m.quantity > 0 THEN r.amount + r.residue ELSE 0 END, 0,"
        " CASE WHEN m.quantity < 0 THEN -r.amount - r.residue ELSE 0 END"
        " FROM {stock_revaluation} r JOIN {stock_move} m ON m.id = r.move_id"
        " UNION ALL SELECT period, item_id, warehouse_id, lot_id, -in_quantity, -in_amount, -out_quantity, -out_amount"
        " FROM {stock_month}) t GROUP BY period, item_id, warehouse_id, lot_id"
        " HAVING SUM(iq) <> 0 OR SUM(ia) <> 0 OR SUM(oq) <> 0 OR SUM(oa) <> 0"
    ):
        where = f"{format_period(_number(period))} {_place(item_id, warehouse_id, lot_id)}"
        yield Flaw(CHECK, where, message("月度收发数与出入库记录不符。"))


def _pools() -> Iterator[Flaw]:
    """A pool is worth what its moves came to, and nothing when nothing is there; below zero never the other way."""
    for item_id, lot_id, want, have in _rows(
        "SELECT c.item_id, c.lot_id, COALESCE(SUM(COALESCE(m.amount, 0) + m.recosted + m.residue), 0), c.value"
        " FROM {item_cost} c LEFT JOIN {stock_move} m ON m.item_id = c.item_id"
        " AND (CASE WHEN m.costing = 'lot' THEN m.lot_id ELSE 0 END) = c.lot_id"
        " GROUP BY c.item_id, c.lot_id, c.value"
        " HAVING c.value <> COALESCE(SUM(COALESCE(m.amount, 0) + m.recosted + m.residue), 0)"
    ):
        text = message(
            "库存金额是 {have}，按出入库记录应是 {want}（最小单位）。", have=_number(have), want=_number(want)
        )
        yield Flaw(CHECK, _place(item_id, 0, lot_id), text)
    for item_id, value in _rows(
        "SELECT c.item_id, SUM(c.value) FROM {item_cost} c JOIN (SELECT item_id, SUM(quantity) AS quantity"
        " FROM {stock_quantity} GROUP BY item_id) q ON q.item_id = c.item_id WHERE q.quantity = 0"
        " AND NOT EXISTS (SELECT 1 FROM {item_cost} p WHERE p.item_id = c.item_id AND p.pending_date IS NOT NULL)"
        " AND NOT EXISTS (SELECT 1 FROM {stock_move} w WHERE w.item_id = c.item_id AND (w.amount IS NULL"
        # a month's average is told anew until the month is closed
        " OR (w.costing = 'monthly' AND w.period > (SELECT COALESCE(MAX(p.period), 0) FROM {period} p"
        " WHERE p.state = 'closed'))))"
        " GROUP BY c.item_id HAVING SUM(c.value) <> 0"
    ):
        text = message("数量是零，金额却是 {value}（最小单位）。", value=_number(value))
        yield Flaw(CHECK, _place(item_id, 0, 0), text)


def _documents_without_moves() -> Iterator[Flaw]:
    """A finished stock document has moved goods (a count that found all right has not)."""
    for kind, number in _rows(
        "SELECT d.kind, d.number FROM {stock_document} d WHERE d.state <> 'draft' AND d.kind <> 'count'"
        " AND NOT EXISTS (SELECT 1 FROM {stock_move} m WHERE m.document_kind = d.kind AND m.document_id = d.id)"
    ):
        yield Flaw(CHECK, f"{kind} {number}", message("已完成的单据没有出入库记录。"))


def _vouchers() -> Iterator[Flaw]:
    """A voucher that says it came from a document is linked to one; what a document booked is not taken back alone."""
    for period, word, number in _rows(
        "SELECT v.period, v.word, v.number FROM {voucher} v WHERE v.state <> 'void'"
        " AND (v.origin LIKE 'inventory:%' OR v.origin LIKE 'orders:%')"
        " AND NOT EXISTS (SELECT 1 FROM {document_voucher} d WHERE d.voucher_id = v.id) ORDER BY v.id"
    ):
        yield Flaw(CHECK, _voucher(period, word, number), message("凭证由单据生成，却没有对应的单据。"))
    for period, word, number, document in _rows(
        "SELECT v.period, v.word, v.number, d.document_number FROM {voucher} r JOIN {voucher} v ON v.id = r.reversal_of"
        " JOIN {document_voucher} d ON d.voucher_id = v.id WHERE r.state <> 'void'"
        " AND NOT EXISTS (SELECT 1 FROM {document_voucher} x WHERE x.voucher_id = r.id) ORDER BY v.id"
    ):
        text = message("单据 {number} 的凭证被单独冲销，单据却没有取消。", number=document)
        yield Flaw(CHECK, _voucher(period, word, number), text)


def _voucher(period: object, word: object, number: object) -> str:
    return f"{format_period(_number(period))} {word}-{number if number is not None else '?'}"


def _number(value: object) -> int:
    return int(str(value))


def _place(item_id: object, warehouse_id: object, lot_id: object) -> str:
    rows = fetch_all(
        "SELECT i.code, i.name, (SELECT w.name FROM {warehouse} w WHERE w.id = ?),"
        " (SELECT l.number FROM {lot} l WHERE l.id = ?) FROM {item} i WHERE i.id = ?",
        (warehouse_id, lot_id, item_id),
    )
    if not rows:
        return str(message("商品 {id}", id=item_id))
    parts: list[Message | str] = [f"{rows[0][0]} {rows[0][1]}", *[str(part) for part in rows[0][2:] if part]]
    return " / ".join(str(part) for part in parts)
