"""Eight processes posting into one book on a database server: nothing is lost, no number twice, no gap."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app.identity.service.opening import ensure_owner
from app.ledger.service.book import set_up_ledger
from app.ledger.verify import verify_book
from app.storage.database import fetch_all, open_database
from app.storage.migrate import migrate
from benchmarks.measuring import Figure
from tests.mariadb import MariaDBServer, running_server

ROOT = Path(__file__).resolve().parents[1]
PROCESSES = 8
DATABASE = "crowd"


def measure_crowd(each: int) -> Iterator[Figure]:
    """Let eight processes post so many vouchers each, then look for gaps, duplicates and findings."""
    with tempfile.TemporaryDirectory(prefix="zhangfang-crowd-") as folder, running_server(Path(folder)) as server:
        server.execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        book = open_database(server.url(DATABASE), password=server.password)
        migrate(book)
        with book.session():
            ensure_owner("王会计")
            set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        start = time.perf_counter()
        acknowledged = _post(server, each)
        seconds = time.perf_counter() - start
        with book.session():
            faults = _faults(acknowledged, each * PROCESSES) + len(verify_book().findings)
        book.close()
    name = f"{PROCESSES} × {each} on MariaDB"
    yield Figure(
        "8 processes at once: vouchers lost, doubled, out of number, findings", name, faults, "", "", None, "0", 0
    )
    yield Figure("8 processes at once: one voucher each", name, seconds / each * 1000, "ms")


def _post(server: MariaDBServer, each: int) -> list[int]:
    environment = {**os.environ, "ZHANGFANG_DB_PASSWORD": server.password}
    command = [sys.executable, "-m", "tests.scenarios.poster", server.url(DATABASE), str(each)]
    crowd = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
        for _ in range(PROCESSES)
    ]
    return [int(line) for process in crowd for line in process.communicate()[0].split()]


def _faults(acknowledged: list[int], expected: int) -> int:
    """Count what is missing, there twice, or out of number."""
    stored = {row[0] for row in fetch_all("SELECT id FROM {voucher} WHERE state = 'posted'")}
    faults = abs(expected - len(acknowledged)) + len(acknowledged) - len(set(acknowledged))
    faults += len(set(acknowledged) ^ stored)
    for _, _, count, first, last in fetch_all(
        "SELECT period, word, COUNT(DISTINCT number), MIN(number), MAX(number) FROM {voucher} GROUP BY period, word"
    ):
        faults += abs(last - count) + abs(first - 1)
    return faults
