"""Private folders for work under way: a process that is killed leaves its own behind, with what it read from a book."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.storage.processes import own_start, process_start

_BEGIN = "zhangfang-work-"
_NAME = re.compile(_BEGIN + r"(\d+)-([0-9a-f]{8})-\w+")
SWEPT_AFTER_S = 3600.0
"""Younger ones are left: where containers share the folder, a process that cannot be seen may be at work."""


@contextmanager
def workroom() -> Iterator[Path]:
    """Give a folder of this process's own among the system's temporary ones, removed afterwards whatever happens."""
    begin = f"{_BEGIN}{os.getpid()}-{_mark(own_start())}-"
    with tempfile.TemporaryDirectory(prefix=begin, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def sweep_workrooms() -> int:
    """Remove the folders of processes that are gone; return how many went. Never raises `OSError`."""
    gone = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{_BEGIN}*"):
        if _is_left(folder):
            shutil.rmtree(folder, ignore_errors=True)
            gone += not folder.exists()
    return gone


def _is_left(folder: Path) -> bool:
    name = _NAME.fullmatch(folder.name)
    if name is None or folder.is_symlink():
        return False
    try:
        age_s = time.time() - folder.stat().st_mtime
    except OSError:
        return False
    started = process_start(int(name[1]))
    return age_s > SWEPT_AFTER_S and (started is None or _mark(started) != name[2])


def _mark(started: str) -> str:
    return hashlib.sha256(started.encode()).hexdigest()[:8]
