"""Steps about time and memory: the installed program beside a bare PyQt5 window built the same way."""

from __future__ import annotations

import functools
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import package
from prove.record import require
from prove.stage import PROGRAM, Stage
from prove.working import COMPANY
from wine import Wine

ROUNDS = 5
TIMES_BARE = 2.0
IDLE_S = 6.0
SPEC = Path(__file__).resolve().parents[1] / "windows" / "bare_window.spec"
BARE = "bare-window"
LOOK_S = 0.004


def prepare(stage: Stage) -> str:
    """Make the new Windows, and in it, before anything else is there, build the bare window."""
    stage.wine.make()
    return f"a new Windows; {build_bare_window(stage.wine, stage.out)}"


def build_bare_window(wine: Wine, out: Path) -> str:
    """Build the bare PyQt5 window as a folder; returns PyInstaller's last line."""
    where = package.places()
    to: list[str | Path] = ["--workpath", out / "bare-work", "--distpath", out / "bare", SPEC]
    written = package.pyinstaller_under_wine(where, wine, where.windows / "python", to)
    require((out / "bare" / BARE / f"{BARE}.exe").is_file(), f"PyInstaller made no bare window:\n{written[-2000:]}")
    return written.splitlines()[-1]


def first_window(stage: Stage) -> str:
    """Compare the time from the process's start to the first painted window: medians, after one round to warm up.

    Where the first comparison fails a second one decides: other work on the machine does not meet both alike.
    """
    text, is_good = _compare_windows(stage)
    if not is_good:
        again, is_good = _compare_windows(stage)
        text = f"{again} (before: {text})"
    require(is_good, f"{text}, more than {TIMES_BARE}")
    return text


def _compare_windows(stage: Stage) -> tuple[str, bool]:
    bare = stage.out / "bare" / BARE / f"{BARE}.exe"
    marker = stage.wine.drive_c / "painted.txt"
    bare_painted = marker.exists
    times: dict[str, list[float]] = {"bare": [], "program": []}
    for number in range(ROUNDS + 1):
        marker.unlink(missing_ok=True)
        seconds_bare = _seconds(stage, bare, bare_painted, {"PAINTED": "C:\\painted.txt"})
        stage.run("taskkill", "/f", "/im", bare.name)
        stage.wait(lambda: not stage.processes(bare.name), "the end of the bare window")
        before = stage.log
        seconds = _seconds(stage, stage.installed / PROGRAM, functools.partial(_is_painted, stage, before))
        stage.kill_program()
        if number:
            times["bare"].append(seconds_bare)
            times["program"].append(seconds)
    bare_s, program_s = (statistics.median(times[name]) for name in ("bare", "program"))
    text = f"program {program_s:.2f} s, bare PyQt5 window {bare_s:.2f} s: {program_s / bare_s:.2f} times"
    return text, program_s < TIMES_BARE * bare_s


def _is_painted(stage: Stage, before: str) -> bool:
    return "window painted" in stage.log[len(before) :]


def _seconds(
    stage: Stage, program: Path, is_painted: Callable[[], bool], environment: Mapping[str, str] | None = None
) -> float:
    began = time.perf_counter()
    stage.start(program, environment=environment)
    while not is_painted():
        require(time.perf_counter() - began < 60, f"{program.name} painted nothing within a minute")
        time.sleep(LOOK_S)
    return time.perf_counter() - began


def idle_memory(stage: Stage) -> str:
    """Say how much memory the program with a book takes once it is quiet; for information, Wine's own is in it."""
    before = stage.log
    stage.start(stage.installed / PROGRAM, COMPANY)
    stage.wait_for_log("pages shown", before)
    time.sleep(IDLE_S)
    kilobytes = 0
    for process in stage.processes():
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kilobytes += int(line.split()[1])
    stage.close_window()
    require(kilobytes > 10_000, "the program's memory could not be read")
    return f"{kilobytes / 1000:.0f} MB (PSS) with a book open, {IDLE_S:.0f} s after its pages were shown"
