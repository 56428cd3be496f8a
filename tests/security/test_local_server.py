"""The server thread starts, stops and fails as an ordinary thing: no hang, no thread left, no port lost."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time

import pytest
from flask import Flask

from app.kernel.errors import EnvironmentFault
from app.web.server import STOP_TIMEOUT_S, LocalServer


def small_app(entered: threading.Event | None = None, released: threading.Event | None = None) -> Flask:
    app = Flask("small")

    @app.get("/quick")
    def quick() -> str:
        return "here"

    @app.get("/slow")
    def slow() -> str:
        assert entered is not None
        assert released is not None
        entered.set()
        released.wait(60)
        return "finished"

    return app


def server_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(("zhangfang", "waitress"))]


def fetch(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


def test_fifty_rounds_of_start_and_stop_leave_nothing_behind() -> None:
    app = small_app()
    for _ in range(50):
        server = LocalServer()
        port = server.bind()
        server.start(app)
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        kept.request("GET", "/quick")
        assert kept.getresponse().read() == b"here"
        assert server.stop()  # with a connection that is kept alive
        kept.close()
        assert not server.is_running
        assert not [name for name in server_threads() if name.startswith("zhangfang")]
        with pytest.raises(OSError, match=r"."):
            fetch(port, "/quick")


def test_a_loop_that_is_awake_already_does_not_close_what_stopping_still_pulls() -> None:
    """Stopping wakes the loop by writing into its trigger; another thread's wake-up may come first."""
    server = LocalServer()
    server.bind()
    server.start(small_app())
    trigger, loop = server._server.trigger, server._thread
    pull = trigger._physical_pull

    def pull_late() -> None:
        pull()
        assert loop is not None
        loop.join(0.3)
        pull()

    trigger._physical_pull = pull_late
    assert server.stop()
    assert not server.is_running


def test_stopping_lets_a_running_request_finish() -> None:
    entered, released = threading.Event(), threading.Event()
    server = LocalServer()
    port = server.bind()
    server.start(small_app(entered, released))
    got: list[bytes] = []
    client = threading.Thread(target=lambda: got.append(fetch(port, "/slow")))
    client.start()
    assert entered.wait(60)
    threading.Timer(0.5, released.set).start()
    began = time.monotonic()
    assert server.stop()
    assert time.monotonic() - began < 6
    client.join(60)
    assert got == [b"finished"]


def test_stopping_does_not_wait_for_ever() -> None:
    entered, released = threading.Event(), threading.Event()
    server = LocalServer()
    port = server.bind()
    server.start(small_app(entered, released))
    ended: list[str] = []

    def call() -> None:
        try:
            fetch(port, "/slow")
        except (OSError, http.client.HTTPException) as error:
            ended.append(type(error).__name__)

    client = threading.Thread(target=call)
    client.start()
    assert entered.wait(60)
    began = time.monotonic()
    server.stop(timeout_s=1.0)
    assert time.monotonic() - began < STOP_TIMEOUT_S <= 5
    assert not server.is_running
    client.join(60)
    assert len(ended) == 1
    released.set()


def test_a_taken_port_is_an_ordinary_error_of_the_caller() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        server = LocalServer()
        with pytest.raises(EnvironmentFault) as raised:
            server.bind(other.getsockname()[1])
    assert raised.value.code == "port_taken"
    assert not server.is_running
    assert server.stop()


def test_only_this_computer_reaches_it() -> None:
    server = LocalServer()
    server.bind()
    try:
        assert server.url == f"http://127.0.0.1:{server.port}"
    finally:
        server.stop()


def test_stop_may_be_called_at_any_time_and_again() -> None:
    server = LocalServer()
    assert server.stop()
    server.bind()
    assert server.stop()
    assert server.stop()
    server.bind()
    server.start(small_app())
    assert server.stop()
    assert server.stop()


def test_the_thread_is_not_a_daemon() -> None:
    server = LocalServer()
    server.bind()
    server.start(small_app())
    try:
        thread = next(thread for thread in threading.enumerate() if thread.name == "zhangfang-server")
        assert not thread.daemon
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("language", "sentence"), [("zh-CN", "提交的内容太大。"), ("en", "What was sent is too large.")]
)
def test_a_body_that_waitress_refuses_gets_the_one_error_shape(language: str, sentence: str) -> None:
    server = LocalServer()
    port = server.bind()
    server.start(small_app())
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("POST", "/quick")
    connection.putheader("Content-Length", str(1 << 40))
    connection.putheader("Accept-Language", language)
    connection.endheaders(b"x" * 1000)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (413, "application/json")
    assert json.loads(answer.read()) == {"error": sentence, "code": "body_too_large", "fields": {}, "details": {}}
    connection.close()
    assert server.stop()


def test_a_request_that_is_none_gets_the_one_error_shape() -> None:
    server = LocalServer()
    port = server.bind()
    server.start(small_app())
    with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
        raw.sendall(b"GET /quick HTTP/1.1\r\nContent-Length: -5\r\n\r\n")
        head, _, body = raw.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert json.loads(body)["code"] == "malformed_request"
    assert server.stop()
