"""The system's own lock on an open file: held by one process at a time, gone when that process is, however it ended."""

from __future__ import annotations

import os
import sys

GUARD_OFFSET = 1 << 20
"""Windows forbids others to read bytes that are locked, so a byte past the text is."""


def try_guard(file: int) -> bool:
    """Lock an open file descriptor until it is closed; return False when another holds it. Never waits."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(file, GUARD_OFFSET, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
