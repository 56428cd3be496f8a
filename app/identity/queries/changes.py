"""What others changed since a cursor, read from the log of changes by its key.

Every change writes its row in its own transaction, so the log is the list of changes. On MySQL a row may be committed
after one with a higher number, and a transaction that failed leaves its numbers unused: the cursor carries the numbers
that were missing, for as long as one of them may still come (`docs/decisions/others-changes-from-the-log.md`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, get_args

import orjson

from app.contract.together import ChangedObject, Changes, TopicName
from app.identity.actor import Actor
from app.identity.audit import DONE
from app.identity.change_topics import LEFT_OUT, TOPICS, may_read
from app.kernel import clock
from app.kernel.errors import MalformedInput
from app.kernel.text import message
from app.storage.database import current_book, fetch_all

MOST_READ = 1000
"""More changes than this are not gone through: everything counts as touched."""
MOST_LISTED = 200
GAP_KEPT_S = 60
"""So long a number that was missing may still be committed."""
MOST_GAPS = 60
LOOK_BACK = 100
"""At the first call so many last numbers are looked at for ones that are not committed yet."""
_VERSION = 1
_LARGEST = 2**63
_COLUMNS = "id, at, user_id, user_name, action, object_type, object_id, result"
ALL_TOPICS: tuple[TopicName, ...] = get_args(TopicName)


class _Row(NamedTuple):
    id: int
    at: int
    user_id: int | None
    user_name: str
    action: str
    object_type: str
    object_id: str
    result: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that were missing below the cursor, and when that was seen (seconds)."""

    first: int
    last: int
    seen_s: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to which row the log was read, the moment written in that row, and the gaps below it."""

    last: int = 0
    at: int = 0
    gaps: tuple[Gap, ...] = ()

    def encode(self) -> str:
        """Write it as the text a client sends back unread."""
        gaps = [[self.last - gap.first, gap.last - gap.first, gap.seen_s] for gap in self.gaps]
        return base64.urlsafe_b64encode(orjson.dumps([_VERSION, self.last, self.at, gaps])).decode().rstrip("=")


def read_changes(actor: Actor, cursor: str, *, now_s: int | None = None) -> Changes:
    """Return what was changed since a cursor; for the empty one the place to begin at. `present` is left empty.

    Everybody is told what kinds of things were touched; which object it was, and who did it, only who may view it.
    Raises `MalformedInput` for a cursor this program did not make.
    """
    now = clock.utc_ms() // 1000 if now_s is None else now_s
    if not cursor:
        return Changes(cursor=_place(now).encode(), topics=[], changes=[], present=[])
    known = decode(cursor)
    rows = _rows("id >= ? ORDER BY id LIMIT ?", (known.last, MOST_READ + 2))
    if known.last:
        if not rows or (rows[0].id, rows[0].at) != (known.last, known.at):
            # another log than the one the cursor is of: the book was restored
            return Changes(cursor=_place(now).encode(), topics=list(ALL_TOPICS), changes=[], present=[])
        rows = rows[1:]
    if len(rows) > MOST_READ:
        newest = _rows("id > ? ORDER BY id DESC LIMIT ?", (known.last, MOST_LISTED))[::-1]
        listed, _topics = _listed(actor, newest)
        return Changes(cursor=_place(now).encode(), topics=list(ALL_TOPICS), changes=listed, present=[])
    late, still_open = _late(known, now)
    reached = _advanced(replace(known, gaps=still_open), rows, now)
    listed, topics = _listed(actor, [*late, *rows])
    return Changes(cursor=reached.encode(), topics=sorted(topics), changes=listed, present=[])


def decode(cursor: str) -> Cursor:
    """Read a cursor. Raises `MalformedInput` for anything that is none."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        version, last, at, gaps = orjson.loads(text)
        if version != _VERSION or not isinstance(gaps, list) or len(gaps) > MOST_GAPS:
            raise ValueError
        numbers = [last, at, *(number for gap in gaps for number in gap)]
        if any(type(number) is not int or not 0 <= number < _LARGEST for number in numbers):
            raise ValueError
        read = tuple(Gap(last - back, last - back + length, seen_s) for back, length, seen_s in gaps)
        if any(not 0 < gap.first <= gap.last < last for gap in read):
            raise ValueError
    except (binascii.Error, TypeError, ValueError) as error:
        sentence = message("变动标记不对，请不带标记重新开始。")
        raise MalformedInput("cursor_malformed", sentence, fields={"cursor": sentence}) from error
    return Cursor(last, at, read)


def _place(now_s: int) -> Cursor:
    """Return the end of the log, with the numbers that are missing among its last ones."""
    newest = _rows("id > 0 ORDER BY id DESC LIMIT ?", (1 if current_book().is_sqlite else LOOK_BACK,))[::-1]
    if not newest:
        return Cursor()
    before = Cursor(newest[0].id, newest[0].at)
    return _advanced(before, newest[1:], now_s)


def _late(known: Cursor, now_s: int) -> tuple[list[_Row], tuple[Gap, ...]]:
    """Return the rows that were committed into gaps since, and the gaps that are left and still young."""
    young = [gap for gap in known.gaps if now_s - gap.seen_s <= GAP_KEPT_S]
    if not young:
        return [], ()
    condition = " OR ".join("id BETWEEN ? AND ?" for _gap in young)
    rows = _rows(f"{condition} ORDER BY id", [number for gap in young for number in (gap.first, gap.last)])
    found = [row.id for row in rows]
    return rows, tuple(left for gap in young for left in _without(gap, found))


def _without(gap: Gap, found: Iterable[int]) -> Iterable[Gap]:
    first = gap.first
    for number in found:
        if first <= number <= gap.last:
            if number > first:
                yield Gap(first, number - 1, gap.seen_s)
            first = number + 1
    if first <= gap.last:
        yield Gap(first, gap.last, gap.seen_s)


def _advanced(known: Cursor, rows: Sequence[_Row], now_s: int) -> Cursor:
    """Return the cursor after these rows, which follow it; SQLite has one writer and gives lost numbers again."""
    if not rows:
        return known
    gaps = list(known.gaps)
    before = known.last
    for row in rows:
        if row.id > before + 1 and before and not current_book().is_sqlite:
            gaps.append(Gap(before + 1, row.id - 1, now_s))
        before = row.id
    return Cursor(rows[-1].id, rows[-1].at, tuple(gaps[-MOST_GAPS:]))


def _rows(condition: str, values: Sequence[int]) -> list[_Row]:
    return [_Row(*row) for row in fetch_all(f"SELECT {_COLUMNS} FROM {{audit_log}} WHERE {condition}", values)]


def _listed(actor: Actor, rows: Sequence[_Row]) -> tuple[list[ChangedObject], set[TopicName]]:
    counted = [row for row in rows if row.result == DONE and row.object_type not in LEFT_OUT]
    topics = {topic for kind in {row.object_type for row in counted} for topic in _topics_of(kind)}
    listed: list[ChangedObject] = []
    for row in counted[-MOST_LISTED:]:
        is_known = row.object_type in TOPICS and may_read(actor, row.action, row.object_type)
        shown = is_known or row.user_id == actor.user_id
        listed.append(
            ChangedObject(
                id=row.id,
                at=row.at,
                user_id=row.user_id if shown else None,
                user_name=row.user_name if shown else "",
                action=row.action if shown else "",
                object_type=row.object_type if shown else "",
                object_id=row.object_id if shown else "",
                topics=sorted(_topics_of(row.object_type)),
            )
        )
    return listed, topics


def _topics_of(object_type: str) -> frozenset[TopicName]:
    # a kind of object this program does not know was written by a later one: anything may be touched
    return TOPICS[object_type].topics if object_type in TOPICS else frozenset(ALL_TOPICS)
