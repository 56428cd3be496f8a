"""Stored documents as they go over the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.contract.base import AmountText
from app.contract.orders import Document, DocumentHead, DocumentLine
from app.kernel.money import format_amount, format_quantity
from app.ledger.queries.vouchers import base_digits
from app.orders.computing import share
from app.orders.kinds import EFFECTS, KINDS, kind_of_effect
from app.orders.queries.links import links_of, vouchers_of
from app.orders.queries.loading import StoredDocument, StoredLine, load_lines
from app.orders.queries.naming import Names, names_of


def head_views(documents: Sequence[StoredDocument]) -> list[DocumentHead]:
    """Return documents as a list shows them."""
    return [DocumentHead(**values) for values in _heads(documents, names_of(documents))]


def document_view(document: StoredDocument) -> Document:
    """Return a document whole."""
    digits = base_digits()
    lines = load_lines([document.id])
    names = names_of([document], lines)
    return Document(
        **_heads([document], names)[0],
        warehouse_id=document.warehouse_id,
        prices_include_tax=bool(document.prices_include_tax),
        deductible=bool(document.deductible),
        discount=format_amount(document.discount, digits),
        lines=_line_views(document.kind, lines, names),
        vouchers=vouchers_of(document),
        links=links_of(document),
    )


def _heads(documents: Sequence[StoredDocument], names: Names) -> list[dict[str, Any]]:
    digits = base_digits()
    contacts, people = names.contacts, names.people
    return [
        {
            "id": document.id,
            "kind": document.kind,
            "number": document.number or "",
            "date": document.date,
            "state": document.state,
            "contact_id": document.contact_id,
            "contact": contacts.get(document.contact_id or 0, ""),
            "person": people.get(document.person_id or 0, ""),
            "reference": document.reference,
            "due_date": document.due_date,
            "net": format_amount(document.net, digits),
            "tax": format_amount(document.tax, digits),
            "gross": format_amount(document.gross, digits),
            "settled": format_amount(document.settled, digits),
            "note": document.note,
            "maker": people.get(document.created_by, ""),
            "counter_of": document.counter_of,
            "cancelled_by": document.cancelled_by,
            "version": document.version,
        }
        for document in documents
    ]


def line_views(kind: str, lines: Sequence[StoredLine]) -> list[DocumentLine]:
    """Return the lines of a document of this kind, in their order."""
    return _line_views(kind, lines, names_of(lines=lines))


def _line_views(kind: str, lines: Sequence[StoredLine], names: Names) -> list[DocumentLine]:
    digits = base_digits()
    return [
        DocumentLine(
            id=line.id,
            line=line.line,
            item_id=line.item_id,
            item_code=names.items.get(line.item_id or 0, ("", ""))[0],
            description=line.description,
            quantity=format_quantity(line.quantity),
            unit=line.unit,
            base_quantity=format_quantity(line.base_quantity),
            unit_price=format_quantity(line.unit_price),
            discount_percent=line.discount_percent,
            tax_rate=line.tax_rate,
            net=format_amount(line.net, digits),
            tax=format_amount(line.tax, digits),
            gross=format_amount(line.gross, digits),
            own_amounts=bool(line.own_amounts),
            cost="" if (cost := _cost(kind, line, names.moves)) is None else format_amount(cost, digits),
            warehouse_id=line.warehouse_id,
            warehouse=names.warehouses.get(line.warehouse_id or 0, ""),
            lot=line.lot,
            expiry=line.expiry,
            source_line_id=line.source_line_id,
            source=names.sources.get(line.source_line_id or 0, ""),
            fulfilled=_fulfilled(KINDS[kind].side, line),
        )
        for line in lines
    ]


def _cost(kind: str, line: StoredLine, moves: Mapping[int, int]) -> int | None:
    """Return what a line has cost by now; of items with the month's average it is known once the month was costed."""
    found = moves.get(line.move_id or 0)
    return line.cost if found is None else KINDS[kind].stock * found


def _fulfilled(side: str, line: StoredLine) -> dict[str, AmountText]:
    found: dict[str, AmountText] = {}
    for effect in EFFECTS:
        kind = kind_of_effect(side, effect)
        amount = getattr(line, effect)
        if kind is not None and amount:
            found[kind] = format_quantity(in_unit(line, amount))
    return found


def in_unit(line: StoredLine, base_quantity: int) -> int:
    """Return a quantity of the base unit in the unit of a line."""
    return share(line.quantity, base_quantity, line.base_quantity) if line.base_quantity else base_quantity
