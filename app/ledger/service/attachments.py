"""Documents of vouchers: kept in the database in parts of at most 1 MB, so that backups and copies carry them.

They may be added at any time and are taken away from drafts only: what belongs to a posted voucher stays with it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from app.contract.voucher_work import AttachInput, AttachmentList
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.errors import Conflict, RuleBroken, TooLarge
from app.kernel.text import message
from app.ledger.errors import state_wrong
from app.ledger.media_types import media_type_of
from app.ledger.queries.attachments import get_attachment, list_attachments
from app.ledger.service.stored import StoredVoucher, lock_stored
from app.storage import uploads
from app.storage.database import execute, fetch_one, insert_returning_id, run_unit

CHUNK_BYTES = 1024 * 1024
MAX_BYTES = 50 * 1024 * 1024
MOST_FILES = 200


def attach(actor: Actor, voucher_id: int, wish: AttachInput) -> AttachmentList:
    """Attach an uploaded file to a voucher; a draft's number of documents follows where it was the number of files.

    Raises `NotFound`, `TooLarge`, `MalformedInput` for a program or a file whose content is not what its name says,
    `Conflict` when the voucher has this very file already, `RuleBroken` for a void voucher.
    """
    actor.require("ledger:attachment:add")
    upload = uploads.find_upload(wish.upload_id, actor.user_id)
    if upload.size > MAX_BYTES:
        limit = MAX_BYTES // 1024 // 1024
        raise TooLarge(
            "attachment_too_large", message("“{name}”太大，附件最大 {limit} MB。", name=upload.name, limit=limit)
        )
    with uploads.assembled(wish.upload_id, actor.user_id) as path:
        media_type = media_type_of(path, upload.name)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()

        def work() -> AttachmentList:
            stored = lock_stored(voucher_id, None)
            _require_room(stored, digest, upload.name)
            before = _file_count(voucher_id)
            now = utc_ms()
            attachment_id = insert_returning_id(
                "INSERT INTO {attachment} (voucher_id, name, media_type, size, sha256, added_by, added_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (voucher_id, upload.name, media_type, upload.size, digest, actor.user_id, now),
            )
            _write_chunks(attachment_id, path)
            _follow_count(stored, before, before + 1)
            uploads.forget_upload(wish.upload_id, actor.user_id)
            after = get_attachment(attachment_id).model_dump()
            audit.record(actor, "ledger:attachment:add", "attachment", attachment_id, after=after)
            _note_on_voucher(actor, "ledger:attachment:add", voucher_id, upload.name)
            return list_attachments(voucher_id)

        return run_unit(work)


def remove_attachment(actor: Actor, attachment_id: int) -> AttachmentList:
    """Take a document away from a draft. Raises `NotFound`, `RuleBroken` once the voucher is reviewed or further."""
    actor.require("ledger:attachment:remove")

    def work() -> AttachmentList:
        before = get_attachment(attachment_id)
        stored = lock_stored(before.voucher_id, None)
        if stored.state != "draft":
            raise state_wrong(
                stored.name, message("只有草稿的附件可以删除；已审核的请先取消审核，已记账的附件不能删。")
            )
        files = _file_count(stored.id)
        execute("DELETE FROM {attachment_chunk} WHERE attachment_id = ?", (attachment_id,))
        execute("DELETE FROM {attachment} WHERE id = ?", (attachment_id,))
        _follow_count(stored, files, files - 1)
        audit.record(actor, "ledger:attachment:remove", "attachment", attachment_id, before=before.model_dump())
        _note_on_voucher(actor, "ledger:attachment:remove", stored.id, before.name)
        return list_attachments(stored.id)

    return run_unit(work)


def _note_on_voucher(actor: Actor, action: str, voucher_id: int, name: str) -> None:
    """The voucher's version moves, too: whoever is typing into it is told by whom."""
    audit.record(actor, action, "voucher", voucher_id, after={"attachment": name})


def _require_room(stored: StoredVoucher, digest: str, name: str) -> None:
    if stored.state == "void":
        raise state_wrong(stored.name, message("作废的凭证不再加附件。"))
    same = fetch_one("SELECT name FROM {attachment} WHERE voucher_id = ? AND sha256 = ?", (stored.id, digest))
    if same:
        raise Conflict("attachment_repeated", message("“{name}”已经附在这张凭证上了。", name=same[0]))
    if _file_count(stored.id) >= MOST_FILES:
        raise RuleBroken(
            "attachments_full", message("一张凭证最多附 {most} 个文件，“{name}”没有附上。", most=MOST_FILES, name=name)
        )


def _write_chunks(attachment_id: int, path: Path) -> None:
    with path.open("rb") as file:
        number = 0
        while data := file.read(CHUNK_BYTES):
            execute(
                "INSERT INTO {attachment_chunk} (attachment_id, number, data) VALUES (?, ?, ?)",
                (attachment_id, number, data),
            )
            number += 1


def _file_count(voucher_id: int) -> int:
    row = fetch_one("SELECT COUNT(*) FROM {attachment} WHERE voucher_id = ?", (voucher_id,))
    return int(row[0]) if row else 0


def _follow_count(stored: StoredVoucher, before: int, after: int) -> None:
    """Let a draft's number of documents follow its files, unless somebody typed another one (papers count, too)."""
    if stored.state == "draft" and stored.attachment_count == before:
        execute(
            "UPDATE {voucher} SET attachment_count = ?, updated_at = ?, version = version + 1 WHERE id = ?",
            (after, utc_ms(), stored.id),
        )
