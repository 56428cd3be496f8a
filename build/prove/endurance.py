"""Steps about starting and stopping again and again: nothing may be left, no book may be damaged."""

from __future__ import annotations

import json
import random
import time

from prove.record import require
from prove.stage import PROGRAM, Stage
from prove.working import BOOKS, PORTABLE

BOOK = f"{BOOKS}\\耐久.zhangfang"
STARTS = 50
KILLED_EACH = 2
"""Every second start is killed, at a moment that chance (always the same) chooses."""
LATEST_KILL_S = 2.0
ONE_FILE_STARTS = 3
SWEPT_S = 25.0
"""The program sweeps a few seconds after its start."""


def starts_and_stops(stage: Stage) -> str:
    """Start the installed program with a book and end it, fifty times, some of them killed."""
    stage.command("new", BOOK, "--chart", "household", "--start", "2026-01", "--name", "耐久")
    chance = random.Random(20261123)  # noqa: S311 - moments, not secrets
    began = time.monotonic()
    killed = 0
    for number in range(1, STARTS + 1):
        before = stage.log
        stage.start(stage.installed / PROGRAM, BOOK)
        if number % KILLED_EACH == 0:
            time.sleep(chance.uniform(0.2, LATEST_KILL_S))
            stage.kill_program()
            killed += 1
            continue
        # by turns closed as soon as it is painted, while the book is being opened, and once all is shown
        stage.wait_for_log("window painted" if number % 3 == 0 else "pages shown", before)
        stage.close_window()
        _nothing_left(stage, f"after start {number}")
    seconds = (time.monotonic() - began) / STARTS
    found = json.loads(stage.command("verify", BOOK, "--json"))
    require(found["findings"] == [], f"the book after it: {found['findings'][:3]}")
    return f"{STARTS} starts, {killed} of them killed, {seconds:.1f} s each; nothing left, book verified"


def _nothing_left(stage: Stage, when: str) -> None:
    """Look for what an orderly end must take along."""
    book = stage.wine.path(BOOK)
    beside = [path.name for path in book.parent.iterdir() if path.name.startswith(book.name) and path != book]
    require(not beside, f"{when}: beside the book lies {beside}")
    require(not (stage.data / "running.json").exists(), f"{when}: running.json is still there")
    left = [path.name for path in stage.temporary.iterdir() if "zhangfang" in path.name.lower() or "_MEI" in path.name]
    require(not left, f"{when}: left in the folder for temporary files: {left}")


def one_file_sweeps(stage: Stage) -> str:
    """Kill the one-file program: what it had unpacked stays, and the next start of it takes it away."""
    program = stage.wine.path(PORTABLE) / PROGRAM
    left_behind = ""
    for number in range(ONE_FILE_STARTS):
        before = stage.log
        stage.start(program)
        stage.wait_for_log("window painted", before, 60)
        if number == 1:
            stage.kill_program()
            left = [path.name for path in stage.temporary.glob("_MEI*")]
            require(left, "the killed program left nothing unpacked: this step shows nothing")
            left_behind = left[0]
            continue
        if number == 2:  # the start after the killed one
            stage.wait(lambda: not list(stage.temporary.glob("*_MEI*"))[1:], "the end of what was left", SWEPT_S)
        stage.close_window()
        left = [path.name for path in stage.temporary.glob("*_MEI*")]
        require(not left, f"start {number + 1} left {left}")
    return f"{ONE_FILE_STARTS} starts of the one-file program, one killed; its {left_behind} went with the next start"
