"""The program's log: one rotating file, without secrets, also where there is no console.

A server may write one JSON object a line instead, and names in every line the request it was written for.
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
import re
import sys
import threading
import time
from contextvars import ContextVar
from pathlib import Path
from typing import Any

FILE_NAME = "zhangfang.log"
MAX_BYTES = 2_000_000
KEPT_FILES = 5
MASK = "***"
TEXT, JSON = "text", "json"
FORMATS = (TEXT, JSON)

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Names the request that is being handled; empty outside any."""

_SECRET_PATTERNS = (
    # a URL's password may itself hold "@", ":" and "/", so everything up to the last "@" of the word goes
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@\"']+:)\S*@"), rf"\1{MASK}@"),
    (re.compile(r"(\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1{MASK}"),
    (
        re.compile(
            r"([\"']?\b\w*(?:password|passwd|secret|token|authorization|api_key|密码|口令)\b[\"']?\s*[:=]\s*)"
            r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s,;&}]+)",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
)

_known_secrets: set[str] = set()
_known_lock = threading.Lock()


def hide_secret(text: str) -> None:
    """Mask this very text wherever it would appear in the log; call it with every token and password in use."""
    if len(text) >= 4:
        with _known_lock:
            _known_secrets.add(text)


def mask_secrets(text: str) -> str:
    """Return the text with passwords, tokens and known secrets replaced by `***`."""
    with _known_lock:
        known = sorted(_known_secrets, key=len, reverse=True)
    for secret in known:
        text = text.replace(secret, MASK)
    for pattern, replacement in _SECRET_PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class MaskingFormatter(logging.Formatter):
    """One line a record, UTC to the millisecond; secrets are masked in the message and in the traceback."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        """Take the one form of a line."""
        super().__init__("%(asctime)s %(levelname)s %(threadName)s %(name)s%(request)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for the log."""
        now = request_id.get()
        record.request = f" [{now}]" if now else ""
        return mask_secrets(super().format(record))


class JsonFormatter(MaskingFormatter):
    """One JSON object a line; the `fields` a record was given stand beside its message. Secrets are masked as ever."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for the log."""
        line: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "thread": record.threadName,
            "process": record.process,
            "message": mask_secrets(record.getMessage()),
        }
        if now := request_id.get():
            line["request_id"] = now
        for name, value in getattr(record, "fields", {}).items():
            line[name] = mask_secrets(value) if isinstance(value, str) else value
        if record.exc_info:
            line["exception"] = mask_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class _RotatingFile(logging.handlers.RotatingFileHandler):
    """A rotating file that may be another process's, too: whoever comes second goes on in what is there."""

    def doRollover(self) -> None:  # noqa: N802 - logging's name
        """Set the full file aside; where another process just did, its file is the one to write to."""
        with contextlib.suppress(FileNotFoundError, PermissionError):
            super().doRollover()

    def rotate(self, source: str, dest: str) -> None:
        """Rename a full file; where Windows forbids it because another process writes to it, go on in the same file."""
        try:
            super().rotate(source, dest)
        except PermissionError:
            return


def start_logs(folder: Path, level: int = logging.INFO, *, console: bool = False, form: str = TEXT) -> Path:
    """Send all log records to `folder/zhangfang.log` (2 MB, five older ones kept); return its path.

    With `console` they go to standard error, too, if there is one: a windowed program has none. `form` is one of
    `FORMATS`. Called again, it moves the log. Raises `OSError` when the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    file = _RotatingFile(path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8")
    _install([file, *(_console() if console else [])], level, form)
    return path


def start_console_logs(level: int = logging.INFO, *, form: str = TEXT) -> None:
    """Send all log records to standard error only: where several processes log, or where there is no folder for it."""
    _install(_console(), level, form)


def _console() -> list[logging.Handler]:
    return [] if sys.stderr is None else [logging.StreamHandler(sys.stderr)]


def _install(handlers: list[logging.Handler], level: int, form: str) -> None:
    stop_logs()
    root = logging.getLogger()
    root.setLevel(level)
    # peewee logs every statement with its parameters at DEBUG: too much, and not ours to keep
    logging.getLogger("peewee").setLevel(logging.INFO)
    for handler in handlers:
        handler.set_name("zhangfang")
        handler.setFormatter(JsonFormatter() if form == JSON else MaskingFormatter())
        root.addHandler(handler)
    logging.captureWarnings(True)


def stop_logs() -> None:
    """Write out and close what `start_logs` opened. Harmless when nothing is open."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if handler.get_name() == "zhangfang"]:
        root.removeHandler(handler)
        handler.close()
    logging.captureWarnings(False)
