"""Portable mode: a file named `portable.txt` beside the program keeps everything in that folder, say on a USB stick.

The marker is looked for once in a process: a stick that is pulled out while the program runs must not make it write its
settings into the home folder of somebody else's computer.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from functools import cache
from pathlib import Path

from app.kernel.errors import EnvironmentFault
from app.kernel.text import message

MARKER = "portable.txt"
DATA_NAME = "zhangfang-data"
"""Settings, log, crash reports, locks and unfinished work, in one folder beside the program."""
BOOKS_NAME_ZH = "账簿"
BOOKS_NAME_EN = "books"
TEMPORARY_NAME = "temp"
_LEFT_BEHIND_S = 2 * 86_400
_BESIDE = "./"
"""How the address of a book begins in the settings file when it lies in the portable folder; always with `/`."""


def program_folder() -> Path:
    """Return where the program lies: the folder of the exe when built, else the root of the source tree.

    A one-file program unpacks itself elsewhere, but `sys.executable` names the file that was started.
    """
    # Nothing is resolved but a link to the program: Windows would make a server's name out of a mapped drive's letter.
    if not getattr(sys, "frozen", False):
        return Path(__file__).absolute().parents[1]
    started = Path(sys.executable)
    return (started.resolve() if started.is_symlink() else started.absolute()).parent


def marked_folder() -> Path | None:
    """Return the program's folder if the marker lies in it; the same answer as long as the process runs."""
    return _marked(program_folder())


@cache
def _marked(folder: Path) -> Path | None:
    return folder if (folder / MARKER).is_file() else None


def prepare_portable(folder: Path) -> None:
    """Make the data folder in a marked folder and let temporary files lie in it. Call it before anything is opened.

    Raises `EnvironmentFault` (`portable_read_only`) when it cannot be written: quietly going on in the home folder
    would leave on a borrowed computer what the marker promises to keep off it.
    """
    import tempfile  # here, for it takes some milliseconds of every start

    temporary = folder / DATA_NAME / TEMPORARY_NAME
    try:
        temporary.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=temporary) as probe:
            probe.write(b"0")
    except OSError as error:
        raise EnvironmentFault(
            "portable_read_only",
            message(
                "便携模式要把一切存放在“{folder}”里，但这个文件夹不能写入。"
                "请把整个文件夹拷到能写入的地方再打开；或者删去其中的 {marker}，改用系统的数据文件夹。",
                folder=folder,
                marker=MARKER,
            ),
        ) from error
    _tidy(temporary)
    # Not through the environment: a browser started from here would put its own files on the stick. SQLite keeps what
    # it needs for a while in memory (app.storage.engines).
    tempfile.tempdir = str(temporary)


def _tidy(temporary: Path) -> None:
    """Remove what runs that were killed have left; the system does that for its own folder, nobody for this one."""
    oldest = time.time() - _LEFT_BEHIND_S
    with contextlib.suppress(OSError):  # next time, then
        for path in temporary.iterdir():
            if path.lstat().st_mtime < oldest and path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.lstat().st_mtime < oldest:
                path.unlink()


def books_folder(folder: Path, *, english: bool) -> Path:
    """Return where new books go in a marked folder: the one that is there already, else one named in the language."""
    names = (BOOKS_NAME_EN, BOOKS_NAME_ZH) if english else (BOOKS_NAME_ZH, BOOKS_NAME_EN)
    return next((folder / name for name in names if (folder / name).is_dir()), folder / names[0])


def to_stored(address: str, folder: Path) -> str:
    """Return a book's address as it is kept in a marked folder: relative to it when the file lies inside.

    So a stick that gets another drive letter on another computer still finds its books.
    """
    if not address or "://" in address:
        return address
    with contextlib.suppress(ValueError):  # it lies elsewhere
        return _BESIDE + Path(address).absolute().relative_to(folder).as_posix()
    return address


def from_stored(stored: str, folder: Path) -> str:
    """Return the full address for what `to_stored` made."""
    return str(folder / stored.removeprefix(_BESIDE)) if stored.startswith(_BESIDE) else stored
