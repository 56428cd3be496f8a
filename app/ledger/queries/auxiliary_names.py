"""Finding items of auxiliary dimensions by name, code or pinyin initials, at every key typed.

Databases look through 50,000 names for a part of one in a tenth of a second, which is too long between two keys. So
each process keeps the names of a book in memory. What it changed itself it reads again at the next question; what other
processes changed it learns from the count of items and the sum of their versions, asked for once in a while: items are
only added, and every change raises a version, so equal sums mean that nothing changed. What differs is read again in
stretches of ids. What a transaction has not committed yet stays its own. A process that serves reads all names soon
after it opened the book, so that nobody's first key waits for them.
"""

from __future__ import annotations

import heapq
import logging
import threading
import time
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import NamedTuple

from app.kernel.errors import EnvironmentFault
from app.kernel.text import clean_text
from app.storage.database import Book, Row, after_commit, current_book, fetch_all, fetch_one

logger = logging.getLogger(__name__)

STRETCH = 8
"""Ids are read again in stretches of 2 to this power."""
TRUSTED_S = 1.0
"""For so long what was read counts as what other processes have, too."""
AHEAD_AFTER_S = 2.0
"""Reading ahead begins so long after the opening, when the window has shown its first page."""
AHEAD_PAUSE_S = 0.05
_AHEAD_ROWS = 10_000
_AHEAD_LONGEST_S = 10.0
_MANY = 1_000
_COLUMNS = "id, kind_id, pinyin_sort, name, code, pinyin_initials, active, merged_into, version"
_SUMS = "COUNT(*), SUM(version), SUM(active), COUNT(merged_into)"
_NOTHING: tuple[int, ...] = (0, 0, 0, 0)
_CODE, _INITIALS = "\x1e", "\x1f"
_END = "\n"


class ItemKey(NamedTuple):
    """Where an item stands among others: by the spelling of its name, then by id."""

    spelling: str
    id: int


class _Item(NamedTuple):
    key: ItemKey
    name: str
    marks: str
    kind_id: int
    is_active: bool
    is_merged: bool
    version: int


class _Shelf:
    """The items of one dimension in order, their names and their marks (code and initials) as lines beside them."""

    def __init__(self) -> None:
        self.order: list[ItemKey] = []
        self.idle: set[int] = set()
        self._names: list[str] = []
        self._marks: list[str] = []
        self._texts: tuple[_Text, _Text] | None = None

    def put(self, items: Sequence[_Item]) -> None:
        """Take new items in: a few at their places, many by sorting all."""
        self._texts = None
        self.idle.update(item.key.id for item in items if not item.is_active)
        if len(items) < _MANY:
            for item in items:
                place = bisect_left(self.order, item.key)
                self.order.insert(place, item.key)
                self._names.insert(place, item.name)
                self._marks.insert(place, item.marks)
            return
        rows = sorted([*zip(self.order, self._names, self._marks, strict=True), *(item[:3] for item in items)])
        self.order, self._names, self._marks = (list(column) for column in zip(*rows, strict=True))

    def take(self, key: ItemKey) -> None:
        """Take an item out."""
        place = bisect_left(self.order, key)
        del self.order[place], self._names[place], self._marks[place]
        self.idle.discard(key.id)
        self._texts = None

    def find(self, word: str, after: ItemKey | None, *, active_only: bool) -> Iterator[ItemKey]:
        """Yield the items after a key that a word is part of the name of, or begins the code or initials of."""
        first = 0 if after is None else bisect_right(self.order, after)
        idle = self.idle if active_only else ()
        for place in self._places(word, first):
            if self.order[place].id not in idle:
                yield self.order[place]

    def _places(self, word: str, first: int) -> Iterator[int]:
        if not word:
            yield from range(first, len(self.order))
            return
        names, marks = self.lay_out()
        streams = (names.places(word, first), marks.places(_CODE + word, first), marks.places(_INITIALS + word, first))
        last = -1
        for place in heapq.merge(*streams):
            if place != last:
                last = place
                yield place

    def lay_out(self) -> tuple[_Text, _Text]:
        """Return names and marks as texts, made when something changed."""
        if self._texts is None:
            self._texts = (_Text(self._names), _Text(self._marks))
        return self._texts


class _Text:
    """Lines as one text, so that looking through them is one call."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._text = "".join(lines)
        self._starts = list(accumulate(map(len, lines), initial=0))

    def places(self, word: str, first: int) -> Iterator[int]:
        """Yield the numbers of the lines that hold a word, from `first` on."""
        at = self._text.find(word, self._starts[first])
        while at >= 0:
            place = bisect_right(self._starts, at) - 1
            yield place
            at = self._text.find(word, self._starts[place + 1])


class AuxiliaryNames:
    """The names of a book's items, as a companion of the book; merged items are left out."""

    def __init__(self, book: Book) -> None:
        """Start with nothing read."""
        del book
        self._lock = threading.Lock()
        self._items: dict[int, _Item] = {}
        self._shelves: dict[int, _Shelf] = {}
        self._sums: dict[int, tuple[int, ...]] = {}
        self._fresh_until_s = 0.0
        self._last_id = 0
        self._changed: deque[int] = deque()

    def forget(self, item_id: int | None = None) -> None:
        """Read an item again at the next question; without one, ask the book whether anything changed."""
        if item_id is None:
            self._fresh_until_s = 0.0
        else:
            self._changed.append(item_id)

    def find(
        self,
        *,
        kind_ids: Collection[int] | None,
        word: str,
        after: ItemKey | None,
        limit: int,
        only: Collection[int] | None = None,
        active_only: bool = False,
    ) -> list[ItemKey]:
        """Return at most `limit` items after a key, in order; of some dimensions or all, of some ids or all."""
        with self._lock:
            self._keep_up()
            wanted = self._shelves if kind_ids is None else kind_ids
            shelves = [self._shelves[kind_id] for kind_id in wanted if kind_id in self._shelves]
            sought = _plain(word).strip()
            found = heapq.merge(*(shelf.find(sought, after, active_only=active_only) for shelf in shelves))
            return list(islice((key for key in found if only is None or key.id in only), limit))

    def read_ahead(self, stopped: threading.Event) -> None:
        """Read all names in portions with pauses, unless stopped, and lay them out for the first question."""
        count = _AHEAD_ROWS
        while count == _AHEAD_ROWS and not stopped.is_set():
            with self._lock:
                sql = f"SELECT {_COLUMNS} FROM {{auxiliary}} WHERE id > ? ORDER BY id LIMIT ?"
                rows = fetch_all(sql, (self._last_id, _AHEAD_ROWS))
                self._put(rows)
            count = len(rows)
            stopped.wait(AHEAD_PAUSE_S)
        with self._lock:
            self._keep_up()
            for shelf in self._shelves.values():
                shelf.lay_out()

    def _keep_up(self) -> None:
        changed: set[int] = set()
        while self._changed:
            changed.add(self._changed.popleft())
        now_s = time.monotonic()
        if now_s > self._fresh_until_s or len(changed) > _MANY:
            self._fresh_until_s = now_s + TRUSTED_S  # first: whoever changes something meanwhile sets it back
            self._refresh()
        elif changed:
            ids = sorted(changed)
            places = ", ".join("?" * len(ids))
            self._replace(ids, fetch_all(f"SELECT {_COLUMNS} FROM {{auxiliary}} WHERE id IN ({places})", ids))

    def _refresh(self) -> None:
        if self._is_like_the_book():
            return
        new = fetch_all(f"SELECT {_COLUMNS} FROM {{auxiliary}} WHERE id > ?", (self._last_id,))
        self._put(new)
        if new and self._is_like_the_book():
            return
        sql = f"SELECT id >> {STRETCH}, {_SUMS} FROM {{auxiliary}} GROUP BY id >> {STRETCH}"
        stored = {int(stretch): tuple(int(value or 0) for value in sums) for stretch, *sums in fetch_all(sql)}
        for stretch in sorted({*stored, *self._sums}):
            if stored.get(stretch, _NOTHING) != self._sums.get(stretch, _NOTHING):
                first, last = stretch << STRETCH, ((stretch + 1) << STRETCH) - 1
                rows = fetch_all(f"SELECT {_COLUMNS} FROM {{auxiliary}} WHERE id BETWEEN ? AND ?", (first, last))
                self._replace(range(first, last + 1), rows)

    def _is_like_the_book(self) -> bool:
        row = fetch_one(f"SELECT {_SUMS} FROM {{auxiliary}}") or _NOTHING
        here = tuple(sum(column) for column in zip(*self._sums.values(), strict=True)) or _NOTHING
        return tuple(int(value or 0) for value in row) == here

    def _replace(self, ids: Iterable[int], rows: Sequence[Row]) -> None:
        """Have the items of these ids be those of the rows."""
        gone = {item_id for item_id in ids if item_id in self._items} - {row[0] for row in rows}
        for item_id in gone:
            self._drop(item_id)
        self._put([row for row in rows if self._items.get(row[0]) != _item(row)])

    def _put(self, rows: Sequence[Row]) -> None:
        """Take new and changed rows in."""
        by_kind: dict[int, list[_Item]] = {}
        for row in rows:
            item = _item(row)
            item_id = item.key.id
            if item_id in self._items:
                self._drop(item_id)
            self._items[item_id] = item
            self._last_id = max(self._last_id, item_id)
            self._count(item, 1)
            if not item.is_merged:
                by_kind.setdefault(item.kind_id, []).append(item)
        for kind_id, items in by_kind.items():
            self._shelves.setdefault(kind_id, _Shelf()).put(items)

    def _drop(self, item_id: int) -> None:
        old = self._items.pop(item_id)
        self._count(old, -1)
        if not old.is_merged:
            self._shelves[old.kind_id].take(old.key)

    def _count(self, item: _Item, sign: int) -> None:
        stretch = item.key.id >> STRETCH
        count, versions, active, merged = self._sums.get(stretch, _NOTHING)
        self._sums[stretch] = (
            count + sign,
            versions + sign * item.version,
            active + sign * item.is_active,
            merged + sign * item.is_merged,
        )


def find_items(
    *,
    kind_ids: Collection[int] | None = None,
    word: str = "",
    after: ItemKey | None = None,
    limit: int,
    only: Collection[int] | None = None,
    active_only: bool = False,
) -> list[ItemKey]:
    """Return the first items after a key whose name contains a word, or whose code or initials begin with it.

    Capitals and small letters are the same. Merged items are left out. Without `kind_ids` and `only`, all are asked.
    """
    book = current_book()
    # what is not committed must not be remembered for others
    names = AuxiliaryNames(book) if book.database.in_transaction() else book.companion(AuxiliaryNames)
    return names.find(kind_ids=kind_ids, word=word, after=after, limit=limit, only=only, active_only=active_only)


def read_names_ahead(book: Book) -> threading.Thread:
    """Read the names of a book that is served in the background, soon; closing the book ends it."""
    stopped = threading.Event()

    def work() -> None:
        if stopped.wait(AHEAD_AFTER_S):
            return
        try:
            with book.session():
                book.companion(AuxiliaryNames).read_ahead(stopped)
        except EnvironmentFault as fault:  # the database is away, as any call says that comes now
            logger.info("names were not read ahead: %s", fault.code)
        except Exception:  # the first key reads them, then
            logger.exception("names were not read ahead")

    thread = threading.Thread(target=work, name="names-ahead", daemon=True)

    def end() -> None:
        stopped.set()
        thread.join(_AHEAD_LONGEST_S)

    book.on_close(end)
    thread.start()
    return thread


def name_changed(item_id: int) -> None:
    """Tell that this unit of work adds or changes an item, so that questions after it know it at once."""
    names = current_book().companion(AuxiliaryNames)
    after_commit(lambda: names.forget(item_id))


def names_changed() -> None:
    """Tell that something may have changed many items, or changed them past this program's rules."""
    current_book().companion(AuxiliaryNames).forget()


def _item(row: Row) -> _Item:
    return _Item(
        key=ItemKey(row[2], row[0]),
        name=_plain(row[3]) + _END,
        marks=f"{_CODE}{_plain(row[4])}{_INITIALS}{_plain(row[5])}{_END}",
        kind_id=row[1],
        is_active=bool(row[6]),
        is_merged=row[7] is not None,
        version=row[8],
    )


def _plain(text: str) -> str:
    """Return a text as it is compared: what is stored is clean, but a book may come from anywhere."""
    return text.casefold() if text.isprintable() else clean_text(text).replace(_END, " ").casefold()
