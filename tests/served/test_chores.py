"""What several processes on one book must not do all at once, and how one of them closes it."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from app.kernel import clock
from app.storage.address import BookAddress
from app.storage.chores import chores_turn
from app.storage.database import Book, execute, fetch_all, fetch_one, open_database, run_unit
from app.storage.jobs import Job, start_job
from app.storage.lock import BookLock
from app.web import opening
from app.web.keeping import keeper_of
from app.web.looking_after import look_after
from app.web.opening import StopRegister, open_for_serving
from app.web.probes import Readiness
from app.web.wsgi import application
from tests.calling import set_up

ROOT = Path(__file__).parents[2]


def test_the_first_process_that_lives_has_the_turn(sqlite_book: Book) -> None:
    path = sqlite_book.address.path
    assert path is not None
    with chores_turn(sqlite_book) as is_ours:
        assert not is_ours  # nobody holds the book, so nobody serves it
    program = (
        "import sys\nfrom pathlib import Path\nfrom app.storage.lock import BookLock\n"
        "with BookLock(Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline()
        with BookLock(path):
            with chores_turn(sqlite_book) as is_ours:
                assert not is_ours
            other.kill()
            other.wait(60)
            with chores_turn(sqlite_book) as is_ours:
                assert is_ours
        other.stdin.close()


def test_on_a_server_one_connection_has_the_turn(mariadb_book: Book) -> None:
    other = open_database(mariadb_book.address)
    with chores_turn(mariadb_book) as is_ours:
        assert is_ours
        with chores_turn(other) as also:
            assert not also
    with chores_turn(other) as now:
        assert now
    other.close()


@contextlib.contextmanager
def opened(address: BookAddress) -> Iterator[Book]:
    with StopRegister() as stops:
        yield open_for_serving(address, stops)


def test_openers_that_race_sync_rights_and_start_unfinished_work_once(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two programs of new rights open a book at once, in which an index is behind."""
    set_up(book)
    with book.session():
        run_unit(lambda: execute("DELETE FROM {role_permission} WHERE permission_code LIKE 'ledger:%'"))
        run_unit(lambda: execute("DELETE FROM {permission} WHERE code LIKE 'ledger:%'"))
    started = threading.Event()
    goes_on = threading.Event()

    def work(check: Any) -> int:
        started.set()
        while not goes_on.wait(0.01):
            check()
        return 1

    monkeypatch.setattr(opening, "is_behind", lambda: True)
    monkeypatch.setattr(opening, "continue_index", work)
    at_once = threading.Barrier(3)
    failures: list[Exception] = []
    done = threading.Event()

    def open_it() -> None:
        at_once.wait(60)
        try:
            with opened(book.address):
                at_once.wait(60)
                done.wait(60)
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)
            at_once.abort()

    threads = [threading.Thread(target=open_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    at_once.wait(60)
    try:
        at_once.wait(60)
        assert started.wait(60)
        with book.session():
            assert len(fetch_all("SELECT id FROM {job} WHERE kind = 'word-index'")) == 1
            assert fetch_one("SELECT COUNT(*) FROM {permission} WHERE code LIKE 'ledger:%'") != (0,)
    except threading.BrokenBarrierError:
        assert failures == []
    finally:
        goes_on.set()
        done.set()
        for thread in threads:
            thread.join(60)
    assert failures == []


def test_the_hourly_round_is_done_by_who_has_the_turn_only(sqlite_book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(sqlite_book)
    path = sqlite_book.address.path
    assert path is not None
    monkeypatch.setattr("app.web.keeping.FIRST_LOOK_AFTER_S", 0.01)
    monkeypatch.setattr("app.web.keeping.NOT_OUR_TURN_S", 0.01)
    turns = threading.Semaphore(0)
    rounds = threading.Event()
    answers = [False, False, True]

    @contextlib.contextmanager
    def turn() -> Iterator[bool]:
        yield answers.pop(0) if len(answers) > 1 else answers[0]
        turns.release()

    stops = StopRegister()
    with stops:
        monkeypatch.setattr("app.web.looking_after.chores_turn", lambda _book: turn())
        monkeypatch.setattr("app.web.looking_after.forget_the_old", rounds.set)
        look_after(sqlite_book, stops, None, 5.0)
        assert turns.acquire(timeout=60)
        assert turns.acquire(timeout=60)
        assert rounds.wait(60)
        assert turns.acquire(timeout=60)
        assert len(keeper_of(sqlite_book).backups()) == 1


def test_a_site_that_closes_ends_its_jobs_where_everybody_sees_it(
    sqlite_book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(sqlite_book)
    sqlite_book.close()
    path = Path(shutil.copyfile(str(sqlite_book.address.path), tmp_path / "site.zhangfang"))
    monkeypatch.setenv("ZHANGFANG_BOOK", str(path))
    monkeypatch.setattr("atexit.register", lambda _step: None)
    site = application()
    client = Client(site)
    assert client.get("/readyz", buffered=True).status_code == 200
    assert isinstance(site.readiness, Readiness)
    book = site.readiness.book
    under_way = threading.Event()

    def work(job: Job) -> Mapping[str, Any]:
        under_way.set()
        while True:
            job.progress(1, 2, opening._not_set_up().message)

    job_id = start_job(book, 1, "endless", work)
    assert under_way.wait(60)
    site.close()
    site.close()
    assert client.get("/readyz", buffered=True).status_code == 503
    again = open_database(str(path))
    with again.session():
        assert fetch_all("SELECT id, state FROM {job} WHERE kind = 'endless'") == [(job_id, "cancelled")]
    again.close()
    assert [entry.name for entry in tmp_path.glob("site.zhangfang*")] == ["site.zhangfang"]


def test_sessions_that_ended_are_forgotten(sqlite_book: Book) -> None:
    owner = set_up(sqlite_book)
    now = clock.utc_ms()
    with sqlite_book.session():
        for number, expires in enumerate((now - 1, now + 60_000)):
            values = (json.dumps(number), owner.user_id, now, now, expires)
            sql = (
                "INSERT INTO {session} (token_hash, user_id, created_at, last_seen_at, expires_at, address, program) "
                "VALUES (?, ?, ?, ?, ?, '', '')"
            )
            run_unit(lambda sql=sql, values=values: execute(sql, values))  # type: ignore[misc]
        opening.forget_the_old()
        assert fetch_all("SELECT token_hash FROM {session}") == [("1",)]
