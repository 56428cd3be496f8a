"""The upgrade of a book in a file: a copy is migrated and compared, and only then takes the book's name.

Until the swap the book itself is read only; cancelled, refused or killed, it is as it was. The old file stays.
"""

from __future__ import annotations

import contextlib
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.kernel.errors import Conflict, EnvironmentFault
from app.kernel.text import Message, message
from app.storage.address import BookAddress
from app.storage.backup import disk_faults, make_single_file
from app.storage.comparison import differences, read_figures
from app.storage.copying import refuse_broken_references
from app.storage.database import Book, fetch_all, open_database
from app.storage.faults import translated_faults
from app.storage.kept_names import BEFORE, kept_name
from app.storage.lock import BookLock
from app.storage.migrate import AppliedRow, last_program, migrate
from app.storage.progress import Cancelled, Progress, WorkCancelled, never_cancelled, no_progress
from app.storage.upgrade.guard import FileGuard
from app.storage.upgrade.look import lacking
from app.storage.upgrade.swap import is_unfinished, recover, swap
from app.version import VERSION

STEPS = 6
SPARE_BYTES = 16 << 20
"""Beside twice the book: the copy, and what the migration writes before it is folded into it."""
DRAFT_MARK = "-upgrade-"

Verify = Callable[[Progress], Sequence[Message]]
"""Looks through the current book, telling how far it is; returns in sentences what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What was done to a book."""

    kept: str
    """Path of the file that holds the book as it was."""
    old: str
    """The version of the program the book was made for."""
    new: str = field(default=VERSION)


class StepProgress:
    """Tells which of the upgrade's steps is under way beside how far it is; stops between any two reports."""

    def __init__(self, progress: Progress, cancelled: Cancelled, steps: int, *, done: int = 0) -> None:
        """Begin before the first step, or after those that are done."""
        self._progress, self._cancelled = progress, cancelled
        self._step, self._steps = done, steps

    def begin(self, what: Message) -> None:
        """Go on with the next step."""
        self._step += 1
        self.report(0, 0, what)

    def report(self, done: int, total: int, what: Message) -> None:
        """Say how far this step is. Raises `WorkCancelled`."""
        if self._cancelled():
            raise WorkCancelled("cancelled", message("已取消。"))
        text = message("更新账簿，第 {step} 步，共 {steps} 步：{what}", step=self._step, steps=self._steps, what=what)
        self._progress(done, total, text)


def recover_file(place: Path) -> None:
    """Give a book its name back when the program died while two files changed names. Harmless otherwise.

    Raises `Conflict` and `EnvironmentFault` where that cannot be done now.
    """
    if is_unfinished(place):
        with BookLock(place).acquire(alone=True), disk_faults():
            recover(place)


def upgrade_file(
    place: Path, verify: Verify, progress: Progress = no_progress, cancelled: Cancelled = never_cancelled
) -> Upgraded | None:
    """Bring a book file to the tables of this program, if it lacks any; return what was done.

    The caller does not hold the book's lock. A swap that was stopped is finished first. Raises `Conflict`
    (`book_in_use`, `book_open_elsewhere`, `book_newer`, `upgrade_differs`, `upgrade_faulty`), `WorkCancelled`,
    `EnvironmentFault` (`disk_full` …); then the book is as it was. A log that a crash left beside it may have been
    folded in, as any opening does.
    """
    steps = StepProgress(progress, cancelled, STEPS)
    with BookLock(place).acquire(alone=True), _recovered(place), FileGuard(place) as guard, _draft(place) as draft:
        rows = guard.applied_rows
        if not lacking(rows):
            return None
        _require_space(place, guard.size)
        steps.begin(message("正在复制账簿文件。"))
        guard.copy_to(draft, steps.report, never_cancelled)
        copied = open_database(BookAddress("sqlite", path=draft))
        try:
            _migrate_copy(copied, rows, verify, steps)
        finally:
            copied.close()
        make_single_file(draft)
        steps.begin(message("正在换上更新好的账簿。"))
        kept = place.with_name(kept_name(place.stem, place.suffix, BEFORE, last_program(rows)))
        guard.settle()
        with _swap_faults(place):
            swap(place, kept, draft)
    return Upgraded(str(kept), last_program(rows))


def _migrate_copy(copied: Book, rows: Sequence[AppliedRow], verify: Verify, steps: StepProgress) -> None:
    todo, old = lacking(rows), last_program(rows)
    with copied.session():
        steps.begin(message("正在记下更新前的数。"))
        before = read_figures(copied, progress=steps.report)
    steps.begin(message("正在更新账簿的表。"))
    migrate(copied, steps.report)
    with copied.session():
        steps.begin(message("正在对照更新前后的数。"))
        _refuse_differences(differences(copied, before, todo, steps.report), old)
        steps.begin(message("正在核验更新后的账簿。"))
        with translated_faults():
            if fetch_all("PRAGMA integrity_check") != [("ok",)]:
                raise EnvironmentFault("disk_error", message("读写磁盘出错，请检查磁盘后再试。"))
        refuse_broken_references()
        _refuse_findings(verify(steps.report), old)


def _refuse_differences(found: Sequence[Message], old: str) -> None:
    """Raise `Conflict` (`upgrade_differs`) when an upgraded copy does not hold what the book held."""
    if found:
        raise Conflict(
            "upgrade_differs",
            message(
                "没有更新：更新后的账簿与更新前对不上（{first}；共 {count} 处）。原来的账簿没有改动，"
                "请先用 {old} 版的账房打开它，并联系开发者。",
                first=found[0],
                count=len(found),
                old=old,
            ),
            details={"differences": [str(sentence) for sentence in found[:20]]},
        )


def _refuse_findings(found: Sequence[Message], old: str) -> None:
    """Raise `Conflict` (`upgrade_faulty`) when the verification of an upgraded copy finds anything."""
    if found:
        raise Conflict(
            "upgrade_faulty",
            message(
                "没有更新：更新后的账簿核验出 {count} 处不对（第一处：{first}）。原来的账簿没有改动，"
                "请先用 {old} 版的账房打开并检查它。",
                first=found[0],
                count=len(found),
                old=old,
            ),
            details={"findings": [str(sentence) for sentence in found[:20]]},
        )


def _require_space(place: Path, size: int) -> None:
    needed = 2 * size + SPARE_BYTES
    with disk_faults():
        free = shutil.disk_usage(place.parent).free
    if free < needed:
        raise EnvironmentFault(
            "disk_full",
            message(
                "磁盘空间不够：更新账簿要 {needed} MB，“{folder}”只剩 {free} MB。账簿没有改动，腾出空间后请再打开。",
                needed=-(-needed // 1_000_000),
                free=free // 1_000_000,
                folder=place.parent,
            ),
        )


@contextmanager
def _recovered(place: Path) -> Iterator[None]:
    with disk_faults():
        recover(place)
    yield


@contextmanager
def _draft(place: Path) -> Iterator[Path]:
    """Give a name for the copy under way, and remove what is left of it, also of one whose program was killed."""
    start = f".{place.name}{DRAFT_MARK}"
    with disk_faults():
        for left in [path for path in place.parent.iterdir() if path.name.startswith(start)]:
            left.unlink(missing_ok=True)
    draft = place.with_name(f"{start}{uuid.uuid4().hex[:8]}.part")
    try:
        yield draft
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            with contextlib.suppress(OSError):
                draft.with_name(draft.name + suffix).unlink(missing_ok=True)


@contextmanager
def _swap_faults(place: Path) -> Iterator[None]:
    with disk_faults():
        try:
            yield
        except PermissionError as error:  # Windows, while another program has the file open
            raise Conflict(
                "book_in_use", message("账簿“{path}”正被另一个程序打开着，请先关闭它。", path=place)
            ) from error
