"""The upgrade of a book that several computers share on a server: a safety copy first, then the tables in place.

A server commits each change of a table by itself, so nothing can be swapped. The figures of before are kept in the book
until the comparison and the verification have passed: an upgrade that was interrupted, on whatever computer, goes on
from there, and a book that did not pass is not opened for work.
"""

from __future__ import annotations

import base64
import contextlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.kernel.errors import Conflict
from app.kernel.text import Message, message
from app.storage.address import SLICES
from app.storage.backup import safety_copy
from app.storage.book_settings import get_setting, set_setting
from app.storage.comparison import Figures, differences, figures_of_text, read_figures
from app.storage.copying import table_names
from app.storage.database import Book, execute, fetch_all, read_snapshot, run_unit
from app.storage.migrate import Migration, applied_rows, known_migrations, last_program, migrate, migrator_lock
from app.storage.places import make_private
from app.storage.progress import Cancelled, Progress, WorkCancelled, never_cancelled, no_progress
from app.storage.schema import table_exists
from app.storage.upgrade.file import StepProgress, Upgraded, Verify
from app.storage.upgrade.look import lacking

SETTING = "upgrade_under_way"
STEPS = 6
RESTLESS_TABLES = frozenset(
    {"audit_log", "book_setting", "job", "login_attempt", "request", "schema_migration", "session"}
    | {"upload", "upload_part"}
)
"""Tables that opening a book, or asking who wants the upgrade, writes to: their rows are not compared."""


@dataclass(frozen=True, slots=True)
class UpgradePlan:
    """What the upgrade of a shared book would do, to be read before saying yes."""

    old: str
    """The version of the program the book was made for."""
    steps: int
    """How many changes its tables need."""
    others: tuple[str, ...]
    """Computers that have the book open now, as far as this user of the server may see them."""
    kept: str = ""
    """Where the safety copy of an upgrade that was interrupted lies; empty for one that has not begun."""


def plan_of(book: Book) -> UpgradePlan | None:
    """Return what the current book needs, or `None` for one that is up to date. Changes nothing.

    Raises `Conflict` (`book_newer`).
    """
    rows = applied_rows() if table_exists(book, "schema_migration") else []
    todo = lacking(rows)
    mark = _read_mark(book)
    if not todo and mark is None:
        return None
    return UpgradePlan(
        old=mark.old if mark is not None else last_program([row for row in rows if row.applied_at is not None]),
        steps=sum(len(migration.steps) for migration in todo),
        others=_others(book),
        kept=mark.kept if mark is not None else "",
    )


def upgrade_server(
    book: Book,
    folder: Path,
    verify: Verify,
    progress: Progress = no_progress,
    cancelled: Cancelled = never_cancelled,
    *,
    despite_others: bool = False,
    accept_differences: bool = False,
) -> Upgraded | None:
    """Bring a shared book to the tables of this program after a safety copy into `folder`; return what was done.

    Somebody entitled to it has said yes. It can be cancelled until the first change. Raises `Conflict`
    (`upgrade_others_connected`, `upgrade_meanwhile`, `book_newer`; then nothing was changed; `upgrade_differs`,
    `upgrade_faulty`: changed, but not open for work), `WorkCancelled`, `EnvironmentFault`.
    """
    with book.session(), migrator_lock(book):
        if plan_of(book) is None:
            return None
        steps = StepProgress(progress, cancelled, STEPS)
        if _read_mark(book) is None:
            _begin(book, folder, steps, despite_others=despite_others)
        mark = _read_mark(book)
        if mark is None:
            raise RuntimeError("the figures of before were not kept")
        # no way back from here on, so nobody is asked any more whether to stop
        steps = StepProgress(_only_told(progress), never_cancelled, STEPS, done=STEPS - 3)
        steps.begin(message("正在更新账簿的表。"))
        migrate(book, steps.report)
        steps.begin(message("正在对照更新前后的数。"))
        if not accept_differences:
            _refuse("upgrade_differs", differences(book, mark.figures, mark.migrations, steps.report), mark.kept)
        steps.begin(message("正在核验更新后的账簿。"))
        _refuse("upgrade_faulty", verify(steps.report), mark.kept)
        run_unit(lambda: execute("DELETE FROM {book_setting} WHERE name = ?", (SETTING,)))
        return Upgraded(mark.kept, mark.old)


def _only_told(progress: Progress) -> Progress:
    def tell(done: int, total: int, text: Message) -> None:
        with contextlib.suppress(WorkCancelled):
            progress(done, total, text)

    return tell


def _begin(book: Book, folder: Path, steps: StepProgress, *, despite_others: bool) -> None:
    """Make the safety copy and keep the figures of before in the book: the first change of all."""
    rows = applied_rows()
    todo = lacking(rows)
    if not despite_others:
        _refuse_others(book)
    steps.begin(message("正在记下更新前的数。"))
    before = _figures_now(book, steps)
    steps.begin(message("正在把整本账簿复制成一个文件留存。"))
    make_private(folder)
    kept = safety_copy(book, folder, steps.report)
    steps.begin(message("正在确认没有人在记账。"))
    if not despite_others:
        _refuse_others(book)
    if _figures_now(book, steps) != before:
        raise Conflict(
            "upgrade_meanwhile",
            message("有人正在这本账簿里记账，没有更新。请让大家先关闭账房，再更新。"),
        )
    steps.report(1, 1, message("正在更新账簿的表。"))
    mark = _Mark(str(kept), last_program(rows), before, todo)
    set_setting(SETTING, mark.as_value())


@dataclass(frozen=True, slots=True)
class _Mark:
    """What an upgrade under way keeps in the book, for whoever goes on with it."""

    kept: str
    old: str
    figures: Figures
    migrations: Sequence[Migration]

    def as_value(self) -> dict[str, Any]:
        packed = base64.b64encode(zlib.compress(self.figures.as_text().encode(), 6)).decode()
        names = [[migration.slice, migration.number] for migration in self.migrations]
        return {"kept": self.kept, "old": self.old, "figures": packed, "migrations": names}


def _read_mark(book: Book) -> _Mark | None:
    value = get_setting(SETTING) if table_exists(book, "book_setting") else None
    if value is None:
        return None
    names = {(slice_name, number) for slice_name, number in value["migrations"]}
    return _Mark(
        str(value["kept"]),
        str(value["old"]),
        figures_of_text(zlib.decompress(base64.b64decode(value["figures"])).decode()),
        [migration for migration in known_migrations() if (migration.slice, migration.number) in names],
    )


def _figures_now(book: Book, steps: StepProgress) -> Figures:
    there = [table for table in table_names() if table not in RESTLESS_TABLES and table_exists(book, table)]
    with read_snapshot():
        return read_figures(book, there, steps.report)


def _others(book: Book) -> tuple[str, ...]:
    schemas = sorted({book.address.database, *filter(None, (book.address.schema_of(name) for name in SLICES))})
    places = ", ".join("?" * len(schemas))
    rows = fetch_all(
        f"SELECT DISTINCT host FROM information_schema.processlist WHERE db IN ({places}) AND id <> CONNECTION_ID()",
        schemas,
    )
    return tuple(sorted({str(host).rpartition(":")[0] or str(host) for (host,) in rows}))


def _refuse_others(book: Book) -> None:
    others = _others(book)
    if others:
        raise Conflict(
            "upgrade_others_connected",
            message("还有程序连着这本账簿（{hosts}），没有更新。请让大家先关闭账房，再更新。", hosts="、".join(others)),
            details={"hosts": list(others)},
        )


def _refuse(code: str, found: Sequence[Message], kept: str) -> None:
    if found:
        raise Conflict(
            code,
            message(
                "账簿的表更新了，但与更新前对不上或核验不通过（{first}；共 {count} 处）。请先不要记账："
                "更新前的账簿在“{kept}”，可以恢复到一个空的数据库里；并请联系开发者。",
                first=found[0],
                count=len(found),
                kept=kept,
            ),
            details={"findings": [str(sentence) for sentence in found[:20]]},
        )
