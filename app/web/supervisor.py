"""`services`: the four services and the gateway before them, each a process of its own; one log, one stop.

Under Linux each is gunicorn where that is installed, else waitress (`serve` and `gateway` of this same program). What
happens once for a book, its upgrade first of all, has happened before any of them starts.
"""

from __future__ import annotations

import functools
import importlib.util
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from app.kernel.errors import EnvironmentFault
from app.kernel.text import Message, message
from app.logs import start_console_logs, stop_logs
from app.storage.address import BookAddress
from app.web.children import Child, Plan, Relay, wait_for
from app.web.gateway import settings as gateway_settings
from app.web.gateway.answers import name_of
from app.web.gateway.settings import LOCAL, Place
from app.web.gateway.upstream import is_ready
from app.web.opening import StopRegister, open_for_serving
from app.web.serve import not_listening, on_signals, restore_signals
from app.web.server import own_port
from app.web.services import SERVICES
from app.web.serving import ALLOWED_HOSTS, BOOK, BOOKS, LOG_FORMAT, TRUSTED_PROXIES, Serving
from app.web.serving import SERVICES as SERVICES_VARIABLE
from app.web.wsgi import BACKUP_FOLDER
from app.web.wsgi import PASSWORD as DATABASE_PASSWORD

logger = logging.getLogger(__name__)

GATEWAY = "gateway"
READY_LIMIT_S = 120.0
GATEWAY_STOP_S = 20.0
SERVICES_STOP_S = 50.0
"""A service answers what it was asked and makes a last backup."""
LOOK_EVERY_S = 0.2
_ROOT = Path(__file__).resolve().parents[2]
_GUNICORN_SETTINGS = _ROOT / "build" / "server" / "gunicorn.conf.py"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the gateway listens, and each service behind it."""

    gateway: Place
    services: Mapping[str, Place]


def lay_out(host: str, port: int) -> Layout:
    """Choose the ports: the gateway's and the four after it, or with 0 free ones; whoever has one is said at once.

    Raises `EnvironmentFault` (`port_taken`, `address_not_here`, …).
    """
    hosts = [host, *[LOCAL] * len(SERVICES)]
    with ExitStack() as stack:
        found, taken = [], []
        for offset, wanted in enumerate(hosts):
            bound = _bound(wanted, port + offset if port else 0)
            if bound is None:
                taken.append(str(port + offset))
            else:
                stack.callback(bound.close)
                found.append(bound.getsockname()[1])
        if taken:
            raise EnvironmentFault(
                "port_taken",
                message("端口 {ports} 用不了：可能已被别的程序占用。请用 --port 换一组端口。", ports="、".join(taken)),
            )
    places = {service.name: Place(LOCAL, number) for service, number in zip(SERVICES, found[1:], strict=True)}
    return Layout(Place(host, found[0]), places)


def _bound(host: str, port: int) -> socket.socket | None:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        own_port(bound)
        bound.bind((host, port))
        bound.listen(1)
    except OSError as error:
        bound.close()
        fault = not_listening(error, host, port)
        if fault.code != "port_taken":
            raise fault from error
        return None
    return bound


class Supervisor:
    """Keeps the processes running until it is told to stop."""

    def __init__(self, plans: Sequence[Plan], form: str) -> None:
        """Take the plans: the services', and last the gateway's."""
        relay = Relay(form)
        self.children = [Child(plan, relay) for plan in plans]
        self.stopping = threading.Event()

    def start(self) -> bool:
        """Start all and wait until each is ready; tell whether they are, or a stop was asked for meanwhile.

        Raises `EnvironmentFault` (`service_not_started`) when one ends before it ever was ready, or needs too long.
        """
        for child in self.children:
            child.start()
        waiting = list(self.children)
        deadline_s = time.monotonic() + READY_LIMIT_S

        def settled() -> bool:
            waiting[:] = [child for child in waiting if not is_ready(child.plan.place.reachable)]
            return not waiting or any(not child.is_running for child in waiting) or time.monotonic() > deadline_s

        wait_for(settled, READY_LIMIT_S + 5, self.stopping)
        if self.stopping.is_set():
            return False
        if waiting:
            failed = next((child for child in waiting if not child.is_running), waiting[0])
            raise EnvironmentFault(
                "service_not_started",
                message("“{service}”没有启动成功，原因见上面的日志。", service=shown_name(failed.plan.name)),
            )
        return True

    def keep(self) -> None:
        """Start anew what dies, until a stop is asked for."""
        while not self.stopping.wait(LOOK_EVERY_S):
            for child in self.children:
                child.look()

    def stop(self) -> None:
        """Stop the gateway, which lets its calls finish, then the services; bounded, what hangs is ended."""
        *services, gateway = self.children
        gateway.ask_to_stop()
        gateway.wait_until_stopped(time.monotonic() + GATEWAY_STOP_S)
        for child in services:
            child.ask_to_stop()
        deadline_s = time.monotonic() + SERVICES_STOP_S
        for child in services:
            child.wait_until_stopped(deadline_s)


def shown_name(name: str) -> Message:
    """Return what people call a process."""
    return message("网关") if name == GATEWAY else name_of(name)


def run_services(
    address: BookAddress,
    serving: Serving,
    *,
    host: str = LOCAL,
    port: int = 5000,
    backup_folder: Path | None = None,
    announce: Callable[[str], object] | None = None,
) -> int:
    """Run all services and the gateway until SIGTERM, SIGINT or Ctrl+Break; return the exit code.

    `announce` gets the gateway's address once all are ready; without it, it is printed. Raises as `lay_out`,
    `open_for_serving`, `Serving.check` and `Supervisor.start`.
    """
    serving.check()
    say = announce or functools.partial(print, flush=True)
    layout = lay_out(host, port)
    with StopRegister() as stops:
        start_console_logs(form=serving.log_format)
        stops.push("log", stop_logs)
        _open_once(address)
        supervisor = Supervisor(plans_for(address, serving, layout, backup_folder), serving.log_format)
        previous = on_signals(supervisor.stopping.set)
        stops.push("signals", lambda: restore_signals(previous))
        stops.push("processes", supervisor.stop)
        if supervisor.start():
            say(f"http://{layout.gateway}")
            supervisor.keep()
    return 0


def _open_once(address: BookAddress) -> None:
    """Upgrade the book, look whether it is one and has an owner, and let go of it again."""
    with StopRegister() as stops:
        open_for_serving(address, stops)


def plans_for(
    address: BookAddress,
    serving: Serving,
    layout: Layout,
    backup_folder: Path | None = None,
    *,
    gunicorn: bool | None = None,
) -> list[Plan]:
    """Return how each process is started, the gateway last."""
    book = str(address.path.absolute()) if address.path is not None else str(address)
    common = {
        **os.environ,
        BOOK: book,
        LOG_FORMAT: serving.log_format,
        ALLOWED_HOSTS: ",".join(serving.allowed_hosts),
        BOOKS: str(Path(serving.books).absolute()) if serving.books else "",
        BACKUP_FOLDER: str(backup_folder) if backup_folder is not None else "",
        "PYTHONUNBUFFERED": "1",
    }
    if address.password is not None:
        common[DATABASE_PASSWORD] = address.password
    with_gunicorn = has_gunicorn() if gunicorn is None else gunicorn
    plans = []
    for name, place in layout.services.items():
        own = {SERVICES_VARIABLE: name, TRUSTED_PROXIES: LOCAL}
        plans.append(_plan(name, place, common | own, _serve_command(book, name, place, backup_folder), with_gunicorn))
    upstreams = ",".join(f"{name}={place}" for name, place in layout.services.items())
    # the gateway knows neither the book nor its password
    bare = {name: value for name, value in common.items() if name not in {BOOK, BOOKS, DATABASE_PASSWORD}}
    own = {gateway_settings.UPSTREAMS: upstreams, TRUSTED_PROXIES: ",".join(serving.trusted_proxies)}
    command = _program("gateway", "--host", layout.gateway.host, "--port", str(layout.gateway.port))
    return [*plans, _plan(GATEWAY, layout.gateway, bare | own, command, with_gunicorn)]


def _plan(name: str, place: Place, environment: dict[str, str], waitress: tuple[str, ...], with_gunicorn: bool) -> Plan:
    if not with_gunicorn:
        return Plan(name, waitress, environment, place)
    is_gateway = name == GATEWAY
    application = "app.web.gateway:application()" if is_gateway else "app.web.wsgi:application()"
    paths = [str(_ROOT), *filter(None, [environment.get("PYTHONPATH", "")])]
    defaults = {"ZHANGFANG_WORKERS": "1", "ZHANGFANG_THREADS": "32" if is_gateway else "8"}
    if is_gateway:  # threads that only wait need no more than one process
        environment = {key: value for key, value in environment.items() if key not in defaults}
    settings = {"ZHANGFANG_LISTEN": str(place), "PYTHONPATH": os.pathsep.join(paths)}
    command = (sys.executable, "-m", "gunicorn", "-c", str(_GUNICORN_SETTINGS), application)
    return Plan(name, command, defaults | environment | settings, place)


def has_gunicorn() -> bool:
    """Tell whether gunicorn can run the processes: under Linux, from the source tree, where it is installed."""
    if not sys.platform.startswith("linux") or getattr(sys, "frozen", False):
        return False
    return _GUNICORN_SETTINGS.is_file() and importlib.util.find_spec("gunicorn") is not None


def _serve_command(book: str, name: str, place: Place, backup_folder: Path | None) -> tuple[str, ...]:
    folder = ("--backup-folder", str(backup_folder)) if backup_folder is not None else ()
    return _program("serve", book, "--services", name, "--host", place.host, "--port", str(place.port), *folder)


def _program(*arguments: str) -> tuple[str, ...]:
    if getattr(sys, "frozen", False):
        return (sys.executable, *arguments)
    return (sys.executable, str(_ROOT / "main.py"), *arguments)
