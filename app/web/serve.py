"""`serve`: one process for people's browsers, other desks' windows and other programs; no window."""

from __future__ import annotations

import errno
import functools
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import waitress  # type: ignore[import-untyped]

from app.kernel.errors import EnvironmentFault
from app.kernel.text import message
from app.logs import start_console_logs, start_logs, stop_logs
from app.settings import data_folder
from app.storage.address import BookAddress, parse_address
from app.web.front import Front
from app.web.looking_after import look_after
from app.web.opening import StopRegister, open_for_serving
from app.web.refusing import shape_refusals, spare_threads_for_probes
from app.web.server import MAX_BODY_BYTES, WAITING_ANSWER_BYTES, own_port, quiet_waitress, stop_waitress
from app.web.serving import Serving, served_site, serving_from
from app.web.waitress_arrivals import HAS_POLL, MOST_CONNECTIONS, let_go_of_the_slow

logger = logging.getLogger(__name__)

THREADS = 8
MAX_HEADER_BYTES = 32 << 10
STOP_TIMEOUT_S = 10.0
FIRST_FREE_PORT = 1024
"""Ports below it belong to the system's administrator."""
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
    Raises as `open_for_serving` and `Serving.check`, and `EnvironmentFault` (`port_taken`, `address_not_here`, …) when
    the address cannot be listened on.
    """
    parsed = parse_address(address, password) if isinstance(address, str) else address
    settings = serving or serving_from()
    settings.check()
    with StopRegister() as stops:
        start_server_logs(stops, settings.log_format)
        book = open_for_serving(parsed, stops)
        look_after(book, stops, backup_folder, LAST_BACKUP_LIMIT_S)
        return answer_until_stopped(served_site(book, settings, stops), host, port, stops, announce)


def answer_until_stopped(
    site: Front,
    host: str,
    port: int,
    stops: StopRegister,
    announce: Callable[[str], object] | None = None,
    threads: int = THREADS,
) -> int:
    """Let waitress answer until SIGTERM, SIGINT or Ctrl+Break; running requests finish when `stops` is run.

    Returns the exit code. Raises `EnvironmentFault` (`port_taken`).
    """
    say = announce or functools.partial(print, flush=True)
    stopping = threading.Event()
    bound = _listen(host, port)
    stops.push("socket", bound.close)
    server, lanes = _waitress(site, bound, threads)
    thread = threading.Thread(target=server.run, name="zhangfang-serve", daemon=False)
    previous = on_signals(stopping.set)
    thread.start()
    stops.push("probes", lambda: [lane.shutdown(timeout=1) for lane in lanes])
    stops.push("server", lambda: stop_waitress(server, thread, STOP_TIMEOUT_S))
    stops.push("signals", lambda: restore_signals(previous))
    stops.push("readiness", site.readiness.stop)
    shown = f"[{host}]" if ":" in host else host
    say(f"http://{shown}:{bound.getsockname()[1]}")
    while not stopping.wait(timeout=1.0):  # with a timeout, so that Windows hands over Ctrl+C
        if not thread.is_alive():
            logger.error("the server thread ended by itself")
            return 1
    return 0


def _waitress(site: Front, bound: socket.socket, threads: int) -> tuple[Any, list[Any]]:
    """Return the server on a socket of ours, and the spare threads for its probes."""
    quiet_waitress()
    server = waitress.create_server(
        site,
        sockets=[bound],
        threads=threads,
        ident=None,
        max_request_body_size=MAX_BODY_BYTES,
        max_request_header_size=MAX_HEADER_BYTES,
        outbuf_high_watermark=WAITING_ANSWER_BYTES,
        connection_limit=MOST_CONNECTIONS,
        asyncore_use_poll=HAS_POLL,
        clear_untrusted_proxy_headers=False,  # `TrustedProxies` decides what is believed, and removes the rest
    )
    shape_refusals(server)
    let_go_of_the_slow(server)
    return server, spare_threads_for_probes(server)


def start_server_logs(stops: StopRegister, form: str) -> None:
    """Send the log to its file and to standard error; only there where it can have no file."""
    try:
        start_logs(data_folder() / "logs", console=True, form=form)
    except OSError as error:  # a server in a container may have no folder of its own
        start_console_logs(form=form)
        logger.warning("no log file: %s", error)
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
        raise not_listening(error, host, port) from error
    return bound


def not_listening(error: OSError, host: str, port: int) -> EnvironmentFault:
    """Return why an address cannot be listened on: this computer does not have it, or the port is somebody else's."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        sentence = message("“{host}”不是这台电脑的地址：--host 只能写这台电脑自己的地址，或者 0.0.0.0。", host=host)
        return EnvironmentFault("address_not_here", sentence)
    if error.errno == errno.EACCES and port < FIRST_FREE_PORT:
        sentence = message("没有权限使用端口 {port}：请用 --port 换一个 1024 以上的端口。", port=port)
        return EnvironmentFault("port_refused", sentence)
    return EnvironmentFault(
        "port_taken", message("{host} 的端口 {port} 用不了：可能已被别的程序占用。", host=host, port=port)
    )


def on_signals(act: Callable[[], object]) -> dict[int, Any]:
    """Do something when the system or a person asks to stop; return what was done until now."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        act()

    if threading.current_thread() is not threading.main_thread():
        return {}
    numbers = [signal.SIGTERM, signal.SIGINT]
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)  # Ctrl+Break, and what one program sends to stop another
    elif signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # `nohup` wants to outlive the terminal
        numbers.append(signal.SIGHUP)
    return {number: signal.signal(number, handle) for number in numbers}


def restore_signals(previous: dict[int, Any]) -> None:
    """Do again what was done before `on_signals`."""
    for number, handler in previous.items():
        signal.signal(number, handler)
