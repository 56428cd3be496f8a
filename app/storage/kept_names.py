"""How the files are called that upgrades keep."""

from __future__ import annotations

import datetime
import sys

from app.kernel.clock import CHINA_OFFSET, utc_ms

BEFORE, AFTER = "更新前", "更新后"
LONGEST_NAME = 230
"""Bytes of a file name that every file system takes, with room for what SQLite and we put behind it."""


def kept_name(title: str, suffix: str, mark: str, version: str) -> str:
    """Return the name of a book's state `BEFORE` or `AFTER` an upgrade: for which version, and kept when."""
    moment = datetime.datetime.fromtimestamp(utc_ms() / 1000, CHINA_OFFSET).strftime("%Y%m%d-%H%M%S-%f")[:-3]
    tail = f".{mark}-{version}-{moment}{suffix}"
    return short_stem(title, tail) + tail


def short_stem(title: str, tail: str) -> str:
    """Return as much of a book's name as fits before the tail."""
    while len((title + tail).encode(sys.getfilesystemencoding(), "surrogatepass")) > LONGEST_NAME and len(title) > 1:
        title = title[:-1]
    return title
