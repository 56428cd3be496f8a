"""What speaks against finishing a document: what would refuse it, and what its maker had better know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.kernel.money import format_amount, group_thousands
from app.kernel.text import Message, message
from app.ledger.queries.vouchers import base_digits
from app.orders.queries.credit import credit_limit, owed_by
from app.orders.queries.lineage import Lineage, lineage_of
from app.orders.queries.loading import StoredDocument, StoredLine
from app.orders.service.reading import ReadDocument
from app.orders.service.rules import faults_of


def concerns_of(read: ReadDocument) -> list[Message]:
    """Return what would keep a document from being finished, or would be a pity."""
    lineage = lineage_of(unsaved_document(read), unsaved_lines(read))
    items = {line.item.id: line.item for line in read.lines if line.item is not None}
    found = [sentence for _field, sentence in faults_of(lineage, items)]
    return [*found, *_credit_concerns(lineage)]


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
