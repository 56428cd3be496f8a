"""A small firm's and a household's ledger to work on, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.identity.actor import Actor
from app.storage.database import Book
from tests.patterns import begin_firm


@pytest.fixture
def owner(book: Book) -> Iterator[Actor]:
    """The owner of a firm's book that starts in 2026-01; the book is current during the test."""
    with book.session():
        yield begin_firm(book)
