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

CRASH_FILE = "crash.log"
"""What faulthandler writes when the interpreter itself dies; beside the log."""
SWITCH_INTERVAL_S = 0.0005
"""How soon a busy thread lets another run: with Python's default of 5 ms a call from window to server takes 12 ms."""


def log_folder() -> Path:
    """Return where the log lies."""
    return data_folder() / "logs"


def start_diagnostics() -> OSError | None:
    """Begin to note what happens: crashes of the interpreter, uncaught exceptions of any thread, the log.

    Returns why there is no log, where there is none: the program is of more use without one than not at all.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    try:
        start_logs(log_folder())
        crashes = (log_folder() / CRASH_FILE).open("a", encoding="utf-8")
    except OSError as error:
        with contextlib.suppress(OSError, ValueError, AttributeError):  # a stream that is closed or has no file
            sys.stderr.write(f"{PROGRAM}: no log: {error}\n")
            faulthandler.enable()
        return error
    faulthandler.enable(crashes)
    logger.info("%s %s, Python %s on %s", PROGRAM, VERSION, sys.version.split()[0], sys.platform)
    return None


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: object) -> None:
    del kind, trace
    logger.critical("uncaught", exc_info=error)


def _log_uncaught_in_thread(uncaught: threading.ExceptHookArgs) -> None:
    if uncaught.exc_value is not None:
        logger.critical("uncaught in thread %s", getattr(uncaught.thread, "name", "?"), exc_info=uncaught.exc_value)
