"""Looking again at backups that are there: those not fully proven yet, and from time to time every one of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.kernel.clock import Clock, utc_ms
from app.kernel.errors import Conflict, EnvironmentFault, MalformedInput
from app.storage.kept_backups.proof import FULL, NONE, Eyes, digest_of, frozen, prove_fully
from app.storage.kept_backups.shelf import CHANGED, FAULTY, UNREADABLE, Kept, Shelf
from app.storage.migrate import pending
from app.storage.progress import Cancelled, Progress, never_cancelled, no_progress

logger = logging.getLogger(__name__)

SEEN_AGAIN_MS = 30 * 86_400_000
"""After this long the bytes of a backup are compared with their hash once more: disks lose bits."""


def check_shelf(
    shelf: Shelf,
    eyes: Eyes,
    *,
    names: Sequence[str] = (),
    most_proofs: int | None = None,
    progress: Progress = no_progress,
    cancelled: Cancelled = never_cancelled,
    clock: Clock = utc_ms,
) -> list[Kept]:
    """Prove what is not fully proven and compare what was not looked at for a month, newest first; return those.

    With `names`, exactly these and anew; else `most_proofs` bounds how many are proven fully, which takes long. What is
    learnt is written at once, so an interrupted check goes on where it was. A file nobody wrote down, or all of them
    after the index was lost, is taken in. Raises `WorkCancelled`, and `EnvironmentFault` when nothing can be written.
    """
    now = clock()
    if names:
        due = [kept for kept in shelf.read() if kept.name in names]
    else:
        due = [kept for kept in shelf.read() if _is_due(kept, now)]
    learnt = []
    proofs = 0
    for kept in due:
        if not names and kept.proof != FULL:
            proofs += 1
            if most_proofs is not None and proofs > most_proofs:
                continue
        known = replace(kept, proof=NONE) if names else kept
        seen = _look(shelf, known, eyes, (progress, cancelled), clock)
        if seen.damage:
            logger.warning("backup %s: %s", seen.name, seen.damage)
        with shelf.locked(cancelled):
            shelf.note(seen)
        learnt.append(seen)
    return learnt


def _is_due(kept: Kept, now: int) -> bool:
    if kept.damage:
        return kept.damage == UNREADABLE  # it may have been held by a virus scanner, or the disk been away
    # a clock that was set back must not put the next look off for years
    return kept.proof != FULL or not 0 <= now - kept.seen_at < SEEN_AGAIN_MS


def _look(shelf: Shelf, kept: Kept, eyes: Eyes, manners: tuple[Progress, Cancelled], clock: Clock) -> Kept:
    progress, cancelled = manners
    path = shelf.path(kept)
    seen = replace(kept, damage="")
    try:
        found = digest_of(path, cancelled)
        if kept.sha256 and found != kept.sha256:
            return replace(kept, damage=CHANGED)
        seen = replace(seen, sha256=found, seen_at=clock())
        if kept.proof == FULL or not _has_our_tables(path, cancelled):
            return seen
        figures = prove_fully(path, eyes, progress, cancelled)
    except Conflict as error:
        logger.info("the ledger in backup %s does not hold: %s", kept.name, error)
        return replace(seen, damage=FAULTY)
    except (EnvironmentFault, MalformedInput) as error:
        logger.info("backup %s cannot be read: %s", kept.name, error)
        return replace(seen, damage=UNREADABLE)
    seen = replace(seen, vouchers=figures.vouchers, head=figures.head, mark=figures.mark)
    return replace(seen, proof=FULL, proved_at=clock())


def _has_our_tables(path: Path, cancelled: Cancelled) -> bool:
    """Tell whether this program can read the ledger in it; an older one's is read when a restored copy is updated."""
    with frozen(path, cancelled) as book:
        try:
            return not pending(book)
        except Conflict:  # a newer program made it
            return False
