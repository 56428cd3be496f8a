"""Real processes that a test starts, kills, stops for a while and starts again."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.mariadb import MariaDBServer, start_server, stop_server

ROOT = Path(__file__).resolve().parents[2]
MEMORY_DISK = Path("/dev/shm")
START_TIMEOUT_S = 60.0
ANSWER_TIMEOUT_S = 30.0
_LISTENING = re.compile(r"^(?!\[)[^\n]*?http://([\d.]+):(\d+)", re.MULTILINE)
"""What it says itself; the lines of its own processes, which `services` hands on, begin with their name."""


def wait_until(holds: Callable[[], bool], what: str, timeout_s: float = START_TIMEOUT_S) -> float:
    """Wait until a condition holds; return how long it took. Fails the test when it takes too long."""
    started = time.monotonic()
    while not holds():
        if time.monotonic() - started > timeout_s:
            raise AssertionError(f"waited {timeout_s:.0f} s in vain until {what}")
        time.sleep(0.02)
    return time.monotonic() - started


class Database:
    """A MariaDB server that can be stopped, killed and paused, and started again at the same place."""

    def __init__(self, folder: Path) -> None:
        """Install and start it."""
        self._folder = folder
        self.server, self._process = start_server(folder)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Stop it politely, or with SIGKILL as a power failure would."""
        self._process.send_signal(number)
        self._process.wait(20)

    def start(self) -> None:
        """Start it again with the same data on the same port, and wait until it answers."""
        self.server, self._process = start_server(self._folder, self.server.port)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Keep it from running: connections stay, nothing answers."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Stop it for good."""
        self._process.send_signal(signal.SIGCONT)
        stop_server(self._process)


@contextlib.contextmanager
def running_database() -> Iterator[Database]:
    """Run a MariaDB server of one's own. Raises `ServerMissing`."""
    folder = Path(tempfile.mkdtemp(prefix="zhangfang-fault-", dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None))
    try:
        database = Database(folder)
        try:
            yield database
        finally:
            database.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class WebServer:
    """A server process of the program's own: its address, its process, what it wrote."""

    process: subprocess.Popen[bytes]
    log: Path
    port: int = 0
    _seen: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> list[int]:
        """Return the ids of its worker processes, for gunicorn."""
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(part) for part in task.read_text(encoding="ascii").split()]

    def has_begun(self) -> bool:
        """Tell whether each worker has opened its book: it has threads beside its first one, then."""
        try:
            return all(len(list(Path(f"/proc/{worker}/task").iterdir())) > 1 for worker in self.workers())
        except FileNotFoundError:  # one of them has just ended
            return False

    def written(self) -> str:
        """Return its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def close(self) -> int:
        """Ask it to stop, kill it when it does not; return its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def server_environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return the environment of a server with settings and logs of its own."""
    return {**os.environ, "ZHANGFANG_DATA_DIR": str(folder / "data-dir"), **variables}


@contextlib.contextmanager
def running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[WebServer]:
    """Run a server that says its address, and stop it at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=ROOT, env=environment)
    server = WebServer(process, log)
    try:
        wait_until(lambda: _port_said(server) is not None or process.poll() is not None, "the server says its port")
        port = _port_said(server)
        if port is None:
            raise AssertionError(f"the server did not start:\n{server.written()}")
        server.port = port
        wait_until(lambda: answers(server.port, "/api/health"), f"the server answers:\n{server.written()}")
        yield server
    finally:
        server.close()


def _port_said(server: WebServer) -> int | None:
    found = _LISTENING.search(server.written())
    return int(found.group(2)) if found else None


def gunicorn() -> list[str]:
    """Return the command that serves the book of the environment as the manual says: two workers of eight threads."""
    return [
        *(sys.executable, "-m", "gunicorn", "-c", "build/server/gunicorn.conf.py", "--bind", "127.0.0.1:0"),
        "app.web.wsgi:application()",
    ]


def waitress(address: str) -> list[str]:
    """Return the command that serves a book with the program's own server."""
    return [sys.executable, "main.py", "serve", address, "--port", "0"]


def answers(port: int, path: str, timeout_s: float = ANSWER_TIMEOUT_S) -> bool:
    """Tell whether a path is answered with 200."""
    return status_of(port, path, timeout_s) == 200


def status_of(port: int, path: str, timeout_s: float = ANSWER_TIMEOUT_S) -> int:
    """Return the status a path is answered with on a connection of its own; 0 when there is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def address_of(server: MariaDBServer, name: str) -> str:
    """Make an empty database, in place of one of an earlier round, and return its address."""
    server.drop(name)
    server.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    return server.url(name)


def told_of_bugs(log: str) -> list[str]:
    """Return the first traceback of a log with what stands around it: nothing that happens to servers is a bug."""
    place = log.find("Traceback")
    return [] if place < 0 else [f"log: …{log[max(0, place - 500) : place + 4000]}…"]
