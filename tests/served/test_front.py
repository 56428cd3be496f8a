"""A name for each request, one line about it in the log, and probes that answer whatever happens behind."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from app.logs import JSON, TEXT, start_logs, stop_logs
from app.storage.database import Book, open_database
from app.web import probes
from app.web.factory import CALLER
from app.web.front import Front
from app.web.opening import StopRegister
from app.web.probes import Readiness
from app.web.proxies import TrustedProxies
from app.web.serving import Serving, served_site
from tests.calling import OWNER_PASSWORD, caller_on, give_owner_login, set_up
from tests.served.several_books import PATIENCE_S
from tests.waiting import until


class Peer(Client):
    """Calls from an address, and closes what it was answered with, as a server does."""

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        """Send a request."""
        options["environ_overrides"] = {"REMOTE_ADDR": "127.0.0.1", **options.get("environ_overrides", {})}
        return super().open(*arguments, **(options | {"buffered": True}))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Where a JSON log goes."""
    level = logging.getLogger().level
    yield start_logs(tmp_path / "logs", form=JSON)
    stop_logs()
    logging.getLogger().setLevel(level)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def site(book: Book, **settings: Any) -> Peer:
    return Peer(served_site(book, Serving(**settings), StopRegister()))


def code(answer: TestResponse) -> str:
    body = answer.get_json()
    assert body is not None
    assert set(body) == {"error", "code", "fields", "details"}
    return str(body["code"])


# --- names and lines ---


def test_one_line_a_request_with_its_name_and_nothing_secret(sqlite_book: Book, log: Path) -> None:
    set_up(sqlite_book)
    give_owner_login(caller_on(sqlite_book))
    client = site(sqlite_book, trusted_proxies=("127.0.0.1",))
    login = {"login_name": "boss", "password": OWNER_PASSWORD}
    forwarded = {"X-Forwarded-For": "203.0.113.7", "X-Request-Id": "from-the-proxy.1"}
    answer = client.post("/api/login?password=oops", json=login, headers=forwarded)
    assert answer.headers["X-Request-Id"] == "from-the-proxy.1"
    body = answer.get_json()
    assert body is not None
    session = str(body["token"])
    other = client.get("/api/session?token=oops", headers={"X-Zhangfang-Session": session})
    made = other.headers["X-Request-Id"]
    stop_logs()
    about = {line["request_id"]: line for line in lines(log) if line["logger"] == "app.web.access"}
    assert list(about) == ["from-the-proxy.1", made]
    first, second = about.values()
    assert (first["method"], first["path"], first["status"], first["address"], first["user_id"]) == (
        *("POST", "/api/login", 200, "203.0.113.7"),
        None,
    )
    assert (second["path"], second["user_id"], second["status"]) == ("/api/session", body["session"]["user"]["id"], 200)
    assert 0 <= second["duration_ms"] < 60_000
    text = log.read_text(encoding="utf-8")
    for secret in (session, OWNER_PASSWORD, "oops"):
        assert secret not in text


def front(application: Any) -> Peer:
    book = open_database("nowhere.zhangfang")
    return Peer(Front(application, TrustedProxies(), Readiness(book)))


def test_every_line_of_a_request_has_its_name_and_none_after_it(log: Path) -> None:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        logging.getLogger("app.inner").warning("token=geheim %s", "quoted \" and \\ and {'password': 'geheim'}")
        environ[CALLER] = 7
        start_response("200 OK", [])
        return [b"x"]

    answer = front(application).get("/", headers={"X-Request-Id": "not believed"})
    logging.getLogger("app.inner").warning("afterwards")
    stop_logs()
    inner, access, after = lines(log)
    assert inner["request_id"] == access["request_id"] == answer.headers["X-Request-Id"]
    assert access["user_id"] == 7
    assert "request_id" not in after
    assert "geheim" not in log.read_text(encoding="utf-8")


def test_nobody_writes_lines_of_his_own_into_the_log(tmp_path: Path) -> None:
    path = start_logs(tmp_path, form=TEXT)

    def application(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("404 NOT FOUND", [])
        return []

    front(application).get("/a%0A2026-01-01 INFO forged%1b[31m\u2028账" + "x" * 2000)
    stop_logs()
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) == 1
    assert "\x1b" not in text
    assert "账" in text
    assert len(text) < 800


def test_a_request_that_fails_in_the_middle_is_logged_and_closed(log: Path) -> None:
    def application(_environ: dict[str, Any], _start_response: Any) -> Iterable[bytes]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        front(application).get("/")
    logging.getLogger("app.inner").warning("afterwards")
    stop_logs()
    access, after = lines(log)
    assert access["status"] == 0
    assert "request_id" not in after


def test_exceptions_are_one_json_line(log: Path) -> None:
    try:
        raise LookupError("token=geheim")
    except LookupError:
        logging.getLogger("app.test").exception("failed")
    stop_logs()
    (line,) = lines(log)
    assert "LookupError" in line["exception"]
    assert "geheim" not in line["exception"]


# --- headers that depend on the way ---


def test_only_over_https_cookies_are_secure_and_browsers_told_to_stay(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    client = site(sqlite_book, trusted_proxies=("127.0.0.1",), allowed_hosts=("books.example",))
    names = {"X-Forwarded-Host": "books.example", "X-Forwarded-Prefix": "/office"}
    secure = client.get("/login", headers=names | {"X-Forwarded-Proto": "https"})
    assert "max-age" in secure.headers["Strict-Transport-Security"]
    assert "Secure" in secure.headers["Set-Cookie"]
    assert "Path=/office/login" in secure.headers["Set-Cookie"]
    assert 'action="/office/login"' in secure.get_data(as_text=True)
    assert client.get("/", headers=names).headers["Location"] == "/office/login"
    plain = client.get("/login", headers=names)
    assert "Strict-Transport-Security" not in plain.headers
    assert "Secure" not in plain.headers["Set-Cookie"]
    for name in ("Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy", "X-Frame-Options"):
        assert plain.headers[name]
    stranger = {"REMOTE_ADDR": "192.0.2.9"}
    lied = client.get("/login", headers={"X-Forwarded-Proto": "https"}, environ_overrides=stranger)
    assert "Secure" not in lied.headers["Set-Cookie"]


# --- probes ---


def test_probes_need_no_name_and_no_login_and_tell_nothing(sqlite_book: Book, log: Path) -> None:
    set_up(sqlite_book)
    client = Peer(served := served_site(sqlite_book, Serving(), StopRegister()))
    served.readiness = Readiness(sqlite_book, limit_s=PATIENCE_S)
    for path in ("/healthz", "/readyz"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})
        assert client.head(path).data == b""
    assert client.post("/healthz").status_code == 403 or client.post("/healthz").status_code == 404
    assert caller_on(sqlite_book).get("/healthz").status == 404  # the window's server has none
    stop_logs()
    assert [line for line in lines(log) if line.get("status") == 200] == []


def test_a_server_that_stops_or_has_no_book_is_alive_but_not_ready(sqlite_book: Book, tmp_path: Path) -> None:
    readiness = Readiness(sqlite_book, limit_s=PATIENCE_S)
    client = Peer(Front(lambda *_: [], TrustedProxies(), readiness))
    assert client.get("/readyz").status_code == 200
    readiness.stop()
    stopping = client.get("/readyz", headers={"Accept-Language": "en"})
    assert (stopping.status_code, code(stopping)) == (503, "server_stopping")
    assert int(stopping.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200
    gone = open_database(str(tmp_path / "gone.zhangfang"))
    away = Peer(Front(lambda *_: [], TrustedProxies(), Readiness(gone, limit_s=PATIENCE_S)))
    assert (away.get("/readyz").status_code, code(away.get("/readyz"))) == (503, "book_missing")
    assert str(tmp_path) not in away.get("/readyz").get_data(as_text=True)


def test_a_book_of_older_tables_is_not_ready(tmp_path: Path) -> None:
    empty = tmp_path / "empty.zhangfang"
    empty.touch()
    book = open_database(str(empty))
    answer = Peer(Front(lambda *_: [], TrustedProxies(), Readiness(book, limit_s=PATIENCE_S))).get("/readyz")
    assert (answer.status_code, code(answer)) == (503, "upgrade_pending")
    book.close()


def test_a_database_that_hangs_makes_nobody_wait_and_is_asked_once(
    sqlite_book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Book] = []
    goes_on = threading.Event()
    wishes: list[bool] = []
    session = Book.session

    def watched(book: Book, *, for_request: bool = False) -> Any:
        wishes.append(for_request)
        return session(book, for_request=for_request)

    monkeypatch.setattr(Book, "session", watched)

    def hang(book: Book) -> list[Any]:
        asked.append(book)
        goes_on.wait(PATIENCE_S)
        return []

    monkeypatch.setattr(probes, "pending", hang)
    waits: list[float] = []
    now_s = [1000.0]

    class Look(threading.Thread):
        def join(self, timeout: float | None = None) -> None:
            """Let the time pass, and be as far as before."""
            assert timeout is not None
            waits.append(timeout)
            now_s[0] += timeout

    monkeypatch.setattr(probes, "time", SimpleNamespace(monotonic=lambda: now_s[0]))
    monkeypatch.setattr(probes, "threading", SimpleNamespace(Thread=Look, Lock=threading.Lock, Event=threading.Event))
    client = Peer(Front(lambda *_: [], TrustedProxies(), Readiness(sqlite_book, limit_s=0.25)))
    answers = [client.get("/readyz") for _ in range(3)]
    assert waits == [0.25, 0, 0]  # only the first waits, the others are told what it found
    assert {(answer.status_code, code(answer)) for answer in answers} == {(503, "database_away")}
    assert client.get("/healthz").status_code == 200
    until(lambda: bool(asked))  # the thread that looks may begin late
    assert len(asked) == 1
    assert wishes == [True]  # the patience of a request bounds it, not that of long work
    goes_on.set()
    until(lambda: client.get("/readyz").status_code == 200)
