"""One book beside the default one: opened in the background, lent to requests, closed when nobody has it any more.

Opening may take long, or fail for a while (locked elsewhere, its server away). No request waits for that more than a
moment, and none at all once it has failed: the reason is answered, and it is tried again behind the request's back.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from app.contract.serving import ServedBook
from app.kernel.errors import Conflict, EnvironmentFault, NotFound, ZhangfangError
from app.kernel.text import Message, message
from app.storage.backup import disk_faults, make_single_file, rename_book
from app.storage.book_settings import get_setting
from app.storage.database import Book
from app.storage.lock import lock_path
from app.web.book_folder import Place, mark_of
from app.web.keeping import keeper_of
from app.web.looking_after import look_after
from app.web.opening import StopRegister, open_for_serving

logger = logging.getLogger(__name__)

BOOK_KEY = "zhangfang.book"
"""In the WSGI environment: the book a request is for, where the application serves several."""
REFUSAL_KEY = "zhangfang.refusal"
"""In the WSGI environment: the error to be answered in place of a book that cannot be had."""
FIRST_WAIT_S = 5.0
MOST_WAITING = 2
"""So many requests wait for a book that is opened for the first time; a thread each, which others need."""
RETRY_AFTER_S = 3.0
LAST_REQUESTS_S = 10.0
SHOWN_FOR_S = 2.0
PREDECESSOR_S = 60.0
OTHERS_LET_GO_S = 60.0
_HEADER_BYTES = 100


class Prefix:
    """Below which path of the server an open book is served; empty for the default one. `book.companion(Prefix)`."""

    def __init__(self, _book: Book) -> None:
        """Take it for the default book."""
        self.path = ""
        self.entry: FurtherBook | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was last seen of an open book."""

    at_s: float
    name: str
    problem: Message | None
    is_moved: bool


class FurtherBook:
    """A book of the folder under one slug."""

    def __init__(self, slug: str, place: Place, model: Book, before: FurtherBook | None = None) -> None:
        """Open nothing yet. Its backups are kept as those of `model`; `before` had the same file name until now."""
        self.slug = slug
        self.place = place
        self.path = f"/books/{slug}"
        self.closed = threading.Event()
        self._model = model
        self._before = before
        self._changed = threading.Condition()
        self._book: Book | None = None
        self._stops = StopRegister()
        self._problem: ZhangfangError | None = None
        self._tried_at_s: float | None = None
        self._is_opening = False
        self._is_ending = False
        self._could_not_leave = False
        self._is_left_behind = False
        self._users = 0
        self._waiting = 0
        self._seen: _Seen | None = None
        self._looking = threading.Lock()
        self._closing = threading.Lock()

    # --- for requests --------------------------------------------------------------------------------------------

    def lend(self) -> Book:
        """Return the open book, to be given back. Raises what keeps it from being served, as 409 or 503."""
        with self._changed:
            if self._book is None and not self._is_ending:
                self._begin_opening()
                if self._tried_at_s is None and self._waiting < MOST_WAITING:
                    self._waiting += 1
                    self._changed.wait_for(lambda: self._tried_at_s is not None, FIRST_WAIT_S)
                    self._waiting -= 1
            if self._book is None or self._is_ending:
                raise self._refusal()
            self._users += 1
            return self._book

    def give_back(self) -> None:
        """Say that a request is done with the book."""
        with self._changed:
            self._users -= 1
            self._changed.notify_all()

    @property
    def is_ending(self) -> bool:
        """Whether it is served no more."""
        return self._is_ending

    def shown(self) -> ServedBook:
        """Return how the book stands, in the caller's language; looked at anew every few seconds, by one at a time."""
        with self._changed:
            if self._book is None and not self._is_ending:
                self._begin_opening()
            book = None if self._is_ending else self._book
            if book is None:
                return shown_book(self.slug, self.slug, self._refusal().message, is_moved=False)
            self._users += 1  # or it might be closed, and its file be gone, while it is looked at
        try:
            seen = self._look_into(book)
        finally:
            self.give_back()
        return shown_book(self.slug, seen.name, seen.problem, is_moved=seen.is_moved)

    def _look_into(self, book: Book) -> _Seen:
        known = self._seen
        is_fresh = known is not None and time.monotonic() - known.at_s < SHOWN_FOR_S
        if not is_fresh and self._looking.acquire(blocking=known is None):
            try:
                self._seen = known = _look_at(book, known.name if known is not None else self.slug)
            finally:
                self._looking.release()
        assert known is not None  # noqa: S101 - who had nothing waited and looked
        return known

    # --- opening -------------------------------------------------------------------------------------------------

    def open_now(self, timeout_s: float) -> None:
        """Open the book, unless that is under way or was just tried; wait until it was tried at all."""
        with self._changed:
            if self._book is None and not self._is_ending:
                self._begin_opening()
            self._changed.wait_for(lambda: self._tried_at_s is not None, timeout_s)

    def _begin_opening(self) -> None:
        just_tried = self._tried_at_s is not None and time.monotonic() - self._tried_at_s < RETRY_AFTER_S
        if not self._is_opening and not just_tried:
            self._is_opening = True
            threading.Thread(target=self._open, name=f"open-{self.slug}", daemon=True).start()

    def _open(self) -> None:
        stops, book, problem = StopRegister(), None, None
        try:
            self._wait_for_predecessor()
            with disk_faults():
                book = self._opened(stops)
        except ZhangfangError as error:
            if self._problem is None or self._problem.code != error.code:
                logger.warning("the book %s cannot be served: %s", self.slug, error.logged)
            problem = error
        except Exception:  # whatever it was, the other books are served on
            logger.exception("the book %s cannot be served", self.slug)
            problem = EnvironmentFault("book_unreachable", message("账簿打不开，原因已写入日志。"))
        if problem is not None or self._is_ending:
            book = None
            stops.run()
        with self._changed:
            is_left = self._is_left_behind
            self._book, self._problem, self._stops = None if is_left else book, problem, stops
            self._tried_at_s = time.monotonic()
            self._is_opening = False
            self._changed.notify_all()
        if is_left:
            self._close()

    def _opened(self, stops: StopRegister) -> Book:
        path = self.place.address.path
        if path is not None:
            _require_whole(path)
        book = open_for_serving(self.place.address, stops)
        model = keeper_of(self._model)
        if model.is_started:
            keeper_of(book).settings = model.settings
            look_after(book, stops, None, model.closing_limit_s, daemon=True)
        prefix = book.companion(Prefix)
        prefix.path, prefix.entry = self.path, self
        if path is not None:  # an upgrade puts another file in its place
            self.place = Place(self.place.address, mark_of(path))
        return book

    def _wait_for_predecessor(self) -> None:
        before, self._before = self._before, None
        if before is not None and not before.closed.wait(PREDECESSOR_S):
            self._before = before
            raise EnvironmentFault("database_busy", message("账簿正被另一个操作占用，请稍后再试。"))

    def _refusal(self) -> ZhangfangError:
        """Return what to answer in place of the book: made anew, for one that is raised twice keeps growing."""
        if self._is_ending:
            return unknown_book(self.slug)
        if self._problem is None:
            return EnvironmentFault("book_opening", message("账簿“{slug}”正在打开，请稍后再试。", slug=self.slug))
        kind = Conflict if isinstance(self._problem, Conflict) else EnvironmentFault
        return kind(self._problem.code, self._problem.message.for_strangers())

    def lies_at(self, place: Place | None) -> bool:
        """Tell whether this is still the book at a place. While it is opened, an upgrade may put another file there."""
        with self._changed:
            if place is None or place.address != self.place.address or self._could_not_leave:
                return False
            return self._is_opening or place.mark == self.place.mark

    # --- closing -------------------------------------------------------------------------------------------------

    def end(self, *, is_gone: bool = False) -> None:
        """Lend it no more, wait a bounded time for who has it, close it. A book that is gone gets no last backup."""
        with self._changed:
            self._is_ending = True
            if not self._changed.wait_for(lambda: not self._users and not self._is_opening, LAST_REQUESTS_S):
                logger.warning("the book %s is closed while %d requests have it", self.slug, self._users)
            book, self._book = self._book, None
            self._is_left_behind = self._is_opening  # then whoever opens it closes it
        if is_gone and book is not None:
            keeper_of(book).may_by_itself = False
        if not self._is_left_behind:
            self._close()

    def _close(self) -> None:
        with self._closing:  # who asks second waits until it is closed, too
            self._stops.run()
            self.closed.set()

    def set_aside(self, name: Path) -> None:
        """Lend it no more; once who has it is done and it is closed, its file gets another name.

        Raises `NotFound` when that was asked before: of two names at once, one would get the log and one the book.
        """
        with self._changed:
            if self._is_ending:
                raise unknown_book(self.slug)
            self._is_ending = True
        threading.Thread(target=self._leave, args=(name,), name=f"remove-{self.slug}", daemon=True).start()

    def _leave(self, name: Path) -> None:
        self.end(is_gone=True)
        path = self.place.address.path
        assert path is not None  # noqa: S101 - only files are set aside
        try:
            rename_book(path, name)
            if name.with_name(f"{name.name}-wal").exists() and self._is_let_go_of(path):
                make_single_file(name)
        except EnvironmentFault as fault:
            logger.error("the file of the book %s could not be renamed: %s", self.slug, fault.message)  # noqa: TRY400
            self._could_not_leave = True  # it is found in the folder again, and says that it has moved
            return
        logger.info("the book %s was removed; its file is %s now", self.slug, name.name)

    @staticmethod
    def _is_let_go_of(path: Path) -> bool:
        """Wait a bounded time until no other process has a file open that was here; tell whether that is so."""
        give_up_at = time.monotonic() + OTHERS_LET_GO_S
        while (is_held := lock_path(path).exists()) and time.monotonic() < give_up_at:
            time.sleep(0.2)
        return not is_held


def unknown_book(slug: str) -> NotFound:
    """Return the refusal for a slug under which nothing is served."""
    return NotFound("book_unknown", message("这台服务器上没有账簿“{slug}”。", slug=slug))


def shown_book(slug: str, name: str, problem: Message | None, *, is_moved: bool) -> ServedBook:
    """Return how a book stands, in the caller's language; the default one has no slug."""
    return ServedBook(
        slug=slug,
        name=name,
        path=f"/books/{slug}" if slug else "",
        state="moved" if is_moved else "open" if problem is None else "unavailable",
        problem="" if problem is None else str(problem),
    )


def _look_at(book: Book, last_name: str) -> _Seen:
    try:
        with book.request_session():
            return _Seen(time.monotonic(), *named_and_moved(last_name))
    except (EnvironmentFault, NotFound) as fault:  # NotFound: somebody has just taken its file away
        return _Seen(time.monotonic(), last_name, fault.message.for_strangers(), is_moved=False)


def named_and_moved(otherwise: str) -> tuple[str, Message | None, bool]:
    """Return the current book's name, and where it has moved, if it has."""
    name = str(get_setting("book_name") or otherwise)
    move = get_setting("book_move")
    if not move or not move["done"]:
        return name, None, False
    if str(move["place"]).startswith(("http://", "https://")):
        return name, message("这本账已迁到“{place}”，请到那里继续。", place=move["place"]), True
    return name, message("这本账已迁走；迁到了哪里，登录后可见。"), True


def _require_whole(path: Path) -> None:
    """Refuse a file that is shorter than it says of itself: it is being copied here, or was not copied as a whole.

    Format: https://www.sqlite.org/fileformat2.html#the_database_header
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
        size = file.seek(0, 2)
    if len(header) < _HEADER_BYTES or not header.startswith(b"SQLite format 3\x00"):
        return  # opening it says what is wrong
    page_bytes = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    is_counted = header[24:28] == header[92:96]
    if is_counted and size < pages * (65536 if page_bytes == 1 else page_bytes):
        sentence = message("账簿文件不完整：可能还在复制，稍后会再试；一直这样就请重新复制，或从备份恢复。")
        raise EnvironmentFault("book_incomplete", sentence)
