"""Proves the built Windows program under Wine: `python3 dev.py prove-windows [--no-build]`.

Each step looks at files, registry, pictures and books, prints one line with its time, and leaves pictures and a log in
out/proof. The first failure does not end it; the exit code is 1 when there was any. What can be done beside something
else is: two processors are enough for that.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "build")]

import package  # noqa: E402
from app.version import PROGRAM_NAME_EN, VERSION  # noqa: E402
from prove import endurance, installing, showing, speed, working  # noqa: E402
from prove.record import Record  # noqa: E402
from prove.stage import Stage  # noqa: E402
from tests.mariadb import running_server  # noqa: E402
from wine import Wine  # noqa: E402

LOCALES = ("zh_CN", "en_US")
TIME_LIMIT_S = 480
"""The whole proof, downloads excluded."""
SYSTEMS = ("windows",)
WINDOWS, OLD, UPGRADE = "a new Windows", "installs the older version", "upgrades it"


def main(arguments: Sequence[str]) -> int:
    """Run all steps; 0 when all were good, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="dev.py prove-windows", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--no-build", action="store_true", help="prove what is in out/windows/dist and out/release")
    given = parser.parse_args(arguments)
    where = package.places()
    out = where.out / "proof"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    record = Record(out)
    make_locales(out / "locales")
    # Qt's clipboard wants a folder for its session; whoever runs this may have none.
    (out / "session").mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(out / "session"))
    if not given.no_build:
        package.prepare_windows(where)  # downloads do not count
    began = time.monotonic()
    wine = Wine(out / "windows", screen=True, locale="zh_CN.UTF-8", environment={"LOCPATH": str(out / "locales")})
    dist = where.windows / "dist"
    stage = Stage(
        wine,
        out,
        payload=dist / f"{PROGRAM_NAME_EN}-folder",
        one_file=dist / f"{PROGRAM_NAME_EN}.exe",
        installer=where.release / f"{PROGRAM_NAME_EN}-{VERSION}-windows-x64-setup.exe",
    )
    try:
        with ThreadPoolExecutor(2) as pool:
            run_steps(record, stage, pool, is_built=given.no_build)
    finally:
        wine.stop()
    seconds = time.monotonic() - began
    record.say(in_time(seconds, is_built=given.no_build))
    if record.is_good:
        shutil.rmtree(wine.folder, ignore_errors=True)  # 700 MB; kept when there is something to look into
    return record.finish(seconds)


def make_locales(folder: Path) -> None:
    """Make the locales Wine takes Windows' language from; the system's own need not have them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in LOCALES:
        target = folder / f"{name}.UTF-8"
        command = ["localedef", "-i", name, "-f", "UTF-8", str(target)]
        subprocess.run(command, check=True, timeout=60, capture_output=True)


def in_time(seconds: float, *, is_built: bool) -> str:
    """Say how long it took beside what it may take on two quiet processors; other work beside it is no failure."""
    if is_built:
        return f"time: {seconds:.0f} s, without the build"
    verdict = "in time" if seconds < TIME_LIMIT_S else "TOO LONG for a quiet machine with two processors"
    return f"time: {seconds:.0f} s of {TIME_LIMIT_S} s, {verdict}"


def run_steps(record: Record, stage: Stage, pool: ThreadPoolExecutor, *, is_built: bool) -> None:
    """Run the steps in their order; builds run beside them."""

    def step(name: str, run: Callable[[Stage], str], *needs: str) -> None:
        if not record.step(name, lambda: run(stage), needs=needs):
            record.attempt(lambda: stage.clear(name))

    where = package.places()
    bare = pool.submit(speed.prepare, stage)
    if not is_built:
        step("build", lambda _stage: build(where))
    step("bare window", lambda _stage: bare.result(), "build")
    downloads = pool.submit(lambda: [] if is_built else package.release(where, SYSTEMS))
    step("older installer", installing.make_old_installer, "build")
    step("refuses Windows 8.1", installing.refuse_old_windows, "bare window", "older installer")
    step(OLD, installing.install_old, "bare window", "older installer")
    step("registers books", installing.association, OLD)
    step("self-test, folder", working.self_test_of_folder, OLD)
    step("self-test, one file", working.self_test_of_one_file, "bare window")
    step("one file sweeps", endurance.one_file_sweeps, "self-test, one file")
    step("keeps a book by commands", working.imports_by_command, OLD)
    step("downloads", lambda stage: downloads_made(stage, downloads), "build")
    step(UPGRADE, installing.upgrade, OLD, "downloads")
    step("refuses the older version", installing.refuse_downgrade, UPGRADE)
    step("starts by its entry", showing.starts_by_entry, UPGRADE)
    step("makes a book in the window", showing.makes_book, "starts by its entry")
    step("opens by double-click", showing.opens_by_double_click, "makes a book in the window")
    step("imports in the window", showing.imports_with_progress, UPGRADE)
    step("keeps a book on MariaDB", on_server, UPGRADE)
    step("refuses while running", installing.refuse_while_running, UPGRADE)
    step("first window", speed.first_window, UPGRADE, "bare window")
    step("idle memory", speed.idle_memory, "makes a book in the window")
    step("starts and stops", endurance.starts_and_stops, UPGRADE)
    step("uninstalls", installing.uninstall, "makes a book in the window")
    step("leaves the computer alone", installing.machine_untouched, OLD)
    step("would see missing glyphs", showing.sees_missing_glyphs, "starts by its entry")


def build(where: package.Places) -> str:
    """Build the Windows programs; what dev.py package does, without the downloads."""
    package.build_windows(where)
    one_file = (where.windows / "dist" / f"{PROGRAM_NAME_EN}.exe").stat().st_size
    folder = where.windows / "dist" / f"{PROGRAM_NAME_EN}-folder"
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"one file {one_file / 1e6:.1f} MB, folder {size / 1e6:.1f} MB"


def downloads_made(stage: Stage, made: Future[list[Path]]) -> str:
    """Wait for the downloads and look at their size."""
    made.result()
    return installing.sizes(stage)


def on_server(stage: Stage) -> str:
    """Run the step about MariaDB with a server of its own."""
    with server_folder(stage.out / "mariadb") as folder, running_server(folder) as server:
        return working.keeps_book_on_server(stage, server)


@contextlib.contextmanager
def server_folder(folder: Path) -> Iterator[Path]:
    """Give a folder and remove it at the end."""
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
