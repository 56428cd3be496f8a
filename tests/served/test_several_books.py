"""Several books in one server: each with its own people, and none that keeps the others from being served."""

from __future__ import annotations

import html
import json
import logging
import os
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.test import Client

from app.storage.address import BookAddress
from app.storage.database import Book
from app.storage.lock import lock_path
from app.web import further_book, served_books
from app.web.keeping import keeper_of
from app.web.limits import Limits, Rate
from app.web.opening import StopRegister, open_for_serving, prepare
from tests.calling import OWNER_PASSWORD, caller_on, give_owner_login, set_up
from tests.mariadb import MariaDBServer
from tests.served.several_books import PATIENCE_S, Server
from tests.waiting import until

# --- apart from each other ---


def test_each_book_has_its_own_people_sessions_and_tokens(server: Server) -> None:
    server.add("shop", "店")
    server.start()
    caller = server.caller()
    assert caller.get("/api/health").json["book"] == "测试账"
    assert caller.get("/books/shop/api/health").json["book"] == "店"
    answer = caller.post("/books/shop/api/login", {"login_name": "boss", "password": OWNER_PASSWORD})
    in_shop = caller.as_session(answer.json["token"])
    assert in_shop.get("/books/shop/api/session").status == 200
    assert in_shop.get("/api/session").status == 401
    at_root = caller.log_in("boss", OWNER_PASSWORD)
    assert at_root.get("/api/session").status == 200
    assert at_root.get("/books/shop/api/session").status == 401
    token = in_shop.post("/books/shop/api/tokens", {"name": "till"}).json["token"]
    assert caller.as_token(token).get("/books/shop/api/book").status == 200
    assert caller.as_token(token).get("/api/book").status == 401
    added = {"name": "张三", "age": 30}
    assert in_shop.post("/books/shop/api/users", added).status == 201
    assert [user["name"] for user in at_root.get("/api/users").json["users"]] == ["掌柜"]


def test_a_busy_person_of_one_book_slows_nobody_of_another(server: Server) -> None:
    server.add("shop")
    caller = server.start(limits=Limits(people=Rate(burst=3, per_s=1))).caller()
    at_root = caller.log_in("boss", OWNER_PASSWORD)
    answer = caller.post("/books/shop/api/login", {"login_name": "boss", "password": OWNER_PASSWORD})
    in_shop = caller.as_session(answer.json["token"])
    until(lambda: in_shop.get("/books/shop/api/session").status == 429)
    assert at_root.get("/api/session").status == 200


def logged_in(client: Client, prefix: str) -> None:
    page = client.get(f"{prefix}/login").text
    assert f'action="{prefix}/login"' in page
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    form = {"csrf": found[1], "login_name": "boss", "password": OWNER_PASSWORD}
    answer = client.post(f"{prefix}/login", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{prefix}/")


def form_value(client: Client, prefix: str) -> str:
    page = client.get(f"{prefix}/")
    assert page.status_code == 200
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found
    return found[1]


def test_a_browser_is_logged_in_to_several_books_at_once(server: Server) -> None:
    server.add("shop", "店")
    server.add("shop-2", "二店")
    server.start()
    client = server.browser()
    assert client.get("/books/shop/").headers["Location"] == "/books/shop/login"
    logged_in(client, "/books/shop")
    assert client.get("/books/shop-2/").headers["Location"] == "/books/shop-2/login"
    logged_in(client, "")
    logged_in(client, "/books/shop-2")
    for name, path in (("", "/"), ("_shop", "/books/shop"), ("_shop-2", "/books/shop-2")):
        cookie = client.get_cookie(f"zhangfang_session{name}", path=path)
        assert cookie is not None
        assert cookie.http_only
    in_shop, in_root = form_value(client, "/books/shop"), form_value(client, "")
    assert "店" in client.get("/books/shop/").text
    assert client.post("/books/shop/logout", data={"csrf": in_root}).status_code == 403
    assert client.post("/books/shop/logout", data={"csrf": in_shop}).headers["Location"] == "/books/shop/login"
    assert client.get("/books/shop/").status_code == 302
    assert client.get("/").status_code == 200
    assert client.get("/books/shop-2").status_code == 200


def test_the_api_pages_of_a_book_lead_to_its_own_paths(server: Server) -> None:
    server.add("shop")
    caller = server.start().caller()
    assert caller.get("/books/shop/api/openapi.json").json["servers"] == [{"url": "/books/shop"}]
    assert "servers" not in caller.get("/api/openapi.json").json
    page = caller.get("/books/shop/api/docs/").data.decode()
    assert 'src="/books/shop/api/docs/docs.js"' in page
    assert caller.get("/books/shop/api/docs/docs.js").status == 200


# --- the list ---


def test_the_list_names_every_book_the_default_one_first(server: Server) -> None:
    server.add("shop", "店")
    server.add("a-first", "甲")
    caller = server.start().caller()
    listed = caller.get("/books").json
    assert [(book["slug"], book["name"], book["path"], book["state"]) for book in listed["books"]] == [
        ("", "测试账", "", "open"),
        ("a-first", "甲", "/books/a-first", "open"),
        ("shop", "店", "/books/shop", "open"),
    ]
    assert listed["takes_books"] is True
    assert caller.get("/books/shop/books").status == 404
    page = caller.get("/").data.decode()
    for path, name in (("", "测试账"), ("/books/a-first", "甲"), ("/books/shop", "店")):
        assert f'<a href="{path}/login">{name}</a>' in page
    assert "<script" not in page


def test_a_server_without_a_folder_has_one_book_and_takes_none(server: Server) -> None:
    server.add("shop")
    caller = server.start(books=False).caller()
    listed = caller.get("/books").json
    assert [book["slug"] for book in listed["books"]] == [""]
    assert listed["takes_books"] is False
    assert caller.get("/books/shop/api/health").status == 404
    assert caller.get("/").headers["Location"] == "/login"
    owner = caller.log_in("boss", OWNER_PASSWORD)
    refused = owner.post("/api/books", {"upload_id": "0" * 32, "slug": "shop"})
    assert (refused.status, refused.code) == (422, "books_not_taken")


@pytest.mark.parametrize(
    ("place", "is_named"), [("https://books.example/books/shop", True), ("mysql://keeper@db/shop", False)]
)
def test_a_book_that_moved_says_so_and_on_which_server_it_goes_on(server: Server, place: str, is_named: bool) -> None:
    path = server.add("shop")
    move = {"place": place, "done": True, "by": "掌柜", "user_id": 1, "at": 1}
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM book_setting WHERE name = 'book_move'")
        connection.execute("INSERT INTO book_setting (name, value) VALUES ('book_move', ?)", (json.dumps(move),))
    connection.close()
    shop = server.start().caller().get("/books").json["books"][1]
    assert (shop["slug"], shop["state"]) == ("shop", "moved")
    assert shop["problem"]
    assert (place in shop["problem"]) is is_named


# --- what cannot be opened ---


def locked_elsewhere(path: Path) -> None:
    lock_path(path).write_text(
        json.dumps({"host": "another", "machine": "m", "processes": [{"id": 1, "started": "1", "token": "t"}]})
    )


def damaged(path: Path) -> None:
    path.write_bytes(b"no book at all" * 1000)


def newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(schema_migration)")]
        values = {"slice_name": "ledger", "slice": "ledger", "name": "m9999_future", "number": 9999}
        row = connection.execute("SELECT * FROM schema_migration ORDER BY rowid DESC LIMIT 1").fetchone()
        made = [values.get(column, value) for column, value in zip(columns, row, strict=True)]
        connection.execute(f"INSERT INTO schema_migration VALUES ({', '.join('?' * len(columns))})", made)
    connection.close()


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "status", "code"),
    [
        (locked_elsewhere, 409, "book_open_elsewhere"),
        (damaged, 503, "not_a_book"),
        (newer, 409, "book_newer"),
        (empty, 503, "book_not_set_up"),
    ],
)
def test_a_book_that_cannot_be_opened_leaves_the_others_alone(
    server: Server, spoil: Callable[[Path], None], status: int, code: str
) -> None:
    server.add("good")
    path = server.add("bad")
    spoil(path)
    caller = server.start().caller()
    answer = caller.get("/books/bad/api/health")
    for _ in range(3):
        answer = caller.get("/books/bad/api/health")
        assert (answer.status, answer.code) == (status, code)
        assert caller.get("/books/good/api/health").status == 200
    assert str(server.folder) not in answer.json["error"]
    bad = next(book for book in caller.get("/books").json["books"] if book["slug"] == "bad")
    assert (bad["state"], bad["problem"]) == ("unavailable", answer.json["error"])
    english = caller.get("/books/bad/api/health", headers={"Accept-Language": "en"}).json["error"]
    assert english != answer.json["error"]
    assert english.isascii() or "“" in english
    page = read_page(server.browser(), "/books/bad/login", status)
    assert html.escape(answer.json["error"], quote=True) in page
    assert 'href="">再试一次' in page
    assert 'href="/">到首页' in page


READS_PAGES = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def read_page(browser: Client, path: str, status: int, language: str = "zh-CN") -> str:
    """Return a refusal as a browser gets it: a page with its style, under the status programs get, and no script."""
    answer = browser.get(path, headers=READS_PAGES | {"Accept-Language": language})
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert '<p class="problem" role="alert">' in answer.text
    found = re.search(r'rel="stylesheet" href="([^"]+)"', answer.text)
    assert found
    styled = browser.get(found[1])
    assert (styled.status_code, styled.mimetype) == (200, "text/css")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    return answer.text


def test_a_browser_reads_refusals_and_programs_get_them_in_the_one_shape(server: Server) -> None:
    browser = server.start().browser()
    assert "no book “nobody”" in read_page(browser, "/books/nobody/", 404, "en")
    assert 'href="/">To the start page' in read_page(browser, "/nowhere", 404, "en")
    assert "再试一次" not in read_page(browser, "//evil.example/<b>", 404)
    for path, headers in (("/nowhere", {}), ("/api/nowhere", READS_PAGES), ("/api/users", READS_PAGES)):
        assert set(browser.get(path, headers=headers).get_json()) == {"error", "code", "fields", "details"}
    assert server.default is not None
    server.default.database.close_all()  # type: ignore[attr-defined]
    server.default_path.rename(server.default_path.with_suffix(".away"))
    assert "default.zhangfang" in read_page(browser, "/login", 404)


def test_a_book_is_tried_again_until_it_can_be_opened(server: Server) -> None:
    path = server.add("shop")
    locked_elsewhere(path)
    caller = server.start().caller()
    assert caller.get("/books/shop/api/health").status == 409
    lock_path(path).unlink()
    until(lambda: caller.get("/books/shop/api/health").status == 200)
    assert server.states() == {"": "open", "shop": "open"}


def test_while_a_book_opens_only_two_requests_wait_for_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    may_open, really = threading.Event(), open_for_serving

    def opens_slowly(address: BookAddress, stops: StopRegister) -> Book:
        may_open.wait(PATIENCE_S)
        return really(address, stops)

    server.add("shop")
    monkeypatch.setattr(further_book, "open_for_serving", opens_slowly)
    server.start()
    first: list[int] = []
    waiting = [
        threading.Thread(target=lambda: first.append(server.caller().get("/books/shop/api/health").status))
        for _ in range(2)
    ]
    for thread in waiting:
        thread.start()
    until(lambda: server.further._books["shop"]._waiting == 2)
    third = server.caller().get("/books/shop/api/health")
    assert (third.status, third.code) == (503, "book_opening")
    assert server.caller().get("/api/health").status == 200
    may_open.set()
    for thread in waiting:
        thread.join(PATIENCE_S)
    assert first == [200, 200]


# --- books.toml ---


def test_books_on_a_database_server_are_listed_in_a_file(
    server: Server, mariadb_server: MariaDBServer, mariadb_book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(mariadb_book)
    give_owner_login(caller_on(mariadb_book))
    there = mariadb_server.url(mariadb_book.address.database)
    (server.folder / "books.toml").write_text(
        f'on-maria = "{there}"\naway = "mysql://keeper@127.0.0.1:1/book"\nBad = "{there}"\nfile = "/tmp/x.zhangfang"\n'
        f'sealed = "{there}?tls=required"\ntypo = "{there}?tls=on"\n'
    )
    for name in ("ON_MARIA", "SEALED"):
        monkeypatch.setenv(f"ZHANGFANG_DB_PASSWORD_{name}", mariadb_server.password)
    monkeypatch.setenv("ZHANGFANG_DB_PASSWORD", "wrong")
    server.add("shop")
    caller = server.start().caller()
    until(lambda: caller.get("/books/on-maria/api/health").status == 200)
    answer = caller.get("/books/away/api/health")
    assert (answer.status, answer.code) == (503, "database_away")
    answer = caller.get("/books/sealed/api/health")
    assert (answer.status, answer.code) == (503, "tls_not_offered")
    assert caller.get("/books/shop/api/health").status == 200
    away = {"away": "unavailable", "sealed": "unavailable"}
    assert server.states() == {"": "open", **away, "on-maria": "open", "shop": "open"}
    answer = caller.post("/books/on-maria/api/login", {"login_name": "boss", "password": OWNER_PASSWORD})
    refused = caller.as_session(answer.json["token"]).delete("/books/on-maria/api/book")
    assert (refused.status, refused.code) == (422, "book_not_removable")
    assert "books.toml" in refused.json["error"]
    (server.folder / "books.toml").write_text("not toml")
    assert set(server.states()) == {"", "away", "sealed", "on-maria", "shop"}, (
        "a list that cannot be read changes nothing"
    )
    (server.folder / "books.toml").unlink()
    assert set(server.states()) == {"", "shop"}


# --- coming and going ---


def test_books_come_go_and_change_without_a_restart(server: Server) -> None:
    caller = server.start().caller()
    assert caller.get("/books/shop/api/health").code == "book_unknown"
    path = server.add("shop", "店")
    until(lambda: caller.get("/books/shop/api/health").status == 200)
    path.unlink()
    assert caller.get("/books/shop/api/health").status == 404
    until(lambda: not lock_path(path).exists())
    server.add("shop", "新店")
    until(lambda: caller.get("/books/shop/api/health").status == 200)
    assert caller.get("/books/shop/api/health").json["book"] == "新店"
    server.add("shop", "另一家")  # over the file that is open
    until(lambda: caller.get("/books/shop/api/health").json.get("book") == "另一家")
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_file_is_left_alone_until_it_is_copied_as_a_whole(server: Server) -> None:
    caller = server.start().caller()
    whole = server.pattern.read_bytes()
    path = server.folder / "shop.zhangfang"
    path.write_bytes(whole[: len(whole) // 2])
    answer = caller.get("/books/shop/api/health")
    assert (answer.status, answer.code) == (503, "book_incomplete")
    assert path.read_bytes() == whole[: len(whole) // 2]
    with path.open("ab") as file:
        file.write(whole[len(whole) // 2 :])
    until(lambda: caller.get("/books/shop/api/health").status == 200)


def test_other_files_are_left_out_with_a_line_in_the_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("Shop.zhangfang", "店.zhangfang", "notes.txt", "-a.zhangfang", f"{'a' * 41}.zhangfang"):
        shutil.copyfile(server.pattern, server.folder / name)
    (server.folder / "folder.zhangfang").mkdir()
    if hasattr(os, "symlink"):
        (server.folder / "mine.zhangfang").symlink_to(server.default_path)
    with caplog.at_level(logging.WARNING):
        server.start()
        assert set(server.states()) == {""}
        assert set(server.states()) == {""}
    left_out = [record.getMessage() for record in caplog.records if "is left out" in record.getMessage()]
    assert len(left_out) == len(set(left_out)) == (7 if hasattr(os, "symlink") else 6)


@pytest.mark.parametrize(
    "path",
    [
        "/books/nobody/api/health",
        "/books/SHOP/api/health",
        "/books/shop./api/health",
        "/books/shop%2Fapi/health",
        "/books%2Fshop/api/health",
        "/books/sh%6Fp/api/health",
        "/books/../books/shop/api/health",
        "/books/./shop/api/health",
        "/books/shop/../../api/health",
        "/books/shop/%2e%2e/shop/api/health",
        "/books/shop%00/api/health",
        "/books/shop%0A",
    ],
)
def test_no_trick_with_a_path_leads_to_a_book(server: Server, path: str) -> None:
    server.add("shop")
    server.start()
    from urllib.parse import unquote

    environ = {"PATH_INFO": unquote(path, "latin-1"), "REQUEST_URI": path, "RAW_URI": path}
    answer = server.browser().get("/", environ_overrides=environ)
    assert answer.status_code == 404, answer.text


# --- the end ---


def test_a_book_that_hangs_at_the_end_keeps_no_other_from_being_closed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served_books, "CLOSING_S", 0.5)
    paths = [server.add(slug) for slug in ("first", "hangs", "last")]
    server.start()
    until(lambda: set(server.states().values()) == {"open"})
    go_on = threading.Event()
    book, lender = server.further.lend("hangs")
    lender.give_back()

    def hang() -> None:
        go_on.wait(PATIENCE_S)

    book.on_close(hang)
    began = time.monotonic()
    server.stops.run()
    assert time.monotonic() - began < PATIENCE_S / 2
    until(lambda: [lock_path(path).exists() for path in paths] == [False, True, False])
    assert not lock_path(server.default_path).exists()
    go_on.set()
    until(lambda: not lock_path(paths[1]).exists())


def test_the_backups_of_each_book_are_kept_like_the_default_ones(server: Server, data_dir: Path) -> None:
    server.add("shop")
    server.start()
    assert server.default is not None
    keeper_of(server.default).start()
    server.stops.push("kept backup", keeper_of(server.default).at_closing)
    path = server.add("late", "后来")
    caller = server.caller()
    until(lambda: caller.get("/books/late/api/health").status == 200)
    caller.post("/books/late/api/login", {"login_name": "boss", "password": OWNER_PASSWORD})
    book, lender = server.further.lend("late")
    lender.give_back()
    assert keeper_of(book).is_started
    server.stops.run()
    assert not lock_path(path).exists()
    assert not [thread for thread in threading.enumerate() if thread.name in {"kept-backups", "job-pulse"}]


def test_preparing_a_book_gives_no_first_role_rights_over_whole_books(sqlite_book: Book) -> None:
    with sqlite_book.session():
        prepare()
        rows = sqlite_book.database.execute_sql(
            "SELECT COUNT(*) FROM role_permission WHERE permission_code LIKE 'book:book:%'"
        ).fetchone()
    assert rows[0] == 0
