"""How gunicorn's workers serve our application: its lines in our log, its own refusals in our shape, a whole stop.

gunicorn is there only where a server is set up, so it is imported when its settings file asks for these classes.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Any

from app.http.errors import protocol_sentence
from app.kernel.errors import MalformedInput, ZhangfangError
from app.logs import start_console_logs
from app.web.refusing import QUIET_HEADERS, shaped_body
from app.web.services import chosen_services
from app.web.serving import LOG_FORMAT, serving_from

PASSING_FAULTS = frozenset({"database_away", "database_busy"})
BOOT_PAUSE_S = 1.0
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT)
BOOT_ERROR = 3
"""With this exit code gunicorn does not start the worker again and again."""


def count_from(variable: str, usual: int) -> int:
    """Return how many of something the environment wants, at least one. Ends the program for what is no such number."""
    text = os.environ.get(variable, "").strip() or str(usual)
    if not text.isdecimal() or int(text) < 1:
        sys.exit(f"{variable}: {text!r} is not a number from 1 up")  # in the settings file, before there is a log
    return int(text)


def keep_signals_while_forking() -> None:
    """Let no worker miss that it is to end, from now on in all forks of this process.

    Until a new worker has handlers of its own it has those of the process that starts workers: a signal would be noted
    in a queue nobody reads, and that process would wait for the worker until its patience (`graceful_timeout`) ends.
    So the signals are held back from before the fork until the worker is ready for them.
    """
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING_SIGNALS),
    )


def import_before_forking() -> None:
    """Import what the chosen services are made of once, before the workers are forked: each then starts at once.

    The application is made in the workers, which open the book after the fork. They say, too, what is wrong with the
    settings.
    """
    with suppress(MalformedInput):
        for service in chosen_services(serving_from().services):
            for name in service.slices:
                importlib.import_module(name)
    gc.freeze()  # a search for garbage would write into memory that all workers share


def end_for_one_reason(arbiter: Any) -> None:
    """Let the process that starts workers end in order when several of them cannot start, too.

    gunicorn ends for the first one, and meanwhile trips over the next: a traceback, and another exit code.
    """
    from gunicorn.errors import HaltServer

    reap = arbiter.reap_workers
    reasons: list[HaltServer] = []

    def reap_workers() -> None:
        while True:
            try:
                return reap()  # type: ignore[no-any-return]
            except HaltServer as reason:
                reasons.append(reason)
                if len(reasons) == 1:
                    raise

    arbiter.reap_workers = reap_workers


class OneVoice:
    """Lets one of several processes say what all of them would: they are forked after this was made."""

    def __init__(self) -> None:
        """Leave one word in a pipe all forks have."""
        self._word, leave = os.pipe()
        os.set_blocking(self._word, False)
        os.write(leave, b"!")
        os.close(leave)

    def may_speak(self) -> bool:
        """Take the word; tell whether it was still there."""
        return os.read(self._word, 1) != b""


def worker_class() -> type:
    """Return gunicorn's worker with threads, fitted to our application."""
    from gunicorn.http import errors
    from gunicorn.util import write_nonblock

    from app.web.gunicorn_arrivals import ArrivingWorker

    voice = OneVoice()
    known = {errors.LimitRequestLine: 414, errors.LimitRequestHeaders: 431, errors.UnsupportedTransferCoding: 501}

    class Worker(ArrivingWorker):
        """A worker that says why it cannot start, refuses in the one shape, and tells when it stops."""

        wsgi: Any = None
        """What answers, once the book is open."""

        def init_signals(self) -> None:
            """Take the signals from here on, those that were held back since the fork first."""
            super().init_signals()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING_SIGNALS)

        def load_wsgi(self) -> None:
            """Open the book; all workers say once why they cannot, and none tries again unless waiting helps."""
            try:
                super().load_wsgi()
            except ZhangfangError as refusal:
                if refusal.code in PASSING_FAULTS:  # a worker begun anew while the database is away: it will be back
                    self.log.warning("the book cannot be opened now: %s", refusal.code)
                    threading.Event().wait(BOOT_PAUSE_S)
                    raise SystemExit(1) from refusal
                if voice.may_speak():
                    self.log.critical("cannot serve the book: %s: %s", refusal.code, refusal)
                raise SystemExit(BOOT_ERROR) from refusal

        def handle_exit(self, sig: int, frame: Any) -> None:
            """Be ready no more, then end as ever: what was asked is answered."""
            if self.wsgi is not None:  # asked to stop before the book was open
                self.wsgi.readiness.stop()
            super().handle_exit(sig, frame)

        def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
            """Refuse what never reached the application; nothing of what came is said again."""
            del req
            ours = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName, errors.ConfigurationProblem)
            is_callers = isinstance(exc, errors.ParseException) and not isinstance(exc, ours)
            status = next((known[kind] for kind in known if isinstance(exc, kind)), 400) if is_callers else 500
            address = addr[0] if addr else ""
            if is_callers:
                self.log.warning("a request from %s that is none: %s", address, type(exc).__name__)
            else:
                self.log.error("a request from %s failed", address, exc_info=exc)
            try:
                write_nonblock(client, refusal_bytes(status))
            except OSError as gone:
                self.log.debug("nobody hears that it was refused: %s", gone)

    return Worker


def logger_class() -> type:
    """Return gunicorn's log, written by ours: one format, secrets masked, no line twice."""
    from gunicorn.glogging import Logger

    class RootLogger(Logger):  # type: ignore[misc]
        """Hands everything on to the root logger; our application writes the line about each request itself."""

        def setup(self, cfg: Any) -> None:
            """Start our log, in the process that starts the workers, too."""
            start_console_logs(form=os.environ.get(LOG_FORMAT, "").strip() or "text")
            self.cfg = cfg
            self.loglevel = logging.getLevelNamesMapping().get(cfg.loglevel.upper(), logging.INFO)
            self.error_log.setLevel(self.loglevel)
            self.error_log.propagate = True
            self._access_log_enabled = False

        def reopen_files(self) -> None:
            """Do nothing: there are no files."""

    return RootLogger


def refusal_bytes(status: int) -> bytes:
    """Return a whole answer in the one error shape, in Chinese: nothing the caller said can be relied on."""
    code, sentence = protocol_sentence(status)
    body = shaped_body(code, sentence, None)
    lines = [
        f"HTTP/1.1 {status} {_REASONS.get(status, 'Refused')}",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in QUIET_HEADERS),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


_REASONS = {
    400: "Bad Request",
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
}
