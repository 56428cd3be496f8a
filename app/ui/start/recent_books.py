"""What is remembered about the books opened lately beside their addresses: their names, and when they were opened."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import replace

from app.settings import Settings
from app.ui.language import tr
from app.ui.start.book_kinds import short_name, short_place

_PREFIX = "opened-"


def note_opened(settings: Settings, address: str, name: str, at: datetime.datetime) -> Settings:
    """Return settings that know this book as the one opened last, with its name and the time."""
    known = settings.with_book(address)
    kept = {_key(other) for other in known.recent_books}
    window = {key: text for key, text in known.window.items() if not key.startswith(_PREFIX) or key in kept}
    window[_key(address)] = f"{at:%Y-%m-%d %H:%M} {name}"
    return replace(known, window=window)


def title_of(settings: Settings, address: str) -> str:
    """Return what a book is called in a list: the name it had when it was opened, else one made of its address."""
    return _noted(settings, address)[1] or short_name(address)


def place_of(settings: Settings, address: str) -> str:
    """Return where a book is, and when it was opened here last if that is known."""
    when = _noted(settings, address)[0]
    place = short_place(address)
    return f"{place}　{tr('上次打开：{when}', when=when)}" if when else place


def _noted(settings: Settings, address: str) -> tuple[str, str]:
    day, _, rest = settings.window.get(_key(address), "").partition(" ")
    time, _, name = rest.partition(" ")
    return (f"{day} {time}", name) if name else ("", "")


def _key(address: str) -> str:
    return _PREFIX + hashlib.sha256(address.encode()).hexdigest()[:12]
