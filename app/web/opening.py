"""Opening a book for serving: lock, open, refuse newer, migrate, bring people and rights up to date; and back again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Self

from app.http.idempotency import forget_old_requests
from app.identity.actor import Actor
from app.identity.queries.people import owner_actor
from app.identity.service.access import forget_ended_sessions
from app.identity.service.opening import ensure_owner, sync_permissions
from app.inventory.queries.waiting import waits_for_recosting
from app.kernel.errors import Conflict, EnvironmentFault, NotFound
from app.kernel.period import parse_period
from app.kernel.text import message
from app.ledger.queries.auxiliary_names import read_names_ahead
from app.ledger.service.book import has_ledger, set_up_ledger
from app.ledger.word_index import continue_index, is_behind
from app.storage.address import BookAddress
from app.storage.creation import make_room
from app.storage.database import Book, open_database, run_unit
from app.storage.jobs import is_under_way, recover_jobs, start_job
from app.storage.kept_backups import is_kept_backup
from app.storage.lock import BookLock
from app.storage.migrate import known_migrations, migrate, migrator_lock, pending
from app.storage.upgrade.file import recover_file
from app.storage.uploads import forget_expired
from app.storage.workrooms import sweep_workrooms
from app.web.moving import is_away, make_room_for_move
from app.web.permissions import all_permissions
from app.web.upgrading import UpgradeWish, has_owner, note_upgrade, upgrade_book_file, upgrade_shared_book

logger = logging.getLogger(__name__)

WORD_INDEX = "word-index"


class StopRegister:
    """What has been started, to be stopped in the opposite order: each step bounded, done once, never skipped."""

    def __init__(self) -> None:
        """Nothing has been started."""
        self._steps: list[tuple[str, Callable[[], object]]] = []

    def push(self, name: str, step: Callable[[], object]) -> None:
        """Note how to stop what was just started."""
        self._steps.append((name, step))

    def run(self) -> None:
        """Stop everything, last in, first out; a step that fails is logged and the others still run."""
        while self._steps:
            name, step = self._steps.pop()
            try:
                step()
                logger.info("stopped: %s", name)
            except Exception:  # the steps below it must run, whatever this one did
                logger.exception("could not stop: %s", name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.run()


def open_for_serving(address: BookAddress, stops: StopRegister, wish: UpgradeWish | None = None) -> Book:
    """Open an existing book, upgraded and ready for requests; how to close it goes into `stops`.

    `wish` says how an upgrade goes about it; without one, a shared book that needs an upgrade is refused. Raises
    `NotFound` (`book_missing`, `book_not_set_up`), `Conflict` (`book_is_backup`, `book_open_elsewhere`, `book_newer`,
    `upgrade_needed`, and as `upgrade_file` and `upgrade_server`), `WorkCancelled`, `EnvironmentFault`; then what was
    opened is closed by running `stops`.
    """
    wish = wish or UpgradeWish()
    upgraded = None
    if address.path is not None:
        _require_file(address.path)
        lock = BookLock(address.path).acquire()
        stops.push("lock", lock.release)
        upgraded = upgrade_book_file(address.path, lock, wish)
    book = open_database(address)
    stops.push("book", book.close)
    _require_tables(book)
    if not book.is_sqlite:
        upgraded = upgrade_shared_book(book, wish)
    with book.session(), _one_opens(book):
        recover_jobs(book)
        owner = owner_actor()
        if owner is None or not has_ledger():
            raise _not_set_up()
        prepare()
        if upgraded is not None:
            note_upgrade(owner, upgraded)
        if is_away():  # nothing is to change in it by itself, either
            return book
        if waits_for_recosting() or is_behind():
            run_unit(lambda: _go_on_with_jobs(book, owner))
    read_names_ahead(book)
    return book


def _one_opens(book: Book) -> AbstractContextManager[None]:
    """Let those who open a book at the same time do so one after the other; a file's units see to that themselves."""
    return nullcontext() if book.is_sqlite else migrator_lock(book)


def _go_on_with_jobs(book: Book, owner: Actor) -> None:
    """Start what was left undone, unless another process is at it already."""
    if waits_for_recosting():
        from app.inventory.service.costing.pending import JOB_KIND, resume_recosting

        if not is_under_way(JOB_KIND):
            resume_recosting()
    if is_behind() and not is_under_way(WORD_INDEX):
        start_job(book, owner.user_id, WORD_INDEX, lambda job: {"blocks": continue_index(job.check_cancelled)})


def _require_file(path: Path) -> None:
    if not path.is_file():
        recover_file(path)  # a program that died while two files changed names may have left none under this one
    if not path.is_file():
        raise NotFound("book_missing", message("没有账簿文件“{path}”。", path=path))
    if path.stat().st_size == 0:
        raise _not_set_up()
    if is_kept_backup(path):
        raise Conflict(
            "book_is_backup",
            message("“{path}”是程序留存的备份，不直接打开：请用“从备份恢复”把它恢复成账簿。", path=path),
        )


def _require_tables(book: Book) -> None:
    todo = pending(book)
    if len(todo) == len(known_migrations()):  # no table yet: an empty file or database stays empty
        raise _not_set_up()
    if not todo:
        return
    with book.session():
        if not has_owner(book):
            raise _not_set_up()
    if book.is_sqlite:  # it was upgraded or could not be read a moment ago, and is another file now
        raise EnvironmentFault("database_busy", message("账簿正被另一个操作占用，请稍后再试。"))


def _not_set_up() -> NotFound:
    return NotFound("book_not_set_up", message("这个数据库里还没有账，请先建账。"))


def prepare() -> None:
    """Bring the current book's rights to what this program knows, and drop what nobody will ask for again."""
    sync_permissions(all_permissions())
    forget_the_old()
    make_room_for_move()


def forget_the_old() -> None:
    """Drop what nobody will ask the current book for again: answered requests, uploads left lying, ended sessions.

    And what processes that were killed at their work left among the temporary files of this computer.
    """
    run_unit(forget_old_requests)
    forget_expired()
    forget_ended_sessions()
    sweep_workrooms()


def create_book(
    address: BookAddress, *, name: str, chart: str, start: str, vat: str, base_currency: str = "CNY", owner: str = ""
) -> None:
    """Make a new book: tables, owner, rights, chart of accounts. Closed again when it returns.

    Raises `Conflict` (`book_exists`, and `book_in_use` while another program makes it) and leaves what is there alone;
    a file that could not be completed is removed.
    """
    _require_free(address)
    start_period = parse_period(start)
    with StopRegister() as stops:
        if address.path is not None:
            stops.push("lock", BookLock(address.path).acquire(alone=True).release)
            _require_free(address)  # who had it alone until now may have made it
        book = open_database(address)
        stops.push("book", book.close)
        make_room(book)
        try:
            migrate(book)
            with book.session():
                ensure_owner(owner)
                prepare()
                set_up_ledger(name=name, chart=chart, start_period=start_period, base_currency=base_currency, vat=vat)
        except BaseException:
            if address.path is not None:  # ours alone: it was not there before, and we hold its lock
                stops.push("unfinished file", lambda: _remove(address))
                book.close()
            raise


def _require_free(address: BookAddress) -> None:
    if address.path is not None and _is_there(address.path):
        raise Conflict("book_exists", message("“{path}”已存在，没有改动它。", path=address.path))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long: taking the lock says that it cannot be opened
        return False


def _remove(address: BookAddress) -> None:
    if address.path is not None:
        for suffix in ("", "-wal", "-shm"):
            address.path.with_name(address.path.name + suffix).unlink(missing_ok=True)
