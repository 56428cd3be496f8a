"""The log, and what happens to errors nobody caught."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import sys
import threading
from pathlib import Path

from app.logs import start_logs
from app.settings import data_folder
from app.version import PROGRAM, VERSION

logger = logging.getLogger(__name__)

SWITCH_INTERVAL_S = 0.0005
"""How soon a busy thread lets another run: with Python's default of 5 ms a call from window to server takes 12 ms."""


def log_folder() -> Path:
    """Return where the log lies."""
    return data_folder() / "logs"


def start_diagnostics() -> None:
    """Begin to note what happens: crashes of the interpreter, uncaught exceptions of any thread, the log."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    try:
        start_logs(log_folder())
        crashes = (log_folder() / "crash.log").open("a", encoding="utf-8")
    except OSError as error:  # the program is of more use without a log than not at all
        print(f"{PROGRAM}: no log: {error}", file=sys.stderr)  # noqa: T201
        with contextlib.suppress(OSError, ValueError, AttributeError):  # a stream that has no file
            faulthandler.enable()
        return
    faulthandler.enable(crashes)
    logger.info("%s %s, Python %s on %s", PROGRAM, VERSION, sys.version.split()[0], sys.platform)


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: object) -> None:
    del kind, trace
    logger.critical("uncaught", exc_info=error)


def _log_uncaught_in_thread(uncaught: threading.ExceptHookArgs) -> None:
    if uncaught.exc_value is not None:
        logger.critical("uncaught in thread %s", getattr(uncaught.thread, "name", "?"), exc_info=uncaught.exc_value)
