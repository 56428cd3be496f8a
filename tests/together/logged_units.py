"""Watches that every transaction that changes the book leaves a row in the log of changes."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.storage import database
from app.storage.database import Book

NO_CHANGE = frozenset({"request", "session", "login_attempt", "job", "upload", "upload_part", "presence", "api_token"})
"""Rows that are no part of the accounts: what the program keeps to work with."""
_WRITE = re.compile(r"\s*(?:INSERT(?: OR \w+| IGNORE)? INTO|UPDATE|DELETE FROM|REPLACE INTO) \{(\w+)\}")


@contextmanager
def watched_units(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[set[str]]]:
    """Collect the tables of committed transactions that wrote something and left no row in the log."""
    unlogged: list[set[str]] = []
    here = threading.local()
    render, run_once = Book.render, database._run_once

    def note(book: Book, sql: str) -> str:
        written = _WRITE.match(sql)
        if written and getattr(here, "tables", None) is not None:
            here.tables.add(written.group(1))
        return render(book, sql)

    def watch(book: Book, work: Callable[[], Any]) -> Any:
        before, here.tables = getattr(here, "tables", None), set()
        try:
            result = run_once(book, work)
            written = here.tables - NO_CHANGE
            if written and "audit_log" not in written:
                unlogged.append(written)
            return result
        finally:
            here.tables = before

    with monkeypatch.context() as patch:
        patch.setattr(Book, "render", note)
        patch.setattr(database, "_run_once", watch)
        yield unlogged
