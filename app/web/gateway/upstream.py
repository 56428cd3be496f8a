"""The connections to one service: kept alive, bounded, and left alone for a moment when it cannot be reached."""

from __future__ import annotations

import http.client
import logging
import select
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass

from app.web.gateway.settings import GatewaySettings, Place
from app.web.probes import READY

logger = logging.getLogger(__name__)

READY_TIMEOUT_S = 3.0
AGAIN_AFTER_S = 0.1
"""A service that is just being started anew is tried once more after this."""


class ServiceAwayError(Exception):
    """No connection could be opened: nothing was sent."""


class ServiceSlowError(Exception):
    """The service did not answer in time, or has too many calls under way."""


class ServiceLostError(Exception):
    """The connection broke after something was sent: whether it was done is not known."""


class Connection(http.client.HTTPConnection):
    """A connection that is opened once and never again behind our back."""

    auto_open = 0

    def __init__(self, place: Place, connect_timeout_s: float, answer_timeout_s: float) -> None:
        """Name the place; nothing is opened yet."""
        super().__init__(place.host, place.port, timeout=connect_timeout_s)
        self._answer_timeout_s = answer_timeout_s
        self.is_whole = True
        """Whether everything begun was sent; if not, the connection is of no further use."""

    def connect(self) -> None:
        """Open it; from then on the longer time counts."""
        super().connect()
        sock: socket.socket = self.sock
        sock.settimeout(self._answer_timeout_s)

    def send_piece(self, piece: bytes) -> None:
        """Send a piece of a body; a service that closes while it is sent may still have said why."""
        try:
            self.send(piece)
        except (BrokenPipeError, ConnectionResetError):
            self.is_whole = False

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has come in: on an idle connection that would be its end, in an upload an early answer."""
        sock: socket.socket | None = self.sock
        if sock is None:
            return False
        if hasattr(select, "poll"):  # `select` knows no file numbers above 1023
            poll = select.poll()
            poll.register(sock, select.POLLIN)
            return not poll.poll(0)
        return not select.select([sock], [], [], 0)[0]


@dataclass(frozen=True, slots=True)
class _Kept:
    """An idle connection, and since when."""

    connection: Connection
    since_s: float


class Upstream:
    """One service as the gateway sees it."""

    def __init__(self, name: str, place: Place, settings: GatewaySettings) -> None:
        """Open nothing yet."""
        self.name = name
        self.place = place
        self._settings = settings
        self._lock = threading.Lock()
        self._idle: deque[_Kept] = deque()
        self._places = threading.BoundedSemaphore(settings.most_at_once)
        self._closed_until_s: float = 0
        self._is_down = False

    def take_room(self) -> None:
        """Take a place; `leave_room` gives it back. Raises `ServiceSlowError`."""
        if not self._places.acquire(timeout=self._settings.queue_timeout_s):
            raise ServiceSlowError

    def leave_room(self) -> None:
        """Give a place back."""
        self._places.release()

    def take(self, *, repeatable: bool) -> Connection:
        """Return a connection, one kept from an earlier call if there is. Raises `ServiceAwayError`."""
        limit_s = self._settings.kept_for_s if repeatable else self._settings.kept_for_changes_s
        while (kept := self._pop()) is not None:
            if time.monotonic() - kept.since_s < limit_s and kept.connection.is_quiet:
                return kept.connection
            kept.connection.close()
        return self.open()

    def open(self) -> Connection:
        """Open a new connection. Raises `ServiceAwayError`, at once for a while after the last one failed."""
        now_s = time.monotonic()
        with self._lock:
            if now_s < self._closed_until_s:
                raise ServiceAwayError
            if self._is_down:  # this call tries; the others are refused until it knows
                self._closed_until_s = now_s + max(self._settings.closed_for_s, self._settings.connect_timeout_s)
        connection = self._connected()
        if connection is None and not self._is_down:
            time.sleep(AGAIN_AFTER_S)
            connection = self._connected()
        with self._lock:
            was_down, self._is_down = self._is_down, connection is None
            self._closed_until_s = time.monotonic() + self._settings.closed_for_s if connection is None else 0
        if was_down != self._is_down:
            logger.warning("%s %s at %s", self.name, "is away" if self._is_down else "is back", self.place)
        if connection is None:
            raise ServiceAwayError
        return connection

    def _connected(self) -> Connection | None:
        connection = Connection(self.place, self._settings.connect_timeout_s, self._settings.answer_timeout_s)
        try:
            connection.connect()
        except OSError as error:
            logger.info("%s at %s cannot be reached: %s", self.name, self.place, error)
            connection.close()
            return None
        return connection

    def give_back(self, connection: Connection) -> None:
        """Keep a connection whose answer was read to its end, for the next call."""
        with self._lock:
            self._idle.append(_Kept(connection, time.monotonic()))
            surplus = self._idle.popleft().connection if len(self._idle) > self._settings.kept_connections else None
        if surplus is not None:
            surplus.close()

    def drop_kept(self) -> None:
        """Close all idle connections: one of them turned out to be dead, so the others may be."""
        while (kept := self._pop()) is not None:
            kept.connection.close()

    def _pop(self) -> _Kept | None:
        with self._lock:
            return self._idle.pop() if self._idle else None


def is_ready(place: Place, timeout_s: float = READY_TIMEOUT_S) -> bool:
    """Tell whether a process says of itself that it can work now."""
    connection = Connection(place, timeout_s, timeout_s)
    try:
        connection.connect()
        connection.request("GET", READY, headers={"Host": str(place)})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
