"""The connections to a database server: taken for a request or a job, given back, replaced when they died.

No lock is held while the network is waited for, so one connection that hangs delays nobody else. A server that does
not answer is noticed once: whoever asks for a request meanwhile is told at once instead of waiting as well, and one
of them looks every second whether it is back.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import peewee
from playhouse.pool import MaxConnectionsExceeded

logger = logging.getLogger(__name__)

TIMEOUT_VARIABLE = "ZHANGFANG_DB_TIMEOUT_S"
IN_TRANSACTION = 1
"""The bit of the status each answer of the server carries that says a transaction is open."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the server is waited for, in seconds."""

    request_s: float = 20.0
    """For one statement of a request: longer than a wait for a lock, shorter than people wait."""
    work_s: float = 600.0
    """For one statement of a job, an import or a command."""
    connect_s: float = 10.0
    """For a new connection of a job or a command."""
    look_s: float = 3.0
    """For a new connection of a request, and for a sign of life of one that was idle."""
    pool_s: float = 10.0
    """For another thread to give a connection back."""
    trusted_s: float = 2.0
    """A connection that was used so short a time ago is taken as it is."""
    idle_s: float = 300.0
    """A connection nobody needed so long is closed, before a firewall on the way forgets it."""
    away_s: float = 1.0
    """So long after the server did not answer, requests do not ask it."""


USUAL = Patience()


def patience_from(environment: Mapping[str, str] | None = None) -> Patience:
    """Return the program's patience, with the time for a request's statement from the environment where it is given."""
    text = (os.environ if environment is None else environment).get(TIMEOUT_VARIABLE, "")
    try:
        request_s = int(text)
    except ValueError:
        return USUAL
    if not 0 < request_s <= USUAL.work_s:
        return USUAL
    return Patience(request_s=request_s, look_s=min(USUAL.look_s, request_s))


class Opener(Protocol):
    """Opens a connection of the driver's."""

    def __call__(self, timeout_s: float) -> Any:
        """Open one; neither connecting nor any of its first answers may take longer."""


class ServerAway(peewee.OperationalError):
    """The server did not answer a moment ago, and is not asked again yet."""

    def __init__(self) -> None:
        """Carry the number of a lost connection, which has its sentence."""
        super().__init__(2013, "the database server did not answer a moment ago")


@dataclass(frozen=True, slots=True)
class _Idle:
    connection: Any
    since_s: float


class ConnectionPool:
    """Connections of one process to one server; a connection serves one thread at a time."""

    def __init__(self, open_connection: Opener, max_connections: int, patience: Patience) -> None:
        """Take how a connection is opened, given the seconds it may take."""
        self._open = open_connection
        self._max = max_connections
        self._patience = patience
        self._changed = threading.Condition()
        self._idle: list[_Idle] = []
        self._taken = 0
        self._in_use: set[Any] = set()
        self._away_until = 0.0
        self._is_away = False

    def take(self, *, for_request: bool) -> Any:
        """Return a connection that lives. Raises `MaxConnectionsExceeded` and the driver's errors."""
        self._wait_for_place()
        try:
            connection = self._living(for_request)
        except BaseException as error:
            self._leave_place()
            if isinstance(error, Exception):
                self.note_error(error)
            raise
        _wait_at_most(connection, self._patience.request_s if for_request else self._patience.work_s)
        with self._changed:
            self._in_use.add(connection)
        return connection

    def give_back(self, given: Any) -> None:
        """Keep a connection for the next one, unless it died or a transaction is still open on it."""
        status = given.server_status
        connection = given
        if not given.open or status is None or status & IN_TRANSACTION:
            _drop(given)
            connection = None
        now = time.monotonic()
        with self._changed:
            if given not in self._in_use:
                return
            self._in_use.discard(given)
            self._taken -= 1
            old = [idle for idle in self._idle if now - idle.since_s > self._patience.idle_s]
            self._idle = [idle for idle in self._idle if now - idle.since_s <= self._patience.idle_s]
            if connection is not None:
                self._idle.append(_Idle(connection, now))
            self._changed.notify()
        for idle in old:
            _drop(idle.connection)

    def close_all(self) -> None:
        """Close every connection; whoever still uses one finds it closed."""
        with self._changed:
            idle, self._idle = self._idle, []
            in_use = list(self._in_use)
        for one in idle:
            _drop(one.connection)
        for connection in in_use:  # shut down only: its own thread closes it
            sock = connection._sock  # noqa: SLF001 - the driver has no name for it
            if sock is not None:
                with contextlib.suppress(OSError):
                    # not the TLS socket's own method, which would take the connection apart under the other's hands
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)

    @property
    def is_away(self) -> bool:
        """Tell whether the server did not answer when it was asked last."""
        return self._is_away

    def require_answering(self) -> None:
        """Raise `ServerAway` while the server is known not to answer; now and then let one through to look."""
        with self._changed:
            if not self._is_away:
                return
            now = time.monotonic()
            if now < self._away_until:
                raise ServerAway
            self._away_until = now + self._patience.look_s + self._patience.away_s  # this one looks for all

    def note_error(self, error: BaseException) -> None:
        """Note that the server is away when an error says so."""
        if not says_away(error):
            return
        with self._changed:
            if not self._is_away:
                logger.warning("the database server does not answer: %s", error)
            self._is_away = True
            self._away_until = time.monotonic() + self._patience.away_s
            idle, self._idle = self._idle, []
        for one in idle:
            _drop(one.connection)

    def look(self) -> None:
        """Ask the server for a sign of life on a new connection. Raises `ServerAway` and the driver's errors."""
        self.require_answering()
        try:
            connection = self._open(self._patience.look_s)
        except Exception as error:
            self.note_error(error)
            raise
        _drop(connection)
        self._note_answer()

    def _note_answer(self) -> None:
        with self._changed:
            if self._is_away:
                logger.warning("the database server answers again")
            self._is_away = False

    def _wait_for_place(self) -> None:
        deadline = time.monotonic() + self._patience.pool_s
        with self._changed:
            while self._taken >= self._max:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise MaxConnectionsExceeded("all connections to the database server are in use")
                self._changed.wait(left)
            self._taken += 1

    def _leave_place(self) -> None:
        with self._changed:
            self._taken -= 1
            self._changed.notify()

    def _living(self, for_request: bool) -> Any:
        """Return an idle connection that answers, or a new one. One that hangs is no reason to try the next."""
        while True:
            with self._changed:
                idle = self._idle.pop() if self._idle else None
                trusted = not self._is_away
            if idle is None:
                connection = self._open(self._patience.look_s if for_request else self._patience.connect_s)
                break
            connection = idle.connection
            if trusted and time.monotonic() - idle.since_s < self._patience.trusted_s:
                return connection
            if self._answers(connection):
                break
        self._note_answer()
        return connection

    def _answers(self, connection: Any) -> bool:
        _wait_at_most(connection, self._patience.look_s)
        try:
            connection.ping(False)
        except Exception as error:  # whatever is wrong with it, it is not used again
            _drop(connection)
            if says_timeout(error):
                raise
            return False
        return True


def says_away(error: BaseException) -> bool:
    """Tell whether an error means that the server itself cannot be reached, not only this connection."""
    number = error.args[0] if error.args else None
    return number in {2002, 2003, 2005} or says_timeout(error)


def says_timeout(error: BaseException) -> bool:
    """Tell whether an error means that an answer was waited for in vain."""
    return "timed out" in str(error)


def _wait_at_most(connection: Any, seconds: float) -> None:
    """Set how long the driver waits for an answer; both times alike, else it sets them for each statement."""
    connection._read_timeout = connection._write_timeout = seconds  # noqa: SLF001 - looked at before each answer


def _drop(connection: Any) -> None:
    """Close a connection; the goodbye is a few bytes, which are not waited for."""
    if connection.open:
        _wait_at_most(connection, 1.0)
        connection.close()
