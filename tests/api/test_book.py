"""The book as a whole over HTTP: what it is, uploads in parts, jobs, backups, verifications."""

from __future__ import annotations

import hashlib
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from app.storage.book_settings import set_setting
from app.storage.database import Book, open_database
from app.storage.jobs import wait_for_job
from tests.calling import Answer, Caller, add_person, caller_on, give_owner_login, set_up


def finished(caller: Caller, book: Book, started: Answer) -> dict[str, Any]:
    assert started.status == 202, started.json
    with book.session():
        wait_for_job(started.json["id"], 60)
    job: dict[str, Any] = caller.get(f"/api/jobs/{started.json['id']}").json
    return job


def test_health_names_program_api_and_book(window: Caller) -> None:
    health = window.get("/api/health").json
    assert (health["program"], health["api"], health["book"], health["logins"]) == ("zhangfang", 1, "测试账", False)


def test_the_book_tells_what_it_is(window: Caller, book: Book) -> None:
    info = window.get("/api/book").json
    assert (info["name"], info["chart"], info["start"]) == ("测试账", "small_enterprise_2013", "2026-06")
    assert info["location"] == str(book.address)
    assert info["database"].startswith("SQLite 3." if book.is_sqlite else "MariaDB ")


def upload(caller: Caller, content: bytes, part_bytes: int = 1000) -> str:
    begun = caller.post(
        "/api/uploads",
        {"name": "账 本.csv", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()},
    )
    assert begun.status == 201
    upload_id: str = begun.json["id"]
    answer = begun
    for number, start in enumerate(range(0, len(content), part_bytes)):
        answer = put_part(caller, upload_id, number, content[start : start + part_bytes])
        assert answer.status == 200
    assert answer.json["complete"] is True
    return upload_id


def put_part(caller: Caller, upload_id: str, number: int, data: bytes) -> Answer:
    return caller.put(f"/api/uploads/{upload_id}/{number}", data=data, content_type="application/octet-stream")


def test_files_come_up_in_parts(window: Caller) -> None:
    upload_id = upload(window, b"0123456789" * 321)
    assert window.get(f"/api/uploads/{upload_id}").json["received"] == 3210
    assert put_part(window, upload_id, 0, b"x").code == "upload_complete"
    assert window.delete(f"/api/uploads/{upload_id}").status == 204
    assert window.get(f"/api/uploads/{upload_id}").status == 404


def test_parts_are_bytes_of_limited_size(local_window: Caller) -> None:
    upload_id = local_window.post("/api/uploads", {"name": "a", "size": 10}).json["id"]
    assert local_window.put(f"/api/uploads/{upload_id}/0", {"a": 1}).status == 415
    assert put_part(local_window, upload_id, 0, b"x" * (4 * 1024 * 1024 + 1)).status == 413
    assert put_part(local_window, upload_id, 0, b"").status in {400, 415}


def test_a_backup_goes_into_a_file_of_this_computer(window: Caller, book: Book, tmp_path: Path) -> None:
    target = tmp_path / "copy.zhangfang"
    job = finished(window, book, window.post("/api/backups", {"path": str(target)}))
    assert job["state"] == "done", job
    copied = open_database(str(target))
    try:
        caller = caller_on(copied)
        assert caller.get("/api/book").json["name"] == "测试账"
    finally:
        copied.close()
    again = finished(window, book, window.post("/api/backups", {"path": str(target)}))
    assert again["state"] == "failed"
    assert again["error"]


def test_a_backup_can_be_fetched_as_the_jobs_file(window: Caller, book: Book) -> None:
    job = finished(window, book, window.post("/api/backups", {}))
    assert job["state"] == "done", job
    answer = window.get(f"/api/jobs/{job['id']}/file")
    assert answer.data.startswith(b"SQLite format 3\0")
    assert len(answer.data) == int(answer.headers["Content-Length"]) == job["result"]["size"]
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_book_named_with_a_slash_is_backed_up_as_one_file(window: Caller, book: Book) -> None:
    with book.session():
        set_setting("book_name", "甲/乙公司")
    job = finished(window, book, window.post("/api/backups", {}))
    assert job["state"] == "done", job
    assert job["result"]["name"].startswith("甲_乙公司-")


def test_only_the_window_names_paths(served: Caller, sqlite_book: Book, tmp_path: Path) -> None:
    token = caller_on(sqlite_book).post("/api/tokens", {}).json["token"]
    answer = served.as_token(token).post("/api/backups", {"path": str(tmp_path / "x.zhangfang")})
    assert (answer.status, answer.code) == (403, "window_only")
    assert caller_on(sqlite_book).post("/api/backups", {"path": "relative.zhangfang"}).code == "path_not_absolute"


def test_a_verification_lists_findings(window: Caller, book: Book) -> None:
    job = finished(window, book, window.post("/api/verifications", {}))
    assert job["state"] == "done", job
    assert job["result"]["findings"] == []


def test_a_job_without_a_file_says_so(local_window: Caller, sqlite_book: Book) -> None:
    job = finished(local_window, sqlite_book, local_window.post("/api/verifications", {}))
    assert local_window.get(f"/api/jobs/{job['id']}/file").code == "job_without_file"


def test_jobs_and_uploads_are_ones_own(local_window: Caller, sqlite_book: Book) -> None:
    give_owner_login(local_window)
    add_person(local_window, "liu")
    boss, liu = local_window.log_in("boss", "owner-secret-1"), local_window.log_in("liu", "liu-secret")
    job = finished(boss, sqlite_book, boss.post("/api/verifications", {}))
    upload_id = upload(boss, b"secret")
    for path in (f"/api/jobs/{job['id']}", f"/api/jobs/{job['id']}/file", f"/api/uploads/{upload_id}"):
        assert liu.get(path).status == 404
    assert liu.delete(f"/api/jobs/{job['id']}").status == 404
    assert put_part(liu, upload_id, 0, b"mine").status == 404


def test_a_job_can_be_cancelled(sqlite_book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(sqlite_book)
    window = caller_on(sqlite_book)
    from app.kernel.text import message
    from app.storage import jobs

    running, never = threading.Event(), threading.Event()

    def work(job: jobs.Job) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            job.progress(1, 3, message("请先登录。"))
            running.set()
            never.wait(0.01)

    with sqlite_book.session():
        job_id = jobs.start_job(sqlite_book, 1, "test", work)
    assert running.wait(60)
    shown = window.get(f"/api/jobs/{job_id}").json
    assert (shown["state"], shown["done"], shown["total"]) == ("running", 1, 3)
    assert window.delete(f"/api/jobs/{job_id}").status == 200
    with sqlite_book.session():
        wait_for_job(job_id, 60)
    assert window.get(f"/api/jobs/{job_id}").json["state"] == "cancelled"
