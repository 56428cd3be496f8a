"""Opening a backup again, read-only and as it lies on the disk, and looking through it.

There are two proofs. `quick`: the structure of every page, every reference, and that rows, balances and chain head are
those the book had at the moment it was copied. `full`: besides, that the indexes agree with their rows, and the
ledger's own verification, which recomputes every sum and hash from the entries.
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playhouse.pool import PooledSqliteDatabase

from app.kernel.errors import Conflict, EnvironmentFault
from app.kernel.text import Message, message
from app.storage.address import BookAddress
from app.storage.backup import SQLITE_MAGIC, disk_faults, read_only_uri
from app.storage.copying import refuse_broken_references
from app.storage.database import Book, fetch_all, read_snapshot
from app.storage.engines import refuse_other_file
from app.storage.faults import translated_faults
from app.storage.progress import Cancelled, Progress, WorkCancelled

NONE, QUICK, FULL = "none", "quick", "full"
INTERRUPTED_EVERY = 20_000
"""Steps of SQLite's machine between two looks at whether somebody wants to stop; some milliseconds."""
DIGEST_BYTES = 4 << 20
MOST_FINDINGS = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """What two copies of one state of a book have in common."""

    rows: dict[str, int]
    balances: tuple[tuple[int, ...], ...]
    head: str
    """Count and last hash of the chain, as printed with a backup."""
    mark: str
    """Changes with every change of the book that is worth a backup."""
    vouchers: int


@dataclass(frozen=True, slots=True)
class Eyes:
    """What storage cannot see by itself; each looks at the current book."""

    figures: Callable[[], Figures]
    mark: Callable[[], str]
    verify: Callable[[Progress], Sequence[Message]]
    """Returns what is wrong with the book, in sentences. May raise `WorkCancelled` through the progress it is given."""


class _FrozenFile(PooledSqliteDatabase):  # type: ignore[misc]
    """A SQLite file that is read and never changed, not even by a lock or a log beside it."""

    def _add_conn_hooks(self, conn: Any) -> None:
        refuse_other_file(conn, str(self.database))
        super()._add_conn_hooks(conn)


@contextmanager
def frozen(path: Path, cancelled: Cancelled) -> Iterator[Book]:
    """Open a backup read-only and make it the current book; a statement that takes long stops when `cancelled`.

    Raises `EnvironmentFault` (`book_damaged`, `disk_error`), `MalformedInput` (`not_a_book`), `WorkCancelled`.
    """
    with disk_faults(), path.open("rb") as file:
        if file.read(len(SQLITE_MAGIC)) != SQLITE_MAGIC:
            raise EnvironmentFault("book_damaged", message("账簿文件已损坏，请从备份恢复。"))
    database = _FrozenFile(
        read_only_uri(path, immutable=True),
        uri=True,
        autoconnect=False,
        check_same_thread=False,
        pragmas={"query_only": 1, "temp_store": "memory", "cache_size": -32_000},
    )
    book = Book(BookAddress("sqlite", path=path), database)
    try:
        with book.session():
            connection: Any = database.connection()
            connection.set_progress_handler(lambda: 1 if cancelled() else 0, INTERRUPTED_EVERY)
            try:
                yield book
            except Exception as error:
                _let_go(error)
                if cancelled():  # whatever an interrupted statement was turned into on its way
                    raise WorkCancelled("cancelled", message("已取消。")) from None
                raise
            finally:
                connection.set_progress_handler(None, 0)
    finally:
        database.close_all()


def _let_go(error: BaseException) -> None:
    """Drop what the frames of an error hold: on Windows, a statement half read keeps a file from being removed."""
    found: BaseException | None = error
    while found is not None:
        traceback.clear_frames(found.__traceback__)
        found = found.__context__


def prove_quickly(path: Path, expected: Figures, eyes: Eyes, cancelled: Cancelled) -> None:
    """Raise `EnvironmentFault` (`book_damaged`, `backup_differs`) unless the file is sound and holds the figures."""
    with frozen(path, cancelled):
        _refuse_damage("PRAGMA quick_check")
        refuse_broken_references()
        with read_snapshot():
            found = eyes.figures()
    refuse_difference(found, expected)


def refuse_difference(found: Figures, expected: Figures) -> None:
    """Raise `EnvironmentFault` (`backup_differs`) unless both figures are those of one state of a book."""
    if found != expected:
        raise EnvironmentFault("backup_differs", message("备份出来的内容与账簿不一致，没有采用。请检查磁盘后再试。"))


def prove_fully(path: Path, eyes: Eyes, progress: Progress, cancelled: Cancelled) -> Figures:
    """Look through the whole backup and return its figures.

    Raises `EnvironmentFault` (`book_damaged`), `Conflict` (`backup_faulty`: the ledger in it does not hold),
    `WorkCancelled`.
    """

    def watched(done: int, total: int, text: Message) -> None:
        if cancelled():
            raise WorkCancelled("cancelled", message("已取消。"))
        progress(done, total, text)

    with frozen(path, cancelled):
        _refuse_damage("PRAGMA integrity_check")
        refuse_broken_references()
        with read_snapshot():
            wrong = eyes.verify(watched)
            if wrong:
                raise Conflict(
                    "backup_faulty",
                    message("检查发现 {count} 处不对。第一处：{first}", count=len(wrong), first=wrong[0]),
                    details={"findings": [str(sentence) for sentence in wrong[:MOST_FINDINGS]]},
                )
            return eyes.figures()


def digest_of(path: Path, cancelled: Cancelled) -> str:
    """Return the SHA-256 of a file. Raises `EnvironmentFault` (`disk_error`), `WorkCancelled`."""
    digest = hashlib.sha256()
    with disk_faults(), path.open("rb") as file:
        while part := file.read(DIGEST_BYTES):
            if cancelled():
                raise WorkCancelled("cancelled", message("已取消。"))
            digest.update(part)
    return digest.hexdigest()


def _refuse_damage(check: str) -> None:
    with translated_faults():
        findings = [str(row[0]) for row in fetch_all(check)]
    if findings != ["ok"]:
        raise EnvironmentFault(
            "book_damaged",
            message("账簿文件已损坏，请从备份恢复。"),
            details={"findings": findings[:MOST_FINDINGS]},
        )
