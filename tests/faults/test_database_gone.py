"""The database server stops, is killed or hangs while people work."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.clients import Told, at_work
from tests.faults.conftest import Office
from tests.faults.processes import WebServer, running, server_environment, status_of, wait_until, waitress

WORK_S = float(os.environ.get("ZHANGFANG_FAULTS_WORK_S", "0.3"))
"""How long clients work before and after the fault."""
PAUSE_S = float(os.environ.get("ZHANGFANG_FAULTS_PAUSE_S", "2"))
LONGEST_REFUSAL_S = 8
PROBE_LIMIT_S = 2
"""What the database is waited for: whoever asks it takes longer."""
READY_LIMIT_S = 6
"""A look of two seconds, and what a busy machine adds."""
GETS_ON_WITHIN_S = 10


def work_for(seconds: float) -> None:
    """Let the clients work."""
    threading.Event().wait(seconds)


def get_on(told: Told, writes: int = 20) -> float:
    """Wait until the clients got on with so many more writes; return how long it took."""
    before = told.writes
    return wait_until(lambda: told.writes >= before + writes, f"{writes} more writes")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_database_that_is_restarted_under_load_loses_nothing(office: Office, number: int) -> None:
    with office.at_work() as told:
        get_on(told)
        office.database.stop(number)
        work_for(WORK_S)
        assert status_of(office.web.port, "/api/session") in {401, 503}
        wait_until(lambda: told.repeated["database_away"] > 0, "somebody was told")
        office.database.start()
        assert get_on(told, 1) < GETS_ON_WITHIN_S
        get_on(told)
        work_for(WORK_S)
    assert told.repeated["database_away"] > 0
    assert office.shortcomings() == []


@contextmanager
def beside(office: Office, folder: Path) -> Iterator[tuple[WebServer, Told]]:
    """Serve the same book with waitress as well, and let a few clients work there: fewer than it has threads."""
    environment = server_environment(
        folder, ZHANGFANG_DB_PASSWORD=office.firm.password, ZHANGFANG_DB_TIMEOUT_S=office.timeout_s
    )
    office.told.append(told := Told())
    with running(waitress(office.firm.address), folder, environment) as web:
        with at_work(office.firm, web.url, count=4, told=told):
            yield web, told
        assert "Traceback" not in web.written()


def timed(server: WebServer, path: str) -> tuple[int, float]:
    """Return the status of a probe and how long it took."""
    started = time.monotonic()
    return status_of(server.port, path), time.monotonic() - started


def require_life(server: WebServer) -> None:
    """A probe is answered at once, and tells that the database is away after one look at it."""
    status, took = timed(server, "/healthz")
    assert status == 200
    assert took < PROBE_LIMIT_S
    status, took = timed(server, "/readyz")
    assert status == 503
    assert took < READY_LIMIT_S


def test_a_database_that_hangs_costs_each_call_a_bounded_time_and_everything_goes_on_after_it(
    office: Office, tmp_path: Path
) -> None:
    with beside(office, tmp_path) as (other, others), office.at_work(20) as told:
        get_on(told)
        get_on(others, 2)
        with office.database.paused():
            paused = time.monotonic()
            for server in (office.web, other):  # at once, when all threads wait for the first answer, too
                require_life(server)
            # more clients than there are threads: some thread answers nevertheless, and says what is wrong
            status, took = timed(office.web, "/api/vouchers")
            assert status == 503
            assert took < LONGEST_REFUSAL_S
            while time.monotonic() < paused + PAUSE_S:
                for server in (office.web, other):
                    require_life(server)
                work_for(0.1)
        for one in (told, others):
            assert get_on(one, 1) < GETS_ON_WITHIN_S
            get_on(one, 5)
        for server in (office.web, other):
            wait_until(lambda at=server.port: status_of(at, "/readyz") == 200, "it is ready again")  # type: ignore[misc]
        work_for(WORK_S)
    for one in (told, others):
        assert one.repeated["database_away"] > 0
        assert one.repeated["server_timeout"] == 0
    assert office.shortcomings() == []
