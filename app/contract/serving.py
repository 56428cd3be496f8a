"""A server of books, on the wire: which books it has, taking one in, and a book that moves elsewhere."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import Contract, RequestId

SLUG_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
"""What stands for a book in `/books/<slug>/api/…`."""


class ServedBook(Contract):
    """One book of a server. `path` stands between the server's address and `/api/…`; empty for the default one."""

    slug: str
    name: str
    path: str
    state: Literal["open", "unavailable", "moved"]
    problem: str = Field("", description="why it is not open, in one sentence")


class ServedBooks(Contract):
    """`GET /books`: every book of this server, the default one first."""

    program: str
    version: str
    takes_books: bool = Field(description="whether a book can be moved here")
    books: list[ServedBook]


class BookIntake(Contract):
    """A book to be taken in: a finished upload of a backup of it, and the slug it shall have here."""

    upload_id: str = Field(max_length=64)
    slug: str = Field(pattern=SLUG_PATTERN)
    moving_to: str = Field(
        "",
        max_length=400,
        description="its address here, without any password, when it moves here: it comes closed for changes, until "
        "`DELETE /api/book/move` says that the move is finished",
    )
    request_id: RequestId | None = None


class RemovedBook(Contract):
    """A book that is served no more; nothing of it is deleted."""

    slug: str
    file: str = Field(description="the name its file has now, in the server's folder of books")


class BookMove(Contract):
    """Where a book goes. While it moves and afterwards nothing can be changed in it here any more."""

    place: str = Field(max_length=400, description="the address where it goes on, without any password")
    done: bool = Field(False, description="false: it is being moved; true: it goes on at the new place")
    request_id: RequestId | None = None


class MoveState(Contract):
    """Whether the book is moving or has moved; `place` is empty when it stays."""

    place: str
    done: bool
    by: str = Field(description="the person who moves it")
    at: int = Field(description="UTC milliseconds; 0 when it stays")
    mark: str = Field("", description="differs after every change of the book")


class SumsInput(Contract):
    """Sums of all tables to take, so that two copies of a book can be compared."""

    request_id: RequestId | None = None


class TableSum(Contract):
    """One table of a book: how many rows, which columns, and a sum over all its values."""

    rows: int
    columns: str = Field(description="differs where the table has other columns")
    checksum: str = Field(description="the same in two copies, on whatever database and in whatever order")


class BookSums(Contract):
    """The result of the job of `POST /api/book/sums`: what two copies of a book have in common, by table."""

    tables: dict[str, TableSum]
    mark: str = Field(description="differs after every change of the book")
