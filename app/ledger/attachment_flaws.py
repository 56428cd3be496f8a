"""What can be wrong with the documents of vouchers: a part missing, a content that is not what was attached."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from app.kernel.errors import NotFound
from app.kernel.period import format_period
from app.kernel.text import message
from app.ledger.integrity import Flaw
from app.ledger.queries.attachments import read_chunks
from app.storage.database import fetch_all


def attachment_flaws() -> Iterator[Flaw]:
    """Recompute length and hash of every document, one part in memory at a time; name those that are damaged."""
    rows = fetch_all(
        "SELECT a.id, a.name, a.size, a.sha256, v.period, v.word, v.number FROM {attachment} a"
        " LEFT JOIN {voucher} v ON v.id = a.voucher_id ORDER BY a.id"
    )
    for attachment_id, name, size, sha256, period, word, number in rows:
        where = str(
            message(
                "{period} {word}字第 {number} 号的附件“{name}”",
                period=format_period(period) if period else "?",
                word=word or "?",
                number="?" if number is None else number,
                name=name,
            )
        )
        numbers = fetch_all(
            "SELECT number FROM {attachment_chunk} WHERE attachment_id = ? ORDER BY number", (attachment_id,)
        )
        if [row[0] for row in numbers] != list(range(len(numbers))):
            yield Flaw("attachment", where, message("附件缺了一段，打不开了。"))
            continue
        digest, length = hashlib.sha256(), 0
        try:
            for data in read_chunks(attachment_id):
                digest.update(data)
                length += len(data)
        except NotFound:
            length = -1
        if length != size or digest.hexdigest() != sha256:
            yield Flaw("attachment", where, message("附件的内容与附上时的校验值不符，被改动或损坏了。"))
    orphans = fetch_all(
        "SELECT DISTINCT c.attachment_id FROM {attachment_chunk} c LEFT JOIN {attachment} a ON a.id = c.attachment_id"
        " WHERE a.id IS NULL ORDER BY c.attachment_id LIMIT 20"
    )
    for (attachment_id,) in orphans:
        yield Flaw("attachment", f"attachment_chunk.attachment_id = {attachment_id}", message("附件的内容没有主人。"))
