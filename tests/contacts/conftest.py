"""A firm's book to keep contacts in, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.identity.actor import Actor
from app.storage.database import Book
from tests.patterns import begin_firm


@pytest.fixture
def owner(book: Book) -> Iterator[Actor]:
    """The owner of a firm's book that starts in 2026-01; the book is current during the test."""
    yield from owner_of(book)


@pytest.fixture
def sqlite_owner(sqlite_book: Book) -> Iterator[Actor]:
    """The same in a file only, for rules the database has no part in."""
    yield from owner_of(sqlite_book)


def owner_of(book: Book) -> Iterator[Actor]:
    """Set a firm up in an empty book and give its owner."""
    with book.session():
        yield begin_firm(book)
