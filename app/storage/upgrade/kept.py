"""The files an upgrade keeps, and the way back to one of them.

`甲公司.zhangfang` upgraded leaves `甲公司.更新前-0.1.0-20260731-093000-123.zhangfang` beside it, the book as the
program 0.1.0 left it. Gone back to, the upgraded one becomes `甲公司.更新后-0.2.0-….zhangfang`. None is ever deleted.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.kernel.errors import Conflict, NotFound
from app.kernel.text import message
from app.storage.backup import disk_faults, read_only_uri
from app.storage.faults import translated_faults
from app.storage.kept_names import AFTER, BEFORE, kept_name, short_stem
from app.storage.lock import BookLock
from app.storage.migrate import last_program
from app.storage.upgrade.guard import FileGuard
from app.storage.upgrade.look import lacking
from app.storage.upgrade.swap import recover, swap

_TAIL = r"-(?P<version>[0-9A-Za-z.+]+)-(?P<moment>\d{8}-\d{6}-\d{3})"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was kept when a book was upgraded."""

    path: Path
    version: str
    """The version of the program the file is for."""
    at: datetime.datetime
    """When it was kept, in China's time."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What going back to a kept file would put out of sight: work done since the upgrade."""

    new: int
    """Vouchers made since."""
    changed: int
    """Vouchers that were there and have been changed, posted or deleted since."""


def kept_files(place: Path) -> list[KeptFile]:
    """Return the files kept by upgrades of a book, the latest first; none where the folder cannot be read."""
    return _marked(place, BEFORE)


def went_back(place: Path) -> bool:
    """Tell whether the book was last taken back to what it was before an upgrade."""
    after, before = _marked(place, AFTER), _marked(place, BEFORE)
    return bool(after) and (not before or after[0].at > before[0].at)


def _marked(place: Path, mark: str) -> list[KeptFile]:
    found = []
    with contextlib.suppress(OSError):
        for path in place.parent.iterdir():
            match = re.fullmatch(rf"(?P<stem>.+)\.{mark}{_TAIL}{re.escape(place.suffix)}", path.name)
            if match is not None and match["stem"] == short_stem(place.stem, path.name.removeprefix(match["stem"])):
                with contextlib.suppress(ValueError):  # figures that are no day or time
                    moment = datetime.datetime.strptime(f"{match['moment']}000+0800", "%Y%m%d-%H%M%S-%f%z")
                    found.append(KeptFile(path, match["version"], moment))
    return sorted(found, key=lambda kept: kept.at, reverse=True)


def loss(place: Path, kept: Path) -> Loss:
    """Count what going back would put out of sight. The book may be open. Raises `NotFound`, `EnvironmentFault`."""
    with _both(place, kept) as connection:
        new = connection.execute("SELECT count(*) FROM main.voucher WHERE id NOT IN (SELECT id FROM old.voucher)")
        changed = connection.execute(
            "SELECT count(*) FROM old.voucher o LEFT JOIN main.voucher v ON v.id = o.id "
            "WHERE v.id IS NULL OR v.version <> o.version OR v.state <> o.state"
        )
        return Loss(int(new.fetchone()[0]), int(changed.fetchone()[0]))


def go_back(place: Path, kept: Path) -> Path:
    """Give a kept file the book's name again; return where the upgraded book was set aside.

    Nobody may have either open. Raises `NotFound`, `Conflict` (`another_book`, `kept_not_older`, `book_in_use`,
    `book_open_elsewhere`), `EnvironmentFault`; then everything is as it was.
    """
    _refuse_another_book(place, kept)
    with contextlib.ExitStack() as stack:
        for path in (place, kept):
            stack.callback(BookLock(path).acquire(alone=True).release)
        with disk_faults():
            recover(place)
        guards = [stack.enter_context(FileGuard(path)) for path in (place, kept)]
        if not lacking(guards[1].applied_rows) and any(found.path.samefile(kept) for found in kept_files(place)):
            raise Conflict(
                "kept_not_older",
                message("“{kept}”后来被打开并更新过，不再是旧版的账簿；它更新前的样子在它旁边。", kept=kept),
            )
        aside = place.with_name(kept_name(place.stem, place.suffix, AFTER, last_program(guards[0].applied_rows)))
        for guard in guards:
            guard.settle()
        with disk_faults():
            swap(place, aside, kept)
    return aside


def _refuse_another_book(place: Path, kept: Path) -> None:
    """Raise `Conflict` (`another_book`) unless both began with the same change, whatever the files are called now."""
    first = "SELECT at FROM {}.audit_log ORDER BY id LIMIT 1"
    with _both(place, kept) as connection:
        begun = {connection.execute(first.format(name)).fetchone() for name in ("main", "old")}
    if len(begun) > 1:
        raise Conflict("another_book", message("“{kept}”不是“{path}”更新前留存的账簿。", kept=kept, path=place))


@contextlib.contextmanager
def _both(place: Path, kept: Path) -> Iterator[sqlite3.Connection]:
    """Read both files over one connection, the kept one as `old`. Raises `NotFound`, `EnvironmentFault`."""
    for path in (place, kept):
        _require(path)
    with translated_faults(), contextlib.closing(sqlite3.connect(_uri(place), uri=True)) as connection:
        connection.execute("ATTACH ? AS old", (_uri(kept),))
        yield connection


def _require(path: Path) -> None:
    if not path.is_file():
        raise NotFound("book_missing", message("没有账簿文件“{path}”。", path=path))


def _uri(path: Path) -> str:
    alone = not any(path.with_name(path.name + suffix).exists() for suffix in ("-wal", "-journal"))
    return read_only_uri(path, immutable=alone)
