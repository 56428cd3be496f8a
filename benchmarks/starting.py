"""How long the built programs take from the process's start to the first painted window, and to a served book.

    .venv/bin/python -m benchmarks.starting out/dist/zhangfang out/dist/zhangfang-folder/zhangfang

Each program runs its own self-test offscreen; when it says that the window is painted is taken from outside, so that
unpacking and the start of the interpreter count. Beside it: the same window from source.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 7
MARKS = ("window painted", "server answers")
ROOT = Path(__file__).resolve().parents[1]


def measure(command: list[str]) -> dict[str, float]:
    """Run the self-test once; return seconds from the start to each mark."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "ZHANGFANG_DATA_DIR": folder,
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONUNBUFFERED": "1",
        }
        began = time.perf_counter()
        with subprocess.Popen([*command, "--self-test"], stdout=subprocess.PIPE, env=environment, text=True) as process:
            for line in process.stdout or ():
                for mark in MARKS:
                    if mark in line:
                        found.setdefault(mark, time.perf_counter() - began)
    if process.returncode != 0:
        raise SystemExit(f"{command}: the self-test failed")
    return found


def main(programs: list[str]) -> None:
    """Print the median of some rounds for each program, warm."""
    commands = [[program] for program in programs] + [[sys.executable, str(ROOT / "main.py")]]
    for command in commands:
        measure(command)
        rounds = [measure(command) for _ in range(ROUNDS)]
        figures = ", ".join(f"{mark} {statistics.median(r[mark] for r in rounds):.2f} s" for mark in MARKS)
        sys.stdout.write(f"{Path(command[-1]).name}: {figures}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
