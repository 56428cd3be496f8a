"""One window for each person and data folder: a second start hands over what it was to show and is done.

The first start holds `running.json` in the data folder with the system's lock on it, which the system gives back
however the process ends: of two simultaneous starts exactly one gets it, and a killed one leaves nothing that would
have to be told from a living one. The file says where to call the holder: a port of 127.0.0.1 and a secret only this
person can read. What can be said there is one thing: show this book, or, with an empty address, the window.

A file that still names its run although nobody holds it tells that the last run did not end properly.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from app.file_guard import try_guard

logger = logging.getLogger(__name__)

FILE_NAME = "running.json"
ANSWER_S = 2.0
"""How long the window may take to answer before it counts as hanging."""
READY_S = 10.0
"""How long a run that is still beginning, or already ending, is waited for."""
MESSAGE_S = 1.0
MAX_MESSAGE_BYTES = 100_000
MAX_ADDRESS = 32_767
"""The longest path of any system, in characters."""
_LOOK_S = 0.05
_SHOWN = b"shown\n"


class Claim(Enum):
    """What came of asking to be the one window."""

    FIRST = "first"
    SHOWN = "shown"
    """Another run has the window and shows what was asked for."""
    SILENT = "silent"
    """Another run has the window and does not answer."""
    APART = "apart"
    """The holder is another person or computer over the same folder; each has a window of his own."""


@dataclass(frozen=True)
class Running:
    """What the file says of the run that holds it."""

    process: int = 0
    host: str = ""
    user: str = ""
    began: str = ""
    """UTC, `2026-06-30T08:15:00Z`."""
    crash_bytes: int = 0
    """Size of the crash report when the run began."""
    port: int = 0
    """0 until the window is there."""
    secret: str = ""


class Instance:
    """This run's part in being the only one."""

    def __init__(self, folder: Path) -> None:
        """Name the data folder; nothing is touched yet."""
        self._path = folder / FILE_NAME
        self._file: int | None = None
        self._running = Running()
        self._server: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self.process = 0
        """The run that has the window, when it is another."""
        self.left: Running | None = None
        """The run before this one, when it did not end properly."""

    def claim(self, address: str, crash_bytes: int = 0) -> Claim:
        """Become the one window, or hand the address to the run that is; waits `READY_S` at most.

        Raises `OSError` where the data folder cannot be written.
        """
        deadline = time.monotonic() + READY_S
        while True:
            if self._acquire(crash_bytes):
                return Claim.FIRST
            other = _read(self._path)
            self.process = other.process
            if other.process and (other.host, other.user) != (_host(), _user()):
                return Claim.APART
            if other.port:
                answer = _hand_over(other, address)
                if answer is not None:
                    return answer
            if time.monotonic() > deadline:
                return Claim.SILENT
            time.sleep(_LOOK_S)

    @property
    def is_first(self) -> bool:
        """Whether this run is the one window."""
        return self._file is not None

    def listen(self, show: Callable[[str], bool]) -> None:
        """Take calls from now on, on a thread of its own.

        `show` gets the address of a book, or nothing, and tells whether the window has done it.
        """
        if self._file is None:
            return
        try:
            server = socket.socket()
            if sys.platform == "win32":
                server.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            server.bind(("127.0.0.1", 0))
            server.listen(8)
        except OSError as error:
            logger.warning("a second start will not reach this window: %s", error)
            return
        self._server = server
        self._write(Running(**{**asdict(self._running), "port": server.getsockname()[1]}))
        self._thread = threading.Thread(target=self._serve, args=(server, show), name="second-starts", daemon=True)
        self._thread.start()

    def stop_listening(self) -> None:
        """Take no more calls; who calls now waits until this run has ended."""
        self._stopping.set()
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError):
                if sys.platform == "win32":  # a call of our own wakes the waiting thread; closing does not do so surely
                    socket.create_connection(server.getsockname(), MESSAGE_S).close()
                server.shutdown(socket.SHUT_RDWR)  # on Linux this, and not closing, wakes the waiting thread
            server.close()
        if self._thread is not None:
            self._thread.join(ANSWER_S)

    def release(self) -> None:
        """Say that this run ended properly, and let the next one in. Harmless when it is not the first."""
        self.stop_listening()
        file, self._file = self._file, None
        if file is None:
            return
        with contextlib.suppress(OSError):
            os.ftruncate(file, 0)
            if sys.platform != "win32":
                self._path.unlink(missing_ok=True)
        os.close(file)
        if sys.platform == "win32":
            with contextlib.suppress(OSError):  # another start has it open already; an empty file names nobody
                self._path.unlink(missing_ok=True)

    def _acquire(self, crash_bytes: int) -> bool:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        if not (try_guard(file) and self._is_current(file)):
            os.close(file)
            return False
        if sys.platform != "win32":
            os.fchmod(file, 0o600)
        self._file = file
        before = _read(self._path)
        self.left = before if before.process else None
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        try:
            self._write(Running(os.getpid(), _host(), _user(), now, crash_bytes, 0, os.urandom(16).hex()))
        except OSError:  # a full disk: nobody could find us
            self.release()
            raise
        return True

    def _is_current(self, file: int) -> bool:
        # the run before may have removed the file between our opening and locking it
        try:
            return sys.platform == "win32" or os.fstat(file).st_ino == self._path.stat().st_ino
        except FileNotFoundError:
            return False

    def _write(self, running: Running) -> None:
        assert self._file is not None  # noqa: S101 - only the holder writes
        self._running = running
        content = json.dumps(asdict(running), ensure_ascii=False).encode()
        os.lseek(self._file, 0, os.SEEK_SET)
        os.ftruncate(self._file, 0)
        os.write(self._file, content)

    def _serve(self, server: socket.socket, show: Callable[[str], bool]) -> None:
        while not self._stopping.is_set():
            try:
                line, _ = server.accept()
            except OSError as error:
                if not self._stopping.is_set():
                    logger.warning("second starts do not reach this window any more: %s", error)
                return
            with line, contextlib.suppress(OSError):  # whoever called has gone: nobody waits for an answer
                address = self._understood(_received(line))
                if address is not None and show(address):
                    line.sendall(_SHOWN)

    def _understood(self, message: bytes) -> str | None:
        """Return the address of "show this book", or `None` for anything else."""
        from hmac import compare_digest

        try:
            content = json.loads(message)
        except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError; brackets without end go too deep
            content = None
        if not isinstance(content, dict) or set(content) != {"secret", "show"}:
            return None
        secret, address = content["secret"], content["show"]
        known = self._running.secret.encode()
        if not isinstance(secret, str) or not compare_digest(secret.encode("utf-8", "replace"), known):
            return None
        if not isinstance(address, str) or len(address) > MAX_ADDRESS or any(ord(sign) < 32 for sign in address):
            return None
        return address


def _received(line: socket.socket) -> bytes:
    """Return one line, without its end; what is too long or too slow is cut off and then not understood."""
    deadline = time.monotonic() + MESSAGE_S
    message = b""
    while b"\n" not in message and len(message) <= MAX_MESSAGE_BYTES:
        line.settimeout(max(deadline - time.monotonic(), 0.001))
        piece = line.recv(65536)
        if not piece:
            break
        message += piece
    line.settimeout(MESSAGE_S)
    return message.partition(b"\n")[0]


def _hand_over(other: Running, address: str) -> Claim | None:
    """Ask the other run to show the address; `None` when it does not listen (yet, or any more)."""
    message = json.dumps({"secret": other.secret, "show": address}).encode() + b"\n"
    _let_into_foreground(other.process)
    try:
        with socket.create_connection(("127.0.0.1", other.port), ANSWER_S) as line:
            line.sendall(message)
            return Claim.SHOWN if line.recv(len(_SHOWN)) == _SHOWN else None
    except TimeoutError:
        return Claim.SILENT
    except OSError:
        return None


def _let_into_foreground(process: int) -> None:
    """Windows lets only the program a person works with bring a window forward: pass that right on."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(process)


def _read(path: Path) -> Running:
    """Return what the file says; of a file that is not there, empty, or half written: nothing."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        fields = {name: content[name] for name in Running.__dataclass_fields__}
        kinds = {name: type(value) for name, value in asdict(Running()).items()}
    except (OSError, ValueError, TypeError, KeyError):
        return Running()
    return Running(**fields) if all(type(fields[name]) is kind for name, kind in kinds.items()) else Running()


def _host() -> str:
    if sys.platform == "win32":
        return os.environ.get("COMPUTERNAME", "")
    return os.uname().nodename


def _user() -> str:
    return os.environ.get("USERNAME", "") if sys.platform == "win32" else str(os.getuid())
