"""What is left to say of the last run, when it did not end properly: for the next one to tell, once."""

from __future__ import annotations

import contextlib
from pathlib import Path

from app.bootstrap.diagnostics import CRASH_FILE
from app.bootstrap.instance import Running
from app.logs import FILE_NAME
from app.ui.runtime import StartNotice
from app.version import PROGRAM_NAME_EN, VERSION

_MOST_CRASH_BYTES = 20_000
_LOG_LINES = 40
_LOG_BYTES = 16_000
MOST_KEPT_BYTES = 500_000
"""A crash report larger than this begins anew once it was told."""


def crash_bytes(log_folder: Path) -> int:
    """Return how large the crash report is now; it grows only when the interpreter itself dies."""
    try:
        return (log_folder / CRASH_FILE).stat().st_size
    except OSError:
        return 0


def look_back(left: Running | None, log_folder: Path) -> list[StartNotice]:
    """Return what to say of the run that left its file behind. Call it before this run writes its log.

    A crash of the interpreter or of Qt comes with its report and the log's last lines; a run that was killed, or whose
    computer lost power, only with the lines.
    """
    report = _report_since(left.crash_bytes if left is not None else crash_bytes(log_folder), log_folder)
    if left is None:
        return []
    lines = _last_lines(log_folder / FILE_NAME)
    head = f"{PROGRAM_NAME_EN} {VERSION}; process {left.process}, began {left.began}"
    if report:
        return [StartNotice("crashed", f"{head}\n\n{report}\n\n{lines}")]
    return [StartNotice("cut_off", f"{head}\n\n{lines}")]


def forget_old_reports(log_folder: Path) -> None:
    """Empty a crash report that has grown large; what is in it was told."""
    if crash_bytes(log_folder) > MOST_KEPT_BYTES:
        with contextlib.suppress(OSError):
            (log_folder / CRASH_FILE).write_bytes(b"")


def _report_since(start: int, log_folder: Path) -> str:
    return _tail(log_folder / CRASH_FILE, max(start, crash_bytes(log_folder) - _MOST_CRASH_BYTES)).strip()


def _last_lines(path: Path) -> str:
    try:
        size = path.stat().st_size
    except OSError:
        return ""
    return "\n".join(_tail(path, max(size - _LOG_BYTES, 0)).splitlines()[-_LOG_LINES:])


def _tail(path: Path, start: int) -> str:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
