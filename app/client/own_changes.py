"""Which changes this window made itself, so that it does not take them for others'."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from app.contract.change_numbers import read_ranges

MOST_KEPT = 2000


class OwnChanges:
    """Numbers of own changes, the latest so many ranges of them; and whether a change is under way. For all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ranges: deque[tuple[int, int]] = deque(maxlen=MOST_KEPT)
        self._under_way = 0

    def note(self, header: str | None) -> None:
        """Remember the numbers an answer told."""
        if header:
            with self._lock:
                self._ranges.extend(read_ranges(header))

    def forget(self) -> None:
        """Forget all: the numbers are of a log that is not there any more."""
        with self._lock:
            self._ranges.clear()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A change is sent, and its answer not here yet: its row may be seen before its number is known."""
        with self._lock:
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    @property
    def are_under_way(self) -> bool:
        """Whether an answer to a change is awaited."""
        with self._lock:
            return self._under_way > 0

    def __contains__(self, number: int) -> bool:
        """Tell whether a change was made by this window."""
        with self._lock:
            return any(first <= number <= last for first, last in self._ranges)
