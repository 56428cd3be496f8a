"""Real server processes: waitress and gunicorn start, refuse, log, stop; nothing that was acknowledged is lost."""

from __future__ import annotations

import contextlib
import gc
import http.client
import importlib
import json
import os
import runpy
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.contract.identity import ApiTokenInput
from app.identity.actor import Actor
from app.identity.service.tokens import create_token
from app.storage.database import fetch_all, open_database
from app.storage.migrate import pending
from app.web.gunicorn_parts import BOOT_ERROR
from tests.calling import set_up
from tests.faults.processes import ROOT, WebServer, answers, running, server_environment, wait_until, waitress
from tests.mariadb import MariaDBServer
from tests.storage.old_book import OLD_BOOKS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="gunicorn runs on Linux only")

GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "build/server/gunicorn.conf.py", "app.web.wsgi:application()"]
KINDS = ("waitress", "gunicorn")
PATIENCE_S = 60


@dataclass(frozen=True)
class Firm:
    """A book in a file, and what its owner's scripts use."""

    path: Path
    token: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> Firm:
    """A book with an owner and his token, made once."""
    path = tmp_path_factory.mktemp("made") / "firm.zhangfang"
    shutil.copyfile(empty_file, path)
    book = open_database(str(path))
    owner: Actor = set_up(book)
    with book.session():
        token = create_token(owner, ApiTokenInput(name="script")).token
    book.close()
    return Firm(path, token)


@pytest.fixture
def firm(made: Firm, tmp_path: Path) -> Firm:
    """A copy for one test."""
    return Firm(Path(shutil.copyfile(made.path, tmp_path / "firm.zhangfang")), made.token)


@contextlib.contextmanager
def serving(kind: str, path: Path, folder: Path, **variables: str) -> Iterator[WebServer]:
    """Serve a book with a JSON log."""
    environment = server_environment(
        folder,
        ZHANGFANG_BOOK=str(path),
        ZHANGFANG_LISTEN="127.0.0.1:0",
        ZHANGFANG_LOG_FORMAT="json",
        PYTHONWARNINGS="error",
        **variables,
    )
    with running(waitress(str(path)) if kind == "waitress" else GUNICORN, folder, environment) as server:
        yield server


def log_lines(server: WebServer) -> list[dict[str, Any]]:
    """Return the log; every line but the announced address is one JSON object. One may be being written."""
    whole = server.written().rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines() if not line.startswith("http://")]


@dataclass
class Call:
    """A change that is sent from a thread of its own, and what came back."""

    port: int
    token: str
    name: str
    status: int = 0
    closing: str | None = None
    request_id: str = ""
    sent: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Add a person."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        body = json.dumps({"name": self.name, "age": None})
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request("POST", "/api/users", body, headers)
        self.sent.set()
        answer = connection.getresponse()
        answer.read()
        self.status, self.closing = answer.status, answer.getheader("Connection")
        self.request_id = answer.getheader("X-Request-Id") or ""
        connection.close()


def people(path: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return {str(row[0]) for row in connection.execute("SELECT name FROM user")}


def takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep everybody else from writing into a book."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_under_way_at_the_stop_is_done_and_answered(kind: str, firm: Firm, tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(serving(kind, firm.path, tmp_path / "server"))
        call = Call(server.port, firm.token, "under way")
        thread = threading.Thread(target=call.run)
        idle = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
        stack.callback(idle.close)
        idle.request("GET", "/api/health")
        assert idle.getresponse().read()  # and kept: nobody waits for such a connection at the stop
        # nor for one on which nothing was asked
        stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S))
        with held(firm.path):
            thread.start()
            assert call.sent.wait(PATIENCE_S)
            busy = [path for path in (firm.path.with_name(firm.path.name + "-wal"),) if path.exists()]
            wait_until(lambda: _waits(server), "the change waits for the book")
            server.process.send_signal(signal.SIGTERM)
            if kind == "waitress":
                wait_until(lambda: not takes_connections(server.port), "new connections are refused")
            assert thread.is_alive()
        assert busy
        thread.join(PATIENCE_S)
        assert call.status == 201
        assert kind == "gunicorn" or call.closing == "close"
        assert server.process.wait(PATIENCE_S) == 0
        assert not takes_connections(server.port)
        assert "under way" in people(firm.path)
        lines = log_lines(server)
    left = sorted(path.name for path in tmp_path.glob("firm.zhangfang*"))
    assert left == ["firm.zhangfang"]  # no lock, and the write-ahead log folded in
    # the idle worker kept the state without the change, unless it came second
    kept = sorted(
        (tmp_path / "server" / "data-dir" / "backups").rglob("* 关闭.zhangfang"), key=lambda one: one.stat().st_mtime
    )
    assert len(kept) <= (1 if kind == "waitress" else 2)
    assert "under way" in people(kept[-1])
    own = [line for line in lines if line.get("request_id") == call.request_id]
    access = [line for line in own if line["logger"] == "app.web.access"]
    assert [(line["method"], line["path"], line["status"], line["user_id"]) for line in access] == [
        ("POST", "/api/users", 201, 1)
    ]
    assert firm.token not in server.written()
    assert [line for line in lines if line["level"] in {"ERROR", "CRITICAL"}] == []
    told = [line["message"] for line in lines if "request_id" not in line]
    assert len(told) == len(set(told)) or kind == "gunicorn"


def _waits(server: WebServer) -> bool:
    """Tell whether a thread of the server has begun with a request that is not answered: it has it read already."""
    inodes = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    port = f":{server.port:04X}"
    rows = [line.split() for line in inodes]
    # two connections that are idle and the busy one are established at our side, and everything sent has been read
    ours = [row for row in rows if row[1].endswith(port) and row[3] == "01"]
    return len(ours) >= 3 and all(row[4].endswith(":00000000") for row in ours)


@pytest.mark.parametrize("kind", KINDS)
def test_rubbish_is_refused_in_the_one_shape(kind: str, firm: Firm, tmp_path: Path) -> None:
    bodies = {
        b"GARBAGE\r\n\r\n": {400},
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n": {400, 414, 431},
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"b" * 70_000 + b"\r\n\r\n": {400, 431},
        b"GET / HTTP/1.1\r\nBad Header <script>: 1\r\n\r\n": {400},
        b"POST /api/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n": {400, 501},
        b"POST /api/users HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n": {413},
        b"POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n": {400},
    }
    with serving(kind, firm.path, tmp_path / "server") as server:
        for body, statuses in bodies.items():
            with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as raw:
                with contextlib.suppress(OSError):  # refused before it was sent as a whole
                    raw.sendall(body)
                answer = _everything(raw)
            head, _, text = answer.partition(b"\r\n\r\n")
            status = int(head.split()[1])
            assert status in statuses, (body[:60], answer[:300])
            assert set(json.loads(text)) == {"error", "code", "fields", "details"}, answer[:300]
            assert b"script" not in answer
        wait_until(lambda: answers(server.port, "/readyz"), "the book is looked at in time")
        for path in ("/healthz", "/readyz"):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
            connection.request("GET", path, headers={"Host": "evil.example"})
            response = connection.getresponse()
            assert (response.status, response.read()) == (200, b'{"status":"ok"}')
            connection.close()
        lines = log_lines(server)  # the servers' own lines are in the same format
        assert [line for line in lines if line["level"] in {"ERROR", "CRITICAL"}] == []


def _everything(raw: socket.socket) -> bytes:
    """Return what comes until the connection is closed; one that is reset had been answered before."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while part := raw.recv(65536):
            received += part
            head, found, text = received.partition(b"\r\n\r\n")
            lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            if found and lengths and len(text) >= int(lengths[0].split(b":")[1]):
                break
    return received


def test_workers_that_race_upgrade_an_old_book_once_and_one_that_dies_is_replaced(tmp_path: Path) -> None:
    oldest = min(OLD_BOOKS.glob("*.zhangfang"), key=lambda path: int(path.stem))
    path = Path(shutil.copyfile(oldest, tmp_path / "old.zhangfang"))
    lock = tmp_path / "old.zhangfang-lock"

    def holders() -> list[int]:
        try:
            return [entry["id"] for entry in json.loads(lock.read_bytes())["processes"]]
        except (OSError, ValueError):  # being written
            return []

    with serving("gunicorn", path, tmp_path / "server", ZHANGFANG_WORKERS="2") as server:
        wait_until(lambda: len(holders()) == 2, "all workers have the book")
        wait_until(lambda: "upgraded from" in server.written(), "the one that upgraded it says so")
        first = holders()[0]
        lines = log_lines(server)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: len(holders()) == 2 and first not in holders(), "another worker has taken its place")
    assert [line["message"] for line in lines if line["level"] in {"ERROR", "CRITICAL"}] == []
    assert len([line for line in lines if line["message"].startswith("upgraded from")]) == 1
    assert not lock.exists()
    book = open_database(str(path))
    assert pending(book) == []
    with book.session():
        upgrades = fetch_all("SELECT id FROM {audit_log} WHERE action = 'book:schema:upgrade'")
    book.close()
    assert len(upgrades) == 1


def test_a_stop_while_a_worker_is_being_started_is_not_lost(firm: Firm, tmp_path: Path) -> None:
    usual = (ROOT / "build" / "server" / "gunicorn.conf.py").read_text(encoding="utf-8")
    slow = tmp_path / "slow.conf.py"
    slow.write_text(
        f"{usual}\n\ngraceful_timeout = 300\n\n"
        "def post_fork(_server, _worker):\n    import threading\n    threading.Event().wait(1)\n",
        encoding="utf-8",
    )
    environment = server_environment(tmp_path, ZHANGFANG_BOOK=str(firm.path), ZHANGFANG_LISTEN="127.0.0.1:0")
    command = [str(slow) if part.endswith("conf.py") else part for part in GUNICORN]
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=ROOT, env=environment)
    try:
        wait_until(lambda: b"Booting worker" in log.read_bytes(), "a worker is being started")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0  # long before its patience with the worker is over
    finally:
        process.kill()
        process.wait()


def test_a_book_that_cannot_be_served_is_one_sentence_and_no_endless_start(tmp_path: Path) -> None:
    environment = server_environment(tmp_path, ZHANGFANG_BOOK=str(tmp_path / "none.zhangfang"), PYTHONWARNINGS="error")
    environment["ZHANGFANG_LISTEN"] = "127.0.0.1:0"
    done = subprocess.run(
        GUNICORN, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 3
    assert done.stderr.count("book_missing") == 1  # of two workers
    assert "Traceback" not in done.stderr
    none = subprocess.run(  # without workers it would listen and never answer
        GUNICORN,
        cwd=ROOT,
        env={**environment, "ZHANGFANG_WORKERS": "0"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (none.returncode, none.stderr) == (1, "ZHANGFANG_WORKERS: '0' is not a number from 1 up\n")


def test_a_wrong_password_of_the_database_is_one_sentence(tmp_path: Path, mariadb_server: MariaDBServer) -> None:
    environment = server_environment(
        tmp_path,
        ZHANGFANG_BOOK=mariadb_server.url("firm"),
        ZHANGFANG_DB_PASSWORD="not-the-password",
        ZHANGFANG_LISTEN="127.0.0.1:0",
        ZHANGFANG_WORKERS="3",
    )
    done = subprocess.run(
        GUNICORN, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.returncode == 3
    assert done.stderr.count("cannot serve the book: database_refused: 数据库拒绝了这个用户名或密码") == 1
    assert not [word for word in ("Traceback", "not-the-password") if word in done.stderr]


def test_the_unit_of_systemd_runs_and_stops_it_as_documented() -> None:
    text = (ROOT / "build" / "server" / "zhangfang.service").read_text(encoding="utf-8")
    unit = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    program, *arguments = shlex.split(unit["ExecStart"])
    assert (program, arguments) == ("/opt/zhangfang/.venv/bin/gunicorn", GUNICORN[3:])
    settings = runpy.run_path(str(ROOT / "build" / "server" / "gunicorn.conf.py"))
    assert int(unit["TimeoutStopSec"]) >= settings["graceful_timeout"] + 10
    assert int(unit["RestartPreventExitStatus"]) == BOOT_ERROR
    assert unit["Environment"] == f"ZHANGFANG_DATA_DIR={unit['ReadWritePaths']}"


def test_a_second_worker_that_cannot_start_changes_neither_the_end_nor_its_reason() -> None:
    from gunicorn.errors import HaltServer

    from app.web.gunicorn_parts import end_for_one_reason

    refused = [HaltServer("the first", 3), HaltServer("the second", 3)]
    reaped = []

    class Arbiter:
        """Has two ended workers, and raises for each as gunicorn's does."""

        def reap_workers(self) -> None:
            while refused:
                reaped.append(refused[0])
                raise refused.pop(0)

    arbiter = Arbiter()
    end_for_one_reason(arbiter)
    with pytest.raises(HaltServer) as ended:
        arbiter.reap_workers()
    arbiter.reap_workers()  # while it ends
    assert (ended.value.reason, len(reaped)) == ("the first", 2)


def test_what_the_chosen_services_are_made_of_is_imported_before_workers_are_forked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from app.web.gunicorn_parts import import_before_forking

    imported: list[str] = []
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(importlib, "import_module", imported.append)
    monkeypatch.setenv("ZHANGFANG_SERVICES", "inventory")
    import_before_forking()
    assert imported == ["app.inventory.api", "app.inventory.stock_api", "app.exchange.item_api"]
    monkeypatch.setenv("ZHANGFANG_SERVICES", "nothing")  # the workers say so
    import_before_forking()
    assert len(imported) == 3
