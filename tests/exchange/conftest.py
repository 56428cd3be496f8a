"""Books for the tests of exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.storage.creation import make_room
from app.storage.database import Book, open_database
from app.storage.migrate import migrate
from tests.exchange.desk import Desk

MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[MakeDesk]:
    """Make as many books as a test needs, each in a file of its own."""
    made: list[Book] = []

    def make(chart: str = "household", start: int = 200001, base: str = "CNY") -> Desk:
        book = open_database(str(tmp_path / f"book-{len(made)}.zhangfang"))
        make_room(book)
        migrate(book)
        made.append(book)
        return Desk.set_up(book, chart=chart, start=start, base=base)

    yield make
    for book in made:
        book.close()


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """A household's book that starts in 2026-03."""
    return make_desk(start=202603)
