"""Files that come up in parts, and files that wait to be fetched, kept in the database until they are used or expire.

In the database, because the processes that serve one book may run on several computers. Parts are numbered from 0; a
part sent again replaces itself. Length and hash are checked when the file is put together.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.kernel.clock import Clock
from app.kernel.errors import Conflict, MalformedInput, NotFound, TooLarge
from app.kernel.text import file_name, message
from app.storage.book_clock import book_now_ms
from app.storage.database import current_book, execute, fetch_all, fetch_one, register_table, run_unit
from app.storage.progress import Progress, no_progress
from app.storage.workrooms import workroom

register_table("upload", "storage")
register_table("upload_part", "storage")

PART_BYTES = 4 * 1024 * 1024
MAX_BYTES = 1024 * 1024 * 1024
MAX_OPEN_BYTES = 4 * MAX_BYTES
"""So much is kept of all files together, those that jobs made included."""
PERSON_OPEN_BYTES = 2 * MAX_BYTES
"""So much one person may announce: nobody keeps the others from importing, exporting and printing."""
EXPIRES_AFTER_MS = 24 * 3600 * 1000
UNDER_WAY = ".zhangfang-"
"""How the names of folders begin in which a file is put together, among files that people see."""
SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file under way or complete: sizes in bytes, `received` of them are here; `expires_at` in UTC ms."""

    id: str
    actor_id: int
    name: str
    size: int
    sha256: str
    received: int
    complete: bool
    expires_at: int


def begin_upload(actor_id: int, name: str, size: int, sha256: str = "", clock: Clock = book_now_ms) -> Upload:
    """Make room for a file of `size` bytes; `sha256` (hex) may be empty. Only the same actor may go on with it.

    Raises `MalformedInput`, and `TooLarge` over 1 GB, over 2 GB of one person, or 4 GB for what is kept of all.
    """
    if size < 0 or (sha256 and not SHA256.match(sha256)):
        raise MalformedInput("upload_malformed", message("上传的文件长度或校验值不对。"))
    now = clock()
    upload_id = uuid.uuid4().hex

    def work() -> Upload:
        _forget_expired(now)
        _refuse_too_much(actor_id, size)
        execute(
            "INSERT INTO {upload} (id, actor_id, name, size, sha256, state, created_at, expires_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                upload_id,
                actor_id,
                file_name(name),
                size,
                sha256,
                "complete" if size == 0 else "open",
                now,
                now + EXPIRES_AFTER_MS,
            ),
        )
        return find_upload(upload_id, actor_id)

    return run_unit(work)


def _refuse_too_much(actor_id: int, size: int) -> None:
    if size > MAX_BYTES:
        raise TooLarge("upload_too_large", message("文件太大，上限是 {limit} MB。", limit=MAX_BYTES >> 20))
    own = fetch_one("SELECT sum(size) FROM {upload} WHERE actor_id = ?", (actor_id,))
    if size + int((own and own[0]) or 0) > PERSON_OPEN_BYTES:
        sentence = message(
            "您上传了还没有用掉的文件已接近 {limit} MB：请等它们用掉，或者一天后再传。", limit=PERSON_OPEN_BYTES >> 20
        )
        raise TooLarge("own_uploads_full", sentence)
    kept = fetch_one("SELECT sum(size) FROM {upload_part}")
    if size + int((kept and kept[0]) or 0) > MAX_OPEN_BYTES:
        sentence = message("大家上传了还没有用掉的文件已接近 {limit} MB，请过些时候再试。", limit=MAX_OPEN_BYTES >> 20)
        raise TooLarge("uploads_full", sentence)


def put_part(upload_id: str, actor_id: int, number: int, data: bytes) -> Upload:
    """Keep one part of at most 4 MB; the file is complete when all its bytes are here.

    Raises `NotFound`, `TooLarge`, and `Conflict` when the file is complete already or would become too long.
    """
    if not data:
        raise MalformedInput("upload_malformed", message("上传的一段是空的。"))
    if len(data) > PART_BYTES:
        raise TooLarge("part_too_large", message("每段最多 {limit} MB。", limit=PART_BYTES // 1024 // 1024))

    def work() -> Upload:
        _lock_row(upload_id)
        upload = find_upload(upload_id, actor_id)
        if upload.complete:
            raise Conflict("upload_complete", message("这个文件已经传完了。"))
        if not 0 <= number <= upload.size:
            raise MalformedInput("upload_malformed", message("没有第 {number} 段。", number=number))
        execute("DELETE FROM {upload_part} WHERE upload_id = ? AND number = ?", (upload_id, number))
        execute(
            "INSERT INTO {upload_part} (upload_id, number, size, data) VALUES (?, ?, ?, ?)",
            (upload_id, number, len(data), data),
        )
        row = fetch_one("SELECT sum(size), count(*), max(number) FROM {upload_part} WHERE upload_id = ?", (upload_id,))
        received, count, last = (int(value) for value in row or (0, 0, 0))
        if received > upload.size:
            raise Conflict("upload_too_long", message("传来的内容比说好的长。"))
        if received == upload.size and count == last + 1:
            execute("UPDATE {upload} SET state = 'complete' WHERE id = ?", (upload_id,))
        return find_upload(upload_id, actor_id)

    return run_unit(work)


def find_upload(upload_id: str, actor_id: int) -> Upload:
    """Return an upload of this actor. Raises `NotFound`, also for another's, so that ids tell nothing."""
    row = fetch_one(
        "SELECT u.id, u.actor_id, u.name, u.size, u.sha256, u.state, u.expires_at, "
        "(SELECT sum(p.size) FROM {upload_part} p WHERE p.upload_id = u.id) "
        "FROM {upload} u WHERE u.id = ?",
        (upload_id,),
    )
    if row is None or row[1] != actor_id:
        raise NotFound("upload_unknown", message("没有这个上传的文件，它可能已过期，请重新上传。"))
    return Upload(row[0], row[1], row[2], row[3], row[4], int(row[7] or 0), row[5] == "complete", row[6])


def incomplete() -> Conflict:
    """Return the refusal of a file that is not here as a whole yet."""
    return Conflict("upload_incomplete", message("文件还没有传完。"))


@contextmanager
def assembled(
    upload_id: str, actor_id: int, folder: Path | None = None, progress: Progress = no_progress
) -> Iterator[Path]:
    """Put a complete file together under its own name in a temporary folder, removed afterwards.

    That one is made in `folder`, where the disk has room for what comes of it, else where the system has such folders.
    Raises `NotFound`, `Conflict` while parts are missing, `MalformedInput` when the content is not what was announced.
    """
    upload = find_upload(upload_id, actor_id)
    if not upload.complete:
        raise incomplete()
    with workroom() if folder is None else _beside(folder) as made:
        path = made / upload.name
        digest = hashlib.sha256()
        with path.open("wb") as file:
            for data in read_parts(upload_id):
                digest.update(data)
                file.write(data)
                progress(file.tell(), upload.size, message("正在取出上传的文件。"))
        if path.stat().st_size != upload.size or (upload.sha256 and digest.hexdigest() != upload.sha256):
            raise MalformedInput("upload_differs", message("传来的内容与原文件不一致，请重新上传。"))
        yield path


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=UNDER_WAY, dir=folder, ignore_cleanup_errors=True) as made:
        yield Path(made)


def read_parts(upload_id: str) -> Iterator[bytes]:
    """Yield a file's parts in order, one at a time, so that a large file never stands in memory."""
    numbers = [
        row[0]
        for row in fetch_all("SELECT number FROM {upload_part} WHERE upload_id = ? ORDER BY number", (upload_id,))
    ]
    for number in numbers:
        row = fetch_one("SELECT data FROM {upload_part} WHERE upload_id = ? AND number = ?", (upload_id, number))
        if row is None:
            raise NotFound("upload_unknown", message("没有这个上传的文件，它可能已过期，请重新上传。"))
        yield bytes(row[0])


def keep_file(path: Path, actor_id: int) -> Upload:
    """Keep a file that a job made, such as an export, until its actor fetches it or it expires."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        upload = begin_upload(actor_id, path.name, path.stat().st_size, digest)
        file.seek(0)
        number = 0
        while data := file.read(PART_BYTES):
            upload = put_part(upload.id, actor_id, number, data)
            number += 1
    return upload


def forget_upload(upload_id: str, actor_id: int) -> None:
    """Remove an upload and its parts. Raises `NotFound`."""

    def work() -> None:
        find_upload(upload_id, actor_id)
        _remove(upload_id)

    run_unit(work)


def forget_expired(clock: Clock = book_now_ms) -> int:
    """Remove what was not used within a day; return how many files that were."""
    now = clock()
    return run_unit(lambda: _forget_expired(now))


def _forget_expired(now: int) -> int:
    expired = [row[0] for row in fetch_all("SELECT id FROM {upload} WHERE expires_at <= ?", (now,))]
    for upload_id in expired:
        _remove(upload_id)
    return len(expired)


def _remove(upload_id: str) -> None:
    _lock_row(upload_id)  # else a part may come between the two
    execute("DELETE FROM {upload_part} WHERE upload_id = ?", (upload_id,))
    execute("DELETE FROM {upload} WHERE id = ?", (upload_id,))


def _lock_row(upload_id: str) -> None:
    if not current_book().is_sqlite:
        fetch_one("SELECT id FROM {upload} WHERE id = ? FOR UPDATE", (upload_id,))
