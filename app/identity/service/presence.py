"""Who has the book open and is changing what: rows that lapse by themselves, and no part of the log of changes."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from pydantic import TypeAdapter, ValidationError

from app.contract.together import EditedObject, PresenceInput, PresentPerson
from app.identity.actor import Actor
from app.identity.change_topics import may_know_edited
from app.kernel.errors import Conflict, MalformedInput
from app.kernel.ids import is_request_id
from app.kernel.text import clean_text, message
from app.storage.book_clock import book_now_ms
from app.storage.database import current_book, execute, fetch_all, fetch_one, lock_suffix, run_unit

LAPSE_MS = 30_000
"""A window that says nothing for so long is no longer there."""
SWEPT_AFTER_MS = 10 * LAPSE_MS
MOST_SHOWN = 100
_EDITED = TypeAdapter(list[EditedObject])


def be_present(actor: Actor, presence: PresenceInput) -> None:
    """Note that a window of this person is there, and what is being changed in it.

    The name is the person's own. Raises `Conflict` when the desk is another person's who is there: desks are made up
    anew at each login, so nobody has a reason to speak for another's.
    """
    desk = _desk(presence.desk)
    editing = [thing.model_copy(update={"label": clean_text(thing.label)}) for thing in presence.editing]
    text = _EDITED.dump_json(editing).decode()

    def work() -> None:
        now = book_now_ms()
        row = fetch_one(f"SELECT user_id, seen_at FROM {{presence}} WHERE desk = ?{lock_suffix()}", (desk,))
        if row is None:
            execute(
                "DELETE FROM {presence} WHERE seen_at < ? OR seen_at > ?", (now - SWEPT_AFTER_MS, now + SWEPT_AFTER_MS)
            )
            execute(_WRITE_NEW + _or_again(), (desk, actor.user_id, actor.name[:60], text, now))
            return
        if row[0] != actor.user_id and abs(now - row[1]) <= LAPSE_MS:
            raise Conflict("desk_taken", message("这个窗口标识属于另一个人，请换一个新的。"))
        execute(
            "UPDATE {presence} SET user_id = ?, user_name = ?, editing = ?, seen_at = ? WHERE desk = ?",
            (actor.user_id, actor.name[:60], text, now, desk),
        )

    run_unit(work)


def leave(actor: Actor, desk: str) -> None:
    """Forget a window of this person; harmless when it is not there, or not his."""
    key = _desk(desk)
    run_unit(lambda: execute("DELETE FROM {presence} WHERE desk = ? AND user_id = ?", (key, actor.user_id)))


def list_present(actor: Actor, own_desk: str = "") -> list[PresentPerson]:
    """Return the windows that are there, without the caller's own, by name.

    What a person is changing is told to those who may view such things; that he is there, to everybody who works here.
    """
    now = book_now_ms()
    rows = fetch_all(  # a time far ahead is from before the clock was set back
        "SELECT desk, user_id, user_name, editing, seen_at FROM {presence} WHERE seen_at >= ? AND seen_at <= ? "
        "ORDER BY seen_at DESC LIMIT ?",
        (now - LAPSE_MS, now + LAPSE_MS, MOST_SHOWN),
    )
    present = [
        PresentPerson(
            desk=desk,
            user_id=user_id,
            user_name=name,
            seen_at=seen_at,
            editing=[thing for thing in _edited(editing) if may_know_edited(actor, thing.kind)],
        )
        for desk, user_id, name, editing, seen_at in rows
        if not (desk == own_desk.lower() and user_id == actor.user_id)
    ]
    return sorted(present, key=lambda person: (person.user_name, person.desk))


_WRITE_NEW = "INSERT INTO {presence} (desk, user_id, user_name, editing, seen_at) VALUES (?, ?, ?, ?, ?)"


def _or_again() -> str:
    # the same window twice at once: on MySQL the second one meets the first one's row only when it writes
    return "" if current_book().is_sqlite else " ON DUPLICATE KEY UPDATE seen_at = VALUES(seen_at)"


def _desk(desk: str) -> str:
    if not is_request_id(desk):
        sentence = message("desk 应是一个 UUID。")
        raise MalformedInput("desk_malformed", sentence, fields={"desk": sentence})
    return desk.lower()


def _edited(text: str) -> Sequence[EditedObject]:
    try:
        return _EDITED.validate_python(orjson.loads(text))
    except (ValidationError, orjson.JSONDecodeError):
        return []  # written by a program that knows other kinds of things
