"""Paths as people type them."""

from __future__ import annotations

from pathlib import Path

from app.kernel.errors import MalformedInput, NotFound
from app.kernel.text import message

LONGEST_PATH = 1000
LONGEST_NAME = 240
"""Characters of one name; files of a book add an ending of their own."""


def home_path(typed: str) -> Path:
    """Return what was typed as a path; `~` is the home folder, and what names nobody's home is taken as it stands."""
    path = Path(typed)
    try:
        return path.expanduser()
    except RuntimeError:  # `~somebody` whom this system does not know
        return path


def file_path(typed: str) -> Path:
    """Return what was typed as the path of a file to be made. Raises `MalformedInput` where no file can have it."""
    path = home_path(typed)
    if not path.name or any(len(part) > LONGEST_NAME for part in path.parts):
        raise MalformedInput("path_malformed", message("“{path}”不能作文件名，请换一个。", path=typed))
    return path


def existing_path(typed: str) -> Path:
    """Return a path that is there; looks at the disk, so call it off the UI thread. Raises `NotFound`."""
    path = home_path(typed)
    try:
        found = path.exists()
    except OSError:  # a name too long, a share that is away
        found = False
    if not found:
        raise NotFound("file_missing", message("找不到“{path}”，请重新选择文件或文件夹。", path=typed))
    return path
