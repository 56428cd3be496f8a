"""Fuzzing for as long as wanted: `python -m tests.security.fuzz_campaign --minutes 20 [--mariadb]`.

Books are made anew every few thousand requests, each with a seed of its own, and at the end of each it is proved:
whatever was sent, every guarantee must still hold. Findings go to standard error, with the request as it was sent.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argon2 import PasswordHasher

from app.identity import passwords
from app.storage.database import open_database
from app.storage.migrate import migrate
from tests.calling import caller_on, set_up
from tests.mariadb import running_server
from tests.security.filled import fill
from tests.security.fuzzing import fuzz
from tests.security.request_maker import WHOLE

ROUND = 4000


@contextmanager
def addresses(folder: Path, *, on_server: bool) -> Iterator[Iterator[tuple[str, str]]]:
    """Yield addresses of books that are not there yet, each with its password."""
    if not on_server:
        yield ((str(folder / f"{number}.zhangfang"), "") for number in range(10_000))
        return
    with running_server(folder) as server:

        def made() -> Iterator[tuple[str, str]]:
            for number in range(10_000):
                server.execute(f"CREATE DATABASE fuzz_{number} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
                yield server.url(f"fuzz_{number}"), server.password

        yield made()


def say(text: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def main() -> int:
    """Run rounds until the time is over; exit 1 when anything was found."""
    wishes = argparse.ArgumentParser()
    wishes.add_argument("--minutes", type=float, default=1)
    wishes.add_argument("--seed", type=int, default=1)
    wishes.add_argument("--mariadb", action="store_true")
    wishes.add_argument("--whole", type=float, default=WHOLE, help="which part of the requests is meant to be good")
    wishes.add_argument("--at-once", type=int, default=1, help="how many callers share the requests")
    asked = wishes.parse_args()
    passwords._hasher = lambda: PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # type: ignore[assignment]
    folder = Path(tempfile.mkdtemp(prefix="zhangfang-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    os.environ["ZHANGFANG_DATA_DIR"] = str(folder / "data")
    known: set[str] = set()
    statuses: Counter[int] = Counter()
    until, seed = time.monotonic() + asked.minutes * 60, asked.seed
    try:
        with addresses(folder, on_server=asked.mariadb) as given:
            while time.monotonic() < until:
                address, password = next(given)
                book = open_database(address, password=password or None)
                try:
                    migrate(book)
                    set_up(book)
                    fill(caller_on(book))
                    fuzzer = fuzz(book, seed, ROUND, whole=asked.whole, at_once=asked.at_once)
                finally:
                    book.close()
                statuses += fuzzer.statuses
                for key in fuzzer.findings.keys() - known:
                    known.add(key)
                    found = fuzzer.findings[key]
                    say(f"--- seed {seed}: {found.what}\n{str(found.request)[:1500]}\n{found.trace[-3000:]}")
                slow = [f"{seconds:.2f} s {request}" for seconds, request in fuzzer.slowest[-2:]]
                say(f"seed {seed}: {sum(statuses.values())} requests {sorted(statuses.items())}; slowest {slow}")
                seed += 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say(f"{len(known)} findings in {sum(statuses.values())} requests: {sorted(statuses.items())}")
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main())
