"""Waiting for what comes soon, instead of a guessed time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

WAIT_S = 60.0


def until(condition: Callable[[], object], limit_s: float = WAIT_S, *, every_s: float = 0.01) -> None:
    """Wait until something is true; fails after a while."""
    deadline = time.monotonic() + limit_s
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        pause.wait(every_s)
