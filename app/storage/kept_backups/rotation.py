"""Which backups stay: all of today, one a day for two weeks, one a month for a year, one a year for ever.

Of each day, month and year the newest sound one counts. The newest sound backup of all, and the newest one that passed
the full proof, are never given up, whatever room they take. Where all together take more than the limit, others go:
further ones of today first, then days, then months, then years, in each the oldest first.

Who applies the rule hands over only what the program made itself, and spares what is no longer as it was written.

A damaged backup takes nobody's place. It stays for two weeks, so that the report about it can be looked into, and as
long as no sound one is there.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from enum import IntEnum
from typing import Protocol

from app.kernel.clock import china_today

DAYS = 14
MONTHS = 12


class Aged(Protocol):
    """What the rule looks at; `made_at` in UTC ms, `size` in bytes."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def made_at(self) -> int: ...  # noqa: D102
    @property
    def size(self) -> int: ...  # noqa: D102
    @property
    def is_sound(self) -> bool:
        """Nothing is known against it."""

    @property
    def is_proven(self) -> bool:
        """It is sound and passed the full proof."""


class Place(IntEnum):
    """What a backup is kept for, the first to be given up first."""

    DAMAGED = 0
    TODAY = 1
    DAY = 2
    MONTH = 3
    YEAR = 4
    NEVER_GIVEN_UP = 5


def superfluous(backups: Sequence[Aged], now_ms: int, limit_bytes: int | None) -> list[str]:
    """Return the names of the backups that are to go, by the rule of this module; `None` is no limit.

    A backup from the future, made before the clock was set back, counts as one of today.
    """
    places = _places(backups, china_today(now_ms))
    kept = sorted((b for b in backups if b.name in places), key=lambda b: (places[b.name], b.made_at, b.name))
    gone = [backup.name for backup in backups if backup.name not in places]
    if limit_bytes is None:
        return gone
    total = sum(backup.size for backup in kept)
    for backup in kept:
        if total <= limit_bytes or places[backup.name] is Place.NEVER_GIVEN_UP:
            break
        gone.append(backup.name)
        total -= backup.size
    return gone


def _places(backups: Sequence[Aged], today: datetime.date) -> dict[str, Place]:
    """Return what each backup that stays is kept for, the highest of its places."""
    places: dict[str, Place] = {}
    filled: set[tuple[Place, object]] = set()
    sound = sorted((b for b in backups if b.is_sound), key=lambda b: (b.made_at, b.name), reverse=True)
    for backup in sound:
        day = min(china_today(backup.made_at), today)
        wanted: list[tuple[Place, object]] = [(Place.YEAR, day.year)]
        if _months_between(day, today) < MONTHS:
            wanted.append((Place.MONTH, (day.year, day.month)))
        if (today - day).days < DAYS:
            wanted.append((Place.DAY, day))
        if day == today:
            wanted.append((Place.TODAY, backup.name))
        free = [place for place in wanted if place not in filled]
        filled.update(free)
        if free:
            places[backup.name] = max(place for place, _ in free)
    for backup in backups:
        recent = (today - min(china_today(backup.made_at), today)).days < DAYS
        if not backup.is_sound and (recent or not sound):
            places[backup.name] = Place.DAMAGED
    proven = [backup for backup in sound if backup.is_proven]
    for backup in (*sound[:1], *proven[:1]):
        places[backup.name] = Place.NEVER_GIVEN_UP
    return places


def _months_between(day: datetime.date, today: datetime.date) -> int:
    return (today.year - day.year) * 12 + today.month - day.month
