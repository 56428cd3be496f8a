"""The lock file beside a SQLite book: which computer has it open, and which of its processes.

Processes of one computer may share a book, for SQLite orders their writing. Two computers may not, whatever brings
the file to both of them. The file `<book>-lock` names the computer and its processes; the last one to leave removes it.
What a process that died left behind is cleared by the next one of the same computer.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from app.file_guard import try_guard
from app.kernel.errors import Conflict, EnvironmentFault
from app.kernel.text import message
from app.storage.processes import host_name, machine_id, own_start, process_start
from app.storage.removable import open_removable, remove_open_file

GUARD_WAIT_S = 5


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has the book open."""

    process_id: int
    started: str
    token: str
    """Tells the locks of one process apart."""
    alone: bool = False
    """Whether it lets nobody else in while it has the book."""

    @property
    def alive(self) -> bool:
        """Tell whether that process, not a later one of the same number, still runs."""
        return process_start(self.process_id) == self.started


class BookLock:
    """This process's part in a book's lock file. Use as a context, acquired before or not, or call `release`."""

    def __init__(self, path: Path) -> None:
        """Name the lock file of a book file; nothing is written yet."""
        self.path = lock_path(path)
        self._book = path
        self._token = uuid.uuid4().hex
        self._held = False

    def acquire(self, *, alone: bool = False) -> Self:
        """Enter this process; `alone` refuses whoever else has the book open on this computer, this process included.

        Nobody else gets in until the one who is alone leaves. Raises `Conflict`: `book_open_elsewhere` names the other
        computer, `book_in_use` the other process.
        """
        with self._guarded() as file:
            others = self._others(_read(file), alone=alone)
            _write(file, [*others, Holder(os.getpid(), own_start(), self._token, alone)])
            self._held = True
        return self

    def release(self) -> None:
        """Leave; the last one removes the file. Harmless when not held."""
        if not self._held:
            return
        self._held = False
        with self._guarded() as file:
            left = [holder for holder in _holders(_read(file)) if holder.alive and holder.token != self._token]
            _write(file, left)
            if not left:
                remove_open_file(self.path)

    def __enter__(self) -> Self:
        return self if self._held else self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _others(self, content: dict[str, Any], *, alone: bool) -> list[Holder]:
        holders = _holders(content)
        if holders and (content.get("host"), content.get("machine")) != (host_name(), machine_id()):
            raise Conflict(
                "book_open_elsewhere",
                message(
                    "这本账簿正由电脑“{host}”打开着，请先在那里关闭。确定它没有打开时，可删除文件“{file}”。",
                    host=content.get("host", "?"),
                    file=self.path,
                ),
            )
        others = [holder for holder in holders if holder.alive]
        if alone and others:
            raise Conflict(
                "book_in_use",
                message(
                    "账簿“{path}”正在本机打开着（进程 {process}），请先关闭它。",
                    path=self._book,
                    process=others[0].process_id,
                ),
            )
        if any(holder.alone for holder in others):
            raise Conflict(
                "book_in_use",
                message("账簿“{path}”正在本机更新或恢复，请等它完成后再打开。", path=self._book),
            )
        return others

    @contextmanager
    def _guarded(self) -> Iterator[int]:
        """Open the file with the system's own lock on it, so that two processes never change it at once."""
        deadline = time.monotonic() + GUARD_WAIT_S
        while True:
            file = self._open()
            try:
                if try_guard(file):
                    if self._is_current(file):
                        yield file
                        return
                elif time.monotonic() > deadline:
                    raise EnvironmentFault("database_busy", message("账簿正被另一个操作占用，请稍后再试。"))
            finally:
                os.close(file)
            time.sleep(0.01)

    def _open(self) -> int:
        try:
            return open_removable(self.path)
        except (OSError, ValueError) as error:  # a name too long, or with a character no name may have
            raise EnvironmentFault(
                "book_unreachable", message("打不开账簿文件，请检查文件夹是否存在、是否可写。")
            ) from error

    def _is_current(self, file: int) -> bool:
        # the one who left last may have removed the file between our opening and locking it
        try:
            return os.fstat(file).st_ino == self.path.stat().st_ino
        except FileNotFoundError:
            return False


def lock_path(book: Path) -> Path:
    """Return where a book's lock file lies."""
    return book.with_name(book.name + "-lock")


def is_first_holder(book: Path) -> bool:
    """Tell whether this process is the first of those that have the book open and live.

    Read without waiting: whoever meets the file while it is written is not the first this time.
    """
    try:
        with lock_path(book).open("rb") as file:
            holders = _holders(_read(file.fileno()))
    except OSError:
        return False
    first = next((holder for holder in holders if holder.alive), None)
    return first is not None and (first.process_id, first.started) == (os.getpid(), own_start())


def _read(file: int) -> dict[str, Any]:
    os.lseek(file, 0, os.SEEK_SET)
    try:
        content = json.loads(os.read(file, 65536) or b"{}")
        _holders(content)
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}  # torn by a crash while it was written; whoever wrote it is gone
    return dict(content)


def _holders(content: dict[str, Any]) -> list[Holder]:
    entries = content.get("processes", [])
    return [
        Holder(int(entry["id"]), str(entry["started"]), str(entry["token"]), entry.get("alone") is True)
        for entry in entries
    ]


def _write(file: int, holders: list[Holder]) -> None:
    content = {
        "host": host_name(),
        "machine": machine_id(),
        "processes": [{"id": h.process_id, "started": h.started, "token": h.token, "alone": h.alone} for h in holders],
    }
    os.lseek(file, 0, os.SEEK_SET)
    os.ftruncate(file, 0)
    os.write(file, json.dumps(content, ensure_ascii=False).encode())
    os.fsync(file)
