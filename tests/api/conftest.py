"""The application over a real book, called as the window does."""

from __future__ import annotations

import pytest

from app.storage.database import Book
from tests.calling import Caller, caller_on, set_up


@pytest.fixture
def window(book: Book) -> Caller:
    """The window of a fresh book, on each database."""
    set_up(book)
    return caller_on(book)


@pytest.fixture
def local_window(sqlite_book: Book) -> Caller:
    """The window of a fresh book in a file, where the database does not matter."""
    set_up(sqlite_book)
    return caller_on(sqlite_book)


@pytest.fixture
def served(sqlite_book: Book) -> Caller:
    """A served copy of a fresh book in a file."""
    set_up(sqlite_book)
    return caller_on(sqlite_book, serve=True)
