"""What the program remembers on this computer for this person: a small TOML file, read and written whole.

Settings of a book live in the book (`app.storage.book_settings`). Nothing secret is kept here.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from app.portable import DATA_NAME, from_stored, marked_folder, to_stored

logger = logging.getLogger(__name__)

DATA_DIR_VARIABLE = "ZHANGFANG_DATA_DIR"
FILE_NAME = "settings.toml"
MAX_RECENT = 10
LANGUAGES = ("", "zh", "en")
THEMES = ("system", "light", "dark")
DEFAULT_PORT = 5000
REPLACE_PATIENCE_S = 1.0
DEFAULT_BACKUP_LIMIT_MB = 10_000
BACKUP_LIMITS_MB = (100, 10_000_000)
BACKUP_REMINDER_DAYS = (1, 365)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults. Change one with `dataclasses.replace` and `save_settings`."""

    language: str = ""
    """`zh`, `en`, or empty for the system's language."""
    theme: str = "system"
    """`system`, `light` or `dark`."""
    last_book: str = ""
    """Address of the book to open at the start, never with a password."""
    recent_books: tuple[str, ...] = ()
    """Addresses, the latest first."""
    other_programs: bool = False
    """Whether other programs on this computer may call the API on `other_programs_port` with tokens."""
    other_programs_port: int = DEFAULT_PORT
    automatic_backups: bool = True
    """Whether the program keeps backups by itself, after each session and before acts that take something away."""
    backup_folder: str = ""
    """Where kept backups go, a folder for each book below it; empty: below the data folder."""
    backup_limit_mb: int = DEFAULT_BACKUP_LIMIT_MB
    """What the kept backups of one book may take together."""
    backup_reminder_days: int = 7
    """After how many days without a backup of what was changed the window says so."""
    update_check: bool = False
    """Whether the version file at `update_url` is looked at once a day; nothing is asked of any server otherwise."""
    update_url: str = ""
    update_key: str = ""
    """The public key of who signs the version file; empty: the one built in, if there is one."""
    update_seen: str = ""
    """The highest version a good file has named: an older file is refused. Empty again with another key."""
    update_day: str = ""
    """The day of the last look, `2026-12-05`, whatever came of it."""
    update_failed: bool = False
    """Whether the last look brought nothing."""
    ca_file: str = ""
    """A PEM file with certificates that are trusted besides the computer's, for servers of books at `https://`."""
    window: Mapping[str, str] = field(default_factory=dict)
    """Where the window and its splitters and columns are, as text the window understands."""

    def with_book(self, address: str) -> Settings:
        """Return settings that remember a book as the last one opened."""
        place = _without_tls(address)
        recent = (address, *(other for other in self.recent_books if _without_tls(other) != place))[:MAX_RECENT]
        return replace(self, last_book=address, recent_books=recent)


_TLS_PART = re.compile(r"(?<=[?&])tls(?:_ca)?=[^&]*&?")


def _without_tls(address: str) -> str:
    """Return where a book is, however its connection is guarded: one place is listed once, as it was reached last."""
    is_database = address.lower().startswith(("mysql://", "mariadb://"))
    return _TLS_PART.sub("", address).rstrip("?&") if is_database else address


def data_folder() -> Path:
    """Return the folder of settings and logs: `ZHANGFANG_DATA_DIR`, the portable one, or the system's for such."""
    chosen = os.environ.get(DATA_DIR_VARIABLE)
    if chosen:
        return Path(chosen)
    portable = marked_folder()
    return portable / DATA_NAME if portable else platformdirs.user_data_path("zhangfang", appauthor=False)


def portable_folder() -> Path | None:
    """Return the folder everything is kept in, or `None` when not in portable mode; `ZHANGFANG_DATA_DIR` ends that."""
    return None if os.environ.get(DATA_DIR_VARIABLE) else marked_folder()


def load_settings(folder: Path | None = None) -> Settings:
    """Read the settings; defaults where the file or a value is missing or of the wrong kind.

    A file that is no TOML is set aside as `settings.toml.broken`, so that the program still starts.
    """
    path = (folder or data_folder()) / FILE_NAME
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        logger.warning("settings could not be read and were set aside: %s", error)
        path.replace(path.with_name(FILE_NAME + ".broken"))
        return Settings()
    except OSError as error:
        logger.warning("settings could not be opened: %s", error)
        return Settings()
    return _with_addresses(Settings(**dict(_accepted(values))), from_stored)


def save_settings(settings: Settings, folder: Path | None = None) -> None:
    """Write the settings through a temporary file, so that a crash leaves the old ones. Raises `OSError`."""
    import tempfile  # here, for it takes some milliseconds, and the window is up by now

    target = (folder or data_folder()) / FILE_NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=FILE_NAME, suffix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(_as_toml(_with_addresses(settings, to_stored)))
        _replace(Path(name), target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _replace(new: Path, target: Path) -> None:
    """Put the new file in the old one's place; Windows refuses while another process reads that one."""
    deadline = time.monotonic() + REPLACE_PATIENCE_S
    while True:
        try:
            new.replace(target)
        except PermissionError:
            if os.name != "nt" or time.monotonic() > deadline:
                raise
        else:
            return
        time.sleep(0.01)


def _with_addresses(settings: Settings, change: Callable[[str, Path], str]) -> Settings:
    """Return the settings with the addresses of books changed for the file or back; only in portable mode."""
    portable = portable_folder()
    if portable is None:
        return settings
    recent = tuple(change(address, portable) for address in settings.recent_books)
    return replace(
        settings,
        last_book=change(settings.last_book, portable),
        recent_books=recent,
        backup_folder=change(settings.backup_folder, portable),
    )


def _accepted(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the values whose kind and content are as they should be; others keep their defaults."""
    kept: list[tuple[str, Any]] = []
    for known in fields(Settings):
        if known.name not in values:
            continue
        value = _checked(known.name, values[known.name])
        if value is None:
            logger.warning("setting %s has a value that is not understood; its default counts", known.name)
        else:
            kept.append((known.name, value))
    return kept


def _checked(name: str, value: Any) -> Any:
    return _KINDS[name](value)


def _one_of(*choices: str) -> Callable[[Any], Any]:
    return lambda value: value if value in choices else None


def _any_text(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _matching(pattern: str) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) else None


def _switch(value: Any) -> Any:
    return value if isinstance(value, bool) else None


def _number(least: int, most: int) -> Callable[[Any], Any]:
    return lambda value: value if type(value) is int and least <= value <= most else None


def _addresses(value: Any) -> Any:
    good = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return tuple(value[:MAX_RECENT]) if good else None


def _texts(value: Any) -> Any:
    good = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    return value if good else None


# What a value in the file has to be; each returns the value as it is kept, or None.
_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "language": _one_of(*LANGUAGES),
    "theme": _one_of(*THEMES),
    "last_book": _any_text,
    "recent_books": _addresses,
    "other_programs": _switch,
    "other_programs_port": _number(1, 65535),
    "automatic_backups": _switch,
    "backup_folder": _any_text,
    "backup_limit_mb": _number(*BACKUP_LIMITS_MB),
    "backup_reminder_days": _number(*BACKUP_REMINDER_DAYS),
    "update_check": _switch,
    "update_url": _any_text,
    "update_key": _any_text,
    "update_seen": _matching(r"|\d{1,4}\.\d{1,4}\.\d{1,4}"),
    "update_day": _matching(r"|\d{4}-\d{2}-\d{2}"),
    "update_failed": _switch,
    "ca_file": _any_text,
    "window": _texts,
}


def _as_toml(settings: Settings) -> str:
    """Write every setting; the table of the window stands last, as TOML wants it."""
    lines = [
        f"{known.name} = {_toml_value(getattr(settings, known.name))}\n"
        for known in fields(Settings)
        if known.name != "window"
    ]
    window = [f"{_text(name)} = {_text(value)}\n" for name, value in sorted(settings.window.items())]
    return "".join([*lines, "\n[window]\n", *window])


def _toml_value(value: str | bool | int | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple):
        return "[\n" + "".join(f"    {_text(item)},\n" for item in value) + "]"
    return str(value).lower()


def _text(value: str) -> str:
    # a JSON string is a TOML basic string, but TOML wants DEL escaped, too
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
