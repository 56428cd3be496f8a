"""A document together with everything it carries out: the lines above its lines, and their documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.orders.kinds import KINDS
from app.orders.queries.loading import StoredDocument, StoredLine, load_documents, load_lines_by_id


@dataclass(frozen=True, slots=True)
class Lineage:
    """A document, its lines, and by id the lines and documents above it."""

    document: StoredDocument
    lines: Sequence[StoredLine]
    above: dict[int, StoredLine]
    documents: dict[int, StoredDocument]

    def source_of(self, line: StoredLine) -> StoredLine | None:
        """Return the line that a line carries out."""
        return None if line.source_line_id is None else self.above[line.source_line_id]

    def chain_of(self, line: StoredLine) -> list[StoredLine]:
        """Return the lines above a line, the nearest first."""
        found: list[StoredLine] = []
        current = self.source_of(line)
        while current is not None:
            found.append(current)
            current = self.source_of(current)
        return found

    def kind_of(self, line: StoredLine) -> str:
        """Return the kind of the document a line above stands in."""
        return self.documents[line.document_id].kind

    def nearest(self, line: StoredLine, kind: str) -> StoredLine | None:
        """Return the nearest line above a line that stands in a document of this kind."""
        return next((above for above in self.chain_of(line) if self.kind_of(above) == kind), None)


def lines_above(lines: Sequence[StoredLine]) -> dict[int, StoredLine]:
    """Return the lines that lines carry out, and theirs in turn, by id."""
    found: dict[int, StoredLine] = {}
    waiting = {line.source_line_id for line in lines if line.source_line_id is not None}
    while waiting:
        more = load_lines_by_id(sorted(waiting))
        found |= {line.id: line for line in more}
        waiting = {line.source_line_id for line in more if line.source_line_id is not None} - set(found)
    return found


def lineage_of(document: StoredDocument, lines: Sequence[StoredLine]) -> Lineage:
    """Return what a document stands on, as it is now, without locking it."""
    above = lines_above(lines)
    documents = load_documents([line.document_id for line in above.values()])
    return Lineage(document, lines, above, {found.id: found for found in documents})


def still_to_order(line: StoredLine) -> int:
    """Return how much of a quotation's line was not ordered yet, in base units."""
    return max(0, line.base_quantity - line.ordered)


def still_to_move(line: StoredLine) -> int:
    """Return how much of an order's or invoice's line was not delivered or received yet."""
    return max(0, line.base_quantity - line.moved)


def still_to_invoice(line: StoredLine) -> int:
    """Return how much of a line was not invoiced yet; what came back before it was invoiced need not be."""
    return max(0, line.base_quantity - line.invoiced - max(0, line.returned - line.credited))


def still_to_return(line: StoredLine) -> int:
    """Return how much of a delivery's or receipt's line may still come or go back."""
    return max(0, line.base_quantity - line.returned)


def still_to_credit(line: StoredLine) -> int:
    """Return how much of an invoice's or return's line may still be credited."""
    return max(0, line.base_quantity - line.credited)


RESTS = {
    "ordered": still_to_order,
    "moved": still_to_move,
    "invoiced": still_to_invoice,
    "returned": still_to_return,
    "credited": still_to_credit,
}
"""What is left of a line above, by the effect of the document that carries it out."""


def counted_above(lineage: Lineage, line: StoredLine, effect: str) -> list[StoredLine]:
    """Return the lines above in which a document's effect is counted: what it carries out, up to the order."""
    kinds = [kind.code for kind in KINDS.values() if effect in COUNTED.get(kind.code, ())]
    return [above for above in lineage.chain_of(line) if lineage.kind_of(above) in kinds]


COUNTED = {
    "quotation": ("ordered",),
    "sales_order": ("moved", "invoiced", "returned", "credited"),
    "delivery": ("invoiced", "returned", "credited"),
    "sales_invoice": ("moved", "credited"),
    "sales_return": ("credited",),
    "purchase_order": ("moved", "invoiced", "returned", "credited"),
    "goods_receipt": ("invoiced", "returned", "credited"),
    "purchase_invoice": ("moved", "credited"),
    "purchase_return": ("credited",),
}
"""Which effects a kind's lines keep count of."""
