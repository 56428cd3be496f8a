"""One look at the version file, and a copy of the last good one: the notice outlives the day it was fetched."""

from __future__ import annotations

import contextlib
import datetime
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.client.update_fetch import Fetch
from app.client.update_notice import MAX_FILE_BYTES, VersionNotice, admit_notice, read_notice
from app.kernel.errors import ZhangfangError

KEPT_NAME = "version-notice.txt"


@dataclass(frozen=True, slots=True)
class UpdateSource:
    """Where the version file comes from, who signs it, and the highest version it has named so far (or empty)."""

    url: str
    key: str
    seen: str = ""


def look(fetch: Fetch, source: UpdateSource, folder: Path, today: datetime.date) -> VersionNotice:
    """Fetch the file, check it and keep a copy in `folder`; blocks.

    Raises as `Fetch.run`, `read_notice` and `admit_notice`.
    Where the copy cannot be written there is none; the notice counts all the same.
    """
    data = fetch.run()
    notice = read_notice(data, source.key)
    admit_notice(notice, seen=source.seen, today=today)
    with contextlib.suppress(OSError):
        _keep(data, folder)
    return notice


def kept_notice(source: UpdateSource, folder: Path, today: datetime.date) -> VersionNotice | None:
    """Return what the copy says, checked as if it had just been fetched; `None` without one that is still good."""
    try:
        with (folder / KEPT_NAME).open("rb") as file:
            notice = read_notice(file.read(MAX_FILE_BYTES + 1), source.key)
        admit_notice(notice, seen=source.seen, today=today)
    except (OSError, ZhangfangError):
        return None
    return notice


def _keep(data: bytes, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=KEPT_NAME, suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(folder / KEPT_NAME)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
