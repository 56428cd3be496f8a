"""What was sent and never answered, so that the same wish sent again is the same wish to the server, too.

A window that got no answer does not know whether its wish came through. Whoever gives the same order again means that
one; it therefore goes out under the `request_id` of the first time, and the server does it once (guarantee 6).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from pydantic import BaseModel

KEPT_NS = 15 * 60 * 10**9
"""For so long the same order counts as the one that got no answer; later, as another one."""
MOST = 50


class Unanswered:
    """Remembers the ids of orders without an answer. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._ids: dict[tuple[str, str, str], tuple[int, str]] = {}

    def again(self, method: str, path: str, body: BaseModel) -> BaseModel:
        """Return the body, under the id it had when it was sent in vain."""
        with self._lock:
            self._forget_old()
            found = self._ids.get(_order(method, path, body))
        return body if found is None else body.model_copy(update={"request_id": found[1]})

    def remember(self, method: str, path: str, body: BaseModel) -> None:
        """No answer came for this one."""
        with self._lock:
            order = _order(method, path, body)
            self._ids.pop(order, None)
            self._ids[order] = (self._clock(), str(getattr(body, "request_id", "")))
            while len(self._ids) > MOST:
                self._ids.pop(next(iter(self._ids)))

    def settle(self, method: str, path: str, body: BaseModel) -> None:
        """An answer came: the next order of this kind is another one."""
        with self._lock:
            if self._ids:
                self._ids.pop(_order(method, path, body), None)

    def _forget_old(self) -> None:
        limit = self._clock() - KEPT_NS
        for order in [order for order, (sent_at, _id) in self._ids.items() if sent_at < limit]:
            del self._ids[order]


def _order(method: str, path: str, body: BaseModel) -> tuple[str, str, str]:
    return method, path, body.model_copy(update={"request_id": None}).model_dump_json()
