"""Twenty people at once on one book on MariaDB: how long each kind of call takes, and what was lost.

    python -m benchmarks.served_load [--seconds 300] [--way gunicorn] [--way waitress] [--way gateway]

Mixed reads and writes as `tests.faults.clients` does them, for so many seconds without a pause for thought (closed
loop), then for at most a minute at a pace people have; in the end every acknowledged write is looked for, and the stock
counted, as after a fault. Beside them, under the same gunicorn in the same run, a bare route with one INSERT. The
clients are five threads in each of four processes; they share the machine's cores with the servers.
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from benchmarks.measuring import Figure
from tests.faults.clients import Client, Told
from tests.faults.firm import Firm, found_firm
from tests.faults.oracle import shortcomings
from tests.faults.processes import address_of, gunicorn, running, server_environment, waitress
from tests.mariadb import MariaDBServer, running_server

CLIENTS = 20
PROCESSES = 4
PACE_S = 2.0
"""One thing done each so many seconds by each person: a busy office."""
WAYS = ("gunicorn", "waitress", "gateway")
BARE_SECONDS = 20
PACED_SECONDS = 60
READS = frozenset({"list vouchers", "trial balance", "list documents", "stock", "find a contact", "session"})


@dataclass
class Run:
    """What one way of serving did under one kind of load."""

    way: str
    load: str
    seconds: float
    times: dict[str, list[float]] = field(default_factory=dict)
    repeated: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    writes: int = 0
    machine_load: float = 0.0

    def percentiles(self, kind: str = "") -> tuple[int, float, float, float]:
        """Return how many calls of a kind (empty: all) there were, and p50, p95, p99 in ms."""
        found = [
            second for name, seconds in self.times.items() if kind in {"", name, _side(name)} for second in seconds
        ]
        if len(found) < 2:
            return len(found), 0.0, 0.0, 0.0
        cut = statistics.quantiles(found, n=100, method="inclusive")
        return len(found), cut[49] * 1000, cut[94] * 1000, cut[98] * 1000


def _side(kind: str) -> str:
    return "all reads" if kind in READS else "all writes"


def measure_served_load(seconds: int, ways: tuple[str, ...] = WAYS) -> Iterator[Figure]:
    """Measure each way, closed loop and at a pace; yield the figures the table of the page is made of."""
    for run in measure(seconds, ways):
        book = f"{run.way}, {run.load}"
        yield Figure("20 clients: 5xx, lost, doubled, gaps, findings", book, len(run.faults), "", bar="0", limit=0)
        for kind in ("", "all reads", "all writes"):
            count, p50, p95, p99 = run.percentiles(kind)
            name = f"20 clients: {kind or 'all calls'}"
            yield Figure(f"{name}, p50", book, p50, "ms", "calls per second", count / run.seconds)
            yield Figure(f"{name}, p95", book, p95, "ms")
            yield Figure(f"{name}, p99", book, p99, "ms")


def measure(seconds: int, ways: tuple[str, ...]) -> Iterator[Run]:
    """Serve a fresh book each way and let the clients loose on it."""
    with tempfile.TemporaryDirectory(prefix="zhangfang-load-") as folder, running_server(Path(folder) / "db") as server:
        yield _bare(server, Path(folder) / "bare")
        for way in ways:
            firm = found_firm(address_of(server, f"firm_{way}"), server.password, people=CLIENTS)
            environment = server_environment(
                Path(folder) / way, ZHANGFANG_BOOK=firm.address, ZHANGFANG_DB_PASSWORD=firm.password
            )
            with running(_command(way, firm), Path(folder) / way, environment) as web:
                told = _crowd(firm, web.url, 3, 0.0)  # warms what is loaded at the first call
                yield _run(way, "closed loop", firm, web.url, seconds, 0.0, told)
                yield _run(way, f"each {PACE_S:.0f} s", firm, web.url, min(seconds, PACED_SECONDS), PACE_S, told)


def _command(way: str, firm: Firm) -> list[str]:
    if way == "gunicorn":
        return gunicorn()
    if way == "waitress":
        return waitress(firm.address)
    return [sys.executable, "main.py", "services", firm.address, "--port", "0"]


def _run(way: str, load: str, firm: Firm, url: str, seconds: int, pace_s: float, before: list[Told]) -> Run:
    told = _crowd(firm, url, seconds, pace_s)
    run = Run(way, load, seconds, machine_load=os.getloadavg()[0])
    before += told
    for one in told:
        for kind, times in one.times.items():
            run.times.setdefault(kind, []).extend(times)
        for code, count in one.repeated.items():
            run.repeated[code] = run.repeated.get(code, 0) + count
        run.writes += one.writes
    run.faults = shortcomings(firm, *before)
    run.faults += [f"{count} × {code}" for code, count in run.repeated.items()]
    return run


def _crowd(firm: Firm, url: str, seconds: float, pace_s: float) -> list[Told]:
    share = CLIENTS // PROCESSES
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        parts = [
            pool.submit(_work, firm, url, range(number * share, (number + 1) * share), seconds, pace_s)
            for number in range(PROCESSES)
        ]
        return [part.result() for part in parts]


def _work(firm: Firm, url: str, numbers: range, seconds: float, pace_s: float) -> Told:
    """Be some of the clients, in a process of their own."""
    told = Told()
    deadline = time.monotonic() + seconds
    broken: list[BaseException] = []

    def one(number: int) -> None:
        client = Client(firm, told, url, number)
        client.give_up_at(deadline + 60)
        pause = threading.Event()
        try:
            while (left := deadline - time.monotonic()) > 0:
                if pace_s:
                    pause.wait(min(left, client.choice.expovariate(1 / pace_s)))
                client.work_once()
        except BaseException as error:  # noqa: BLE001 - raised below
            broken.append(error)
        finally:
            client.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return told


def _bare(server: MariaDBServer, folder: Path) -> Run:
    address = address_of(server, "bare")
    environment = server_environment(folder, ZHANGFANG_BOOK=address, ZHANGFANG_DB_PASSWORD=server.password)
    command = ["benchmarks.bare_insert:application()" if "wsgi" in part else part for part in gunicorn()]
    with (
        running(command, folder, environment) as web,
        ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool,
    ):
        parts = [pool.submit(_insert, web.port, CLIENTS // PROCESSES, BARE_SECONDS) for _ in range(PROCESSES)]
        times = [second for part in parts for second in part.result()]
    return Run(
        "bare Flask route, one INSERT", "closed loop", BARE_SECONDS, {"insert": times}, machine_load=os.getloadavg()[0]
    )


def _insert(port: int, clients: int, seconds: float) -> list[float]:
    """Insert rows through the bare route, in a process of their own."""
    times: list[float] = []
    deadline = time.monotonic() + seconds

    def one() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < deadline:
            started = time.perf_counter()
            connection.request("POST", "/insert", b'{"text": "row"}', {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                times.append(time.perf_counter() - started)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def as_markdown(runs: list[Run]) -> str:
    """Return the tables for the page."""
    lines = [
        "| way, load | calls/s | p50, p95, p99 | reads | writes | acknowledged writes | faults | load of the machine |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for run in runs:
        count = run.percentiles()[0]
        cells = (_cell(run.percentiles(kind)) for kind in ("", "all reads", "all writes"))
        lines.append(
            f"| {run.way}, {run.load} | {count / run.seconds:.0f} | {' | '.join(cells)} "
            f"| {run.writes:,} | {len(run.faults)} | {run.machine_load:.1f} |"
        )
    ways = [run for run in runs if len(run.times) > 1 and run.load == "closed loop"]
    lines += [
        "",
        "| call, closed loop | " + " | ".join(run.way for run in ways) + " |",
        "| --- |" + " --- |" * len(ways),
    ]
    for kind in sorted({kind for run in ways for kind in run.times}):
        lines.append(f"| {kind} | " + " | ".join(_cell(run.percentiles(kind)) for run in ways) + " |")
    return "\n".join(lines)


def _cell(found: tuple[int, float, float, float]) -> str:
    count, p50, p95, p99 = found
    return f"{p50:.0f}, {p95:.0f}, {p99:.0f} ms" if count > 1 else ""


def main() -> int:
    """Measure, print the tables; exit 1 when anything was lost or wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.served_load", description=__doc__)
    parser.add_argument("--seconds", type=int, default=300, help="for each kind of load (default 300)")
    parser.add_argument("--way", action="append", choices=WAYS, default=[], help="may be given several times")
    wishes = parser.parse_args()
    runs = []
    for run in measure(wishes.seconds, tuple(wishes.way) or WAYS):
        runs.append(run)
        count, p50, p95, p99 = run.percentiles()
        print(
            f"{run.way}, {run.load}: {count / run.seconds:.1f}/s, {p50:.1f} {p95:.1f} {p99:.1f} ms, "
            f"{run.writes} writes, load {run.machine_load:.1f}, {len(run.faults)} faults {run.faults[:5]}",
            flush=True,
        )
    print(as_markdown(runs))
    return 1 if any(run.faults for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
