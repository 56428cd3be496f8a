"""How much one caller may ask of a server, so that a script that runs wild does not starve the others.

Kept in memory, for each process by itself: it protects the process's own threads, and nothing is lost with it. Failed
logins are counted in the book instead (`app.identity.service.attempts`), over all processes.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Self

from app.kernel.errors import TooManyRequests
from app.kernel.text import message
from app.web.proxies import address_of

SECOND_NS = 1_000_000_000
IPV6_HOME_BITS = 64
"""What one household or office gets at least: an IPv6 caller has more addresses than anybody can count."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and then so many a second."""

    burst: int
    per_s: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The figures of one process; tests take smaller ones."""

    strangers: Rate = Rate(burst=300, per_s=20)
    """Calls from one address without a valid login or token: a whole office opens its windows at nine o'clock."""
    people: Rate = Rate(burst=1000, per_s=100)
    """Calls of one person, all of his windows and scripts together."""
    at_once: int = 5
    """Calls of one person that may be under way at the same time; a process has more threads than that."""
    wait_s: float = 2.0
    """So long a call beyond that waits for one of them to end."""
    most_waiting: int = 2
    """Calls of all people together that wait so; a thread each, which others need."""
    known: int = 10_000
    """How many callers are remembered; who has not called for the longest time is forgotten first."""


class Throttle:
    """Lets each caller pass at a rate (the generic cell rate algorithm: one number a caller, no timer)."""

    def __init__(self, rate: Rate, known: int, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        """Nobody has called yet."""
        self._gap_ns = SECOND_NS // rate.per_s
        self._slack_ns = self._gap_ns * (rate.burst - 1)
        self._known = known
        self._clock_ns = clock_ns
        self._due: OrderedDict[Hashable, int] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: Hashable) -> int:
        """Let a caller pass and return 0, or return for how many nanoseconds he must wait."""
        now = self._clock_ns()
        with self._lock:
            due = max(now, self._due.get(caller, now))
            wait = due - now - self._slack_ns
            if wait > 0:
                return wait
            self._due[caller] = due + self._gap_ns
            self._due.move_to_end(caller)
            if len(self._due) > self._known:
                self._due.popitem(last=False)
            return 0

    def __len__(self) -> int:
        """Return how many callers are remembered."""
        return len(self._due)


class Doorkeeper:
    """Counts the calls of strangers by address and of people by themselves, and refuses what is too much."""

    def __init__(self, limits: Limits = Limits()) -> None:
        """Begin with nobody known."""
        self._strangers = Throttle(limits.strangers, limits.known)
        self._people = Throttle(limits.people, limits.known)
        self._limits = limits
        self._under_way: dict[Hashable, int] = {}
        self._waiting: list[Hashable] = []
        self._changed = threading.Condition()

    def stranger(self, address: str) -> None:
        """Count a call without a valid login. Raises `TooManyRequests` (`too_many_calls`)."""
        self._pass(self._strangers, counted_as(address))

    def person(self, who: Hashable) -> Place:
        """Count a call of a person and return its place among his. Raises `TooManyRequests` (`too_many_calls`)."""
        self._pass(self._people, who)
        return Place(self, who)

    @property
    def waiting(self) -> int:
        """Return how many calls wait for a place."""
        return len(self._waiting)

    def take(self, who: Hashable) -> bool:
        """Take one of a person's places if one is free and nobody waits for it; tell whether it was taken."""
        with self._changed:
            if who in self._waiting or not self._has_room(who):
                return False
            self._under_way[who] = self._under_way.get(who, 0) + 1
            return True

    def wait(self, who: Hashable) -> None:
        """Wait a bounded time for one of a person's places. Raises `TooManyRequests` (`too_many_calls`)."""
        with self._changed:
            if len(self._waiting) >= self._limits.most_waiting:
                raise _too_many(1)
            self._waiting.append(who)
            has_room = self._changed.wait_for(lambda: self._has_room(who), self._limits.wait_s)
            self._waiting.remove(who)
            if not has_room:
                raise _too_many(1)
            self._under_way[who] = self._under_way.get(who, 0) + 1

    def leave(self, who: Hashable) -> None:
        """Give a place back."""
        with self._changed:
            self._under_way[who] -= 1
            if not self._under_way[who]:
                del self._under_way[who]
            self._changed.notify_all()

    def _has_room(self, who: Hashable) -> bool:
        return self._under_way.get(who, 0) < self._limits.at_once

    @staticmethod
    def _pass(throttle: Throttle, caller: Hashable) -> None:
        if wait_ns := throttle.take(caller):
            raise _too_many(-(-wait_ns // SECOND_NS))


class Place:
    """A call's place among those of its person that are under way; entered, it is held until the call is done."""

    def __init__(self, doorkeeper: Doorkeeper, who: Hashable) -> None:
        """Hold nothing yet."""
        self._doorkeeper = doorkeeper
        self._who = who
        self._is_held = False

    def take(self) -> bool:
        """Take it, if that is possible at once; tell whether it was."""
        self._is_held = self._doorkeeper.take(self._who)
        return self._is_held

    def __enter__(self) -> Self:
        if not self._is_held and not self.take():
            self._doorkeeper.wait(self._who)
            self._is_held = True
        return self

    def __exit__(self, *_: object) -> None:
        self._is_held = False
        self._doorkeeper.leave(self._who)


def counted_as(address: str) -> str:
    """Return what calls from an address are counted under: itself, or the home network of an IPv6 address."""
    found = address_of(address)
    if isinstance(found, ipaddress.IPv6Address) and not found.is_loopback:
        return str(ipaddress.ip_network((found, IPV6_HOME_BITS), strict=False))
    return address if found is None else str(found)


def _too_many(retry_after_s: int) -> TooManyRequests:
    return TooManyRequests(
        "too_many_calls",
        message("请求太多，请 {seconds} 秒后再试。", seconds=retry_after_s),
        details={"retry_after_s": retry_after_s},
    )
