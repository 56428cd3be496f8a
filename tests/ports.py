"""Ports for servers that must be told theirs before they start: nobody else gets them meanwhile."""

from __future__ import annotations

import itertools
import os
import socket
from pathlib import Path

_RANGE_FILE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUAL_FIRST = 32_768
_STEP = 641
"""How far the numbers of two processes that were started one after the other lie apart."""


def _first_given_away() -> int:
    """Return the lowest port the system gives to whoever asks for any."""
    try:
        return int(_RANGE_FILE.read_text(encoding="ascii").split()[0])
    except OSError:
        return _USUAL_FIRST


def _numbers() -> itertools.cycle[int]:
    """Return ports below those the system gives away, for ever; each process begins at another one."""
    first = _first_given_away()
    numbers = range(max(1024, first // 2), first) if first > 4096 else range(20_000, 32_000)
    begin = os.getpid() * _STEP % len(numbers)
    return itertools.cycle([*numbers[begin:], *numbers[:begin]])


_candidates = _numbers()


def free_ports(count: int) -> list[int]:
    """Return ports nobody listens on, and which the system gives to nobody: a server may take them much later."""
    return list(itertools.islice(filter(_is_free, _candidates), count))


def free_row(count: int) -> int:
    """Return the first of so many such ports one after another, for a program that is told but one of them."""
    row: list[int] = []
    while len(row) < count:
        port = next(_candidates)
        row = [*row, port] if _is_free(port) and row[-1:] in ([], [port - 1]) else []
    return row[0]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
