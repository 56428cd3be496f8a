"""Books of every landed version of the tables open, are brought up to date and verify."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.ledger.verify import verify_book
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all, open_database
from app.storage.migrate import known_migrations, migrate, pending
from tests.storage.old_book import OLD_BOOKS, make_old_book


def check(kept: Path, folder: Path) -> None:
    """Open a copy of a kept book as a user would after an upgrade."""
    path = folder / f"copy of {kept.name}"
    shutil.copyfile(kept, path)
    book = open_database(str(path))
    migrate(book)
    assert pending(book) == []
    with book.session():
        assert fetch_all("PRAGMA integrity_check") == [("ok",)]
        assert fetch_all("PRAGMA foreign_key_check") == []
        assert verify_book().findings == []
        assert get_setting("made_for") == "tests of later programs"
        counts = fetch_all("SELECT state, count(*) FROM {voucher} GROUP BY state ORDER BY state")
        assert counts == [("draft", 1), ("posted", 5), ("reviewed", 1), ("void", 1)]
    book.close()


def test_books_of_landed_versions_open(tmp_path: Path) -> None:
    for kept in sorted(OLD_BOOKS.glob("*.zhangfang")):
        before = kept.read_bytes()
        check(kept, tmp_path)
        assert kept.read_bytes() == before


def test_the_book_that_will_be_kept_opens_too(tmp_path: Path) -> None:
    made = make_old_book(tmp_path)
    assert made.name == f"{len(known_migrations())}.zhangfang"
    assert [entry.name for entry in tmp_path.iterdir()] == [made.name]
    check(made, tmp_path)
