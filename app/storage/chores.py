"""Whose turn it is to look after a book that several processes have open: exactly one at a time.

Nobody is chosen for good, so nobody has to be replaced. A file's lock names its processes in the order they came: the
first that is still alive has the turn, and when it ends, the next one. On a server the turn is a named lock of the
database, which ends with its connection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from app.storage.database import Book, execute, fetch_one
from app.storage.lock import is_first_holder


@contextmanager
def chores_turn(book: Book) -> Iterator[bool]:
    """Tell whether this process has the turn, and keep it from all others until the block ends. Never waits."""
    if book.address.path is not None:
        yield is_first_holder(book.address.path)
        return
    # names of locks are global on the server and at most 64 characters long
    name = "zhangfang.chores." + hashlib.sha256(book.address.database.encode()).hexdigest()[:32]
    with book.session():
        got = fetch_one("SELECT GET_LOCK(?, 0)", (name,))
        if got is None or got[0] != 1:
            yield False
            return
        try:
            yield True
        finally:
            execute("SELECT RELEASE_LOCK(?)", (name,)).fetchall()
