"""The transport against a server that behaves as servers do: keeps connections, drops them, refuses, goes away."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import Field

from app.client import transport as transport_module
from app.client.transport import Transport, encode, is_keyed, query_text
from app.contract.base import Contract, QueryContract, RequestId
from app.contract.reports import ReportQuery
from app.kernel.errors import (
    Category,
    Conflict,
    EnvironmentFault,
    MalformedInput,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    RuleBroken,
    TooLarge,
    TooManyRequests,
    ZhangfangError,
)
from app.kernel.ids import new_request_id
from tests.waiting import until

ROOT = Path(__file__).parents[2]


class Greeting(Contract):
    text: str


class Order(Contract):
    item: str
    note: str = ""
    request_id: RequestId | None = None


class Request:
    """One request as it came over the wire."""

    def __init__(self, head: str, body: bytes) -> None:
        first, *lines = head.split("\r\n")
        self.method, self.target, _ = first.split(" ")
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        self.body = body


Answer = tuple[int, object] | bytes | None
"""A status and JSON, raw bytes, or None: hang up without a word."""


class ScriptedServer:
    """Speaks just enough HTTP; `answer` decides what each request gets."""

    def __init__(self, answer: Callable[[Request, int], Answer]) -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.requests: list[Request] = []
        self.connections = 0
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def hang_up(self) -> None:
        """Close every connection from this side, as servers do with idle ones."""
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(60)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(ConnectionError), connection, connection.makefile("rb") as stream:
            while True:
                lines = []
                while (line := stream.readline()) not in {b"", b"\r\n"}:
                    lines.append(line.decode().rstrip("\r\n"))
                if not lines:
                    return
                length = next((int(x.split(": ")[1]) for x in lines if x.lower().startswith("content-length")), 0)
                request = Request("\r\n".join(lines), stream.read(length))
                self.requests.append(request)
                answer = self._answer(request, len(self.requests))
                if answer is None:
                    return
                with contextlib.suppress(OSError):
                    connection.sendall(answer if isinstance(answer, bytes) else _json_answer(*answer))


def _json_answer(status: int, value: object) -> bytes:
    body = json.dumps(value).encode()
    return (
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    )


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[Request, int], Answer]], ScriptedServer]]:
    servers: list[ScriptedServer] = []

    def start(answer: Callable[[Request, int], Answer]) -> ScriptedServer:
        servers.append(ScriptedServer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


Serve = Callable[[Callable[[Request, int], Answer]], ScriptedServer]


@pytest.fixture
def connect() -> Iterator[Callable[..., Transport]]:
    made: list[Transport] = []

    def start(url: str, *, connect_timeout_s: float = 60.0, read_timeout_s: float = 60.0) -> Transport:
        made.append(Transport(url, "secret", connect_timeout_s=connect_timeout_s, read_timeout_s=read_timeout_s))
        return made[-1]

    yield start
    for transport in made:
        transport.close()


Connect = Callable[..., Transport]


def greet(request: Request, number: int) -> Answer:
    return 200, {"text": "你好"}


def test_a_call_says_who_calls_and_in_which_language(serve: Serve, connect: Connect) -> None:
    server = serve(greet)
    transport = connect(server.url)
    transport.session, transport.language = "my-session", "en"
    assert transport.call("POST", "/api/x", Greeting, body=Order(item="纸")).text == "你好"
    request = server.requests[0]
    assert request.headers["authorization"] == "Bearer secret"
    assert request.headers["x-zhangfang-session"] == "my-session"
    assert request.headers["accept-language"] == "en"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["host"] == server.url.removeprefix("http://")
    assert json.loads(request.body) == {"item": "纸"}


def test_one_connection_serves_many_calls(serve: Serve, connect: Connect) -> None:
    server = serve(greet)
    transport = connect(server.url)
    for _ in range(5):
        transport.call("GET", "/api/x", Greeting)
    assert server.connections == 1


def test_a_field_from_a_newer_server_is_ignored(serve: Serve, connect: Connect) -> None:
    server = serve(lambda _request, _number: (200, {"text": "a", "new_field": 1}))
    assert connect(server.url).call("GET", "/x", Greeting).text == "a"


@pytest.mark.parametrize(
    ("status", "family", "category"),
    [
        (400, MalformedInput, Category.MALFORMED),
        (401, NotAuthenticated, Category.UNAUTHENTICATED),
        (403, PermissionDenied, Category.FORBIDDEN),
        (404, NotFound, Category.NOT_FOUND),
        (409, Conflict, Category.CONFLICT),
        (413, TooLarge, Category.TOO_LARGE),
        (422, RuleBroken, Category.BROKEN_RULE),
        (429, TooManyRequests, Category.TOO_MANY),
        (503, EnvironmentFault, Category.UNAVAILABLE),
        (500, EnvironmentFault, Category.UNAVAILABLE),
    ],
)
def test_an_error_comes_out_as_the_server_raised_it(
    serve: Serve, connect: Connect, status: int, family: type[ZhangfangError], category: Category
) -> None:
    body = {
        "error": "借贷不平 {x}",
        "code": "sides_differ",
        "fields": {"entries.0.debit": "太大"},
        "details": {"by": 1},
    }
    transport = connect(serve(lambda _request, _number: (status, body)).url)
    with pytest.raises(ZhangfangError) as caught:
        transport.call("GET", "/x", Greeting)
    error = caught.value
    assert type(error) is family
    assert error.category is category
    assert (error.code, str(error.message), str(error.fields["entries.0.debit"])) == (
        "sides_differ",
        "借贷不平 {x}",
        "太大",
    )
    assert error.details == {"by": 1}


def test_an_answer_that_is_no_json_is_one_clear_sentence(serve: Serve, connect: Connect) -> None:
    for head, code in (
        (b"502 X\r\n", "service_away"),  # a proxy whose server is being started anew
        (b"200 OK\r\nContent-Type: text/html\r\n", "other_answers"),  # a portal that wants a login first
        (b"404 X\r\nContent-Type: text/plain\r\n", "answer_unreadable"),
    ):

        def answer(_request: Request, _number: int, head: bytes = head) -> Answer:
            return b"HTTP/1.1 " + head + b"Content-Length: 6\r\n\r\n<html>"

        with pytest.raises(EnvironmentFault, match=head[:3].decode()) as caught:
            connect(serve(answer).url).call("GET", "/x", Greeting)
        assert caught.value.code == code


def test_a_good_status_with_the_wrong_shape_is_one_clear_sentence(serve: Serve, connect: Connect) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        connect(serve(lambda _request, _number: (200, {"no": "text"})).url).call("GET", "/x", Greeting)
    assert caught.value.code == "answer_unreadable"


def dropping_the_second(request: Request, number: int) -> Answer:
    return None if number == 2 else (200, {"text": str(number)})


def test_a_read_is_sent_again_when_the_kept_connection_was_dropped(serve: Serve, connect: Connect) -> None:
    server = serve(dropping_the_second)
    transport = connect(server.url)
    transport.call("GET", "/x", Greeting)
    assert transport.call("GET", "/x", Greeting).text == "3"


def test_a_keyed_post_is_sent_again_unchanged(serve: Serve, connect: Connect) -> None:
    server = serve(dropping_the_second)
    transport = connect(server.url)
    transport.call("GET", "/x", Greeting)
    order = Order(item="纸", request_id=new_request_id())
    assert transport.call("POST", "/x", Greeting, body=order).text == "3"
    assert server.requests[1].body == server.requests[2].body


def test_a_post_without_a_key_is_never_sent_twice(serve: Serve, connect: Connect) -> None:
    server = serve(dropping_the_second)
    transport = connect(server.url)
    transport.call("GET", "/x", Greeting)
    with pytest.raises(EnvironmentFault):
        transport.call("POST", "/x", Greeting, body=Order(item="纸"))
    assert len(server.requests) == 2


def test_a_fresh_connection_that_breaks_is_a_fault_not_a_loop(serve: Serve, connect: Connect) -> None:
    server = serve(lambda _request, _number: None)
    with pytest.raises(EnvironmentFault) as caught:
        connect(server.url).call("GET", "/x", Greeting)
    assert caught.value.code == "server_away"
    assert len(server.requests) == 1


def test_nobody_there_is_one_clear_sentence(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(EnvironmentFault, match="连不上服务器"):
        connect(f"http://127.0.0.1:{port}").call("GET", "/x", Greeting)


def test_a_server_that_does_not_answer_is_given_up(serve: Serve, connect: Connect) -> None:
    ended = threading.Event()

    def wait(request: Request, number: int) -> Answer:
        ended.wait(60)
        return None

    server = serve(wait)
    with pytest.raises(EnvironmentFault) as caught:
        connect(server.url, read_timeout_s=0.1).call("GET", "/x", Greeting)
    ended.set()
    assert caught.value.code == "server_timeout"


BUSY = (
    b"HTTP/1.1 429 X\r\nRetry-After: %d\r\nContent-Type: application/json\r\nContent-Length: 69\r\n\r\n"
    b'{"error":"too many","code":"too_many_calls","fields":{},"details":{}}'
)


def test_a_question_that_was_too_much_at_once_is_asked_again(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "BUSY_PATIENCE_S", 60.0)
    answers: list[Answer] = [BUSY % 1, (200, {"text": "a"}), BUSY % 1, BUSY % 90, BUSY % 0, BUSY % 40]
    server = serve(lambda _request, number: answers[number - 1])
    transport = connect(server.url)
    assert transport.call("GET", "/x", Greeting).text == "a"
    with pytest.raises(TooManyRequests):  # a change is not repeated behind one's back
        transport.call("POST", "/x", Greeting, body=Greeting(text="b"))
    for _ in ("too long", "no time"):
        with pytest.raises(TooManyRequests):
            transport.call("GET", "/x", Greeting)
    assert len(server.requests) == 5
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(transport.call, "GET", "/x", Greeting)
        until(lambda: len(server.requests) == 6 and len(transport._idle) == 1)
        transport.close()
        with pytest.raises(EnvironmentFault, match="关闭"):
            waiting.result(30)


def test_close_ends_a_call_under_way(serve: Serve, connect: Connect) -> None:
    asked, ended = threading.Event(), threading.Event()

    def wait(request: Request, number: int) -> Answer:
        asked.set()
        ended.wait(60)
        return None

    transport = connect(serve(wait).url)
    raised: list[BaseException] = []

    def call() -> None:
        try:
            transport.call("GET", "/x", Greeting)
        except EnvironmentFault as error:
            raised.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    assert asked.wait(60)
    transport.close()
    thread.join(30)
    ended.set()
    assert not thread.is_alive()
    assert [error.code for error in raised if isinstance(error, EnvironmentFault)] == ["client_closed"]
    with pytest.raises(EnvironmentFault, match="关闭"):
        transport.call("GET", "/x", Greeting)


def test_a_download_goes_into_the_file_and_reports(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    body = bytes(range(256)) * 4000
    server = serve(lambda _request, _number: b"HTTP/1.1 200 X\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    seen: list[tuple[int, int]] = []
    connect(server.url).download("/f", tmp_path / "f", lambda done, total: seen.append((done, total)))
    assert (tmp_path / "f").read_bytes() == body
    assert seen[-1] == (len(body), len(body))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_download_that_is_stopped_leaves_no_file(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    body = b"x" * 2_000_000
    server = serve(lambda _request, _number: b"HTTP/1.1 200 X\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    def stop(done: int, total: int) -> None:
        raise LookupError

    transport = connect(server.url)
    with pytest.raises(LookupError):
        transport.download("/f", tmp_path / "f", stop)
    assert not (tmp_path / "f").exists()


def test_a_refused_download_leaves_no_file(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    server = serve(lambda _request, _number: (404, {"error": "没有", "code": "gone"}))
    with pytest.raises(NotFound):
        connect(server.url).download("/f", tmp_path / "f", lambda _done, _total: None)
    assert not (tmp_path / "f").exists()


class Wishes(QueryContract):
    q: str = ""
    number: int | None = None
    newest: bool = False
    limit: int = Field(100)


def test_queries_leave_out_what_is_at_its_default() -> None:
    assert query_text(Wishes()) == ""
    assert query_text(Wishes(q="甲&乙", number=3, newest=True)) == "?q=%E7%94%B2%26%E4%B9%99&number=3&newest=true"
    assert query_text({"version": None, "x": False}) == "?x=false"
    assert query_text(ReportQuery(from_period="2026-06", to_period="2026-07")) == "?from=2026-06&to=2026-07"


def test_bodies_say_only_what_was_said() -> None:
    assert json.loads(encode(Order(item="纸"))) == {"item": "纸"}
    assert json.loads(encode(Order(item="纸", note=""))) == {"item": "纸", "note": ""}
    assert not is_keyed(Order(item="纸"))
    assert not is_keyed(None)
    assert is_keyed(Order(item="纸", request_id=new_request_id()))


def test_an_address_that_is_none_is_refused() -> None:
    for url in ("ftp://x", "127.0.0.1:5000", ""):
        with pytest.raises(MalformedInput):
            Transport(url)


def test_the_client_needs_no_qt_and_no_server() -> None:
    code = (
        "import sys; sys.modules.update({'PyQt5': None, 'flask': None, 'peewee': None});"
        "import app.client.api; app.client.api.ApiClient"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
