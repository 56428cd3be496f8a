"""`serve`: one process for people's browsers, other desks' windows and other programs; no window."""

from __future__ import annotations

import functools
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import waitress  # type: ignore[import-untyped]

from app.kernel.errors import EnvironmentFault
from app.kernel.text import message
from app.logs import start_logs, stop_logs
from app.settings import data_folder, load_settings
from app.storage.address import BookAddress, parse_address
from app.storage.database import Book
from app.web.keeping import keeper_of
from app.web.opening import StopRegister, open_for_serving
from app.web.refusing import shape_refusals
from app.web.server import MAX_BODY_BYTES, own_port, quiet_waitress, stop_waitress
from app.web.serving import Serving, served_site, serving_from

logger = logging.getLogger(__name__)

THREADS = 8
STOP_TIMEOUT_S = 10.0
LAST_BACKUP_LIMIT_S = 30.0
"""A service is killed some time after it was asked to stop; what is not backed up by then is at the next start."""


def serve(
    address: str | BookAddress,
    host: str = "127.0.0.1",
    port: int = 5000,
    password: str | None = None,
    *,
    announce: Callable[[str], object] | None = None,
    backup_folder: Path | None = None,
    serving: Serving | None = None,
) -> int:
    """Serve a book until SIGTERM, SIGINT or Ctrl+Break, then let running requests finish; return the exit code.

    `announce` gets the address once the server answers; without it, it is printed. The log goes to standard error, too.
    Kept backups go below `backup_folder`, without it where the settings of this person on this computer say.
    Without `serving` the environment says how it is set up.
    Raises as `open_for_serving`, and `EnvironmentFault` (`port_taken`) when the address cannot be listened on.
    """
    parsed = parse_address(address, password) if isinstance(address, str) else address
    say = announce or functools.partial(print, flush=True)
    stopping = threading.Event()
    with StopRegister() as stops:
        _start_logs(stops)
        book = open_for_serving(parsed, stops)
        _keep_backups(book, stops, backup_folder)
        site = served_site(book, serving or serving_from(), stops)
        bound = _listen(host, port)
        stops.push("socket", bound.close)
        quiet_waitress()
        server = waitress.create_server(
            site,
            sockets=[bound],
            threads=THREADS,
            ident=None,
            max_request_body_size=MAX_BODY_BYTES,
            clear_untrusted_proxy_headers=True,
        )
        shape_refusals(server)
        thread = threading.Thread(target=server.run, name="zhangfang-serve", daemon=False)
        previous = _on_signals(stopping.set)
        thread.start()
        stops.push("server", lambda: stop_waitress(server, thread, STOP_TIMEOUT_S))
        stops.push("signals", lambda: _restore(previous))
        shown = f"[{host}]" if ":" in host else host
        say(f"http://{shown}:{bound.getsockname()[1]}")
        while not stopping.wait(timeout=1.0):  # with a timeout, so that Windows hands over Ctrl+C
            if not thread.is_alive():
                logger.error("the server thread ended by itself")
                return 1
    return 0


def _keep_backups(book: Book, stops: StopRegister, folder: Path | None) -> None:
    """Keep backups while the book is served and at the end; here, whoever started the server decides, not who works."""
    keeper = keeper_of(book)
    if folder is not None:
        keeper.settings = lambda: replace(load_settings(), backup_folder=str(folder))
    keeper.may_by_itself = True
    keeper.closing_limit_s = LAST_BACKUP_LIMIT_S
    keeper.start()
    stops.push("kept backup", keeper.at_closing)


def _start_logs(stops: StopRegister) -> None:
    try:
        start_logs(data_folder() / "logs", console=True)
    except OSError as error:  # a server in a container may have no folder of its own
        logger.warning("no log file: %s", error)
        return
    stops.push("log", stop_logs)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        own_port(bound)
        bound.bind((host, port))
        bound.listen(128)
    except OSError as error:
        bound.close()
        raise EnvironmentFault(
            "port_taken", message("{host} 的端口 {port} 用不了：可能已被别的程序占用。", host=host, port=port)
        ) from error
    return bound


def _on_signals(act: Callable[[], object]) -> dict[int, Any]:
    def handle(_number: int, _frame: FrameType | None) -> None:
        act()

    if threading.current_thread() is not threading.main_thread():
        return {}
    numbers = [signal.SIGTERM, signal.SIGINT]
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)  # Ctrl+Break, and what one program sends to stop another
    return {number: signal.signal(number, handle) for number in numbers}


def _restore(previous: dict[int, Any]) -> None:
    for number, handler in previous.items():
        signal.signal(number, handler)
