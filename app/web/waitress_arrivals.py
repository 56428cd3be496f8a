"""How waitress lets go of connections: of callers who are too slow, and of those that wait longest when all are taken.

Waitress reads requests without a thread, but it takes so many connections only, and closes one when nothing came on it
for two minutes by the clock of the computer: a byte a minute kept a place for ever, a clock that was set back all.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.web.patience import IDLE_S, PATIENCE_S, SLOWEST_BYTES_S, WHOLE_WITHIN_S

MOST_CONNECTIONS = 400
"""Twenty people's windows need a hundred; more than 500 the system's `select` does not take on Windows."""
LOOKED_EVERY_S = 1.0
HAS_POLL = hasattr(select, "poll")
ROOM = 20
"""So many are closed at once when all are taken."""


@dataclass(slots=True)
class _Seen:
    """What was last seen on a connection, and since when it stands so."""

    activity_s: float
    quiet_since_s: float
    request: Any = None
    asked_since_s: float = 0.0


class Watch:
    """Looks through a server's connections each second; its loop calls it."""

    def __init__(self, server: Any, idle_s: float = IDLE_S, clock_s: Callable[[], float] = time.monotonic) -> None:
        """Take a waitress server; nothing was seen on its connections."""
        self._server = server
        self._idle_s = idle_s
        self._clock_s = clock_s
        self._seen: dict[Any, _Seen] = {}
        self._next_look_s = 0.0

    def look(self) -> None:
        """Close what is to be closed, if it is time to look."""
        now_s = self._clock_s()
        is_full = len(self._server._map) >= self._server.adj.connection_limit  # noqa: SLF001 - waitress's own measure
        if now_s < self._next_look_s and not is_full:
            return
        self._next_look_s = now_s + LOOKED_EVERY_S
        channels = list(self._server.active_channels.values())
        self._seen = {channel: self._look_at(channel, now_s) for channel in channels}
        over = [channel for channel in channels if self._is_over(channel, now_s)]
        if is_full and not over:
            free = [channel for channel in channels if not channel.requests and not channel.total_outbufs_len]
            over = sorted(free, key=self._waits_since_s)[:ROOM]
        if over:  # not at once: the loop is about to ask the system about all of them
            self._server.trigger.pull_trigger(lambda: _close(over))

    def _look_at(self, channel: Any, now_s: float) -> _Seen:
        seen = self._seen.get(channel) or _Seen(channel.last_activity, now_s)
        if channel.last_activity != seen.activity_s:
            seen.activity_s, seen.quiet_since_s = channel.last_activity, now_s
        if channel.request is not seen.request:
            seen.request, seen.asked_since_s = channel.request, now_s
        return seen

    def _is_over(self, channel: Any, now_s: float) -> bool:
        seen = self._seen[channel]
        if channel.total_outbufs_len:  # an answer nobody takes
            return now_s - seen.quiet_since_s > PATIENCE_S
        if channel.requests:
            return False
        if seen.request is not None:
            arrived = seen.request.header_bytes_received + seen.request.body_bytes_received
            return bool(now_s - seen.asked_since_s > WHOLE_WITHIN_S + arrived / SLOWEST_BYTES_S)
        return bool(now_s - seen.quiet_since_s > self._idle_s)

    def _waits_since_s(self, channel: Any) -> tuple[bool, float]:
        """Put those first that began a request and do not end it."""
        seen = self._seen[channel]
        is_begun = seen.request is not None
        return not is_begun, seen.asked_since_s if is_begun else seen.quiet_since_s


def _close(channels: list[Any]) -> None:
    for channel in channels:
        if channel.connected:
            channel.handle_close()


def let_go_of_the_slow(server: Any, idle_s: float = IDLE_S) -> None:
    """Let a waitress server close connections by their callers' pace from now on; those that idle, after so long."""
    watch = Watch(server, idle_s)
    is_readable = server.readable

    def readable() -> bool:
        watch.look()
        return bool(is_readable())

    server.readable = readable
