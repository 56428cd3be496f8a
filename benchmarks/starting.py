"""How long the built programs take from the process's start to the window, to a served book, and what they then hold.

    .venv/bin/python -m benchmarks.starting out/dist/zhangfang out/dist/zhangfang-folder/zhangfang [--cold]

Each program opens a book that exists, in a window on a screen of its own (Xvfb), as a double-click would. When the
window was painted, the server answered and the pages were shown, the program's log says; the beginning is taken from
outside, so that unpacking and the start of the interpreter count. Five seconds after the pages the memory of all its
processes is read; a second start is timed against the running one; then a signal ends it, and nothing may be left.
Beside it: the same window from source.

`--cold` empties the system's cache of files before each start (Linux, as root). `--offscreen` does without Xvfb.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

ROUNDS = 7
MARKS = {"window painted": "window", "server answers": "server", "pages shown": "pages"}
IDLE_S = 5.0
LIMIT_S = 30.0
ROOT = Path(__file__).resolve().parents[1]
DROP_CACHES = Path("/proc/sys/vm/drop_caches")


class Start:
    """One start of a program over a book, with places of its own."""

    def __init__(self, command: Sequence[str], book: Path, screen: dict[str, str]) -> None:
        """Start it."""
        self.folder = Path(tempfile.mkdtemp(prefix="starting-"))
        self.temporary = self.folder / "tmp"
        session = self.folder / "session"
        for folder in (self.temporary, session):
            folder.mkdir(mode=0o700)
        places = {"ZHANGFANG_DATA_DIR": self.folder / "data", "TMPDIR": self.temporary, "XDG_RUNTIME_DIR": session}
        self.environment = {**os.environ, **screen, **{name: str(place) for name, place in places.items()}}
        self.command = [*command, "--book", str(book)]
        self.began = time.time()
        self.process = subprocess.Popen(self.command, env=self.environment, stderr=subprocess.DEVNULL)

    def marks(self) -> dict[str, float]:
        """Wait until the pages are shown; return seconds from the start to each mark."""
        log = self.folder / "data" / "logs" / "zhangfang.log"
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline:
            lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
            hits = [(name, line) for line in lines for mark, name in MARKS.items() if line.endswith(mark)]
            found = {name: _moment(line) - self.began for name, line in hits}
            if len(found) == len(MARKS):
                return found
            time.sleep(0.05)
        raise SystemExit(f"{self.command}: no pages within {LIMIT_S:.0f} s")

    def memory_mb(self) -> dict[str, float]:
        """Return the memory of all its processes in millions of bytes, shared pages by parts (PSS) and whole (RSS)."""
        sums = {"Pss": 0, "Rss": 0}
        for process in _family(self.process.pid):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines():
                name, _, value = line.partition(":")
                if name in sums:
                    sums[name] += int(value.split()[0]) * 1024
        return {name: value / 1e6 for name, value in sums.items()}

    def second_start(self) -> float:
        """Start it again; return how long that took."""
        began = time.perf_counter()
        subprocess.run(self.command, env=self.environment, check=True, timeout=LIMIT_S, stderr=subprocess.DEVNULL)
        return time.perf_counter() - began

    def end(self) -> float:
        """End it as the system would; return how long that took. What is left over is an error."""
        began = time.perf_counter()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(LIMIT_S)
        took = time.perf_counter() - began
        left = [path.name for path in self.temporary.iterdir()]
        left += [path.name for path in (self.folder / "data").iterdir() if path.name == "running.json"]
        if code != 0 or left:
            raise SystemExit(f"{self.command}: ended with {code}, left {left}")
        shutil.rmtree(self.folder)
        return took


def _moment(line: str) -> float:
    """Return the time of a line of the log, in seconds since 1970."""
    return datetime.strptime(line.split(maxsplit=1)[0], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC).timestamp()


def _family(process: int) -> Iterator[int]:
    yield process
    for child in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split():
        yield from _family(int(child))


@contextmanager
def screen(*, offscreen: bool) -> Iterator[dict[str, str]]:
    """Give the environment of a screen: one in memory that a real X server holds, or Qt's own."""
    if offscreen:
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading, encoding="ascii") as numbers:
            number = numbers.readline().strip()
        try:
            yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        finally:
            server.terminate()


def measure(command: list[str], book: Path, where: dict[str, str], *, cold: bool) -> dict[str, float]:
    """Start, look, end; return seconds to each mark. Anything left behind ends the benchmark."""
    if cold:
        os.sync()
        DROP_CACHES.write_text("3", encoding="ascii")
    start = Start(command, book, where)
    found = start.marks()
    start.end()
    return found


def report(command: list[str], book: Path, where: dict[str, str], *, cold: bool, rounds: int) -> str:
    """Return the line of one program."""
    if not cold:
        measure(command, book, where, cold=False)
    times = [measure(command, book, where, cold=cold) for _ in range(rounds)]
    parts = [f"{name} {statistics.median(t[name] for t in times):.2f} s" for name in MARKS.values()]
    start = Start(command, book, where)
    start.marks()
    time.sleep(IDLE_S)
    parts += [f"{name.upper()} {value:.0f} MB" for name, value in start.memory_mb().items()]
    parts.append(f"second start {statistics.median(start.second_start() for _ in range(rounds)):.2f} s")
    parts.append(f"end {start.end():.2f} s")
    return ", ".join(parts)


def main() -> None:
    """Print a line for each program, and one for the source."""
    parser = argparse.ArgumentParser(description="From the process's start to the window.")
    parser.add_argument("programs", nargs="*")
    parser.add_argument("--cold", action="store_true", help="empty the cache of files before each start")
    parser.add_argument("--offscreen", action="store_true", help="without a screen")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args()
    commands = [[program] for program in chosen.programs] + [[sys.executable, str(ROOT / "main.py")]]
    with tempfile.TemporaryDirectory() as folder, screen(offscreen=chosen.offscreen) as where:
        book = Path(folder) / "small.zhangfang"
        new = ["new", str(book), "--chart", "small_enterprise_2013", "--start", "2026-01", "--name", "甲公司"]
        subprocess.run([sys.executable, str(ROOT / "main.py"), *new], check=True, stdout=subprocess.DEVNULL)
        for command in commands:
            line = report(command, book, where, cold=chosen.cold, rounds=chosen.rounds)
            sys.stdout.write(f"{Path(command[-1]).name}: {line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
