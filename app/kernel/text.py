"""Text rules: how input is cleaned, and messages whose Chinese source text is the key of the translation catalogue."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import PurePath, PurePosixPath
from typing import Literal

Language = Literal["zh", "en"]

FILE_NAME_BYTES = 200
"""File systems take 255, and programs put something of their own before or behind."""

_FULL_WIDTH = {
    ord(full): half for full, half in zip("０１２３４５６７８９．，。－−＋（）　", "0123456789.,.--+() ", strict=True)
}


def clean_text(value: str) -> str:
    """Return user text as it is stored: NFC, surrounding white space removed, no control characters."""
    text = unicodedata.normalize("NFC", value)
    if not text.isprintable():
        text = "".join(
            " " if c in "\t\r\n\u2028\u2029" else c for c in text if c in "\t\r\n" or unicodedata.category(c)[0] != "C"
        )
    return text.strip()


def file_name(name: str) -> str:
    """Return the last part of a path from any system, without characters that mean something to one: safe to join.

    Names that came with a book are taken through here again where a file is made of them: a book may be anybody's.
    """
    last = PurePosixPath(clean_text(name).replace("\\", "/")).name
    kept = re.sub(r'[<>:"|?*]', "_", last).strip(". ")
    while len(kept.encode()) > FILE_NAME_BYTES:
        kept = kept[1:].strip()
    return kept or "file"


def file_name_of(title: str) -> str:
    """Return a title people gave as the name of one file: 甲/乙公司 is no folder."""
    return file_name(title.replace("/", "_").replace("\\", "_"))


def clean_number_text(value: str) -> str:
    """Return a typed number in half-width characters: Chinese keyboards give full-width digits, `，`, `。`."""
    return value.translate(_FULL_WIDTH).strip()


_spoken: ContextVar[Mapping[str, str] | None] = ContextVar("spoken_catalogue", default=None)


@contextmanager
def speaking(catalogue: Mapping[str, str] | None) -> Iterator[None]:
    """Let `str(message)` use this catalogue inside: for a request or command whose caller's language is known."""
    token = _spoken.set(catalogue)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken_language() -> Language:
    """Return the language being spoken (`speaking`), for texts that exist in both and are no catalogue's."""
    return "zh" if _spoken.get() is None else "en"


class Whereabouts:
    """Where something is, as a parameter of a sentence: its text is the whole address, its `name` is what it is called.

    Paths of files are understood as such, too.
    """

    __slots__ = ()

    @property
    def name(self) -> str:
        """Return what may be said to people who need not know where it is."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for the user: Chinese source text with `{name}` places, and what goes into them.

    A parameter may itself be a `Message`. Rendering needs a catalogue (`Chinese source -> translation`); without one,
    or without an entry, the Chinese source is used.
    """

    source: str
    params: Mapping[str, object] = field(default_factory=dict)

    def render(self, catalogue: Mapping[str, str] | None = None) -> str:
        """Return the sentence in the catalogue's language."""
        template = catalogue.get(self.source, self.source) if catalogue else self.source
        values = {k: v.render(catalogue) if isinstance(v, Message) else v for k, v in self.params.items()}
        return template.format_map(values) if values else template

    def for_strangers(self) -> Message:
        """Return the sentence with names in place of paths and addresses: callers over the network may read it."""
        return Message(self.source, {name: _name_of(value) for name, value in self.params.items()})

    def whereabouts(self) -> list[str]:
        """Return the paths and addresses in it as they are, for the log."""
        inner = [value.whereabouts() for value in self.params.values() if isinstance(value, Message)]
        own = [str(value) for value in self.params.values() if isinstance(value, PurePath | Whereabouts)]
        return own + [place for places in inner for place in places]

    def __str__(self) -> str:
        """Return the sentence in the language being spoken (`speaking`), Chinese by default."""
        return self.render(_spoken.get())


def _name_of(value: object) -> object:
    if isinstance(value, Message):
        return value.for_strangers()
    return value.name if isinstance(value, PurePath | Whereabouts) else value


def message(source: str, /, **params: object) -> Message:
    """Make a `Message`; the literal first argument is what the catalogue test collects."""
    return Message(source, params)
