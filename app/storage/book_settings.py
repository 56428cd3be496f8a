"""Settings that belong to the book, not to the computer: JSON values by name."""

from __future__ import annotations

import json
from typing import Any

from app.storage.database import current_book, execute, fetch_one, register_table, run_unit

register_table("book_setting", "storage")


def get_setting(name: str, default: Any = None) -> Any:
    """Return a setting's value (text, number, bool, list, mapping), or `default` where it was never set."""
    row = fetch_one("SELECT value FROM {book_setting} WHERE name = ?", (name,))
    return default if row is None else json.loads(row[0])


def set_setting(name: str, value: Any) -> None:
    """Keep a setting in the book; part of the unit under way, if there is one."""
    text = json.dumps(value, ensure_ascii=False)
    tail = "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    if not current_book().is_sqlite:
        tail = "ON DUPLICATE KEY UPDATE value = VALUES(value)"
    run_unit(lambda: execute("INSERT INTO {book_setting} (name, value) VALUES (?, ?) " + tail, (name, text)))
