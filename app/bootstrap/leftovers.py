"""What programs that were killed have left in the folder for temporary files.

A one-file program unpacks itself into a folder there, a hundred megabytes, and removes it at its end; killed, it
cannot. The folder's name holds the process that unpacked it (`_MEI`, eight hexadecimal digits, then anything), a file
inside tells that it is one of ours, and another which process runs from it. A folder goes only when both are dead.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sys
import time
from pathlib import Path

logger = logging.getLogger(__name__)

MARK = "0-zhangfang"
"""A file of every one-file program, by its name the first to be unpacked (installer.spec puts it there)."""
OWNER = "zhangfang.process"
"""Written at the start: which process runs from the folder."""
YOUNG_S = 5.0
"""A folder that was touched so lately may be one that somebody begins to use."""
_NAME = re.compile(r"_MEI([0-9a-f]{8})\w*", re.IGNORECASE)
_CONDEMNED = "zhangfang-leftover-"
"""How the name of a folder begins while it is being removed."""
_WINDOWS_EPOCH_S = 11_644_473_600
"""From 1601, where Windows begins to count, to 1970."""
_CLOCK_DOUBT_S = 2.0
_NEW_SETTINGS = re.compile(r"settings\.toml\w+\.new")


def unpacked_folder() -> Path | None:
    """Return where this program unpacked itself, or `None` when it is not a one-file program."""
    folder = getattr(sys, "_MEIPASS", None)
    return Path(folder) if folder and _NAME.fullmatch(Path(folder).name) else None


def unpacker(folder: Path) -> int:
    """Return the process that unpacked a folder, which is in its name."""
    name = _NAME.fullmatch(folder.name)
    return int(name[1], 16) if name else 0


def sign_unpacked_folder() -> None:
    """Note in the unpacked folder that this process runs from it."""
    folder = unpacked_folder()
    if folder is not None:
        with contextlib.suppress(OSError):  # then the process in its name must do
            (folder / OWNER).write_text(json.dumps({"process": os.getpid(), "at": time.time()}), encoding="ascii")


def sweep_unpacked() -> int:
    """Remove what dead one-file programs unpacked, for as long as it takes; return how many folders went.

    Looks only beside the folder this program itself was unpacked to. Never raises `OSError`.
    """
    own = unpacked_folder()
    if own is None:
        return 0
    gone = sum(_remove(folder) for folder in stale_folders(own.parent) if folder != own)
    if gone:
        logger.info("removed %d folders of runs that were killed", gone)
    return gone


def sweep_settings(data_folder: Path) -> None:
    """Remove half-written settings; only for the one window, which alone writes them, and while it writes none."""
    with contextlib.suppress(OSError):
        for path in data_folder.iterdir():
            if _NEW_SETTINGS.fullmatch(path.name):
                path.unlink(missing_ok=True)


def stale_folders(place: Path) -> list[Path]:
    """Return the folders of ours in this place that nobody runs from any more."""
    try:
        found = [path for path in place.iterdir() if _NAME.fullmatch(path.name.removeprefix(_CONDEMNED))]
    except OSError:
        return []
    return [path for path in found if _is_ours(path) and _is_dead(path)]


def _is_ours(folder: Path) -> bool:
    """Tell whether a folder, no link, belongs to this person and was made by this program."""
    try:
        if folder.is_symlink() or not folder.is_dir():
            return False
        if sys.platform != "win32" and folder.stat().st_uid != os.getuid():
            return False
        named = folder.name.startswith(_CONDEMNED)
        return named or (folder / MARK).is_file() or (folder / OWNER).is_file()
    except OSError:
        return False


def _is_dead(folder: Path) -> bool:
    """Tell whether nobody runs from a folder: neither who unpacked it nor who signed it lives."""
    if folder.name.startswith(_CONDEMNED):
        return True
    processes = [(unpacker(folder), _changed_s(folder / MARK) or _changed_s(folder))]
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        owner = json.loads((folder / OWNER).read_text(encoding="ascii"))
        processes.append((int(owner["process"]), int(owner["at"])))
    young = time.time() - _changed_s(folder) < YOUNG_S
    return not young and not any(_lived_at(process, moment_s) for process, moment_s in processes)


def _lived_at(process: int, moment_s: float) -> bool:
    """Tell whether a process lives that lived at that moment (seconds since 1970): numbers are used again."""
    from app.storage.processes import process_start

    began = process_start(process)
    if began is None or not began[0].isdigit():
        return began is not None
    if sys.platform == "win32":
        high, low = began.split(".")
        began_s = ((int(high) << 32) + int(low)) / 1e7 - _WINDOWS_EPOCH_S
    else:
        since_boot_s = int(began) / os.sysconf("SC_CLK_TCK")
        began_s = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + since_boot_s
    return began_s < moment_s + _CLOCK_DOUBT_S


def _changed_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _remove(folder: Path) -> bool:
    """Remove a folder whole: under another name first, which Windows refuses while anything in it is in use."""
    import shutil

    condemned = folder.with_name(_CONDEMNED + folder.name.removeprefix(_CONDEMNED))
    try:
        folder.rename(condemned)
        shutil.rmtree(condemned)
    except OSError as error:
        logger.info("%s stays: %s", folder, error)
        return False
    return True
