"""Reads of documents: one whole, and pages of them."""

from __future__ import annotations

from app.contacts.queries import ids_counting_as
from app.contract.orders import Document, DocumentHead, DocumentQuery
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput
from app.kernel.period import parse_date
from app.kernel.text import clean_text, message
from app.orders.kinds import KINDS, PURCHASE, SALES, kinds_of
from app.orders.queries.loading import DOCUMENT_COLUMNS, StoredDocument, load_document, places
from app.orders.queries.views import document_view, head_views
from app.storage.database import fetch_all, read_snapshot
from app.storage.matching import contains

STATES = ("draft", "open", "done", "closed", "cancelled")
WAITING = (
    "(d.state = 'open' OR (d.state = 'done' AND d.counter_of IS NULL AND d.kind IN ('delivery', 'goods_receipt')"
    " AND EXISTS (SELECT 1 FROM {document_line} l WHERE l.document_id = d.id AND l.base_quantity > l.invoiced +"
    " CASE WHEN l.returned > l.credited THEN l.returned - l.credited ELSE 0 END)))"
)
"""Orders and quotations that hold, deliveries and receipts that are not wholly invoiced."""
UNSETTLED = (
    "(d.state = 'done' AND d.counter_of IS NULL AND d.settled <> d.gross AND d.kind IN"
    " ('sales_invoice', 'sales_credit', 'purchase_invoice', 'purchase_credit'))"
)


def get_document(actor: Actor, document_id: int) -> Document:
    """Return a document whole. Raises `NotFound`, and `PermissionDenied` for the other side's."""
    with read_snapshot():
        document = load_document(document_id)
        actor.require("orders:sales:view" if document.nature.side == SALES else "orders:purchase:view")
        return document_view(document)


def list_documents(
    actor: Actor, query: DocumentQuery, after: tuple[str, int] | None = None
) -> tuple[list[DocumentHead], bool]:
    """Return the documents that match and that the actor may see, newest first, and whether there are more.

    `after` is date and id of the last one shown.
    """
    conditions, params = _conditions(actor, query)
    if after is not None:
        conditions.append("(d.date < ? OR (d.date = ? AND d.id < ?))")
        params += [after[0], after[0], after[1]]
    with read_snapshot():
        rows = fetch_all(
            f"SELECT {DOCUMENT_COLUMNS} FROM {{document}} d WHERE {' AND '.join(conditions)}"
            " ORDER BY d.date DESC, d.id DESC LIMIT ?",
            [*params, query.limit + 1],
        )
        found = [StoredDocument(*row) for row in rows]
        return head_views(found[: query.limit]), len(found) > query.limit


def _conditions(actor: Actor, query: DocumentQuery) -> tuple[list[str], list[object]]:
    kinds = [code for code in kinds_of(query.side) if code in _visible(actor)]
    if query.kind:
        kinds = [code for code in _choices(query.kind, tuple(KINDS)) if code in kinds]
    conditions = [f"d.kind IN ({places(kinds)})" if kinds else "1 = 0"]
    params: list[object] = list(kinds)
    if query.state:
        states = _choices(query.state, STATES)
        conditions.append(f"d.state IN ({places(states)})")
        params += states
    if query.contact_id is not None:
        contacts = ids_counting_as(query.contact_id)
        conditions.append(f"d.contact_id IN ({places(contacts)})")
        params += contacts
    if query.item_id is not None:
        conditions.append("EXISTS (SELECT 1 FROM {document_line} l WHERE l.document_id = d.id AND l.item_id = ?)")
        params.append(query.item_id)
    for text, comparison in ((query.from_date, ">="), (query.to_date, "<=")):
        if text:
            conditions.append(f"d.date {comparison} ?")
            params.append(parse_date(text).isoformat())
    if query.unfulfilled:
        conditions.append(WAITING)
    if query.unsettled:
        conditions.append(UNSETTLED)
    if query.q:
        word = contains(clean_text(query.q))
        conditions.append(
            "(d.number LIKE ? ESCAPE '!' OR d.reference LIKE ? ESCAPE '!' OR d.note LIKE ? ESCAPE '!' OR EXISTS"
            " (SELECT 1 FROM {auxiliary} a WHERE a.id = d.contact_id AND a.name LIKE ? ESCAPE '!'))"
        )
        params += [word] * 4
    return conditions, params


def _visible(actor: Actor) -> set[str]:
    found: set[str] = set()
    if actor.may("orders:sales:view"):
        found.update(kinds_of(SALES))
    if actor.may("orders:purchase:view"):
        found.update(kinds_of(PURCHASE))
    return found


def _choices(text: str, known: tuple[str, ...]) -> list[str]:
    chosen = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [part for part in chosen if part not in known]
    if unknown:
        raise MalformedInput("choice_unknown", message("不认识“{choice}”，请从列出的各项中选。", choice=unknown[0]))
    return chosen
