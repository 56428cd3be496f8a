"""One file takes another's name, and whatever stops it on the way, a book stands under that name afterwards.

The old file gets a second name (a hard link), then the new one replaces the first name in one step of the file system:
at no moment is the name empty. A disk without hard links (FAT on a memory stick) needs two renames; for the moment
between them, and to clear a second name that was left over, a note lies beside the book until all is done.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from pathlib import Path

logger = logging.getLogger(__name__)

NOTE_SUFFIX = "-swap"
"""What the note's name adds to the book's, as SQLite does with its own files."""


def swap(place: Path, aside: Path, incoming: Path) -> None:
    """Give `incoming` the name `place`; what was there is `aside` afterwards. All three are in one folder, and closed.

    Each step is on the disk before the next begins. Raises `OSError` when it could not be done; then `place` is as it
    was. Both files are single: no write-ahead log belongs to them.
    """
    _sync_file(incoming)
    note = note_path(place)
    _write_note(note, aside)
    try:
        _set_aside(place, aside)
        sync_folder(place.parent)
        incoming.replace(place)
    except BaseException:
        with contextlib.suppress(OSError):
            recover(place)
        raise
    sync_folder(place.parent)
    note.unlink()


def recover(place: Path) -> bool:
    """Finish what a swap that was stopped left behind; return whether there was any. Call it holding the book's lock.

    The file that was there before has its name again, unless the new one has it already. Raises `OSError`.
    """
    note = note_path(place)
    try:
        text = note.read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    name = _aside_name(text)
    aside = place.with_name(name) if name else None
    if aside is not None and aside.exists():
        if not place.exists():
            aside.rename(place)
            logger.warning("a swap was stopped between two renames: %s has its name again", place)
        elif place.samefile(aside):
            aside.unlink()
            logger.warning("a swap was stopped before the new file came: the second name of %s is gone", place)
    sync_folder(place.parent)
    note.unlink()
    return True


def note_path(place: Path) -> Path:
    """Return where the note of a swap under way lies."""
    return place.with_name(place.name + NOTE_SUFFIX)


def is_unfinished(place: Path) -> bool:
    """Tell whether a swap of this name was stopped, or is under way."""
    with contextlib.suppress(OSError):  # a name too long for a note was never swapped
        return note_path(place).exists()
    return False


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk. Windows does so by itself, in the order of the changes."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _set_aside(place: Path, aside: Path) -> None:
    try:
        os.link(place, aside)  # unlike a rename, never replaces a file of that name
    except FileExistsError:
        raise
    except OSError:
        if aside.exists():
            raise
        place.rename(aside)


def _write_note(note: Path, aside: Path) -> None:
    with note.open("w", encoding="utf-8") as file:
        json.dump({"aside": aside.name}, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(note.parent)


def _aside_name(text: str) -> str:
    """Return the name in a note; one torn by a crash was written before anything was renamed, and names nothing."""
    try:
        return Path(str(json.loads(text)["aside"])).name
    except (ValueError, TypeError, KeyError):
        return ""


def _sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
