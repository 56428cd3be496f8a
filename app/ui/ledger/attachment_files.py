"""Documents on this computer: fetched into a private folder that goes away with the program."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from app.client.api import ApiClient
from app.contract.voucher_work import Attachment

IMAGES = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"))
OPENED = IMAGES | {
    "application/pdf",
    "application/ofd",
    "text/plain",
    "image/tiff",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""What may be handed to the system's program for it; everything else is only saved where the user says."""


@cache
def _private_folder() -> tempfile.TemporaryDirectory[str]:
    """Only this user may look into it; Python removes it when the program ends."""
    return tempfile.TemporaryDirectory(prefix="zhangfang-", ignore_cleanup_errors=True)


def fetch_privately(api: ApiClient, attachment: Attachment) -> Path:
    """Return a private copy of a document, fetched once."""
    folder = Path(_private_folder().name) / f"{attachment.id}-{attachment.sha256[:12]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / attachment.name
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
