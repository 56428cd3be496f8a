"""What later documents carried out of a line, and the state of orders and quotations that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.inventory.queries.facts import ItemFacts, item_facts
from app.kernel.clock import utc_ms
from app.orders.queries.lineage import Lineage, counted_above, still_to_invoice, still_to_move, still_to_order
from app.orders.queries.loading import StoredDocument, load_lines
from app.storage.database import execute
from app.storage.row_changes import update_rows


def count(lineage: Lineage, sign: int, items: Mapping[int, ItemFacts] = MappingProxyType({})) -> None:
    """Add a document's lines to all lines above that keep count of them, or with `sign` -1 take them away again.

    The documents above must be locked. Orders and quotations among them become done, or open again. `items` are those
    the caller knows already.
    """
    effect = lineage.document.nature.effect
    added: dict[int, int] = {}
    touched: set[int] = set()
    for line in lineage.lines:
        for above in counted_above(lineage, line, effect):
            added[above.id] = added.get(above.id, 0) + sign * line.base_quantity
            touched.add(above.document_id)
    update_rows("document_line", [effect], {line_id: [quantity] for line_id, quantity in added.items()}, add=True)
    _count_itself(lineage, sign)
    for document_id in sorted(touched):
        document = lineage.documents[document_id]
        if document.nature.is_promise and document.state in {"open", "done"}:
            set_state(document, "done" if is_fulfilled(document, items) else "open")


def _count_itself(lineage: Lineage, sign: int) -> None:
    """What is invoiced before it is delivered needs no further invoice, and the other way round."""
    own = lineage.document.kind
    if own in {"delivery", "goods_receipt"}:
        column, earlier = "invoiced", {"sales_invoice", "purchase_invoice"}
    elif own in {"sales_invoice", "purchase_invoice"}:
        column, earlier = "moved", {"delivery", "goods_receipt"}
    else:
        return
    followed = {
        line.id: [line.base_quantity if sign > 0 else 0]
        for line in lineage.lines
        if earlier & {lineage.kind_of(above) for above in lineage.chain_of(line)}
    }
    update_rows("document_line", [column], followed)


def is_fulfilled(document: StoredDocument, known: Mapping[int, ItemFacts] = MappingProxyType({})) -> bool:
    """Tell whether an order is delivered and invoiced, or a quotation ordered, line by line."""
    lines = load_lines([document.id])
    if document.kind == "quotation":
        return all(still_to_order(line) == 0 for line in lines)
    ids = {line.item_id for line in lines if line.item_id is not None}
    items = {**known, **item_facts(ids - known.keys())}
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
