"""Real servers on real sockets: the desktop's, `serve`, gunicorn, services behind the gateway; each with a book."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.storage.database import Book, open_database
from app.web.factory import create_app
from app.web.gateway import gateway_for
from app.web.gateway.settings import GatewaySettings, Place
from app.web.guard import DesktopGuard
from app.web.opening import StopRegister
from app.web.server import LocalServer
from app.web.services import SERVICES
from app.web.serving import Serving
from app.web.serving import served_site as served_front
from tests.calling import GENEROUS, caller_on
from tests.ports import free_ports

ROOT = Path(__file__).parents[2]
RUN_TOKEN = "run-token-of-real-sockets"
START_LIMIT_S = 60
ANSWER_LIMIT_S = 60

Header = tuple[str, str]
JSON: Header = ("Content-Type", "application/json")


@dataclass(frozen=True)
class Reply:
    """What came back over the socket; status 0: the server hung up without a word."""

    status: int
    head: str
    body: bytes

    def header(self, name: str) -> str:
        """Return the value of a header, empty without it."""
        for line in self.head.split("\r\n")[1:]:
            found, _, value = line.partition(":")
            if found.lower() == name.lower():
                return value.strip()
        return ""


@dataclass
class Site:
    """A running server: its kind, where it answers, and what somebody with every right sends it."""

    kind: str
    port: int
    bearer: str
    path: Path
    log: Callable[[], str] = field(default=lambda: "")
    process_id: int = 0
    session: str = ""
    """Of somebody who is logged in, where a test has made one."""

    @property
    def host(self) -> str:
        """Return its right Host header."""
        return f"127.0.0.1:{self.port}"

    @property
    def good(self) -> list[Header]:
        """Return the headers of somebody who comes in."""
        return [("Host", self.host), ("Authorization", self.bearer)]

    def ask(
        self,
        method: str,
        target: str,
        headers: Sequence[Header] = (),
        body: bytes = b"",
        *,
        unsaid: bool = False,
        timeout_s: float = ANSWER_LIMIT_S,
    ) -> Reply:
        """Send a request as it stands and return the answer; a body gets its length unless `unsaid`.

        A server may wait for what such a request still owes it: then nothing comes back, which a test that allows that
        need not wait for until the end of `timeout_s`.
        """
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
        if body and not unsaid:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n"
        return self.send(head.encode("utf-8") + body, timeout_s=timeout_s)

    def send(self, data: bytes, *, timeout_s: float = ANSWER_LIMIT_S) -> Reply:
        """Send bytes and read until the server hangs up, or until the answer is whole."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout_s) as raw:
            writer = threading.Thread(target=_send_all, args=(raw, data))
            writer.start()
            try:
                return _read_reply(raw)
            finally:
                with contextlib.suppress(OSError):
                    raw.shutdown(socket.SHUT_RDWR)
                writer.join(timeout_s)


def _send_all(raw: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):  # a server may refuse, and hang up, before it has read everything
        raw.sendall(data)


def _read_reply(raw: socket.socket) -> Reply:
    received = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        while True:
            head, gap, body = received.partition(b"\r\n\r\n")
            reply = _reply_of(head, body)
            length = reply.header("Content-Length")
            if gap and reply.status != 100 and length.isdigit() and len(body) >= int(length):
                return reply
            piece = raw.recv(65536)
            if not piece:
                break
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    return _reply_of(head, body)


def _reply_of(head: bytes, body: bytes) -> Reply:
    text = head.decode("latin-1")
    parts = text.split(" ", 2)
    status = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
    return Reply(status, text, body)


def token_for(path: Path) -> str:
    """Return a new API token of the book's owner, who is then to be found in it."""
    book = open_database(str(path))
    try:
        return str(caller_on(book).post("/api/tokens", {"name": "sockets"}).json["token"])
    finally:
        book.close()


@contextlib.contextmanager
def desktop_site(path: Path) -> Iterator[Site]:
    """Run the desktop's server over a book in this process."""
    book: Book = open_database(str(path))
    server = LocalServer()
    port = server.bind()
    server.start(create_app(book, DesktopGuard(port, RUN_TOKEN)))
    try:
        yield Site("desktop", port, f"Bearer {RUN_TOKEN}", path)
    finally:
        assert server.stop()
        book.close()


@contextlib.contextmanager
def gateway_site(path: Path) -> Iterator[Site]:
    """Run every service and the gateway before them over a book, each on a socket of its own, in this process."""
    token = token_for(path)
    book = open_database(str(path))
    with contextlib.ExitStack() as stack:
        stack.callback(book.close)

        def run(application: Any) -> int:
            server = LocalServer()
            port = server.bind()
            server.start(application)
            stack.callback(server.stop)
            return port

        trusting = Serving(trusted_proxies=("127.0.0.1",), limits=GENEROUS)
        places = {
            service.name: Place(
                "127.0.0.1", run(served_front(book, replace(trusting, services=(service.name,)), StopRegister()))
            )
            for service in SERVICES
        }
        gateway = gateway_for(GatewaySettings(places=places))
        stack.callback(gateway.close)
        yield Site("gateway", run(gateway), f"Bearer {token}", path)


def _data_folder(kind: str, folder: Path) -> Path:
    return folder / f"data-{kind}"


def keep_no_backups(kind: str, folder: Path) -> None:
    """Let a `served_site` make none unasked: they are noted in the book's log, the first soon after the start."""
    _data_folder(kind, folder).mkdir()
    (_data_folder(kind, folder) / "settings.toml").write_text("automatic_backups = false\n", encoding="ascii")


@contextlib.contextmanager
def served_site(kind: str, address: str | Path, folder: Path, *, token: str = "", **environment: str) -> Iterator[Site]:
    """Run `serve` or gunicorn over a book as a process of its own; its log goes into a file.

    Without a `token` one is made in the book, which is a file then.
    """
    token = token or token_for(Path(address))
    (port,) = free_ports(1)
    log = folder / f"{kind}.log"
    settings = os.environ | {
        "ZHANGFANG_DATA_DIR": str(_data_folder(kind, folder)),
        "ZHANGFANG_BOOK": str(address),
        "ZHANGFANG_LISTEN": f"127.0.0.1:{port}",
        "ZHANGFANG_WORKERS": "1",
        "ZHANGFANG_BACKUP_FOLDER": str(folder / f"backups-{kind}"),
        **environment,
    }
    commands = {
        "serve": [sys.executable, "main.py", "serve", str(address), "--port", str(port)],
        "gunicorn": [
            *(sys.executable, "-m", "gunicorn", "-c", "build/server/gunicorn.conf.py"),
            "app.web.wsgi:application()",
        ],
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            commands[kind], cwd=ROOT, env=settings, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        site = Site(
            kind, port, f"Bearer {token}", Path(address), lambda: log.read_text("utf-8", "replace"), process.pid
        )
        _await_answer(site, process)
        yield site
    finally:
        process.terminate()
        process.wait(60)


def _await_answer(site: Site, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    pause = threading.Event()
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if site.ask("GET", "/api/health", [("Host", site.host)]).status == 200:
                return
        assert process.poll() is None, site.log()
        pause.wait(0.05)
    raise AssertionError(f"{site.kind} does not answer: {site.log()}")
