"""The kept backups of one open book in this process: when one is made, where it goes, who looks at them again.

A backup is kept when the book is closed, once a day while it stays open, and before acts that take something away; at
the next opening what a crash or a skipped closing left out is made up for. A book on a server is backed up by itself
only where its owner works or `serve` runs, at most once a day: not every desk shall hold a copy of everything.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path

from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.errors import EnvironmentFault, UserError, ZhangfangError
from app.kernel.text import Message, message
from app.portable import to_stored
from app.settings import Settings, data_folder, load_settings, portable_folder
from app.storage.book_settings import get_setting
from app.storage.database import Book, fetch_one
from app.storage.jobs import JobRunner
from app.storage.kept_backups import Kept, Safeguard, Shelf, Wish, check_shelf, keep, shelf_folder
from app.storage.kept_backups.keeping import Made
from app.storage.kept_backups.proof import QUICK
from app.storage.kept_backups.trouble import forget_trouble, note_trouble
from app.storage.progress import Cancelled, Progress, WorkCancelled, never_cancelled, no_progress
from app.web.book_eyes import EYES, change_mark, is_worth_keeping

logger = logging.getLogger(__name__)

FOLDER_NAME = "backups"
DAY_MS = 86_400_000
CLOSING_LIMIT_S = 120.0
"""Closing takes no longer than this for a backup; what is not done by then is made up for at the next opening."""
UNSEEN_LIMIT_S = 4.0
"""The same where nobody sees how far it is and could skip it: the system may be shutting down, and waits no longer."""
FIRST_LOOK_AFTER_S = 20.0
LOOK_EVERY_S = 3600.0
NOT_OUR_TURN_S = 300.0
"""After so long a process looks again whether the one that has the turn is still there."""
PAUSE_S = 0.02
"""Between two parts of a proof in the background, so that the window stays at hand."""
STOP_WAIT_S = 10.0
TOLD_EVERY_S = 0.05

Report = Callable[[int, int, Message], bool]
"""Told how far closing is; returns True when somebody does not want to wait for the backup."""


class Keeper:
    """Keeps the backups of one open book. `book.companion(Keeper)` returns it; it does nothing before it is asked."""

    def __init__(self, book: Book) -> None:
        """Read the settings whenever they are needed."""
        self._book = book
        self.settings: Callable[[], Settings] = load_settings
        self.may_by_itself = book.is_sqlite
        """Whether backups are made unasked. The file of a book is on this computer anyway; see the module's text."""
        self.closing_limit_s = UNSEEN_LIMIT_S
        self.tell: Callable[[Message], object] = lambda _sentence: None
        """Told at once of what is noted as trouble; the window reads it from the list."""
        self.turn: Callable[[], AbstractContextManager[bool]] = lambda: nullcontext(True)
        """Whether this process does what is to be done now; of several that serve a book, one does."""
        self.chores: tuple[Callable[[], object], ...] = ()
        """What else is done each hour, in a session of the book."""
        self._report: Report | None = None
        self._known: tuple[str, str] | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    # --- where ---------------------------------------------------------------------------------------------------

    def home(self) -> Path:
        """Return the folder below the data folder where this book's backups go unless another is chosen."""
        return shelf_folder(data_folder() / FOLDER_NAME, self._title(), self._identity())

    def shelves(self) -> list[Shelf]:
        """Return the shelf below the chosen folder, if there is one and it is there, and the one at home."""
        home = self.home()
        chosen = self.settings().backup_folder
        if not chosen or self.is_folder_missing:
            return [Shelf(home, home)]
        folder = shelf_folder(Path(chosen), self._title(), self._identity())
        return [Shelf(one, home) for one in dict.fromkeys((folder, home))]

    def backups(self) -> list[tuple[Shelf, Kept]]:
        """Return all backups there are, newest first."""
        found = [(shelf, kept) for shelf in self.shelves() for kept in shelf.read()]
        return sorted(found, key=lambda pair: (pair[1].made_at, pair[1].name), reverse=True)

    def is_kept(self) -> bool:
        """Tell whether a sound backup holds the present state. Needs a session of the book."""
        mark = change_mark()
        return any(kept.is_sound and kept.mark == mark for _, kept in self.backups())

    @property
    def is_folder_missing(self) -> bool:
        """Whether a folder was chosen and is not there now."""
        chosen = self.settings().backup_folder
        return bool(chosen) and not _is_there(Path(chosen))

    def _title(self) -> str:
        return self._seen_in_book()[0]

    def _identity(self) -> str:
        """Return what tells this book from all others: its address, and the moment of its first change.

        Another book may come to the same address, or lie at it on another computer that uses the same folder: neither
        takes the places of the other's backups.
        """
        address = self._book.address.place
        if self._book.address.path is not None:
            address = str(self._book.address.path.resolve())
            portable = portable_folder()
            if portable is not None:  # the stick may have another drive letter tomorrow
                address = to_stored(address, portable)
        return f"{address} {self._seen_in_book()[1]}"

    def _seen_in_book(self) -> tuple[str, str]:
        """Return name and first change of the book; both empty while its server is away."""
        if self._known is None:
            try:
                with self._book.session():
                    first = fetch_one("SELECT at FROM {audit_log} ORDER BY id LIMIT 1")
                    self._known = str(get_setting("book_name", "") or ""), str(first[0] if first else "")
            except EnvironmentFault:
                return "", ""
        return self._known

    # --- making one ----------------------------------------------------------------------------------------------

    def keep(
        self,
        reason: str,
        *,
        actor: Actor | None = None,
        proof: str = QUICK,
        even_if_unchanged: bool = False,
        progress: Progress = no_progress,
        cancelled: Cancelled = never_cancelled,
    ) -> tuple[Shelf, Made]:
        """Keep a backup: in the chosen folder, or where that does not work, at home, and then note why.

        Raises what `app.storage.kept_backups.keep` raises for the last folder.
        """
        settings = self.settings()
        wish = Wish(self._title(), reason, proof, even_if_unchanged, settings.backup_limit_mb * 1_000_000)
        shelves = self.shelves()
        trouble: Message | None = None
        if self.is_folder_missing:
            trouble = message(
                "备份文件夹“{folder}”不在（U 盘没有插上？），备份改存到了“{home}”。",
                folder=settings.backup_folder,
                home=shelves[0].folder,
            )
        for shelf in shelves[:-1]:
            try:
                made = keep(self._book, shelf, wish, EYES, progress=progress, cancelled=cancelled)
            except EnvironmentFault as fault:
                trouble = message(
                    "备份没能存到“{folder}”，改存到了“{home}”：{reason}",
                    folder=settings.backup_folder,
                    home=shelves[-1].folder,
                    reason=fault.message,
                )
            else:
                return self._done(actor, shelf, made, trouble)
        made = keep(self._book, shelves[-1], wish, EYES, progress=progress, cancelled=cancelled)
        return self._done(actor, shelves[-1], made, trouble)

    def _done(self, actor: Actor | None, shelf: Shelf, made: Made, trouble: Message | None) -> tuple[Shelf, Made]:
        if trouble is None:
            forget_trouble(self.home())
        else:
            self._note(trouble)
        if made.is_new:
            self._record(actor, shelf, made)
        return shelf, made

    def check(
        self,
        *,
        name: str = "",
        everything: bool = False,
        progress: Progress = no_progress,
        cancelled: Cancelled = never_cancelled,
    ) -> list[Kept]:
        """Look again at one backup, at all of them, or at those it is time for; return what was looked at."""
        looked: list[Kept] = []
        for shelf in self.shelves():
            names = [kept.name for kept in shelf.read() if everything or kept.name == name]
            if names or not (name or everything):
                most = 1 if not names else None
                looked += check_shelf(
                    shelf, EYES, names=names, most_proofs=most, progress=progress, cancelled=cancelled
                )
        return looked

    def _record(self, actor: Actor | None, shelf: Shelf, made: Made) -> None:
        after = asdict(made.kept) | {"folder": str(shelf.folder), "removed": list(made.removed)}
        try:
            with self._book.session():
                audit.record(actor, "book:backup:add", "backup", made.kept.name, after=after)
        except EnvironmentFault as fault:  # the backup is there, whether or not the log can be written now
            logger.info("a backup could not be written into the log: %s", fault.code)

    # --- by itself -----------------------------------------------------------------------------------------------

    def see(self, actor: Actor | None) -> None:
        """Take note of who works: with its owner at work a book on a server is backed up from here, too."""
        if actor is not None and actor.is_owner:
            self.may_by_itself = True

    def start(self, *, daemon: bool = False) -> None:
        """Begin to look after the backups in the background, and answer the bell.

        A `daemon` does not keep its process from ending; what it was writing then is taken away by the next one.
        """
        self.answer_bell()
        self._book.on_close(self.stop)
        self._thread = threading.Thread(target=self._look_after, name="kept-backups", daemon=daemon)
        self._thread.start()

    @property
    def is_started(self) -> bool:
        """Whether the backups are looked after."""
        return self._thread is not None

    def answer_bell(self) -> None:
        """Keep a backup whenever a service is about to take something away (`app.storage.kept_backups.safeguard`)."""
        self._book.companion(Safeguard).keep = self.before_act

    def stop(self) -> None:
        """End what goes on in the background; bounded."""
        self._stopping.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(STOP_WAIT_S)

    def before_act(self, reason: str, progress: Progress = no_progress) -> None:
        """Keep a backup before an act that takes something away; when that fails, note it and let the act go on.

        On a server only if the last one is older than a day. Raises `WorkCancelled` through the progress.
        """
        with self._book.session():
            wanted = is_worth_keeping()
        if not wanted or not self._wants(older_than_ms=0 if self._book.is_sqlite else DAY_MS):
            return
        shown: list[tuple[int, int, Message]] = [(0, 0, message("正在备份…"))]

        def watched(done: int, total: int, text: Message) -> None:
            shown[0] = (done, total, text)
            progress(done, total, text)

        def cancelled() -> bool:  # within a long statement, only whoever is told of progress can say so
            try:
                progress(*shown[0])
            except WorkCancelled:
                return True
            return False

        try:
            self.keep(reason, progress=watched, cancelled=cancelled)
        except WorkCancelled:
            raise
        except ZhangfangError as error:
            self._note_failure(error)

    def show_closing(self, report: Report) -> None:
        """Tell how far the backup at closing is; then there is more time for it."""
        self._report, self.closing_limit_s = report, CLOSING_LIMIT_S

    def at_closing(self) -> None:
        """Keep a backup of what this session changed; a step of closing: bounded, and skipped when somebody says so."""
        self.stop()
        self._book.companion(JobRunner).stop()  # what is under way is not to be half in the backup
        watch = _Watch(self._report, self.closing_limit_s)
        try:
            if self._wants(older_than_ms=0 if self._book.is_sqlite else DAY_MS):
                self.keep("session", progress=watch.progress, cancelled=watch.cancelled)
        except WorkCancelled:
            logger.info("no backup at closing: %s", "skipped" if watch.skipped else "not done in time")
        except ZhangfangError as error:
            self._note_failure(error)

    def _wants(self, *, older_than_ms: int) -> bool:
        """Tell whether a backup is to be made unasked now, if the last one is so old."""
        if not self.settings().automatic_backups or not self.may_by_itself:
            return False
        newest = next((kept.made_at for _, kept in self.backups() if kept.is_sound), 0)
        # one from the future, made before the clock was set back, does not keep others from being made
        return older_than_ms == 0 or not 0 <= utc_ms() - newest < older_than_ms

    def _note_failure(self, error: ZhangfangError) -> None:
        self._note(message("没能自动备份：{reason}", reason=error.message))

    def _note(self, trouble: Message) -> None:
        note_trouble(self.home(), utc_ms(), trouble)
        self.tell(trouble)

    def _look_after(self) -> None:
        wait_s, reason = FIRST_LOOK_AFTER_S, "start"
        self._tidy()
        while not self._stopping.wait(wait_s):
            try:
                with self.turn() as is_ours:
                    if is_ours:
                        self._one_round(reason)
                        reason = "daily"
                wait_s = LOOK_EVERY_S if is_ours else NOT_OUR_TURN_S
            except WorkCancelled:
                return
            except (EnvironmentFault, UserError) as error:
                self._note_failure(error)
                wait_s, reason = LOOK_EVERY_S, "daily"

    def _tidy(self) -> None:
        """Take away at once what a program that was killed left half written."""
        try:
            for shelf in self.shelves():
                if shelf.home.is_dir():
                    with shelf.locked(self._stopping.is_set):
                        shelf.sweep()
        except (EnvironmentFault, WorkCancelled) as error:
            logger.info("the folder of backups was not tidied: %s", error)

    def _one_round(self, reason: str) -> None:
        with self._book.session():
            for chore in self.chores:
                chore()
        is_first = reason == "start"
        if self._wants(older_than_ms=0 if is_first and self._book.is_sqlite else DAY_MS):
            self.keep(reason, progress=self._politely, cancelled=self._stopping.is_set)
        self.check(progress=self._politely, cancelled=self._stopping.is_set)

    def _politely(self, _done: int, _total: int, _text: Message) -> None:
        self._stopping.wait(PAUSE_S)


class _Watch:
    """Shows how far closing is, and stops it when somebody skips it or it takes too long."""

    def __init__(self, report: Report | None, limit_s: float) -> None:
        self.skipped = False
        self._report = report
        self._deadline = time.monotonic() + limit_s
        self._shown = (0, 0)
        self._told_at = 0.0

    def progress(self, done: int, total: int, _text: Message) -> None:
        self._shown = (done, total)
        self.cancelled()

    def cancelled(self) -> bool:
        now = time.monotonic()
        if self._report is not None and not self.skipped and now - self._told_at >= TOLD_EVERY_S:
            self._told_at = now  # it is asked every few milliseconds
            self.skipped = self._report(*self._shown, message("正在备份…"))
        return self.skipped or now > self._deadline


def _is_there(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:  # a name too long, a share that wants to know who asks
        return False


def keeper_of(book: Book) -> Keeper:
    """Return who keeps the backups of an open book."""
    return book.companion(Keeper)
