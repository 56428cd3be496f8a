"""The link between long work on a worker thread and what shows it in the window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class TaskCancelled(Exception):
    """The user cancelled; nobody is told, `always` still runs."""


@dataclass(frozen=True)
class ProgressStep:
    """How far long work is; `total` 0 means nobody knows."""

    done: int
    total: int
    text: str


class Progress:
    """The link between long work and the strip that shows it: the worker reports, the window may cancel."""

    def __init__(self, report: Callable[[ProgressStep], None]) -> None:
        self._report = report
        self._cancel = threading.Event()

    def report(self, done: int, total: int, text: str = "") -> None:
        """Say how far the work is (worker side)."""
        self._report(ProgressStep(done, total, text))

    def cancel(self) -> None:
        """Ask the worker to end (window side)."""
        self._cancel.set()

    @property
    def cancelled(self) -> bool:
        """Whether the window asked to end."""
        return self._cancel.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait that long or until cancelled; return whether cancelled (worker side)."""
        return self._cancel.wait(seconds)

    def check(self) -> None:
        """Raise `TaskCancelled` when the window asked to end (worker side)."""
        if self.cancelled:
            raise TaskCancelled


class ShowsProgress(Protocol):
    """A widget that shows long work; `app.ui.widgets.progress_strip` is one."""

    def begin(self, progress: Progress, text: str = "") -> None:
        """Show that it has begun."""

    def show_step(self, step: ProgressStep) -> None:
        """Show how far it is."""

    def finish(self) -> None:
        """Show no more."""
