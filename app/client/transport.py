"""One HTTP call to a server of ours: blocking, without Qt, over kept-alive connections."""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import ssl
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from app.client.answers import RawAnswer, error_of, read_into, read_whole, unreadable
from app.client.own_changes import OwnChanges
from app.client.unanswered import Unanswered
from app.contract.base import QueryContract
from app.contract.change_numbers import CHANGES_HEADER
from app.kernel.errors import (
    EnvironmentFault,
    MalformedInput,
)
from app.kernel.text import message
from app.tls import context_for, tls_fault
from app.version import PROGRAM, VERSION

Answer = TypeVar("Answer", bound=BaseModel)

SESSION_HEADER = "X-Zhangfang-Session"
_JSON = "application/json"
_IDLE_LIMIT = 4
_DROPPED = (
    *(http.client.RemoteDisconnected, http.client.BadStatusLine, ConnectionResetError, BrokenPipeError),
    ConnectionAbortedError,  # Windows, where others say that it was reset
)
_LOOK_UP_S = 0.1
BUSY_PATIENCE_S = 5.0
"""So long a question is asked again that was refused because too much was asked at once."""


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes | None


_Read = Callable[[http.client.HTTPResponse], RawAnswer]


class Transport:
    """Connections to one server, shared by all threads; a connection serves one call at a time and is then kept.

    `token` proves that this program may talk to the server at all, `session` says who is logged in, `language` is what
    the server writes its sentences in. `close()` may be called from any thread and ends calls that are under way.
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        connect_timeout_s: float = 5.0,
        read_timeout_s: float = 60.0,
        ca_file: str = "",
    ) -> None:
        parts = _parts_of(url)
        self.url = url.rstrip("/")
        self.token = token
        self.session = ""
        self.language = "zh"
        self.own_changes = OwnChanges()
        self._secure = parts.scheme == "https"
        self._ca_file = ca_file
        self._tls: ssl.SSLContext | None = None
        self._unanswered = Unanswered()
        self._host = parts.hostname or ""
        self._port = parts.port
        self._prefix = parts.path.rstrip("/")
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        self._lock = threading.Lock()
        self._idle: list[http.client.HTTPConnection] = []
        self._busy: set[http.client.HTTPConnection] = set()
        self._closed = False
        self._ending = threading.Event()

    def call(
        self,
        method: str,
        path: str,
        answer: type[Answer],
        *,
        query: QueryContract | Mapping[str, object] | None = None,
        body: BaseModel | None = None,
    ) -> Answer:
        """Send one call and return its answer as the contract `answer`; fields it does not know are ignored.

        Raises the `UserError` family the server answered with, or `EnvironmentFault` when it cannot be reached.
        """
        raw = self._send_once(method, path, query, body)
        try:
            return answer.model_validate_json(raw.body, extra="ignore")
        except ValidationError as error:
            raise unreadable(raw) from error

    def _send_once(
        self, method: str, path: str, query: QueryContract | Mapping[str, object] | None, body: BaseModel | None
    ) -> RawAnswer:
        """Send one call; an order that got no answer keeps its id for the next time it is given (`Unanswered`)."""
        if body is None or not is_keyed(body):
            return self.send(method, path, query=query, body=None if body is None else encode(body))

        def send(order: BaseModel) -> RawAnswer:
            return self.send(method, path, query=query, body=encode(order), repeatable=True)

        return self._unanswered.carry(method, path, body, send)

    @property
    def awaits_answers(self) -> bool:
        """Whether an order of the last minutes was never answered: it may have been carried out."""
        return self._unanswered.is_waiting

    def send(
        self,
        method: str,
        path: str,
        *,
        query: QueryContract | Mapping[str, object] | None = None,
        body: bytes | None = None,
        content_type: str = _JSON,
        repeatable: bool = False,
        accept: str = _JSON,
    ) -> RawAnswer:
        """Send bytes and return the answer's bytes.

        A `GET`, or a call that is `repeatable`, is sent again when a kept connection turns out to be closed, and when
        the server says (429) that it was too much at once and that a moment later will do.
        """
        headers = self._headers(accept)
        if body is not None:
            headers["Content-Type"] = content_type
        elif method in {"POST", "PUT", "PATCH"}:
            headers["Content-Length"] = "0"
        call = _Call(method, self._prefix + path + query_text(query), headers, body)
        with contextlib.nullcontext() if method == "GET" else self.own_changes.writing():
            raw = self._ask(call, read_whole, may_repeat=repeatable or method == "GET")
        if not raw.is_good:
            raise error_of(raw)
        return raw

    def download(self, path: str, target: Path, report: Callable[[int, int], None]) -> None:
        """Write an answer's bytes into a file as they come; `report` is told bytes done and in all, and may raise.

        Raises as `send`, and `EnvironmentFault` when the file cannot be written; then no file is left.
        """
        call = _Call("GET", self._prefix + path, self._headers("*/*"), None)
        try:
            raw = self._ask(call, lambda response: read_into(response, target, report), may_repeat=True)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        if not raw.is_good:
            raise error_of(raw)

    def twin(self, *, connect_timeout_s: float, read_timeout_s: float) -> Transport:
        """Return another way to the same server for the same person, with another patience."""
        twin = Transport(
            self.url,
            self.token,
            connect_timeout_s=connect_timeout_s,
            read_timeout_s=read_timeout_s,
            ca_file=self._ca_file,
        )
        twin.session, twin.language = self.session, self.language
        return twin

    def close(self) -> None:
        """Close all connections; calls under way end with `EnvironmentFault`. Later calls are refused."""
        with self._lock:
            self._closed = True
            self._ending.set()
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for connection in idle:
            connection.close()
        for connection in busy:
            sock = connection.sock
            if sock is not None:
                # The thread that reads owns the connection: this wakes it, and it closes the connection itself.
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _headers(self, accept: str) -> dict[str, str]:
        headers = {"Accept": accept, "Accept-Language": self.language, "User-Agent": f"{PROGRAM}/{VERSION}"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.session:
            headers[SESSION_HEADER] = self.session
        return headers

    def _ask(self, call: _Call, read: _Read, *, may_repeat: bool) -> RawAnswer:
        """Return what a call is answered, asking again as long as patience lasts while that is "too much at once"."""
        give_up_at = time.monotonic() + min(BUSY_PATIENCE_S, self._read_timeout_s)
        while True:
            raw = self._exchange(call, read, may_repeat=may_repeat)
            pause_s = raw.retry_after_s
            is_busy = raw.status == HTTPStatus.TOO_MANY_REQUESTS and pause_s > 0
            if not is_busy or not may_repeat or time.monotonic() + pause_s > give_up_at:
                return raw
            if self._ending.wait(pause_s):
                raise _away(closed=True)

    def _exchange(self, call: _Call, read: _Read, *, may_repeat: bool) -> RawAnswer:
        while True:
            connection, was_kept = self._take()
            try:
                raw, keep = self._round_trip(connection, call, read)
            except _DROPPED as error:
                self._drop(connection)
                # Only a kept connection may have been closed while idle; a fresh one that breaks is a real fault.
                if was_kept and may_repeat and not self._closed:
                    continue
                raise _away(self._closed) from error
            except TimeoutError as error:
                self._drop(connection)
                raise EnvironmentFault(
                    "server_timeout",
                    message("服务器在 {seconds} 秒内没有回答，请稍后再试。", seconds=int(self._read_timeout_s)),
                ) from error
            except ssl.SSLError as error:
                self._drop(connection)
                raise tls_fault(error, self._host) from error
            except (OSError, http.client.HTTPException) as error:
                self._drop(connection)
                raise _away(self._closed) from error
            except BaseException:
                self._drop(connection)
                raise
            self._give_back(connection, keep)
            return raw

    def _round_trip(self, connection: http.client.HTTPConnection, call: _Call, read: _Read) -> tuple[RawAnswer, bool]:
        if connection.sock is None:
            _open(connection, self._read_timeout_s)
        connection.request(call.method, call.target, body=call.body, headers=call.headers)
        if sys.platform == "win32":
            self._await_answer(connection.sock)
        response = connection.getresponse()
        self.own_changes.note(response.headers.get(CHANGES_HEADER))
        with contextlib.ExitStack() as stack:
            stack.callback(response.close)  # one that ends with its connection holds it, whatever we do with ours
            raw = read(response)
            stack.pop_all()
        return raw, not response.will_close

    def _await_answer(self, sock: socket.socket) -> None:
        """Wait for the answer's first byte, looking up for `close`, which on Windows wakes nobody who reads."""
        deadline = time.monotonic() + self._read_timeout_s
        while not select.select([sock], [], [], max(0.0, min(_LOOK_UP_S, deadline - time.monotonic())))[0]:
            if self._closed:
                raise ConnectionAbortedError
            if time.monotonic() >= deadline:
                raise TimeoutError

    def _take(self) -> tuple[http.client.HTTPConnection, bool]:
        with self._lock:
            if self._closed:
                raise _away(closed=True)
            if self._idle:
                connection = self._idle.pop()
                self._busy.add(connection)
                return connection, True
            connection = self._new_connection()
            self._busy.add(connection)
            return connection, False

    def _new_connection(self) -> http.client.HTTPConnection:
        if self._secure:
            if self._tls is None:  # reading the computer's certificates takes 30 ms
                self._tls = context_for(self._ca_file)
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._connect_timeout_s, context=self._tls
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._connect_timeout_s)

    def _give_back(self, connection: http.client.HTTPConnection, keep: bool) -> None:
        with self._lock:
            self._busy.discard(connection)
            if keep and not self._closed and len(self._idle) < _IDLE_LIMIT:
                self._idle.append(connection)
                return
        connection.close()

    def _drop(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            self._busy.discard(connection)
        connection.close()


def _parts_of(url: str) -> urllib.parse.SplitResult:
    """Return the parts of a server's address. Raises `MalformedInput`."""
    with contextlib.suppress(ValueError):  # a port that is none, brackets that do not close
        parts = urllib.parse.urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
            return parts
    raise MalformedInput("server_url_malformed", message("“{url}”不是服务器地址。", url=url))


def _open(connection: http.client.HTTPConnection, read_timeout_s: float) -> None:
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sock.settimeout(read_timeout_s)


def encode(body: BaseModel) -> bytes:
    """Write a contract as JSON; fields left at their defaults are left out, so that "not given" stays that."""
    return orjson.dumps(body.model_dump(mode="json", exclude_unset=True))


def is_keyed(body: BaseModel | None) -> bool:
    """Tell whether a body carries a `request_id`, so that sending it twice has the effect of once."""
    return bool(getattr(body, "request_id", None))


def query_text(query: QueryContract | Mapping[str, object] | None) -> str:
    """Write a query as `?a=1&b=true`, leaving out what is empty or at its default."""
    if query is None:
        return ""
    values: Mapping[str, object]
    if isinstance(query, QueryContract):
        values = query.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    else:
        values = query
    pairs = [(name, _plain(value)) for name, value in values.items() if value is not None and value != ""]
    return "?" + urllib.parse.urlencode(pairs) if pairs else ""


def _plain(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _away(closed: bool = False) -> EnvironmentFault:
    if closed:
        return EnvironmentFault("client_closed", message("与服务器的连接已经关闭。"))
    return EnvironmentFault("server_away", message("连不上服务器，请检查它是否在运行，然后再试。"))
