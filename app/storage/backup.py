"""Backups, and bringing one back. A backup is always a SQLite book: one file, checked before it gets its name."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from app.kernel.clock import CHINA_OFFSET, utc_ms
from app.kernel.errors import Conflict, EnvironmentFault, MalformedInput, NotFound
from app.kernel.text import Message, message
from app.storage.address import BookAddress, parse_address
from app.storage.comparison import differences, read_figures
from app.storage.copying import TRANSIENT_TABLES, copy, refuse_broken_references, row_counts
from app.storage.database import Book, current_book, execute, fetch_all, open_database, read_snapshot, run_unit
from app.storage.engines import refuse_other_file
from app.storage.faults import driver_errors, translated_faults
from app.storage.kept_names import BEFORE, kept_name
from app.storage.lock import BookLock
from app.storage.migrate import applied, applied_rows, last_program, migrate, pending
from app.storage.places import network_drive_kind
from app.storage.progress import Cancelled, Progress, WorkCancelled, never_cancelled, no_progress

BACKUP_PAGES = 2000
SQLITE_FILES = ("", "-wal", "-shm")
SQLITE_MAGIC = b"SQLite format 3\x00"
PART_SUFFIX = ".part"
"""How the name of a file under way ends."""

Looked = TypeVar("Looked")

Verify = Callable[[], Sequence[Message]]
"""Looks through the current book and returns what is wrong with it, in sentences; storage knows no bookkeeping."""
Head = Callable[[], str]
"""Returns the chain head of the current book as the text that is printed with a backup."""
Adopt = Callable[[], object]
"""Changes the current book, a copy that becomes a book of its own."""


@dataclass(frozen=True, slots=True)
class BackupResult:
    """What a checked backup, or a restored book, holds."""

    path: str
    rows: dict[str, int]
    head: str
    size: int = 0
    set_aside: str = field(default="")
    """Where `restore` put the book that was there before; empty when there was none."""


def backup(
    book: Book,
    target: Path,
    *,
    verify: Verify,
    head: Head,
    progress: Progress = no_progress,
    cancelled: Cancelled = never_cancelled,
) -> BackupResult:
    """Write the book, as it is at one moment, into a new SQLite file and check it; return what it holds.

    The file gets its name only after `integrity_check`, `foreign_key_check` and `verify` have found nothing. Others may
    go on writing. Raises `Conflict` (`backup_target_exists`, `backup_faulty`), `WorkCancelled`, `EnvironmentFault`.
    """
    if target.exists():
        raise Conflict("backup_target_exists", message("“{path}”已存在，请另起一个名字。", path=target))
    applied(book)
    with workshop(target) as draft:
        copy_out(book, draft, lambda: None, progress, cancelled)
        copied = open_database(str(draft))
        try:
            progress(1, 1, message("正在检查备份。"))
            with copied.session():
                leave_files_behind()
                rows, head_text = _checked(verify, head)
        finally:
            copied.close()
        make_single_file(draft)
        hand_over(draft, target)
    return BackupResult(str(target), rows, head_text, target.stat().st_size)


def safety_copy(
    book: Book, folder: Path, progress: Progress = no_progress, cancelled: Cancelled = never_cancelled
) -> Path:
    """Copy a book of older tables as it is, before they are brought up to date; return the new SQLite file.

    The ledger's own verification is left out, for it knows only the present tables. Raises as `backup`.
    """
    title = book.address.path.stem if book.address.path is not None else book.address.database
    with book.session():
        target = folder / kept_name(title, ".zhangfang", BEFORE, last_program(applied_rows()))
    backup(book, target, verify=list, head=str, progress=progress, cancelled=cancelled)
    return target


def restore(
    file: Path,
    target: str | BookAddress,
    *,
    verify: Verify,
    head: Head,
    password: str | None = None,
    progress: Progress = no_progress,
    cancelled: Cancelled = never_cancelled,
    adopt: Adopt | None = None,
) -> BackupResult:
    """Make a book out of a backup after opening and checking it; the book that was there is set aside, not overwritten.

    An older backup is brought up to date on the way; the backup itself is not changed. A target on MySQL must be empty.
    With `adopt` a further book is made: that changes in the copy, before it is checked, what shall be different, or
    raises why it cannot be used; and no file may be there yet (`backup_target_exists`).
    Raises `NotFound`, `MalformedInput` (`not_a_book`), `Conflict` (`book_newer`, `book_in_use`, `backup_faulty`,
    `copy_target_not_empty`), `WorkCancelled`, `EnvironmentFault`; then nothing was changed.
    """
    address = parse_address(target, password) if isinstance(target, str) else target
    place = address.path if address.path is not None else Path(tempfile.gettempdir()) / "restored.zhangfang"
    if not file.is_file():
        raise NotFound("book_missing", message("没有账簿文件“{path}”。", path=file))
    if address.path is not None and place.exists() and place.samefile(file):
        raise Conflict("restore_onto_itself", message("备份文件不能恢复到它自己上面，请另选一个账簿文件名。"))
    with _named_damage(file), workshop(place) as draft:
        _copy_file(file, draft, progress, cancelled)
        restored = open_database(str(draft))
        try:
            _bring_up_to_date(restored, progress)
            progress(1, 1, message("正在检查备份。"))
            with restored.session():
                if adopt is not None:
                    adopt()
                rows, head_text = _checked(verify, head)
            if address.path is None:
                _fill_server(restored, address, progress, cancelled)
                return BackupResult(str(address), rows, head_text)
        finally:
            restored.close()
        if cancelled():
            raise WorkCancelled("cancelled", message("已取消。"))
        lock = BookLock(place).acquire(alone=True)
        try:
            set_aside = None if adopt is not None else _set_aside(place)
            _take_place(draft, place, set_aside)
        finally:
            lock.release()
    return BackupResult(str(place), rows, head_text, place.stat().st_size, str(set_aside or ""))


@contextmanager
def _named_damage(file: Path) -> Iterator[None]:
    """Say of a damaged backup that it is the backup: "restore from a backup" is no help to who does just that."""
    try:
        yield
    except EnvironmentFault as fault:
        if fault.code != "book_damaged":
            raise
        sentence = message("备份“{path}”已损坏，没有采用；请换一份备份。", path=file)
        raise EnvironmentFault(fault.code, sentence, details=fault.details) from fault


def _bring_up_to_date(restored: Book, progress: Progress) -> None:
    """Give an older backup the tables of this program; what it held must be the same afterwards."""
    todo = pending(restored)
    if not todo:
        return
    with restored.session():
        before = read_figures(restored)
    migrate(restored, progress)
    with restored.session():
        _refuse_faults(differences(restored, before, todo))


def _refuse_faults(wrong: Sequence[Message]) -> None:
    if wrong:
        raise Conflict(
            "backup_faulty",
            message("检查发现 {count} 处不对，没有采用。第一处：{first}", count=len(wrong), first=wrong[0]),
            details={"findings": [str(sentence) for sentence in wrong[:20]]},
        )


def _checked(verify: Verify, head: Head) -> tuple[dict[str, int], str]:
    """Look through the current book and return its row counts and chain head."""
    with translated_faults():
        findings = [str(row[0]) for row in fetch_all("PRAGMA integrity_check")]
    if findings != ["ok"]:
        raise EnvironmentFault(
            "book_damaged", message("账簿文件已损坏，请从备份恢复。"), details={"findings": findings[:20]}
        )
    refuse_broken_references()
    with read_snapshot():
        _refuse_faults(list(verify()))
        return row_counts(current_book()), head()


def leave_files_behind() -> None:
    """Take the files under way out of the current book, a copy."""
    if fetch_all("SELECT 1 FROM {upload} LIMIT 1"):
        for table in TRANSIENT_TABLES:
            run_unit(lambda table=table: execute(f"DELETE FROM {{{table}}}"))  # type: ignore[misc]
        execute("VACUUM")


def copy_out(
    book: Book,
    draft: Path,
    look: Callable[[], Looked],
    progress: Progress = no_progress,
    cancelled: Cancelled = never_cancelled,
) -> Looked:
    """Copy the book, as it is at one moment, into a SQLite file; return what `look` saw of it at that moment.

    Others may go on writing. The file is left as it was made: with a write-ahead log, not checked.
    """
    # the open snapshot makes all steps of the copy see one state, so that writers do not make it start again
    with book.session(), read_snapshot():
        seen = look()
        if book.is_sqlite:
            fetch_all("SELECT count(*) FROM sqlite_master")
            connection: Any = book.database.connection()
            with translated_faults(), driver_errors:
                _copy_connection(connection, draft, progress, cancelled)
        else:
            copied = open_database(str(draft))
            try:
                copy(book, copied, progress, cancelled)
            finally:
                copied.close()
    return seen


def _copy_connection(connection: sqlite3.Connection, target: Path, progress: Progress, cancelled: Cancelled) -> None:
    def watch(_status: int, remaining: int, total: int) -> None:
        if cancelled():
            raise WorkCancelled("cancelled", message("已取消。"))
        progress(total - remaining, total, message("正在复制账簿文件。"))

    copied = sqlite3.connect(target)
    try:
        connection.backup(copied, pages=BACKUP_PAGES, progress=watch, sleep=0)
    finally:
        copied.close()


def make_single_file(path: Path) -> None:
    """Leave no write-ahead log behind, so that the backup is one file that can be read from anywhere."""
    with translated_faults(), driver_errors:
        connection = sqlite3.connect(path)
        try:
            connection.execute("PRAGMA journal_mode = delete").fetchone()
        finally:
            connection.close()


@contextmanager
def workshop(target: Path, local: Path | None = None) -> Iterator[Path]:
    """Give a name for a file under way: beside the target, or on a local disk if the target is on a network drive.

    Such names begin with a dot and end with `PART_SUFFIX`; `local` is the folder on the local disk.
    """
    if not target.parent.is_dir():
        raise NotFound("folder_missing", message("没有文件夹“{path}”。", path=target.parent))
    if network_drive_kind(target.parent) is None:
        local = target.parent
    local = local or Path(tempfile.gettempdir())
    draft = local / f".{target.name}-{uuid.uuid4().hex[:12]}{PART_SUFFIX}"
    try:
        yield draft
    finally:
        for suffix in (*SQLITE_FILES, "-journal"):  # the last one is left where the disk was full
            with contextlib.suppress(OSError):
                draft.with_name(draft.name + suffix).unlink(missing_ok=True)


def _copy_file(source: Path, target: Path, progress: Progress, cancelled: Cancelled) -> None:
    """Copy a SQLite file that may be open elsewhere or lie on a medium that cannot be written."""
    with disk_faults(), source.open("rb") as reading:
        if reading.read(len(SQLITE_MAGIC)) != SQLITE_MAGIC:
            raise MalformedInput("not_a_book", message("“{path}”不是账房的账簿。", path=source))
    opened_elsewhere = any(source.with_name(source.name + suffix).exists() for suffix in ("-wal", "-journal"))
    with translated_faults(), driver_errors:
        connection = sqlite3.connect(read_only_uri(source, immutable=not opened_elsewhere), uri=True)
        try:
            refuse_other_file(connection, str(source))
            _copy_connection(connection, target, progress, cancelled)
        finally:
            connection.close()


def read_only_uri(path: Path, *, immutable: bool) -> str:
    """Return what `sqlite3.connect(…, uri=True)` takes to read a file and never change it."""
    text = quote(str(path.absolute()).replace("\\", "/"))
    slashes = "//" if text.startswith("/") else "///"
    # a file nobody has open needs no locks, which a medium that cannot be written could not give
    return f"file:{slashes}{text}?" + ("immutable=1" if immutable else "mode=ro")


def _fill_server(restored: Book, address: BookAddress, progress: Progress, cancelled: Cancelled) -> None:
    server = open_database(address)
    try:
        copy(restored, server, progress, cancelled)
    finally:
        server.close()


def _take_place(draft: Path, place: Path, set_aside: Path | None) -> None:
    try:
        hand_over(draft, place)
    except BaseException:
        if set_aside is not None:
            rename_book(set_aside, place)
        raise


def hand_over(draft: Path, target: Path) -> None:
    """Give the finished file its name, safely on the disk; over a network drive it is copied and compared first."""
    with disk_faults():
        if draft.parent != target.parent:
            near = target.with_name(f".{target.name}-{uuid.uuid4().hex[:12]}{PART_SUFFIX}")
            try:
                shutil.copyfile(draft, near)
                if _digest(near) != _digest(draft):
                    raise EnvironmentFault("disk_error", message("读写磁盘出错，请检查磁盘后再试。"))
                _rename(near, target)
            finally:
                near.unlink(missing_ok=True)
        else:
            _rename(draft, target)


def _rename(draft: Path, target: Path) -> None:
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        os.link(draft, target)  # unlike a rename, never replaces a file that came into being meanwhile
    except FileExistsError:
        raise Conflict("backup_target_exists", message("“{path}”已存在，请另起一个名字。", path=target)) from None
    except OSError:  # a disk without links, such as a memory stick
        if target.exists():
            raise Conflict("backup_target_exists", message("“{path}”已存在，请另起一个名字。", path=target)) from None
        draft.rename(target)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _set_aside(place: Path) -> Path | None:
    """Rename the book that is there, with its log, to a name that says when; return the new path."""
    if not place.exists():
        return None
    aside = name_aside(place, "恢复前")
    rename_book(place, aside)
    return aside


def name_aside(place: Path, why: str) -> Path:
    """Return the name a book's file gets that has to leave its place: beside it, with the reason and the time."""
    return place.with_name(f"{place.stem}.{why}-{_moment()}{place.suffix}")


def _moment() -> str:
    return datetime.datetime.fromtimestamp(utc_ms() / 1000, CHINA_OFFSET).strftime("%Y%m%d-%H%M%S-%f")[:-3]


def rename_book(old: Path, new: Path) -> None:
    """Give a closed book file another name, its log with it. Raises `EnvironmentFault` (`disk_error`)."""
    with disk_faults():
        for suffix in reversed(SQLITE_FILES):  # the log first: without it, the file would look like an older book
            part = old.with_name(old.name + suffix)
            if part.exists():
                part.rename(new.with_name(new.name + suffix))


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


@contextmanager
def disk_faults() -> Iterator[None]:
    """Turn what the system says of a disk into an `EnvironmentFault` (`disk_error`)."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFault(
            "disk_error", message("读写磁盘出错（{reason}），请检查磁盘后再试。", reason=error.strerror or str(error))
        ) from error
