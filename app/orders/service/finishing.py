"""Finishing documents: number, state, stock, vouchers and the sums of what they carry out, in one transaction."""

from __future__ import annotations

from app.contacts.queries import Party, party_of
from app.contract.orders import Closing, Document, Finishing
from app.identity import audit
from app.identity.actor import Actor
from app.inventory.queries.facts import ItemFacts, item_facts
from app.kernel.clock import utc_ms
from app.kernel.errors import RuleBroken
from app.kernel.money import format_amount
from app.kernel.text import message
from app.ledger.queries.vouchers import base_digits
from app.orders.errors import state_wrong
from app.orders.kinds import KINDS, SALES, Kind
from app.orders.queries.credit import lock_credit, owed_by
from app.orders.queries.lineage import Lineage
from app.orders.queries.loading import StoredDocument, load_document
from app.orders.queries.views import document_view
from app.orders.service.booking import book
from app.orders.service.concerns import over_limit
from app.orders.service.drafts import insert_draft, require_add
from app.orders.service.following import MATCHING, NOTHING_LEFT, follower_of
from app.orders.service.locks import lock_document, lock_family
from app.orders.service.numbering import lock_number, take_number
from app.orders.service.reading import read_document
from app.orders.service.rules import faults_of
from app.orders.service.sums import count, is_fulfilled, set_state
from app.storage.database import execute, run_unit


def finish_document(actor: Actor, document_id: int, wish: Finishing) -> Document:
    """Carry a draft out: an order or quotation becomes open, any other document done, with its stock and vouchers.

    With `with_follower` the matching document is made and finished with it. Raises `NotFound`, `Conflict` for a stale
    version, `RuleBroken` with the first fault and all of them by field, `credit_limit` with the figures in `details`.
    """
    if wish.ignore_credit_limit:
        actor.require("orders:credit-limit:ignore")

    def work() -> Document:
        finished = _finish(
            actor,
            document_id,
            wish.version,
            ignore_limit=wish.ignore_credit_limit,
            with_follower=wish.with_follower,
        )
        if not wish.with_follower:
            return finished
        _finish_follower(actor, document_id, ignore_limit=wish.ignore_credit_limit)
        return document_view(load_document(document_id))

    return run_unit(work)


def _finish(
    actor: Actor, document_id: int, version: int | None, *, ignore_limit: bool, with_follower: bool = False
) -> Document:
    lineage = lock_family(document_id, version)
    document, nature = lineage.document, lineage.document.nature
    require_finish(actor, nature)
    if with_follower and document.kind in MATCHING:
        lock_number(KINDS[MATCHING[document.kind]], document.date)
    if document.state != "draft":
        raise state_wrong(document.name, message("只有草稿可以办理。"))
    items = _refuse_faults(lineage)
    number = take_number(nature, document.date)
    execute(
        "UPDATE {document} SET state = ?, number = ?, updated_at = ?, version = version + 1 WHERE id = ?",
        ("open" if nature.is_promise else "done", number, utc_ms(), document_id),
    )
    count(lineage, 1, items)
    if not nature.is_promise:
        party = party_of(document.contact_id or 0)
        limit = None if ignore_limit else _held_limit(document, party)
        book(actor, lineage, number, party)
        if limit is not None:
            _require_credit(party.id, limit)
    after = document_view(load_document(document_id))
    audit.record(actor, f"orders:{nature.code}:finish", "document", document_id, after=after)
    return after


def _refuse_faults(lineage: Lineage) -> dict[int, ItemFacts]:
    """Return the items of a draft. Raises `RuleBroken` when anything keeps it from being finished."""
    items = item_facts(line.item_id for line in lineage.lines if line.item_id is not None)
    faults = faults_of(lineage, items)
    if faults:
        where = lineage.document.name
        raise RuleBroken(
            "document_incomplete", message("{where}：{fault}", where=where, fault=faults[0][1]), fields=dict(faults)
        )
    return items


def _held_limit(document: StoredDocument, party: Party) -> int | None:
    """Return the credit limit a document must keep, locked until the unit ends; `None` where there is none."""
    if document.kind not in {"delivery", "sales_invoice"} or party.credit_limit is None:
        return None
    return lock_credit(party.id)


def _require_credit(contact_id: int, limit: int) -> None:
    owed, digits = owed_by(contact_id), base_digits()
    if owed > limit:
        raise RuleBroken(
            "credit_limit",
            over_limit(limit, owed),
            details={"limit": format_amount(limit, digits), "owed": format_amount(owed, digits)},
        )


def _finish_follower(actor: Actor, document_id: int, *, ignore_limit: bool) -> None:
    document = load_document(document_id)
    kind = MATCHING.get(document.kind)
    if kind is None:
        raise RuleBroken("follower_none", message("{where}没有可以一并办理的后续单据。", where=document.name))
    require_add(actor, kind)
    try:
        proposal = follower_of(KINDS[kind], [document], document.date)
    except RuleBroken as refusal:
        if refusal.code == NOTHING_LEFT:  # an invoice of services alone needs no delivery
            return
        raise
    follower_id = insert_draft(actor, read_document(proposal))
    _finish(actor, follower_id, None, ignore_limit=ignore_limit)


def close_document(actor: Actor, document_id: int, wish: Closing) -> Document:
    """End an open order or quotation although not all of it was carried out. Raises `RuleBroken` for any other."""

    def work() -> Document:
        document = lock_document(document_id, wish.version)
        require_finish(actor, document.nature)
        if document.state != "open":
            raise state_wrong(document.name, message("只有未完成的订单和报价单可以关闭。"))
        set_state(document, "closed", reason=wish.reason.strip())
        after = document_view(load_document(document_id))
        audit.record(actor, f"orders:{document.kind}:close", "document", document_id, after=after)
        return after

    return run_unit(work)


def reopen_document(actor: Actor, document_id: int, version: int | None = None) -> Document:
    """Take the closing of an order or quotation back. Raises `RuleBroken` for one that is not closed."""

    def work() -> Document:
        document = lock_document(document_id, version)
        require_finish(actor, document.nature)
        if document.state != "closed":
            raise state_wrong(document.name, message("只有已关闭的订单和报价单可以重新打开。"))
        set_state(document, "done" if is_fulfilled(document) else "open", reason="")
        after = document_view(load_document(document_id))
        audit.record(actor, f"orders:{document.kind}:reopen", "document", document_id, after=after)
        return after

    return run_unit(work)


def require_finish(actor: Actor, nature: Kind) -> None:
    """Raise `PermissionDenied` unless the actor may finish documents of a side."""
    actor.require("orders:sales:finish" if nature.side == SALES else "orders:purchase:finish")
