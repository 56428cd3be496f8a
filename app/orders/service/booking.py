"""What a finished document does to stock and to the ledger, and how that is undone."""

from __future__ import annotations

from collections.abc import Callable

from app.contacts.queries import Party, party_of
from app.identity.actor import Actor
from app.inventory.service.posting import PostingLine, post_document, reverse_vouchers
from app.inventory.service.stock import reverse_moves
from app.kernel.text import message
from app.orders.kinds import PURCHASE
from app.orders.queries.lineage import Lineage
from app.orders.queries.loading import StoredDocument, load_lines
from app.orders.service.purchase_booking import (
    book_purchase_credit,
    book_purchase_invoice,
    book_purchase_return,
    book_receipt,
    give_back_estimates,
)
from app.orders.service.sales_booking import book_delivery, book_sales_credit, book_sales_invoice, book_sales_return
from app.orders.service.scene import Scene, keep_moves
from app.storage.database import execute

_BOOKS: dict[str, Callable[[Scene], list[PostingLine]]] = {
    "delivery": book_delivery,
    "sales_return": book_sales_return,
    "sales_invoice": book_sales_invoice,
    "sales_credit": book_sales_credit,
    "goods_receipt": book_receipt,
    "purchase_return": book_purchase_return,
    "purchase_invoice": book_purchase_invoice,
    "purchase_credit": book_purchase_credit,
}


def book(actor: Actor, lineage: Lineage, number: str, party: Party) -> None:
    """Move the stock of a document that was just finished and post its voucher.

    `lineage` is as it was before the document was counted. Part of the unit under way; the documents are locked.
    """
    document = lineage.document
    scene = Scene(actor, lineage, number, party)
    lines = _BOOKS[document.kind](scene)
    summary = message("{contact} {kind} {number}", contact=scene.contact, kind=document.nature.name, number=number)
    post_document(actor, scene.ref, document.date, lines, summary=str(summary), rules=scene.rules)


def unbook(actor: Actor, lineage: Lineage, counter: StoredDocument) -> None:
    """Undo stock and vouchers of a document for its counter-document, and give back what it took of estimates."""
    document = lineage.document
    scene = Scene(actor, lineage, document.number or "", party_of(document.contact_id or 0))
    counter_scene = scene.counter(counter)
    if document.nature.stock:
        counters = [line for line in load_lines([counter.id]) if scene.is_goods(line)]
        booked = reverse_moves(actor, scene.ref, counter_scene.ref, counter.date)
        keep_moves(counters, booked, document.nature.stock)
    reverse_vouchers(actor, scene.ref, counter_scene.ref, counter.date)
    if document.nature.side == PURCHASE:
        lines = give_back_estimates(scene, counter_scene)
        summary = message("冲回 {number}", number=document.number or "")
        post_document(actor, counter_scene.ref, counter.date, lines, summary=str(summary), rules=scene.rules)
    execute("UPDATE {document_line} SET estimate = 0 WHERE document_id = ?", (document.id,))
