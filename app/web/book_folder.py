"""The folder of a server's further books: which there are now, by slug.

A book is a file `<slug>.zhangfang`, or an entry of `books.toml` in that folder: `slug = "mysql://user@host/database"`.
"""

from __future__ import annotations

import logging
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.contract.serving import SLUG_PATTERN
from app.kernel.errors import MalformedInput
from app.storage.address import BookAddress, fits_windows, parse_address

logger = logging.getLogger(__name__)

SUFFIX = ".zhangfang"
LIST_NAME = "books.toml"
PASSWORD = "ZHANGFANG_DB_PASSWORD"  # noqa: S105 - the variable's name
MOST_BOOKS = 1000
_BESIDE = ("-lock", "-wal", "-shm", "-journal")
_SLUG = re.compile(SLUG_PATTERN)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a book is. `mark` differs when another file has come under its name."""

    address: BookAddress
    mark: tuple[int, int] = (0, 0)


def is_slug(text: str) -> bool:
    """Tell whether a text can stand for a book in a path."""
    return _SLUG.fullmatch(text) is not None


def mark_of(path: Path) -> tuple[int, int]:
    """Return what tells a file from another one of its name. Raises `OSError`."""
    found = path.stat()
    return found.st_dev, found.st_ino


class BookFolder:
    """Reads the folder. What cannot be a book is told to the log once, and left out."""

    def __init__(self, path: Path, environment: Mapping[str, str] | None = None) -> None:
        """Name the folder; the environment holds the passwords of `books.toml`."""
        self.path = path
        self._environment = os.environ if environment is None else environment
        self._told: set[str] = set()
        self._listed: dict[str, Place] = {}
        self._list_mark: tuple[int, ...] = ()

    def file_of(self, slug: str) -> Path:
        """Return where a book with this slug lies, or would."""
        return self.path / f"{slug}{SUFFIX}"

    def places(self, apart_from: Path | None = None) -> dict[str, Place]:
        """Return the books there are now, without the file that is served as the default book. Raises `OSError`."""
        found = dict(self._files(apart_from))
        for slug, place in self._from_list().items():
            if slug in found:
                self._tell(f"{LIST_NAME}: {slug}", "there is a file of that name")
            else:
                found[slug] = place
        return dict(sorted(found.items())[:MOST_BOOKS])

    def _files(self, apart_from: Path | None) -> Iterator[tuple[str, Place]]:
        default = None
        if apart_from is not None and apart_from.exists():
            default = mark_of(apart_from)
        with os.scandir(self.path) as entries:
            for entry in entries:
                slug = entry.name.removesuffix(SUFFIX)
                if entry.name.startswith(".") or entry.name == LIST_NAME or entry.name.endswith(_BESIDE):
                    continue
                if slug == entry.name or not is_slug(slug) or not fits_windows(entry.name) or not _is_file(entry):
                    self._tell(entry.name, "not named <slug>.zhangfang")
                    continue
                try:
                    mark = mark_of(Path(entry.path))
                except OSError:  # gone since, or a link to nowhere
                    continue
                if mark == default:
                    self._tell(entry.name, "it is the default book")
                    continue
                yield slug, Place(BookAddress("sqlite", path=self.path / entry.name), mark)

    def _from_list(self) -> dict[str, Place]:
        """Return what `books.toml` lists; read anew when it changed. One that cannot be read leaves all as it was."""
        path = self.path / LIST_NAME
        try:
            state = path.stat()
        except FileNotFoundError:
            self._listed, self._list_mark = {}, ()
            return {}
        mark = (state.st_ino, state.st_size, state.st_mtime_ns)
        if mark == self._list_mark:
            return self._listed
        try:
            content = tomllib.loads(path.read_text("utf-8"))
        except (ValueError, OSError) as error:
            self._tell(LIST_NAME, f"it cannot be read: {error}")
            return self._listed
        self._told = {name for name in self._told if not name.startswith(LIST_NAME)}
        self._listed, self._list_mark = dict(self._entries(content)), mark
        return self._listed

    def _entries(self, content: Mapping[str, object]) -> Iterator[tuple[str, Place]]:
        for slug, text in content.items():
            name = f"{LIST_NAME}: {slug}"
            if not is_slug(slug) or not isinstance(text, str):
                self._tell(name, "not a slug with an address")
                continue
            try:
                address = parse_address(text, self._password_of(slug))
            except MalformedInput as error:
                self._tell(name, error.code)
                continue
            if address.kind == "sqlite":
                self._tell(name, "a file belongs into the folder")
                continue
            yield slug, Place(address)

    def _password_of(self, slug: str) -> str | None:
        own = self._environment.get(f"{PASSWORD}_{slug.upper().replace('-', '_')}")
        return self._environment.get(PASSWORD) if own is None else own

    def _tell(self, name: str, reason: str) -> None:
        if name not in self._told:
            self._told.add(name)
            logger.warning("in the folder of books, %s is left out: %s", name, reason)


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False
