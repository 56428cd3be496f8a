"""Callers who send slowly, or nothing more, or take no answer: they keep nobody else from the server."""

from __future__ import annotations

import contextlib
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.storage.database import open_database
from app.web.patience import PATIENCE_S, SLOWEST_BYTES_S, WHOLE_WITHIN_S
from app.web.waitress_arrivals import MOST_CONNECTIONS, Watch
from tests.calling import set_up
from tests.faults.processes import WebServer, gunicorn, running, server_environment, status_of, waitress

HALF_A_HEAD = b"GET /api/session HTTP/1.1\r\nHost: localh"
HALF_A_BODY = (
    b"POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
)
HALF_A_PART = b"PUT /api/uploads/1/0 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999\r\n\r\n"
WRONG_LOGIN = HALF_A_BODY.replace(b": 50", b": 2") + b"}"
SOON_S = min(WHOLE_WITHIN_S, PATIENCE_S) - 5
"""Before anybody who sends half is given up."""
LAST = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
NOT_WINDOWS = pytest.mark.skipif(sys.platform == "win32", reason="gunicorn does not run on Windows")


@contextlib.contextmanager
def _server(kind: str, empty_file: Path, folder: Path) -> Iterator[WebServer]:
    book = Path(shutil.copyfile(empty_file, folder / "firm.zhangfang"))
    opened = open_database(str(book))
    set_up(opened)
    opened.close()
    environment = server_environment(folder, ZHANGFANG_BOOK=str(book), ZHANGFANG_WORKERS="1", ZHANGFANG_THREADS="2")
    with running(gunicorn() if kind == "gunicorn" else waitress(str(book)), folder / kind, environment) as server:
        yield server


@pytest.mark.parametrize("kind", [pytest.param("gunicorn", marks=NOT_WINDOWS), "waitress"])
def test_callers_who_send_half_of_what_they_ask_keep_nobody_else_waiting(
    kind: str, empty_file: Path, tmp_path: Path
) -> None:
    many = 30 if kind == "gunicorn" else MOST_CONNECTIONS // 3 + 10
    with _server(kind, empty_file, tmp_path) as server, contextlib.ExitStack() as open_ones:

        def connect() -> socket.socket:
            raw = open_ones.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=SOON_S))
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return raw

        # what comes in single bytes, or several requests at once, is read as it was meant
        several = HALF_A_HEAD + b"ost\r\n\r\n" + WRONG_LOGIN + b"\r\n" + LAST
        for pieces in ([several], [several[at : at + 1] for at in range(len(several))]):
            raw = connect()
            for piece in pieces:
                raw.sendall(piece)
            answers = b"".join(iter(partial(raw.recv, 65536), b""))
            assert [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]] == [401, 400, 200]
        for _ in range(many):
            # the last of the three is answered, and does not close its end: nobody waits for that, either
            for half in (HALF_A_HEAD, HALF_A_BODY, LAST):
                connect().sendall(half)
        assert status_of(server.port, "/api/health", timeout_s=SOON_S) == 200
        for _ in range(4):  # and more large bodies than there are threads for them
            connect().sendall(HALF_A_PART)
        assert status_of(server.port, "/api/health", timeout_s=SOON_S) == 200


@NOT_WINDOWS
@pytest.mark.parametrize(
    ("gathered", "missing"),
    [
        (b"", 1),
        (b"\r\n\r\n", 1),
        (b"GET / HTTP/1.1\r\n", 1),
        (b"GET / HTTP/1.1\r\n\r\n", 0),
        (b"\r\nGET / HTTP/1.1\r\n\r\nGET", 0),
        (b"PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc", 2),
        (b"PUT / HTTP/1.1\r\ncontent-length:3\r\n\r\nabcGET /", 0),
        (b"PUT / HTTP/1.1\r\nContent-Length: 70000\r\n\r\nabc", None),
        (b"PUT / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n" + b"a" * 70_000, 0),
        (b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", None),
        (b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", None),
        (b"PUT / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 0),
        (b"PUT / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 0),
        (b"PUT / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 0),
        (b"GET /" + b"a" * 70_000, None),
    ],
)
def test_a_request_is_known_to_be_whole(gathered: bytes, missing: int | None) -> None:
    from app.web.gunicorn_arrivals import left_to_come

    assert left_to_come(gathered) == missing


@NOT_WINDOWS
def test_a_connection_whose_caller_was_given_up_is_never_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.web import gunicorn_arrivals

    monkeypatch.setattr(gunicorn_arrivals, "PATIENCE_S", 0.05)
    monkeypatch.setattr(gunicorn_arrivals, "PIECE_BYTES", 1 << 24)
    ours, theirs = socket.socketpair()
    with theirs, gunicorn_arrivals.PatientSocket(fileno=ours.detach()) as patient:
        patient.setblocking(True)
        patient.expect(60)
        theirs.sendall(b"ab")
        assert patient.recv(10) == b"ab"
        seen = [patient.gave_up]
        assert patient.recv(10) == b""
        seen.append(patient.gave_up)  # what comes now is not taken for the next request
        assert seen == [False, True]
        patient.expect(0)
        theirs.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert patient.recv(10) == b""
        with pytest.raises(BrokenPipeError):
            patient.sendall(bytes(1 << 24))


@NOT_WINDOWS
def test_what_came_in_time_is_read_by_a_thread_that_comes_late() -> None:
    from app.web.gunicorn_arrivals import PatientSocket

    ours, theirs = socket.socketpair()
    with theirs, PatientSocket(fileno=ours.detach()) as late:
        late.setblocking(True)
        theirs.sendall(b"body")
        late.expect(-1)  # its time is over before anybody reads
        assert (late.recv(2), late.recv(10), late.gave_up) == (b"bo", b"dy", False)
        assert (late.recv(10), late.gave_up) == (b"", True)


class _Server:
    """What of a waitress server the watch looks at."""

    def __init__(self, *channels: Any) -> None:
        self.adj = SimpleNamespace(connection_limit=MOST_CONNECTIONS)
        self.active_channels = dict(enumerate(channels))
        self.trigger = SimpleNamespace(pull_trigger=lambda work: work())
        self._map: dict[int, Any] = self.active_channels

    def close(self, channel: Any) -> None:
        channel.connected = False
        self.active_channels = {at: one for at, one in self.active_channels.items() if one is not channel}
        self._map = self.active_channels


class _Channel:
    """A connection, as waitress knows it."""

    def __init__(self, *, begun: bool = False, served: bool = False, waiting: int = 0) -> None:
        self.connected = True
        self.last_activity = time.time()
        self.request: Any = SimpleNamespace(header_bytes_received=100, body_bytes_received=0) if begun else None
        self.requests = [object()] if served else []
        self.total_outbufs_len = waiting
        self.server: Any = None

    def handle_close(self) -> None:
        self.server.close(self)


def _watched(*channels: _Channel) -> tuple[_Server, Watch, list[float]]:
    now = [1000.0]
    server = _Server(*channels)
    for channel in channels:
        channel.server = server
    return server, Watch(server, idle_s=75, clock_s=lambda: now[0]), now


def test_waitress_lets_go_of_who_is_too_slow_by_a_clock_nobody_sets() -> None:
    channels = half, upload, idle, busy, _ = (
        _Channel(begun=True),
        _Channel(begun=True),
        _Channel(),
        _Channel(served=True),
        _Channel(served=True, waiting=10),
    )
    server, watch, now = _watched(*channels)
    watch.look()
    for _ in range(int(max(WHOLE_WITHIN_S, PATIENCE_S)) + 2):
        now[0] += 1
        for dripping in (half, upload):
            dripping.last_activity -= 86400  # the computer's clock is set back all the time
        upload.request.body_bytes_received += 2 * SLOWEST_BYTES_S
        watch.look()
    assert [channel.connected for channel in channels] == [False, True, True, True, False]
    now[0] += 75
    watch.look()
    assert [channel.connected for channel in (idle, busy)] == [False, True]
    assert list(server.active_channels.values()) == [busy]


def test_waitress_gives_the_places_of_those_who_wait_longest_to_new_callers() -> None:
    channels = [_Channel(begun=at % 2 == 1, served=at == 0) for at in range(MOST_CONNECTIONS)]
    _, watch, now = _watched(*channels)
    watch.look()
    gone = [at for at, channel in enumerate(channels) if not channel.connected]
    assert len(gone) > 0
    assert all(at % 2 == 1 for at in gone)
    assert channels[0].connected
    now[0] += 1
    watch.look()
    assert [at for at, channel in enumerate(channels) if not channel.connected] == gone
