"""Timing, and what a measurement says beside its bar."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

QUIET_SHARE = 0.6
"""Load of the last minute per core below which nothing else is at work."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing beside its bar and what stood next to it in the same run."""

    name: str
    book: str
    value: float
    unit: str
    beside: str = ""
    beside_value: float | None = None
    bar: str = ""
    limit: float | None = None
    """In the figure's unit: the figure holds when it is at most this."""

    @property
    def holds(self) -> bool | None:
        """Tell whether the bar holds; `None` where there is none."""
        return None if self.limit is None else self.value <= self.limit

    def as_json(self) -> dict[str, Any]:
        """Return the figure for the JSON file."""
        return {**asdict(self), "holds": self.holds}


def median_ms(work: Callable[[], object], *, rounds: int = 15, warm: int = 2) -> float:
    """Return the median time of some rounds in milliseconds, after some that warm the caches."""
    for _ in range(warm):
        work()
    return statistics.median(time_ms(work) for _ in range(rounds))


def time_ms(work: Callable[[], object]) -> float:
    """Return how long one run takes, in milliseconds."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def processes_ms(commands: dict[str, list[str]], *, rounds: int = 5) -> dict[str, float]:
    """Return the best wall time of each whole process in milliseconds; their answers are thrown away.

    The processes run in turn, so that what else the machine does falls on all of them; the first round warms the disk's
    cache and does not count.
    """
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds + 1):
        for name, command in commands.items():
            times[name].append(time_ms(partial(subprocess.run, command, check=True, stdout=subprocess.DEVNULL)))
    return {name: min(measured[1:]) for name, measured in times.items()}


def wait_for_quiet(longest_s: int = 900) -> float:
    """Wait until other programs leave the processor alone, at most so long; return the load of the last minute.

    Times measured beside busy neighbours are not the program's.
    """
    if not hasattr(os, "getloadavg"):
        return 0.0
    deadline = time.monotonic() + longest_s
    while (load := os.getloadavg()[0]) > QUIET_SHARE * _cores() and time.monotonic() < deadline:
        time.sleep(5)
    return load


def machine() -> dict[str, str]:
    """Return what the figures were measured on."""
    import sqlite3

    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": _first_line(Path("/proc/cpuinfo"), "model name"),
        "cores": str(_cores()),
        "memory": _first_line(Path("/proc/meminfo"), "MemTotal"),
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
    }


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def _first_line(path: Path, key: str) -> str:
    if not path.exists():
        return "?"
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(key):
            return line.partition(":")[2].strip()
    return "?"
