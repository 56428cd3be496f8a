"""A stored file as an answer: sent part by part, always to be saved, never shown by a browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import BinaryIO
from urllib.parse import quote

from flask import Response

from app.storage.database import Book, current_book

_PIECE_BYTES = 1 << 18


def stored_file(name: str, size: int, read: Callable[[], Iterator[bytes]]) -> Response:
    """Send a file of `size` bytes that is stored in the current book; `read` yields its parts."""
    return _to_be_saved(name, size, _parts(current_book(), read))


def opened_file(name: str, file: BinaryIO) -> Response:
    """Send a file of this computer that was opened for it; it is closed when it has been sent, or cannot be."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    response = _to_be_saved(name, size, iter(lambda: file.read(_PIECE_BYTES), b""))
    response.call_on_close(file.close)
    return response


def _to_be_saved(name: str, size: int, parts: Iterator[bytes]) -> Response:
    response = Response(parts, mimetype="application/octet-stream")
    response.content_length = size
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return response


def _parts(book: Book, read: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    # the request is over when its body is sent, so the file is read in a session of its own
    with book.session():
        yield from read()
