"""What later documents carried out of a line, and the state of orders and quotations that follows from it."""

from __future__ import annotations

from collections.abc import Iterable

from app.inventory.queries.facts import item_facts
from app.kernel.clock import utc_ms
from app.orders.queries.lineage import Lineage, counted_above, still_to_invoice, still_to_move, still_to_order
from app.orders.queries.loading import StoredDocument, StoredLine, load_document, load_lines
from app.storage.database import execute


def count(lineage: Lineage, sign: int) -> None:
    """Add a document's lines to all lines above that keep count of them, or with `sign` -1 take them away again.

    The documents above must be locked. Orders and quotations among them become done, or open again.
    """
    effect = lineage.document.nature.effect
    touched: set[int] = set()
    for line in lineage.lines:
        for above in counted_above(lineage, line, effect):
            execute(
                f"UPDATE {{document_line}} SET {effect} = {effect} + ? WHERE id = ?",
                (sign * line.base_quantity, above.id),
            )
            touched.add(above.document_id)
        _count_itself(lineage, line, sign)
    _settle_promises(touched)


def _count_itself(lineage: Lineage, line: StoredLine, sign: int) -> None:
    """What is invoiced before it is delivered needs no further invoice, and the other way round."""
    kinds = {lineage.kind_of(above) for above in lineage.chain_of(line)}
    own = lineage.document.kind
    value = line.base_quantity if sign > 0 else 0
    if own in {"delivery", "goods_receipt"} and kinds & {"sales_invoice", "purchase_invoice"}:
        execute("UPDATE {document_line} SET invoiced = ? WHERE id = ?", (value, line.id))
    if own in {"sales_invoice", "purchase_invoice"} and kinds & {"delivery", "goods_receipt"}:
        execute("UPDATE {document_line} SET moved = ? WHERE id = ?", (value, line.id))


def _settle_promises(document_ids: Iterable[int]) -> None:
    for document_id in sorted(document_ids):
        document = load_document(document_id)
        if document.nature.is_promise and document.state in {"open", "done"}:
            set_state(document, "done" if is_fulfilled(document) else "open")


def is_fulfilled(document: StoredDocument) -> bool:
    """Tell whether an order is delivered and invoiced, or a quotation ordered, line by line."""
    lines = load_lines([document.id])
    if document.kind == "quotation":
        return all(still_to_order(line) == 0 for line in lines)
    items = item_facts(line.item_id for line in lines if line.item_id is not None)
    goods = {item.id for item in items.values() if item.kind == "goods"}
    return all(
        still_to_invoice(line) == 0 and (still_to_move(line) == 0 or line.item_id not in goods) for line in lines
    )


def set_state(document: StoredDocument, state: str, *, reason: str | None = None) -> None:
    """Write the state of a locked document."""
    if state != document.state:
        execute(
            "UPDATE {document} SET state = ?, reason = ?, updated_at = ?, version = version + 1 WHERE id = ?",
            (state, document.reason if reason is None else reason, utc_ms(), document.id),
        )
