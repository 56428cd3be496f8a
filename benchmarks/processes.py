"""Whole processes: a report beside ledger and hledger, and the memory of an open book."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from app.exchange.exporting import export_book
from app.storage.database import open_database
from benchmarks.measuring import Figure, processes_ms
from benchmarks.serving import served
from benchmarks.synthetic import BUSIEST, FIRST_YEAR, YEARS, Size, acting

ROOT = Path(__file__).resolve().parents[1]
MEMORY_MB = 250
LARGE = 100_000
"""The bar beside ledger and hledger is for books of this size: on small ones starting Python is all that is timed."""
WINDOW_S = 15


def measure_processes(size: Size, path: Path, scratch: Path) -> Iterator[Figure]:
    """Time `report --json` as a whole process, and ledger's and hledger's balances of the same book."""
    journal = scratch / f"{size.name}.journal"
    if not journal.exists():
        book = open_database(str(path))
        with book.session():
            export_book(acting(book), journal, "hledger")
        book.close()
    month = f"{FIRST_YEAR + YEARS - 1}-12"
    report = [sys.executable, str(ROOT / "main.py"), "report", str(path), "trial-balance", "--to", month, "--json"]
    others = {tool: [tool, "-f", str(journal), "bal"] for tool in ("ledger", "hledger") if shutil.which(tool)}
    times = processes_ms({"ours": report, **others})
    is_large = size.vouchers >= LARGE
    for tool, part in (("ledger", 0.25), ("hledger", 1.0)):
        if tool in times:
            yield Figure(
                f"report trial-balance --json, whole process, beside {tool}",
                size.name,
                times["ours"],
                "ms",
                f"{tool} bal",
                times[tool],
                f"≤ {part:g} × {tool} bal" if is_large else "",
                part * times[tool] if is_large else None,
            )


def measure_memory(size: Size, path: Path) -> Iterator[Figure]:
    """Measure the memory of the server alone after a day's calls, and of the whole program with its window."""
    yield Figure("memory of the server", size.name, _server_mb(path), "MB")
    window = _window_mb(path)
    if window is not None:
        yield Figure(
            "memory of the program with its window", size.name, window, "MB", "", None, f"< {MEMORY_MB} MB", MEMORY_MB
        )


def _server_mb(path: Path) -> float:
    command = [sys.executable, "-m", "benchmarks.processes", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return float(done.stdout)


def _window_mb(path: Path) -> float | None:
    """Start the program on a book without a display and read its memory once it stands still."""
    folder = path.with_name("window-data")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "ZHANGFANG_DATA_DIR": str(folder)}
    command = [sys.executable, str(ROOT / "main.py"), "--book", str(path)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + WINDOW_S
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.5)
        return None if process.poll() is not None else _resident_mb(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _resident_mb(process_id: int) -> float:
    for line in Path(f"/proc/{process_id}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _work(path: Path) -> None:
    """Serve a book, call what people call in a day, and print the memory."""
    year = FIRST_YEAR + YEARS - 1
    with served(path) as client:
        for _ in range(20):
            client.get("/api/reports/trial-balance", to=f"{year}-12")
            client.get("/api/reports/subsidiary-ledger", account_code=BUSIEST, to=f"{year}-12")
            client.get("/api/vouchers", limit=100, newest_first="true")
            client.get("/api/accounts")
        print(_resident_mb(os.getpid()))


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
