"""Drafts of documents: saving, changing, deleting and trying them out."""

from __future__ import annotations

from typing import Any

from app.contract.orders import Document, DocumentInput, DocumentPreview
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.errors import RuleBroken
from app.kernel.money import format_amount
from app.kernel.text import message
from app.ledger.queries.vouchers import base_digits
from app.orders.errors import state_wrong
from app.orders.kinds import KINDS, SALES, Kind
from app.orders.queries.loading import StoredDocument, load_document
from app.orders.queries.views import document_view, line_views
from app.orders.service.concerns import concerns_of, unsaved_lines
from app.orders.service.locks import lock_document
from app.orders.service.reading import ReadDocument, read_document
from app.storage.database import execute, execute_many, insert_returning_id, run_unit


def create_document(actor: Actor, new: DocumentInput, *, person_id: int | None = None) -> Document:
    """Save a draft. Raises `MalformedInput` with a sentence for each field that is wrong."""
    require_add(actor, new.kind)

    def work() -> Document:
        document_id = insert_draft(actor, read_document(new), person_id=person_id)
        view = _view(document_id)
        audit.record(actor, f"orders:{new.kind}:add", "document", document_id, after=view)
        return view

    return run_unit(work)


def change_document(actor: Actor, document_id: int, new: DocumentInput) -> Document:
    """Replace a draft. Raises `NotFound`, `Conflict` for a stale version, `RuleBroken` for a finished document."""

    def work() -> Document:
        document = lock_document(document_id, new.version)
        require_edit(actor, document.nature)
        refuse_finished(document)
        if new.kind != document.kind:
            raise RuleBroken("document_kind", message("{where}的单据种类不能改，请另做一张。", where=document.name))
        before = document_view(document)
        read = read_document(new)
        _update(document_id, read.columns)
        execute("DELETE FROM {document_line} WHERE document_id = ?", (document_id,))
        insert_lines(document_id, read)
        after = _view(document_id)
        audit.record(actor, f"orders:{new.kind}:edit", "document", document_id, before=before, after=after)
        return after

    return run_unit(work)


def delete_document(actor: Actor, document_id: int, version: int | None = None) -> None:
    """Delete a draft. Raises `NotFound`, `Conflict` for a stale version, `RuleBroken` for a finished document."""

    def work() -> None:
        document = lock_document(document_id, version)
        require_edit(actor, document.nature)
        refuse_finished(document)
        before = document_view(document)
        execute("DELETE FROM {document_line} WHERE document_id = ?", (document_id,))
        execute("DELETE FROM {document} WHERE id = ?", (document_id,))
        audit.record(actor, f"orders:{document.kind}:remove", "document", document_id, before=before)

    run_unit(work)


def preview_document(actor: Actor, new: DocumentInput) -> DocumentPreview:
    """Return a document as it would be saved, and what speaks against finishing it. Nothing is kept."""
    require_add(actor, new.kind)
    read = read_document(new)
    digits = base_digits()
    return DocumentPreview(
        lines=line_views(new.kind, unsaved_lines(read)),
        net=format_amount(read.columns["net"], digits),
        tax=format_amount(read.columns["tax"], digits),
        gross=format_amount(read.columns["gross"], digits),
        concerns=[str(sentence) for sentence in concerns_of(read)],
    )


def require_add(actor: Actor, kind: str) -> None:
    """Raise `PermissionDenied` unless the actor may add documents of a kind's side."""
    actor.require("orders:sales:add" if KINDS[kind].side == SALES else "orders:purchase:add")


def require_edit(actor: Actor, nature: Kind) -> None:
    """Raise `PermissionDenied` unless the actor may change drafts of a side."""
    actor.require("orders:sales:edit" if nature.side == SALES else "orders:purchase:edit")


def refuse_finished(document: StoredDocument) -> None:
    """Raise `RuleBroken` unless a document is a draft: finished ones are corrected by a counter-document."""
    if document.state != "draft":
        raise state_wrong(
            document.name, message("已办理的单据不能修改或删除；有错请撤销它（生成冲销单据），再另做一张。")
        )


def insert_draft(actor: Actor, read: ReadDocument, *, person_id: int | None = None) -> int:
    """Write a document with its lines as a draft and return its id."""
    now = utc_ms()
    values = {
        **read.columns,
        "person_id": person_id,
        "created_by": actor.user_id,
        "created_at": now,
        "updated_at": now,
    }
    document_id = insert_returning_id(
        f"INSERT INTO {{document}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
    )
    insert_lines(document_id, read)
    return document_id


def insert_lines(document_id: int, read: ReadDocument) -> None:
    """Write the lines of a document, numbered from 1."""
    if not read.lines:
        return
    names = ["document_id", "line", *read.lines[0].columns]
    execute_many(
        f"INSERT INTO {{document_line}} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        [(document_id, index, *line.columns.values()) for index, line in enumerate(read.lines, start=1)],
    )


def _update(document_id: int, columns: dict[str, Any]) -> None:
    sets = "".join(f"{column} = ?, " for column in columns)
    execute(
        f"UPDATE {{document}} SET {sets}updated_at = ?, version = version + 1 WHERE id = ?",
        [*columns.values(), utc_ms(), document_id],
    )


def _view(document_id: int) -> Document:
    return document_view(load_document(document_id))
