"""The application over a real book, called as the window does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.storage.database import Book, open_database
from app.storage.migrate import migrate
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


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A caller at the door of a desktop's server, who brings no header of his own; for tests that change nothing."""
    book = open_database(str(tmp_path_factory.mktemp("door") / "book.zhangfang"))
    migrate(book)
    set_up(book)
    yield Caller(caller_on(book).client)
    book.close()
