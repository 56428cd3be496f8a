"""Orders of sales and purchases that are not carried out yet, line by line."""

from __future__ import annotations

from typing import NamedTuple

from app.inventory.queries.facts import item_facts
from app.orders.computing import share
from app.orders.queries.lineage import still_to_invoice, still_to_move
from app.orders.queries.loading import DOCUMENT_COLUMNS, LINE_COLUMNS, StoredDocument, StoredLine
from app.storage.database import fetch_all


class WaitingLine(NamedTuple):
    """A line of an open order. Quantities × 10^8 in the base unit; `value` is what its rest is worth, tax included."""

    document: StoredDocument
    line: StoredLine
    ordered: int
    moved: int
    invoiced: int
    rest: int
    value: int


def waiting_lines(last: str) -> list[WaitingLine]:
    """Return the lines of open orders of up to a day of which something waits, by date and number of the order.

    What waits of goods is what was not delivered or received, of services and texts what was not invoiced.
    """
    rows = fetch_all(
        f"SELECT {DOCUMENT_COLUMNS}, {LINE_COLUMNS} FROM {{document}} d JOIN {{document_line}} l"
        " ON l.document_id = d.id WHERE d.kind IN ('sales_order', 'purchase_order') AND d.state = 'open'"
        " AND d.date <= ? ORDER BY d.date, d.number, l.line",
        (last,),
    )
    width = len(StoredDocument._fields)
    pairs = [(StoredDocument(*row[:width]), StoredLine(*row[width:])) for row in rows]
    goods = {
        item.id
        for item in item_facts(line.item_id for _, line in pairs if line.item_id is not None).values()
        if item.kind == "goods"
    }
    found: list[WaitingLine] = []
    for document, line in pairs:
        rest = still_to_move(line) if line.item_id in goods else still_to_invoice(line)
        if rest or still_to_invoice(line):
            value = share(line.gross, rest, line.base_quantity) if line.base_quantity else 0
            found.append(WaitingLine(document, line, line.base_quantity, line.moved, line.invoiced, rest, value))
    return found
