"""A book file held alone, also against a program that knows nothing of it: SQLite's own exclusive lock.

The lock file tells programs of this version politely; an older one would walk in beside us and write what the swap of
files then hides. SQLite's lock stops it at its first statement.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Self

from app.kernel.errors import Conflict
from app.kernel.text import message
from app.storage.backup import BACKUP_PAGES, disk_faults
from app.storage.engines import refuse_other_file
from app.storage.faults import translated_faults
from app.storage.migrate import AppliedRow
from app.storage.progress import Cancelled, Progress, WorkCancelled
from app.storage.upgrade.look import applied_rows_of, writable_uri

WAIT_S = 2.0
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class FileGuard:
    """Holds a SQLite file exclusively from `__enter__` to `__exit__`. One thread uses it.

    While it is held the file is not opened by any other way in this process: closing a file takes away all locks a
    POSIX process has on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    """

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is opened yet."""
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        """Take the file. Raises `Conflict` (`book_in_use`), `MalformedInput` (`not_a_book`), `EnvironmentFault`."""
        with translated_faults():
            connection = sqlite3.connect(writable_uri(self._path), uri=True, isolation_level=None, timeout=WAIT_S)
            try:
                connection.execute("PRAGMA locking_mode = exclusive").fetchone()
                refuse_other_file(connection, str(self._path))
                connection.execute("BEGIN EXCLUSIVE")
                connection.execute("COMMIT")
            except BaseException as error:
                connection.close()
                if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in _LOCKED:
                    raise Conflict(
                        "book_in_use",
                        message("账簿“{path}”正被另一个程序打开着，请先关闭它。", path=self._path),
                    ) from error
                raise
        self._connection = connection
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Give the file back; harmless when that was done."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @property
    def applied_rows(self) -> list[AppliedRow]:
        """What the book says was applied to it; nothing where it has no such table."""
        with translated_faults():
            return applied_rows_of(self._held)

    @property
    def size(self) -> int:
        """How many bytes a copy takes."""
        with translated_faults():
            pages = self._held.execute("PRAGMA page_count").fetchone()[0]
            return int(pages * self._held.execute("PRAGMA page_size").fetchone()[0])

    def copy_to(self, target: Path, progress: Progress, cancelled: Cancelled) -> None:
        """Copy the file as it is into a new one. Raises `WorkCancelled`, `EnvironmentFault`."""

        def watch(_status: int, remaining: int, total: int) -> None:
            if cancelled():
                raise WorkCancelled("cancelled", message("已取消。"))
            progress(total - remaining, total, message("正在复制账簿文件。"))

        with translated_faults():
            copied = sqlite3.connect(target)
            try:
                self._held.backup(copied, pages=BACKUP_PAGES, progress=watch, sleep=0)
            finally:
                copied.close()

    def settle(self) -> None:
        """Fold the write-ahead log into the file and do without, so that the file alone is the book.

        The file stays held, except on Windows, where an open file cannot get another name.
        """
        with translated_faults():
            self._held.execute("PRAGMA journal_mode = delete").fetchone()
        if sys.platform == "win32":
            self.let_go()
        # the held file keeps a journal that is worth nothing any more, but would lie beside the next file of the name
        with disk_faults():
            for suffix in ("-journal", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    @property
    def _held(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("the file is not held")
        return self._connection
