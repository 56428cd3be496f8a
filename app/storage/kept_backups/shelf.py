"""One folder of kept backups and what is known of them: an index beside the files, which can be made anew from them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from app.file_guard import try_guard
from app.kernel.errors import EnvironmentFault
from app.kernel.text import message
from app.storage.backup import PART_SUFFIX, SQLITE_FILES, disk_faults
from app.storage.kept_backups.naming import OTHER, SUFFIX, fit_title, read_name
from app.storage.kept_backups.proof import FULL, NONE, QUICK, digest_of
from app.storage.places import make_private
from app.storage.progress import Cancelled, WorkCancelled, never_cancelled
from app.storage.removable import open_removable

logger = logging.getLogger(__name__)

INDEX = "index.json"
INDEX_VERSION = 1
LOCK = ".lock"
LOCK_WAIT_S = 600
HASH_LENGTH = 8

_IN_USE = ("-wal", "-journal", "-lock")
"""What lies beside a file that somebody has open as a book, or that a crash left with its last changes apart."""

CHANGED, UNREADABLE, FAULTY = "changed", "unreadable", "faulty"
"""What may be wrong with a backup: it is not the file that was written; it cannot be read; the ledger in it does not
hold."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a backup; times in UTC ms, 0 where something never happened."""

    name: str
    made_at: int
    reason: str
    size: int
    modified_ns: int = 0
    sha256: str = ""
    vouchers: int | None = None
    head: str = ""
    mark: str = ""
    proof: str = NONE
    proved_at: int = 0
    seen_at: int = 0
    """When its bytes were last compared with their hash."""
    damage: str = ""

    @property
    def is_sound(self) -> bool:
        """Nothing is known against it."""
        return not self.damage

    @property
    def is_proven(self) -> bool:
        """It is sound and passed the full proof."""
        return self.is_sound and self.proof == FULL


def shelf_folder(root: Path, title: str, identity: str) -> Path:
    """Return the folder of one book below `root`: its name and a short hash of what tells it from all others.

    A folder that is there already for this hash is used, whatever the book was called then.
    """
    mark = hashlib.sha256(identity.encode()).hexdigest()[:HASH_LENGTH]
    with contextlib.suppress(OSError):
        for folder in sorted(root.glob(f"*-{mark}")):
            return folder
    return root / f"{fit_title(title)}-{mark}"


class Shelf:
    """A folder of backups of one book. Changes are made while `locked`, by one process at a time."""

    def __init__(self, folder: Path, home: Path) -> None:
        """Name the folder, and the folder on a local disk that holds the lock and what a network drive cannot."""
        self.folder = folder
        self.home = home

    def path(self, kept: Kept) -> Path:
        """Return where a backup lies."""
        return self.folder / kept.name

    def read(self) -> list[Kept]:
        """Return the backups, newest first: what the index says, and what is there without it. Takes no lock."""
        known = _noted_in(self.folder)
        found = []
        try:
            entries = [entry for entry in os.scandir(self.folder) if _is_backup(entry)]
        except FileNotFoundError:
            return []
        except OSError as error:
            logger.warning("the folder of backups cannot be read: %s", error)
            return []
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                found.append(_seen(known.get(entry.name), entry.name, entry.stat()))
        return sorted(found, key=lambda kept: (kept.made_at, kept.name), reverse=True)

    def write(self, backups: Iterable[Kept]) -> None:
        """Write the index, through a file of its own, so that a crash leaves the old one. Raises `EnvironmentFault`."""
        content = {
            "version": INDEX_VERSION,
            "backups": [asdict(kept) for kept in sorted(backups, key=lambda kept: kept.name)],
        }
        with disk_faults():
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=f".{INDEX}-", suffix=PART_SUFFIX)
            try:
                with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                    json.dump(content, file, ensure_ascii=False, indent=1)
                Path(name).replace(self.folder / INDEX)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise

    def note(self, changed: Kept) -> None:
        """Write what was learnt of one backup, unless it is gone by now. Needs the lock."""
        backups = self.read()
        if any(kept.name == changed.name for kept in backups):
            self.write(changed if kept.name == changed.name else kept for kept in backups)

    def remove(self, backups: Iterable[Kept]) -> list[str]:
        """Delete backups and return the names of those that are gone.

        One that somebody has open stays until the next time. One that is no longer what was written stays for good:
        somebody may have opened it as a book and worked in it.
        """
        gone = []
        for kept in backups:
            try:
                if self._is_as_written(kept):
                    self.path(kept).unlink(missing_ok=True)
                    gone.append(kept.name)
                else:
                    logger.warning("backup %s is not what was written and is not removed", kept.name)
            except (OSError, EnvironmentFault) as error:
                logger.info("a backup could not be removed: %s", error)
        return gone

    def sweep(self) -> None:
        """Take away what a process that was killed left half written. Needs the lock, so that nobody is writing."""
        for folder in {self.folder, self.home}:
            with contextlib.suppress(OSError):
                for entry in list(os.scandir(folder)):
                    if _is_litter(entry.name):
                        Path(entry.path).unlink(missing_ok=True)

    def make(self) -> None:
        """Make the folders. Raises `EnvironmentFault` (`disk_error`)."""
        with disk_faults():
            self._make_home()
            self.folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def locked(self, cancelled: Cancelled) -> Iterator[None]:
        """Wait until no other process changes the book's backups. Raises `WorkCancelled`, `EnvironmentFault`."""
        with disk_faults():
            self._make_home()
            file = open_removable(self.home / LOCK)
        deadline = time.monotonic() + LOCK_WAIT_S
        try:
            while not try_guard(file):
                if cancelled():
                    raise WorkCancelled("cancelled", message("已取消。"))
                if time.monotonic() > deadline:
                    raise EnvironmentFault("database_busy", message("账簿正被另一个操作占用，请稍后再试。"))
                time.sleep(0.05)
            yield
        finally:
            os.close(file)

    def _make_home(self) -> None:
        make_private(self.home.parent)
        make_private(self.home)

    def _is_as_written(self, kept: Kept) -> bool:
        path = self.path(kept)
        if any(path.with_name(path.name + suffix).exists() for suffix in _IN_USE):
            return False
        try:
            state = path.stat()
        except FileNotFoundError:
            return True
        if state.st_size != kept.size:
            return False
        # a stick may round the moment; only then is the file read
        return state.st_mtime_ns == kept.modified_ns or digest_of(path, never_cancelled) == kept.sha256


def _noted_in(folder: Path) -> dict[str, Kept]:
    """Return what the index of a folder says, by name; nothing where it is missing or torn."""
    try:
        content = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        return {item["name"]: _entry(item) for item in content["backups"]}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:  # written by something else
        logger.warning("the index of backups cannot be read and is made anew: %s", error)
        return {}


def is_kept_backup(path: Path) -> bool:
    """Tell whether a file is a backup that the program keeps: to be restored, not to be worked in."""
    # the name is looked at first: of another file nothing more need be read
    return read_name(path.name) is not None and path.name in _noted_in(path.parent)


def _entry(item: dict[str, Any]) -> Kept:
    kept = Kept(**{field.name: item[field.name] for field in fields(Kept) if field.name in item})
    numbers = (kept.made_at, kept.size, kept.modified_ns, kept.proved_at, kept.seen_at)
    texts = (kept.name, kept.reason, kept.sha256, kept.head, kept.mark, kept.proof, kept.damage)
    if not all(type(number) is int for number in numbers) or not all(isinstance(text, str) for text in texts):
        raise TypeError("an entry of the index has values of the wrong kind")
    if kept.proof not in {NONE, QUICK, FULL}:  # a later program may know more: this one proves it by what it knows
        return replace(kept, proof=NONE)
    return kept


def _seen(known: Kept | None, name: str, state: os.stat_result) -> Kept:
    if known is None:
        said = read_name(name)
        made_at = said.made_at if said else state.st_mtime_ns // 1_000_000
        return Kept(name, made_at, said.reason if said else OTHER, state.st_size, state.st_mtime_ns)
    if known.size != state.st_size and not known.damage:
        return replace(known, damage=CHANGED)
    return known


def _is_backup(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith(SUFFIX) and not entry.name.startswith(".") and entry.is_file()


_LITTER = re.compile(
    r"\.(?:.*"
    + re.escape(SUFFIX)
    + r"-[0-9a-f]{12}|"
    + re.escape(INDEX)
    + r"-[^.]*)"
    + re.escape(PART_SUFFIX)
    + "(.*)",
    re.DOTALL,
)


def _is_litter(name: str) -> bool:
    found = _LITTER.fullmatch(name)
    return found is not None and found[1] in {*SQLITE_FILES, "-journal"}
