"""Documents on this computer: fetched into a private folder that goes away with the program."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from app.client.api import ApiClient
from app.contract.voucher_work import Attachment
from app.kernel.text import file_name

IMAGES = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"))
OPENED: Mapping[str, frozenset[str]] = {
    "image/png": frozenset((".png",)),
    "image/jpeg": frozenset((".jpg", ".jpeg")),
    "image/gif": frozenset((".gif",)),
    "image/webp": frozenset((".webp",)),
    "image/bmp": frozenset((".bmp",)),
    "image/tiff": frozenset((".tif", ".tiff")),
    "application/pdf": frozenset((".pdf",)),
    "application/ofd": frozenset((".ofd",)),
    "text/plain": frozenset((".txt", ".csv")),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": frozenset((".xlsx",)),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": frozenset((".docx",)),
}
"""What may be handed to the system's program, by content and by the endings its name may have: the system chooses by
the ending, and a text named `.url`, `.desktop` or the like would be run. The rest is only saved where the user says."""


def may_be_opened(attachment: Attachment) -> bool:
    """Tell whether a document may be handed to the system's program for it."""
    ending = PurePosixPath(file_name(attachment.name).lower()).suffix
    return ending in OPENED.get(attachment.media_type, frozenset())


@cache
def _private_folder() -> tempfile.TemporaryDirectory[str]:
    """Only this user may look into it; Python removes it when the program ends."""
    return tempfile.TemporaryDirectory(prefix="zhangfang-", ignore_cleanup_errors=True)


def fetch_privately(api: ApiClient, attachment: Attachment) -> Path:
    """Return a private copy of a document, fetched once."""
    folder = Path(_private_folder().name) / f"{attachment.id}-{attachment.sha256[:12]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / file_name(attachment.name)
    if not target.exists() or target.stat().st_size != attachment.size:
        api.download_attachment(attachment.id, target, lambda _done, _total: None)
    return target


def size_text(size: int) -> str:
    """Return a size as people read it."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size // 1024:,} KB"
    return f"{size // 1024 // 1024:,}.{size * 10 // 1024 // 1024 % 10} MB"
