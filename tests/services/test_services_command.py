"""`main.py services`: real processes; one dies and comes back, the others go on; one log, one stop."""

from __future__ import annotations

import json
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.web.supervisor import lay_out
from tests.cli.running import run
from tests.ports import free_ports, free_row
from tests.services.processes import Server, call, is_alive, kill_service, main, new_book, started
from tests.waiting import until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="signals and /proc of Linux")
SERVICES = ("identity", "orders", "inventory", "ledger")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A book and its owner's token."""
    path = tmp_path_factory.mktemp("services") / "book.zhangfang"
    return path, new_book(path)


@pytest.fixture(scope="module")
def begin(book: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Server]]:
    """Starts all services and the gateway, their log in JSON, unless they run: one test stops them."""
    path, _token = book
    with ExitStack() as stack:
        servers: list[Server] = []

        def begin() -> Server:
            if not servers or servers[-1].process.poll() is not None:
                folder = str(tmp_path_factory.mktemp("data"))
                command = main("services", path, "--port", free_row(5), "--log-format", "json")
                servers.append(stack.enter_context(started(command, ZHANGFANG_DATA_DIR=folder)))
            return servers[-1]

        yield begin


@pytest.fixture
def running(begin: Callable[[], Server]) -> Server:
    """All services and the gateway, whichever test came before."""
    return begin()


def process_of(running: Server, name: str) -> int:
    told: list[str] = []

    def is_told() -> bool:  # what was said may be on its way to us yet
        said = [json.loads(line)["message"] for line in list(running.lines)]
        told.extend(line for line in said if line.startswith(f"{name} is process"))
        return bool(told)

    until(is_told)
    return int(told[-1].split()[3])


def test_every_service_answers_through_the_gateway(running: Server, book: tuple[Path, str]) -> None:
    _, token = book
    for path in ("/api/users", "/api/contacts", "/orders", "/api/items", "/inventory", "/api/vouchers", "/api/book"):
        assert call(running.url, "GET", path, token=token).status == 200, path
    assert call(running.url, "GET", "/login").status == 200
    assert call(running.url, "GET", "/api/users").status == 401
    # each is asked for a bounded time, in which a busy machine may not answer
    until(
        lambda: call(running.url, "GET", "/readyz").json == {"ready": True, "services": dict.fromkeys(SERVICES, True)}
    )
    assert call(running.url, "GET", "/readyz").status == 200


def test_a_killed_service_is_said_replaced_and_found_again(running: Server, book: tuple[Path, str]) -> None:
    _, token = book
    old = process_of(running, "orders")
    with running.held():  # nothing is started anew meanwhile
        kill_service(old)
        away = call(running.url, "GET", "/orders", token=token, headers={"Accept-Language": "en"})
        assert (away.status, away.json["code"], away.json["details"]) == (503, "service_away", {"service": "orders"})
        assert "Orders" in away.json["error"]
        assert int(away.headers["Retry-After"]) > 0
        assert call(running.url, "GET", "/api/users", token=token).status == 200
        assert call(running.url, "GET", "/api/vouchers", token=token).status == 200
    until(lambda: call(running.url, "GET", "/orders", token=token).status == 200, 60)
    until(lambda: process_of(running, "orders") != old)
    assert any("orders died (signal 9), starting it again in 0.5 s" in line for line in running.lines)


def test_the_log_is_one_stream_with_names_and_request_ids(running: Server, book: tuple[Path, str]) -> None:
    _, token = book
    name = call(running.url, "GET", "/api/accounts", token=token).headers["X-Request-Id"]

    def told() -> set[str]:
        lines = [json.loads(line) for line in list(running.lines)]
        return {line.get("service", "") for line in lines if line.get("request_id") == name}

    until(lambda: told() == {"gateway", "ledger"})
    assert token not in running.log


def test_free_ports_are_found_where_none_is_named() -> None:
    layout = lay_out("127.0.0.1", 0)
    ports = {layout.gateway.port, *(place.port for place in layout.services.values())}
    assert (len(ports), min(ports) > 0, set(layout.services)) == (5, True, set(SERVICES))


def test_taken_ports_are_said_before_anything_starts(book: tuple[Path, str]) -> None:
    path, _token = book
    (taken,) = free_ports(1)
    with socket.create_server(("127.0.0.1", taken)):
        refused = run("services", path, "--port", taken - 2)
    assert (refused.code, refused.out) == (1, "")
    assert str(taken) in refused.err  # whoever else has one of the five is named beside it
    assert "用不了：可能已被别的程序占用" in refused.err
    assert refused.err.count("\n") == 1
    elsewhere = run("services", path, "--port", "0", "--host", "192.0.2.1")
    assert (elsewhere.code, "“192.0.2.1”不是这台电脑的地址" in elsewhere.err) == (1, True)
    assert run("services", path, "--port", "65534").code == 2
    missing = run("services", path.with_name("none.zhangfang"), "--port", "0")
    assert (missing.code, missing.out) == (1, "")


def test_one_stop_and_nothing_is_left(running: Server, book: tuple[Path, str]) -> None:
    processes = [process_of(running, name) for name in (*SERVICES, "gateway")]
    assert all(map(is_alive, processes))
    assert running.stop(signal.SIGINT) == 0
    assert not any(map(is_alive, processes))
    said = [json.loads(line) for line in running.lines]
    order = [line["service"] for line in said if line["message"] == "Shutting down: Master"]
    assert order[0] == "gateway"
    assert sorted(order[1:]) == sorted(SERVICES)
    assert "Traceback" not in running.log
    assert not Path(f"{book[0]}-lock").exists()


def test_a_killed_supervisor_takes_its_processes_along(book: tuple[Path, str]) -> None:
    path, _token = book
    with started(main("services", path, "--port", free_row(5)), announces=False) as server:
        names = (*SERVICES, "gateway")
        until(lambda: all(f": {name} is process " in server.log for name in names), 60)
        processes = [server.process_of(name) for name in names]
        until(lambda: "Listening" in server.log, 60)  # the first one; the others are still starting
        server.process.kill()
        server.process.wait()
        until(lambda: not any(map(is_alive, processes)), 60)
