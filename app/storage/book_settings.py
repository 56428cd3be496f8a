"""Settings that belong to the book, not to the computer: JSON values by name."""

from __future__ import annotations

import json
from typing import Any

from app.storage.database import (
    current_book,
    execute,
    fetch_all,
    fetch_one,
    lock_suffix,
    register_table,
    run_unit,
    unit_memory,
)

register_table("book_setting", "storage")

SHORT = 1000
"""Settings of up to so many characters are read together: rules ask for a dozen of them in one unit."""
_KEPT = "book settings"


def get_setting(name: str, default: Any = None) -> Any:
    """Return a setting's value (text, number, bool, list, mapping), or `default` where it was never set.

    A unit or snapshot reads the settings once and keeps to what it read; what is to be changed by what it was wants
    `lock_setting`.
    """
    memory = unit_memory()
    if _KEPT not in memory:
        memory[_KEPT] = _read_short()
    texts: dict[str, str | None] = memory[_KEPT]
    text = texts.get(name)
    if text is None and name in texts:
        text = _read_one(name)
        texts[name] = text
    return default if text is None else json.loads(text)


def _read_short() -> dict[str, str | None]:
    """Return the settings by name, `None` for the long ones."""
    rows = fetch_all("SELECT name, CASE WHEN LENGTH(value) <= ? THEN value END FROM {book_setting}", (SHORT,))
    return {str(name): text for name, text in rows}


def _read_one(name: str) -> str | None:
    row = fetch_one("SELECT value FROM {book_setting} WHERE name = ?", (name,))
    return None if row is None else str(row[0])


def lock_setting(name: str, default: Any) -> Any:
    """Return a setting as it is at this moment, and let nobody else change it until the unit ends.

    For changing it by what it was, so that no change of somebody else's is lost. One that was never set becomes
    `default`, for there must be a row to lock.
    """
    sql = f"SELECT value FROM {{book_setting}} WHERE name = ?{lock_suffix()}"
    row = fetch_one(sql, (name,))
    if row is None:
        verb = "INSERT OR IGNORE" if current_book().is_sqlite else "INSERT IGNORE"
        execute(f"{verb} INTO {{book_setting}} (name, value) VALUES (?, ?)", (name, _as_text(default)))
        row = fetch_one(sql, (name,))
    text = str(row[0]) if row else _as_text(default)
    _remember(name, text)
    return json.loads(text)


def set_setting(name: str, value: Any) -> None:
    """Keep a setting in the book; part of the unit under way, if there is one."""
    text = _as_text(value)
    tail = "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    if not current_book().is_sqlite:
        tail = "ON DUPLICATE KEY UPDATE value = VALUES(value)"
    run_unit(lambda: execute("INSERT INTO {book_setting} (name, value) VALUES (?, ?) " + tail, (name, text)))
    _remember(name, text)


def _remember(name: str, text: str) -> None:
    texts = unit_memory().get(_KEPT)
    if texts is not None:
        texts[name] = text


def _as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
