"""Orders as the example calls know them: an item for a person."""

from __future__ import annotations

from app.contract.orders import DocumentInput, DocumentLineInput, ExampleOrder, ExampleOrderInput
from app.identity.actor import Actor
from app.identity.queries.people import read_user
from app.inventory.queries.facts import item_id_of_code
from app.kernel.clock import china_today
from app.kernel.errors import MalformedInput
from app.kernel.money import format_quantity
from app.kernel.text import clean_text, message
from app.orders.service.drafts import create_document
from app.storage.database import fetch_all, fetch_one

_ORDERS = (
    "SELECT d.id, d.person_id, COALESCE(l.description, ''), COALESCE(l.quantity, 0), d.state, COALESCE(d.number, '')"
    " FROM {document} d LEFT JOIN {document_line} l ON l.document_id = d.id AND l.line = 1"
    " WHERE d.kind = 'sales_order' ORDER BY d.id"
)


def list_orders(actor: Actor) -> list[ExampleOrder]:
    """Return all sales orders in the order they were made, each by its first line."""
    actor.require("orders:sales:view")
    return [
        ExampleOrder(
            id=row[0],
            user_id=row[1],
            item=row[2],
            quantity=format_quantity(row[3]),
            state=row[4],
            number=row[5],
        )
        for row in fetch_all(_ORDERS)
    ]


def add_order(actor: Actor, new: ExampleOrderInput) -> int:
    """Save a draft order of one piece for a person and return its id; an unknown item becomes a line of text.

    Raises `NotFound` for an unknown person, `MalformedInput` without an item.
    """
    actor.require("orders:sales:add")
    item = clean_text(new.item)
    if not item:
        sentence = message("请写明商品。")
        raise MalformedInput("fields_missing", sentence, fields={"item": sentence})
    person = read_user(new.user_id)
    line = DocumentLineInput(item_id=_item_of(item), description=item, quantity="1")
    order = DocumentInput(kind="sales_order", date=china_today().isoformat(), lines=[line])
    return create_document(actor, order, person_id=person.id).id


def _item_of(text: str) -> int | None:
    found = item_id_of_code(text)
    if found is not None:
        row = fetch_one("SELECT id FROM {item} WHERE id = ? AND active = 1", (found,))
    else:
        row = fetch_one("SELECT id FROM {item} WHERE name = ? AND active = 1 ORDER BY id LIMIT 1", (text,))
    return None if row is None else int(row[0])
