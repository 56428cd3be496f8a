"""The program's own server processes for a test: started as written in the documentation, stopped whatever happens."""

from __future__ import annotations

import http.client
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.running import MAIN, ROOT, environment, run
from tests.waiting import until

START_S = 100.0
STOP_S = 60.0


@dataclass
class Answer:
    """What came back over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the JSON document."""
        return json.loads(self.body)


def call(
    url: str, method: str, path: str, body: Any = None, *, token: str = "", headers: Mapping[str, str] | None = None
) -> Answer:
    """Send a bare call with nothing but an Authorization header, as a script of ten lines would."""
    host, _, rest = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=START_S)
    sent = dict(headers or {})
    if token:
        sent["Authorization"] = f"Bearer {token}"
    data = None
    if body is not None:
        data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
    try:
        connection.request(method, (f"/{rest}" if rest else "") + path, data, sent)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


@dataclass
class Server:
    """A running process of the program and what it says."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    answers: queue.Queue[str] = field(default_factory=queue.Queue)
    url: str = ""
    _readers: list[threading.Thread] = field(default_factory=list)

    def read(self) -> None:
        """Take what the process says from now on; it must never wait for us."""
        for stream, keep in ((self.process.stderr, self.lines.append), (self.process.stdout, self.answers.put)):
            self._readers.append(threading.Thread(target=_take, args=(stream, keep), daemon=True))
            self._readers[-1].start()

    @property
    def log(self) -> str:
        """Return all lines so far."""
        return "".join(self.lines)

    def process_of(self, name: str) -> int:
        """Return the number of the newest process of a service, as the log tells it."""
        return int(self._mark_of(name).partition(" is process ")[2].split()[0])

    def url_of(self, name: str) -> str:
        """Return where a service itself listens."""
        return "http://" + self._mark_of(name).rpartition(" at ")[2].strip()

    def _mark_of(self, name: str) -> str:
        """Return the newest line that tells of a service; what was said may be on its way to us yet."""
        until(lambda: self._marks_of(name))
        return self._marks_of(name)[-1]

    def _marks_of(self, name: str) -> list[str]:
        return [line for line in list(self.lines) if f": {name} is process " in line]

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the process itself from running for a while; those it started go on."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask the process to stop and return its exit code; what it said until then has been read."""
        self.process.send_signal(number)
        code = self.process.wait(STOP_S)
        for reader in self._readers:
            reader.join(STOP_S)
        return code


def _take(stream: Any, keep: Any) -> None:
    with suppress(ValueError):
        for line in stream:
            keep(line)


@contextmanager
def started(command: Sequence[object], *, announces: bool = True, **variables: str) -> Iterator[Server]:
    """Run a command of the source tree; with `announces` until it says where it answers."""
    process = subprocess.Popen(
        [*map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env=environment(PYTHONUNBUFFERED="1", PYTHONWARNINGS="", **variables),
    )
    server = Server(process)
    server.read()
    try:
        if announces:
            try:
                server.url = server.answers.get(timeout=START_S).strip()
            except queue.Empty:
                raise AssertionError(server.log) from None
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def main(*arguments: object) -> list[object]:
    """Return the command that runs `main.py` with these arguments."""
    return [sys.executable, MAIN, *arguments]


def new_book(path: Path) -> str:
    """Make a book with an item in stock, and return an API token of its owner."""
    assert run("new", path, "--chart", "small_enterprise_2013", "--start", "2026-06").code == 0
    token: str = run("token", path, "create", "--json").json["token"]
    return token


def is_alive(process_id: int) -> bool:
    """Tell whether a process of this number runs; one that only waits to be buried does not.

    Its first thread may wait for that while others are still ending, and with the last of them its sockets go.
    """
    try:
        return any(_runs(thread) for thread in Path(f"/proc/{process_id}/task").iterdir())
    except OSError:
        return False


def _runs(thread: Path) -> bool:
    try:
        return (thread / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill_service(process_id: int) -> None:
    """Kill a service with its workers and wait until none of them runs: any of them would take connections."""
    workers = Path(f"/proc/{process_id}/task/{process_id}/children").read_text(encoding="ascii").split()
    os.killpg(process_id, signal.SIGKILL)
    until(lambda: not any(map(is_alive, [process_id, *map(int, workers)])))


def parent_gone(process_id: int) -> bool:
    """Tell whether nobody of that number is there any more."""
    return not os.path.exists(f"/proc/{process_id}") or not is_alive(process_id)  # noqa: PTH110
