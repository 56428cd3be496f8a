"""The database server stops, is killed or hangs while people work."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from tests.faults.clients import Told
from tests.faults.conftest import Office
from tests.faults.processes import status_of, wait_until

WORK_S = float(os.environ.get("ZHANGFANG_FAULTS_WORK_S", "1"))
"""How long clients work before and after the fault."""
PAUSE_S = float(os.environ.get("ZHANGFANG_FAULTS_PAUSE_S", "3"))
LONGEST_REFUSAL_S = 6


def work_for(seconds: float) -> None:
    """Let the clients work."""
    threading.Event().wait(seconds)


def get_on(told: Told, writes: int = 20) -> float:
    """Wait until the clients got on with so many more writes; return how long it took."""
    before = told.writes
    return wait_until(lambda: told.writes >= before + writes, f"{writes} more writes", 20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_database_that_is_restarted_under_load_loses_nothing(office: Office, number: int) -> None:
    with office.at_work() as told:
        get_on(told)
        office.database.stop(number)
        work_for(WORK_S)
        assert status_of(office.web.port, "/api/session") in {401, 503}
        office.database.start()
        assert get_on(told) < 10
        work_for(WORK_S)
    assert told.repeated["database_away"] > 0
    assert office.shortcomings() == []


def test_a_database_that_hangs_costs_each_call_a_bounded_time_and_everything_goes_on_after_it(office: Office) -> None:
    with office.at_work(20) as told:
        get_on(told)
        with office.database.paused():
            work_for(PAUSE_S / 2)
            started = time.monotonic()
            # more clients than there are threads: some thread answers nevertheless, and says what is wrong
            assert status_of(office.web.port, "/api/vouchers", 20) == 503
            assert time.monotonic() - started < LONGEST_REFUSAL_S
            work_for(PAUSE_S / 2)
        assert get_on(told) < 10
        work_for(WORK_S)
    assert told.repeated["database_away"] > 0
    assert told.repeated["server_timeout"] == 0
    assert office.shortcomings() == []
