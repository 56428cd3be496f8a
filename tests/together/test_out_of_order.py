"""On MySQL a row may be committed after one with a higher number: it is told when it comes, and once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from app.identity import audit
from app.identity.actor import Actor
from app.identity.queries.changes import GAP_KEPT_S, MOST_GAPS, decode, read_changes
from app.storage.database import Book, execute, fetch_one, run_unit

LI = Actor(2, "李", is_owner=True)
NOW_S = 1_800_000_000
WAIT_S = 20
INSERT = (
    "INSERT INTO {audit_log} (id, at, user_name, action, object_type, object_id, result) "
    "VALUES (?, 1, '', '', 'voucher', ?, 'done')"
)


class FailedOnPurpose(Exception):
    """What rolls a transaction back."""


class SlowWriter:
    """Writes a row in a transaction that stays open until it is told to end, over a connection of its own."""

    def __init__(self, book: Book, name: str, *, fails: bool = False) -> None:
        self._book, self._name, self._fails = book, name, fails
        self._written, self._go_on = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._write)
        self._thread.start()
        assert self._written.wait(WAIT_S)

    def end(self) -> None:
        """Commit, or roll back."""
        self._go_on.set()
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()

    def _write(self) -> None:
        def work() -> None:
            audit.record(LI, "ledger:voucher:edit", "voucher", self._name)
            self._written.set()
            self._go_on.wait(WAIT_S)
            if self._fails:
                raise FailedOnPurpose

        with self._book.session():
            try:
                run_unit(work)
            except FailedOnPurpose:
                return


@pytest.fixture
def told(mariadb_book: Book) -> Callable[[str, int], tuple[str, list[str]]]:
    """Ask for changes; returns the next cursor and the objects."""

    def ask(cursor: str, now_s: int = NOW_S) -> tuple[str, list[str]]:
        with mariadb_book.session():
            found = read_changes(LI, cursor, now_s=now_s)
        return found.cursor, [change.object_id for change in found.changes]

    return ask


Told = Callable[..., tuple[str, list[str]]]


def write(book: Book, name: str) -> None:
    with book.session():
        audit.record(LI, "ledger:voucher:edit", "voucher", name)


def test_what_is_committed_late_is_told_once(mariadb_book: Book, told: Told) -> None:
    write(mariadb_book, "first")
    cursor, _ = told("")
    slow = SlowWriter(mariadb_book, "slow")
    write(mariadb_book, "quick")
    cursor, names = told(cursor)
    assert names == ["quick"]
    cursor, names = told(cursor)
    assert names == []
    slow.end()
    cursor, names = told(cursor)
    assert names == ["slow"]
    assert told(cursor)[1] == []
    assert decode(cursor).gaps == ()


def test_what_was_under_way_at_the_first_call_is_told(mariadb_book: Book, told: Told) -> None:
    write(mariadb_book, "first")
    slow = SlowWriter(mariadb_book, "slow")
    write(mariadb_book, "quick")
    cursor, names = told("")
    assert names == []
    slow.end()
    assert told(cursor)[1] == ["slow"]


def test_numbers_that_are_never_used_are_forgotten(mariadb_book: Book, told: Told) -> None:
    write(mariadb_book, "first")
    cursor, _ = told("")
    slow, failing = SlowWriter(mariadb_book, "slow"), SlowWriter(mariadb_book, "failing", fails=True)
    write(mariadb_book, "quick")
    cursor, names = told(cursor)
    assert names == ["quick"]
    failing.end()
    slow.end()
    cursor, names = told(cursor, NOW_S + GAP_KEPT_S)
    assert names == ["slow"]
    assert len(decode(cursor).gaps) == 1
    cursor, names = told(cursor, NOW_S + GAP_KEPT_S + 1)
    assert (names, decode(cursor).gaps) == ([], ())


def test_more_gaps_than_a_cursor_holds_drop_the_oldest(mariadb_book: Book, told: Told) -> None:
    write(mariadb_book, "first")
    cursor, _ = told("")
    with mariadb_book.session():
        last = (fetch_one("SELECT MAX(id) FROM {audit_log}") or (0,))[0]
        for number in range(MOST_GAPS + 20):
            execute(INSERT, (last + 2 * (number + 1), str(number)))
    cursor, names = told(cursor)
    assert len(names) == MOST_GAPS + 20
    assert len(decode(cursor).gaps) == MOST_GAPS
    assert len(cursor) < 2000
    assert told(cursor)[1] == []
