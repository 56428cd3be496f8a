"""Long work in the background; where it stands is in the database, so that every process that has the book can tell.

The work runs in a small pool of threads of the process that started it. While a unit of work is under way on SQLite
nobody else can write, not even progress. Therefore progress is kept in memory for this process, and a pulse writes it
to the database twice a second, when it can. The pulse also looks whether another process asked to cancel, and shows
others that this one still lives: work whose process died is marked as failed when the book is next opened.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from app.kernel.clock import utc_ms
from app.kernel.errors import EnvironmentFault, NotFound, ZhangfangError
from app.kernel.text import Message, message
from app.storage.book_clock import book_now_ms
from app.storage.database import (
    Book,
    after_commit,
    current_book,
    execute,
    fetch_all,
    fetch_one,
    insert_returning_id,
    register_table,
    run_unit,
)
from app.storage.processes import host_name, machine_id, own_start, process_start
from app.storage.progress import WorkCancelled
from app.storage.stored_sentences import sentence_from_json, sentence_to_json

register_table("job", "storage")

logger = logging.getLogger(__name__)

WORKERS = 2
PULSE_S = 0.5
HEARTBEAT_MS = 10_000
SILENT_AFTER_MS = 120_000
AHEAD_MS = 3_600_000
"""A sign of life from so far ahead is from before a clock was set back."""
STOP_WAIT_S = 5
KEPT_DAYS = 30

_STATE_COLUMNS = (
    *("kind", "actor_id", "state", "done", "total", "message", "result", "error", "created_at", "finished_at"),
)

Work = Callable[["Job"], Mapping[str, Any] | None]
"""Does the work in a session of the book; returns what came of it as JSON values."""


@dataclass(frozen=True, slots=True)
class JobState:
    """Where a job stands. `state`: waiting, running, done, failed, cancelled; times in UTC ms."""

    id: int
    kind: str
    actor_id: int
    state: str
    done: int
    total: int
    text: Message
    result: dict[str, Any] | None
    error: Message | None
    error_code: str
    created_at: int
    finished_at: int | None


@dataclass(slots=True)
class Job:
    """A job as its own work sees it."""

    id: int
    book: Book
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _progress: tuple[int, int, Message] = (0, 0, Message(""))
    end: dict[str, str | int] | None = None
    """The columns of the finished job."""
    tells_end: bool = False
    """Whether the end may be told: it is written, or could not be at once."""

    def progress(self, done: int, total: int, text: Message) -> None:
        """Tell where the work stands, and stop it if somebody asked for that. Raises `WorkCancelled`."""
        with self._lock:
            self._progress = (done, total, text)
        self.check_cancelled()

    def check_cancelled(self) -> None:
        """Raise `WorkCancelled` when somebody asked to stop; a unit under way is then rolled back."""
        if self._cancelled.is_set():
            raise WorkCancelled("cancelled", message("已取消。"))

    @property
    def cancelled(self) -> bool:
        """Tell whether somebody asked to stop."""
        return self._cancelled.is_set()

    @property
    def shown(self) -> tuple[int, int, Message]:
        """Return the latest progress."""
        with self._lock:
            return self._progress

    def cancel(self) -> None:
        """Ask the work to stop at its next look."""
        self._cancelled.set()


class JobRunner:
    """The threads that work for one open book in this process. `Book.close` stops it."""

    def __init__(self, book: Book) -> None:
        """Prepare; threads start with the first job."""
        self._book = book
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="job")
        self._lock = threading.Lock()
        self._jobs: dict[int, Job] = {}
        self._futures: set[Future[None]] = set()
        self._stopping = threading.Event()
        self._pulse: threading.Thread | None = None
        book.on_close(self.stop)

    def start(self, actor_id: int, kind: str, work: Work) -> int:
        """Queue the work and return its id. Raises `EnvironmentFault` while the book is closing."""
        if self._stopping.is_set():
            raise _closing()
        job = Job(_insert(actor_id, kind), self._book)
        after_commit(lambda: self._submit(job, work))
        return job.id

    def _submit(self, job: Job, work: Work) -> None:
        with self._lock:
            if not self._stopping.is_set():
                self._jobs[job.id] = job
                future = self._pool.submit(self._run, job, work)
                self._futures.add(future)
                future.add_done_callback(self._futures.discard)
                if self._pulse is None:
                    self._pulse = threading.Thread(target=self._keep_pulse, name="job-pulse")
                    self._pulse.start()
                return
        # the book began to close after its row was written, which would say for ever that it waits
        _update(job.id, **_failed(_closing()))

    def find(self, job_id: int) -> Job | None:
        """Return a job that waits or runs in this process."""
        with self._lock:
            return self._jobs.get(job_id)

    def stop(self) -> None:
        """Ask all work to stop and wait a few seconds for it."""
        self._stopping.set()
        with self._lock:
            jobs, futures, pulse = list(self._jobs.values()), set(self._futures), self._pulse
        for job in jobs:
            job.cancel()
        self._pool.shutdown(wait=False)
        late = wait(futures, STOP_WAIT_S).not_done
        if late:
            logger.warning("%d jobs did not stop in %d s", len(late), STOP_WAIT_S)
        else:
            self._pool.shutdown()  # its threads end a moment later than their work
        if pulse is not None:
            pulse.join(STOP_WAIT_S)
        if left := [job for job in jobs if job.end is not None and self.find(job.id)]:
            self._beat_once(left, {})

    def _run(self, job: Job, work: Work) -> None:
        try:
            with self._book.session():
                job.end = self._end_of(job, work)
                self._write_end(job)
        except EnvironmentFault as fault:
            # somebody else holds the write lock, or the server is away: the pulse goes on trying. Only now is it told
            # before it is written, for other processes know what is written and would contradict it
            logger.info("the end of job %d cannot be written now: %s", job.id, fault.code)
            if job.end is None:
                job.end = _failed(fault)
            job.tells_end = True

    @staticmethod
    def _end_of(job: Job, work: Work) -> dict[str, str | int]:
        end: dict[str, str | int] = {}
        try:
            job.check_cancelled()
            _update(job.id, state="running", started_at=utc_ms(), heartbeat_at=book_now_ms())
            result = work(job)
            end = {"state": "done", "result": json.dumps(dict(result or {}), ensure_ascii=False)}
        except WorkCancelled:
            end = {"state": "cancelled"}
        except ZhangfangError as error:
            logger.info("job %d failed: %s", job.id, error.logged)
            end = _failed(error)
        except Exception:  # the last place that can tell the user; the log keeps what happened
            logger.exception("job %d failed", job.id)
            end = {"state": "failed", "error": _error_json("internal", message("程序出错了，日志里有详情。"))}
        done, total, text = job.shown
        return end | {"done": done, "total": total, "message": _message_text(text), "finished_at": utc_ms()}

    def _write_end(self, job: Job) -> None:
        if job.end is not None:
            _update(job.id, **job.end)
            job.tells_end = True
            with self._lock:
                self._jobs.pop(job.id, None)

    def _keep_pulse(self) -> None:
        written: dict[int, tuple[tuple[int, int, Message], int]] = {}
        while not self._stopping.wait(PULSE_S):
            with self._lock:
                jobs = list(self._jobs.values())
                if not jobs:
                    self._pulse = None  # the next job starts another, so that an idle program has no thread left
                    return
            self._beat_once(jobs, written)

    def _beat_once(self, jobs: list[Job], written: dict[int, tuple[tuple[int, int, Message], int]]) -> None:
        try:
            with self._book.session():
                for job in jobs:
                    self._write_end(job)
                self._beat([job for job in jobs if job.end is None], written)
        except EnvironmentFault as fault:
            logger.debug("progress could not be written now: %s", fault.code)

    @staticmethod
    def _beat(jobs: list[Job], written: dict[int, tuple[tuple[int, int, Message], int]]) -> None:
        if not jobs:
            return
        places = ", ".join("?" * len(jobs))
        asked = f"SELECT id FROM {{job}} WHERE cancel_requested = 1 AND id IN ({places})"
        stopped = {row[0] for row in fetch_all(asked, [job.id for job in jobs])}
        now = book_now_ms()
        for job in jobs:
            if job.id in stopped:
                job.cancel()
            shown, at = written.get(job.id, ((0, 0, Message("")), 0))
            if job.shown != shown or now - at > HEARTBEAT_MS:
                done, total, text = shown = job.shown
                _update_under_way(job.id, done=done, total=total, message=_message_text(text), heartbeat_at=now)
                written[job.id] = (shown, now)


def start_job(book: Book, actor_id: int, kind: str, work: Work) -> int:
    """Run `work(job)` in the background and return the job's id; it tells its progress and stops when asked to.

    It starts when the unit under way, if any, is committed. `job.progress(done, total, message)` and
    `job.check_cancelled()` raise `WorkCancelled` when somebody cancelled. A user error ends as the job's sentence, a
    bug as a general one with the traceback in the log.
    """
    runner = book.companion(JobRunner)
    with book.session():
        return runner.start(actor_id, kind, work)


def is_under_way(kind: str) -> bool:
    """Tell whether some process works on such a job, or will. Those of dead processes count until recovered."""
    return fetch_one("SELECT 1 FROM {job} WHERE kind = ? AND finished_at IS NULL LIMIT 1", (kind,)) is not None


def get_job(job_id: int) -> JobState:
    """Return where a job of the current book stands. Raises `NotFound`."""
    # looked for before the row is read: a job leaves this process only when its row tells the end, so none is missed
    here = current_book().companion(JobRunner).find(job_id)
    row = fetch_one(f"SELECT {', '.join(_STATE_COLUMNS)} FROM {{job}} WHERE id = ?", (job_id,))
    if row is None:
        raise NotFound("job_unknown", message("没有编号为 {id} 的任务。", id=job_id))
    columns = dict(zip(_STATE_COLUMNS, row, strict=True))
    if here is not None:
        done, total, text = here.shown
        end = here.end if here.tells_end else None
        columns |= {"done": done, "total": total, "message": _message_text(text), **(end or {})}
    error = json.loads(columns["error"]) if columns["error"] is not None else None
    return JobState(
        id=job_id,
        kind=columns["kind"],
        actor_id=int(columns["actor_id"]),
        state=columns["state"],
        done=int(columns["done"]),
        total=int(columns["total"]),
        text=sentence_from_json(json.loads(columns["message"])),
        result=json.loads(columns["result"]) if columns["result"] is not None else None,
        error=sentence_from_json(error["message"]) if error else None,
        error_code=error["code"] if error else "",
        created_at=int(columns["created_at"]),
        finished_at=columns["finished_at"],
    )


def cancel_job(job_id: int) -> JobState:
    """Ask a job to stop, in whichever process it runs, and return where it stands; one that ended stays as it is."""
    here = current_book().companion(JobRunner).find(job_id)
    if here is not None:
        here.cancel()  # not through the database: the job itself may be holding its write lock
    else:
        run_unit(
            lambda: execute("UPDATE {job} SET cancel_requested = 1 WHERE id = ? AND finished_at IS NULL", (job_id,))
        )
    return get_job(job_id)


def wait_for_job(job_id: int, timeout_s: float) -> JobState:
    """Return where a job stands as soon as it has ended, or after the time given. For command line and tests."""
    deadline = time.monotonic() + timeout_s
    while True:
        state = get_job(job_id)
        if state.finished_at is not None or time.monotonic() > deadline:
            return state
        time.sleep(0.01)


def kinds_under_way() -> set[str]:
    """Return the kinds of jobs of the current book that wait or run in a process that lives."""
    now = book_now_ms()
    rows = fetch_all("SELECT kind, process, heartbeat_at FROM {job} WHERE finished_at IS NULL")
    return {kind for kind, process, heartbeat_at in rows if _lives(process, now - heartbeat_at)}


def recover_jobs(book: Book) -> int:
    """Mark jobs whose process is gone as failed and forget those that ended long ago; call it when opening a book.

    A process of this computer is looked for; one of another computer counts as gone after two minutes of silence.
    Returns how many were marked.
    """
    with book.session():
        return run_unit(_recover)


def _recover() -> int:
    now = book_now_ms()
    rows = fetch_all("SELECT id, process, heartbeat_at FROM {job} WHERE finished_at IS NULL")
    lost = [job_id for job_id, process, heartbeat_at in rows if not _lives(process, now - heartbeat_at)]
    error = _error_json("job_interrupted", message("程序在这个任务完成前结束了，请重新开始。"))
    for job_id in lost:  # unless it has ended since the rows were read, and its process after it
        _update_under_way(job_id, state="failed", finished_at=now, error=error)
    execute("DELETE FROM {job} WHERE finished_at IS NOT NULL AND created_at < ?", (now - KEPT_DAYS * 86_400_000,))
    return len(lost)


def _lives(process: str, silent_ms: int) -> bool:
    host, machine, process_id, started = json.loads(process)
    if (host, machine) == (host_name(), machine_id()):
        return bool(process_start(process_id) == started)
    return -AHEAD_MS < silent_ms < SILENT_AFTER_MS


def _insert(actor_id: int, kind: str) -> int:
    now = book_now_ms()
    process = json.dumps([host_name(), machine_id(), os.getpid(), own_start()], ensure_ascii=False)
    return run_unit(
        lambda: insert_returning_id(
            "INSERT INTO {job} (kind, actor_id, state, message, process, created_at, heartbeat_at) "
            "VALUES (?, ?, 'waiting', ?, ?, ?, ?)",
            (kind, actor_id, _message_text(Message("")), process, now, now),
        )
    )


def _update(job_id: int, **columns: str | int) -> None:
    _write("id = ?", job_id, columns)


def _update_under_way(job_id: int, **columns: str | int) -> None:
    """Write what is known of a job unless its end is written already, which nothing is to hide."""
    _write("id = ? AND finished_at IS NULL", job_id, columns)


def _write(which: str, job_id: int, columns: Mapping[str, str | int]) -> None:
    settings = ", ".join(f"{name} = ?" for name in columns)
    run_unit(lambda: execute(f"UPDATE {{job}} SET {settings} WHERE {which}", (*columns.values(), job_id)))


def _closing() -> EnvironmentFault:
    return EnvironmentFault("book_closing", message("账簿正在关闭，请重新打开后再试。"))


def _failed(error: ZhangfangError) -> dict[str, str | int]:
    """Return the columns of a job that ended with an error."""
    return {"state": "failed", "error": _error_json(error.code, error.message), "finished_at": utc_ms()}


def _error_json(code: str, text: Message) -> str:
    return json.dumps({"code": code, "message": sentence_to_json(text)}, ensure_ascii=False)


def _message_text(text: Message) -> str:
    return json.dumps(sentence_to_json(text), ensure_ascii=False)
