"""A book that moves elsewhere, over HTTP: who may close it, what is refused then and what goes on."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from app.contract.serving import BookMove
from app.identity.actor import Actor
from app.kernel.errors import Conflict
from app.storage.book_settings import get_setting
from app.storage.database import Book, execute, run_unit
from app.storage.jobs import Job, start_job, wait_for_job
from app.web import moving
from app.web.factory import create_app
from app.web.guard import ServeGuard
from tests.calling import OWNER_PASSWORD, Caller, add_person, caller_on, give_owner_login, set_up

PLACE = "mysql://keeper@192.168.1.10:3306/jia"
VOUCHER = {
    "date": "2026-06-01",
    "entries": [
        {"summary": "存", "account_code": "1002", "debit": "1"},
        {"summary": "存", "account_code": "1001", "credit": "1"},
    ],
}


def test_a_book_that_moves_takes_no_changes_and_goes_on_being_read(window: Caller) -> None:
    assert window.get("/api/book/move").json["place"] == ""
    begun = window.post("/api/book/move", {"place": PLACE})
    assert (begun.status, begun.json["done"], begun.json["by"]) == (200, False, "掌柜")
    refused = window.post("/api/vouchers", VOUCHER)
    assert (refused.status, refused.code) == (409, "book_moved")
    assert PLACE in refused.json["error"]
    assert "掌柜" in refused.json["error"]
    assert refused.json["details"] == {"place": PLACE, "done": False}
    assert window.get("/api/vouchers").status == 200
    assert window.post("/api/verifications", {}).status == 202
    assert window.post("/api/documents/preview", {}).status in {400, 422}  # what only computes is answered as ever
    done = window.post("/api/book/move", {"place": PLACE, "done": True})
    assert done.json["done"] is True
    assert "已把这本账迁到" in window.post("/api/vouchers", VOUCHER).json["error"]
    assert window.delete("/api/book/move").status == 204
    assert window.get("/api/book/move").json["place"] == ""
    assert window.post("/api/vouchers", VOUCHER).status == 201


def test_a_voucher_saved_before_the_move_is_answered_again_after_it(local_window: Caller) -> None:
    keyed = {**VOUCHER, "request_id": "11111111-1111-4111-8111-111111111111"}
    first = local_window.post("/api/vouchers", keyed)
    local_window.post("/api/book/move", {"place": PLACE})
    again = local_window.post("/api/vouchers", keyed)
    assert (again.status, again.json["id"]) == (201, first.json["id"])
    other = {**keyed, "request_id": "21111111-1111-4111-8111-111111111111"}
    assert local_window.post("/api/vouchers", other).code == "book_moved"


def test_only_who_has_the_right_moves_a_book_and_people_come_and_go_meanwhile(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    give_owner_login(caller_on(sqlite_book))
    served = caller_on(sqlite_book, serve=True)
    owner = served.log_in("boss", OWNER_PASSWORD)
    add_person(owner, "li")
    clerk = served.log_in("li", "li-secret")
    refused = clerk.post("/api/book/move", {"place": PLACE})
    assert (refused.code, refused.json["error"]) == (
        "permission_denied",
        "您没有“把账簿迁到别处”的权限，请向管理员申请。",
    )
    assert owner.post("/api/book/move", {"place": PLACE}).status == 200
    assert clerk.get("/api/book/move").json["place"] == PLACE
    assert served.log_in("li", "li-secret").get("/api/session").status == 200
    assert clerk.post("/api/logout").status == 204
    assert owner.post("/api/session/password", {"old_password": OWNER_PASSWORD, "new_password": "another-1"}).code == (
        "book_moved"
    )
    assert owner.delete("/api/book/move").status == 204


@pytest.mark.parametrize("place", ["", "mysql://keeper:secret@host/jia", "https://li:secret@books.example"])
def test_a_place_is_an_address_without_a_password(local_window: Caller, place: str) -> None:
    assert local_window.post("/api/book/move", {"place": place}).code == "place_malformed"


def test_a_move_is_finished_only_where_it_was_begun(local_window: Caller) -> None:
    assert local_window.post("/api/book/move", {"place": PLACE, "done": True}).code == "move_not_begun"
    local_window.post("/api/book/move", {"place": PLACE})
    assert local_window.post("/api/book/move", {"place": "http://other", "done": True}).code == "move_not_begun"
    assert local_window.post("/api/book/move", {"place": "http://other"}).code == "book_moved"
    assert local_window.post("/api/book/move", {"place": PLACE}).status == 200  # asked again, with the answer lost


def test_a_book_does_not_move_while_work_in_the_background_changes_it(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    caller = caller_on(sqlite_book)
    go_on = threading.Event()

    def work(_job: Job) -> dict[str, Any]:
        go_on.wait(60)
        return {}

    job = start_job(sqlite_book, 1, "import", work)
    try:
        assert caller.post("/api/book/move", {"place": PLACE}).code == "work_under_way"
    finally:
        go_on.set()
    with sqlite_book.session():
        wait_for_job(job, 60)
    assert caller.post("/api/book/move", {"place": PLACE}).status == 200


def test_a_change_under_way_ends_before_the_book_is_closed_and_a_later_one_is_refused(book: Book) -> None:
    """Nothing acknowledged can be missing from the copy, on each database."""
    set_up(book)
    inside, go_on, order = threading.Event(), threading.Event(), []

    def change() -> None:
        with book.session(), moving.staying("POST", "/api/vouchers"):
            run_unit(slowly)
            order.append("changed")

    def slowly() -> None:
        inside.set()
        go_on.wait(60)
        execute("UPDATE {user} SET age = 41 WHERE id = 1")

    def close() -> None:
        with book.session():
            moving.move_book(Actor(1, "王", is_owner=True), BookMove(place=PLACE))
            order.append("closed")

    changer, closer = threading.Thread(target=change), threading.Thread(target=close)
    changer.start()
    assert inside.wait(60)
    closer.start()
    closer.join(0.2)
    assert order == []
    go_on.set()
    changer.join(60)
    closer.join(60)
    assert sorted(order) == ["changed", "closed"]
    with book.session(), moving.staying("POST", "/api/vouchers"), pytest.raises(Conflict) as refused:
        run_unit(lambda: execute("UPDATE {user} SET age = 42 WHERE id = 1"))
    assert refused.value.code == "book_moved"


def test_what_goes_on_in_a_moving_book_are_routes_there_are(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    rules = {
        f"{method} {rule.rule}"
        for rule in create_app(sqlite_book, ServeGuard(), pages=True).url_map.iter_rules()
        for method in rule.methods or ()
    }
    coming = {"POST /api/books", "PUT /api/presence", "POST /api/presence/leave"}
    assert moving.FREE - coming <= rules


def test_sums_are_equal_whatever_the_database_and_see_one_changed_figure(sqlite_book: Book, mariadb_book: Book) -> None:
    from app.storage.copying import copy
    from app.storage.sums import book_sums

    set_up(sqlite_book)
    window = caller_on(sqlite_book)
    window.post("/api/vouchers", VOUCHER)
    window.post("/api/book/move", {"place": PLACE})
    copy(sqlite_book, mariadb_book)
    with sqlite_book.session():
        here = book_sums()
    with mariadb_book.session():
        assert book_sums() == here
        moving.forget_move()
        assert book_sums() == here
        assert get_setting(moving.SETTING) is None
        run_unit(lambda: execute("UPDATE {entry} SET summary = ? WHERE line = 1", ("改",)))
        there = book_sums()
    assert [table for table in here if here[table] != there[table]] == ["entry"]
