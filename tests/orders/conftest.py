"""A small firm that trades, called as its window does."""

from __future__ import annotations

from typing import Any

import pytest

from app.storage.database import Book
from tests.calling import Caller, caller_on, set_up
from tests.orders.desk import Desk


def make_desk(book: Book, *, vat: str = "general") -> Desk:
    """Set a book up with a customer, a supplier, goods and a service."""
    set_up(book, vat=vat)
    window = caller_on(book)

    def add(path: str, **body: Any) -> int:
        answer = window.post(path, body)
        assert answer.status == 201, answer.json
        return int(answer.json["id"])

    return Desk(
        window,
        customer=add("/api/contacts", name="甲公司", roles=["customer"], terms_days=30),
        supplier=add("/api/contacts", name="乙公司", roles=["supplier"]),
        item=add("/api/items", code="A1", name="螺丝", unit="个", units=[{"unit": "盒", "factor": "12"}]),
        service=add("/api/items", code="S1", name="安装", unit="次", kind="service", tax_rate="6"),
    )


@pytest.fixture
def desk(book: Book) -> Desk:
    """The firm, on each database."""
    return make_desk(book)


@pytest.fixture
def local_desk(sqlite_book: Book) -> Desk:
    """The firm in a file, where the database does not matter."""
    return make_desk(sqlite_book)


@pytest.fixture
def window(desk: Desk) -> Caller:
    """The firm's window."""
    return desk.window
