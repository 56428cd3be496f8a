"""How requests arrive at gunicorn's workers: no thread waits for a caller who is slow, or who sends nothing more.

gunicorn's threads read a request's head and body by themselves, without an end to their patience: sixteen connections
with half a line each would keep everybody else from a server of two workers. Here the loop of the worker gathers a
request until it is whole. Larger bodies, of which a part of a file is one, are read by a few threads of their own, at a
slowest rate; and nobody is waited for while he goes away.

gunicorn is there only where a server is set up: `gunicorn_parts` imports this when the settings file asks for a worker.
"""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Any

from gunicorn.util import close
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from app.web.patience import PATIENCE_S, SLOWEST_BYTES_S, WHOLE_WITHIN_S
from app.web.probes import PEEKED_BYTES, PROBES, probe_asked

GATHERED_BYTES = 1 << 16
"""A request of this length, head and body, costs no thread before it is whole."""
PIECE_BYTES = 1 << 16
LONGEST_LENGTH = 20
"""Figures of a length that can be meant."""
ALREADY_HERE_S = 1.0
"""What is left to read of a request that is whole comes at once."""
FAREWELL_S = 2.0
"""So long a connection that was answered for the last time stays half open, so that the answer is not cut off."""


class PatientSocket(socket.socket):
    """A caller's connection, on which a thread waits for a bounded time only."""

    _began = 0.0
    _grace_s = PATIENCE_S
    _arrived = 0
    gave_up = False
    """Whether something that was to come did not come in time: where the next request begins is not known, then."""

    def expect(self, grace_s: float) -> None:
        """Begin to read what is left of a request: after the grace at the slowest rate."""
        self._began, self._grace_s, self._arrived = time.monotonic(), grace_s, 0

    def setblocking(self, flag: bool) -> None:
        """Wait for a bounded time, or not at all."""
        self.settimeout(PATIENCE_S if flag else 0.0)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what came; nothing, as from a caller who left, when it takes too long.

        What is here already is taken however late it is: the caller does not answer for a thread that comes late.
        """
        usual = self.gettimeout()
        if not usual:
            return super().recv(size, flags)
        if self.gave_up:
            return b""
        left_s = self._began + self._grace_s + self._arrived / SLOWEST_BYTES_S - time.monotonic()
        self.settimeout(min(usual, max(0.0, left_s)))
        try:
            piece = super().recv(size, flags)
        except (BlockingIOError, TimeoutError):
            self.gave_up = True
            return b""
        finally:
            self.settimeout(usual)
        self._arrived += len(piece)
        return piece

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send everything, each piece within a bounded time. Raises `BrokenPipeError` when nobody takes it."""
        view = memoryview(data)
        try:
            for at in range(0, len(view), PIECE_BYTES):
                super().sendall(view[at : at + PIECE_BYTES], flags)
        except TimeoutError as error:
            raise BrokenPipeError(errno.EPIPE, "nobody took the answer in time") from error


def left_to_come(gathered: bytes | bytearray) -> int | None:
    """Return how many bytes at least are missing of the request that begins here; `None` when it is no use to wait.

    Whatever is not plainly one request with a length, a thread reads, which refuses what is none.
    """
    start = len(gathered) - len(gathered.lstrip(b"\r\n"))
    end = gathered.find(b"\r\n\r\n", start)
    if end < 0:
        return 1 if len(gathered) < GATHERED_BYTES else None
    lengths = []
    for line in bytes(gathered[start:end]).lower().split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip() in {b"transfer-encoding", b"expect"}:
            return None
        if name.strip() == b"content-length":
            lengths.append(value.strip())
    is_plain = len(lengths) == 1 and lengths[0].isdigit() and len(lengths[0]) < LONGEST_LENGTH
    length = int(lengths[0]) if is_plain else 0
    missing = end + 4 + length - len(gathered)
    return None if end + length > GATHERED_BYTES and missing > 0 else max(0, missing)


class Arrival(TConn):  # type: ignore[misc]
    """A connection, and what was gathered of the next request on it."""

    def __init__(self, cfg: Any, sock: Any, client: Any, server: Any, bid_farewell: Callable[[Any], None]) -> None:
        """Nothing came yet."""
        super().__init__(cfg, sock, client, server)
        self.gathered = bytearray()
        self.enough = 0
        """So many bytes are gathered before it is worth a look."""
        self._bid_farewell = bid_farewell

    def init(self) -> None:
        """Let the parser begin with what was gathered; called in a thread, for each request."""
        super().init()
        if self.gathered:
            self.parser.unreader.unread(bytes(self.gathered))
            self.gathered.clear()

    def close(self, graceful: bool = False) -> None:
        """Close it; one whose last answer may be under way a little later, for which nobody waits."""
        if graceful and isinstance(self.sock, PatientSocket):
            self._bid_farewell(self)
        else:
            super().close(graceful)


class ArrivingWorker(ThreadWorker):  # type: ignore[misc]
    """A worker whose loop gathers requests, and whose threads take those that are there.

    Probes have a thread each, so that they overtake calls that wait for a database that hangs.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        """Nobody is there."""
        super().__init__(*args, **more)
        self.lanes: dict[str, Executor] = {}
        self.waited_for_s: dict[Arrival, float] = {}
        """Connections on which something is to come, and until when; the one that is there longest comes first."""

    def get_thread_pool(self) -> Executor:
        """Make the threads of the probes and of large bodies beside the usual ones."""
        self.lanes = {path: ThreadPoolExecutor(1, f"probe-{path[1:]}") for path in PROBES}
        self.lanes["large"] = ThreadPoolExecutor(max(2, self.cfg.threads // 4), "large")
        pool: Executor = super().get_thread_pool()
        return pool

    def accept(self, listener: Any) -> None:
        """Take a new connection."""
        try:
            plain, address = listener.accept()
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
            return
        self.nr_conns += 1
        sock = plain if self.cfg.is_ssl else PatientSocket(fileno=plain.detach())
        self.enqueue_req(Arrival(self.cfg, sock, address, listener.getsockname(), self.bid_farewell))

    def enqueue_req(self, conn: Any) -> None:
        """Gather the next request on a connection, of which something may have been read ahead."""
        if self.cfg.is_ssl:  # what is encrypted only a thread can read
            self._hand_over(conn, self.tpool)
            return
        conn.sock.setblocking(False)
        conn.enough = 0
        if conn.parser is not None:
            conn.gathered += conn.parser.unreader.take_buffered()
        if not conn.gathered or not self._is_handed_over(conn):
            self._gather(conn, time.monotonic() + (WHOLE_WITHIN_S if conn.gathered else self.cfg.keepalive))

    def _gather(self, conn: Any, until_s: float, _fileobj: Any = None) -> None:
        self._stop_waiting(conn)
        try:
            piece = conn.sock.recv(GATHERED_BYTES)
        except BlockingIOError:
            self._wait_for(conn, until_s, partial(self._gather, conn, until_s))
            return
        except OSError:
            piece = b""
        if not piece:  # the caller sends no more, which whoever reads will say
            self._hand_over(conn, self.tpool)
            return
        if not conn.gathered:
            until_s = time.monotonic() + WHOLE_WITHIN_S
        conn.gathered += piece
        if not self._is_handed_over(conn):
            self._wait_for(conn, until_s, partial(self._gather, conn, until_s))

    def _is_handed_over(self, conn: Any) -> bool:
        """Let a thread take the request if it is there, or too large to wait for here; tell whether it was."""
        if len(conn.gathered) < conn.enough:
            return False
        missing = left_to_come(conn.gathered)
        if missing is None:
            self._hand_over(conn, self.lanes["large"], PATIENCE_S)
        elif missing == 0:
            self._hand_over(conn, self.lanes.get(probe_asked(bytes(conn.gathered[:PEEKED_BYTES]))) or self.tpool)
        else:
            conn.enough = len(conn.gathered) + missing
            return False
        return True

    def _hand_over(self, conn: Any, pool: Executor, grace_s: float = ALREADY_HERE_S) -> None:
        if isinstance(conn.sock, PatientSocket):
            conn.sock.expect(grace_s)
            conn.data_ready = True
        done = pool.submit(self.handle, conn)
        done.add_done_callback(lambda answered: self.method_queue.defer(self.finish_request, conn, answered))

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        """Tell whether the connection goes on: not when the rest of a refused body would have to be waited for."""
        if not isinstance(conn.sock, PatientSocket):
            return bool(super()._keepalive_after(conn, keepalive))
        conn.sock.expect(ALREADY_HERE_S)
        return bool(super()._keepalive_after(conn, keepalive)) and not conn.sock.gave_up

    def bid_farewell(self, conn: Any) -> None:
        """Say on a connection that nothing more comes, and close it when the caller has, or soon."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            close(conn.sock)
            return
        self.nr_conns += 1  # whoever closes it has counted it out
        self._see_off(conn, time.monotonic() + FAREWELL_S, GATHERED_BYTES)

    def _see_off(self, conn: Any, until_s: float, most: int, _fileobj: Any = None) -> None:
        self._stop_waiting(conn)
        try:
            while most > 0 and (piece := conn.sock.recv(PIECE_BYTES)):
                most -= len(piece)
        except BlockingIOError:
            self._wait_for(conn, until_s, partial(self._see_off, conn, until_s, most))
            return
        except OSError:
            pass
        self._give_up(conn)

    def _wait_for(self, conn: Any, until_s: float, then: Callable[[Any], None]) -> None:
        self.waited_for_s[conn] = until_s
        self.poller.register(conn.sock, selectors.EVENT_READ, then)

    def _stop_waiting(self, conn: Any) -> None:
        if self.waited_for_s.pop(conn, None) is not None:
            self.poller.unregister(conn.sock)

    def _give_up(self, conn: Any) -> None:
        self._stop_waiting(conn)
        self.nr_conns -= 1
        close(conn.sock)

    def murder_pending(self) -> None:
        """Close connections on which nothing whole came in time; of a worker that stops, or is full, earlier."""
        now = time.monotonic()
        if not self.alive:
            latest = now + STOP_KEEPALIVE_LINGER
            self.waited_for_s = {conn: min(until_s, latest) for conn, until_s in self.waited_for_s.items()}
            for conn in self.pending_conns:
                conn.timeout = min(conn.timeout, latest)
        too_many = self.nr_conns - self.worker_connections + 1
        over = [conn for at, (conn, until_s) in enumerate(self.waited_for_s.items()) if at < too_many or until_s <= now]
        for conn in over:
            self._give_up(conn)
        super().murder_pending()
