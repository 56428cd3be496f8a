"""The gateway before services on real sockets: what it passes on, what it repeats, what it says when one is away."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.http.errors import STATUS
from app.kernel.errors import MalformedInput
from app.web.gateway import application
from app.web.gateway.bodies import AnswerBrokenError
from app.web.gateway.settings import GatewaySettings, Place, gateway_settings_from
from tests.services.fakes import WAIT_S, Called, Request, call, environ_of, gateway_to, hang_up, plain, services
from tests.waiting import until

TRUSTED = {"trusted_proxies": ("192.0.2.7",)}


def test_the_callers_identity_goes_on_unchanged() -> None:
    sent: dict[str, Any] = {
        "HTTP_AUTHORIZATION": "Bearer zf_secret",
        "HTTP_X_ZHANGFANG_SESSION": "session-token",
        "HTTP_COOKIE": "zhangfang_session=abc; other=1",
        "HTTP_X_CSRF_TOKEN": "csrf",
        "HTTP_ACCEPT_LANGUAGE": "en",
        "HTTP_ORIGIN": "https://books.example",
        "HTTP_SEC_FETCH_SITE": "same-origin",
        "CONTENT_TYPE": "application/json",
    }
    with services(orders=[plain(b"made", status="201 Created")]) as running:
        answer = call(gateway_to(running), "POST", "/a/笔 1", b'{"x": 1}', query="q=%E7%AC%94&r=a b", **sent)
        (got,) = running["orders"].requests
    assert (answer.status, answer.body) == (201, b"made")
    assert got.line == "POST /a/%E7%AC%94%201?q=%E7%AC%94&r=a%20b HTTP/1.1"
    assert got.body == b'{"x": 1}'
    for name, value in sent.items():
        assert got.value(name.removeprefix("HTTP_").replace("_", "-")) == value
    assert got.value("Host") == "books.example:8443"
    assert got.value("Content-Length") == "8"


def test_where_it_came_from_is_said_by_the_gateway_alone() -> None:
    lies: dict[str, Any] = {
        "HTTP_X_FORWARDED_FOR": "10.9.9.9",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_FORWARDED": "for=10.9.9.9",
        "HTTP_X_REAL_IP": "10.9.9.9",
        "HTTP_X_FORWARDED_PREFIX": "/evil",
        "HTTP_X_REQUEST_ID": "chosen-by-a-stranger",
    }
    with services(orders=[plain()]) as running:
        stranger = call(gateway_to(running), "GET", "/a", **lies)
        call(gateway_to(running, **TRUSTED), "GET", "/a", **lies)
        chain = lies | {"HTTP_X_FORWARDED_FOR": "1.1.1.1, 10.9.9.9, 192.0.2.7"}
        call(gateway_to(running, **TRUSTED), "GET", "/a", **chain)
        unbelieved, believed, chained = running["orders"].requests
    assert unbelieved.value("X-Forwarded-For") == "192.0.2.7"
    assert unbelieved.value("X-Forwarded-Proto") == "http"
    assert unbelieved.value("X-Forwarded-Host") == "books.example:8443"
    assert unbelieved.value("X-Request-Id") == stranger.values("X-Request-Id")[0] != "chosen-by-a-stranger"
    assert believed.value("X-Forwarded-For") == "10.9.9.9"
    assert believed.value("X-Forwarded-Proto") == "https"
    assert believed.value("X-Forwarded-Host") == "evil.example"
    assert believed.value("X-Request-Id") == "chosen-by-a-stranger"
    assert chained.value("X-Forwarded-For") == "10.9.9.9"
    assert (unbelieved.values("X-Forwarded-Prefix"), believed.value("X-Forwarded-Prefix")) == ([], "/evil")
    for name in ("Forwarded", "X-Real-Ip"):
        assert unbelieved.values(name) == believed.values(name) == []


def test_headers_of_one_connection_stay_there() -> None:
    sent: dict[str, Any] = {
        "HTTP_CONNECTION": "close, X-Mine, Authorization, Cookie",
        "HTTP_KEEP_ALIVE": "timeout=5",
        "HTTP_TE": "trailers",
        "HTTP_UPGRADE": "websocket",
        "HTTP_PROXY_AUTHORIZATION": "Basic x",
        "HTTP_EXPECT": "100-continue",
        "HTTP_X_MINE": "1",
        "HTTP_AUTHORIZATION": "Bearer t",
    }
    extra = "Connection: X-Theirs\r\nX-Theirs: 1\r\nKeep-Alive: timeout=1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
    with services(orders=[plain(extra=extra)]) as running:
        answer = call(gateway_to(running), "GET", "/a", **sent)
        (got,) = running["orders"].requests
    assert got.value("Connection") == "keep-alive"
    assert got.value("Authorization") == "Bearer t"
    for name in ("Keep-Alive", "TE", "Upgrade", "Proxy-Authorization", "Expect", "X-Mine"):
        assert got.values(name) == []
    assert answer.values("Set-Cookie") == ["a=1", "b=2"]
    for name in ("Connection", "Keep-Alive", "X-Theirs", "Transfer-Encoding"):
        assert answer.values(name) == []


@pytest.mark.parametrize(
    "odd",
    [
        {"CONTENT_LENGTH": "5, 5"},
        {"CONTENT_LENGTH": "-1"},
        {"CONTENT_LENGTH": "+5"},
        {"CONTENT_LENGTH": "５"},
        {"CONTENT_LENGTH": "5", "HTTP_TRANSFER_ENCODING": "chunked"},
        {"HTTP_TRANSFER_ENCODING": "gzip, chunked"},
        {"HTTP_TRANSFER_ENCODING": "identity"},
        {"HTTP_HOST": "a.example,b.example"},
        {"HTTP_HOST": "a.example b.example"},
        {"HTTP_HOST": "user@a.example"},
        {"HTTP_HOST": ""},
        {"HTTP_X_MINE": "a\r\nX-Forwarded-For: 1.2.3.4"},
        {"HTTP_X_MINE": "a\x00"},
        {"REQUEST_METHOD": "GET /x HTTP/1.1\r\nX:"},
        {"REQUEST_METHOD": "get"},
    ],
    ids=str,
)
def test_what_two_servers_could_read_differently_is_refused(odd: dict[str, Any]) -> None:
    with services(orders=[plain()]) as running:
        answer = call(gateway_to(running), "POST", "/a", **odd)
        assert running["orders"].requests == []
    assert (answer.status, answer.json["code"]) == (400, "malformed_request")


def test_connections_are_kept_and_stale_ones_dropped() -> None:
    with services(orders=[plain()]) as running:
        orders = running["orders"]
        gateway = gateway_to(running)
        for method in ("GET", "POST", "GET", "POST"):
            assert call(gateway, method, "/a").status == 200
        assert orders.connections == 1
        orders.close_connections()
        until(lambda: not gateway.gateway.upstreams["orders"]._idle[0].connection.is_quiet)
        assert call(gateway, "POST", "/a").status == 200
        assert orders.connections == 2
        old = gateway_to(running, kept_for_s=0.0, kept_for_changes_s=0.0)
        for _ in range(2):
            call(old, "GET", "/a")
        assert orders.connections == 4


def test_kept_connections_are_bounded() -> None:
    with services(orders=[plain()]) as running:
        gateway = gateway_to(running, kept_connections=2)
        upstream = gateway.gateway.upstreams["orders"]
        taken = [upstream.take(repeatable=True) for _ in range(4)]
        for connection in taken:
            upstream.give_back(connection)
        assert len(upstream._idle) == 2
        upstream.drop_kept()
        assert not upstream._idle


def test_reads_are_repeated_once_when_the_connection_breaks() -> None:
    with services(orders=[hang_up, plain(), hang_up]) as running:
        gateway = gateway_to(running)
        assert call(gateway, "GET", "/a").status == 200
        assert len(running["orders"].requests) == 2
        broken = call(gateway, "GET", "/a")
        assert (broken.status, broken.json["code"]) == (503, "service_lost")
        assert len(running["orders"].requests) == 4


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_change_is_never_sent_twice(method: str) -> None:
    with services(orders=[hang_up]) as running:
        answer = call(gateway_to(running), method, "/a", b"{}", HTTP_ACCEPT_LANGUAGE="en")
        assert len(running["orders"].requests) == 1
    assert (answer.status, answer.json["code"]) == (503, "service_lost")
    assert "Orders" in answer.json["error"]


def test_a_read_with_a_body_is_not_repeated() -> None:
    with services(orders=[hang_up]) as running:
        assert call(gateway_to(running), "GET", "/a", b"{}").status == 503
        assert len(running["orders"].requests) == 1


@pytest.mark.parametrize(
    "told", [b"HTTP/1.1 201 CREATED\r\n", b"HTTP/1.1 201 CREATED\r\nServer: x\r\nDa", b"HTTP/1.1 2"]
)
def test_an_answer_that_ends_in_its_head_is_none(told: bytes) -> None:
    def break_off(connection: socket.socket, _request: Request) -> bool:
        connection.sendall(told)
        return False

    with services(orders=[break_off]) as running:
        answer = call(gateway_to(running), "POST", "/a", b"{}")
    assert (answer.status, answer.json["code"]) == (503, "service_lost")


def test_a_dead_service_is_named_while_the_others_go_on() -> None:
    with services(orders=[plain()], ledger=[plain(b"books")]) as running:
        gateway = gateway_to(running)
        running["orders"].stop()
        chinese = call(gateway, "POST", "/a", b"{}")
        english = call(gateway, "GET", "/a", HTTP_ACCEPT_LANGUAGE="en-GB,en;q=0.9")
        other = call(gateway, "GET", "/b")
    assert (chinese.status, chinese.json["code"]) == (503, "service_away")
    assert "订单" in chinese.json["error"]
    assert set(chinese.json) == {"error", "code", "fields", "details"}
    assert chinese.json["details"] == {"service": "orders"}
    assert int(chinese.values("Retry-After")[0]) > 0
    assert "Orders" in english.json["error"]
    assert (other.status, other.body) == (200, b"books")


def test_a_dead_service_is_left_alone_for_a_while_and_found_again() -> None:
    with services(orders=[plain()]) as running:
        orders = running["orders"]
        patient, hasty = gateway_to(running, closed_for_s=600.0), gateway_to(running, closed_for_s=0.1)
        orders.stop()
        for gateway in (patient, hasty):
            assert call(gateway, "GET", "/a").json["code"] == "service_away"
        orders.begin()
        for _ in range(50):
            assert call(patient, "GET", "/a").json["code"] == "service_away"
        assert orders.connections == 0
        until(lambda: call(hasty, "GET", "/a").status == 200)


def test_a_service_that_does_not_answer_costs_a_bounded_time() -> None:
    release = threading.Event()

    def stuck(_connection: socket.socket, _request: Request) -> bool:
        release.wait(WAIT_S)
        return False

    with services(orders=[stuck], ledger=[plain()]) as running:
        gateway = gateway_to(running, answer_timeout_s=0.3)
        answer = call(gateway, "POST", "/a", b"{}")
        assert (answer.status, answer.json["code"]) == (503, "service_slow")
        assert answer.values("Retry-After")
        until(lambda: len(running["orders"].requests) == 1)
        until(lambda: call(gateway, "GET", "/b").status == 200)
        release.set()


def test_a_stuck_service_does_not_take_all_threads() -> None:
    release = threading.Event()

    def stuck(connection: socket.socket, request: Request) -> bool:
        release.wait(WAIT_S)
        return plain()(connection, request)

    with services(orders=[stuck], ledger=[plain()]) as running:
        gateway = gateway_to(running, most_at_once=2, queue_timeout_s=0.2)
        found: list[Called] = []
        threads = [threading.Thread(target=lambda: found.append(call(gateway, "GET", "/a"))) for _ in range(5)]
        for thread in threads:
            thread.start()
        until(lambda: len(found) == 3)
        assert {answer.json["code"] for answer in found} == {"service_slow"}
        until(lambda: len(running["orders"].requests) == 2)
        release.set()
        for thread in threads:
            thread.join(WAIT_S)
        assert sorted(answer.status for answer in found) == [200, 200, 503, 503, 503]
        assert call(gateway, "GET", "/a").status == 200


def test_a_place_is_given_back_whatever_happens() -> None:
    with services(orders=[hang_up]) as running:
        gateway = gateway_to(running, most_at_once=1)
        for _ in range(5):
            assert call(gateway, "POST", "/a").json["code"] == "service_lost"


def short_answer(connection: socket.socket, _request: Request) -> bool:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
    return False


def short_chunks(connection: socket.socket, _request: Request) -> bool:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    return False


@pytest.mark.parametrize("answer", [short_answer, short_chunks])
def test_a_broken_answer_never_looks_whole(answer: Any) -> None:
    with services(orders=[answer]) as running:
        gateway = gateway_to(running, most_at_once=1)
        with pytest.raises(AnswerBrokenError):
            call(gateway, "GET", "/a")
        with pytest.raises(AnswerBrokenError):
            call(gateway, "GET", "/a")  # the place was given back, and the connection was not kept


def head_only(connection: socket.socket, _request: Request) -> bool:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    return False


def chunks_to_come(connection: socket.socket, _request: Request) -> bool:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    return False


@pytest.mark.parametrize("answer", [head_only, chunks_to_come])
def test_an_answer_that_breaks_before_its_body_is_told_as_lost(answer: Any) -> None:
    with services(orders=[answer]) as running:
        gateway = gateway_to(running, most_at_once=1)
        for _ in range(2):
            refused = call(gateway, "POST", "/a")
            assert (refused.status, refused.json["code"]) == (503, "service_lost")


def test_chunks_go_on_as_chunks_and_come_back_whole() -> None:
    def chunked(connection: socket.socket, _request: Request) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
        return True

    with services(orders=[chunked]) as running:
        gateway = gateway_to(running)
        for _ in range(2):
            answer = call(gateway, "POST", "/a", b"x" * 200_000, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")
            assert answer.body == b"hello"
        assert running["orders"].requests[1].body == b"x" * 200_000
        assert running["orders"].requests[1].values("Content-Length") == []
        assert running["orders"].connections == 1


def test_bodies_over_the_limit_go_nowhere() -> None:
    with services(orders=[plain()]) as running:
        gateway = gateway_to(running, max_body_bytes=1000)
        told = call(gateway, "POST", "/a", b"x" * 1001)
        untold = call(gateway, "POST", "/a", b"x" * 100_000, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")
        assert [answer.json["code"] for answer in (told, untold)] == ["body_too_large"] * 2
        assert [answer.status for answer in (told, untold)] == [413, 413]
        assert [request for request in running["orders"].requests if len(request.body) > 1000] == []


def test_an_early_refusal_of_an_upload_comes_back() -> None:
    def refuse(connection: socket.socket, _request: Request) -> bool:
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        connection.recv(1 << 20)
        return False

    with services(orders=[refuse]) as running:
        running["orders"].reads_body = False
        answer = call(gateway_to(running), "PUT", "/a", b"x" * 8_000_000)
        assert (answer.status, answer.body) == (413, b"no")


def test_an_answer_is_read_as_it_is_taken() -> None:
    piece = b"x" * 65536
    sent: list[int] = []

    def endless(connection: socket.socket, _request: Request) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            connection.sendall(piece)
            sent.append(len(piece))

    with services(orders=[endless]) as running:
        gateway = gateway_to(running, most_at_once=1)
        answer: Any = gateway(environ_of("GET", "/a"), lambda *_: bytearray().extend)
        pieces: Iterator[bytes] = iter(answer)
        taken = sum(len(next(pieces)) for _ in range(20))
        assert sum(sent) < taken + 20_000_000  # what lies in the buffers of two sockets
        answer.close()
        assert gateway.gateway.upstreams["orders"]._places.acquire(timeout=1)


def test_health_comes_from_whichever_lives() -> None:
    with services(orders=[plain()], ledger=[plain(b"alive")]) as running:
        gateway = gateway_to(running)
        running["orders"].stop()
        assert call(gateway, "GET", "/health").body == b"alive"
        running["ledger"].stop()
        assert call(gateway, "GET", "/health").status == 503


def test_what_the_gateway_says_itself() -> None:
    with services(orders=[plain()], ledger=[plain(status="503 Away")]) as running:
        gateway = gateway_to(running)
        alive = call(gateway, "GET", "/healthz")
        assert (alive.status, alive.json) == (200, {"status": "ok"})
        ready = call(gateway, "GET", "/readyz")
        assert ready.status == 200
        assert ready.json == {"ready": False, "services": {"orders": True, "ledger": False}}
        running["orders"].stop()
        assert call(gateway, "GET", "/readyz").status == 503
        described = call(gateway, "GET", "/doc")
        assert (described.status, described.json) == (200, {"openapi": "3.1.0"})
        assert call(gateway, "POST", "/doc").status == 405
        unknown = call(gateway, "GET", "/nothing", HTTP_ACCEPT_LANGUAGE="en")
        assert (unknown.status, unknown.json["code"]) == (404, "no_such_path")


def test_a_browser_reads_refusals_and_programs_get_them_in_the_one_shape() -> None:
    browser: dict[str, Any] = {"HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    with services(orders=[plain()]) as running:
        running["orders"].stop()
        gateway = gateway_to(running)
        page = call(gateway, "GET", "/page", SCRIPT_NAME="/firm", **browser)
        shaped = call(gateway, "GET", "/page", HTTP_ACCEPT="application/json")
        english = call(gateway, "GET", "/books/shop/nowhere", HTTP_ACCEPT_LANGUAGE="en", **browser)
        style = call(gateway, "GET", "/style.css", **browser)
        of_programs = [call(gateway, "GET", path, **browser) for path in ("/a", "/api/nowhere", "/books/x/api/nowhere")]
        heads = [call(gateway, "HEAD", path, **browser) for path in ("/page", "/nowhere", "/a", "/doc")]
    assert (page.status, page.values("Content-Type")) == (503, ["text/html; charset=utf-8"])
    assert page.values("Retry-After") == shaped.values("Retry-After") != []
    text = page.body.decode()
    assert f'<p class="problem" role="alert">{shaped.json["error"]}</p>' in text
    assert 'href="">再试一次' in text
    assert 'href="/firm/">到首页' in text
    assert 'rel="stylesheet" href="/firm/style.css"' in text
    assert page.values("Content-Security-Policy")[0].startswith("default-src 'none'")
    assert english.status == 404
    assert 'href="/">To the start page' in english.body.decode()
    assert "Try again" not in english.body.decode()
    assert (style.status, style.values("Content-Type")) == (200, ["text/css; charset=utf-8"])
    assert [set(answer.json) for answer in of_programs] == [{"error", "code", "fields", "details"}] * 3
    assert [(head.status, head.body) for head in heads] == [(503, b""), (404, b""), (503, b""), (200, b"")]


def test_the_log_tells_each_call_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    with services(orders=[plain()]) as running, caplog.at_level(logging.INFO, "app.web.access"):
        call(gateway_to(running), "GET", "/a", query="token=zf_secret", HTTP_AUTHORIZATION="Bearer zf_secret")
        call(gateway_to(running), "GET", "/a/x\nINFO forged")
        (got, _) = running["orders"].requests
    first, second = [record.getMessage() for record in caplog.records if record.name == "app.web.access"]
    assert first.startswith("GET /a 200 ")
    assert first.endswith("from=192.0.2.7")
    assert "zf_secret" not in first
    assert "\n" not in second
    assert got.value("X-Request-Id")


def test_settings_come_from_the_environment() -> None:
    settings = gateway_settings_from(
        {
            "ZHANGFANG_UPSTREAMS": "orders=orders-host:81, ledger=http://[::1]:82",
            "ZHANGFANG_ANSWER_TIMEOUT_S": "30",
            "ZHANGFANG_TRUSTED_PROXIES": "10.0.0.0/8",
        }
    )
    assert settings.places["orders"] == Place("orders-host", 81)
    assert str(settings.places["ledger"]) == "[::1]:82"
    assert settings.places["identity"] == Place("127.0.0.1", 5001)
    assert (settings.answer_timeout_s, settings.connect_timeout_s) == (30, GatewaySettings().connect_timeout_s)
    assert settings.trusted_proxies == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ZHANGFANG_UPSTREAMS": "orders"},
        {"ZHANGFANG_UPSTREAMS": "nobody=127.0.0.1:1"},
        {"ZHANGFANG_UPSTREAMS": "orders=127.0.0.1:0"},
        {"ZHANGFANG_UPSTREAMS": "orders=127.0.0.1:66000"},
        {"ZHANGFANG_CONNECT_TIMEOUT_S": "soon"},
        {"ZHANGFANG_ANSWER_TIMEOUT_S": "0"},
        {"ZHANGFANG_ANSWER_TIMEOUT_S": "99999"},
        {"ZHANGFANG_TRUSTED_PROXIES": "everybody"},
    ],
    ids=str,
)
def test_wrong_settings_are_said(wrong: dict[str, str]) -> None:
    with pytest.raises(MalformedInput):
        application(wrong)


def test_codes_of_the_gateway_stand_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    assert 503 in STATUS.values()
    for code in ("service_away", "service_slow", "service_lost"):
        assert f"`{code}`" in text
