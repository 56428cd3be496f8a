"""A stored file as an answer: sent part by part, always to be saved, never shown by a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

from flask import Response

from app.storage.database import Book, current_book


def stored_file(name: str, size: int, read: Callable[[], Iterator[bytes]]) -> Response:
    """Send a file of `size` bytes that is stored in the current book; `read` yields its parts."""
    response = Response(_parts(current_book(), read), mimetype="application/octet-stream")
    response.content_length = size
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return response


def _parts(book: Book, read: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    # the request is over when its body is sent, so the file is read in a session of its own
    with book.session():
        yield from read()
