"""Taking a book in: a backup comes up in parts, is proven, and is served at once under a name nobody has."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from app.kernel.errors import EnvironmentFault
from app.kernel.text import message
from app.storage import uploads
from app.storage.database import open_database
from app.storage.jobs import wait_for_job
from app.web import book_intake, further_book, served_books
from tests.calling import OWNER_PASSWORD, Answer, Caller, add_person, add_role, caller_on, set_up
from tests.served.several_books import PATIENCE_S, Server
from tests.waiting import until

PART_BYTES = 256 * 1024


def sent(caller: Caller, content: bytes) -> str:
    """Send a file up in parts; return the upload's id."""
    size, digest = len(content), hashlib.sha256(content).hexdigest()
    begun = caller.post("/api/uploads", {"name": "账.zhangfang", "size": size, "sha256": digest})
    assert begun.status == 201, begun.json
    upload_id = str(begun.json["id"])
    for number, start in enumerate(range(0, size, PART_BYTES)):
        put_part(caller, upload_id, number, content[start : start + PART_BYTES])
    return upload_id


def put_part(caller: Caller, upload_id: str, number: int, data: bytes) -> None:
    answer = caller.call(
        "PUT", f"/api/uploads/{upload_id}/{number}", data=data, headers={"Content-Type": "application/octet-stream"}
    )
    assert answer.status == 200, answer.json


def taken_in(server: Server, caller: Caller, slug: str, content: bytes, **more: str) -> dict[str, Any]:
    """Let the server take a book in; return the ended job."""
    answer = caller.post("/api/books", {"upload_id": sent(caller, content), "slug": slug, **more})
    assert answer.status == 202, answer.json
    return ended(server, caller, answer)


def ended(server: Server, caller: Caller, answer: Answer) -> dict[str, Any]:
    assert server.default is not None
    with server.default.session():
        wait_for_job(answer.json["id"], PATIENCE_S)
    job: dict[str, Any] = caller.get(f"/api/jobs/{answer.json['id']}").json
    return job


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def owner(server: Server) -> Caller:
    return server.start().caller().log_in("boss", OWNER_PASSWORD)


def test_a_book_comes_up_in_parts_and_is_served_at_once(server: Server, owner: Caller) -> None:
    job = taken_in(server, owner, "shop", server.pattern.read_bytes())
    assert job["state"] == "done", job
    head = job["result"].pop("head")
    assert job["result"] == {"slug": "shop", "path": "/books/shop", "vouchers": 0}
    assert head.startswith("0 ")
    caller = server.caller()
    until(lambda: caller.get("/books/shop/api/health").status == 200)
    answer = caller.post("/books/shop/api/login", {"login_name": "boss", "password": OWNER_PASSWORD})
    in_shop = caller.as_session(answer.json["token"])
    log = in_shop.get("/books/shop/api/audit").json
    assert "book:backup:restore" in str(log)
    assert "book:book:add" in str(owner.get("/api/audit").json)
    assert [name for name in left_in(server.folder) if name.startswith(".")] == []
    assert server.default is not None
    with server.default.session():
        assert server.default.database.execute_sql("SELECT COUNT(*) FROM upload_part").fetchone()[0] == 0


def test_nobody_stays_logged_in_and_nothing_stays_closed_in_a_book_that_came(server: Server, owner: Caller) -> None:
    copy = Path(shutil.copyfile(server.pattern, server.folder.parent / "copy.zhangfang"))
    book = open_database(str(copy))
    window = caller_on(book, serve=True)
    session = window.log_in("boss", OWNER_PASSWORD)
    assert session.post("/api/book/move", {"place": "http://server/books/shop", "done": False}).status == 200
    book.close()
    assert taken_in(server, owner, "shop", copy.read_bytes())["state"] == "done"
    caller = server.caller()
    until(lambda: caller.get("/books/shop/api/health").status == 200)
    old = caller.as_session(session.headers["X-Zhangfang-Session"])
    assert old.get("/books/shop/api/session").status == 401
    answer = caller.post("/books/shop/api/login", {"login_name": "boss", "password": OWNER_PASSWORD})
    there = caller.as_session(answer.json["token"])
    assert there.post("/books/shop/api/users", {"name": "张三", "age": 30}).status == 201


def test_a_book_that_moves_here_is_closed_until_its_move_is_finished(server: Server, owner: Caller) -> None:
    secret = owner.post("/api/books", {"upload_id": "x", "slug": "shop", "moving_to": "mysql://u:p@h/shop"})
    assert secret.code == "place_malformed"
    place = "http://server/books/shop"
    for slug in ("shop", "left"):
        job = taken_in(server, owner, slug, server.pattern.read_bytes(), moving_to=place)
        assert job["state"] == "done", job
    there, left = in_book(server, "shop"), in_book(server, "left")
    person = {"name": "张三", "age": 30}
    refused = there.post("/books/shop/api/users", person)
    assert (refused.code, refused.json["details"]) == ("book_moved", {"place": place, "done": False})
    assert there.delete("/books/shop/api/book/move").status == 204
    assert there.post("/books/shop/api/users", person).status == 201
    assert left.delete("/books/left/api/book").status == 200  # nobody finished it: it can go
    assert "left" not in server.states()


def in_book(server: Server, slug: str, login_name: str = "boss", password: str = OWNER_PASSWORD) -> Caller:
    """Log in to a further book."""
    caller = server.caller()
    until(lambda: caller.get(f"/books/{slug}/api/health").status == 200)
    answer = caller.post(f"/books/{slug}/api/login", {"login_name": login_name, "password": password})
    return caller.as_session(answer.json["token"])


def test_its_owner_takes_a_book_off_the_server_and_its_file_is_set_aside(server: Server, owner: Caller) -> None:
    taken_in(server, owner, "shop", server.pattern.read_bytes())
    there = in_book(server, "shop")
    assert there.post("/books/shop/api/users", {"name": "张三", "age": 30}).status == 201
    removed = there.delete("/books/shop/api/book")
    assert (removed.status, removed.json["slug"]) == (200, "shop")
    aside = server.folder / removed.json["file"]
    assert aside.name.startswith("shop.撤下-")
    assert there.get("/books/shop/api/users").code == "book_unknown"
    assert [book["slug"] for book in owner.get("/books").json["books"]] == [""]
    until(lambda: left_in(server.folder) == [aside.name])
    assert taken_in(server, owner, "shop", server.pattern.read_bytes())["state"] == "done"
    aside.rename(server.folder / "back.zhangfang")  # and back again, as it was: it says what became of it
    back = in_book(server, "back")
    assert "张三" in str(back.get("/books/back/api/users").json)
    assert back.get("/books/back/api/book/move").json["place"] == aside.name
    assert "book:book:remove" in str(back.get("/books/back/api/audit").json)
    assert back.delete("/books/back/api/book/move").status == 204
    assert back.post("/books/back/api/users", {"name": "李四", "age": 30}).status == 201


def test_only_a_file_of_the_folder_is_taken_off_and_only_by_who_may(
    server: Server, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = owner.delete("/api/book")
    assert (refused.status, refused.code) == (422, "book_not_removable")
    server.add("shop")
    there = in_book(server, "shop")
    role = there.post("/books/shop/api/roles", {"name": "搬家", "permissions": ["book:book:move"]}).json["id"]
    for name, roles in (("mover", [role]), ("clerk", [])):
        person = {"name": name, "age": None, "login_name": name, "password": f"{name}-secret", "roles": roles}
        assert there.post("/books/shop/api/users", person | {"must_change_password": False}).status == 201
    mover, clerk = in_book(server, "shop", "mover", "mover-secret"), in_book(server, "shop", "clerk", "clerk-secret")
    assert clerk.delete("/books/shop/api/book").code == "permission_denied"
    assert mover.delete("/books/shop/api/book").code == "owner_only"
    place = {"place": "mysql://u@h/moved"}
    assert there.post("/books/shop/api/book/move", place).status == 200
    assert there.delete("/books/shop/api/book").code == "book_moved"  # it is on its way
    assert there.post("/books/shop/api/book/move", place | {"done": True}).status == 200
    monkeypatch.setattr(further_book, "rename_book", no_disk)
    assert mover.delete("/books/shop/api/book").status == 200  # it has moved: what is left goes with whoever may move
    until(lambda: server.states().get("shop") == "moved")  # the file could not be renamed: it is there as it was
    assert there.get("/books/shop/api/book/move").json["place"] == place["place"]


def no_disk(*_: object) -> None:
    raise EnvironmentFault("disk_error", message("读写磁盘出错（{reason}），请检查磁盘后再试。", reason="full"))


def test_a_name_that_is_taken_is_refused_and_nothing_overwritten(server: Server, owner: Caller) -> None:
    path = server.add("shop", "老店")
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    refused = owner.post("/api/books", {"upload_id": sent(owner, b"x"), "slug": "shop"})
    assert (refused.status, refused.code) == (409, "slug_taken")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_a_file_that_came_first_wins(server: Server, owner: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def adopt(_place: str, _by: str) -> None:
        server.add("shop", "先到")

    monkeypatch.setattr(book_intake, "_adopt", adopt)
    job = taken_in(server, owner, "shop", server.pattern.read_bytes())
    assert job["state"] == "failed"
    assert "shop" in job["error"]
    with sqlite3.connect(server.folder / "shop.zhangfang") as connection:
        assert "先到" in str(connection.execute("SELECT value FROM book_setting WHERE name = 'book_name'").fetchone())
    connection.close()


def test_a_book_nobody_could_log_in_to_is_refused(server: Server, owner: Caller, empty_file: Path) -> None:
    copy = Path(shutil.copyfile(empty_file, server.folder.parent / "alone.zhangfang"))
    book = open_database(str(copy))
    set_up(book)
    book.close()
    job = taken_in(server, owner, "shop", copy.read_bytes())
    assert job["state"] == "failed"
    assert "登录名" in job["error"]
    assert left_in(server.folder) == []


@pytest.mark.parametrize("content", [b"no book", b"SQLite format 3\x00" + b"\x00" * 4096])
def test_what_is_no_sound_book_leaves_nothing_behind(server: Server, owner: Caller, content: bytes) -> None:
    job = taken_in(server, owner, "shop", content)
    assert job["state"] == "failed"
    assert left_in(server.folder) == []
    assert server.caller().get("/books/shop/api/health").status == 404


def test_an_altered_book_is_found_out(server: Server, owner: Caller) -> None:
    copy = Path(shutil.copyfile(server.pattern, server.folder.parent / "altered.zhangfang"))
    with sqlite3.connect(copy) as connection:
        connection.execute("UPDATE chain_head SET count = 3")
    connection.close()
    job = taken_in(server, owner, "shop", copy.read_bytes())
    assert job["state"] == "failed"
    assert left_in(server.folder) == []


def test_an_intake_can_be_cancelled(server: Server, owner: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def adopt(_place: str, _by: str) -> None:
        reached.set()
        go_on.wait(PATIENCE_S)

    monkeypatch.setattr(book_intake, "_adopt", adopt)
    answer = owner.post("/api/books", {"upload_id": sent(owner, server.pattern.read_bytes()), "slug": "shop"})
    assert reached.wait(PATIENCE_S)
    assert owner.delete(f"/api/jobs/{answer.json['id']}").status == 200
    go_on.set()
    assert ended(server, owner, answer)["state"] == "cancelled"
    assert left_in(server.folder) == []


def test_taking_a_book_in_needs_its_right_and_a_finished_upload(server: Server, owner: Caller) -> None:
    add_person(owner, "maker", [add_role(owner, "填制", ["ledger:voucher:add", "book:backup:add"])])
    maker = server.caller().log_in("maker", "maker-secret")
    refused = maker.post("/api/books", {"upload_id": sent(maker, b"x"), "slug": "shop"})
    assert refused.status == 403
    begun = owner.post("/api/uploads", {"name": "a", "size": 10, "sha256": ""}).json["id"]
    refused = owner.post("/api/books", {"upload_id": begun, "slug": "shop"})
    assert (refused.status, refused.code) == (409, "upload_incomplete")
    assert owner.post("/api/books", {"upload_id": "0" * 32, "slug": "shop"}).status == 404
    for slug in ("Shop", "../shop", "", "a" * 41):
        assert owner.post("/api/books", {"upload_id": begun, "slug": slug}).status == 400


def test_a_further_book_takes_none(server: Server, owner: Caller) -> None:
    server.add("shop")
    caller = server.caller()
    until(lambda: caller.get("/books/shop/api/health").status == 200)
    answer = caller.post("/books/shop/api/login", {"login_name": "boss", "password": OWNER_PASSWORD})
    there = caller.as_session(answer.json["token"])
    refused = there.post("/books/shop/api/books", {"upload_id": "0" * 32, "slug": "other"})
    assert (refused.status, refused.code) == (422, "books_not_taken")


def test_a_repeated_intake_is_one(server: Server, owner: Caller) -> None:
    body = {
        "upload_id": sent(owner, server.pattern.read_bytes()),
        "slug": "shop",
        "request_id": "3f2b8a52-6f0e-4a75-9d0e-0d6a6f0f7c11",
    }
    first = owner.post("/api/books", body)
    again = owner.post("/api/books", body)
    assert (first.status, again.status) == (202, 202)
    assert first.json["id"] == again.json["id"]
    assert ended(server, owner, first)["state"] == "done"


def test_what_a_killed_intake_left_is_swept_a_day_later(server: Server) -> None:
    import os

    old, young = server.folder / f"{uploads.UNDER_WAY}old", server.folder / f"{uploads.UNDER_WAY}young"
    part = server.folder / ".shop.zhangfang-0123.part"
    for folder in (old, young):
        folder.mkdir()
        (folder / "账.zhangfang").write_bytes(b"x")
    part.write_bytes(b"x")
    for path in (old, part):
        os.utime(path, (0, 0))
    assert served_books.DRAFT_KEPT_S >= 3600
    server.start()
    assert left_in(server.folder) == [young.name]
