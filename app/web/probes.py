"""What watches over a server asks here: is the process alive (`/healthz`), can it work (`/readyz`).

Both tell nothing but that, so they need no login, and no Host either: whoever asks calls a process by its address. The
look at the database has a thread of its own and the patience of a request; while it hangs, no further one is begun, and
whoever asks is told so at once.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from dataclasses import dataclass

from app.kernel.errors import ZhangfangError
from app.kernel.text import Message, message
from app.storage.database import Book
from app.storage.migrate import pending

logger = logging.getLogger(__name__)

HEALTH, READY = "/healthz", "/readyz"
PROBES = frozenset({HEALTH, READY})
_ASKED = re.compile(rb"(?:GET|HEAD) (/[a-z]+)[ ?]")
PEEKED_BYTES = 16
"""Enough of a request to tell a probe by."""
LOOK_LIMIT_S = 2.0
"""A book that does not answer a question of two rows by then is not ready."""
GOOD_FOR_S = 1.0
"""So long an answer is given again, however many ask."""


def probe_asked(beginning: bytes) -> str:
    """Return which probe a request asks that begins like this; empty for any other request."""
    found = _ASKED.match(beginning)
    path = found[1].decode() if found is not None else ""
    return path if path in PROBES else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a server is not ready."""

    code: str
    sentence: Message


STOPPING = Verdict("server_stopping", message("服务器正在停止，请稍后再试。"))
AWAY = Verdict("database_away", message("连不上数据库服务器，请检查网络和服务器后再试。"))
OLD_TABLES = Verdict("upgrade_pending", message("账簿的表与本程序不合，服务器要用配套的版本重新启动。"))


class Readiness:
    """Whether the book of this process can be worked with now."""

    def __init__(self, book: Book, limit_s: float = LOOK_LIMIT_S) -> None:
        """Nothing has been looked at."""
        self.book = book
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._look: threading.Thread | None = None
        self._look_until = 0.0
        self._found: Verdict | None = None
        self._good_until = 0.0
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Be ready no more: whoever passes calls on sends them elsewhere from now on."""
        self._stopping.set()

    def ask(self) -> Verdict | None:
        """Return why the server is not ready, or `None`; within a bounded time."""
        if self._stopping.is_set():
            return STOPPING
        with self._lock:
            if time.monotonic() < self._good_until:
                return self._found
            look = self._look
            if look is None or not look.is_alive():
                # a daemon: a question to a server that hangs may not keep the process from ending
                look = threading.Thread(target=self._look_once, name="readiness", daemon=True)
                self._look, self._look_until = look, time.monotonic() + self._limit_s
                look.start()
            left_s = self._look_until - time.monotonic()
        look.join(max(0.0, left_s))
        with self._lock:
            return AWAY if look.is_alive() else self._found

    def _look_once(self) -> None:
        try:
            with self.book.session(for_request=True):
                found = OLD_TABLES if pending(self.book) else None
        except ZhangfangError as error:
            logger.warning("not ready: %s", error.logged)
            found = OLD_TABLES if error.code == "book_newer" else Verdict(error.code, error.message.for_strangers())
        except Exception:  # whatever it is, a probe tells that this process cannot work
            logger.exception("not ready")
            found = Verdict("internal_error", message("程序出错了，这次操作没有完成。详情已写入日志。"))
        with self._lock:
            self._found, self._good_until = found, time.monotonic() + GOOD_FOR_S
