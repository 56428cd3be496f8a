"""What the diagnosis of a server's address names: real sockets, real certificates, servers that say what others say."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.client import server_diagnosis
from app.client.addresses import is_web_address, parse_server
from app.client.api import ApiClient
from app.client.server_diagnosis import ServerFound, diagnose_server
from app.client.transport import Transport
from app.client.unanswered import KEPT_NS, Unanswered
from app.contract.identity import UserInput
from app.kernel.checking import CheckStep
from app.kernel.errors import EnvironmentFault, MalformedInput
from tests.certificates import certificate, server_context

Answers = Mapping[str, tuple[int, object]]
HEALTH = {"program": "zhangfang", "api": 1, "book": "甲公司", "version": "0.1.0", "logins": True}
BOOKS = {
    "program": "zhangfang",
    "version": "0.1.0",
    "takes_books": True,
    "books": [
        {"slug": "", "name": "甲公司", "path": "", "state": "open"},
        {"slug": "branch-2", "name": "二分店", "path": "/books/branch-2", "state": "open"},
        {"slug": "old", "name": "", "path": "/books/old", "state": "unavailable", "problem": "账簿文件已损坏。"},
    ],
}


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody here answers, however late on a busy machine."""
    monkeypatch.setattr(server_diagnosis, "REACH_TIMEOUT_S", 60.0)
    monkeypatch.setattr(server_diagnosis, "ANSWER_TIMEOUT_S", 60.0)


@contextmanager
def answering(answers: Answers, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that gives these answers by path, and 404 as a page for all others."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = answers.get(self.path, (404, "<h1>nothing here</h1>"))
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A caller who does not trust us hangs up."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def outcome(url: str, ca_file: str = "") -> tuple[list[CheckStep], ServerFound]:
    found = ServerFound()
    steps = list(diagnose_server(url, found, ca_file=ca_file))
    assert all(not step.is_failed for step in steps[:-1])
    assert all(str(step.text) for step in steps)
    return steps, found


# --- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://books.example.com", "https://books.example.com"),
        ("https://Books.Example.com:8443/", "https://books.example.com:8443"),
        ("books.example.com/books/branch-2", "https://books.example.com/books/branch-2"),
        ("192.168.1.10:5000", "http://192.168.1.10:5000"),
        ("localhost:5000", "http://localhost:5000"),
        ("http://[::1]:5000/books/a/", "http://[::1]:5000/books/a"),
        ("  http://10.0.0.2  ", "http://10.0.0.2"),
        ("ｈｔｔｐ：／／192。168．1.10：5000／books／a", "http://192.168.1.10:5000/books/a"),
    ],
)
def test_what_people_type_is_read_as_they_mean_it(typed: str, kept: str) -> None:
    assert str(parse_server(typed)) == kept
    assert is_web_address(kept)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "http://", "ftp://host", "https://host:0", "https://host:99999", "https://host:ab", "https://ho st"),
        *("::1", "http://fe80::1:5000", "::1:5000/books/a"),
        *("https://wang:secret@host", "https://host/elsewhere", "https://host/books/A_B", "https://host/?q=1"),
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(MalformedInput) as refused:
        parse_server(typed)
    assert "secret" not in str(refused.value)
    assert outcome(typed)[0][0].code == "server_url_malformed"


def test_only_this_computer_and_private_networks_are_nearby() -> None:
    near = ("localhost", "127.0.0.1", "10.1.2.3", "192.168.0.9", "office", "books.local", "[fd00::1]", "[::1]")
    far = ("books.example.com", "8.8.8.8", "[2400:3200::1]")
    assert [host for host in near if not parse_server(f"http://{host}").is_nearby] == []
    assert [host for host in far if parse_server(f"http://{host}").is_nearby] == []


# --- the way there ---------------------------------------------------------------------------------------------------


def test_names_ports_and_other_programs_are_told_apart() -> None:
    assert outcome("http://no-such-host.invalid")[0][-1].code == "host_unknown"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert outcome(f"http://127.0.0.1:{closed.getsockname()[1]}")[0][-1].code == "port_closed"
    with answering({}) as port:
        assert outcome(f"http://127.0.0.1:{port}")[0][-1].code == "other_program"
    with answering({"/api/health": (200, {**HEALTH, "program": "other"})}) as port:
        assert outcome(f"http://127.0.0.1:{port}")[0][-1].code == "other_program"
        api = ApiClient(Transport(f"http://127.0.0.1:{port}"))
        with pytest.raises(EnvironmentFault) as refused:
            api.health()
        api.close()
        assert refused.value.code == "other_program"
    with answering({"/api/health": (200, {**HEALTH, "api": 2})}) as port:
        assert outcome(f"http://127.0.0.1:{port}")[0][-1].code == "api_version"
    with answering({"/api/health": (401, {"error": "没有本次运行的令牌", "code": "token_refused"})}) as port:
        assert outcome(f"http://127.0.0.1:{port}")[0][-1].code == "desktop_window"
    with answering({"/api/health": (503, {"error": "连不上数据库", "code": "database_away"})}) as port:
        last = outcome(f"http://127.0.0.1:{port}")[0][-1]
        assert (last.code, str(last.text)) == ("database_away", "连不上数据库")


def test_the_books_of_a_server_are_listed_to_choose_from() -> None:
    with answering({"/api/health": (200, HEALTH), "/books": (200, BOOKS)}) as port:
        steps, found = outcome(f"http://127.0.0.1:{port}")
    assert [step.outcome for step in steps] == ["ok"] * 7
    assert [(book.slug, book.state) for book in found.books] == [
        ("", "open"),
        ("branch-2", "open"),
        ("old", "unavailable"),
    ]
    assert (found.lists_books, found.takes_books) == (True, True)


def test_a_server_of_one_book_answers_for_that() -> None:
    with answering({"/api/health": (200, {**HEALTH, "logins": False})}) as port:
        steps, found = outcome(f"http://127.0.0.1:{port}")
        assert ("nobody_logs_in", "warning") in [(step.code, step.outcome) for step in steps]
        assert [(book.name, book.path) for book in found.books] == [("甲公司", "")]
        steps, _found = outcome(f"http://127.0.0.1:{port}/books/branch-2")
        assert ("book_unknown", "warning") in [(step.code, step.outcome) for step in steps]


# --- certificates ----------------------------------------------------------------------------------------------------


def test_what_is_wrong_with_a_certificate_is_named(tmp_path: Path) -> None:
    answers: Answers = {"/api/health": (200, HEALTH), "/books": (200, BOOKS)}
    good = certificate(tmp_path)
    with answering(answers, server_context(good)) as port:
        url = f"https://127.0.0.1:{port}"
        assert outcome(url)[0][-1].code == "certificate_untrusted"
        steps, found = outcome(url, str(good))
        assert [step.outcome for step in steps] == ["ok"] * 7
        assert len(found.books) == 3
        assert outcome(url, str(tmp_path / "none.pem"))[0][-1].code == "ca_unreadable"
        api = ApiClient(Transport(url))
        with pytest.raises(EnvironmentFault) as refused:
            api.health()
        api.close()
        assert refused.value.code == "certificate_untrusted"
        trusting = ApiClient(Transport(url, ca_file=str(good)))
        assert trusting.health().book == "甲公司"
        trusting.close()
    other = certificate(tmp_path, name="books.example.com")
    with answering(answers, server_context(other)) as port:
        assert outcome(f"https://127.0.0.1:{port}", str(other))[0][-1].code == "certificate_other_name"
    old = certificate(tmp_path, days=-1)
    with answering(answers, server_context(old)) as port:
        assert outcome(f"https://127.0.0.1:{port}", str(old))[0][-1].code == "certificate_expired"
    with answering(answers) as port:
        assert outcome(f"https://127.0.0.1:{port}")[0][-1].code == "no_tls"


# --- orders without an answer ----------------------------------------------------------------------------------------


def test_an_order_without_an_answer_keeps_its_id_for_a_while() -> None:
    now = [0]
    unanswered = Unanswered(lambda: now[0])
    first = UserInput(name="甲", age=None, request_id="11111111-1111-4111-8111-111111111111")
    again = first.model_copy(update={"request_id": "22222222-2222-4222-8222-222222222222"})
    other = again.model_copy(update={"name": "乙"})
    assert unanswered.again("POST", "/api/users", again) is again
    unanswered.remember("POST", "/api/users", first)
    assert getattr(unanswered.again("POST", "/api/users", again), "request_id", "") == first.request_id
    assert unanswered.again("POST", "/api/users", other) is other
    assert unanswered.again("POST", "/users", again) is again
    now[0] = KEPT_NS + 1
    assert unanswered.again("POST", "/api/users", again) is again
    unanswered.remember("POST", "/api/users", first)
    unanswered.settle("POST", "/api/users", again)
    assert unanswered.again("POST", "/api/users", again) is again
