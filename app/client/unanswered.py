"""What was sent and never answered, so that the same wish sent again is the same wish to the server, too.

A window that got no answer does not know whether its wish came through. Whoever gives the same order again means that
one; it therefore goes out under the `request_id` of the first time, and the server does it once (guarantee 6).

Whoever typed on in between gives another order, based on the version before the first. When the server refuses it as
stale, it is asked what became of the first: if that was carried out, the new order follows it, and nobody is told that
"somebody else" was faster when it was himself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import orjson
from pydantic import BaseModel

from app.client.answers import RawAnswer
from app.kernel.errors import EnvironmentFault, ZhangfangError, leaves_open
from app.kernel.ids import new_request_id

KEPT_NS = 15 * 60 * 10**9
"""For so long the same order counts as the one that got no answer; later, as another one."""
MOST = 50
_SAVES = frozenset({"PUT", "PATCH"})
"""Orders that make something what they say; their answer is that thing, with its version."""

Send = Callable[[BaseModel], RawAnswer]
_Order = tuple[str, str, str]


class Unanswered:
    """Remembers orders without an answer. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tries: dict[_Order, tuple[int, BaseModel]] = {}

    def carry(self, method: str, path: str, body: BaseModel, send: Send) -> RawAnswer:
        """Send an order with a `request_id`, and return its answer; one that got none keeps its id for the next time.

        Raises what `send` raises. A refusal for what one's own unanswered tries changed is got over without asking.
        """
        while True:
            order = self.again(method, path, body)
            try:
                answer = send(order)
            except EnvironmentFault:  # nobody there, no answer in time, or one that says that the database was lost
                self.remember(method, path, order)
                raise
            except ZhangfangError as refused:
                if leaves_open(refused):
                    raise
                self.settle(method, path, order)
                following = self._after_own(method, path, body, refused, send)
                if following is None:
                    raise
                body = following
            else:
                self._done(method, path, order)
                return answer

    @property
    def is_waiting(self) -> bool:
        """Whether an order of the last minutes got no answer: what this person changed may be its doing."""
        with self._lock:
            return any(sent_at >= self._limit() for sent_at, _body in self._tries.values())

    def _after_own(
        self, method: str, path: str, body: BaseModel, refused: ZhangfangError, send: Send
    ) -> BaseModel | None:
        """Return the order as it follows one's own unanswered try; None when somebody else was faster.

        The first try goes out as it was, under its own id. That changes nothing: either it was carried out and its kept
        answer comes, or it is based on a version that is gone, and refused.
        """
        version = _version_of(body)
        if version is None or method not in _SAVES or refused.code != "stale_version":
            return None
        for first in self._tries_from(method, path, version):
            try:
                answer = send(first)
            except ZhangfangError as unknown:
                if leaves_open(unknown):
                    raise
                self.settle(method, path, first)
                continue
            now = _version_in(answer)
            if now is not None and now > version:
                return body.model_copy(update={"version": now, "request_id": new_request_id()})
        return None

    def again(self, method: str, path: str, body: BaseModel) -> BaseModel:
        """Return the body, under the id it had when it was sent in vain not long ago."""
        with self._lock:
            found = self._tries.get(_order(method, path, body))
            return body if found is None or found[0] < self._limit() else found[1]

    def remember(self, method: str, path: str, body: BaseModel) -> None:
        """No answer came for this one."""
        with self._lock:
            order = _order(method, path, body)
            self._tries.pop(order, None)
            self._tries[order] = (self._clock(), body)
            while len(self._tries) > MOST:
                self._tries.pop(next(iter(self._tries)))

    def settle(self, method: str, path: str, body: BaseModel) -> None:
        """An answer came: the next order of this kind is another one."""
        with self._lock:
            if self._tries:
                self._tries.pop(_order(method, path, body), None)

    def _done(self, method: str, path: str, body: BaseModel) -> None:
        """It was done: who sent it knows the version now, and what came of the tries before is of no account."""
        self.settle(method, path, body)
        version = _version_of(body)
        with self._lock:
            for order, (_sent_at, tried) in list(self._tries.items()):
                base = _version_of(tried)
                if order[:2] == (method, path) and base is not None and version is not None and base <= version:
                    del self._tries[order]

    def _tries_from(self, method: str, path: str, version: int) -> list[BaseModel]:
        """Return what was sent there in vain, based on a version, the latest first."""
        with self._lock:
            here = [body for order, (_sent_at, body) in self._tries.items() if order[:2] == (method, path)]
        return [body for body in reversed(here) if _version_of(body) == version]

    def _limit(self) -> int:
        return self._clock() - KEPT_NS


def _order(method: str, path: str, body: BaseModel) -> _Order:
    return method, path, body.model_copy(update={"request_id": None}).model_dump_json()


def _version_of(body: BaseModel) -> int | None:
    version = getattr(body, "version", None)
    return version if isinstance(version, int) else None


def _version_in(answer: RawAnswer) -> int | None:
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    version = found.get("version") if isinstance(found, dict) else None
    return version if isinstance(version, int) else None
