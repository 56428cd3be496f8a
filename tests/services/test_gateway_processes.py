"""The gateway as gunicorn and waitress run it: little memory, requests that are two refused, pages for browsers."""

from __future__ import annotations

import re
import socket
import sys
from pathlib import Path

import pytest

from tests.cli.running import ROOT
from tests.ports import free_ports
from tests.services.fakes import Request, plain, services
from tests.services.processes import call, main, started
from tests.waiting import until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc of Linux")
ANSWER_BYTES = 128 << 20
MORE_MEMORY_MB = 48
CONFIGURATION = ROOT / "build" / "server" / "gunicorn.conf.py"


def large(connection: socket.socket, _request: Request) -> bool:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % ANSWER_BYTES)
    for _ in range(ANSWER_BYTES >> 16):
        connection.sendall(b"x" * 65536)
    return True


def peak_mb(process_id: int) -> int:
    """Return the most memory a process or one of its children ever had."""
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text(encoding="utf-8").split()
    peaks = [
        int(found[1])
        for number in (process_id, *children)
        if (found := re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{number}/status").read_text(encoding="utf-8")))
    ]
    return max(peaks) >> 10


def first_line(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        return connection.makefile("rb").readline()


@pytest.mark.parametrize("server", ["gunicorn", "waitress"])
def test_large_answers_pass_in_little_memory_and_refusals_are_read(server: str, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", CONFIGURATION, "app.web.gateway:application()"]
    command = gunicorn if server == "gunicorn" else main("gateway", "--port", port)
    with services(orders=[plain(), large]) as running:
        places = ",".join(f"{name}={running['orders'].place}" for name in ("identity", "orders", "inventory", "ledger"))
        variables = {
            "ZHANGFANG_UPSTREAMS": places,
            "ZHANGFANG_LISTEN": f"127.0.0.1:{port}",
            "ZHANGFANG_WORKERS": "1",
            "ZHANGFANG_DATA_DIR": str(tmp_path),
        }
        with started(command, announces=False, **variables) as process:
            until(lambda: _lives(url), 60)
            call(url, "GET", "/orders")
            before = peak_mb(process.process.pid)
            answer = call(url, "PUT", "/api/uploads/x/0", "y" * (4 << 20))
            assert (answer.status, len(answer.body)) == (200, ANSWER_BYTES)
            assert peak_mb(process.process.pid) - before < MORE_MEMORY_MB
            seen = len(running["orders"].requests)
            for doubled in (b"Host: b\r\n", b"Content-Length: 5\r\nContent-Length: 6\r\n", b"Transfer-Encoding: x\r\n"):
                told = first_line(port, b"POST /orders HTTP/1.1\r\nHost: a\r\n" + doubled + b"\r\n")
                assert told.split()[1] in {b"400", b"501"}, doubled
            assert len(running["orders"].requests) == seen
            running["orders"].stop()
            for accepted, kind in (("text/html,*/*;q=0.8", "text/html; charset=utf-8"), ("*/*", "application/json")):
                refused = call(url, "GET", "/login", headers={"Accept": accepted})
                assert (refused.status, refused.headers["Content-Type"]) == (503, kind)
                assert int(refused.headers["Retry-After"]) > 0
            with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:  # nothing after a head alone
                connection.sendall(b"HEAD /login HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                head, _, rest = connection.makefile("rb").read().partition(b"\r\n\r\n")
                assert (head.split()[1], rest) == (b"503", b"")
            assert process.stop() == 0


def _lives(url: str) -> bool:
    try:
        return call(url, "GET", "/healthz").status == 200
    except OSError:
        return False
