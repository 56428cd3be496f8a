"""What speaks against finishing a document: what would refuse it, and what its maker had better know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from app.kernel.money import format_amount, format_quantity, group_thousands
from app.kernel.text import Message, message
from app.ledger.queries.vouchers import base_digits
from app.orders.computing import share
from app.orders.queries.credit import credit_limit, owed_by
from app.orders.queries.lineage import Lineage, lineage_of
from app.orders.queries.loading import StoredDocument, StoredLine, load_document
from app.orders.service.reading import ReadDocument
from app.orders.service.rules import faults_of
from app.storage.database import fetch_one


def concerns_of(read: ReadDocument) -> list[Message]:
    """Return what would keep a document from being finished, or would be a pity."""
    lineage = lineage_of(unsaved_document(read), unsaved_lines(read))
    items = {line.item.id: line.item for line in read.lines if line.item is not None}
    found = [sentence for _field, sentence in faults_of(lineage, items)]
    return [
        *found,
        *_reference_concerns(lineage.document),
        *_credit_concerns(lineage),
        *_stock_concerns(read),
        *_cost_concerns(read),
    ]


def unsaved_document(read: ReadDocument) -> StoredDocument:
    """Return a document as it would be stored."""
    values: dict[str, Any] = dict.fromkeys(StoredDocument._fields, 0)
    values |= {"number": None, "state": "draft", "person_id": None, "reason": "", "counter_of": None}
    return StoredDocument(**(values | {"cancelled_by": None} | read.columns))


def unsaved_lines(read: ReadDocument) -> list[StoredLine]:
    """Return the lines of a document as they would be stored."""
    empty = dict.fromkeys(StoredLine._fields, 0) | {"cost": None, "move_id": None}
    return [StoredLine(**(empty | {"line": number} | line.columns)) for number, line in enumerate(read.lines, start=1)]


def credit_added(lineage: Lineage) -> int:
    """Return what a delivery or invoice adds to what its customer owes: lines not counted by an earlier one yet."""
    counted = {"delivery", "sales_invoice"}
    return sum(
        line.gross
        for line in lineage.lines
        if not any(lineage.kind_of(above) in counted for above in lineage.chain_of(line))
    )


def _credit_concerns(lineage: Lineage) -> Iterator[Message]:
    document = lineage.document
    if document.kind not in {"sales_order", "delivery", "sales_invoice"} or document.contact_id is None:
        return
    limit = credit_limit(document.contact_id)
    if limit is not None:
        owed = owed_by(document.contact_id) + credit_added(lineage)
        if owed > limit:
            yield over_limit(limit, owed)


def over_limit(limit: int, owed: int) -> Message:
    """Return the sentence about a credit limit that would be passed."""
    digits = base_digits()
    return message(
        "客户将欠 {owed}，超过信用额度 {limit}（超出 {excess}）。",
        owed=group_thousands(format_amount(owed, digits)),
        limit=group_thousands(format_amount(limit, digits)),
        excess=group_thousands(format_amount(owed - limit, digits)),
    )


def _reference_concerns(document: StoredDocument) -> Iterator[Message]:
    """An invoice of a supplier that is in the book already must not be paid twice."""
    if document.kind != "purchase_invoice" or not document.reference or document.contact_id is None:
        return
    row = fetch_one(
        "SELECT id FROM {document} WHERE kind = ? AND contact_id = ? AND reference = ? AND state <> 'cancelled'"
        " AND counter_of IS NULL ORDER BY id LIMIT 1",
        (document.kind, document.contact_id, document.reference),
    )
    if row is not None:
        yield message(
            "发票号 {reference} 已登记在{document}，请勿重复入账。",
            reference=document.reference,
            document=load_document(int(row[0])).name,
        )


def _stock_concerns(read: ReadDocument) -> Iterator[Message]:
    if read.nature.code not in {"quotation", "sales_order", "delivery", "purchase_return"}:
        return
    wanted: defaultdict[tuple[int, int], int] = defaultdict(int)
    for line in read.lines:
        if line.item is not None and line.item.kind == "goods" and line.columns["warehouse_id"] is not None:
            wanted[line.item.id, line.columns["warehouse_id"]] += line.columns["base_quantity"]
    names = {line.item.id: line.item for line in read.lines if line.item is not None}
    for (item_id, warehouse_id), quantity in wanted.items():
        there = quantity_in(item_id, warehouse_id)
        if there < quantity:
            yield message(
                "{item}：仓库里只有 {there} {unit}，单据上要 {quantity}。",
                item=names[item_id].shown,
                there=format_quantity(there),
                unit=names[item_id].unit,
                quantity=format_quantity(quantity),
            )


def _cost_concerns(read: ReadDocument) -> Iterator[Message]:
    if read.nature.code not in {"quotation", "sales_order", "delivery", "sales_invoice"}:
        return
    digits = base_digits()
    for line in read.lines:
        if line.item is None or line.item.kind != "goods":
            continue
        quantity, value = value_of(line.item.id)
        if quantity <= 0:
            continue
        cost = share(value, line.columns["base_quantity"], quantity)
        if line.columns["net"] < cost:
            yield message(
                "{item}：不含税售价 {net} 低于成本 {cost}。",
                item=line.item.shown,
                net=format_amount(line.columns["net"], digits),
                cost=format_amount(cost, digits),
            )


def quantity_in(item_id: int, warehouse_id: int) -> int:
    """Return how much of an item a warehouse has now, in base units × 10^8."""
    row = fetch_one(
        "SELECT COALESCE(SUM(quantity), 0) FROM {stock_quantity} WHERE item_id = ? AND warehouse_id = ?",
        (item_id, warehouse_id),
    )
    return int(row[0]) if row else 0


def value_of(item_id: int) -> tuple[int, int]:
    """Return an item's whole stock, in base units × 10^8, and what it is worth, in minor units."""
    row = fetch_one(
        "SELECT COALESCE(SUM(quantity), 0), COALESCE(SUM(value), 0) FROM {item_cost} WHERE item_id = ?", (item_id,)
    )
    return (int(row[0]), int(row[1])) if row else (0, 0)
