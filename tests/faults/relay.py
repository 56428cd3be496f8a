"""A relay between two programs that drops, delays and cuts what goes through it, as a bad network does.

It looks at nothing; the test says what happens to the next connections.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from tests.ports import free_ports

PART_BYTES = 1 << 16
LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Mishap:
    """What happens to a connection."""

    refuse: bool = False
    """It is reset as soon as it is made."""
    cut_request_after: int | None = None
    """So many bytes of what the client sends go through, then the way is cut for both."""
    cut_answer_after: int | None = None
    """So many bytes of what the server answers go through, then the way is cut; 0: it was done, and nobody hears."""
    silent_answer: bool = False
    """The answer never comes, and the connection stays."""
    delay_s: float = 0.0
    """The answer comes so much later."""
    is_quiet: bool = False
    """What is cut ends like a program that ended, without a reset: whoever reads takes it for the end."""


CLEAR = Mishap()


class Relay:
    """Listens on a port of its own and passes on to another."""

    def __init__(self, target_port: int) -> None:
        """Begin to listen."""
        self._target = target_port
        self._lock = threading.Lock()
        self._mishap = CLEAR
        self._left = 0
        self._stopping = threading.Event()
        (self.port,) = free_ports(1)
        self._threads: list[threading.Thread] = []
        self._begin()

    def _begin(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.settimeout(LOOK_S)
        self._threads = [threading.Thread(target=self._accept, name="relay")]
        self._threads[0].start()

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Cut what is open and let nobody listen for a while: connections are refused."""
        self.close()
        try:
            yield
        finally:
            self._stopping.clear()
            self._begin()

    def befall(self, mishap: Mishap, connections: int = 1_000_000) -> None:
        """Let something happen to all connections from now on, those that are open included, or to some."""
        with self._lock:
            self._mishap, self._left = mishap, connections

    @property
    def left(self) -> int:
        """Return how many connections something is still to happen to."""
        with self._lock:
            return self._left

    def clear(self) -> None:
        """Let everything through again."""
        self.befall(CLEAR, 0)

    def close(self) -> None:
        """Cut everything and stop."""
        self._stopping.set()
        for thread in list(self._threads):
            thread.join(10)
        self._listener.close()

    def _next_mishap(self) -> Mishap:
        with self._lock:
            if self._left <= 0:
                return CLEAR
            self._left -= 1
            return self._mishap

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            thread = threading.Thread(target=self._serve, args=(client,), name="relay-connection")
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                server = socket.create_connection(("127.0.0.1", self._target), 5)
            except OSError:
                _reset(client)
                return
            with server, contextlib.suppress(OSError):
                self._pass_on(client, server)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        """Pass bytes both ways; each request of a kept connection may meet a mishap of its own."""
        mishap, sent, answered, answering = CLEAR, 0, 0, True
        while not self._stopping.is_set():
            readable, _, _ = select.select([client, server], [], [], LOOK_S)
            if client in readable:
                part = client.recv(PART_BYTES)
                if part and answering:  # the first bytes of a new request
                    mishap, sent, answered, answering = self._next_mishap(), 0, 0, False
                limit = 0 if mishap.refuse else mishap.cut_request_after
                server.sendall(part[: _room(limit, sent)])
                sent += len(part)
                if not part:
                    return
                if _is_reached(limit, sent):
                    break
            if server in readable:
                part = server.recv(PART_BYTES)
                if mishap.silent_answer and part:
                    answering = True
                    continue
                if mishap.delay_s and answered == 0:
                    self._stopping.wait(mishap.delay_s)
                answering = True
                client.sendall(part[: _room(mishap.cut_answer_after, answered)])
                answered += len(part)
                if not part:
                    return
                if _is_reached(mishap.cut_answer_after, answered):
                    break
        if mishap.is_quiet:
            client.shutdown(socket.SHUT_RDWR)
        else:
            _reset(client, server)


def _room(limit: int | None, passed: int) -> int | None:
    return None if limit is None else max(0, limit - passed)


def _is_reached(limit: int | None, passed: int) -> bool:
    return limit is not None and passed >= limit


def _reset(*sockets: socket.socket) -> None:
    """Close with a reset, as a router that lost the connection does."""
    for one in sockets:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()


@contextlib.contextmanager
def relayed(target_port: int) -> Iterator[Relay]:
    """Put a relay before a port."""
    relay = Relay(target_port)
    try:
        yield relay
    finally:
        relay.close()
