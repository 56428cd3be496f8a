"""Finding items of auxiliary dimensions by name, code or pinyin initials, at every key typed.

Databases look through 50,000 names for a part of one in a tenth of a second, which is too long between two keys. So
each process keeps the names of a book in memory and asks, at every question, for the count of items and the sum of
their versions: items are only added, and every change raises a version, so equal sums mean that nothing changed. Else
the stretches of ids whose sums differ are read again. What a transaction has not committed yet stays its own.
"""

from __future__ import annotations

import heapq
import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import NamedTuple

from app.kernel.text import clean_text
from app.storage.database import Book, Row, current_book, fetch_all, fetch_one

STRETCH = 10
"""Ids are read again in stretches of 2 to this power."""
_MANY = 2_000
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
    kind_id: int
    key: ItemKey
    name: str
    marks: str
    is_active: bool
    is_merged: bool
    version: int


class _Shelf:
    """The items of one dimension in order, their names and their marks (code and initials) each as one text."""

    def __init__(self) -> None:
        self.order: list[ItemKey] = []
        self._names: dict[int, str] = {}
        self._marks: dict[int, str] = {}
        self.idle: set[int] = set()
        self._texts: tuple[_Text, _Text] | None = None

    def put(self, item: _Item) -> None:
        self._names[item.key.id], self._marks[item.key.id] = item.name, item.marks
        (self.idle.discard if item.is_active else self.idle.add)(item.key.id)
        self._texts = None

    def take(self, item_id: int) -> None:
        del self._names[item_id], self._marks[item_id]
        self.idle.discard(item_id)
        self._texts = None

    def find(self, word: str, first: int) -> Iterator[ItemKey]:
        """Yield the items from a place on that a word is part of the name of, or begins the code or initials of."""
        if not word:
            yield from islice(self.order, first, None)
            return
        if self._texts is None:
            self._texts = (
                _Text(self._names[key.id] for key in self.order),
                _Text(self._marks[key.id] for key in self.order),
            )
        names, marks = self._texts
        streams = (names.places(word, first), marks.places(_CODE + word, first), marks.places(_INITIALS + word, first))
        last = -1
        for place in heapq.merge(*streams):
            if place != last:
                last = place
                yield self.order[place]


class _Text:
    """Lines as one text, so that looking through them is one call."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = list(lines)
        self._text = _END.join(self._lines)
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]

    def places(self, word: str, first: int) -> Iterator[int]:
        """Yield the numbers of the lines that hold a word, from `first` on."""
        if first >= len(self._lines):
            return
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
            self._refresh()
            shelves = [
                self._shelves[kind]
                for kind in (self._shelves if kind_ids is None else kind_ids)
                if kind in self._shelves
            ]
            sought = _plain(word)
            found = heapq.merge(
                *(
                    (key for key in self._stream(shelf, sought, after) if not active_only or key.id not in shelf.idle)
                    for shelf in shelves
                )
            )
            return list(islice((key for key in found if only is None or key.id in only), limit))

    @staticmethod
    def _stream(shelf: _Shelf, word: str, after: ItemKey | None) -> Iterator[ItemKey]:
        return shelf.find(word, 0 if after is None else bisect_right(shelf.order, after))

    def _refresh(self) -> None:
        row = fetch_one(f"SELECT {_SUMS} FROM {{auxiliary}}")
        here = tuple(sum(column) for column in zip(*self._sums.values(), strict=True)) or _NOTHING
        if row is None or tuple(int(value or 0) for value in row) == here:
            return
        if not self._items:
            self._put(fetch_all(f"SELECT {_COLUMNS} FROM {{auxiliary}}"))
            return
        sql = f"SELECT id >> {STRETCH}, {_SUMS} FROM {{auxiliary}} GROUP BY id >> {STRETCH}"
        stored = {int(stretch): tuple(int(value or 0) for value in sums) for stretch, *sums in fetch_all(sql)}
        for stretch in sorted({*stored, *self._sums}):
            if stored.get(stretch, _NOTHING) != self._sums.get(stretch, _NOTHING):
                self._read_again(stretch << STRETCH, ((stretch + 1) << STRETCH) - 1)

    def _read_again(self, first: int, last: int) -> None:
        rows = fetch_all(f"SELECT {_COLUMNS} FROM {{auxiliary}} WHERE id BETWEEN ? AND ?", (first, last))
        read = [_item(row) for row in rows]
        gone = {item_id for item_id in range(first, last + 1) if item_id in self._items}
        for item_id in gone - {item.key.id for item in read}:
            self._drop(item_id)
        self._put([row for row, item in zip(rows, read, strict=True) if self._items.get(item.key.id) != item])

    def _put(self, rows: Sequence[Row]) -> None:
        """Take new and changed rows in; each kind's order is kept, or made anew where much is new."""
        fresh: dict[int, list[ItemKey]] = {}
        for row in rows:
            item = _item(row)
            self._drop(item.key.id)
            self._items[item.key.id] = item
            self._count(item, 1)
            if not item.is_merged:
                self._shelves.setdefault(item.kind_id, _Shelf()).put(item)
                fresh.setdefault(item.kind_id, []).append(item.key)
        for kind_id, keys in fresh.items():
            order = self._shelves[kind_id].order
            if len(keys) > _MANY:
                order.extend(keys)
                order.sort()
            else:
                for key in keys:
                    insort(order, key)

    def _drop(self, item_id: int) -> None:
        old = self._items.pop(item_id, None)
        if old is None:
            return
        self._count(old, -1)
        if not old.is_merged:
            shelf = self._shelves[old.kind_id]
            shelf.take(item_id)
            del shelf.order[bisect_left(shelf.order, old.key)]

    def _count(self, item: _Item, sign: int) -> None:
        stretch = item.key.id >> STRETCH
        old = self._sums.get(stretch, _NOTHING)
        more = (1, item.version, int(item.is_active), int(item.is_merged))
        self._sums[stretch] = tuple(sum_ + sign * value for sum_, value in zip(old, more, strict=True))


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


def _item(row: Row) -> _Item:
    return _Item(
        kind_id=int(row[1]),
        key=ItemKey(str(row[2]), int(row[0])),
        name=_plain(row[3]),
        marks=f"{_CODE}{_plain(row[4])}{_INITIALS}{_plain(row[5])}",
        is_active=bool(row[6]),
        is_merged=row[7] is not None,
        version=int(row[8]),
    )


def _plain(text: str) -> str:
    """Return a text as it is compared: stored texts are clean, but a book may come from anywhere."""
    return clean_text(text).casefold()
