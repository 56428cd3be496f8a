"""Defects of a back office we learned from that no other test of ours names; docs/security.md lists which is where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.identity.service.opening import sync_permissions
from app.storage.database import Book, fetch_all, run_unit
from app.web.permissions import all_permissions
from tests.calling import OWNER_PASSWORD, Caller, add_person, caller_on, give_owner_login, set_up
from tests.security.crowd import changed, mark
from tests.security.filled import Filling, fill
from tests.security.request_maker import RequestMaker

ROOT = Path(__file__).parents[2]
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def window(sqlite_book: Book) -> Caller:
    """The window of a fresh book."""
    set_up(sqlite_book)
    return caller_on(sqlite_book)


def test_3_no_key_signs_logins_so_none_can_be_known(sqlite_book: Book, window: Caller) -> None:
    """A session is 256 random bits whose hash the book keeps; nothing a client could make up is believed."""
    give_owner_login(window)
    add_person(window, "liu")
    served = caller_on(sqlite_book, serve=True)
    application = served.client.application
    assert application.secret_key is None
    answers = [window.post("/api/login", {"login_name": "liu", "password": "liu-secret"}) for _ in range(3)]
    tokens = {answer.json["token"] for answer in answers}
    assert len(tokens) == 3
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)
    for made_up in ("", "0", "1", "boss", "eyJ1c2VyX2lkIjoxfQ.aaaa.bbbb", "A" * 43, "' OR 1=1 --"):
        assert served.as_session(made_up).get("/api/users").status == 401
        browser = Caller(application.test_client(use_cookies=False), {"Cookie": f"zhangfang_session={made_up}"})
        assert browser.get("/api/users").status == 401
    with sqlite_book.session():
        kept = {row[0] for row in fetch_all("SELECT token_hash FROM {session}")}
    assert not kept & tokens
    for stolen in kept:
        assert served.as_session(stolen).get("/api/users").status == 401


def test_8_reading_writes_nothing(sqlite_book: Book, window: Caller) -> None:
    fill(window)
    owner = caller_on(sqlite_book, serve=True).as_token(window.post("/api/tokens", {}).json["token"])
    maker = RequestMaker(owner.get("/api/openapi.json").json, seed=8)
    reads = [(path, operation) for method, path, operation in maker.operations if method == "GET"]
    for path, _ in reads:
        if "{" not in path:
            maker.pool.learn(owner.get(path).json, path)
    before, good = mark(sqlite_book), 0
    for path, operation in reads:
        request = maker.request("GET", path, operation, whole=True)
        good += owner.get(f"{request['path']}?{request['query']}").status == 200
    assert good > len(reads) // 3
    assert changed(before, mark(sqlite_book)) == []


@pytest.mark.parametrize("name", ["图.svg", "图", "图.html", "图.htm", "图.xhtml"])
def test_9_what_a_browser_would_run_is_only_ever_saved(window: Caller, name: str) -> None:
    filling = Filling(window)
    voucher = filling.add("/api/vouchers", date="2026-06-05", word="记", entries=filling.entries)["id"]
    kept = window.post(f"/api/vouchers/{voucher}/attachments", {"upload_id": filling.upload(name, SVG)})
    if kept.status != 201:
        assert kept.code in {"attachment_program", "attachment_lies"}
        return
    answer = window.get(f"/api/attachments/{kept.json['attachments'][0]['id']}/file")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    stranger = Caller(window.client, {"Host": window.headers["Host"]})
    assert stranger.get(f"/api/attachments/{kept.json['attachments'][0]['id']}/file").status == 401


def test_19_new_rights_are_on_for_nobody_and_no_state_is_unknown(sqlite_book: Book, window: Caller) -> None:
    clerk_role = window.post("/api/roles", {"name": "空", "permissions": []}).json["id"]
    with sqlite_book.session():
        for table, column in (
            ("permission", "active"),
            ("user", "active"),
            ("user", "is_owner"),
            ("department", "active"),
        ):
            info = {row[1]: row[3] for row in fetch_all(f"PRAGMA table_info('{table}')")}
            assert info[column] == 1, f"{table}.{column} may be NULL"
        before = fetch_all("SELECT role_id, permission_code FROM {role_permission} ORDER BY 1, 2")
        run_unit(lambda: sync_permissions(()))
        run_unit(lambda: sync_permissions(all_permissions()))
        run_unit(lambda: sync_permissions(all_permissions()))
        assert fetch_all("SELECT role_id, permission_code FROM {role_permission} ORDER BY 1, 2") == before
        assert not [row for row in before if row[0] == clerk_role]


def test_20_a_file_of_the_list_of_defects_names_only_tests_that_exist() -> None:
    """docs/security.md says which test holds which defect; a test that is renamed there takes its row along."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", text)
    assert len(named) > 25
    for path, test in named:
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{test}"
    rows = re.findall(r"^\| (\d+(?:, \d+)*) \|", text, flags=re.MULTILINE)
    numbers = {int(number) for row in rows for number in row.split(", ")}
    assert numbers == set(range(1, 24)) - {15}


def test_an_owner_without_a_password_lets_nobody_in_over_the_network(sqlite_book: Book, window: Caller) -> None:
    """There are no demo accounts and no default password: a book of one has no login at all."""
    served = caller_on(sqlite_book, serve=True)
    for name in ("admin", "root", "掌柜", "账簿所有者", ""):
        for password in ("", "admin", "123456", "admin123", OWNER_PASSWORD):
            answer = served.post("/api/login", {"login_name": name, "password": password})
            assert answer.status in {400, 401, 429}
    assert served.get("/api/users").status == 401
