"""Services made up for a test, on real sockets, and a gateway before them that is called like any WSGI application."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.web.gateway.door import Door
from app.web.gateway.proxying import Gateway
from app.web.gateway.routing import RoutingTable
from app.web.gateway.settings import GatewaySettings, Place
from app.web.proxies import TrustedProxies
from tests.ports import free_ports

RULES = {"/a": "orders", "/a/<x>": "orders", "/b": "ledger", "/health": "(whichever lives)", "/doc": "(here)"}
PAGES = {"/page": "orders", "/style.css": "(here)"}
WAIT_S = 60.0

Answer = Callable[[socket.socket, "Request"], bool]
"""Answers a request on its connection; tells whether the connection stays open."""


@dataclass
class Request:
    """What reached a service, to the letter."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    def values(self, name: str) -> list[str]:
        """Return all values of a header."""
        return [value for title, value in self.headers if title.lower() == name.lower()]

    def value(self, name: str) -> str:
        """Return the only value of a header."""
        (value,) = self.values(name)
        return value


def plain(body: bytes = b"fine", *, status: str = "200 OK", extra: str = "") -> Answer:
    """Return an answer that keeps its connection open."""

    def answer(connection: socket.socket, _request: Request) -> bool:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nContent-Type: text/plain\r\n{extra}\r\n"
        connection.sendall(head.encode() + body)
        return True

    return answer


def hang_up(_connection: socket.socket, _request: Request) -> bool:
    """Break the connection without a word."""
    return False


@dataclass
class FakeService:
    """A service on a port of its own; `answers` are used one after another, the last one for ever."""

    answers: list[Answer]
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    reads_body: bool = True

    def __post_init__(self) -> None:
        (port,) = free_ports(1)
        self.place = Place("127.0.0.1", port)
        self._open: list[socket.socket] = []
        self.begin()

    def begin(self) -> None:
        """Listen; once more in the same place, when it was stopped."""
        self.listener = socket.create_server((self.place.host, self.place.port))
        self._threads: list[threading.Thread] = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._talk, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        with suppress(OSError, ValueError), connection:
            while line := stream.readline().decode("latin-1").strip():
                headers = []
                while header := stream.readline().decode("latin-1").strip():
                    name, _, value = header.partition(":")
                    headers.append((name, value.strip()))
                request = Request(line, headers)
                if self.reads_body:
                    request.body = b"".join(_body_of(request, stream))
                self.requests.append(request)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if not answer(connection, request):
                    break
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        stream.close()

    def close_connections(self) -> None:
        """Break all connections that are open now."""
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def stop(self) -> None:
        """Close everything."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._threads[0].join(WAIT_S)
        self.close_connections()
        for thread in self._threads:
            thread.join(WAIT_S)


def _body_of(request: Request, stream: Any) -> Iterator[bytes]:
    if request.values("Transfer-Encoding"):
        while size := int(stream.readline(), 16):
            yield stream.read(size)
            stream.readline()
        stream.readline()
    elif request.values("Content-Length"):
        yield stream.read(int(request.value("Content-Length")))


@dataclass
class Called:
    """What the gateway answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the JSON document that came back."""
        return orjson.loads(self.body)

    def values(self, name: str) -> list[str]:
        """Return all values of a header."""
        return [value for title, value in self.headers if title.lower() == name.lower()]


def environ_of(method: str, path: str, body: bytes = b"", query: str = "", **more: Any) -> dict[str, Any]:
    """Return the environment a WSGI server would make of a request."""
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_HOST": "books.example:8443",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    } | more


def call(gateway: Door, method: str, path: str, body: bytes = b"", **more: Any) -> Called:
    """Call a gateway and take all of its answer."""
    told: list[Any] = []

    def start(*head: Any) -> Any:
        told.append(head)

    answer = gateway(environ_of(method, path, body, **more), start)
    try:
        content = b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()
    status, headers = told[-1][:2]
    return Called(int(status.partition(" ")[0]), headers, content)


class Running(dict[str, FakeService]):
    """Services by name, and the gateways made for them."""

    def __init__(self, services: dict[str, FakeService]) -> None:
        super().__init__(services)
        self.doors: list[Door] = []


@contextmanager
def services(**answers: list[Answer]) -> Iterator[Running]:
    """Run services with these answers."""
    running = Running({name: FakeService(list(given)) for name, given in answers.items()})
    try:
        yield running
    finally:
        for door in running.doors:
            door.close()
        for service in running.values():
            service.stop()


def gateway_to(running: Running, **settings: Any) -> Door:
    """Return a gateway to these services; what a test wants to be over soon it says itself."""
    usual = {"connect_timeout_s": WAIT_S, "answer_timeout_s": WAIT_S, "kept_for_changes_s": WAIT_S}
    places = {name: service.place for name, service in running.items()}
    chosen = GatewaySettings(places=places, **usual | settings)
    gateway = Gateway(RoutingTable(RULES | PAGES, PAGES), chosen, b'{"openapi": "3.1.0"}')
    running.doors.append(Door(gateway, TrustedProxies(chosen.trusted_proxies)))
    return running.doors[-1]
