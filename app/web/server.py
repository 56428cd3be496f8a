"""The desktop's server: waitress in a thread of its own, on a socket we bound ourselves."""

from __future__ import annotations

import logging
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import waitress  # type: ignore[import-untyped]
from waitress import wasyncore

from app.kernel.errors import EnvironmentFault
from app.kernel.text import message
from app.web.refusing import shape_refusals
from app.web.waitress_arrivals import HAS_POLL, MOST_CONNECTIONS, let_go_of_the_slow

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
THREADS = 6
STOP_TIMEOUT_S = 5.0
IDLE_S = 3600
"""Our window keeps its connections while nobody sits before it."""
MAX_BODY_BYTES = 9 << 20
"""A little over the largest body a route takes, so that the refusal is the application's own sentence."""
WAITING_ANSWER_BYTES = 4 << 20
"""What of an answer waits for a slow caller before its thread does. Waitress keeps up to twice as much in memory and
fills a new buffer each time as much was sent; its own 16 MiB made a server grow by 50 MB over one large download."""


def own_port(bound: socket.socket) -> None:
    """Let nobody else share the port; elsewhere than on Windows, let a restart have it at once.

    waitress sets SO_REUSEADDR on every socket, which on Windows would let other programs steal the port.
    """
    if sys.platform == "win32":
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def quiet_waitress() -> None:
    """Keep waitress from warning each time a request waits a moment for a free thread."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def stop_waitress(server: Any, thread: threading.Thread, timeout_s: float) -> bool:
    """Take no new connection, let what was asked be answered (bounded), end the loop's thread; tell whether it ended.

    Sockets are closed by the loop's own thread: closed from another, the loop fails on bad descriptors. It waits
    until the trigger has been pulled, for that is a pipe: a loop already awake would close it under our hand.
    """
    deadline = time.monotonic() + timeout_s
    server.stopping.set()
    server.trigger.pull_trigger(lambda: _close_idle(server))
    while _is_answering(server) and time.monotonic() < deadline:
        time.sleep(0.01)
    server.task_dispatcher.shutdown(timeout=max(0.1, deadline - time.monotonic()))
    pulled = threading.Event()

    def close_all() -> None:
        pulled.wait(timeout_s)
        wasyncore.close_all(server._map)  # noqa: SLF001 - waitress has no name for it

    server.trigger.pull_trigger(close_all)
    pulled.set()
    thread.join(timeout_s)
    if thread.is_alive():
        logger.error("the server thread did not end within %.0f s", timeout_s)
        return False
    return True


def _close_idle(server: Any) -> None:
    """Close the listening socket, and the connections on which nothing is asked; the loop's thread does this."""
    wasyncore.dispatcher.close(server)
    for channel in list(server.active_channels.values()):
        if not channel.requests and not channel.total_outbufs_len:
            channel.will_close = True


def _is_answering(server: Any) -> bool:
    """Tell whether an answer is under way: being made, or not yet sent as a whole."""
    return any(channel.requests or channel.total_outbufs_len for channel in list(server.active_channels.values()))


class LocalServer:
    """One server on 127.0.0.1. `bind`, `start`, `stop`, in this order; `stop` may be called at any time and again."""

    def __init__(self) -> None:
        """Nothing is opened yet."""
        self._socket: socket.socket | None = None
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self.port = 0

    @property
    def is_running(self) -> bool:
        """Tell whether the server thread is alive."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def url(self) -> str:
        """Return `http://127.0.0.1:<port>`."""
        return f"http://{ADDRESS}:{self.port}"

    def bind(self, port: int = 0) -> int:
        """Take a free port, or the given one, in the caller's thread; return it. Raises `EnvironmentFault`."""
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            own_port(bound)
            bound.bind((ADDRESS, port))
            bound.listen(64)
        except OSError as error:
            bound.close()
            raise EnvironmentFault(
                "port_taken",
                message("端口 {port} 已被别的程序占用，请在设置里换一个。", port=port)
                if port
                else message("打不开本机的网络端口，请检查防火墙或安全软件。"),
            ) from error
        self._socket = bound
        self.port = bound.getsockname()[1]
        return self.port

    def start(self, app: WSGIApplication) -> None:
        """Serve the application from now on, in a thread of its own."""
        if self._socket is None or self._thread is not None:
            raise RuntimeError("bind first, and start once")
        quiet_waitress()
        self._server = waitress.create_server(
            app,
            sockets=[self._socket],
            threads=THREADS,
            ident=None,
            max_request_body_size=MAX_BODY_BYTES,
            outbuf_high_watermark=WAITING_ANSWER_BYTES,
            channel_timeout=IDLE_S,
            connection_limit=MOST_CONNECTIONS,
            asyncore_use_poll=HAS_POLL,
            clear_untrusted_proxy_headers=True,
        )
        shape_refusals(self._server)
        let_go_of_the_slow(self._server, IDLE_S)
        self._thread = threading.Thread(target=self._run, name="zhangfang-server", daemon=False)
        self._thread.start()
        logger.info("serving on port %d", self.port)

    def _run(self) -> None:
        try:
            self._server.run()
        finally:
            logger.info("server thread ends")

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        """Let running requests finish (bounded), close all connections, end the thread; tell whether it ended."""
        server, thread = self._server, self._thread
        if server is not None and thread is not None and thread.is_alive():
            if not stop_waitress(server, thread, timeout_s):
                return False
        elif self._socket is not None:
            self._socket.close()
        self._socket = self._server = self._thread = None
        return True
