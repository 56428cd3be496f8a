"""Reads of a voucher's documents: what there is, and a document's content part by part."""

from __future__ import annotations

from collections.abc import Iterator

from app.contract.voucher_work import Attachment, AttachmentList
from app.kernel.errors import NotFound
from app.kernel.text import message
from app.ledger.errors import voucher_unknown
from app.storage.database import Row, fetch_all, fetch_one

_SELECT = (
    "SELECT a.id, a.voucher_id, a.name, a.media_type, a.size, a.sha256, u.name, a.added_at"
    " FROM {attachment} a JOIN {user} u ON u.id = a.added_by"
)


def list_attachments(voucher_id: int) -> AttachmentList:
    """Return a voucher's documents in the order they were added. Raises `NotFound`."""
    head = fetch_one("SELECT attachment_count, version FROM {voucher} WHERE id = ?", (voucher_id,))
    if head is None:
        raise voucher_unknown(voucher_id)
    rows = fetch_all(f"{_SELECT} WHERE a.voucher_id = ? ORDER BY a.id", (voucher_id,))
    return AttachmentList(attachments=[_view(row) for row in rows], attachment_count=head[0], version=head[1])


def get_attachment(attachment_id: int) -> Attachment:
    """Return what is known of a document. Raises `NotFound`."""
    row = fetch_one(f"{_SELECT} WHERE a.id = ?", (attachment_id,))
    if row is None:
        raise attachment_unknown(attachment_id)
    return _view(row)


def read_chunks(attachment_id: int) -> Iterator[bytes]:
    """Yield a document's parts in order, one at a time, so that it never stands in memory whole."""
    numbers = fetch_all(
        "SELECT number FROM {attachment_chunk} WHERE attachment_id = ? ORDER BY number", (attachment_id,)
    )
    for (number,) in numbers:
        row = fetch_one(
            "SELECT data FROM {attachment_chunk} WHERE attachment_id = ? AND number = ?", (attachment_id, number)
        )
        if row is None:
            raise attachment_unknown(attachment_id)
        yield bytes(row[0])


def attachment_unknown(attachment_id: int) -> NotFound:
    """No document has this id."""
    return NotFound("attachment_unknown", message("没有编号为 {id} 的附件，它可能已被删除。", id=attachment_id))


def _view(row: Row) -> Attachment:
    return Attachment(
        id=row[0],
        voucher_id=row[1],
        name=row[2],
        media_type=row[3],
        size=row[4],
        sha256=row[5],
        added_by=row[6],
        added_at=row[7],
    )
