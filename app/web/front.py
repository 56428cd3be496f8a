"""What stands before every application of a served process, whatever book it is of.

In this order: whose word is believed, a name for the request, the probes; then the application, and one line about it
in the log when its answer is done.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from app.http.errors import RETRY_AFTER_S
from app.logs import request_id
from app.web.factory import CALLER
from app.web.probes import HEALTH, PROBES, Verdict
from app.web.proxies import REQUEST_ID, Environ, TrustedProxies
from app.web.refusing import QUIET_HEADERS, shaped_body

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication

logger = logging.getLogger("app.web.access")

REQUEST_ID_HEADER = "X-Request-Id"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
MAX_LOGGED_PATH = 500


class Readiness(Protocol):
    """Tells whether a process can work now."""

    def ask(self) -> Verdict | None:
        """Return why it cannot, or `None`; within a bounded time."""

    def stop(self) -> None:
        """Be ready no more."""


class Front:
    """The one WSGI application a server process hands to waitress or gunicorn."""

    def __init__(self, application: WSGIApplication, proxies: TrustedProxies, readiness: Readiness) -> None:
        """Take what answers behind it."""
        self.application = application
        self.proxies = proxies
        self.readiness = readiness

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        began_ns = time.monotonic_ns()
        self.proxies.settle(environ)
        given = str(environ.pop(REQUEST_ID, ""))
        name = given if _ID.fullmatch(given) else secrets.token_hex(8)
        environ[REQUEST_ID] = name  # for a gateway that passes the request on
        request_id.set(name)
        exchange = _Exchange(environ, start_response, began_ns, name)
        is_probe = environ.get("PATH_INFO") in PROBES and environ.get("REQUEST_METHOD") in {"GET", "HEAD"}
        try:
            body = self._probe(environ, exchange.start) if is_probe else self.application(environ, exchange.start)
        except BaseException:
            exchange.done()
            raise
        return _Answer(body, exchange.done)

    def _probe(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        headers = [("Content-Type", "application/json"), *QUIET_HEADERS]
        verdict = None if environ["PATH_INFO"] == HEALTH else self.readiness.ask()
        if verdict is None:
            status, body = "200 OK", b'{"status":"ok"}'
        else:
            status = "503 Service Unavailable"
            body = shaped_body(verdict.code, verdict.sentence, environ.get("HTTP_ACCEPT_LANGUAGE"))
            headers.append(("Retry-After", str(RETRY_AFTER_S)))
        headers.append(("Content-Length", str(len(body))))
        start_response(status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


class _Exchange:
    """One request and what is to be said about it."""

    def __init__(self, environ: Environ, start_response: StartResponse, began_ns: int, name: str) -> None:
        self._environ = environ
        self._start_response = start_response
        self._began_ns = began_ns
        self._name = name
        self._status = 0

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None) -> Any:
        """Name the request in the head of the answer."""
        self._status = int(status[:3])
        headers = [*headers, (REQUEST_ID_HEADER, self._name)]
        return self._start_response(status, headers, exc_info) if exc_info else self._start_response(status, headers)

    def done(self) -> None:
        """Write the line about it; probes get none, for they come every few seconds for ever."""
        environ = self._environ
        duration_ms = (time.monotonic_ns() - self._began_ns) // 1_000_000
        path = _readable(str(environ.get("SCRIPT_NAME", "")) + str(environ.get("PATH_INFO", "")))
        fields = {
            "method": _readable(str(environ.get("REQUEST_METHOD", ""))),
            "path": path,
            "status": self._status,
            "duration_ms": duration_ms,
            "user_id": environ.get(CALLER),
            "address": str(environ.get("REMOTE_ADDR", "")),
        }
        level = logging.DEBUG if path in PROBES and self._status < 400 else logging.INFO
        logger.log(
            level,
            "%(method)s %(path)s %(status)d %(duration_ms)d ms user=%(user_id)s from=%(address)s",
            fields,
            extra={"fields": fields},
        )
        request_id.set("")


class _Answer:
    """The body of an answer; the server closes it when it has been sent, or cannot be."""

    def __init__(self, body: Iterable[bytes], done: Callable[[], None]) -> None:
        self._body = body
        self._done = done

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """Close what was answered with, and end the request."""
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            self._done()


def _readable(text: str) -> str:
    """Return what the wire brought as one line of text: nobody writes lines of his own into the log."""
    decoded = text.encode("latin-1", "replace").decode("utf-8", "replace")
    return _UNPRINTABLE.sub("?", decoded)[:MAX_LOGGED_PATH]
