"""Books to report on, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.identity.actor import Actor
from app.storage.database import Book
from tests.calling import Caller, add_person, caller_on, give_owner_login, set_up
from tests.patterns import begin_firm


@pytest.fixture
def firm(book: Book) -> Iterator[Actor]:
    """The owner of a firm's book that starts in 2026-01; the book is current during the test."""
    with book.session():
        yield begin_firm(book)


@pytest.fixture
def june_firm(book: Book) -> Iterator[Actor]:
    """The owner of a firm's book that starts in the middle of 2026."""
    with book.session():
        yield begin_firm(book, 202606)


@pytest.fixture
def file_firm(sqlite_book: Book) -> Iterator[Actor]:
    """As `firm`, in a file, where the database does not matter."""
    with sqlite_book.session():
        yield begin_firm(sqlite_book)


@pytest.fixture
def window(sqlite_book: Book) -> Caller:
    """The window of a fresh book in a file."""
    set_up(sqlite_book)
    return caller_on(sqlite_book)


@pytest.fixture
def served_stranger(window: Caller, sqlite_book: Book) -> Caller:
    """Somebody who is logged in to a served copy and has no rights."""
    give_owner_login(window)
    owner = caller_on(sqlite_book, serve=True).log_in("boss", "owner-secret-1")
    add_person(owner, "stranger")
    return caller_on(sqlite_book, serve=True).log_in("stranger", "stranger-secret")
