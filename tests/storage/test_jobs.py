"""Jobs: what they report, how they end, and what remains of them when their process goes."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from app.kernel.clock import utc_ms
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.text import Message, message
from app.storage import jobs
from app.storage.book_settings import get_setting, set_setting
from app.storage.database import Book, execute, fetch_one, open_database, run_unit
from app.storage.jobs import (
    SILENT_AFTER_MS,
    Job,
    JobRunner,
    JobState,
    cancel_job,
    get_job,
    recover_jobs,
    start_job,
    wait_for_job,
)
from app.storage.migrate import migrate
from app.storage.processes import host_name, machine_id, own_start
from tests.waiting import until

ROOT = Path(__file__).parents[2]
WAIT_S = 20


def finished(book: Book, job_id: int) -> JobState:
    with book.session():
        state = wait_for_job(job_id, WAIT_S)
    assert state.finished_at is not None
    return state


def test_a_job_tells_its_progress_and_its_result(book: Book) -> None:
    half_way, go_on = threading.Event(), threading.Event()

    def work(job: Job) -> dict[str, Any]:
        set_setting("made", 1)
        job.progress(1, 2, message("正在做 {what}。", what=message("第 {n} 步", n=1)))
        half_way.set()
        assert go_on.wait(WAIT_S)
        job.progress(2, 2, message("做完了。"))
        return {"rows": 3, "名": "值"}

    job_id = start_job(book, 7, "test", work)
    assert half_way.wait(WAIT_S)
    with book.session():
        state = get_job(job_id)
        assert (state.state, state.done, state.total, str(state.text)) == ("running", 1, 2, "正在做 第 1 步。")
        assert (state.actor_id, state.kind, state.result, state.finished_at) == (7, "test", None, None)
    go_on.set()
    state = finished(book, job_id)
    assert (state.state, state.done, state.total, state.result) == ("done", 2, 2, {"rows": 3, "名": "值"})
    with book.session():
        assert get_setting("made") == 1


def test_a_job_that_ends_while_it_is_looked_at_is_not_told_as_running(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    runner = book.companion(JobRunner)

    def work(job: Job) -> None:
        begun.set()
        assert go_on.wait(WAIT_S)

    def read_and_let_it_end(sql: str, parameters: tuple[int, ...]) -> object:
        row = fetch_one(sql, parameters)
        go_on.set()
        with book.session():
            until(lambda: fetch_one(sql, parameters) != row and runner.find(job_id) is None)
        return row

    job_id = start_job(book, 1, "test", work)
    assert begun.wait(WAIT_S)
    with book.session():
        monkeypatch.setattr(jobs, "fetch_one", read_and_let_it_end)
        state = get_job(job_id)
    assert (state.state, state.finished_at is not None) == ("done", True)


def test_progress_that_is_late_does_not_hide_the_end(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, go_on = threading.Event(), threading.Event()
    runner, in_words = book.companion(JobRunner), jobs._message_text

    def work(job: Job) -> None:
        job.progress(1, 2, message("正在做。"))
        shown.set()
        assert go_on.wait(WAIT_S)
        job.progress(2, 2, message("做完了。"))

    def late_in_the_pulse(text: Message) -> str:
        if threading.current_thread().name == "job-pulse" and shown.is_set():
            go_on.set()
            until(lambda: runner.find(job_id) is None)
        return in_words(text)

    monkeypatch.setattr(jobs, "_message_text", late_in_the_pulse)
    job_id = start_job(book, 1, "test", work)
    assert go_on.wait(WAIT_S)
    finished(book, job_id)
    book.close()  # waits for the pulse, which writes what it had read before
    again = open_database(book.address)
    with again.session():
        state = get_job(job_id)
    assert (state.state, state.done, str(state.text)) == ("done", 2, "做完了。")
    again.close()


def test_a_user_error_ends_as_its_sentence(book: Book) -> None:
    def work(job: Job) -> None:
        raise RuleBroken("unbalanced", message("第 {line} 行不平。", line=3))

    state = finished(book, start_job(book, 1, "test", work))
    assert (state.state, state.error_code, str(state.error)) == ("failed", "unbalanced", "第 3 行不平。")


def test_a_bug_ends_as_a_general_sentence_and_is_logged(book: Book, caplog: pytest.LogCaptureFixture) -> None:
    def work(job: Job) -> None:
        raise ZeroDivisionError("details nobody should see")

    with caplog.at_level(logging.ERROR):
        state = finished(book, start_job(book, 1, "test", work))
    assert (state.state, state.error_code) == ("failed", "internal")
    assert "details" not in str(state.error)
    assert "ZeroDivisionError" in caplog.text


def test_a_cancelled_job_rolls_back_what_it_was_doing(book: Book) -> None:
    begun = threading.Event()

    def work(job: Job) -> None:
        def unit() -> None:
            set_setting("half", 1)
            begun.set()
            while True:  # holds the write lock all the time
                job.progress(0, 1, message("正在做。"))

        run_unit(unit)

    job_id = start_job(book, 1, "test", work)
    assert begun.wait(WAIT_S)
    with book.session():
        cancel_job(job_id)
    state = finished(book, job_id)
    assert state.state == "cancelled"
    with book.session():
        assert get_setting("half") is None
        assert cancel_job(job_id).state == "cancelled"


def test_another_process_can_look_and_cancel(book: Book) -> None:
    begun = threading.Event()

    def work(job: Job) -> None:
        job.progress(1, 9, message("正在做。"))
        begun.set()
        while True:
            job.check_cancelled()

    job_id = start_job(book, 1, "test", work)
    assert begun.wait(WAIT_S)
    other = open_database(book.address)  # knows of the job only what the database says
    with other.session():
        until(lambda: get_job(job_id).done == 1)
        assert (get_job(job_id).state, get_job(job_id).done, get_job(job_id).total) == ("running", 1, 9)
        cancel_job(job_id)
        assert wait_for_job(job_id, WAIT_S).state == "cancelled"
    other.close()


def test_a_job_starts_when_its_unit_is_committed_and_not_at_all_when_it_fails(book: Book) -> None:
    ran: list[int] = []

    def work(job: Job) -> None:
        ran.append(job.id)

    def fails() -> None:
        start_job(book, 1, "test", work)
        raise LookupError

    with book.session():
        with pytest.raises(LookupError):
            run_unit(fails)
        job_id = run_unit(lambda: start_job(book, 1, "test", work))
    finished(book, job_id)
    assert ran == [job_id]


def test_the_end_of_a_job_is_written_when_the_write_lock_is_free_again(
    sqlite_book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    locked = threading.Event()

    def hold() -> None:
        with sqlite_book.session():
            execute("PRAGMA busy_timeout = 1")

            def unit() -> None:
                locked.set()
                assert release.wait(WAIT_S)

            run_unit(unit)

    def work(job: Job) -> None:
        execute("PRAGMA busy_timeout = 1")
        holder.start()
        assert locked.wait(WAIT_S)

    holder = threading.Thread(target=hold)
    job_id = start_job(sqlite_book, 1, "test", work)
    with sqlite_book.session():
        assert wait_for_job(job_id, WAIT_S).state == "done"  # this process knows
        assert fetch_one("SELECT state FROM {job} WHERE id = ?", (job_id,)) == ("running",)
        release.set()
        holder.join()
        until(lambda: fetch_one("SELECT state FROM {job} WHERE id = ?", (job_id,)) == ("done",))


def test_closing_the_book_stops_its_jobs(tmp_path: Path) -> None:
    book = open_database(str(tmp_path / "b.zhangfang"))
    migrate(book)
    begun = threading.Event()

    def work(job: Job) -> None:
        begun.set()
        while True:
            job.check_cancelled()

    job_id = start_job(book, 1, "test", work)
    assert begun.wait(WAIT_S)
    before = {thread.name for thread in threading.enumerate()}
    assert {"job-pulse", "job_0"} <= before
    book.close()
    assert not {"job-pulse", "job_0"} & {thread.name for thread in threading.enumerate()}
    with book.session():
        assert get_job(job_id).state == "cancelled"
    book.close()


def test_a_thread_whose_job_is_done_has_ended_when_the_book_is_closed(sqlite_book: Book) -> None:
    told, closed, go_on = threading.Event(), threading.Event(), threading.Event()

    class Slow(set[Future[None]]):
        def discard(self, done: object) -> None:
            """Let whoever waits for the job go on before the thread that did it."""
            told.set()
            closed.wait(0.3)
            super().discard(done)

    def work(_job: Job) -> None:
        assert go_on.wait(WAIT_S)

    sqlite_book.companion(JobRunner)._futures = Slow()
    start_job(sqlite_book, 1, "test", work)
    go_on.set()
    assert told.wait(WAIT_S)
    sqlite_book.close()
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("job")]
    closed.set()
    assert left == []


def test_a_job_whose_unit_is_committed_while_the_book_is_closed_is_not_begun_and_ends(sqlite_book: Book) -> None:
    ran: list[int] = []

    def unit() -> int:
        made = start_job(sqlite_book, 1, "test", lambda job: ran.append(job.id))
        sqlite_book.companion(JobRunner).stop()
        return made

    with sqlite_book.session():
        state = get_job(run_unit(unit))
    assert (state.state, state.error_code, state.finished_at is not None) == ("failed", "book_closing", True)
    assert ran == []


def test_an_unknown_job_is_named(sqlite_book: Book) -> None:
    with sqlite_book.session(), pytest.raises(NotFound) as refused:
        get_job(99)
    assert refused.value.code == "job_unknown"
    assert sqlite_book.companion(JobRunner).find(99) is None


ENDLESS = """
import sys
from app.storage.database import open_database
from app.storage.jobs import start_job

def work(job):
    sys.stdout.write("begun\\n"); sys.stdout.flush()
    while True:
        job.check_cancelled()

start_job(open_database(sys.argv[1]), 1, "endless", work)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_job_of_a_killed_process_is_marked_as_failed_at_opening(sqlite_book: Book) -> None:
    path = str(sqlite_book.address)
    with subprocess.Popen([sys.executable, "-c", ENDLESS, path], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        assert recover_jobs(sqlite_book) == 0  # it lives
        process.send_signal(signal.SIGKILL)
    assert recover_jobs(sqlite_book) == 1
    with sqlite_book.session():
        state = get_job(1)
    assert (state.state, state.error_code) == ("failed", "job_interrupted")
    assert state.finished_at is not None
    assert recover_jobs(sqlite_book) == 0


@pytest.mark.parametrize(
    ("host", "process_id", "started", "silent_ms", "lost"),
    [
        (host_name(), os.getpid(), own_start(), SILENT_AFTER_MS * 2, 0),
        (host_name(), os.getpid(), "another start", 0, 1),
        ("elsewhere", os.getpid(), own_start(), SILENT_AFTER_MS // 2, 0),
        ("elsewhere", os.getpid(), own_start(), SILENT_AFTER_MS * 2, 1),
    ],
    ids=["this process", "an earlier one of the same id", "elsewhere and heard of", "elsewhere and silent"],
)
def test_which_jobs_are_lost(book: Book, host: str, process_id: int, started: str, silent_ms: int, lost: int) -> None:
    now = utc_ms()
    with book.session():
        run_unit(
            lambda: execute(
                "INSERT INTO {job} (kind, actor_id, state, message, process, created_at, heartbeat_at) "
                "VALUES ('k', 1, 'running', ?, ?, ?, ?)",
                (
                    json.dumps({"source": "", "params": {}}),
                    json.dumps([host, machine_id(), process_id, started]),
                    now,
                    now - silent_ms,
                ),
            )
        )
    assert recover_jobs(book) == lost
