"""Time: timestamps are UTC integers in milliseconds; tests replace the clock by passing another."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Returns the UTC time in milliseconds since 1970."""

CHINA_OFFSET = datetime.timezone(datetime.timedelta(hours=8), "Asia/Shanghai")


def utc_ms() -> int:
    """Return the present UTC time in milliseconds."""
    return time.time_ns() // 1_000_000


def china_today(now_ms: int | None = None) -> datetime.date:
    """Return the date in Asia/Shanghai, the "today" of server jobs (China has had no summer time since 1991)."""
    moment = utc_ms() if now_ms is None else now_ms
    return datetime.datetime.fromtimestamp(moment / 1000, CHINA_OFFSET).date()
