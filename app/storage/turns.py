"""Requests take turns at the book, so that some threads of a server always stay free for what needs no book.

A server has few threads. When a database hangs, each request would keep one until its time is up, and nothing would
answer any more, not even whether the server is alive. Therefore fewer requests than threads are inside at once; the
others wait at the door, and look meanwhile whether there is anything worth waiting for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.kernel.errors import EnvironmentFault
from app.kernel.text import message

AT_ONCE = 6
"""Two fewer than the threads of `serve` and of a gunicorn worker as the manual starts it."""
WAIT_S = 10.0
LOOK_AFTER_S = 2.0


class Turns:
    """How many requests are inside one book at once."""

    def __init__(self, look: Callable[[], object], at_once: int = AT_ONCE) -> None:
        """Take what raises when the database does not answer; it is asked only while nobody gets any further."""
        self._look = look
        self._free = at_once
        self._changed = threading.Condition()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and end it. Raises `EnvironmentFault` (`database_busy`), and what looking raises."""
        self._begin()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify()

    def _begin(self) -> None:
        deadline = time.monotonic() + WAIT_S
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: self._free > 0, LOOK_AFTER_S):
                    self._free -= 1
                    return
            self._look()
            if time.monotonic() > deadline:
                raise EnvironmentFault("database_busy", message("数据库正忙，请稍后再试。"))
