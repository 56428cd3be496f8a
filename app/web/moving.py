"""A book that moves elsewhere: closed for changes while it is copied and afterwards, open again when it stays.

The mark is one row of the book's settings. Every unit of a request that may change something reads it first, in its own
transaction and with a shared lock (on SQLite the unit holds the only write lock anyway). So whoever sets the mark waits
for the units under way, and every later unit sees it: nothing acknowledged can be missing from the copy. Work in the
background is no request; the mark is refused while any is under way that could change something.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.contract.serving import BookMove, BookSums, MoveState
from app.identity import audit
from app.identity.actor import Actor
from app.inventory.queries.waiting import waits_for_recosting
from app.kernel.clock import utc_ms
from app.kernel.errors import Conflict, MalformedInput, PermissionDenied
from app.kernel.text import message
from app.storage import jobs
from app.storage.book_settings import get_setting, lock_setting, set_setting
from app.storage.database import current_book, fetch_one, guarded_units, run_unit
from app.storage.progress import Progress, no_progress
from app.storage.sums import book_sums
from app.web.book_eyes import change_mark

SETTING = "book_move"
RIGHT = "book:book:move"
OBJECT = "book_move"
"""What the log of changes calls a move."""

FREE = frozenset(
    {
        *("POST /api/login", "POST /api/logout", "POST /login", "POST /logout"),
        *("PUT /api/presence", "POST /api/presence/leave"),
        *("POST /api/backups", "POST /api/backups/kept", "POST /api/backups/checks", "POST /api/verifications"),
        *("DELETE /api/jobs/<int:id>", "POST /api/uploads", "PUT /api/uploads/<id>/<int:part>"),
        *("DELETE /api/uploads/<id>", "POST /api/books"),
        *("POST /api/exports", "POST /api/contacts/export", "POST /api/items/export", "POST /api/report-files"),
        *("POST /api/voucher-prints", "POST /api/document-prints"),
        *("POST /api/book/move", "DELETE /api/book/move", "POST /api/book/sums", "DELETE /api/book"),
    }
)
"""Calls that go on in a book that moves: they read, keep a copy, let people in and out, or are about the move."""

HARMLESS_WORK = frozenset(
    {
        *("backup", "kept-backup", "backup-check", "verification", "book-sums", "export", "contact-export"),
        *("item-export", "report-file", "voucher-print", "document-print", "book-intake"),
    }
)
"""Kinds of background work that change nothing in the book."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_SECRET = re.compile(r"^[a-z]+://[^/@]*:[^/]*@", re.IGNORECASE)


@contextlib.contextmanager
def staying(method: str, rule: str) -> Iterator[None]:
    """Let a request change nothing in a book that moves elsewhere, unless it is one of those that go on."""
    guard = None if method in SAFE_METHODS or f"{method} {rule}" in FREE else require_staying
    with guarded_units(guard):
        yield


def require_staying() -> None:
    """Raise `Conflict` (`book_moved`) when the current book moves or has moved; one row is read by its key."""
    # LOCK IN SHARE MODE is understood by MySQL and MariaDB alike, FOR SHARE by MySQL only
    shared = "" if current_book().is_sqlite else " LOCK IN SHARE MODE"
    row = fetch_one(f"SELECT value FROM {{book_setting}} WHERE name = ?{shared}", (SETTING,))
    move = json.loads(row[0]) if row is not None else None
    if move:
        raise moved(move)


def moved(move: Mapping[str, Any]) -> Conflict:
    """Return the refusal of a change in a book that moves; it names the place."""
    values = {"by": move["by"], "place": move["place"]}
    sentence = (
        message("{by}已把这本账迁到“{place}”，这里不能再改；请到那里继续。", **values)
        if move["done"]
        else message("{by}正在把这本账迁到“{place}”，迁完之前不能改，请稍候。", **values)
    )
    return Conflict("book_moved", sentence, details={"place": str(move["place"]), "done": bool(move["done"])})


def is_away() -> bool:
    """Tell whether the current book moves elsewhere or has moved."""
    return bool(get_setting(SETTING))


def make_room_for_move() -> None:
    """Make the row that every change locks, where it is missing; written at most once in the life of a book."""
    if fetch_one("SELECT 1 FROM {book_setting} WHERE name = ?", (SETTING,)) is None:
        set_setting(SETTING, None)


def arrive(place: str, by: str) -> None:
    """Close the current book, a copy that came here by a move, for changes until that is finished (`stay`)."""
    set_setting(SETTING, {"place": place, "done": False, "by": by, "user_id": 0, "at": utc_ms(), "arriving": True})


def forget_move() -> None:
    """Take the mark out of a copy: it is the book that goes on."""
    set_setting(SETTING, None)


def move_state() -> MoveState:
    """Return whether the current book moves. Everybody who is logged in may know."""
    return _view(get_setting(SETTING))


def move_book(actor: Actor, move: BookMove) -> MoveState:
    """Close the current book for changes because it moves, or with `done` say that it goes on at the new place.

    Raises `MalformedInput` (`place_malformed`), `Conflict` (`book_moved` when it moves already, `work_under_way`,
    `move_not_begun`).
    """
    actor.require("book:book:move")
    place = checked_place(move.place)

    def work() -> MoveState:
        before = _locked()
        if move.done:
            _require_begun(before, place)
        elif before and not before.get("arriving") and _is_another(before, place, actor):
            raise moved(before)
        else:
            _refuse_work_under_way()
        after = {"place": place, "done": move.done, "by": actor.name, "user_id": actor.user_id, "at": utc_ms()}
        set_setting(SETTING, after)
        audit.record(actor, "book:book:move", OBJECT, place, before=before, after=after)
        return _view(after)

    return run_unit(work)


def stay(actor: Actor) -> None:
    """Take a move back: the book stays here and can be changed again. Harmless when it does not move."""
    actor.require("book:book:move")

    def work() -> None:
        before = _locked()
        if before:
            set_setting(SETTING, None)
            audit.record(actor, "book:book:move", OBJECT, before["place"], before=before)

    run_unit(work)


def leave(actor: Actor, place: str) -> None:
    """Close the current book for changes for good, because it is served no more and goes on as the file `place`.

    One that has moved keeps saying where to; one whose move here was never finished goes as if it did not move. Raises
    `PermissionDenied` (`owner_only`), `Conflict` (`book_moved` when it moves away just now, `work_under_way`).
    """
    actor.require("book:book:move")

    def work() -> None:
        before = _locked()
        goes_on_here = before is None or bool(before.get("arriving"))
        if before is None:
            _refuse_work_under_way()
        elif not (before["done"] or goes_on_here):
            raise moved(before)
        if goes_on_here and not actor.is_owner:
            raise PermissionDenied("owner_only", message("只有账簿所有者能把它从服务器上撤下。"))
        own = {"place": place, "done": True, "by": actor.name, "user_id": actor.user_id, "at": utc_ms()}
        after = own if goes_on_here else before
        set_setting(SETTING, after)
        audit.record(actor, "book:book:remove", OBJECT, place, before=before, after=after)

    run_unit(work)


def start_sums(actor: Actor) -> int:
    """Take the sums of all tables in the background; the job's result is a `BookSums`. Return the job's id."""
    actor.require("book:book:move")

    def work(job: jobs.Job) -> Mapping[str, Any]:
        return sums(job.progress).model_dump()

    return jobs.start_job(current_book(), actor.user_id, "book-sums", work)


def sums(progress: Progress = no_progress) -> BookSums:
    """Return what the current book has in common with every copy of it."""
    tables = book_sums(progress)
    return BookSums.model_validate({"tables": tables, "mark": change_mark()})


def _locked() -> dict[str, Any] | None:
    found: dict[str, Any] | None = lock_setting(SETTING, None)
    return found or None


def _is_another(before: Mapping[str, Any], place: str, actor: Actor) -> bool:
    """Tell whether a move is done, or goes elsewhere, or is another person's."""
    return bool(before["done"] or before["place"] != place or before["user_id"] != actor.user_id)


def _require_begun(before: Mapping[str, Any] | None, place: str) -> None:
    if before is None or before["place"] != place:
        raise Conflict("move_not_begun", message("没有开始迁到“{place}”，或者已被收回；账还在这里。", place=place))


def _refuse_work_under_way() -> None:
    kinds = jobs.kinds_under_way() - HARMLESS_WORK
    if kinds or waits_for_recosting():
        raise Conflict(
            "work_under_way",
            message("后台还有没做完的工作（如导入），请等它完成后再迁移。"),
            details={"kinds": sorted(kinds)},
        )


def checked_place(text: str) -> str:
    """Return an address of a book as it may be told to everybody. Raises `MalformedInput` (`place_malformed`)."""
    place = text.strip()
    if not place or _SECRET.match(place):
        sentence = message("请写出要迁到的地址，不带密码。")
        raise MalformedInput("place_malformed", sentence, fields={"place": sentence})
    return place


def _view(move: Mapping[str, Any] | None) -> MoveState:
    if not move:
        return MoveState(place="", done=False, by="", at=0, mark=change_mark())
    return MoveState(place=move["place"], done=move["done"], by=move["by"], at=move["at"], mark=change_mark())
