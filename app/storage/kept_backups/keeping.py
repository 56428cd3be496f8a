"""Making a kept backup: copied at one moment, made one file, opened again and proven, only then given its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.kernel.clock import Clock, utc_ms
from app.kernel.text import message
from app.storage.backup import copy_out, hand_over, leave_files_behind, make_single_file, workshop
from app.storage.database import Book, open_database
from app.storage.kept_backups.naming import OTHER, file_name
from app.storage.kept_backups.proof import FULL, QUICK, Eyes, digest_of, prove_fully, prove_quickly, refuse_difference
from app.storage.kept_backups.rotation import superfluous
from app.storage.kept_backups.shelf import Kept, Shelf
from app.storage.migrate import applied
from app.storage.progress import Cancelled, Progress, never_cancelled, no_progress


@dataclass(frozen=True, slots=True)
class Wish:
    """What backup is wanted."""

    title: str
    """What the book is called."""
    reason: str
    proof: str = QUICK
    even_if_unchanged: bool = False
    limit_bytes: int | None = None
    """What all backups of the folder may take together; `None`: as much as they need."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a wish: the backup that holds the book's present state, and what the rule gave up for it."""

    kept: Kept
    is_new: bool
    removed: tuple[str, ...] = ()


def keep(
    book: Book,
    shelf: Shelf,
    wish: Wish,
    eyes: Eyes,
    *,
    progress: Progress = no_progress,
    cancelled: Cancelled = never_cancelled,
    clock: Clock = utc_ms,
) -> Made:
    """Keep a backup of the book on a shelf, unless its present state is there already.

    A second process that wants the same at the same time waits and finds the state kept. Nothing has a name before it
    is proven; a process that is killed leaves a file under way, which the next one takes away. Raises
    `EnvironmentFault` (`disk_full`, `disk_error`, `book_damaged`, `backup_differs`), `Conflict` (`backup_faulty`),
    `WorkCancelled`.
    """
    applied(book)
    shelf.make()
    with shelf.locked(cancelled):
        shelf.sweep()
        backups = shelf.read()
        if not wish.even_if_unchanged:
            with book.session():
                mark = eyes.mark()
            same = next((kept for kept in backups if kept.is_sound and kept.mark == mark), None)
            if same is not None:
                return Made(same, is_new=False)
        kept = _write(book, shelf, wish, eyes, (progress, cancelled, clock))
        backups = [kept, *(other for other in backups if other.name != kept.name)]
        # what people put there or renamed is theirs; and a wrong clock must not cost what was just made
        ours = [other for other in backups if other.reason != OTHER]
        names = set(superfluous(ours, clock(), wish.limit_bytes)) - {kept.name}
        removed = shelf.remove(other for other in ours if other.name in names)
        shelf.write(other for other in backups if other.name not in removed)
    return Made(kept, is_new=True, removed=tuple(removed))


def _write(
    book: Book, shelf: Shelf, wish: Wish, eyes: Eyes, manners: tuple[Progress, Cancelled, Callable[[], int]]
) -> Kept:
    progress, cancelled, clock = manners
    made_at = clock()
    target = _free_name(shelf.folder, wish, made_at)
    with workshop(target, shelf.home) as draft:
        figures = copy_out(book, draft, eyes.figures, progress, cancelled)
        progress(0, 0, message("正在检查备份。"))
        _tidy(draft)
        if wish.proof == FULL:
            refuse_difference(prove_fully(draft, eyes, progress, cancelled), figures)
        else:
            prove_quickly(draft, figures, eyes, cancelled)
        sha256 = digest_of(draft, cancelled)
        hand_over(draft, target)
    state = target.stat()
    return Kept(
        name=target.name,
        made_at=made_at,
        reason=wish.reason,
        size=state.st_size,
        modified_ns=state.st_mtime_ns,
        sha256=sha256,
        vouchers=figures.vouchers,
        head=figures.head,
        mark=figures.mark,
        proof=wish.proof,
        proved_at=clock(),
        seen_at=clock(),
    )


def _tidy(draft: Path) -> None:
    copied = open_database(str(draft))
    try:
        with copied.session():
            leave_files_behind()
    finally:
        copied.close()
    make_single_file(draft)


def _free_name(folder: Path, wish: Wish, made_at: int) -> Path:
    number = 1
    while (target := folder / file_name(wish.title, made_at, wish.reason, number)).exists():
        number += 1
    return target
