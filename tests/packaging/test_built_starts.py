"""The programs in out/dist are started and ended, in order and by force, and leave nothing behind.

The one-file program is two processes: one unpacks it and waits, the other is the program. Either may be killed.
`ZHANGFANG_STARTS` asks for more starts than the few that tell whether it works at all.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.bootstrap.leftovers import YOUNG_S
from app.storage.address import parse_address
from app.web.opening import create_book
from tests.scenarios.place import Place, verified

ROOT = Path(__file__).parents[2]
DIST = Path(os.environ.get("ZHANGFANG_DIST", ROOT / "out" / "dist"))
PROGRAMS = {"one-file": DIST / "zhangfang", "one-folder": DIST / "zhangfang-folder" / "zhangfang"}
STARTS = int(os.environ.get("ZHANGFANG_STARTS", "8"))
LIMIT_S = 60

pytestmark = [
    pytest.mark.built,
    pytest.mark.timeout(120 + 6 * STARTS),
    pytest.mark.skipif(sys.platform == "win32", reason="signals and /proc; the Windows proof has its own part"),
]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    path = tmp_path / "empty.zhangfang"
    create_book(parse_address(str(path)), name="甲公司", chart="small_enterprise_2013", start="2026-01", vat="general")
    return Place(tmp_path / "person", path)


def wait_until(place: Place, process: subprocess.Popen[str], mark: str, times: int) -> None:
    """Wait until the log of all starts says something so many times."""
    log = place.data / "logs" / "zhangfang.log"
    deadline = time.monotonic() + LIMIT_S
    while not (log.exists() and place.log().count(mark) >= times):
        assert time.monotonic() < deadline, f"not {times} times {mark!r}"
        assert process.poll() is None, f"ended with {process.returncode} before {mark!r}"
        wait(process, 0.05)


def wait(process: subprocess.Popen[str], timeout_s: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout_s)


def end_all(place: Place) -> None:
    """What outlived a killed half of its program ends in order by itself; wait for it."""
    deadline = time.monotonic() + LIMIT_S
    while running := place.running():
        assert time.monotonic() < deadline, f"still running: {running}"
        pause(0.05)


def pause(seconds: float) -> None:
    threading.Event().wait(seconds)


@pytest.mark.parametrize("name", PROGRAMS)
def test_starts_and_ends_leave_nothing(name: str, place: Place) -> None:
    program, choice = PROGRAMS[name], random.Random(7)
    assert program.is_file(), f"{program} is not there: run dev.py build first"
    for number in range(STARTS):
        process = place.start("--book", str(place.book), program=program)
        how = ("early", "book", "order", "parent")[number % 4]
        painted = place.log().count("window painted") if (place.data / "logs").exists() else 0
        if how == "early":
            wait(process, choice.uniform(0, 0.8))
        else:
            wait_until(place, process, "window painted", painted + 1)
            wait(process, choice.uniform(0, 1.0))
        family = place.running()
        if how == "order":
            process.terminate()
            process.communicate(timeout=LIMIT_S)
            assert process.returncode == 0
        else:
            # the process that was started, or every one of its family, the youngest first
            for one in [process.pid] if how == "parent" else sorted(family, reverse=True):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            process.communicate(timeout=LIMIT_S)
        end_all(place)
    pause(YOUNG_S)
    last = place.start("--book", str(place.book), program=program)
    began = place.log().count("pages shown")
    wait_until(place, last, "pages shown", began + 1)
    own = {path.name for path in place.temporary.iterdir()}
    deadline = time.monotonic() + LIMIT_S
    while len(own) > 1 and time.monotonic() < deadline:
        wait(last, 0.1)
        own = {path.name for path in place.temporary.iterdir()}
    last.terminate()
    last.communicate(timeout=LIMIT_S)
    end_all(place)
    assert last.returncode == 0
    assert place.leftovers() == []
    assert verified(place.book) == set()
    assert "ERROR" not in place.log()
