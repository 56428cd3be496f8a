"""A served copy of a filled book answers whatever is sent: no crash, one error shape, and the books still agree."""

from __future__ import annotations

import pytest

from app.storage.database import Book
from tests.calling import caller_on, set_up
from tests.security.filled import fill
from tests.security.fuzzing import fuzz


@pytest.mark.parametrize(("database", "count"), [("sqlite", 900), ("mariadb", 300)])
def test_no_request_crashes_a_served_copy_or_breaks_its_book(
    request: pytest.FixtureRequest, database: str, count: int
) -> None:
    book: Book = request.getfixturevalue(f"{database}_book")
    set_up(book)
    fill(caller_on(book))
    fuzzer = fuzz(book, seed=count, count=count)
    assert [f"{found.what} {found.request} {found.trace}" for found in fuzzer.findings.values()] == []
    assert sum(fuzzer.statuses.values()) == count
    assert sum(number for status, number in fuzzer.statuses.items() if status < 300) > count // 6
