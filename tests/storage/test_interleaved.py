"""What happens when another step comes just in between: units, jobs, uploads, books that are made or closed."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import peewee
import pytest

from app.kernel.errors import Conflict, EnvironmentFault, NotFound
from app.storage import jobs, uploads
from app.storage.address import parse_address
from app.storage.database import Book, after_commit, execute, fetch_all, fetch_one, open_database, run_unit
from app.storage.faults import translated_faults
from app.storage.jobs import Job, get_job, recover_jobs, start_job, wait_for_job
from app.web import opening
from app.web.opening import create_book

WAIT_S = 20
NEW_SETTING = "INSERT INTO {book_setting} (name, value) VALUES ('done', '1')"


@pytest.mark.parametrize(
    "error",
    [peewee.OperationalError(1213, "Deadlock found when trying to get lock"), peewee.OperationalError("locked")],
    ids=["a lost race", "a busy database"],
)
def test_what_follows_a_commit_neither_runs_the_unit_again_nor_makes_it_fail(
    book: Book, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    runs: list[str] = []

    def follow() -> None:
        with translated_faults():
            raise error

    def work() -> str:
        runs.append("unit")
        execute(NEW_SETTING)
        after_commit(follow)
        after_commit(lambda: runs.append("the next step"))
        return "saved"

    with book.session(), caplog.at_level(logging.WARNING):
        assert run_unit(work) == "saved"
        assert fetch_all("SELECT value FROM {book_setting} WHERE name = 'done'") == [("1",)]
    assert runs == ["unit", "the next step"]
    assert "follow a commit" in caplog.text


def test_an_end_is_not_told_before_other_processes_can_see_it(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    go_on = threading.Event()
    write = jobs._write

    def look_before_the_end_is_written(which: str, job_id: int, columns: dict[str, str | int]) -> None:
        if columns.get("state") == "done":
            told.append(get_job(job_id).state)
        write(which, job_id, columns)

    monkeypatch.setattr(jobs, "_write", look_before_the_end_is_written)
    monkeypatch.setattr(jobs, "PULSE_S", WAIT_S)  # which would write an end once more
    job_id = start_job(book, 1, "test", lambda _job: {"ready": go_on.wait(WAIT_S)})
    go_on.set()
    with book.session():
        assert wait_for_job(job_id, WAIT_S).state == "done"
    assert told == ["running"]


def test_a_job_that_ends_while_the_lost_ones_are_looked_for_keeps_its_end(
    mariadb_book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = mariadb_book
    with book.session():
        job_id = jobs._insert(1, "test")

    def ends_and_is_gone(_process: str, _silent_ms: int) -> bool:
        def end() -> None:
            with book.session():
                jobs._update(job_id, state="done", result="{}", finished_at=1)

        thread = threading.Thread(target=end)
        thread.start()
        thread.join(WAIT_S)
        return False

    monkeypatch.setattr(jobs, "_lives", ends_and_is_gone)
    recover_jobs(book)
    with book.session():
        assert fetch_one("SELECT state, error FROM {job} WHERE id = ?", (job_id,)) == ("done", None)


def test_no_work_begins_in_a_book_that_is_closed(book: Book) -> None:
    ran: list[int] = []

    def work(job: Job) -> None:
        ran.append(job.id)

    with book.session():  # a request that outlasts the closing
        book.close()
    for _ in range(2):
        with pytest.raises(EnvironmentFault) as refused:
            start_job(book, 1, "test", work)
        assert refused.value.code == "book_closing"
    again = open_database(book.address)
    with again.session():
        assert fetch_all("SELECT id FROM {job}") == []
    again.close()
    assert ran == []


def test_a_part_that_comes_while_its_file_is_removed_meets_no_file(
    mariadb_book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, outcome, sent = mariadb_book, [], threading.Event()
    with book.session():
        upload = uploads.begin_upload(1, "a.csv", 2)

    def send() -> None:
        with book.session():
            try:
                uploads.put_part(upload.id, 1, 0, b"x")
                outcome.append("kept")
            except NotFound as refused:
                outcome.append(refused.code)
            sent.set()

    sender = threading.Thread(target=send)
    plain = execute

    def send_in_between(sql: str, parameters: tuple[object, ...]) -> object:
        done = plain(sql, parameters)
        if sql.startswith("DELETE FROM {upload_part} WHERE upload_id = ?") and not sender.ident:
            sender.start()
            sent.wait(0.5)  # where nothing keeps it from coming, it has come by then
        return done

    monkeypatch.setattr(uploads, "execute", send_in_between)
    with book.session():
        uploads.forget_upload(upload.id, 1)
        sender.join(WAIT_S)
        assert fetch_all("SELECT upload_id FROM {upload_part}") == []
    assert outcome == ["upload_unknown"]


def make(path: Path, name: str) -> None:
    create_book(
        parse_address(str(path)), name=name, chart="small_enterprise_2013", start="2026-01", vat="general", owner="王"
    )


def name_of(path: Path) -> str:
    book = open_database(str(path))
    with book.session():
        row = fetch_one("SELECT value FROM {book_setting} WHERE name = 'book_name'")
    book.close()
    assert row is not None
    return str(row[0])


def test_of_two_who_make_one_book_at_once_the_second_takes_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.zhangfang"
    refusals: list[str] = []
    prepare = opening.prepare

    def with_another_in_between() -> None:
        monkeypatch.setattr(opening, "prepare", prepare)
        prepare()
        try:
            make(path, "乙")
        except Conflict as refused:
            refusals.append(refused.code)

    # both have seen that nothing is there before either of them begins
    monkeypatch.setattr(opening, "_is_there", lambda _path: False)
    monkeypatch.setattr(opening, "prepare", with_another_in_between)
    make(path, "甲")
    assert path.exists()
    assert name_of(path) == '"甲"'
    assert refusals == ["book_in_use"]


def test_who_comes_just_after_the_other_has_made_the_book_takes_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.zhangfang"
    look = opening._is_there

    def seen_just_before_it_was_made(place: Path) -> bool:
        monkeypatch.setattr(opening, "_is_there", look)
        found = look(place)
        make(path, "甲")
        return found

    monkeypatch.setattr(opening, "_is_there", seen_just_before_it_was_made)
    with pytest.raises(Conflict) as refused:
        make(path, "乙")
    assert refused.value.code == "book_exists"
    assert name_of(path) == '"甲"'
