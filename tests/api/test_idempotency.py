"""A change with a request id is carried out once, whatever the network does to its answer."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest

from app.storage.database import Book, fetch_all
from tests.calling import Answer, Caller, caller_on, give_owner_login, set_up


def person(**more: Any) -> dict[str, Any]:
    return {"name": "张三", "age": 30, "request_id": str(uuid.uuid4()), **more}


def test_the_same_request_gets_the_same_answer_and_has_one_effect(window: Caller) -> None:
    body = person()
    first, second = window.post("/api/users", body), window.post("/api/users", dict(reversed(body.items())))
    assert (first.status, first.data) == (second.status, second.data)
    assert len(window.get("/api/users").json["users"]) == 2


def test_a_change_whose_answer_was_lost_is_not_stale_to_its_own_repetition(window: Caller) -> None:
    made = window.post("/api/contacts", {"name": "远航", "roles": ["customer"], "credit_limit": "100"}).json
    place = f"/api/contacts/{made['id']}"
    wish = {"credit_limit": "1000", "version": made["version"], "request_id": str(uuid.uuid4())}
    first, second = window.patch(place, wish), window.patch(place, wish)
    assert (first.status, first.data) == (second.status, second.data)
    assert first.status == 200
    assert window.get(place).json["version"] == first.json["version"]
    assert window.patch(place, wish | {"request_id": str(uuid.uuid4())}).code == "stale_version"


def test_another_content_under_the_same_id_is_refused(window: Caller) -> None:
    body = person()
    window.post("/api/users", body)
    other = window.post("/api/users", body | {"age": 31})
    assert (other.status, other.code) == (409, "request_id_reused")
    elsewhere = window.post("/api/roles", {"name": "张三", "request_id": body["request_id"]})
    assert (elsewhere.status, elsewhere.code) == (409, "request_id_reused")
    assert len(window.get("/api/users").json["users"]) == 2


def test_a_refused_request_may_be_sent_again(window: Caller) -> None:
    body = person(roles=[99])
    assert window.post("/api/users", body).status == 400
    assert window.post("/api/users", body | {"roles": []}).status == 201


def test_an_id_must_be_one(local_window: Caller) -> None:
    assert local_window.post("/api/users", person(request_id="x" * 36)).code == "request_id_malformed"
    assert local_window.post("/api/users", person(request_id="short")).status == 400


@pytest.mark.usefixtures("patient_books")
def test_two_at_once_have_one_effect(book: Book) -> None:
    set_up(book)
    window = caller_on(book, own_application=True)
    body = person()
    answers: list[Answer] = []
    barrier = threading.Barrier(4)

    def send() -> None:
        caller = Caller(window.client.application.test_client(), window.headers)
        barrier.wait(60)
        answers.append(caller.post("/api/users", body))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [answer.status for answer in answers] == [201] * 4
    assert len({answer.data for answer in answers}) == 1
    assert len(window.get("/api/users").json["users"]) == 2


def test_another_person_cannot_fetch_an_answer(local_window: Caller) -> None:
    body = person()
    local_window.post("/api/users", body)
    give_owner_login(local_window)
    added = {"name": "b", "age": 1, "login_name": "b", "password": "b-secret-1", "must_change_password": False}
    user = local_window.post("/api/users", added).json["user"]
    boss = local_window.log_in("boss", "owner-secret-1")
    assert boss.post(f"/api/users/{user['id']}/owner", {"is_owner": True}).status == 200
    assert local_window.log_in("b", "b-secret-1").post("/api/users", body).code == "request_id_reused"


def test_passwords_are_neither_kept_nor_hashed_quickly(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    window = caller_on(sqlite_book)
    give_owner_login(window)
    body = person(login_name="zhang", password="first-secret")
    assert window.post("/api/users", body).status == 201
    with sqlite_book.session():
        rows = fetch_all("SELECT answer, body_hash FROM {request}")
    assert "first-secret" not in str(rows)
    boss = window.log_in("boss", "owner-secret-1")
    # the hash does not depend on the password, so it tells nothing about it
    assert window.headers
    assert boss.post("/api/users", body | {"password": "other-secret"}).status == 201
    assert len(boss.get("/api/users").json["users"]) == 2
