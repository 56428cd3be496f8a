"""The processes of `services`: how each is started, what it says, how it is stopped and started anew."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from app.logs import JSON
from app.web.gateway.settings import Place

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
SETTLED_AFTER_S = 60.0
"""A process that lived so long begins with the shortest pause again."""
if sys.platform == "win32":
    _OWN_GROUP, _STOP = subprocess.CREATE_NEW_PROCESS_GROUP, signal.CTRL_BREAK_EVENT
else:
    _OWN_GROUP, _STOP = 0, signal.SIGTERM
LEASH = Path(__file__).with_name("leash.py")


@dataclass(frozen=True, slots=True)
class Plan:
    """One process to be: its name in the log, its command, its environment, where it will listen."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    place: Place


class Relay:
    """Puts the lines of all processes into one stream, each with the name of its process."""

    def __init__(self, form: str) -> None:
        """Take the form of the log: in `json` the name becomes a member of the object."""
        self._form = form
        self._lock = threading.Lock()

    def write(self, name: str, line: bytes) -> None:
        """Write one line."""
        text = line.decode("utf-8", "backslashreplace").rstrip("\r\n")
        if not text:
            return
        shown = _with_service(name, text) if self._form == JSON else f"[{name}] {text}"
        if sys.stderr is None:
            return
        with self._lock:
            sys.stderr.write(f"{shown}\n")
            sys.stderr.flush()


def _with_service(name: str, text: str) -> str:
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        said = text
    line = said if isinstance(said, dict) else {"message": text}
    return orjson.dumps({"service": name} | line).decode()


class Child:
    """One process and its successors. Only the thread that made the supervisor starts them: they are on its leash."""

    def __init__(self, plan: Plan, relay: Relay) -> None:
        """Start nothing yet."""
        self.plan = plan
        self._relay = relay
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._started_s: float = 0
        self._pause_s: float = FIRST_PAUSE_S
        self._next_s: float = 0

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int:
        """Return the number of the process; 0 without one."""
        return self._process.pid if self._process is not None else 0

    def start(self) -> None:
        """Start the process; what it says goes into the one stream."""
        process = subprocess.Popen(
            _on_leash(self.plan.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(self.plan.environment),
            # a group of its own: Ctrl+C at the keyboard is the supervisor's to hand on, in its order
            start_new_session=sys.platform != "win32",
            creationflags=_OWN_GROUP,
        )
        self._process = process
        self._started_s = time.monotonic()
        self._reader = threading.Thread(target=self._read, args=(process,), name=f"log-{self.plan.name}", daemon=True)
        self._reader.start()
        logger.info("%s is process %d at %s", self.plan.name, process.pid, self.plan.place)

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        stream = process.stdout
        if stream is None:
            return
        with stream:
            for line in stream:
                self._relay.write(self.plan.name, line)

    def look(self) -> None:
        """Start the process anew when it has died, after a pause that grows while it keeps dying."""
        now_s = time.monotonic()
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return
            self._bury(self._process)
            if now_s - self._started_s > SETTLED_AFTER_S:
                self._pause_s = FIRST_PAUSE_S
            logger.error("%s died (%s), starting it again in %.1f s", self.plan.name, _cause(code), self._pause_s)
            self._next_s = now_s + self._pause_s
            self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        elif now_s >= self._next_s:
            self.start()

    def ask_to_stop(self) -> None:
        """Ask the process to answer what it was asked and to end."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(_STOP)

    def wait_until_stopped(self, deadline_s: float) -> None:
        """Wait for the end of a process that was asked; end it by force at the deadline."""
        process = self._process
        if process is None:
            return
        try:
            process.wait(max(0.1, deadline_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            logger.error("%s did not stop in time and is ended", self.plan.name)  # noqa: TRY400 - no traceback of ours
            _kill(process)
            process.wait()
        self._bury(process)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        if self._reader is not None:
            self._reader.join(2.0)  # its last words; a grandchild may hold the pipe open for longer
        process.wait()
        self._process = self._reader = None


def _on_leash(command: tuple[str, ...]) -> list[str]:
    if not sys.platform.startswith("linux") or getattr(sys, "frozen", False):
        return list(command)
    return [sys.executable, str(LEASH), str(os.getpid()), *command]


def _kill(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)  # gunicorn's workers with it
    except ProcessLookupError:
        return


def _cause(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def wait_for(condition: Callable[[], bool], limit_s: float, stopping: threading.Event) -> bool:
    """Wait until something is so; tell whether it became so before the time was over or a stop was asked for."""
    deadline_s = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline_s or stopping.wait(0.1):
            return False
    return True
