"""What stands at an address may be somebody else: endless answers, redirects, heads that are none, proxies."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.client import answers
from app.client.transport import Transport
from app.contract.base import Contract
from app.kernel.errors import EnvironmentFault, MalformedInput


class Greeting(Contract):
    text: str


class Site:
    """Answers every call with the same bytes, and after them with more without end where that is wanted."""

    def __init__(self, answer: bytes, *, endless: bool) -> None:
        self._answer, self._endless = answer, endless
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.calls = 0
        self.sent = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                if connection.recv(65536):
                    self.calls += 1
                    connection.sendall(self._answer)
                while self._endless:
                    self.sent += connection.send(b"x" * 65536)


Start = Callable[..., Site]


@pytest.fixture
def start() -> Iterator[Start]:
    sites: list[Site] = []

    def begin(answer: bytes, *, endless: bool = False) -> Site:
        sites.append(Site(answer, endless=endless))
        return sites[-1]

    yield begin
    for site in sites:
        site.stop()


@contextlib.contextmanager
def connected(url: str) -> Iterator[Transport]:
    transport = Transport(url, "a secret token")
    transport.session = "a secret session"
    try:
        yield transport
    finally:
        transport.close()


GREETING = b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\nConnection: close\r\n\r\n{"text": "hello"}'


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n",
        b"HTTP/1.1 500 Oh\r\nContent-Type: application/json\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n",
    ],
)
def test_an_answer_without_end_is_not_read_to_it(start: Start, head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_ANSWER_BYTES", 4 << 20)
    site = start(head, endless=True)
    with connected(site.url) as transport, pytest.raises(EnvironmentFault) as raised:
        transport.call("GET", "/api/health", Greeting)
    assert raised.value.code == "answer_too_large"
    assert site.sent < 64 << 20


def test_an_answer_that_never_ends_is_given_up(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "LONGEST_READ_S", 0.0)
    site = start(b"HTTP/1.1 200 OK\r\n\r\n", endless=True)
    with connected(site.url) as transport, pytest.raises(EnvironmentFault) as raised:
        transport.call("GET", "/api/health", Greeting)
    assert raised.value.code == "server_timeout"


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1 200 OK\r\nX: " + "x" * 70_000,
        "HTTP/1.1 200 OK\r\n" + "X: y\r\n" * 200,
        "nonsense\r\n\r\n",
        "\r\n" * 99,
    ],
)
def test_a_head_that_is_none_is_one_clear_sentence(start: Start, head: str) -> None:
    with connected(start(head.encode()).url) as transport, pytest.raises(EnvironmentFault) as raised:
        transport.call("GET", "/api/health", Greeting)
    assert raised.value.code == "server_away"


@pytest.mark.parametrize("status", [301, 302, 303, 304, 307, 308])
def test_a_redirect_is_neither_followed_nor_taken_for_done(start: Start, tmp_path: Path, status: int) -> None:
    elsewhere = start(GREETING)
    head = f"HTTP/1.1 {status} X\r\nLocation: {elsewhere.url}/api\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with connected(start(head.encode()).url) as transport:
        for method in ("GET", "POST", "DELETE"):
            with pytest.raises(EnvironmentFault) as raised:
                transport.send(method, "/api/users/1")
            assert raised.value.code == "server_redirects"
        with pytest.raises(EnvironmentFault):
            transport.download("/api/jobs/1/file", tmp_path / "file", lambda _done, _total: None)
    assert not (tmp_path / "file").exists()
    assert elsewhere.calls == 0


def test_a_download_that_ends_too_early_leaves_no_file(start: Start, tmp_path: Path) -> None:
    site = start(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf")
    with connected(site.url) as transport, pytest.raises(EnvironmentFault) as raised:
        transport.download("/file", tmp_path / "file", lambda _done, _total: None)
    assert raised.value.code == "server_away"
    assert not (tmp_path / "file").exists()


def test_an_answer_that_ends_too_early_is_no_answer(start: Start) -> None:
    site = start(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{"text": "x"}')
    with connected(site.url) as transport, pytest.raises(EnvironmentFault) as raised:
        transport.call("GET", "/api/health", Greeting)
    assert raised.value.code == "server_away"


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_not_asked(start: Start, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    proxy, site = start(GREETING), start(GREETING)
    monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    with connected(site.url) as transport:
        assert transport.call("GET", "/api/health", Greeting).text == "hello"
    assert (proxy.calls, site.calls) == (0, 1)


@pytest.mark.parametrize("path", ["/api/users\r\nX-Evil: 1", "/api/users HTTP/1.1\r\nHost: evil", "/api/\0", "/a b"])
def test_what_was_typed_cannot_write_headers(start: Start, path: str) -> None:
    site = start(GREETING)
    with connected(site.url) as transport, pytest.raises(EnvironmentFault):
        transport.send("GET", path)
    assert site.calls == 0


@pytest.mark.parametrize(
    "url",
    ["http://x:99999", "http://x:y", "http://[::1", "http://", "https:///api", "file:///etc/passwd", "http://x:0"],
)
def test_an_address_that_is_none_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(MalformedInput) as raised:
        Transport(url)
    assert raised.value.code == "server_url_malformed"
