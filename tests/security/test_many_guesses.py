"""Guessing in crowds: many tries at the same moment, and so many that they might hide each other."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.identity.passwords import verify_password
from app.identity.service import access, attempts
from app.kernel.errors import NotAuthenticated, TooManyRequests
from app.storage.database import Book, fetch_one
from tests.calling import OWNER_PASSWORD, Caller, add_person, give_owner_login

AT_ONCE = 12


@pytest.fixture
def liu(window: Caller) -> str:
    """The login name of somebody whose password is `liu-secret`."""
    give_owner_login(window)
    add_person(window, "liu")
    return "liu"


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of so many tries begins before the first of them has ended, whatever the machine has to do."""
    barrier = threading.Barrier(AT_ONCE, timeout=60)

    def verify(stored: str | None, password: str) -> bool:
        barrier.wait()
        return verify_password(stored, password)

    monkeypatch.setattr(access, "verify_password", verify)


def tried(book: Book, name: str, password: str) -> str:
    """Return how a try ended."""
    with book.session():
        try:
            access.authenticate(name, password)
        except NotAuthenticated:
            return "wrong"
        except TooManyRequests:
            return "later"
        return "in"


def all_tried(book: Book, name: str, passwords: list[str]) -> Counter[str]:
    """Return how often tries that are made at the same time ended in which way."""
    with ThreadPoolExecutor(len(passwords)) as pool:
        return Counter(pool.map(lambda password: tried(book, name, password), passwords))


@pytest.mark.usefixtures("patient_books", "together")
@pytest.mark.parametrize("name", ["liu", "nobody-of-this-name"])
def test_guesses_at_the_same_moment_tell_no_more_than_guesses_one_by_one(book: Book, liu: str, name: str) -> None:
    ends = all_tried(book, name, [f"guess {number}" for number in range(AT_ONCE)])
    assert ends == {"wrong": attempts.FREE_FAILURES, "later": AT_ONCE - attempts.FREE_FAILURES}, liu


@pytest.mark.usefixtures("patient_books", "together")
def test_windows_that_log_in_at_the_same_moment_are_all_let_in(book: Book, liu: str) -> None:
    assert all_tried(book, liu, [f"{liu}-secret"] * AT_ONCE) == {"in": AT_ONCE}


def test_the_right_password_found_above_the_limit_is_not_told(
    book: Book, liu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is looked at, others fail often enough."""

    def verify(stored: str | None, password: str) -> bool:
        for _ in range(attempts.FREE_FAILURES):
            attempts.note(liu, None, "wrong")
        return verify_password(stored, password)

    monkeypatch.setattr(access, "verify_password", verify)
    assert tried(book, liu, f"{liu}-secret") == "later"


def test_an_old_password_guessed_above_the_limit_changes_nothing(
    book: Book, window: Caller, liu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = window.log_in(liu, f"{liu}-secret")

    def verify(stored: str | None, password: str) -> bool:
        for _ in range(attempts.FREE_FAILURES):
            attempts.note(liu, None, "wrong")
        return verify_password(stored, password)

    monkeypatch.setattr(access, "verify_password", verify)
    change = {"old_password": f"{liu}-secret", "new_password": "another-secret"}
    assert person.post("/api/session/password", change).status == 429
    assert person.post("/api/session/password", {**change, "old_password": "x"}).status == 429
    monkeypatch.setattr(access, "verify_password", verify_password)
    with book.session():
        row = fetch_one("SELECT password_hash FROM {user} WHERE login_key = ?", (liu,))
    assert row is not None
    assert verify_password(row[0], f"{liu}-secret")


def test_tries_during_the_lock_do_not_hide_what_locked(book: Book, liu: str) -> None:
    """However many they are, and whoever makes them: they come from everywhere, so no address is crowded."""
    with book.session():
        for _ in range(attempts.LOCK_AFTER):
            attempts.note(liu, None, "wrong")
        for _ in range(attempts.LOCK_AFTER * 5):
            attempts.note(liu, None, "locked")
    assert tried(book, liu, f"{liu}-secret") == "later"


def test_the_owner_is_counted_like_anybody(book: Book, liu: str) -> None:
    assert tried(book, "boss", OWNER_PASSWORD) == "in", liu
    assert [tried(book, "boss", "guess") for _ in range(6)] == ["wrong"] * 5 + ["later"]
