"""What stands in the head of every kind of answer, so that a browser shows, keeps, embeds and guesses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from app.identity.service import people
from app.storage.database import Book
from app.storage.jobs import wait_for_job
from tests.calling import Answer, Caller, caller_on, set_up
from tests.security.filled import Filling

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NEVER = {"Server", "X-Powered-By", "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "ETag"}
NAMES = [
    "发票.pdf",
    'a"; filename="evil.exe',
    "a\r\nX-Evil: 1\r\n\r\n<script>.pdf",
    "../../etc/passwd",
    "..\\..\\windows\\x.pdf",
    "\u202efdp.exe.pdf",
    "a%0d%0aX: y.pdf",
    "=cmd|x.pdf",
    "𠮷é.pdf",
    "A" * 200 + ".pdf",
]


@pytest.fixture
def filling(sqlite_book: Book) -> Filling:
    """A small book with a voucher."""
    set_up(sqlite_book)
    filling = Filling(caller_on(sqlite_book))
    filling.add("/api/vouchers", date="2026-06-05", word="记", entries=filling.entries)
    return filling


@pytest.fixture
def owner(sqlite_book: Book, filling: Filling) -> Caller:
    """Somebody with every right, over the network."""
    token = filling.window.post("/api/tokens", {}).json["token"]
    return caller_on(sqlite_book, serve=True).as_token(token)


def kinds_of_answers(owner: Caller, filling: Filling, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, Answer]]:
    """Yield every kind of answer there is, with the status it has to have."""
    stranger = Caller(owner.client)
    yield 200, owner.get("/api/vouchers")
    yield 200, owner.get("/api/openapi.json")
    yield 201, owner.post("/api/item-categories", {"name": "五金"})
    yield 204, owner.post("/api/users/1/unlock")
    yield 200, owner.call("HEAD", "/api/vouchers")
    yield 400, owner.post("/api/users", {})
    yield 401, stranger.get("/api/vouchers")
    yield 403, stranger.post("/api/login", {}, headers={"Origin": "https://evil.com"})
    yield 404, owner.get("/api/vouchers/999")
    yield 404, owner.get("/nowhere")
    yield 405, owner.delete("/api/health")
    yield 409, owner.post("/api/item-categories", {"name": "五金"})
    yield 413, owner.post("/api/users", data=b"x" * (8 << 20 | 1), content_type="application/json")
    yield 415, owner.post("/api/users", data=b"{}", content_type="text/plain")
    yield 200, owner.get("/api/reports/trial-balance?file=pdf")
    yield 200, owner.get("/api/reports/trial-balance?file=csv")
    with monkeypatch.context() as patch:
        patch.setattr(people, "add_user", lambda *_: 1 / 0)
        yield 500, owner.post("/api/users", {"name": "y", "age": 1})
    yield 302, stranger.get("/")
    yield 200, stranger.get("/login")
    yield 403, stranger.post("/login", data={"csrf": ""})
    yield 200, stranger.get("/style.css")
    yield 200, stranger.get("/api/docs/")
    yield 200, stranger.get("/api/docs/docs.js")
    yield 404, stranger.get("/api/docs/nothing.js")


def test_every_kind_of_answer_has_its_headers(owner: Caller, filling: Filling, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, (status, answer) in enumerate(kinds_of_answers(owner, filling, monkeypatch)):
        where = (number, status, answer.status, answer.headers)
        assert answer.status == status, where
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, where
        assert not NEVER & set(answer.headers), where
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'"), where
        assert "frame-ancestors 'none'" in policy, where
        assert "base-uri 'none'" in policy, where
        assert "unsafe-eval" not in policy, where
        kind = answer.headers.get("Content-Type", "")
        is_part_of_a_page = kind.startswith(("text/css", "text/javascript"))
        assert answer.headers["Cache-Control"] == ("max-age=3600" if is_part_of_a_page else "no-store"), where
        assert kind.partition(";")[0] in {
            *("application/json", "application/pdf", "text/csv", "text/html", "text/css", "text/javascript", ""),
        }, where
        if kind.startswith(("application/pdf", "text/csv")):
            assert answer.headers["Content-Disposition"].startswith("attachment; "), where


def test_nothing_is_answered_from_a_browsers_memory(owner: Caller) -> None:
    for header in (
        {"If-None-Match": "*"},
        {"If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT"},
        {"Range": "bytes=0-3"},
    ):
        assert owner.get("/api/vouchers", headers=header).status == 200
        assert Caller(owner.client).get("/style.css", headers=header).status == 200


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_file_name_writes_no_header_and_leads_nowhere(owner: Caller, filling: Filling, name: str) -> None:
    upload = filling.upload(name, b"%PDF-1.7 x")
    kept = filling.window.post("/api/vouchers/1/attachments", {"upload_id": upload})
    assert kept.status in {201, 400, 422}, kept.json
    if kept.status != 201:
        return
    answer = owner.get(f"/api/attachments/{kept.json['attachments'][0]['id']}/file")
    disposition = answer.headers["Content-Disposition"]
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Evil" not in answer.headers
    found = re.fullmatch(r"attachment; filename\*=UTF-8''([A-Za-z0-9%._~-]+)", disposition)
    assert found is not None, disposition
    shown = unquote(found[1])
    assert not set(shown) & set('/\\\r\n"\0\u202e'), shown
    assert not shown.startswith("."), shown


def test_a_file_that_a_job_made_is_to_be_saved(owner: Caller, filling: Filling, sqlite_book: Book) -> None:
    job = filling.window.post("/api/contacts/export", {}).json["id"]
    with sqlite_book.session():
        wait_for_job(job, 20)
    answer = filling.window.get(f"/api/jobs/{job}/file")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
