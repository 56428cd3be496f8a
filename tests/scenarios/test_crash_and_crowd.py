"""Power goes, and many people save at once: what was acknowledged is there, once, and the book verifies."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from app.identity.service.opening import ensure_owner
from app.ledger.service.book import set_up_ledger
from app.ledger.verify import verify_book
from app.storage.database import Book, fetch_all, fetch_one
from tests.mariadb import MariaDBServer

ROOT = Path(__file__).resolve().parents[2]
KILLS = 50
PROCESSES = 8
VOUCHERS_EACH = 100


def _set_up(book: Book) -> None:
    with book.session():
        ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)


def _poster(address: str, count: int, *options: str, password: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.scenarios.poster", address, str(count), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "ZHANGFANG_DB_PASSWORD": password},
    )


@contextmanager
def _posters(address: str, folder: Path) -> Iterator[Callable[[], tuple[int, IO[str]]]]:
    """Yield what begins a process that posts without end; it returns the process' number and what it acknowledges."""
    parent = _poster(address, 10_000, "--fork")

    def begin() -> tuple[int, IO[str]]:
        pipe = folder / "acknowledged"
        pipe.unlink(missing_ok=True)
        os.mkfifo(pipe)
        assert parent.stdin is not None
        parent.stdin.write(f"{pipe}\n")
        parent.stdin.flush()
        output = pipe.open(encoding="ascii")
        return int(output.readline()), output

    yield begin
    _, errors = parent.communicate()
    assert not errors, errors


@contextmanager
def _posters_without_fork(address: str, _folder: Path) -> Iterator[Callable[[], tuple[int, IO[str]]]]:
    """Do the same where a process cannot be forked."""
    with ExitStack() as begun:

        def begin() -> tuple[int, IO[str]]:
            process = begun.enter_context(_poster(address, 10_000))
            assert process.stdout is not None
            return process.pid, process.stdout

        yield begin


def test_every_acknowledged_voucher_survives_a_kill(sqlite_book: Book, tmp_path: Path) -> None:
    _set_up(sqlite_book)
    address = str(sqlite_book.address)
    sqlite_book.close()
    choice = random.Random(2026)
    acknowledged: set[int] = set()
    with (_posters if hasattr(os, "fork") else _posters_without_fork)(address, tmp_path) as begin:
        for _ in range(KILLS):
            process_id, output = begin()
            with output:
                lines = [output.readline()]
                # Kill at a random moment of the stream: after some lines, and then somewhere inside the next
                # transaction.
                lines += [output.readline() for _ in range(choice.randrange(4))]
                deadline = time.monotonic() + choice.random() * 0.02
                while time.monotonic() < deadline:
                    pass
                os.kill(process_id, getattr(signal, "SIGKILL", signal.SIGTERM))
                lines += output.read().splitlines(keepends=True)
            acknowledged |= {int(line) for line in lines if line.endswith("\n")}
    with sqlite_book.session():
        stored = {row[0] for row in fetch_all("SELECT id FROM {voucher} WHERE state = 'posted'")}
        assert acknowledged <= stored
        assert len(stored) - len(acknowledged) <= KILLS
        assert verify_book().findings == []
        assert fetch_one("PRAGMA synchronous") == (2,)
    assert len(acknowledged) >= KILLS


def test_eight_processes_post_into_one_mysql_book(mariadb_book: Book, mariadb_server: MariaDBServer) -> None:
    _set_up(mariadb_book)
    address = str(mariadb_book.address)
    crowd = [_poster(address, VOUCHERS_EACH, password=mariadb_server.password) for _ in range(PROCESSES)]
    outputs = [process.communicate(timeout=300) for process in crowd]
    assert [errors for _, errors in outputs if errors] == []
    acknowledged = [int(line) for output, _ in outputs for line in output.split()]
    assert len(acknowledged) == len(set(acknowledged)) == PROCESSES * VOUCHERS_EACH
    with mariadb_book.session():
        counts = fetch_all(
            "SELECT period, word, COUNT(*), MIN(number), MAX(number) FROM {voucher} GROUP BY period, word"
        )
        assert all(row[2] == row[4] and row[3] == 1 for row in counts)
        assert sum(row[2] for row in counts) == PROCESSES * VOUCHERS_EACH
        assert verify_book().findings == []
