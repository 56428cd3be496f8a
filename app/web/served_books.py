"""The further books of a server: those in its folder, found, opened and closed while it runs."""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from pathlib import Path

from app.contract.serving import ServedBook, ServedBooks
from app.kernel.errors import Conflict, NotFound
from app.kernel.text import message
from app.storage.backup import PART_SUFFIX
from app.storage.database import Book, current_book
from app.version import PROGRAM, VERSION
from app.web.book_folder import BookFolder, Place
from app.web.further_book import FurtherBook, Prefix, named_and_moved, shown_book, unknown_book
from app.web.opening import StopRegister

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
LOOK_ALONE_S = 3.0
"""So often the folder is looked at while nothing is asked: a book that left it is let go of, for another may come."""
FIRST_OPENING_S = 60.0
LISTING_S = 2.0
"""So long the list of books waits for those that are opened just now."""
CLOSING_S = 45.0
"""For all books together, last backups included; one that hangs longer is left behind."""
DRAFT = ".zhangfang-"
"""How the names of what an intake has under way begin."""
DRAFT_KEPT_S = 24 * 3600


class FurtherBooks:
    """What a server serves beside its default book; `default.companion(FurtherBooks)` returns it. Nothing at first."""

    def __init__(self, default: Book) -> None:
        """Know the default book; without `serve` there are no others."""
        self._default = default
        self._folder: BookFolder | None = None
        self._books: dict[str, FurtherBook] = {}
        self._leaving: dict[str, FurtherBook] = {}
        """Those that are there no more, as long as they are not closed: another of the name waits for that."""
        self._lock = threading.Lock()
        self._looked_at_s: float | None = None
        self._trouble = ""
        self._ending = threading.Event()

    @property
    def folder(self) -> BookFolder | None:
        """Return the folder of further books, if this server has one."""
        return self._folder

    @property
    def takes_books(self) -> bool:
        """Tell whether a book can be brought here."""
        return self._folder is not None and os.access(self._folder.path, os.W_OK)

    def serve(self, path: Path, stops: StopRegister) -> None:
        """Serve the books of a folder from now on; they are opened one after another in the background.

        Raises `NotFound` (`folder_missing`).
        """
        if not path.is_dir():
            raise NotFound("folder_missing", message("没有文件夹“{path}”。", path=path))
        self._folder = BookFolder(path.absolute())
        self.look(at_once=True)
        _sweep(path)
        stops.push("further books", self.close)
        threading.Thread(target=self._look_after, name="further-books", daemon=True).start()

    def lend(self, slug: str) -> tuple[Book, FurtherBook]:
        """Return a book for one request, and who gets it back. Raises `NotFound`, and as `FurtherBook.lend`."""
        self.look()
        found = self._known(slug)
        if found is None and self._folder is not None and os.path.lexists(self._folder.file_of(slug)):
            self.look(at_once=True)  # another process has just taken it in
            found = self._known(slug)
        if found is None:
            raise unknown_book(slug)
        return found.lend(), found

    def _known(self, slug: str) -> FurtherBook | None:
        with self._lock:
            return self._books.get(slug)

    def listed(self) -> list[ServedBook]:
        """Return the further books as they stand, in the caller's language."""
        self.look()
        with self._lock:
            books = list(self._books.values())
        deadline = time.monotonic() + LISTING_S
        for book in books:
            book.open_now(max(0.0, deadline - time.monotonic()))
        return [book.shown() for book in books if not book.is_ending]

    def require_free(self, slug: str) -> Path:
        """Return where a new book of this slug will lie. Raises `Conflict` (`slug_taken`)."""
        if self._folder is None:
            raise unknown_book(slug)
        self.look(at_once=True)
        path = self._folder.file_of(slug)
        with self._lock:
            is_taken = slug in self._books
        if is_taken or os.path.lexists(path):
            raise slug_taken(slug)
        return path

    def look(self, *, at_once: bool = False) -> None:
        """See which books there are now; not more than once a second, unless something is known to have changed."""
        with self._lock:
            if self._folder is None or self._ending.is_set():
                return
            if not at_once and self._looked_at_s is not None and time.monotonic() - self._looked_at_s < LOOK_EVERY_S:
                return
            self._looked_at_s = time.monotonic()
            try:
                places = self._folder.places(self._default.address.path)
            except OSError as error:  # what is open stays open
                if str(error) != self._trouble:
                    logger.warning("the folder of books cannot be read: %s", error)
                self._trouble = str(error)
                return
            self._trouble = ""
            gone = self._settle(places)
        for book in gone:
            logger.info("the book %s is gone", book.slug)
            threading.Thread(target=book.end, kwargs={"is_gone": True}, name=f"end-{book.slug}", daemon=True).start()

    def _settle(self, places: dict[str, Place]) -> list[FurtherBook]:
        """Take over what was found; return the books that are there no more, or lie elsewhere."""
        gone = [book for slug, book in self._books.items() if not book.lies_at(places.get(slug))]
        now = {book.slug: book for book in gone}
        self._leaving = {slug: book for slug, book in self._leaving.items() if not book.closed.is_set()} | now
        kept = {slug: book for slug, book in self._books.items() if slug not in now}
        self._books = {
            slug: kept.get(slug) or FurtherBook(slug, place, self._default, self._leaving.get(slug))
            for slug, place in places.items()
        }
        return gone

    def _look_after(self) -> None:
        """Open all books one after another, then see which come and go."""
        self._open_all()
        while not self._ending.wait(LOOK_ALONE_S):
            self.look()

    def _open_all(self) -> None:
        with self._lock:
            books = sorted(self._books.values(), key=lambda book: book.place.address.kind != "sqlite")
        for book in books:
            if self._ending.is_set():
                return
            book.open_now(FIRST_OPENING_S)

    def close(self) -> None:
        """Close all books at the same time, each in its order; those that hang are left behind after a while."""
        self._ending.set()
        with self._lock:
            books = [*self._books.values(), *(book for book in self._leaving.values() if not book.closed.is_set())]
            self._books, self._leaving = {}, {}
        threads = [threading.Thread(target=book.end, name=f"end-{book.slug}", daemon=True) for book in books]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + CLOSING_S
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        late = [book.slug for book in books if not book.closed.is_set()]
        if late:
            logger.error("not closed within %.0f s: %s", CLOSING_S, ", ".join(late))


def slug_taken(slug: str) -> Conflict:
    """Return the refusal of a slug that another book has."""
    return Conflict("slug_taken", message("服务器上已有名为“{slug}”的账，请换一个名字。", slug=slug))


def served_books() -> ServedBooks:
    """Return every book of this server, the current one, the default, first. Raises `NotFound` in any other."""
    book = current_book()
    further = book.companion(FurtherBooks)
    if book.companion(Prefix).path:
        raise NotFound("no_such_path", message("没有这个地址。"))
    name, problem, moved = named_and_moved("")
    default = shown_book("", name, problem, is_moved=moved)
    return ServedBooks(
        program=PROGRAM, version=VERSION, takes_books=further.takes_books, books=[default, *further.listed()]
    )


def _sweep(folder: Path) -> None:
    """Remove what an intake left that was killed; what is younger may be another process's, at work."""
    oldest = time.time() - DRAFT_KEPT_S
    for pattern in (f"{DRAFT}*", f".*{PART_SUFFIX}*"):
        for left in folder.glob(pattern):
            try:
                if left.lstat().st_mtime < oldest:
                    if left.is_dir():
                        shutil.rmtree(left)
                    else:
                        left.unlink()
            except OSError as error:
                logger.info("a draft could not be removed: %s", error)
