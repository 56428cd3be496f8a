from __future__ import annotations

from app.storage.book_settings import get_setting, set_setting
from app.storage.database import Book, fetch_all
from app.storage.migrate import known_migrations, migrate, pending


def test_a_migrated_book_needs_nothing_more(book: Book) -> None:
    assert pending(book) == []
    migrate(book)
    with book.session():
        rows = fetch_all("SELECT slice, number, name, steps_done FROM {schema_migration} ORDER BY slice, number")
    expected = sorted((m.slice, m.number, m.name, len(m.steps)) for m in known_migrations())
    assert rows == expected


def test_settings_of_the_book_are_kept(book: Book) -> None:
    with book.session():
        assert get_setting("name", "?") == "?"
        set_setting("name", {"zh": "甲𠮷公司%", "n": 1})
        set_setting("name", {"zh": "甲𠮷公司%", "n": 2})
        assert get_setting("name") == {"zh": "甲𠮷公司%", "n": 2}
