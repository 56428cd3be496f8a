"""Numbers of changes in a header: `12-15,18`. Both wings read and write it the same way."""

from __future__ import annotations

from collections.abc import Iterable

CHANGES_HEADER = "X-Zhangfang-Changes"
"""The numbers of the rows in the log of changes that a request has written."""
MOST_RANGES = 60
"""More are left out: a window then takes its own change for another's, and asks once too often."""


def number_ranges(numbers: Iterable[int]) -> str:
    """Write numbers as ranges from the smallest on; empty without any."""
    ranges: list[list[int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in ranges[:MOST_RANGES])


def read_ranges(text: str) -> list[tuple[int, int]]:
    """Read ranges; what is none is left out."""
    found = []
    for part in text.split(",")[:MOST_RANGES]:
        first, _, last = part.strip().partition("-")
        if first.isdecimal() and (not last or last.isdecimal()) and len(part) < 50:
            found.append((int(first), int(last or first)))
    return found
